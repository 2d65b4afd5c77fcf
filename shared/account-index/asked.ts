import { OF_BUCKET_POLICIES } from '../iam/policy/bucket-policy-calls.ts';
import { globMatcher, parseGlob } from '../iam/policy/glob.ts';
import type { Policy, Statement } from '../iam/policy/policy.ts';

/**
 * What looks ask of users and roles that are not their subject. `of-any`: whether it gives permissions, acts as somebody, passes
 * roles or makes pipelines. `of-assumable`, of a role that users and roles can assume: also which services it puts to work.
 * `of-writers`, in looks at buckets: also what it writes in S3.
 */
export type Asked = 'of-any' | 'of-assumable' | 'of-writers';

/**
 * Services of which no control asks what principals other than the subject of a look may do. A role that uses them changes
 * nobody’s permissions and runs nothing.
 */
const HARMLESS_SERVICES: ReadonlySet<string> = new Set([
  'application-autoscaling',
  'athena',
  'cloudwatch',
  'dynamodb',
  'firehose',
  'kinesis',
  'logs',
  'rds-db',
  'xray',
]);

/** Calls that read. Those of STS, which give credentials, are left out below. */
const READING = [
  'batchget',
  'describe',
  'get',
  'head',
  'list',
  'lookup',
  'query',
  'scan',
  'search',
  'select',
];

/** Calls of other services that change data alone. */
const HARMLESS_CALLS: Readonly<Record<string, readonly string[]>> = {
  s3: ['abortmultipartupload', 'restoreobject'],
  kms: ['decrypt', 'encrypt', 'generatedatakey', 'reencrypt'],
  ecr: ['batchchecklayeravailability'],
  sns: ['publish'],
  sqs: ['changemessagevisibility', 'deletemessage', 'receivemessage', 'sendmessage'],
};

/**
 * Whether all actions that a pattern matches are such that no control asks about them of anybody but the subject of its look:
 * the text before the first wildcard decides.
 */
export const isInertAction = (pattern: string): boolean => {
  const [service = '', call = ''] = pattern.toLowerCase().split(':', 2);
  if (/[*?]/.test(service) || service === 'sts') return false;
  if (HARMLESS_SERVICES.has(service)) return true;
  const told = call.split(/[*?]/, 1)[0] ?? '';
  return [...READING, ...(HARMLESS_CALLS[service] ?? [])].some((start) => told.startsWith(start));
};

/** All calls of these services, except those that read. */
const SERVICES_ASKED: ReadonlySet<string> = new Set(['iam', 'sts', 'cloudformation']);

/** The calls of other services that are asked of anybody. */
const CALLS_ASKED = [...OF_BUCKET_POLICIES, 'sagemaker:CreatePipeline', 'sagemaker:UpdatePipeline'].map(
  (each) => each.toLowerCase(),
);

const isAskedOfAny = (pattern: string): boolean => {
  const lower = pattern.toLowerCase();
  const [service = ''] = lower.split(':', 1);
  if (/[*?]/.test(service)) return true;
  if (SERVICES_ASKED.has(service)) return !isInertAction(pattern);
  const matches = globMatcher(parseGlob(lower));
  return CALLS_ASKED.some((each) => matches(each));
};

const isOfS3 = (pattern: string): boolean => /^(?:s3:|[^:]*[*?])/i.test(pattern) && !isInertAction(pattern);

/** Whether one of the actions that a pattern matches is asked about, or perhaps is. */
export const mayBeAsked: Readonly<Record<Asked, (pattern: string) => boolean>> = {
  'of-any': isAskedOfAny,
  'of-assumable': (pattern) => !isInertAction(pattern),
  'of-writers': (pattern) => isAskedOfAny(pattern) || isOfS3(pattern),
};

/** Whether a statement may decide one of the questions. A Deny of anything may keep a service from being put to work. */
export const tellsOf = (asked: Asked, { effect, actions: { isNot, texts } }: Statement): boolean =>
  isNot || (asked === 'of-assumable' && effect === 'Deny') || texts.some(mayBeAsked[asked]);

/** Whether a statement is about what principals write in S3, or perhaps is. */
export const isAboutS3 = ({ actions: { isNot, texts } }: Statement): boolean => isNot || texts.some(isOfS3);

/** What decides how much is asked of a user or role. */
export type Standing = {
  trust: Policy | undefined;
  /** Its inline policies. */
  inline: readonly Policy[];
  /** Whether it has managed policies or groups. */
  hasMore: boolean;
};

/**
 * What is asked of a user or role. Of whoever may change the policies of buckets it is asked what it writes there anyway; whether it
 * may is not known of one with other policies than inline ones.
 */
export const askedOf = ({ trust, inline, hasMore }: Standing): Asked => {
  if (trust && (!trust.isReadable || trust.statements.some(letsPrincipalsIn))) return 'of-assumable';
  return hasMore || inline.some(({ statements }) => statements.some(isAboutBucketPolicies))
    ? 'of-writers'
    : 'of-any';
};

/** A trust policy that cannot be read may let in anybody. */
const letsPrincipalsIn = ({ effect, principals }: Statement): boolean =>
  effect === 'Allow' &&
  (!principals || principals.isNot || principals.principals.some(({ type }) => type === 'AWS'));

const isAboutBucketPolicies = ({ actions: { isNot, texts } }: Statement): boolean =>
  isNot || texts.some((text) => isOfS3(text) && isAskedOfAny(text));
