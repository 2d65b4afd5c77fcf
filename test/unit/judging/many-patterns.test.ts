import { describe, expect, test } from '@jest/globals';
import type { Config } from '../../../shared/config/schema.ts';
import { control as leastPrivilege } from '../../../shared/controls/execution-role-least-privilege.ts';
import { control as trustControl } from '../../../shared/controls/execution-role-trust.ts';
import { control as passRoleScoped } from '../../../shared/controls/pass-role-scoped.ts';
import { control as prefixPolicy } from '../../../shared/controls/prefix-policy-enforced.ts';
import { control as exceptionProtected } from '../../../shared/controls/scp-exception-protected.ts';
import { control as stepIsolation } from '../../../shared/controls/step-isolation.ts';
import { control as versionFloor } from '../../../shared/controls/version-floor-enforced.ts';
import type { Verdict } from '../../../shared/domain/finding.ts';
import type { Facts } from '../../../shared/facts/facts.ts';
import { SHARED_STEPS, sharedWork } from '../../../shared/iam/sets/shared-work.ts';
import type { Json } from '../../../shared/json/json.ts';
import type { Control } from '../../../shared/judging/control.ts';
import { step, verdictsOf } from '../../support/builders/control-cases.ts';
import { hostilePolicies, type Target } from '../../support/builders/hostile-policies.ts';
import { principalFacts, ROLE, type Stated, TRUST } from '../../support/builders/principal-facts.ts';

/** Verdicts on policies with more patterns than can be tried in all combinations. */

const ACCOUNT = '111122223333';
const ROLES = `arn:aws:iam::${ACCOUNT}:role/`;
const JOBS = `arn:aws:sagemaker:eu-west-1:${ACCOUNT}:training-job/`;
const PIPELINES = `arn:aws:sagemaker:eu-west-1:${ACCOUNT}:pipeline/`;
const TEAMS = [
  'fraud',
  'vision',
  'search',
  'pricing',
  'ads',
  'growth',
  'supply',
  'ranking',
  'credit',
  'churn',
  'speech',
  'routing',
  'risk',
  'claims',
];

type Case = {
  control: Control;
  config: Partial<Config>;
  base?: Stated;
  fine: object[];
  wrong: object;
  status: Verdict['status'];
  /** The target of the attack, and the hostile policies that allow too much. */
  target: Target;
  hostile: RegExp;
  /** Further permissions of the principal, so that the control judges it. */
  may?: object[];
};

const allow = (Action: string | string[], Resource: string | string[], more: object = {}): object => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...more,
});
const deny = (Action: string, Resource: string[]): object => ({ Effect: 'Deny', Action, Resource });

const TRAIN = `${ROLES}steps/train`;
const training = step('Train', 'Training', {
  RoleArn: TRAIN,
  OutputDataConfig: { S3OutputPath: 's3://acme/out/train' },
});
const reporting = step('Report', 'Processing', {
  RoleArn: `${ROLES}steps/report`,
  ProcessingOutputConfig: { Outputs: [{ OutputName: 'out', S3Output: { S3Uri: 's3://acme/out/report' } }] },
});

