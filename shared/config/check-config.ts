import { en } from 'zod/locales';
import * as z from 'zod/mini';
import { REGIONS } from '../domain/regions.ts';
import { issueWords, valueNoun } from '../text/issue-words.ts';
import { suggestion } from '../text/suggestion.ts';
import type { ConfigIssue, ConfigPath, FoundIssue } from './config-issue.ts';
import { contradictions } from './contradictions.ts';
import { configSchema, type FileConfig } from './schema.ts';

/** The configuration, or all its problems. */
export const checkConfig = (
  value: unknown,
  controls: readonly string[],
): { ok: true; config: FileConfig } | { ok: false; issues: ConfigIssue[] } => {
  z.config(en());
  const hidden = prototypeKeys(value);
  if (hidden.length > 0) return { ok: false, issues: hidden };
  const parsed = configSchema.safeParse(value, { reportInput: true });
  const found = parsed.success
    ? contradictions(parsed.data, controls)
    : parsed.error.issues.flatMap(toIssues);
  return parsed.success && found.length === 0
    ? { ok: true, config: parsed.data }
    : { ok: false, issues: found.map(withSuggestion) };
};

/** More problems than anybody is shown. To compare a word with a thousand names costs more than to check it. */
const MOST_SUGGESTIONS = 100;

const withSuggestion = ({ near, ...issue }: FoundIssue, index: number): ConfigIssue =>
  near === undefined || index >= MOST_SUGGESTIONS
    ? issue
    : { ...issue, message: `${issue.message}${suggestion(near.word, near.names)}` };

/** Keys such as `__proto__`, which the schema would silently ignore. */
const prototypeKeys = (root: unknown): ConfigIssue[] => {
  const issues: ConfigIssue[] = [];
  const seen = new Set<object>(); // an anchor can hold itself
  const stack: { value: unknown; path: (string | number)[] }[] = [{ value: root, path: [] }];
  for (let at = stack.pop(); at; at = stack.pop()) {
    const { value, path } = at;
    if (typeof value !== 'object' || value === null || seen.has(value)) continue;
    seen.add(value);
    for (const [key, inner] of Object.entries(value)) {
      const innerPath = [...path, Array.isArray(value) ? Number(key) : key];
      if (key === '__proto__')
        issues.push({ path: innerPath, isKey: true, message: 'there is no key "__proto__" here' });
      stack.push({ value: inner, path: innerPath });
    }
  }
  return issues;
};

const toIssues = (issue: z.core.$ZodIssue): FoundIssue[] => {
  const path = issue.path.filter((key) => typeof key !== 'symbol');
  if (issue.code === 'unrecognized_keys') {
    const names = knownKeys(path);
    return issue.keys.map((key) => ({
      path: [...path, key],
      isKey: true,
      ...(isCentral(key, path)
        ? { message: `${key} is for all accounts, so that no override can change it; write it at the top` }
        : { message: `there is no key ${JSON.stringify(key)} here`, near: { word: key, names } }),
    }));
  }
  if (path.length === 1 && path[0] === 'version') {
    const found = issue.input === undefined ? 'is missing' : `cannot be ${valueNoun(issue.input)}`;
    return [{ path, message: `${found}; write version: 1, the only one there is` }];
  }
  if (path.length === 0)
    return [
      { path, message: `expected keys with values, such as version: 1, and found ${valueNoun(issue.input)}` },
    ];
  const names = namesFor(issue, path);
  if (names.length > 0 && typeof issue.input === 'string')
    return [{ path, message: issueWords(issue), near: { word: issue.input, names } }];
  const isUnquoted =
    issue.code === 'invalid_type' &&
    issue.expected === 'string' &&
    ['number', 'boolean'].includes(typeof issue.input);
  return [{ path, message: `${issueWords(issue)}${isUnquoted ? '; put it in quotes' : ''}` }];
};

/** The names of which one is expected. */
const namesFor = (issue: z.core.$ZodIssue, [part, list]: ConfigPath): readonly string[] => {
  if (issue.code === 'invalid_value') return issue.values.filter((each) => typeof each === 'string');
  return part === 'organization' && list === 'regions' ? REGIONS : [];
};

/** Whether an override has a key that stands at the top alone. */
const isCentral = (key: string, [part, ...rest]: readonly (string | number)[]): boolean =>
  part === 'overrides' && rest.length === 1 && Object.hasOwn(configSchema.def.shape, key);

/** The keys that the schema knows at a place, for suggestions. */
const knownKeys = (path: readonly (string | number)[]): string[] => {
  let schema: unknown = configSchema;
  for (const key of path) schema = child(unwrap(schema), key);
  const shape = (unwrap(schema) as { _zod?: { def?: { shape?: object } } } | undefined)?._zod?.def?.shape;
  return shape ? Object.keys(shape) : [];
};

type SchemaDef = {
  shape?: Record<string, unknown>;
  element?: unknown;
  valueType?: unknown;
  innerType?: unknown;
};

const unwrap = (schema: unknown): unknown => {
  const def = definitionOf(schema);
  return def?.innerType === undefined ? schema : unwrap(def.innerType);
};

const child = (schema: unknown, key: string | number): unknown => {
  const def = definitionOf(schema);
  return typeof key === 'number' ? def?.element : (def?.shape?.[key] ?? def?.valueType);
};

const definitionOf = (schema: unknown): SchemaDef | undefined =>
  (schema as { _zod?: { def?: SchemaDef } } | undefined)?._zod?.def;
