import { expect, test } from '@jest/globals';
import { quotedUnreadRemedy, unreadRemedy } from '../../../shared/judging/unread-remedy.ts';

test.each([
  ['GetBucketPolicy', 'AccessDenied', 's3:GetBucketPolicy'],
  ['GetBucketCors', 'AccessDenied', 's3:GetBucketCORS'],
  ['DescribePipeline', 'AccessDeniedException', 'sagemaker:DescribePipeline'],
  ['GetKeyPolicy', 'AccessDeniedException', 'kms:GetKeyPolicy'],
  ['GetAccountAuthorizationDetails', 'AccessDenied', 'iam:GetAccountAuthorizationDetails'],
])('of %s: %s, the action to allow is %s', (call, code, action) => {
  expect(unreadRemedy({ call, code })).toMatch(
    new RegExp(`^Allow ${action} to whoever audits,.*generate audit-policy`),
  );
});

test.each([
  ['GetBucketPolicy', 'ThrottlingException'],
  ['GetBucketPolicy', 'Http502'],
  ['s3/acme/policy.json', 'NotInSnapshot'],
  ['sts:AssumeRole', 'AccessDenied'],
])('of %s: %s, no action is named', (call, code) => {
  expect(unreadRemedy({ call, code })).not.toContain('Allow ');
});

test.each([
  [
    'policy of bucket acme cannot be read: GetBucketPolicy: AccessDenied: User: x is not authorized',
    's3:GetBucketPolicy',
  ],
  ['GetKeyPolicy: AccessDeniedException: no', 'kms:GetKeyPolicy'],
  ['policy of bucket acme cannot be read: GetBucketPolicy: ThrottlingException: slow', undefined],
  ['s3/acme/policy.json: NotInSnapshot: it is not in the snapshot', undefined],
  ['it hangs on aws:SourceVpc', undefined],
])('of the reason %j, the action to allow is %j', (reason, action) => {
  const text = quotedUnreadRemedy([reason], 'Look.');
  if (action === undefined) expect(text).toBe('Look.');
  else expect(text).toContain(`Allow ${action} to whoever audits`);
});

test('several denied calls are told with all their actions, each once', () => {
  const denied = (call: string) => `${call}: AccessDenied: no`;
  const text = quotedUnreadRemedy(
    [denied('GetBucketPolicy'), denied('GetKeyPolicy'), denied('GetBucketPolicy')],
    'Look.',
  );
  expect(text).toContain('Allow s3:GetBucketPolicy, kms:GetKeyPolicy to whoever audits');
});