/** For each control, policies with and without a fault, both in many patterns. */
const CASES: Record<string, Case> = {
  'pass-role-scoped': {
    control: passRoleScoped,
    config: { roles: { steps: TEAMS.map((team) => `${ROLES}*${team}*sagemaker*`) } },
    fine: [
      allow('sagemaker:CreatePipeline', '*'),
      allow(
        'iam:PassRole',
        TEAMS.map((team) => `${ROLES}*${team}*sagemaker*`),
        {
          Condition: { StringEquals: { 'iam:PassedToService': 'sagemaker.amazonaws.com' } },
        },
      ),
    ],
    wrong: allow('iam:PassRole', `${ROLES}platform`, {
      Condition: { StringEquals: { 'iam:PassedToService': 'sagemaker.amazonaws.com' } },
    }),
    status: 'FAILED',
    target: { action: 'iam:PassRole', beginning: ROLES, key: 'iam:PassedToService' },
    hostile: /./,
    may: [allow('sagemaker:CreatePipeline', '*')],
  },
  'prefix-policy-enforced': {
    control: prefixPolicy,
    config: { prefixes: TEAMS.map((team) => ({ prefix: team.slice(0, 5), roles: [ROLE] })) },
    base: { pipelines: { daily: { steps: [] } } },
    fine: [
      allow(
        [
          'sagemaker:CreateTrainingJob',
          'sagemaker:CreateProcessingJob',
          'sagemaker:CreateTransformJob',
          'sagemaker:CreateHyperParameterTuningJob',
          'sagemaker:CreateAutoMLJob',
          'sagemaker:CreateAutoMLJobV2',
          'sagemaker:CreateModel',
          'sagemaker:CreateModelPackage',
        ],
        TEAMS.map((team) => `arn:aws:sagemaker:*:*:*/${team.slice(0, 5)}-*`),
      ),
    ],
    wrong: allow('sagemaker:CreateTrainingJob', `${JOBS}*-nightly-*`),
    status: 'FAILED',
    target: { action: 'sagemaker:CreateTrainingJob', beginning: JOBS, key: 'aws:RequestTag/team' },
    hostile: /./,
  },
  'version-floor-enforced': {
    control: versionFloor,
    config: { versionFloors: [{ pipeline: '*', minimum: 6 }] },
    fine: [
      allow(
        'sagemaker:StartPipelineExecution',
        TEAMS.map((team) => `${PIPELINES}*${team}*`),
        {
          Condition: { NumericGreaterThanEquals: { 'sagemaker:PipelineVersionId': '6' } },
        },
      ),
    ],
    wrong: allow('sagemaker:StartPipelineExecution', `${PIPELINES}legacy`, {
      Condition: { NumericGreaterThanEquals: { 'sagemaker:PipelineVersionId': '5' } },
    }),
    status: 'FAILED',
    target: {
      action: 'sagemaker:StartPipelineExecution',
      beginning: PIPELINES,
      key: 'sagemaker:PipelineVersionId',
    },
    hostile: /^(?!.*conditions)/,
  },
  'scp-exception-protected': {
    control: exceptionProtected,
    config: { scpException: { tagKey: 'json-get', tagValue: 'true', taggers: [`${ROLES}platform`] } },
    fine: [
      allow(
        'iam:TagRole',
        TEAMS.map((team) => `${ROLES}*${team}*`),
      ),
      {
        ...deny('iam:TagRole', ['*']),
        Condition: {
          'ForAnyValue:StringLike': { 'aws:TagKeys': ['????-*', ...TEAMS.map((team) => `*${team}*`)] },
        },
      },
    ],
    wrong: allow('iam:CreateRole', `${ROLES}*-any-*`),
    status: 'FAILED',
    target: { action: 'iam:TagRole', beginning: ROLES, key: 'aws:TagKeys' },
    hostile: /./,
  },
  'step-isolation': {
    control: stepIsolation,
    config: {},
    base: { arn: TRAIN, pipelines: { daily: { steps: [training, reporting] } } },
    fine: [
      allow('s3:PutObject', [
        ...TEAMS.map((team) => `arn:aws:s3:::acme/${team}/*`),
        'arn:aws:s3:::acme/out/train/*',
      ]),
    ],
    wrong: allow('s3:DeleteObject', 'arn:aws:s3:::acme/*/report/*.csv'),
    status: 'FAILED',
    target: {
      action: 's3:PutObject',
      beginning: 'arn:aws:s3:::acme/out/report/',
      key: 's3:x-amz-storage-class',
    },
    hostile: /./,
  },
  'execution-role-least-privilege': {
    control: leastPrivilege,
    config: { prefixes: [{ prefix: 'x', roles: [ROLE] }] },
    base: { pipelines: { daily: { steps: [step('Train', 'Training')] } } },
    fine: [
      allow(
        's3:GetObject',
        TEAMS.map((team) => `arn:aws:s3:::*${team}*/*`),
      ),
      allow(
        'iam:PassRole',
        TEAMS.map((team) => `${ROLES}*${team}*`),
      ),
    ],
    wrong: allow('s3:GetObject', 'arn:aws:s3:::*'),
    status: 'WARNING',
    target: { action: 'iam:PassRole', beginning: ROLES, key: 'iam:PassedToService' },
    hostile: /^Denies (?!that leave out)/,
  },
};

