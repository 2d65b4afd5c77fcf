import type { Policy } from '../iam/policy/policy.ts';

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

/** Whether a policy is about actions of which nobody asks. One that cannot be read may be about anything. */
export const isInert = ({ isReadable, problems, statements }: Policy): boolean =>
  isReadable &&
  problems.length === 0 &&
  statements.every(
    ({ effect, actions: { isNot, texts } }) => effect === 'Allow' && !isNot && texts.every(isInertAction),
  );
