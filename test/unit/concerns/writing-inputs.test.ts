import { describe, expect, test } from '@jest/globals';
import { type InputBucket, writtenFromOutside } from '../../../shared/concerns/writing-inputs.ts';
import { indexPolicies } from '../../../shared/iam/decide/policy-index.ts';
import { readPolicy } from '../../../shared/iam/policy/read-policy.ts';
import { sharedWork } from '../../../shared/iam/sets/shared-work.ts';
import { ACCOUNT_SCOPE, rosterOf } from '../../support/builders/principal-facts.ts';

const accounts = Array.from({ length: 290 }, (_, at) => `arn:aws:iam::${444455550000 + at}:root`);

const bucketWith = (...actions: string[]): InputBucket => ({
  of: 'bucket',
  name: 'acme-code',
  files: Array.from({ length: 1_000 }, (_, at) => ({
    resource: `arn:aws:s3:::acme-code/src/${at}/run.py`,
    pipelines: [],
  })),
  roster: rosterOf({}),
  scope: ACCOUNT_SCOPE,
  limits: {},
  policy: indexPolicies([
    readPolicy(
      {
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Principal: { AWS: accounts },
            Action: actions,
            Resource: 'arn:aws:s3:::acme-code/*',
          },
          {
            Effect: 'Allow',
            Principal: { AWS: accounts },
            Action: 's3:PutObject',
            Resource: 'arn:aws:s3:::acme-code/drop/*',
          },
        ],
      },
      { name: 'policy', kind: 'resource' },
    ),
  ]),
});

describe('a bucket with a thousand files of code that 290 accounts may use', () => {
  test('is looked at wholly where they read them and write elsewhere', () => {
    const found = writtenFromOutside(bucketWith('s3:GetObject'), sharedWork(4_000_000));
    expect(found.concerns).toEqual([]);
  });

  test('is written by each of them where the policy lets them', () => {
    const found = writtenFromOutside(bucketWith('s3:PutObject'), sharedWork(4_000_000));
    expect(found.concerns.map(({ is }) => is)).toEqual(accounts.map(() => 'shown'));
  });
});
