import { expect, test } from '@jest/globals';
import type { Verdict } from '../../../shared/domain/finding.ts';
import { namingDenied, quotedUnreadRemedy, unreadRemedy } from '../../../shared/judging/unread-remedy.ts';

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

test.each([
  ['organizations:ListParents', 'ListParents'],
  ['organizations:ListPoliciesForTarget', 'ListPoliciesForTarget'],
  ['organizations:DescribePolicy', 'DescribePolicy'],
])('of %s it is told that no policy of a member account allows it, and what does as well', (action, call) => {
  expect(unreadRemedy({ call, code: 'AccessDeniedException' })).toMatch(
    new RegExp(`^Allow ${action} .* management account and delegated administrators alone.* --organization`),
  );
});

test('DescribeOrganization, which any account may call, is only to be allowed', () => {
  const text = unreadRemedy({ call: 'DescribeOrganization', code: 'AccessDeniedException' });
  expect(text).toMatch(/^Allow organizations:DescribeOrganization /);
  expect(text).not.toContain('delegated');
});

const notAvailable = (found: string, text: string): Verdict => ({
  status: 'NOT_AVAILABLE',
  evidence: [{ at: 'policies', found, expected: 'no' }],
  remediation: { text },
});

test('a verdict that hangs on a refused call names its action before whatever else is advised', () => {
  const verdict = notAvailable(
    'whether s3:PutObject is allowed is not known: policy of bucket acme cannot be read: GetBucketPolicy: AccessDenied: no',
    'Try the calls.',
  );
  expect(namingDenied(verdict)).toMatchObject({
    remediation: {
      text: expect.stringMatching(/^Allow s3:GetBucketPolicy to whoever audits.* Try the calls\.$/),
    },
  });
});

test.each<[string, Verdict]>([
  [
    'names the action already',
    notAvailable('GetBucketPolicy: AccessDenied: no', 'Allow s3:GetBucketPolicy.'),
  ],
  ['hangs on a call that was throttled', notAvailable('GetBucketPolicy: Throttling: slow', 'Try the calls.')],
  ['hangs on a condition', notAvailable('it hangs on aws:SourceVpc', 'Try the calls.')],
  ['passes', { status: 'PASSED' }],
])('a verdict that %s stays as it is', (_, verdict) => {
  expect(namingDenied(verdict)).toBe(verdict);
});
