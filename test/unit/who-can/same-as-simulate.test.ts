import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { createdResource } from '../../../shared/concerns/creating.ts';
import { jobKind } from '../../../shared/definition/job-kinds.ts';
import { sagemakerArn } from '../../../shared/domain/arn.ts';
import type { Json } from '../../../shared/json/json.ts';
import { once } from '../../../shared/memo.ts';
import type { Reader } from '../../../shared/reader/reader.ts';
import { joinedSnapshots } from '../../../shared/reader/snapshot/joined.ts';
import { openSnapshot } from '../../../shared/reader/snapshot/reader.ts';
import { type AskedAccount, readAskedAccount } from '../../../shared/who-can/account.ts';
import type { Step } from '../../../shared/who-can/answer.ts';
import { type Asked, CREATE_JOB_ACTIONS, PIPELINE_ACTIONS } from '../../../shared/who-can/asked.ts';
import { type WhoCan, whoCan } from '../../../shared/who-can/who-can.ts';
import { casesFolder } from '../../support/builders/cases-folder.ts';
import { memoryReader } from '../../support/builders/memory-reader.ts';
import { type Random, seeded } from '../../support/builders/seeded.ts';
import { notAllowed, simulated } from '../../support/builders/who-can-simulate.ts';

const pick = <T>(items: readonly T[], random: Random): T => items[Math.floor(random() * items.length)] as T;
const some = <T>(items: readonly T[], share: number, random: Random): T[] =>
  items.filter(() => random() < share);

const IAM = 'arn:aws:iam::111122223333:';
const SCOPE = { partition: 'aws', account: '111122223333', region: 'eu-west-1' };
const PIPELINE = sagemakerArn(SCOPE, 'pipeline/fraud');
const NAMES = ['a', 'b', 'c', 'd', 'e', 'f'] as const;

/** Values that conditions of the generated policies ask about, and others. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  'sagemaker:PipelineVersionId': ['1', '5', '6', '7'],
  'aws:ResourceTag/team': ['fraud', 'churn'],
  'aws:SourceIp': ['10.1.2.3', '203.0.113.7'],
  'aws:MultiFactorAuthPresent': ['true', 'false'],
  'iam:PassedToService': ['sagemaker.amazonaws.com', 'lambda.amazonaws.com', 'ec2.amazonaws.com'],
  'sts:ExternalId': ['x1', 'x2'],
};
const CONDITIONS: readonly Json[] = [
  { NumericGreaterThanEquals: { 'sagemaker:PipelineVersionId': '6' } },
  { StringEquals: { 'aws:ResourceTag/team': 'fraud' } },
  { StringNotEquals: { 'aws:ResourceTag/team': 'fraud' } },
  { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } },
  { Bool: { 'aws:MultiFactorAuthPresent': 'true' } },
  { StringEquals: { 'iam:PassedToService': 'sagemaker.amazonaws.com' } },
  { StringLike: { 'iam:PassedToService': ['lambda*', 'ec2*'] } },
  { Null: { 'sagemaker:PipelineVersionId': 'true' } },
];
const ACTIONS = [
  'sagemaker:StartPipelineExecution',
  'sagemaker:UpdatePipeline',
  'sagemaker:Retry*',
  'sagemaker:CreateTrainingJob',
  'sagemaker:Create*',
  'sagemaker:*',
  'iam:PassRole',
  'sts:AssumeRole',
  's3:*',
];
const RESOURCES = [
  '*',
  PIPELINE,
  `${PIPELINE}/execution/*`,
  sagemakerArn(SCOPE, 'pipeline/f*'),
  sagemakerArn(SCOPE, 'training-job/fraud-*'),
  sagemakerArn(SCOPE, '*/churn-*'),
  ...NAMES.map((name) => `${IAM}role/${name}`),
];

const madeStatement = (random: Random, denies: number): Json => ({
  Effect: random() < denies ? 'Deny' : 'Allow',
  Action: [pick(ACTIONS, random), pick(ACTIONS, random)],
  Resource: random() < 0.15 ? '*' : [pick(RESOURCES, random), pick(RESOURCES, random)],
  ...(random() < 0.4 && { Condition: pick(CONDITIONS, random) }),
});
const document = (Statement: Json): Json => ({ Version: '2012-10-17', Statement });
const madePolicy = (random: Random, denies = 0.2): Json =>
  document(Array.from({ length: 1 + Math.floor(random() * 3) }, () => madeStatement(random, denies)));

const madeTrust = (random: Random): Json => {
  const principals: Json[] = [
    { Service: 'sagemaker.amazonaws.com' },
    { Service: 'lambda.amazonaws.com' },
    { AWS: `${IAM}role/${pick(NAMES, random)}` },
    { AWS: `${IAM}root` },
  ];
  return document([
    {
      Effect: 'Allow',
      Principal: pick(principals, random),
      Action: 'sts:AssumeRole',
      ...(random() < 0.2 && { Condition: { StringEquals: { 'sts:ExternalId': 'x1' } } }),
    },
  ]);
};

