import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { control } from '../../../shared/controls/execution-role-least-privilege.ts';
import { describeCases } from '../../support/builders/cases.ts';
import { controlCases, step, verdictsOf } from '../../support/builders/control-cases.ts';
import {
  managedPolicies,
  pipelineIn,
  principalFacts,
  ROLE,
  type Stated,
  scpsOf,
} from '../../support/builders/principal-facts.ts';

const OWN = `${ROLE} own`;
const jobs = (name: string, type = 'training-job') =>
  `arn:aws:sagemaker:eu-west-1:111122223333:${type}/${name}`;
const allow = (Action: string | string[], Resource: string | string[] = '*', more: object = {}) => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...more,
});
const deny = (Action: string | string[], more: object) => ({ Effect: 'Deny', Action, ...more });

const CREATE = 'sagemaker:CreateTrainingJob';
const OWN_JOBS = allow([CREATE, 'sagemaker:DescribeTrainingJob'], jobs('fraud-train-*'));
const OWN_DATA = allow(['s3:GetObject', 's3:PutObject'], 'arn:aws:s3:::acme-fraud/*');
const TRAIN = step('Train', 'Training', { TrainingJobName: 'fraud-train' });
const PIPELINES = { 'fraud-daily': { steps: [TRAIN] } };

const told = (at: string, found: string) => ({
  evidence: [[at, found] as [string, string]],
  isMended: false,
});

describe(control.id, () => {
  controlCases<Stated>(control, {
    given: ({ pipelines = PIPELINES, config = {}, ...stated }) => ({
      facts: principalFacts({ pipelines, config, ...stated }),
      config,
    }),
    passes: {
      'what its pipelines need': { allow: [OWN_JOBS, OWN_DATA] },
      'nothing at all': {},
      'names under a wider prefix, buckets of a name': {
        allow: [allow('sagemaker:*', jobs('fraud-*')), allow('s3:*', 'arn:aws:s3:::acme-*/*')],
      },
      'letters of the alphabet, which many names begin with': {
        allow: [allow(CREATE, jobs('a*')), allow('s3:GetObject', 'arn:aws:s3:::a*/*')],
      },
      'some roles to pass': {
        allow: [allow('iam:PassRole', 'arn:aws:iam::111122223333:role/steps/*')],
      },
      'everything, within a boundary': {
        allow: [allow(['sagemaker:*', 's3:*'])],
        boundary: [OWN_JOBS, OWN_DATA],
      },
      'everything, within an SCP': {
        allow: [allow('s3:*')],
        organization: scpsOf(deny('s3:*', { NotResource: 'arn:aws:s3:::acme-*' })),
      },
      'everything, and a Deny that leaves little': {
        allow: [allow('s3:*'), deny('s3:*', { NotResource: 'arn:aws:s3:::acme-fraud/*' })],
      },
      'every read under a condition that never holds': {
        allow: [
          allow('s3:GetObject', '*', { Condition: { StringEquals: { 'aws:RequestedRegion': 'us-east-1' } } }),
        ],
      },
      'any role to pass to another service': {
        allow: [
          allow('iam:PassRole', '*', {
            Condition: { StringEquals: { 'iam:PassedToService': 'ec2.amazonaws.com' } },
          }),
        ],
      },
      'any name, of a role that a prefix is bound to': {
        allow: [allow(CREATE)],
        config: { prefixes: [{ prefix: 'fraud-train', roles: [ROLE] }] },
      },
      'any role to pass, of a role that can create jobs, where roles are listed': {
        allow: [OWN_JOBS, allow('iam:PassRole')],
        config: { roles: { steps: ['arn:aws:iam::111122223333:role/steps/*'] } },
      },
    },
    fails: {},
    warns: {
      'jobs under any name': {
        allow: [allow(CREATE)],
        told: {
          ...told(`${OWN}/Statement/0`, `it may create a training-job under any name (${CREATE})`),
          expected: 'what its pipelines need',
          remedy:
            'Write the policy that the role needs for fraud-daily: pipewarden generate execution-role FILE, where FILE is the output of aws sagemaker describe-pipeline --pipeline-name fraud-daily',
        },
      },
      'any bucket, by s3:*': {
        allow: [OWN_JOBS, allow('s3:*')],
        told: told(`${OWN}/Statement/1`, 'it may read any bucket (s3:GetObject)'),
      },
      'any bucket, by NotAction': {
        allow: [{ Effect: 'Allow', NotAction: ['iam:*', 'sagemaker:*'], Resource: '*' }],
        told: told(`${OWN}/Statement/0`, 'it may read any bucket'),
      },
      'any bucket but some, by NotResource': {
        allow: [{ Effect: 'Allow', Action: 's3:Get*', NotResource: 'arn:aws:s3:::secret*' }],
        told: told(`${OWN}/Statement/0`, 'it may read any bucket'),
      },
      'any bucket, by a wildcard in the middle': {
        allow: [allow('s3:Get*', 'arn:aws:s3:::*/*')],
        told: told(`${OWN}/Statement/0`, 'it may read any bucket'),
      },
      'any bucket, by a second statement': {
        allow: [OWN_DATA, allow('s3:GetObject')],
        told: told(`${OWN}/Statement/1`, 'it may read any bucket'),
      },
      'any role to pass': {
        allow: [allow('iam:PassRole')],
        told: told(`${OWN}/Statement/0`, 'it may pass any role (iam:PassRole)'),
      },
      'any role to pass to SageMaker, where no roles are listed': {
        allow: [
          OWN_JOBS,
          allow('iam:PassRole', '*', {
            Condition: { StringEquals: { 'iam:PassedToService': 'sagemaker.amazonaws.com' } },
          }),
        ],
        told: told(`${OWN}/Statement/1`, 'it may pass any role'),
      },
      'any role to pass, of a role that creates no jobs, where roles are listed': {
        allow: [allow('iam:PassRole')],
        config: { roles: { steps: ['arn:aws:iam::111122223333:role/steps/*'] } },
        told: told(`${OWN}/Statement/0`, 'it may pass any role'),
      },
      'any name, where a prefix is bound to another role': {
        allow: [allow(CREATE)],
        config: { prefixes: [{ prefix: 'fraud-train', roles: ['arn:aws:iam::111122223333:role/other'] }] },
        told: told(`${OWN}/Statement/0`, 'under any name'),
      },
      'all at once is one finding, and the advice lists what a policy of the needs would leave out': {
        allow: [allow(['sagemaker:CreateTrainingJob', 's3:*', 'iam:PassRole', 'glue:GetTable'])],
        attached: {
          'arn:aws:iam::111122223333:policy/wide': {
            Version: '2012-10-17',
            Statement: [{ Effect: 'Allow', NotAction: ['iam:*', 'sagemaker:*'], Resource: '*' }],
          },
        },
        told: {
          evidence: [
            [`${OWN}/Statement/0`, 'training-job under any name'],
            [`${OWN}/Statement/0`, 'read any bucket'],
            [`${OWN}/Statement/0`, 'pass any role'],
          ],
          remedy:
            'may do today: s3:*, glue:GetTable, all actions except iam:*, sagemaker:*. Ask who else uses',
          isMended: false,
        },
      },
    },
    isNotAvailable: {
      'reads of what only the object’s tags tell': {
        allow: [
          allow('s3:GetObject', '*', {
            Condition: { StringEquals: { 's3:ExistingObjectTag/SageMaker': 'true' } },
          }),
        ],
        told: { evidence: [[`${ROLE} own/Statement/0`, 's3:ExistingObjectTag/SageMaker is not known']] },
      },
    },
    isNotApplicable: {
      'no pipeline runs under it': { pipelines: {}, allow: [allow('s3:*')] },
      'a step role': {
        arn: 'arn:aws:iam::111122223333:role/steps/train',
        pipelines: {
          'fraud-daily': {
            steps: [step('Train', 'Training', { RoleArn: 'arn:aws:iam::111122223333:role/steps/train' })],
          },
        },
        allow: [allow('s3:*')],
      },
      'an administrator': { allow: [allow('*')] },
    },
  });
});

