import { expect, test } from '@jest/globals';
import { unreadRemedy } from '../../../shared/judging/unread-remedy.ts';

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