const madeReader = (seed: number): Reader => {
  const random = seeded(seed);
  const bounds = `${IAM}policy/bounds`;
  const { reader } = memoryReader({
    listing: ['fraud'],
    identities: {
      RoleDetailList: NAMES.map((name) => ({
        RoleName: name,
        Arn: `${IAM}role/${name}`,
        AssumeRolePolicyDocument: madeTrust(random),
        RolePolicyList: [{ PolicyName: 'own', PolicyDocument: madePolicy(random) }],
        AttachedManagedPolicies: [],
        InstanceProfileList: [],
        Tags: random() < 0.5 ? [{ Key: 'team', Value: pick(['fraud', 'churn'], random) }] : [],
        ...(random() < 0.2 && { PermissionsBoundary: { PermissionsBoundaryArn: bounds } }),
      })),
      Policies: [
        { Arn: bounds, PolicyVersionList: [{ IsDefaultVersion: true, Document: madePolicy(random, 0) }] },
      ],
    },
    ...(random() < 0.5 && {
      organization: {
        scps: [
          { target: 'r-ab12', policies: [{ name: 'guard', document: document([madeStatement(random, 1)]) }] },
        ],
        rcps: [],
      },
    }),
  });
  return { ...reader, readIdentities: once(() => reader.readIdentities()) };
};

/**
 * The keys of which a request can carry any: those of AWS for all, and those of a service for the actions that its page names.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html
 */
const ONLY_ON: Readonly<Record<string, string>> = {
  'sagemaker:PipelineVersionId': 'sagemaker:StartPipelineExecution',
  'iam:PassedToService': 'iam:PassRole',
  'sts:ExternalId': 'sts:AssumeRole',
};

/** A context of a request: each key that it can carry has a value or is not in it, and no other key is. */
const madeContext = (
  action: string,
  random: Random,
  more: Readonly<Record<string, readonly string[] | null>> = {},
): Step['context'] => ({
  ...Object.fromEntries(
    some(Object.keys(VALUES), 0.7, random)
      .filter((key) => (ONLY_ON[key] ?? action) === action)
      .map((key) => [key, [pick(VALUES[key] ?? [], random)]]),
  ),
  ...more,
});

/** The tags that a request about a role carries: those that the role has. */
const tagsOf = (
  roleArn: string,
  principals: AskedAccount['principals'],
): Record<string, readonly string[] | null> => {
  const role = principals.find(({ identity }) => identity.principal.arn === roleArn);
  const team = role?.identity.principal.tags?.get('team');
  const values = team === undefined ? null : [team];
  return { 'aws:ResourceTag/team': values, 'iam:ResourceTag/team': values };
};

/** Requests that who is left out must not make; of several, one that is denied is enough. */
const samplesOf = (
  { verb, resource }: Asked,
  by: string,
  { principals, scope }: AskedAccount,
  random: Random,
): (Omit<Step, 'conditions' | 'statements'> & { isWhole: true })[] => {
  const region = scope.regions[0];
  const request = (action: string, on: string, more = {}) => ({
    principal: by,
    action,
    resource: on,
    context: madeContext(action, random, more),
    isWhole: true as const,
  });
  const roles = principals.filter(({ identity }) => identity.principal.kind === 'role');
  switch (verb) {
    case 'start':
    case 'update':
    case 'retry': {
      const on = verb === 'retry' ? `${resource}/execution/${pick(['abc123', 'x'], random)}` : resource;
      return [request(PIPELINE_ACTIONS[verb], on, { 'aws:RequestedRegion': [on.split(':')[3] ?? ''] })];
    }
    case 'pass':
      return [request('iam:PassRole', resource, tagsOf(resource, principals))];
    case 'create-job': {
      const on = sagemakerArn(
        { ...scope, region },
        createdResource(jobKind('training-job'), `${resource}x1`).replace('*', ''),
      );
      const role = pick(roles, random).identity.principal.arn;
      return [
        request('sagemaker:CreateTrainingJob', on, { 'aws:RequestedRegion': [region] }),
        request('iam:PassRole', role, {
          ...tagsOf(role, principals),
          'iam:PassedToService': ['sagemaker.amazonaws.com'],
        }),
      ];
    }
  }
};

