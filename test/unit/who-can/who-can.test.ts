import { describe, expect, test } from '@jest/globals';
import type { Json } from '../../../shared/json/json.ts';
import { found, notRead } from '../../../shared/reader/read-result.ts';
import { readAskedAccount } from '../../../shared/who-can/account.ts';
import type { Asked } from '../../../shared/who-can/asked.ts';
import { type WhoCan, whoCan } from '../../../shared/who-can/who-can.ts';
import { type Account, memoryReader } from '../../support/builders/memory-reader.ts';
import { aShare, SHARE_ARN } from '../../support/builders/share.ts';
import { notAllowed } from '../../support/builders/who-can-simulate.ts';

const IAM = 'arn:aws:iam::111122223333:';
const SAGEMAKER = 'arn:aws:sagemaker:eu-west-1:111122223333:';
const PIPELINE = `${SAGEMAKER}pipeline/fraud`;

type Statement = Record<string, Json>;
const allow = (action: string | string[], resource: string, more: Statement = {}): Statement => ({
  Effect: 'Allow',
  Action: action,
  Resource: resource,
  ...more,
});
const trust = (principal: Statement, more: Statement = {}): Statement => ({
  Effect: 'Allow',
  Principal: principal,
  Action: 'sts:AssumeRole',
  ...more,
});
const EC2 = trust({ Service: 'ec2.amazonaws.com' });
const START = allow('sagemaker:StartPipelineExecution', PIPELINE);

type Made = { trust?: Statement[]; tags?: Record<string, string>; boundary?: string };

const own = (statements: Statement[]) => [
  { PolicyName: 'own', PolicyDocument: { Version: '2012-10-17', Statement: statements } },
];
const role = (
  name: string,
  statements: Statement[],
  { trust: letIn = [EC2], tags = {}, boundary }: Made = {},
) => ({
  RoleName: name,
  Arn: `${IAM}role/${name}`,
  AssumeRolePolicyDocument: { Version: '2012-10-17', Statement: letIn },
  RolePolicyList: own(statements),
  AttachedManagedPolicies: [],
  InstanceProfileList: [],
  Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
  ...(boundary !== undefined && { PermissionsBoundary: { PermissionsBoundaryArn: boundary } }),
});
const user = (name: string, statements: Statement[]) => ({
  UserName: name,
  Arn: `${IAM}user/${name}`,
  UserPolicyList: own(statements),
  AttachedManagedPolicies: [],
  GroupList: [],
  Tags: [],
});

const askedOf = async (account: Account, asked: Asked): Promise<{ answer: WhoCan; wrong: string[] }> => {
  const { reader } = memoryReader({ listing: ['fraud'], ...account });
  const read = await readAskedAccount([reader]);
  if (!read.ok) throw new Error(read.unread.message);
  const answer = whoCan(asked, read.value);
  return { answer, wrong: await notAllowed(reader, answer) };
};

/** Each principal but the root user by its name, with its answer, the roles on its way, and the conditions. */
const shortly = ({ principals }: WhoCan): Record<string, string> =>
  Object.fromEntries(
    principals
      .filter(({ kind }) => kind !== 'root')
      .map(({ arn, answer, through, steps }) => [
        arn.slice(arn.lastIndexOf('/') + 1),
        [
          answer,
          ...through.map(
            ({ role: to, service }) => `${service ?? 'assumes'} ${to.slice(to.lastIndexOf('/') + 1)}`,
          ),
          ...steps.flatMap(({ conditions }) => conditions.map(({ key, values }) => `${key}=${values}`)),
        ].join(', '),
      ]),
  );

