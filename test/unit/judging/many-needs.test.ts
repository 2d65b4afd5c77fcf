import { describe, expect, test } from '@jest/globals';
import { control as jsonGet } from '../../../shared/controls/scp-json-get-exception.ts';
import { control as dataAccess } from '../../../shared/controls/step-role-data-access.ts';
import type { Facts } from '../../../shared/facts/facts.ts';
import { indexPolicies, type PolicyIndex } from '../../../shared/iam/decide/policy-index.ts';
import { sharedWork, workForControl } from '../../../shared/iam/sets/shared-work.ts';
import type { Need } from '../../../shared/needs/need.ts';
import { noUses, type RoleNeed, type Roster } from '../../../shared/needs/roster.ts';
import { organizationFact, principalFacts, ROLE } from '../../support/builders/principal-facts.ts';

/**
 * Accounts have thousands of pipelines, and many of them share one role. The work is counted: in steps of the budget,
 * and in how often the statements about an action are asked for.
 */

const CONFIG = { version: 1 } as const;
const ASKER = { pipeline: { name: 'fraud-daily', arn: 'arn:p' }, step: 'Train', pointer: '/Steps/0' };

const needOf = (kind: RoleNeed['kind'], need: Need): RoleNeed => ({
  kind,
  need,
  region: 'eu-west-1',
  askers: [ASKER],
  count: 1,
});

const numbered = <T>(count: number, make: (number: number) => T): T[] =>
  Array.from({ length: count }, (_, number) => make(number));

/** What so many pipelines need of the role of their jobs: to read a folder each, to list it, and to write a file. */
const dataNeeds = (pipelines: number): RoleNeed[] =>
  numbered(pipelines, (number): Need[] => [
    { action: 's3:GetObject', resource: `arn:aws:s3:::acme-data/raw/p${number}/*` },
    {
      action: 's3:ListBucket',
      resource: 'arn:aws:s3:::acme-data',
      request: { 's3:prefix': [`raw/p${number}`, `raw/p${number}/`] },
    },
    { action: 's3:PutObject', resource: `arn:aws:s3:::acme-data/models/p${number}/model.tar.gz` },
  ])
    .flat()
    .map((need) => needOf('data', need));

const ALLOWED = [
  { Effect: 'Allow', Action: ['s3:GetObject', 's3:ListBucket'], Resource: ['arn:aws:s3:::acme-data*'] },
  { Effect: 'Allow', Action: 's3:PutObject', Resource: 'arn:aws:s3:::acme-data/models/*' },
];

const factsWith = (needs: RoleNeed[], allow: object[] = ALLOWED): Facts => {
  const facts = principalFacts({ allow });
  return { ...facts, uses: { ...noUses(ROLE), needs } } as Facts;
};

