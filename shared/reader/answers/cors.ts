import { asList, asText, isObject, type Json, memberAnyCase } from '../../json/json.ts';
import type { CorsRule } from '../reader.ts';

/**
 * The rules are a bare list (console), `CORSRules` (CLI, SDK), `CORSRule` (the XML document, as CloudTrail writes it
 * in JSON), or `cors_rule` (the state and the plan of Terraform).
 */
const RULE_LISTS = ['CORSRules', 'CORSRule', 'cors_rule'];

/** The names of each list: in the API, and as the XML element, which is singular. */
const LISTS = {
  allowedHeaders: ['AllowedHeaders', 'AllowedHeader', 'allowed_headers'],
  allowedMethods: ['AllowedMethods', 'AllowedMethod', 'allowed_methods'],
  allowedOrigins: ['AllowedOrigins', 'AllowedOrigin', 'allowed_origins'],
  exposeHeaders: ['ExposeHeaders', 'ExposeHeader', 'ExposedHeaders', 'expose_headers'],
} as const;

/**
 * The rules of a CORS configuration in any of its forms; undefined where the document has none of these forms, so that
 * no other document is taken for “no rules”. Values are sorted and unique, as their order means nothing. The rules keep
 * their order, because S3 applies the first rule that matches.
 */
export const corsRules = (document: unknown): CorsRule[] | undefined => {
  if (Array.isArray(document)) return rulesOf(document);
  const root = memberAnyCase(document, 'CORSConfiguration') ?? (isObject(document) ? document : undefined);
  if (Array.isArray(root)) return rulesOf(root);
  if (root === '') return [];
  for (const name of RULE_LISTS) {
    const rules = memberAnyCase(root, name);
    if (rules !== undefined && rules !== null) return rulesOf(asList(rules));
  }
  return undefined;
};

const rulesOf = (list: Json[]): CorsRule[] | undefined => {
  const rules = list.map(corsRule);
  return rules.every((rule) => rule !== undefined) ? rules : undefined;
};

const corsRule = (rule: Json): CorsRule | undefined => {
  const allowedHeaders = texts(rule, LISTS.allowedHeaders);
  const allowedMethods = texts(rule, LISTS.allowedMethods);
  const allowedOrigins = texts(rule, LISTS.allowedOrigins);
  const exposeHeaders = texts(rule, LISTS.exposeHeaders);
  const terraformAge = memberAnyCase(rule, 'max_age_seconds');
  // Terraform writes 0 where nobody has set it.
  const maxAge =
    firstMember(rule, ['MaxAgeSeconds', 'MaxAge']) ?? (terraformAge === 0 ? undefined : terraformAge);
  const maxAgeSeconds = seconds(maxAge);
  if (!isObject(rule) || !allowedHeaders || !allowedMethods || !allowedOrigins || !exposeHeaders)
    return undefined;
  if (maxAgeSeconds === 'malformed') return undefined;
  const known = maxAgeSeconds === undefined ? {} : { maxAgeSeconds };
  return { allowedHeaders, allowedMethods, allowedOrigins, exposeHeaders, ...known };
};

const firstMember = (value: Json, names: readonly string[]): Json | undefined => {
  for (const name of names) {
    const found = memberAnyCase(value, name);
    if (found !== undefined && found !== null) return found;
  }
  return undefined;
};

const texts = (rule: Json, names: readonly string[]): string[] | undefined => {
  const list = asList(firstMember(rule, names)).map((element) => asText(element)?.trim());
  if (!list.every((text) => text !== undefined)) return undefined;
  return [...new Set(list.filter((text) => text !== ''))].toSorted();
};

const seconds = (value: Json | undefined): number | undefined | 'malformed' => {
  const text = value === undefined ? '' : asText(value)?.trim();
  if (text === '') return undefined;
  return text !== undefined && /^-?\d{1,10}$/.test(text) ? Number(text) : 'malformed';
};
