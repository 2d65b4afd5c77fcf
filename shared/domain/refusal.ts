import { cut } from '../text/cut.ts';
import { isDenied } from './gap.ts';

/**
 * The names of actions that differ from the names of their calls.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-api-permissions-reference.html
 */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  GetBucketCors: 'GetBucketCORS',
  ListBuckets: 'ListAllMyBuckets',
  ListObjectsV2: 'ListBucket',
  CreateMultipartUpload: 'PutObject',
  UploadPart: 'PutObject',
  CompleteMultipartUpload: 'PutObject',
  SendMessageBatch: 'SendMessage',
  ChangeMessageVisibilityBatch: 'ChangeMessageVisibility',
};

/** The name of the action that allows a call, without the prefix of its service. */
export const actionNameOf = (call: string): string =>
  (Object.hasOwn(OTHER_NAMES, call) ? OTHER_NAMES[call] : undefined) ?? call;

/**
 * The actions on the KMS key that a service was refused: reading asks for the first alone, sending to an encrypted topic or
 * queue for both. https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
 */
const actionsOnKey = (service: string): string =>
  ['secretsmanager', 'ssm'].includes(service)
    ? 'kms:Decrypt on its key'
    : 'kms:Decrypt and kms:GenerateDataKey on its key';

/** What a refused call said, before the action is added. AWS may quote a long request in it. */
const MAX_MESSAGE_LENGTH = 400;

/**
 * AWS’s message about a failed call. If AWS refused the call for want of a permission, the message names the IAM action to
 * allow, which AWS’s own texts often leave out (S3: `Access Denied`).
 */
export const withAction = (
  { code, message }: { code: string; message: string },
  service: string,
  call: string,
): string => {
  if (!isDenied(code)) return message;
  const isOfKey = service !== 'kms' && (/^kms/i.test(code) || /access to kms/i.test(message));
  const action = isOfKey ? actionsOnKey(service) : `${service}:${actionNameOf(call)}`;
  const isNamed = message
    .toLowerCase()
    .split(/[^a-z0-9:]+/)
    .includes(action.toLowerCase());
  return isNamed ? message : `${cut(message, MAX_MESSAGE_LENGTH)} (needs ${action})`;
};