/** Who is left out and may all the same, by some request of a sample, or by a role that he may assume. */
const wronglyLeftOut = async (
  reader: Reader,
  account: AskedAccount,
  { asked, principals }: WhoCan,
  random: Random,
  times: number,
): Promise<string[]> => {
  const wrong: string[] = [];
  const byArn = new Map(principals.map((who) => [who.arn, who]));
  const takers = new Set(
    account.principals
      .filter(({ identity }) =>
        identity.trust?.statements.some(({ principals: let_ }) =>
          let_?.principals.some(({ value }) => value === 'sagemaker.amazonaws.com'),
        ),
      )
      .map(({ identity }) => identity.principal.arn),
  );
  for (const { arn, answer } of principals) {
    if (answer !== 'no') continue;
    for (let time = 0; time < times; time++) {
      const requests = samplesOf(asked, arn, account, random);
      const isMeant = asked.verb !== 'create-job' || takers.has(requests[1]?.resource ?? '');
      const decisions = await Promise.all(requests.map((request) => simulated(reader, request)));
      if (isMeant && decisions.every((decision) => decision === 'Allow'))
        wrong.push(`${arn}: ${requests.map(({ action, resource }) => `${action} on ${resource}`)}`);
      if (decisions.includes('Unknown')) wrong.push(`${arn}: ${JSON.stringify(requests)} is Unknown`);
    }
    for (const role of account.principals) {
      const to = role.identity.principal;
      if (
        to.kind !== 'role' ||
        to.arn === arn ||
        byArn.get(to.arn)?.answer !== 'yes' ||
        arn.endsWith(':root')
      )
        continue;
      const context = madeContext('sts:AssumeRole', random, {
        ...tagsOf(to.arn, account.principals),
        'sts:ExternalId': ['x1'],
      });
      const request = { principal: arn, action: 'sts:AssumeRole', resource: to.arn, context, isWhole: true };
      if ((await simulated(reader, request)) === 'Allow') wrong.push(`${arn}: assumes ${to.arn}`);
    }
  }
  return wrong;
};

const QUESTIONS: readonly Asked[] = [
  { verb: 'start', resource: PIPELINE },
  { verb: 'update', resource: PIPELINE },
  { verb: 'retry', resource: PIPELINE },
  { verb: 'pass', resource: `${IAM}role/a` },
  { verb: 'create-job', resource: 'fraud-' },
];

const askedAccount = async (readers: readonly [Reader, ...Reader[]]): Promise<AskedAccount> => {
  const read = await readAskedAccount(readers);
  if (!read.ok) throw new Error(read.unread.message);
  return read.value;
};

describe('generated accounts', () => {
  test.each(QUESTIONS)(
    'who can $verb: simulate allows each yes, and denies who is left out',
    async (asked) => {
      const counts = { yes: 0, no: 0, unknown: 0 };
      const through = { yes: 0 };
      for (let seed = 1; seed <= 40; seed++) {
        const reader = madeReader(seed);
        const account = await askedAccount([reader]);
        const answer = whoCan(asked, account);
        for (const who of answer.principals) {
          counts[who.answer]++;
          if (who.answer === 'yes' && who.through.length > 0) through.yes++;
        }
        expect({ seed, wrong: await notAllowed(reader, answer) }).toEqual({ seed, wrong: [] });
        const left = await wronglyLeftOut(reader, account, answer, seeded(seed), 8);
        expect({ seed, left }).toEqual({ seed, left: [] });
      }
      // The accounts hold enough of each for the comparison to say something.
      expect(Math.min(counts.yes, counts.no, through.yes)).toBeGreaterThan(5);
      expect(counts.unknown).toBeLessThan(counts.yes + counts.no);
    },
  );
});

const folder = casesFolder('accounts');
const cases = folder
  ? readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? entry.name : []))
  : [];

(folder ? describe : describe.skip)('real accounts', () => {
  test.each(cases.length > 0 ? cases : ['none'])('%s: simulate says the same', async (name) => {
    const snapshot = await openSnapshot(join(folder ?? '', name, 'snapshot'));
    if (!snapshot.ok) throw new Error(snapshot.unread.message);
    const readers = joinedSnapshots([snapshot.value]);
    const [reader] = readers;
    const account = await askedAccount(readers);
    const [region, listed] = [...account.pipelines][0] ?? [];
    const [pipeline = 'none'] = listed?.ok ? listed.value : [];
    const on = sagemakerArn({ ...account.scope, region: region ?? '' }, `pipeline/${pipeline}`);
    const role = account.principals.find(({ identity }) => identity.trust)?.identity.principal.arn ?? '';
    const questions: Asked[] = [
      ...(['start', 'update', 'retry'] as const).map((verb) => ({ verb, resource: on })),
      { verb: 'pass', resource: role },
      { verb: 'create-job', resource: pipeline.slice(0, 5) },
    ];
    for (const asked of questions) {
      const answer = whoCan(asked, account);
      expect({ asked, wrong: await notAllowed(reader, answer) }).toEqual({ asked, wrong: [] });
      const left = await wronglyLeftOut(reader, account, answer, seeded(7), 4);
      expect({ asked, left }).toEqual({ asked, left: [] });
    }
  });
});

test('the actions that create jobs are those of the service authorization reference with prefixes of names', () => {
  expect(CREATE_JOB_ACTIONS).toEqual(
    expect.arrayContaining(
      ['Training', 'Processing', 'Transform', 'HyperParameterTuning'].map(
        (kind) => `sagemaker:Create${kind}Job`,
      ),
    ),
  );
});
