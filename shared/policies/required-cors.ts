import type { CorsRule } from '../reader/reader.ts';

/**
 * The one CORS rule that a bucket needs so that images can be imported from it into pipelines. Ground Truth needs
 * another rule. Source: https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-access.html
 */
export const REQUIRED_CORS: CorsRule = {
  allowedHeaders: ['*'],
  allowedMethods: ['PUT'],
  allowedOrigins: ['*'],
  exposeHeaders: ['Access-Control-Allow-Origin'],
};

/** The same rule as input of put-bucket-cors. */
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

/** A difference from the required rule: the rule’s index and field, what is there, and what should be there. */
export type CorsDifference = { at: string; found: string; expected: string };

const FIELDS = [
  ['allowedMethods', 'AllowedMethods'],
  ['allowedOrigins', 'AllowedOrigins'],
  ['allowedHeaders', 'AllowedHeaders'],
  ['exposeHeaders', 'ExposeHeaders'],
] as const;

/** HTTP compares the names of headers without case. */
const HEADER_FIELDS: readonly string[] = ['allowedHeaders', 'exposeHeaders'];

/**
 * How the rules differ from the required rule: the differences of the nearest rule, and each rule that is one too many. The
 * required rule may stand there more than once: what is allowed is the same.
 */
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
    .filter(({ index, differences }) => index !== nearest.index && differences.length > 0)
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
