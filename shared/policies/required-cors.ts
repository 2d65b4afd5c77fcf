import type { CorsRule } from '../reader/reader.ts';

/**
 * The CORS rule that buckets need from which images are imported into pipelines: exactly this one. It is not the one
 * that Ground Truth needs. Source: https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-access.html
 */
export const REQUIRED_CORS: CorsRule = {
  allowedHeaders: ['*'],
  allowedMethods: ['PUT'],
  allowedOrigins: ['*'],
  exposeHeaders: ['Access-Control-Allow-Origin'],
};

/** The required configuration, as put-bucket-cors takes it. */
export const REQUIRED_CORS_DOCUMENT = {
  CORSRules: [
    {
      AllowedHeaders: REQUIRED_CORS.allowedHeaders,
      AllowedMethods: REQUIRED_CORS.allowedMethods,
      AllowedOrigins: REQUIRED_CORS.allowedOrigins,
      ExposeHeaders: REQUIRED_CORS.exposeHeaders,
    },
  ],
};

/** One difference from the required configuration: the rule's index, the field, what is there and what should be. */
export type CorsDifference = { at: string; found: string; expected: string };

const FIELDS = [
  ['allowedMethods', 'AllowedMethods'],
  ['allowedOrigins', 'AllowedOrigins'],
  ['allowedHeaders', 'AllowedHeaders'],
  ['exposeHeaders', 'ExposeHeaders'],
] as const;

/** HTTP compares header names without case. */
const HEADER_FIELDS: readonly string[] = ['allowedHeaders', 'exposeHeaders'];

/** Every difference from the required configuration: of the rule that comes nearest, and each rule too many. */
export const corsDifferences = (rules: readonly CorsRule[]): CorsDifference[] => {
  if (rules.length === 0) {
    return [
      { at: 'CORSRules', found: 'no CORS configuration', expected: JSON.stringify(REQUIRED_CORS_DOCUMENT) },
    ];
  }
  const compared = rules.map((rule, index) => ({ index, rule, differences: ruleDifferences(rule, index) }));
  const nearest = compared.reduce((best, next) =>
    next.differences.length < best.differences.length ? next : best,
  );
  const extra = compared
    .filter(({ index }) => index !== nearest.index)
    .map(({ rule, index }) => ({
      at: `CORSRules[${index}]`,
      found: describeRule(rule),
      expected: 'no further rule',
    }));
  return [...nearest.differences, ...extra];
};

const ruleDifferences = (rule: CorsRule, index: number): CorsDifference[] => {
  const lists = FIELDS.flatMap(([field, name]): CorsDifference[] => {
    const fold = (value: string) => (HEADER_FIELDS.includes(field) ? value.toLowerCase() : value);
    const wanted = new Set(REQUIRED_CORS[field].map(fold));
    const given = new Set(rule[field].map(fold));
    const isSame = wanted.size === given.size && [...wanted].every((value) => given.has(value));
    const expected = REQUIRED_CORS[field].join(', ');
    return isSame
      ? []
      : [{ at: `CORSRules[${index}].${name}`, found: rule[field].join(', ') || 'none', expected }];
  });
  if (rule.maxAgeSeconds === undefined) return lists;
  return [
    ...lists,
    { at: `CORSRules[${index}].MaxAgeSeconds`, found: String(rule.maxAgeSeconds), expected: 'not set' },
  ];
};

const describeRule = (rule: CorsRule): string =>
  FIELDS.map(([field, name]) => `${name} ${rule[field].join(', ') || 'none'}`).join('; ');
