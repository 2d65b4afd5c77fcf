import type { Config } from '../config/schema.ts';
import type { ManifestUse } from '../definition/image-inputs.ts';
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

/**
 * The rule that Ground Truth needs on the bucket with the images that people label.
 * https://docs.aws.amazon.com/sagemaker/latest/dg/sms-cors-update.html
 */
const GROUND_TRUTH_CORS: CorsRule = {
  allowedHeaders: [],
  allowedMethods: ['GET'],
  allowedOrigins: ['*'],
  exposeHeaders: ['Access-Control-Allow-Origin'],
};

/** The rules that the configuration allows beside the required one. */
export const extraCorsRules = ({ imageBuckets }: Pick<Config, 'imageBuckets'>): CorsRule[] =>
  (imageBuckets?.extraRules ?? []).map((each) => {
    if (each === 'ground-truth') return GROUND_TRUTH_CORS;
    const { allowedMethods, allowedOrigins, allowedHeaders = [], exposeHeaders = [], maxAgeSeconds } = each;
    const lists = { allowedMethods, allowedOrigins, allowedHeaders, exposeHeaders };
    return { ...lists, ...(maxAgeSeconds !== undefined && { maxAgeSeconds }) };
  });

/** Rules as input of put-bucket-cors. */
export const corsDocument = (rules: readonly CorsRule[]) => ({
  CORSRules: rules.map((rule) => ({
    AllowedHeaders: rule.allowedHeaders,
    AllowedMethods: rule.allowedMethods,
    AllowedOrigins: rule.allowedOrigins,
    ExposeHeaders: rule.exposeHeaders,
    ...(rule.maxAgeSeconds !== undefined && { MaxAgeSeconds: rule.maxAgeSeconds }),
  })),
});

/** The required rule as input of put-bucket-cors. */
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

/** The rules of a bucket that the configuration allows, and the others. */
export const sortedRules = (
  rules: readonly CorsRule[],
  allowed: readonly CorsRule[],
): { kept: CorsRule[]; others: CorsRule[] } => {
  const isKept = (rule: CorsRule): boolean =>
    !isSame(rule, REQUIRED_CORS) && allowed.some((each) => isSame(rule, each));
  return { kept: rules.filter(isKept), others: rules.filter((rule) => !isKept(rule)) };
};

/**
 * Whether the required rule is there, and all further rules let web pages read alone. S3 takes the first rule that fits a
 * request, so that none of these bears on the import of images.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketCors.html
 */
export const hasReadingRulesBeside = (rules: readonly CorsRule[], allowed: readonly CorsRule[]): boolean => {
  const { others } = sortedRules(rules, allowed);
  const further = others.filter((rule) => !isSame(rule, REQUIRED_CORS));
  return (
    further.length < others.length &&
    further.every(({ allowedMethods }) => allowedMethods.every((method) => /^(?:GET|HEAD)$/i.test(method)))
  );
};

const isSame = (rule: CorsRule, wanted: CorsRule): boolean =>
  rule.maxAgeSeconds === wanted.maxAgeSeconds &&
  FIELDS.every(([field]) => isSameList(rule[field], wanted[field], field));

const isSameList = (given: readonly string[], wanted: readonly string[], field: string): boolean => {
  const fold = (value: string) => (HEADER_FIELDS.includes(field) ? value.toLowerCase() : value);
  const [one, other] = [new Set(given.map(fold)), new Set(wanted.map(fold))];
  return one.size === other.size && [...one].every((value) => other.has(value));
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
 * How the rules differ from the required rule: the differences of the nearest rule, and each rule that is one too many.
 * The required rule may stand there more than once, and rules that are allowed beside it count as neither.
 */
export const corsDifferences = (
  rules: readonly CorsRule[],
  allowed: readonly CorsRule[] = [],
): CorsDifference[] => {
  const { others } = sortedRules(rules, allowed);
  if (others.length === 0) {
    const found = rules.length === 0 ? 'no CORS configuration' : 'only rules of imageBuckets.extraRules';
    return [{ at: 'CORSRules', found, expected: JSON.stringify(REQUIRED_CORS_DOCUMENT) }];
  }
  const compared = rules.flatMap((rule, index) =>
    others.includes(rule) ? { index, rule, differences: ruleDifferences(rule, index) } : [],
  );
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

/**
 * How the rules of a bucket differ from what it needs if the images of a manifest lie in it as well. A manifest that a job
 * reads is imported into the pipeline, and may have been labelled before; one that is labelled needs Ground Truth’s rule.
 */
export const manifestDifferences = (
  rules: readonly CorsRule[],
  allowed: readonly CorsRule[],
  use: ManifestUse,
): CorsDifference[] => {
  switch (use) {
    case 'read':
      return corsDifferences(rules, [...allowed, GROUND_TRUTH_CORS]);
    case 'labelled': {
      if (rules.some((rule) => isSame(rule, GROUND_TRUTH_CORS))) return [];
      const found = rules.length === 0 ? 'no CORS configuration' : rules.map(describeRule).join(' / ');
      return [{ at: 'CORSRules', found, expected: JSON.stringify(corsDocument([GROUND_TRUTH_CORS])) }];
    }
  }
};

const ruleDifferences = (rule: CorsRule, index: number): CorsDifference[] => {
  const lists = FIELDS.flatMap(([field, name]): CorsDifference[] => {
    const isSame = isSameList(rule[field], REQUIRED_CORS[field], field);
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

/** Each CORS rule of a bucket, with what it lets whom do. */
export const corsRulesFound = (rules: readonly CorsRule[]): { at: string; found: string }[] =>
  rules.map((rule, index) => ({ at: `CORSRules[${index}]`, found: describeRule(rule) }));

const describeRule = (rule: CorsRule): string =>
  FIELDS.map(([field, name]) => `${name} ${rule[field].join(', ') || 'none'}`).join('; ');
