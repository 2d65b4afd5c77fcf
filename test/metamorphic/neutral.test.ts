import { runSimulation } from '@cloud-copilot/iam-simulate';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readPolicy } from '../../shared/iam/policy/read-policy.ts';
import { type Random, randomOf } from '../differential/generate.ts';
import { accountSources } from './accounts.ts';
import { changed, documentsOf, neutralChange, placeOf } from './changes.ts';
import type { Held, Subject } from './subjects.ts';
import { subjectsOf } from './subjects.ts';

/**
 * Whether the changes are what they are said to be is asked of an engine that is not ours: a request that it allows
 * before is allowed after, and no other.
 */

const SEED = 20_261_128;
const ACCOUNTS = [
  'examples/account',
  'corpus: clean',
  'cases/accounts/birds-custom-prefix',
  'cases/accounts/vpc-platform',
];

const subjects = async (): Promise<Subject[]> => {
  const sources = accountSources().filter(({ name }) => ACCOUNTS.includes(name));
  return (await Promise.all(sources.map(subjectsOf))).flat();
};

const NAMES = [
  'fraud-1',
  'fraud-train-7',
  'x',
  'a1b2',
  'vision-3',
  'SageMakerRole',
  'pipelines/fraud',
  'steps/a/b',
];

/** A request that the principal can make, or SageMaker for the role. */
const requestOf = ({ arn, scope }: Subject, random: Random) => {
  const { account, region, partition } = scope;
  const name = random.pick(NAMES);
  const [last = name] = name.split('/').slice(-1);
  const of: readonly [action: string, resource: string][] = [
    ['iam:PassRole', `arn:${partition}:iam::${account}:role/${name}`],
    ['iam:TagRole', `arn:${partition}:iam::${account}:role/${name}`],
    ['iam:PutRolePolicy', `arn:${partition}:iam::${account}:role/${name}`],
    ['sagemaker:CreateTrainingJob', `arn:${partition}:sagemaker:${region}:${account}:training-job/${last}`],
    [
      'sagemaker:CreateProcessingJob',
      `arn:${partition}:sagemaker:${region}:${account}:processing-job/${last}`,
    ],
    ['sagemaker:StartPipelineExecution', `arn:${partition}:sagemaker:${region}:${account}:pipeline/${last}`],
    ['sagemaker:CreatePipeline', `arn:${partition}:sagemaker:${region}:${account}:pipeline/${last}`],
    ['s3:GetObject', `arn:${partition}:s3:::acme-reports/fraud/${last}`],
    ['s3:PutObject', `arn:${partition}:s3:::acme-clean/${last}`],
  ];
  const [action, resource] = random.pick(of);
  const given: Record<string, string | string[]> = {
    'iam:PassedToService': random.pick(['sagemaker.amazonaws.com', 'lambda.amazonaws.com']),
    'sagemaker:PipelineVersionId': random.pick(['1', '3', '6']),
    'aws:SourceIp': random.pick(['10.1.2.3', '203.0.113.7', '2001:db8::1']),
    'aws:SourceVpc': random.pick(['vpc-1a2b3c4d', 'vpc-2']),
    'aws:SourceVpce': 'vpce-1',
    'aws:RequestedRegion': random.pick([region, 'us-east-1']),
    'aws:PrincipalTag/team': random.pick(['x', 'fraud']),
    'aws:PrincipalTag/pipelines-json-get': 'true',
    'aws:RequestTag/pipelines-json-get': random.pick(['true', 'false']),
    'aws:ResourceTag/team': 'x',
    'aws:MultiFactorAuthPresent': 'true',
    'aws:MultiFactorAuthAge': '5',
    'aws:TagKeys': random.pick([['pipelines-json-get'], ['team', 'pipelines-json-get'], ['x']]),
  };
  const context = Object.fromEntries(Object.entries(given).filter(() => random.chance(0.6)));
  return {
    principal: arn,
    action,
    resource: { resource, accountId: account },
    contextVariables: {
      ...context,
      'aws:PrincipalArn': arn,
      'aws:PrincipalAccount': account,
      'aws:PrincipalType': arn.includes(':user/') ? 'User' : 'AssumedRole',
      'aws:PrincipalIsAWSService': 'false',
      'aws:SecureTransport': 'true',
      'aws:CurrentTime': '2026-11-28T12:00:00Z',
      'aws:EpochTime': '1795867200',
      'aws:ResourceAccount': account,
      ...(arn.includes(':user/') && { 'aws:username': arn.slice(arn.lastIndexOf('/') + 1) }),
    },
  };
};

type Request = ReturnType<typeof requestOf>;

const decided = async (held: Held, request: Request): Promise<string> => {
  const documents = documentsOf(structuredClone(held));
  const of = (...kinds: string[]) =>
    documents
      .filter(({ kind }) => kinds.includes(kind))
      .map(({ name, document }, at) => ({ name: `${name} ${at}`, policy: document }));
  const boundary = of('boundary');
  const answer = await runSimulation(
    {
      request,
      identityPolicies: of('identity', 'group'),
      serviceControlPolicies: (held.organization?.scps ?? []).map(({ target, policies }) => ({
        orgIdentifier: target,
        policies: policies.map(({ name, document }) => ({ name, policy: document })),
      })),
      resourceControlPolicies: [],
      ...(boundary.length > 0 && { permissionBoundaryPolicies: boundary }),
    },
    {},
  );
  return answer.resultType === 'error'
    ? `refused: ${JSON.stringify(answer.errors).slice(0, 300)}`
    : answer.overallResult;
};

test('a change that is to give and take nothing does so in the eyes of iam-simulate', async () => {
  const all = await subjects();
  const random = randomOf(SEED);
  const differences: unknown[] = [];
  const refused = new Map<string, number>();
  let compared = 0;
  for (let number = 0; number < 400; number++) {
    const subject = random.pick(all);
    const [change] = fc.sample(neutralChange(placeOf(subject)), { seed: SEED + number, numRuns: 1 });
    if (!change) continue;
    const after = changed(subject.held, change);
    for (let times = 0; times < 4; times++) {
      const request = requestOf(subject, random);
      const [one, other] = [await decided(subject.held, request), await decided(after, request)];
      const refusal = [one, other].find((each) => each.startsWith('refused'));
      if (refusal !== undefined) refused.set(refusal, (refused.get(refusal) ?? 0) + 1);
      else compared++;
      if (refusal === undefined && one !== other) differences.push({ number, one, other, change, request });
    }
  }
  if (process.env.VERBOSE) console.log(compared, [...refused].slice(0, 20));
  expect(differences).toEqual([]);
  expect(compared).toBeGreaterThan(1000);
});

test('what is added is what AWS would store', async () => {
  const problems: unknown[] = [];
  for (const subject of await subjects()) {
    const changes = fc.sample(neutralChange(placeOf(subject)), { seed: SEED, numRuns: 40 });
    for (const change of changes)
      for (const { kind, document } of documentsOf(changed(subject.held, change))) {
        const read = readPolicy(document, {
          name: kind,
          kind: kind === 'group' ? 'identity' : kind,
        });
        if (!read.isReadable) problems.push({ change, problems: read.problems });
      }
  }
  expect(problems).toEqual([]);
});
