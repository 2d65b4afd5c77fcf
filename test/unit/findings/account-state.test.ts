import { expect, test } from '@jest/globals';
import { ofStateKey, stateKey } from '../../../shared/findings/account-state.ts';

const [OWN, MEMBER, OTHER] = ['111122223333', '444455556666', '777788889999'] as const;
const BUCKET = 'arn:aws:s3:::images';
const roleOf = (account: string) => `arn:aws:iam::${account}:role/path/name+=,.@-_`;

test.each([
  ['its own role, for a member', roleOf(MEMBER), MEMBER, roleOf(MEMBER)],
  ['its own role, for the hub', roleOf(OWN), OWN, roleOf(OWN)],
  ['a bucket, for the hub, as before it had members', BUCKET, OWN, BUCKET],
  ['a bucket, for a member', BUCKET, MEMBER, `${BUCKET}#${MEMBER}`],
  ['a member’s role, for the hub', roleOf(MEMBER), OWN, `${roleOf(MEMBER)}#${OWN}`],
  ['another one’s role, for a member', roleOf(OTHER), MEMBER, `${roleOf(OTHER)}#${MEMBER}`],
  [
    'AWS’s own pipeline, for the hub',
    'arn:aws:sagemaker:eu-west-1:aws:pipeline/x',
    OWN,
    'arn:aws:sagemaker:eu-west-1:aws:pipeline/x',
  ],
  ['what is no ARN, for a member', 'message 1', MEMBER, `message 1#${MEMBER}`],
])('the key of %s', (_of, arn, account, key) => {
  expect(stateKey(arn, account, OWN)).toBe(key);
  const read = ofStateKey(key);
  expect(read.resourceArn).toBe(arn);
  expect(read.account ?? OWN).toBe(account);
});
