import { describe, expect, test } from '@jest/globals';
import { control } from '../../../shared/controls/step-isolation.ts';
import { unreadLayer } from '../../../shared/facts/account-evidence.ts';
import type { Json } from '../../../shared/json/json.ts';
import { stepsWithRoles } from '../../../shared/needs/pipeline-use.ts';
import { describeCases } from '../../support/builders/cases.ts';
import {
  type ControlCases,
  condition,
  controlCases,
  definitionOf,
  type Given,
  mended,
  step,
  verdictsOf,
} from '../../support/builders/control-cases.ts';
import {
  managedPolicies,
  pipelineIn,
  principalFacts,
  ROLE,
  type Stated,
} from '../../support/builders/principal-facts.ts';

const TRAIN = 'arn:aws:iam::111122223333:role/steps/train';
const REPORT = 'arn:aws:iam::111122223333:role/steps/report';

const train = (more: object = {}, args: object = {}): object =>
  step(
    'Train',
    'Training',
    {
      RoleArn: TRAIN,
      InputDataConfig: [
        { ChannelName: 'train', DataSource: { S3DataSource: { S3Uri: 's3://acme-data/fraud' } } },
      ],
      OutputDataConfig: { S3OutputPath: 's3://acme-models/fraud' },
      ...args,
    },
    more,
  );

const report = (more: object = {}, args: object = {}): object =>
  step(
    'Report',
    'Processing',
    {
      RoleArn: REPORT,
      ProcessingInputs: [{ InputName: 'in', S3Input: { S3Uri: 's3://acme-data/report/' } }],
      ProcessingOutputConfig: {
        Outputs: [{ OutputName: 'out', S3Output: { S3Uri: 's3://acme-reports/daily' } }],
      },
      ...args,
    },
    more,
  );

/** Facts of a step's role; `of` where a pipeline is judged. */
type Case = Stated & {
  of?: 'pipeline';
  steps?: object[];
  isolation?: 'required' | 'optional';
  unreadBucket?: string;
};

const given = ({ of, steps = [train(), report()], isolation, unreadBucket, ...stated }: Case): Given => {
  const config = isolation ? { roles: { isolation } } : {};
  if (of) {
    const roles = stepsWithRoles({ name: 'fraud-daily', roleArn: ROLE }, definitionOf(steps));
    return { facts: { isolation: { of, executionRoleArn: ROLE, steps: roles } }, config };
  }
  const facts = principalFacts({ arn: TRAIN, pipelines: { 'fraud-daily': { steps } }, ...stated });
  const unread = { call: 'GetBucketPolicy', code: 'AccessDenied', message: 'not allowed' };
  const fact = facts.isolation;
  if (unreadBucket === undefined || fact?.of !== 'role') return { facts, config };
  const buckets = new Map([[unreadBucket, unreadLayer(`policy of ${unreadBucket}`, 'resource', unread)]]);
  return { facts: { isolation: { ...fact, resourcePolicies: { buckets, keys: new Map() } } }, config };
};

const may = (Action: string | string[], Resource: string | string[], more: object = {}): object => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...more,
});
const OWN = may('s3:PutObject', 'arn:aws:s3:::acme-models/fraud/*');
const OPEN = may('s3:*', '*');
const at = (index: number, found: string): [string, string] => [`${TRAIN} own/Statement/${index}`, found];