describe('who can start a pipeline', () => {
  const boundary = `${IAM}policy/bounds`;
  const guarded: Account = {
    identities: {
      RoleDetailList: [
        role('starter', [START]),
        role('bounded', [START], { boundary }),
        role('floor', [
          allow('sagemaker:StartPipelineExecution', PIPELINE, {
            Condition: { NumericGreaterThanEquals: { 'sagemaker:PipelineVersionId': '6' } },
          }),
        ]),
        role(
          'tagged',
          [
            allow('sagemaker:*', '*', {
              Condition: { StringEquals: { 'aws:ResourceTag/team': `\${aws:PrincipalTag/team}` } },
            }),
          ],
          { tags: { team: 'fraud' } },
        ),
        role('untagged', [
          allow('sagemaker:*', '*', {
            Condition: { StringEquals: { 'aws:PrincipalTag/team': 'fraud' } },
          }),
        ]),
        role('elsewhere', [allow('sagemaker:StartPipelineExecution', `${SAGEMAKER}pipeline/churn`)]),
        role('blocked', [START]),
        role('reader', [allow('sagemaker:Describe*', '*')]),
      ],
      Policies: [
        {
          Arn: boundary,
          PolicyVersionList: [
            { IsDefaultVersion: true, Document: { Version: '2012-10-17', Statement: allow('s3:*', '*') } },
          ],
        },
      ],
    },
    organization: {
      scps: [
        {
          target: 'r-ab12',
          policies: [
            {
              name: 'guard',
              document: {
                Version: '2012-10-17',
                Statement: [
                  {
                    Effect: 'Deny',
                    Action: 'sagemaker:StartPipelineExecution',
                    Resource: '*',
                    Condition: { ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::*:role/blocked' } },
                  },
                ],
              },
            },
          ],
        },
      ],
      rcps: [],
    },
  };

  test('own policies, boundary, SCP, version and tags decide', async () => {
    const { answer, wrong } = await askedOf(guarded, { verb: 'start', resource: PIPELINE });
    expect(shortly(answer)).toEqual({
      starter: 'yes',
      bounded: 'no',
      floor: 'yes, sagemaker:PipelineVersionId=6',
      tagged: 'yes, aws:ResourceTag/team=fraud',
      untagged: 'no',
      elsewhere: 'no',
      blocked: 'no',
      reader: 'no',
    });
    expect(answer.principals.at(-1)).toMatchObject({ kind: 'root', answer: 'yes', isAdministrator: true });
    expect(wrong).toEqual([]);
  });

  test('a yes names the statement', async () => {
    const { answer } = await askedOf(guarded, { verb: 'start', resource: PIPELINE });
    const starter = answer.principals.find(({ arn }) => arn.endsWith('/starter'));
    expect(starter?.steps[0]?.statements).toContainEqual({
      layer: 'identity',
      policy: `${IAM}role/starter own`,
      statement: 0,
      pointer: '/Statement/0',
      effect: 'Allow',
    });
  });

  test('a version keeps nobody from a retry, and who may start may not retry', async () => {
    const { answer, wrong } = await askedOf(guarded, { verb: 'retry', resource: PIPELINE });
    expect(shortly(answer)).toMatchObject({
      starter: 'no',
      floor: 'no',
      tagged: 'yes, aws:ResourceTag/team=fraud',
    });
    expect(wrong).toEqual([]);
  });

  test('policies that cannot be read are never a no', async () => {
    const { answer } = await askedOf(
      {
        identities: {
          RoleDetailList: [
            { ...role('broken', []), AttachedManagedPolicies: [{ PolicyArn: `${IAM}policy/left-out` }] },
          ],
        },
      },
      { verb: 'start', resource: PIPELINE },
    );
    expect(shortly(answer)).toEqual({ broken: 'unknown' });
    expect(answer.principals[0]?.why).toContain('left-out');
  });
});

describe('ways through others', () => {
  const to = (name: string) => allow('sts:AssumeRole', `${IAM}role/${name}`);
  const account: Account = {
    identities: {
      UserDetailList: [user('first', [to('middle')]), user('untrusted', [allow('sts:AssumeRole', '*')])],
      RoleDetailList: [
        role('middle', [to('end')], { trust: [trust({ AWS: `${IAM}user/first` })] }),
        role('end', [START], {
          trust: [
            trust({ AWS: `${IAM}role/middle` }),
            trust({ AWS: '444455556666' }, { Condition: { StringEquals: { 'sts:ExternalId': 'x1' } } }),
          ],
        }),
        role('runner', [START], { trust: [trust({ Service: 'sagemaker.amazonaws.com' })] }),
        role('passer', [
          allow('iam:PassRole', `${IAM}role/runner`, {
            Condition: { StringEquals: { 'iam:PassedToService': 'sagemaker.amazonaws.com' } },
          }),
          allow('sagemaker:CreateTrainingJob', '*'),
        ]),
        role('perhaps', [
          allow('iam:PassRole', `${IAM}role/runner`),
          allow('sagemaker:CreateTrainingJob', '*', {
            Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } },
          }),
        ]),
        role('idle', [allow('iam:PassRole', `${IAM}role/runner`)]),
        role('wrong-service', [
          allow('iam:PassRole', `${IAM}role/runner`, {
            Condition: { StringEquals: { 'iam:PassedToService': 'lambda.amazonaws.com' } },
          }),
          allow(['sagemaker:CreateTrainingJob', 'lambda:*'], '*'),
        ]),
      ],
    },
  };

  test('a chain of two roles, and a role that is passed to a service which can be put to work', async () => {
    const { answer, wrong } = await askedOf(account, { verb: 'start', resource: PIPELINE });
    expect(shortly(answer)).toEqual({
      first: 'yes, assumes middle, assumes end',
      untrusted: 'no',
      middle: 'yes, assumes end',
      end: 'yes',
      runner: 'yes',
      passer: 'yes, sagemaker.amazonaws.com runner',
      perhaps: 'unknown, sagemaker.amazonaws.com runner',
      idle: 'no',
      'wrong-service': 'no',
    });
    expect(wrong).toEqual([]);
  });

  test('another account that a trust policy lets in is told, with the condition', async () => {
    const { answer } = await askedOf(account, { verb: 'start', resource: PIPELINE });
    expect(answer.outsiders).toEqual([
      {
        who: '444455556666',
        answer: 'yes',
        by: `${IAM}role/end`,
        at: `trust policy of ${IAM}role/end/Statement/1/Principal/AWS`,
        conditions: [{ key: 'sts:ExternalId', values: ['x1'] }],
      },
    ]);
  });
});