describe('a role that thousands of pipelines share', () => {
  test('is judged within the work of one control', () => {
    const shared = workForControl(sharedWork());
    expect(dataAccess.evaluate(factsWith(dataNeeds(5000)), CONFIG, shared)).toMatchObject([
      { status: 'PASSED' },
    ]);
    expect(shared.work.left()).toBeGreaterThan(0);
  });

  test('is told of the one place among thousands that it may not write', () => {
    const needs = [
      ...dataNeeds(2000),
      needOf('data', { action: 's3:PutObject', resource: 'arn:aws:s3:::acme-data/secret/x' }),
    ];
    const shared = workForControl(sharedWork());
    expect(dataAccess.evaluate(factsWith(needs), CONFIG, shared)).toMatchObject([
      { status: 'FAILED', evidence: [{ expected: expect.stringContaining('acme-data/secret/x') }] },
    ]);
  });

  test('has its policies read as often for a thousand patterns as for ten', () => {
    const readsFor = (patterns: number): number => {
      const facts = factsWith(
        numbered(patterns, (number) =>
          needOf('data', { action: 's3:GetObject', resource: `arn:aws:s3:::acme-data/raw/p${number}/*` }),
        ),
      );
      const { identity = indexPolicies([]) } = facts.principal.policies;
      let reads = 0;
      const counting: PolicyIndex = {
        ...identity,
        candidates: (action) => {
          reads++;
          return identity.candidates(action);
        },
      };
      const principal = { ...facts.principal, policies: { ...facts.principal.policies, identity: counting } };
      const verdicts = dataAccess.evaluate({ ...facts, principal }, CONFIG, sharedWork());
      expect(verdicts).toMatchObject([{ status: 'PASSED' }]);
      return reads;
    };
    expect(readsFor(1000)).toBe(readsFor(10));
  });

  /** Folders and buckets of which the role may read all, some, or what no condition keeps from it. */
  const FOLDERS: object[] = [
    { Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::acme-data/open/*' },
    { Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::acme-data/part/p*' },
    { Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::acme-data/wide*' },
    { Effect: 'Allow', Action: 's3:ListBucket', Resource: 'arn:aws:s3:::acme-data' },
    {
      Effect: 'Allow',
      Action: 's3:GetObject',
      Resource: 'arn:aws:s3:::acme-data/tied/*',
      Condition: { StringEquals: { 'aws:PrincipalTag/team': 'fraud' } },
    },
  ];

  test('comes to what its needs come to one by one, whatever lies beside them', () => {
    const resources = ['open', 'part', 'wide', 'tied', 'none'].flatMap((folder) => [
      ...[1, 2, 3].flatMap((number) => [`${folder}/p${number}/*`, `${folder}/q${number}/x.csv`]),
      `${folder}/*`,
      `${folder}/deep/er/*`,
    ]);
    const needs = [
      ...resources.map(
        (key): Need => ({ action: 's3:GetObject', resource: `arn:aws:s3:::acme-data/${key}` }),
      ),
      ...['acme-data', 'acme-data', 'acme-data', 'acme-other', 'acme-other'].map(
        (bucket): Need => ({ action: 's3:ListBucket', resource: `arn:aws:s3:::${bucket}` }),
      ),
    ].map((need) => needOf('data', need));
    const faultsOf = (of: RoleNeed[]): string[] =>
      dataAccess
        .evaluate(factsWith(of, FOLDERS), CONFIG, sharedWork())
        .flatMap((verdict) => ('evidence' in verdict ? verdict.evidence : []))
        .map(({ expected }) => expected);
    const isFaulty = (need: RoleNeed): boolean => faultsOf([need]).length > 0;
    for (const each of [needs, needs.toReversed()]) {
      const kept = each.filter((need) => !isFaulty(need));
      expect(kept.length).toBeGreaterThan(10);
      expect(faultsOf(kept)).toEqual([]);
      for (const faulty of each.filter(isFaulty))
        expect(faultsOf([...kept, faulty])).toEqual(faultsOf([faulty]));
    }
  });

  test('has what a condition asks of the request told apart by its values', () => {
    const listing = (Condition: object): object[] => [
      { Effect: 'Allow', Action: 's3:ListBucket', Resource: 'arn:aws:s3:::acme-data', Condition },
    ];
    const statusFor = (Condition: object) => {
      const needs = dataNeeds(3).filter(({ need }) => need.action === 's3:ListBucket');
      const facts = factsWith(needs, listing(Condition));
      return dataAccess.evaluate(facts, CONFIG, sharedWork()).map(({ status }) => status);
    };
    expect(statusFor({ StringLike: { 's3:prefix': 'raw/*' } })).toEqual(['PASSED']);
    expect(statusFor({ StringLike: { 's3:prefix': ['raw/p0*', 'raw/p1*'] } })).toEqual(['FAILED']);
    expect(statusFor({ StringLike: { 's3:prefix': ['raw/p0*', 'raw/p1*', 'raw/p2*'] } })).toEqual(['PASSED']);
  });
});

test('SCPs are compared with the JsonGet reads of 10,000 pipelines within the work of one control', () => {
  const organization = organizationFact({
    scps: [
      {
        target: 'r-a1b2',
        policies: [
          {
            name: 'networks',
            document: {
              Version: '2012-10-17',
              Statement: [
                { Effect: 'Allow', Action: '*', Resource: '*' },
                {
                  Effect: 'Deny',
                  Action: 's3:GetObject',
                  Resource: 'arn:aws:s3:::acme-data/*',
                  Condition: {
                    StringNotEquals: {
                      'aws:SourceVpc': 'vpc-1a2b3c4d',
                      'aws:PrincipalTag/pipelines-json-get': 'true',
                    },
                  },
                },
              ],
            },
          },
        ],
      },
    ],
    rcps: [],
  });
  const roles = new Map(
    numbered(100, (role) => {
      const roleArn = `arn:aws:iam::111122223333:role/pipelines/t${role}`;
      const needs = numbered(100, (number) =>
        needOf('json-get', {
          action: 's3:GetObject',
          resource: `arn:aws:s3:::acme-data/t${role}/p${number}/evaluation.json`,
        }),
      );
      return [roleArn, { ...noUses(roleArn), needs }] as const;
    }),
  );
  const roster: Roster = {
    pipelines: [],
    roles,
    rolesWithoutPath: new Map(),
    imageInputs: new Map(),
    callers: new Map(),
    unread: [],
  };
  const facts = {
    exceptionSubject: { of: 'organization', organization, roster, account: '111122223333' },
  } as unknown as Facts;
  const shared = workForControl(sharedWork());
  const verdicts = jsonGet.evaluate(
    facts,
    { ...CONFIG, scpException: { tagKey: 'pipelines-json-get', tagValue: 'true' } },
    shared,
  );
  expect(verdicts).toMatchObject([{ status: 'PASSED' }]);
  expect(shared.work.left()).toBeGreaterThan(0);
});