const fails = {
  'all buckets': {
    allow: [OPEN],
    told: {
      evidence: [
        at(0, 'allows s3:PutObject on arn:aws:s3:::acme-data/report/'),
        at(0, 'allows s3:PutObject on arn:aws:s3:::acme-reports/daily/'),
      ],
      expected:
        'denied: step Report (/Steps/1/Arguments/ProcessingInputs/0/S3Input/S3Uri) of pipeline fraud-daily uses it, and step Train is not related to it',
      remedy: `Let ${TRAIN} write the outputs of its own steps alone`,
    },
  },
  'the bucket of what another step reads': {
    allow: [OWN, may('s3:PutObject', 'arn:aws:s3:::acme-data/*')],
    told: { evidence: [at(1, 'acme-data/report/')] },
  },
  'to delete alone': {
    allow: [OWN, may('s3:Delete*', 'arn:aws:s3:::acme-reports/*')],
    told: { evidence: [at(1, 'allows s3:DeleteObject on arn:aws:s3:::acme-reports/daily/')] },
  },
  'one object in the place': {
    allow: [OWN, may('s3:PutObject', 'arn:aws:s3:::acme-data/report/2026/labels.csv')],
    told: { evidence: [at(1, 'acme-data/report/2026/labels.csv')] },
  },
  'wildcards in the middle': {
    allow: [OWN, may('s3:PutObject', 'arn:aws:s3:::acme-*/*/*.csv')],
    told: { evidence: [at(1, 'acme-data/report/'), at(1, 'acme-reports/daily/')] },
  },
  NotAction: {
    allow: [{ Effect: 'Allow', NotAction: ['s3:Get*', 'iam:*'], Resource: 'arn:aws:s3:::acme-reports/*' }],
    told: { evidence: [at(0, 's3:PutObject')] },
  },
  'NotResource that leaves out one of the places': {
    allow: [{ Effect: 'Allow', Action: 's3:PutObject', NotResource: 'arn:aws:s3:::acme-data/*' }],
    told: { evidence: [at(0, 'acme-reports/daily/')] },
  },
  'a Deny for another prefix alone': {
    allow: [
      may('s3:PutObject', 'arn:aws:s3:::acme-data/*'),
      { Effect: 'Deny', Action: 's3:*', Resource: 'arn:aws:s3:::acme-data/fraud/*' },
    ],
    told: { evidence: [at(0, 'acme-data/report/')] },
  },
  'a Deny of other objects in the place': {
    allow: [
      may('s3:PutObject', 'arn:aws:s3:::acme-data/report/*.csv'),
      { Effect: 'Deny', Action: 's3:*', Resource: 'arn:aws:s3:::acme-data/report/a*' },
    ],
    told: { evidence: [at(0, 'acme-data/report/')] },
  },
  'the policy of the bucket allows it': {
    allow: [OWN],
    buckets: {
      'acme-reports': {
        Version: '2012-10-17',
        Statement: [
          {
            Sid: 'Everyone',
            Effect: 'Allow',
            Principal: { AWS: TRAIN },
            Action: 's3:PutObject',
            Resource: 'arn:aws:s3:::acme-reports/*',
          },
        ],
      },
    },
    told: {
      evidence: [['policy of bucket acme-reports/Statement/0', 'acme-reports/daily/']],
      remedy: 'What lets it in is statement Everyone of the policy of bucket acme-reports',
    },
  },
  'a bucket that asks the writer for what any writer can send': {
    allow: [OWN, may('s3:PutObject', 'arn:aws:s3:::acme-reports/*')],
    buckets: {
      'acme-reports': {
        Version: '2012-10-17',
        Statement: [
          { NumericLessThan: { 's3:TlsVersion': '1.2' } },
          { StringNotEquals: { 's3:x-amz-server-side-encryption': 'aws:kms' } },
          { StringNotEquals: { 's3:x-amz-acl': 'bucket-owner-full-control' } },
        ].map((Condition) => ({
          Effect: 'Deny',
          Principal: '*',
          Action: 's3:PutObject',
          Resource: 'arn:aws:s3:::acme-reports/*',
          Condition,
        })),
      },
    },
    told: { evidence: [at(1, 'acme-reports/daily/')] },
  },
  'a role that writes nothing itself': {
    allow: [may('s3:PutObject', 'arn:aws:s3:::acme-reports/*')],
    steps: [train({}, { OutputDataConfig: undefined }), report()],
    told: { evidence: [at(0, 'acme-reports/daily/')] },
  },
  'two steps away: related to neither end': {
    allow: [OWN, may('s3:PutObject', 'arn:aws:s3:::acme-reports/*')],
    steps: [
      train(),
      step('Middle', 'Processing', { RoleArn: ROLE }, { DependsOn: ['Train'] }),
      report({ DependsOn: ['Middle'] }),
    ],
    told: { evidence: [at(1, 'acme-reports/daily/')] },
  },
  'a step under the execution role, in a Condition': {
    allow: [OWN, may('s3:PutObject', 'arn:aws:s3:::acme-reports/*')],
    steps: [train(), condition('Gate', [report({}, { RoleArn: undefined })])],
    told: { evidence: [at(1, 'acme-reports/daily/')], expected: '/IfSteps/0/' },
  },
} satisfies ControlCases<Case>['fails'];