describe('another account behind a role', () => {
  const OTHER = trust({ AWS: 'arn:aws:iam::444455556666:root' });
  const account: Account = {
    identities: {
      RoleDetailList: [
        role('unreadable', [START, { Effect: 'Perhaps' }], { trust: [OTHER] }),
        role('from-office', [{ ...START, Condition: { StringEquals: { 'aws:SourceVpc': 'vpc-0a' } } }], {
          trust: [OTHER],
        }),
        role('other', [allow('s3:GetObject', '*')], { trust: [OTHER] }),
      ],
    },
  };

  test('is not known to be able where the role is not, and needs what the role needs', async () => {
    const { answer } = await askedOf(account, { verb: 'start', resource: PIPELINE });
    const network = { key: 'aws:SourceVpc', values: ['vpc-0a'] };
    expect(answer.outsiders.map(({ by, answer: can, conditions }) => ({ by, can, conditions }))).toEqual([
      { by: `${IAM}role/from-office`, can: 'yes', conditions: [network] },
      { by: `${IAM}role/unreadable`, can: 'unknown', conditions: [] },
    ]);
    expect(answer.outsiders[1]?.why).toMatch(`whether ${IAM}role/unreadable can is not known: `);
  });
});

test('where the pipelines of the Region could not be listed, it is told that the pipeline may not exist', async () => {
  const { reader } = memoryReader({ identities: { RoleDetailList: [role('starts', [START])] }, listing: [] });
  const read = await readAskedAccount([
    { ...reader, listPipelines: async () => notRead('ListPipelines', 'AccessDenied', 'denied by an SCP') },
  ]);
  if (!read.ok) throw new Error(read.unread.message);
  expect(whoCan({ verb: 'start', resource: PIPELINE }, read.value).notes).toContainEqual(
    expect.stringMatching(/^whether eu-west-1 has a pipeline of this name is not known: .*denied by an SCP/),
  );
  expect(whoCan({ verb: 'create-job', resource: 'fraud-' }, read.value).notes.join()).not.toMatch('pipeline');
});