const judge = ({ control, config, base }: Case, more: Stated): Verdict[] =>
  verdictsOf(control, { facts: principalFacts({ ...base, ...more }), config });

const statusesOf = (verdicts: readonly Verdict[]) => verdicts.map(({ status }) => status);

/** The documents as attached policies, because they are too long for inline ones. */
const attachedOf = (documents: readonly object[]): Record<string, Json> =>
  Object.fromEntries(
    documents.map((document, at) => [`arn:aws:iam::${ACCOUNT}:policy/p${at}`, document as Json]),
  );

describe.each(Object.entries(CASES))('%s', (_, each) => {
  const { target } = each;
  const dust = [
    '7850139462',
    '5691274083',
    '4236905178',
    '4293876150',
    '0567294813',
    '2395687140',
    '9182736450',
  ].map((digits) => `${target.beginning}*${Array.from(digits).join('*')}*`);

  test('passes policies without fault in fourteen patterns', () => {
    expect(statusesOf(judge(each, { allow: each.fine }))).toEqual(['PASSED']);
  });

  test('finds a fault among fourteen patterns without fault', () => {
    expect(statusesOf(judge(each, { allow: [...each.fine, each.wrong] }))).toEqual([each.status]);
  });

  test('finds the fault beside Deny patterns that match nothing real', () => {
    const hidden = { allow: [...each.fine, each.wrong, deny(target.action, dust)] };
    expect(statusesOf(judge(each, hidden))).toEqual([each.status]);
  });

  test('passes policies without fault beside such Deny patterns', () => {
    expect(statusesOf(judge(each, { allow: [...each.fine, deny(target.action, dust)] }))).toEqual(['PASSED']);
  });

  test.each(Object.entries(hostilePolicies(target)).filter(([title]) => each.hostile.test(title)))(
    'does not pass policies as long as IAM takes them, within its work: %s',
    (_title, documents) => {
      const facts = principalFacts({ ...each.base, allow: each.may ?? [], attached: attachedOf(documents) });
      const shared = sharedWork();
      const [verdict] = each.control.evaluate(facts as Facts, { version: 1, ...each.config }, shared);
      expect([each.status, 'NOT_AVAILABLE']).toContain(verdict?.status);
      expect(shared.work.spent()).toBeLessThan(SHARED_STEPS * 1.5);
    },
  );
});

test('execution-role-trust finds another account among fourteen sources', () => {
  const statement = (sources: string[]): Json => ({
    Effect: 'Allow',
    Principal: { Service: 'sagemaker.amazonaws.com' },
    Action: 'sts:AssumeRole',
    Condition: { ArnLike: { 'aws:SourceArn': sources } },
  });
  const sources = TEAMS.map((team) => `${PIPELINES}*${team}*`);
  const judged = (trust: Json) =>
    statusesOf(
      verdictsOf(trustControl, {
        facts: principalFacts({
          trust,
          pipelines: { 'fraud-daily': { steps: [step('Train', 'Training')] } },
        }),
      }),
    );
  expect(judged({ Version: '2012-10-17', Statement: [statement(sources)] })).toEqual(['PASSED']);
  const others = [...sources, 'arn:aws:sagemaker:*:999988887777:*'];
  expect(judged({ Version: '2012-10-17', Statement: [statement(others)] })).toEqual(['WARNING']);
  expect(judged(TRUST)).toEqual(['PASSED']);
});