const model = step('Model', 'Model', { ExecutionRoleArn: REPORT });
const transform = step('Score', 'Transform', { ModelName: { Get: 'Steps.Model.ModelName' } });

describe(control.id, () => {
  controlCases<Case>(control, {
    given,
    passes: {
      'its own outputs alone': { allow: [OWN] },
      'a bucket of AWS’s own, from which another step reads': {
        allow: [OWN, may('s3:PutObject', 'arn:aws:s3:::jumpstart-*')],
        steps: [
          train(),
          report(
            {},
            {
              ProcessingInputs: [{ S3Input: { S3Uri: 's3://jumpstart-cache-prod-eu-west-1/llm/' } }],
              ProcessingOutputConfig: undefined,
            },
          ),
        ],
      },
      'to read everything': { allow: [OWN, may('s3:Get*', '*')] },
      'a prefix that only begins like another step’s place': {
        allow: [OWN, may('s3:PutObject', 'arn:aws:s3:::acme-reports/daily-train/*')],
      },
      'all buckets, within a boundary': { allow: [OPEN], boundary: [OWN] },
      'all buckets, but for a Deny': {
        allow: [
          OPEN,
          { Effect: 'Deny', Action: ['s3:Put*', 's3:Delete*'], NotResource: 'arn:aws:s3:::acme-models/*' },
        ],
      },
      'all buckets, and the policies of the buckets deny it': {
        allow: [OPEN],
        buckets: Object.fromEntries(
          ['acme-data', 'acme-reports'].map((bucket): [string, Json] => [
            bucket,
            {
              Version: '2012-10-17',
              Statement: [
                {
                  Effect: 'Deny',
                  Principal: '*',
                  Action: ['s3:PutObject', 's3:DeleteObject'],
                  Resource: `arn:aws:s3:::${bucket}/*`,
                  Condition: { ArnNotLike: { 'aws:PrincipalArn': REPORT } },
                },
              ],
            },
          ]),
        ),
      },
      'a folder of its own in a bucket that another step writes to as a whole': {
        allow: [OWN, may('s3:PutObject', 'arn:aws:s3:::acme-reports/train/*')],
        steps: [
          train(),
          report({}, { ProcessingOutputConfig: { Outputs: [{ S3Output: { S3Uri: 's3://acme-reports' } }] } }),
        ],
      },
      'what it must write for a step of another pipeline': {
        allow: [OWN, may('s3:PutObject', 'arn:aws:s3:::acme-reports/daily/*')],
        pipelines: {
          'fraud-daily': { steps: [train(), report()] },
          'fraud-weekly': {
            steps: [report({}, { RoleArn: TRAIN })],
          },
        },
      },
      'a condition that never holds': {
        allow: [OPEN].map((open) => ({
          ...open,
          Condition: { StringEquals: { 'aws:PrincipalAccount': '999988887777' } },
        })),
      },
      'a pipeline with a role for each step': { of: 'pipeline', isolation: 'required' },
      'a transform under the role of its model': {
        of: 'pipeline',
        isolation: 'required',
        steps: [train(), model, transform],
      },
      'a step that names its role twice': {
        of: 'pipeline',
        isolation: 'required',
        steps: [step('Tune', 'Tuning', { TrainingJobDefinitions: [{ RoleArn: TRAIN }, { RoleArn: TRAIN }] })],
      },
    },
    fails: mended(fails),
    warns: {
      'two steps of one role': {
        of: 'pipeline',
        isolation: 'required',
        steps: [train(), report({}, { RoleArn: TRAIN })],
        told: {
          evidence: [['/Steps/0/Arguments/RoleArn', `${TRAIN} runs the steps Train, Report`]],
          expected: 'a role of its own for each step',
        },
      },
      'two steps of the execution role': {
        of: 'pipeline',
        isolation: 'required',
        steps: [train({}, { RoleArn: undefined }), condition('Gate', [report({}, { RoleArn: undefined })])],
        told: { evidence: [['/Steps/0/Arguments', 'the execution role runs the steps Train, Report']] },
      },
      'a step under the role of the model of another': {
        of: 'pipeline',
        isolation: 'required',
        steps: [model, transform, report()],
        told: { evidence: [['/Steps/0/Arguments/ExecutionRoleArn', 'runs the steps Model, Report']] },
      },
    },
    isNotAvailable: {
      'a condition on what only the job’s request tells': {
        allow: [
          OWN,
          may('s3:PutObject', '*', { Condition: { StringEquals: { 'aws:SourceVpce': 'vpce-1a2b3c4d' } } }),
        ],
        told: { evidence: [at(1, 'aws:SourceVpce')] },
      },
      'the policy of a bucket could not be read': {
        allow: [OWN],
        unreadBucket: 'acme-reports',
        told: { evidence: [['policies', 'policy of acme-reports cannot be read']] },
      },
    },
    isNotApplicable: {
      'all buckets, and the other step comes after it': {
        allow: [OPEN],
        steps: [train(), report({ DependsOn: ['Train'] })],
      },
      'all buckets, and the other step uses its output': {
        allow: [OPEN],
        steps: [
          train(),
          report(
            {},
            {
              ProcessingInputs: [
                { S3Input: { S3Uri: { Get: 'Steps.Train.ModelArtifacts.S3ModelArtifacts' } } },
              ],
            },
          ),
        ],
      },
      'all buckets, and the other step reads what it writes': {
        allow: [OPEN],
        steps: [
          train(),
          report({}, { ProcessingInputs: [{ S3Input: { S3Uri: 's3://acme-models/fraud' } }] }),
        ],
      },
      'a role of a step without unrelated ones': { allow: [OPEN], steps: [train()] },
      'steps of one role alone, of which none can be kept from the other': {
        allow: [OPEN],
        steps: [train(), report({}, { RoleArn: TRAIN })],
      },
      'the execution role': { arn: ROLE, allow: [OPEN] },
      'an administrator': { allow: [may('*', '*')] },
      'a pipeline, where isolation is not required': {
        of: 'pipeline',
        steps: [train(), report({}, { RoleArn: TRAIN })],
        isolation: 'optional',
      },
    },
  });

  test('gives a limited number of objects', () => {
    const many = Array.from({ length: 30 }, (_, index) =>
      step(`Report${index}`, 'Processing', {
        RoleArn: REPORT,
        ProcessingInputs: [{ S3Input: { S3Uri: `s3://acme-data/report-${index}/` } }],
      }),
    );
    const [verdict] = verdictsOf(control, given({ allow: [OPEN], steps: [train(), ...many] }));
    expect(verdict && 'evidence' in verdict ? verdict.evidence.length : 0).toBe(20);
  });

  describeCases('pipelines/generated', 'pipelines of the SDK with roles of steps', (folder) => {
    const BUCKET = 'arn:aws:s3:::sagemaker-us-east-1-111122223333';
    const statusesOf = (file: string, role: string, allow: object[]) =>
      verdictsOf(
        control,
        given({
          arn: `arn:aws:iam::111122223333:role/${role}`,
          allow,
          pipelines: { churn: pipelineIn(`${folder}/${file}.json`) },
        }),
      ).map(({ status }) => status);

    test.each<[string, string, object[], string]>([
      ['06_allsteps_prefix', 'ProcRole', [may('s3:*', `${BUCKET}/*`)], 'FAILED'],
      ['06_allsteps_prefix', 'ProcRole', [may('s3:*', `${BUCKET}/All/*/Proc/*`)], 'PASSED'],
      ['06_allsteps_prefix', 'CheckRole', [may('s3:PutObject', `${BUCKET}/d?/*`)], 'PASSED'],
      ['06_allsteps_prefix', 'CheckRole', [may('s3:PutObject', `${BUCKET}/t*`)], 'FAILED'],
      ['02_abalone_prefix_steproles', 'ProcRole', [may('s3:PutObject', `${BUCKET}/models/*`)], 'FAILED'],
      ['02_abalone_prefix_steproles', 'TrainRole', [may('s3:*', '*')], 'NOT_APPLICABLE'],
    ])('%s, %s', (file, role, allow, status) => {
      expect(statusesOf(file, role, allow)).toEqual([status]);
    });

    test('a managed policy for a role of its own is too much', () => {
      const [document] = Object.values(managedPolicies('AmazonSageMakerFullAccess'));
      const { Statement } = document as { Statement: object[] };
      expect(statusesOf('06_allsteps_prefix', 'ProcRole', Statement)).toEqual(['FAILED']);
    });
  });
});