describe('shares', () => {
  const sharing = (actions: string[]): Account => ({
    identities: { RoleDetailList: [] },
    shares: [
      aShare({
        pipelineArns: [PIPELINE],
        permissions: found([{ name: 'permission version 1', actions: found(actions) }]),
      }),
    ],
  });
  const RUN = [
    'DescribePipeline',
    'StartPipelineExecution',
    'StopPipelineExecution',
    'RetryPipelineExecution',
  ].map((name) => `sagemaker:${name}`);
  const outside = async (verb: 'start' | 'update' | 'retry', actions: string[]) =>
    (await askedOf(sharing(actions), { verb, resource: PIPELINE })).answer.outsiders;

  test('the permission to execute lets others start and retry, and not update', async () => {
    const share = {
      who: '444455556666',
      answer: 'yes',
      by: SHARE_ARN,
      at: 'permission version 1',
      conditions: [],
    };
    expect(await outside('start', RUN)).toEqual([share]);
    expect(await outside('retry', RUN)).toEqual([share]);
    expect(await outside('update', RUN)).toEqual([]);
  });

  test('the permission to read lets nobody start', async () => {
    expect(await outside('start', ['sagemaker:DescribePipeline'])).toEqual([]);
  });
});

describe('who can pass a role, and create jobs', () => {
  const JOB_ROLE = `${IAM}role/job`;
  const pass = (service: string) =>
    allow('iam:PassRole', JOB_ROLE, { Condition: { StringEquals: { 'iam:PassedToService': service } } });
  const create = (kind: string, pattern: string) =>
    allow(`sagemaker:Create${kind}`, `arn:aws:sagemaker:*:111122223333:${pattern}`);
  const account: Account = {
    identities: {
      RoleDetailList: [
        role('job', [allow('logs:*', '*')], {
          trust: [trust({ Service: 'sagemaker.amazonaws.com' })],
          tags: { team: 'fraud' },
        }),
        role('creator', [create('TrainingJob', 'training-job/fraud-*'), pass('sagemaker.amazonaws.com')]),
        role('no-pass', [create('TrainingJob', 'training-job/fraud-*')]),
        role('transforms', [create('TransformJob', 'transform-job/fraud-*')]),
        role('other-prefix', [
          create('TrainingJob', 'training-job/churn-*'),
          pass('sagemaker.amazonaws.com'),
        ]),
        role('wider', [create('ProcessingJob', 'processing-job/fra*'), pass('sagemaker.amazonaws.com')]),
        role('narrower', [create('AutoMLJobV2', 'automl-job/fraud-eu-*'), pass('sagemaker.amazonaws.com')]),
        role('denied', [
          create('TrainingJob', 'training-job/*'),
          { ...create('TrainingJob', 'training-job/fraud-*'), Effect: 'Deny' },
          pass('sagemaker.amazonaws.com'),
        ]),
        role('to-lambda', [create('TrainingJob', '*'), pass('lambda.amazonaws.com')]),
        role('by-tag', [
          create('TrainingJob', '*'),
          allow('iam:PassRole', '*', { Condition: { StringEquals: { 'iam:ResourceTag/team': 'fraud' } } }),
        ]),
        role('by-other-tag', [
          create('TrainingJob', '*'),
          allow('iam:PassRole', '*', { Condition: { StringEquals: { 'iam:ResourceTag/team': 'churn' } } }),
        ]),
      ],
    },
  };

  test('a job takes a name with the prefix, and a role, but for a transform job', async () => {
    const { answer, wrong } = await askedOf(account, { verb: 'create-job', resource: 'fraud-' });
    expect(shortly(answer)).toEqual({
      job: 'no',
      creator: 'yes',
      'no-pass': 'no',
      transforms: 'yes',
      'other-prefix': 'no',
      wider: 'yes',
      narrower: 'yes',
      denied: 'no',
      'to-lambda': 'no',
      'by-tag': 'yes',
      'by-other-tag': 'no',
    });
    expect(wrong).toEqual([]);
  });

  test('who may pass a role to some service can', async () => {
    const { answer, wrong } = await askedOf(account, { verb: 'pass', resource: JOB_ROLE });
    expect(shortly(answer)).toMatchObject({
      creator: 'yes',
      'no-pass': 'no',
      'to-lambda': 'yes',
      'by-tag': 'yes',
      'by-other-tag': 'no',
    });
    expect(wrong).toEqual([]);
  });
});