test('the advice names what CloudTrail shows in use beyond the needs of pipelines', () => {
  const use = (action: string, resource?: string) => ({
    action,
    ...(resource !== undefined && { resource }),
    keys: {},
    times: 2,
    last: '2026-11-20T10:00:00Z',
  });

  const facts = principalFacts({
    allow: [allow('s3:*'), allow('sagemaker:*')],
    pipelines: {
      'fraud-daily': { steps: [step('Train', 'Training', { TrainingJobName: 'fraud-train' })] },
    },
    recorded: {
      records: 9,
      tellsObjects: false,
      unread: [],
      assumptions: [],
      untold: [],
      uses: [
        use('glue:GetTable'),
        use('sagemaker:CreateTrainingJob', jobs('vision-1')),
        use('sagemaker:CreateTrainingJob', jobs('fraud-train-1')),
      ],
    },
  });
  const [verdict] = verdictsOf(control, { facts });
  const text = verdict && 'remediation' in verdict ? verdict.remediation.text : '';
  const last = '(2 times, last at 2026-11-20T10:00:00Z)';
  expect(text).toContain(
    `CloudTrail shows that it did what no pipeline is known to need: glue:GetTable on a resource that is not told ${last}, sagemaker:CreateTrainingJob on ${jobs('vision-1')} ${last}. Ask who else`,
  );
});

test('the advice names the file for each pipeline, and what containers are told that no input covers', () => {
  const facts = principalFacts({
    allow: [allow('sagemaker:*')],
    pipelines: {
      'fraud-daily': {
        steps: [
          step('Prepare', 'Processing', {
            AppSpecification: { ContainerArguments: ['--seed', 's3://acme-seed/claims.csv'] },
          }),
        ],
      },
      churn: { steps: [] },
    },
  });
  const [verdict] = verdictsOf(control, { facts });
  const text = verdict && 'remediation' in verdict ? verdict.remediation.text : '';
  expect(text).toContain(
    'pipewarden generate execution-role FILE for each of fraud-daily, churn, where FILE is the output of aws sagemaker describe-pipeline --pipeline-name NAME (in a snapshot: sagemaker/pipelines/NAME/pipeline.json), and put the statements of all into one policy.',
  );
  expect(text).toContain(
    'The definitions do not tell all that the role needs: Prepare: its container is told s3://acme-seed/claims.csv',
  );
});

describeCases('pipelines/generated', `${control.id} with AWS’s own policies`, (folder) => {
  test.each([
    '01_abalone_noprefix_onerole.json',
    '02_abalone_prefix_steproles.json',
    '06_allsteps_prefix.json',
  ])(
    '%s: AmazonSageMakerFullAccess is more than is needed, and the advice names the services that a policy of the needs would leave out',
    (file) => {
      const facts = principalFacts({
        attached: managedPolicies('AmazonSageMakerFullAccess'),
        pipelines: { real: pipelineIn(join(folder, file)) },
      });
      expect(verdictsOf(control, { facts })).toMatchObject([
        {
          status: 'WARNING',
          evidence: expect.arrayContaining([
            expect.objectContaining({ found: expect.stringContaining('training-job under any name') }),
          ]),
          remediation: {
            text: expect.stringMatching(
              /may do today: \d+ actions of \w+ \(.* and \d+ more\), .*actions of ecr \(/,
            ),
          },
        },
      ]);
    },
  );
});
