import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { actionOfCall, READ_ACTIONS } from '../../../shared/facts/read-actions.ts';
import { contextOf } from '../../../shared/iam/decide/context.ts';
import { decide } from '../../../shared/iam/decide/decide.ts';
import { indexPolicies } from '../../../shared/iam/decide/policy-index.ts';
import { lintPolicy } from '../../../shared/iam/lint/lint-policy.ts';
import { SERVICES } from '../../../shared/iam/lint/service-reference.ts';
import { principalOf } from '../../../shared/iam/policy/principal.ts';
import { readPolicy } from '../../../shared/iam/policy/read-policy.ts';
import { auditPolicy } from '../../../shared/policies/audit-policy.ts';

const root = join(import.meta.dirname, '../../..');

/** Files beside the reader that call AWS for something else than an audit by the command. */
const NO_READER = ['event-history.ts'];

/** GetCallerIdentity needs no permission: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html */
const NEEDS_NOTHING = ['GetCallerIdentity'];

/** The deployed functions read their own configuration object and assume the roles of members; the command reads a file. */
const OF_FUNCTIONS = ['GetObject', 'GetParameter', 'AssumeRole'];

/** The calls of the sources of the reader: the commands and paginators of the SDK that they import. */
const callsOfReader = (): string[] => {
  const files = globSync('shared/aws/read/*.ts', { cwd: root }).filter(
    (file) => !NO_READER.some((name) => file.endsWith(name)),
  );
  const imported = files.flatMap((file) =>
    [
      ...readFileSync(join(root, file), 'utf8').matchAll(/import \{([^}]*)\} from '@aws-sdk\/client-/g),
    ].flatMap(([, names = '']) => names.split(',').map((name) => name.trim())),
  );
  const calls = imported.flatMap((name) => {
    const [, paged, single] = /^(?:paginate([A-Z]\w+)|([A-Z]\w+)Command)$/.exec(name) ?? [];
    return paged ?? single ?? [];
  });
  return [...new Set(calls)].filter((name) => ![...NEEDS_NOTHING, ...OF_FUNCTIONS].includes(name));
};

const CALLS = callsOfReader();
const PLACE = { partition: 'aws', account: '111122223333', region: 'eu-west-1' };

/** A resource of an action as a request names it: each pattern of the table, with a name for its star. */
const resourceOf = (resource: string): string =>
  resource === '*'
    ? '*'
    : resource
        .replaceAll('${AWS::Partition}', PLACE.partition)
        .replaceAll('${AWS::Region}', PLACE.region)
        .replaceAll('${AWS::AccountId}', PLACE.account)
        .replaceAll(':*:*:', `:${PLACE.region}:${PLACE.account}:`)
        .replace(/\*$/, 'acme');

describe('the policy of whoever audits', () => {
  test('the calls of the reader are found in its sources', () => {
    expect(CALLS.length).toBeGreaterThan(40);
    expect(CALLS).toEqual(
      expect.arrayContaining(['DescribePipeline', 'ListBuckets', 'GetAccountAuthorizationDetails']),
    );
  });

  test.each(CALLS)('knows the action of %s', (call) => {
    expect(actionOfCall(call)).toBeDefined();
  });

  test.each([
    ['in one account and Region', PLACE],
    ['in any', { partition: 'aws' }],
  ])('allows each action that is read, %s', (_, place) => {
    const document = auditPolicy(READ_ACTIONS, place);
    const identity = indexPolicies([readPolicy(document, { name: 'audit', kind: 'identity' })]);
    const principal = principalOf('arn:aws:iam::111122223333:role/auditor');
    if (!principal) throw new Error('there is no principal');
    // A key lets IAM decide where its policy names the account.
    const delegating = indexPolicies([
      readPolicy(
        {
          Version: '2012-10-17',
          Statement: [
            {
              Effect: 'Allow',
              Principal: { AWS: 'arn:aws:iam::111122223333:root' },
              Action: 'kms:*',
              Resource: '*',
            },
          ],
        },
        { name: 'key', kind: 'resource' },
      ),
    ]);
    const refused = READ_ACTIONS.filter(
      ({ action, resource }) =>
        decide(
          { identity, ...(action.startsWith('kms:') && resource !== '*' && { resource: delegating }) },
          { principal, action, resource: resourceOf(resource), context: contextOf({}, 'absent') },
        ) !== 'Allow',
    );
    expect(refused).toEqual([]);
  });

  test('is valid: its actions exist, and take the resources that it names', () => {
    const policy = readPolicy(auditPolicy(READ_ACTIONS, PLACE), { name: 'audit', kind: 'identity' });
    expect(policy.problems).toEqual([]);
    expect(lintPolicy(policy)).toEqual([]);
    for (const { action } of READ_ACTIONS) {
      const [service = '', name = ''] = action.split(':');
      const known = SERVICES.get(service)?.().actions;
      if (known) expect([action, known.has(name.toLowerCase())]).toEqual([action, true]);
    }
  });

  test('only reads, and fits into one managed policy', () => {
    for (const { action } of READ_ACTIONS) expect(action).toMatch(/^[a-z0-9]+:(Describe|Get|List)/);
    expect(JSON.stringify(auditPolicy(READ_ACTIONS, PLACE)).length).toBeLessThan(6144);
  });
});

test.each([
  ['GetBucketCors', 's3:GetBucketCORS'],
  ['ListBuckets', 's3:ListAllMyBuckets'],
  ['DescribeAutoMLJobV2', 'sagemaker:DescribeAutoMLJobV2'],
  ['ListAutoMLJobs', 'sagemaker:ListAutoMLJobs'],
  ['s3/acme/policy.json', undefined],
  ['constructor', undefined],
  ['', undefined],
])('the action of the call %j is %j', (call, action) => {
  expect(actionOfCall(call)).toBe(action);
});
