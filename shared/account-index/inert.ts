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

/** Calls of other services that change data alone. Who writes the objects of a bucket is asked with whole policies. */
const HARMLESS_CALLS: Readonly<Record<string, readonly string[]>> = {
  s3: ['abortmultipartupload', 'deleteobject', 'putobject', 'restoreobject'],
  kms: ['decrypt', 'encrypt', 'generatedatakey', 'reencrypt'],
  ecr: ['batchchecklayeravailability'],
  sns: ['publish'],
  sqs: ['changemessagevisibility', 'deletemessage', 'receivemessage', 'sendmessage'],
};

/** Calls among the above that do more than their beginning says. */
const NOT_HARMLESS = ['s3:putobjectacl', 's3:putobjectversionacl'];

/**
 * Whether all actions that a pattern matches are such that no control asks about them of anybody but the subject of its look:
 * the text before the first wildcard decides.
 */
export const isInertAction = (pattern: string): boolean => {
  const [service = '', call = ''] = pattern.toLowerCase().split(':', 2);
  if (/[*?]/.test(service) || service === 'sts') return false;
  if (HARMLESS_SERVICES.has(service)) return true;
  const told = call.split(/[*?]/, 1)[0] ?? '';
  const isWhole = told === call;
  const starts = [...READING, ...(HARMLESS_CALLS[service] ?? [])];
  return (
    starts.some((start) => told.startsWith(start)) &&
    !NOT_HARMLESS.some((each) =>
      isWhole ? each === `${service}:${call}` : each.startsWith(`${service}:${told}`),
    )
  );
};

/** Whether a policy is about such actions alone. One that cannot be read may be about anything. */
export const isInert = ({ isReadable, problems, statements }: Policy): boolean =>
  isReadable &&
  problems.length === 0 &&
  statements.every(({ actions: { isNot, texts } }) => !isNot && texts.every(isInertAction));
