import { readFileSync } from 'node:fs';
import { runUnsafeSimulation } from '@cloud-copilot/iam-simulate';
import { identitiesOf } from '../../shared/iam/decide/authorization-details.ts';
import { contextOf } from '../../shared/iam/decide/context.ts';
import { decide } from '../../shared/iam/decide/decide.ts';
import { indexPolicies } from '../../shared/iam/decide/policy-index.ts';
import type { Request } from '../../shared/iam/decide/request.ts';
import { explain } from '../../shared/iam/explain/explain.ts';
import { globMatcher, parseGlob } from '../../shared/iam/policy/glob.ts';
import { principalOf } from '../../shared/iam/policy/principal.ts';
import { readPolicy } from '../../shared/iam/policy/read-policy.ts';
import { asList, type Json, member } from '../../shared/json/json.ts';
import { parseJson } from '../../shared/json/json-text.ts';
import { median, rounded } from '../processes/figures.ts';

const ACCOUNT = '111122223333';
const ROLE = `arn:aws:iam::${ACCOUNT}:role/pipelines`;
const JOB = `arn:aws:sagemaker:eu-west-1:${ACCOUNT}:training-job/fraud-1`;

/** Questions like those of controls: allowed, not allowed, and dependent on a given context key. */
const QUESTIONS: readonly [action: string, resource: string][] = [
  ['sagemaker:CreateTrainingJob', JOB],
  ['sagemaker:DescribeTrainingJob', JOB],
  ['sagemaker:CreatePipeline', `arn:aws:sagemaker:eu-west-1:${ACCOUNT}:pipeline/fraud`],
  ['iam:PassRole', `arn:aws:iam::${ACCOUNT}:role/AmazonSageMaker-step`],
  ['iam:PassRole', `arn:aws:iam::${ACCOUNT}:role/admin`],
  ['s3:GetObject', 'arn:aws:s3:::acme-sagemaker/in.csv'],
  ['s3:GetObject', 'arn:aws:s3:::acme-data/in.csv'],
  ['ec2:RunInstances', `arn:aws:ec2:eu-west-1:${ACCOUNT}:instance/*`],
];
const CONTEXT = { 'iam:PassedToService': 'sagemaker.amazonaws.com' };

/**
 * How many times a second the body runs: the median of three runs of one second, each after a warm-up of a fifth of a
 * second.
 */
const perSecond = (body: (turn: number) => void): number => {
  const run = (milliseconds: number): number => {
    const end = performance.now() + milliseconds;
    const start = performance.now();
    let turn = 0;
    for (; performance.now() < end; ) for (let batch = 0; batch < 100; batch++) body(turn++);
    return (turn * 1000) / (performance.now() - start);
  };
  run(200);
  return rounded(median([run(1000), run(1000), run(1000)]));
};

const at = <T>(list: readonly T[], turn: number): T => {
  const found = list[turn % list.length];
  if (found === undefined) throw new Error('nothing to ask');
  return found;
};

/** The document of a policy file; `get-policy-version` has it two levels down. */
const documentOf = (path: string): Json => {
  const parsed = parseJson(readFileSync(path, 'utf8'));
  if (!parsed.ok) throw new Error(`${path} is no JSON`);
  return member(member(parsed.value, 'PolicyVersion'), 'Document') ?? parsed.value;
};

/** Stands in for AmazonSageMakerFullAccess if it is not available: 44 statements of some 8 actions each. */
const madeUpPolicy = (): Json => ({
  Version: '2012-10-17',
  Statement: Array.from({ length: 44 }, (_, index) => ({
    Effect: 'Allow',
    Action:
      index === 0
        ? ['sagemaker:*', 's3:GetObject']
        : Array.from({ length: 8 }, (_, at) => `service${index}:Do${at}*`),
    Resource: index === 0 ? ['arn:aws:sagemaker:*:*:*', 'arn:aws:s3:::*sagemaker*'] : '*',
  })),
});

/** Decisions per second of both engines, on the same policy and questions. */
export const measureDecisions = (policyFile: string | undefined) => {
  const document = policyFile === undefined ? madeUpPolicy() : documentOf(policyFile);
  const identity = indexPolicies([readPolicy(document, { name: 'role', kind: 'identity' })]);
  const principal = principalOf(ROLE);
  if (!principal) throw new Error('no principal');
  const context = contextOf(CONTEXT, 'absent');
  const requests: Request[] = QUESTIONS.map(([action, resource]) => ({
    principal,
    action,
    resource,
    context,
  }));
  const simulations = QUESTIONS.map(([action, resource]) => ({
    request: {
      principal: ROLE,
      action,
      resource: { resource, accountId: ACCOUNT },
      contextVariables: CONTEXT,
    },
    identityPolicies: [{ name: 'role', policy: document }],
    serviceControlPolicies: [],
    resourceControlPolicies: [],
  }));
  const decisionsPerSecond = perSecond((turn) => decide({ identity }, at(requests, turn)));
  const explanationsPerSecond = perSecond((turn) => explain({ identity }, at(requests, turn)));
  const simulationsPerSecond = perSecond((turn) => runUnsafeSimulation(at(simulations, turn), {}));
  return {
    policy: policyFile === undefined ? 'made up' : 'AmazonSageMakerFullAccess',
    statements: asList(member(document, 'Statement')).length,
    decisionsPerSecond,
    explanationsPerSecond,
    iamSimulatePerSecond: simulationsPerSecond,
    ratio: rounded(decisionsPerSecond / simulationsPerSecond),
  };
};

/** The time to load an authorization-details file with this many roles, and the memory that it keeps. */
export const measureLoading = (roles: number) => {
  const text = JSON.stringify({
    RoleDetailList: Array.from({ length: roles }, (_, index) => ({
      RoleName: `role-${index}`,
      Arn: `${ROLE}-${index}`,
      AssumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: {
          Effect: 'Allow',
          Principal: { Service: 'sagemaker.amazonaws.com' },
          Action: 'sts:AssumeRole',
        },
      },
      RolePolicyList: [{ PolicyName: 'inline', PolicyDocument: madeUpPolicy() }],
    })),
  });
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  const started = performance.now();
  const parsed = parseJson(text);
  const { identities } = identitiesOf(parsed.ok ? parsed.value : null);
  const loadMs = performance.now() - started;
  globalThis.gc?.();
  const keptMiB = (process.memoryUsage().heapUsed - before) / 2 ** 20;
  return {
    roles: identities.length,
    fileMiB: rounded(text.length / 2 ** 20),
    loadMs: rounded(loadMs),
    keptMiB: rounded(keptMiB),
  };
};

/**
 * The time (the slower of two, in milliseconds) to match a pattern of 200 stars with a text that contains everything
 * but its end.
 */
export const measureGlob = () => {
  const text = 'a'.repeat(2048);
  const patterns = [`${'*a'.repeat(199)}*b*`, `${'*a?'.repeat(199)}*b?*`].map((pattern) =>
    globMatcher(parseGlob(pattern)),
  );
  const matchMs = Math.max(...patterns.map((matches) => 1000 / perSecond(() => matches(text))));
  return { stars: 200, characters: text.length, matchMs: rounded(matchMs) };
};
