import { describe, expect, test } from '@jest/globals';
import { control } from '../../../shared/controls/step-role-data-access.ts';
import { unreadLayer } from '../../../shared/facts/account-evidence.ts';
import type { Json } from '../../../shared/json/json.ts';
import { describeCases } from '../../support/builders/cases.ts';
import {
  type ControlCases,
  controlCases,
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
const KEY = 'arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';

const train = (args: object = {}): object =>
  step('Train', 'Training', {
    RoleArn: TRAIN,
    InputDataConfig: [
      { ChannelName: 'train', DataSource: { S3DataSource: { S3Uri: 's3://acme-data/fraud/' } } },
    ],
    OutputDataConfig: { S3OutputPath: 's3://acme-models/fraud' },
    ...args,
  });
const channel = (key: string, S3DataType = 'S3Prefix'): object => ({
  ChannelName: key,
  DataSource: { S3DataSource: { S3Uri: `s3://acme-data/${key}`, S3DataType } },
});
const encrypted = train({ OutputDataConfig: { S3OutputPath: 's3://acme-models/fraud', KmsKeyId: KEY } });

type Case = Stated & { steps?: object[]; unreadBucket?: string };

const given = ({ steps = [train()], unreadBucket, ...stated }: Case): Given => {
  const facts = principalFacts({ arn: TRAIN, pipelines: { 'fraud-daily': { steps } }, ...stated });
  const unread = { call: 'GetBucketPolicy', code: 'AccessDenied', message: 'not allowed' };
  const layer = unreadLayer('policy of the bucket', 'resource', unread);
  if (unreadBucket === undefined) return { facts };
  return {
    facts: { ...facts, resourcePolicies: { buckets: new Map([[unreadBucket, layer]]), keys: new Map() } },
  };
};

const may = (Action: string | string[], Resource: string | string[], more: object = {}): object => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...more,
});
const LISTABLE = 'arn:aws:s3:::acme-data';
const READ = may(['s3:GetObject', 's3:ListBucket'], [LISTABLE, `${LISTABLE}/fraud/*`]);
const WRITE = may('s3:PutObject', 'arn:aws:s3:::acme-models/fraud/*');
const OWN = [READ, WRITE];
const via = (service: string): object => ({ Condition: { StringEquals: { 'kms:ViaService': service } } });
const MODELS_TO_READ = may('s3:GetObject', 'arn:aws:s3:::acme-models/*');
const denyModels = (key: string): object => ({
  Effect: 'Deny',
  Action: 's3:GetObject',
  Resource: `arn:aws:s3:::acme-models/${key}`,
});
/** A step that trains a model, and one that reads it from a folder with the name of the first one’s job. */
const modelRead = [
  train({ TrainingJobName: 'fraud-train' }),
  step('Tune', 'Training', {
    RoleArn: TRAIN,
    InputDataConfig: [
      {
        ChannelName: 'model',
        DataSource: {
          S3DataSource: {
            S3DataType: 'S3Object',
            S3Uri: { Get: 'Steps.Train.ModelArtifacts.S3ModelArtifacts' },
          },
        },
      },
    ],
  }),
];
const NETWORK = may('ec2:*', '*');
const ec2 = (resource: string): string => `arn:aws:ec2:eu-west-1:111122223333:${resource}`;
const DESCRIBE = may('ec2:Describe*', '*');
const inVpc = train({ VpcConfig: { Subnets: ['subnet-1a2b3c4d'], SecurityGroupIds: ['sg-1a2b3c4d'] } });
/** May create interfaces in the subnet and with the group that `inVpc` names, and in no others. */
const INTERFACES = [
  DESCRIBE,
  may('ec2:CreateNetworkInterface*', [
    ec2('network-interface/*'),
    ec2('subnet/subnet-1a2b3c4d'),
    ec2('security-group/sg-1a2b3c4d'),
  ]),
];
const bucketPolicy = (...Statement: object[]): Json => ({
  Version: '2012-10-17',
  Statement: Statement as Json[],
});
const perimeter = {
  scps: [
    {
      target: 'r-a1b2',
      policies: [
        {
          name: 'perimeter',
          document: bucketPolicy(may('*', '*'), {
            Effect: 'Deny',
            Action: 's3:*',
            Resource: '*',
            Condition: { StringNotEquals: { 'aws:SourceVpc': 'vpc-1a2b3c4d' } },
          }),
        },
      ],
    },
  ],
  rcps: [],
};
const KEY_IN_REQUEST = 's3:x-amz-server-side-encryption-aws-kms-key-id';
const statementOf = (Effect: string, Action: string): object => ({ Effect, Action, Resource: '*' });
const deny = (Action: string, Condition: object): object => ({
  ...statementOf('Deny', Action),
  Principal: '*',
  Condition,
});
/** An organization with one SCP, which denies everything, or one action, under a condition. */
const ofScp = (Condition: object, Action = '*'): NonNullable<Stated['organization']> => ({
  scps: [
    {
      target: 'r-a1b2',
      policies: [
        { name: 'p', document: bucketPolicy(may('*', '*'), { ...statementOf('Deny', Action), Condition }) },
      ],
    },
  ],
  rcps: [],
});
const keyPolicy = (Action = 'kms:*'): Json =>
  bucketPolicy({
    Effect: 'Allow',
    Principal: { AWS: 'arn:aws:iam::111122223333:root' },
    Action,
    Resource: '*',
  });
const at = (place: string, found: string): [string, string] => [`${TRAIN} own/Statement/${place}`, found];

const fails = {
  'a role without policies for S3': {
    allow: [may('logs:PutLogEvents', '*')],
    told: {
      evidence: [
        ['identity policies', 's3:GetObject on arn:aws:s3:::acme-data/fraud/*'],
        ['identity policies', 's3:ListBucket on arn:aws:s3:::acme-data'],
        ['identity policies', 's3:PutObject on arn:aws:s3:::acme-models/fraud/pipelines-*'],
      ],
      expected:
        'allowed: s3:GetObject on arn:aws:s3:::acme-data/fraud/*, for step Train (/Steps/0/Arguments/InputDataConfig/0/DataSource/S3DataSource/S3Uri) of pipeline fraud-daily',
      remedy: `Allow ${TRAIN} to read and write the data of the steps that run under it`,
    },
  },
  'another bucket for the output': {
    allow: [READ, may('s3:PutObject', 'arn:aws:s3:::acme-data/*')],
    told: { evidence: [at('1/Resource', 's3:PutObject on arn:aws:s3:::acme-models/fraud/')] },
  },
  'a part of the input alone': {
    allow: [may(['s3:GetObject', 's3:ListBucket'], [LISTABLE, `${LISTABLE}/fraud/2026/*`]), WRITE],
    told: { evidence: [at('0/Resource/1', 's3:GetObject on arn:aws:s3:::acme-data/fraud/')] },
  },
  'the folder without what lies in it': {
    allow: [may(['s3:GetObject', 's3:ListBucket'], [LISTABLE, `${LISTABLE}/fraud`]), WRITE],
    told: { evidence: [at('0/Resource/1', 's3:GetObject')] },
  },
  'the right to list in place of that to read': {
    allow: [may('s3:List*', '*'), WRITE],
    told: { evidence: [['identity policies', 's3:GetObject']] },
  },
  'NotAction that leaves the writing out': {
    allow: [READ, { Effect: 'Allow', NotAction: ['s3:Put*', 'iam:*', 'kms:*'], Resource: '*' }],
    told: { evidence: [['identity policies', 's3:PutObject']] },
  },
  'a condition that never holds': {
    allow: [READ, { ...WRITE, Condition: { StringEquals: { 'aws:PrincipalAccount': '999988887777' } } }],
    told: { evidence: [at('1/Condition/StringEquals/aws:PrincipalAccount', 's3:PutObject')] },
  },
  'a condition for requests through another service': {
    allow: [READ, { ...WRITE, Condition: { Bool: { 'aws:SecureTransport': 'false' } } }],
    told: { evidence: [at('1/Condition/Bool/aws:SecureTransport', 's3:PutObject')] },
  },
  'the key is not allowed': {
    allow: OWN,
    steps: [encrypted],
    keys: { [KEY]: keyPolicy() },
    told: { evidence: [['identity policies', `kms:GenerateDataKey on ${KEY}`]] },
  },
  'the key of the volume is allowed for encryption alone': {
    allow: [...OWN, may(['kms:Encrypt', 'kms:GenerateDataKey'], KEY)],
    steps: [train({ ResourceConfig: { VolumeKmsKeyId: KEY } })],
    keys: { [KEY]: keyPolicy() },
    told: { evidence: [['identity policies', `kms:CreateGrant on ${KEY}`]] },
  },
  'all steps that run under a role, at once': {
    arn: ROLE,
    allow: [READ],
    steps: [
      train({ RoleArn: undefined }),
      step('Report', 'Processing', {
        ProcessingOutputConfig: { Outputs: [{ S3Output: { S3Uri: 's3://acme-reports/daily/' } }] },
      }),
    ],
    told: {
      evidence: [
        ['identity policies', 's3:PutObject on arn:aws:s3:::acme-models/fraud/'],
        ['identity policies', 's3:PutObject on arn:aws:s3:::acme-reports/daily/'],
      ],
    },
  },
  'the output of another step, which that step writes elsewhere': {
    allow: OWN,
    steps: [
      step('Prepare', 'Processing', {
        ProcessingOutputConfig: {
          Outputs: [{ OutputName: 'train', S3Output: { S3Uri: 's3://acme-work/prepared' } }],
        },
      }),
      train({
        InputDataConfig: [
          {
            ChannelName: 'train',
            DataSource: {
              S3DataSource: {
                S3Uri: { Get: "Steps.Prepare.ProcessingOutputConfig.Outputs['train'].S3Output.S3Uri" },
              },
            },
          },
        ],
      }),
    ],
    told: {
      evidence: [
        at('0/Resource/0', 's3:GetObject on arn:aws:s3:::acme-work/prepared/'),
        at('0/Resource/0', 's3:ListBucket on arn:aws:s3:::acme-work'),
      ],
    },
  },
  'the objects of an input without the bucket, in which a job looks for them': {
    allow: [may('s3:GetObject', `${LISTABLE}/fraud/*`), WRITE],
    told: { evidence: [['identity policies', 's3:ListBucket on arn:aws:s3:::acme-data']] },
  },
  'the bucket of an input as if it were its objects': {
    allow: [may('s3:*', `${LISTABLE}/*`), WRITE],
    told: { evidence: [at('0/Resource', 's3:ListBucket on arn:aws:s3:::acme-data')] },
  },
  'the network interfaces of a job in a VPC, which are told as what they are': {
    allow: [...OWN, may('ec2:CreateNetworkInterface*', '*'), may('ec2:Describe*Interfaces', '*')],
    steps: [inVpc],
    told: {
      evidence: ['DescribeVpcs', 'DescribeDhcpOptions', 'DescribeSubnets', 'DescribeSecurityGroups'].map(
        (name): [string, string] => ['identity policies', `ec2:${name}`],
      ),
      remedy: `Allow ${TRAIN} to make the network interfaces of the steps that run under it in a VPC: put`,
    },
  },
  'network interfaces in subnets alone, without the interfaces themselves': {
    allow: [...OWN, DESCRIBE, may('ec2:CreateNetworkInterface*', [ec2('subnet/*'), ec2('security-group/*')])],
    steps: [inVpc],
    told: {
      evidence: [
        at('3/Resource/0', `ec2:CreateNetworkInterface on ${ec2('network-interface/*')}`),
        at('3/Resource/0', `ec2:CreateNetworkInterfacePermission on ${ec2('network-interface/*')}`),
      ],
    },
  },
  'network interfaces in another subnet than the job’s': {
    allow: [
      ...OWN,
      DESCRIBE,
      may('ec2:CreateNetworkInterface*', [ec2('network-interface/*'), ec2('security-group/*')]),
      may('ec2:CreateNetworkInterface*', ec2('subnet/subnet-9f8e7d6c')),
    ],
    steps: [inVpc],
    told: { evidence: [at('4/Resource', `on ${ec2('subnet/subnet-1a2b3c4d')}`)] },
  },
  'the list of another folder': {
    allow: [
      may('s3:GetObject', `${LISTABLE}/fraud/*`),
      WRITE,
      may('s3:ListBucket', LISTABLE, { Condition: { StringLike: { 's3:prefix': ['churn', 'churn/*'] } } }),
    ],
    told: { evidence: [at('2/Condition/StringLike/s3:prefix', 's3:ListBucket')] },
  },
  'the bucket of several inputs, which is told once': {
    allow: [may('s3:GetObject', `${LISTABLE}/*`), WRITE],
    steps: [
      train({ InputDataConfig: ['fraud/', 'rates', 'rates/', ''].map((key) => channel(key)) }),
      step('Report', 'Processing', {
        RoleArn: TRAIN,
        ProcessingInputs: [{ S3Input: { S3Uri: 's3://acme-data/fraud/', S3DataType: 'S3Prefix' } }],
      }),
    ],
    told: {
      evidence: [['identity policies', 's3:ListBucket on arn:aws:s3:::acme-data']],
      expected: `allowed: s3:ListBucket on arn:aws:s3:::acme-data, for step Train (/Steps/0/Arguments/InputDataConfig/0/DataSource/S3DataSource/S3Uri) of pipeline fraud-daily, step Report`,
    },
  },
} satisfies ControlCases<Case>['fails'];

describe(control.id, () => {
  controlCases<Case>(control, {
    given,
    passes: {
      'its inputs and outputs': { allow: OWN },
      'network interfaces in the very subnet and with the very group of its job': {
        allow: [...OWN, ...INTERFACES],
        steps: [inVpc],
      },
      'wider than it needs': { allow: [may('s3:*', '*')] },
      'a wildcard in the middle that means more': {
        allow: [
          may(['s3:GetObject', 's3:PutObject'], 'arn:aws:s3:::acme-*/fr*/*'),
          may('s3:ListBucket', 'arn:aws:s3:::acme-*'),
        ],
      },
      'the policy of the bucket allows it': {
        allow: [READ],
        buckets: {
          'acme-models': bucketPolicy({
            Effect: 'Allow',
            Principal: { AWS: TRAIN },
            Action: 's3:PutObject',
            Resource: 'arn:aws:s3:::acme-models/*',
          }),
        },
      },
      'the policy of the bucket denies what is not encrypted on its way': {
        allow: OWN,
        buckets: {
          'acme-models': bucketPolicy({
            Effect: 'Deny',
            Principal: '*',
            Action: 's3:*',
            Resource: 'arn:aws:s3:::acme-models/*',
            Condition: { Bool: { 'aws:SecureTransport': 'false' } },
          }),
        },
      },
      'an SCP that keeps S3 to a VPC, for a job in one': {
        allow: [...OWN, NETWORK],
        steps: [train({ VpcConfig: { Subnets: ['subnet-1a2b3c4d'] } })],
        organization: perimeter,
      },
      'one file, where a file is read': {
        allow: [may(['s3:GetObject', 's3:ListBucket'], [LISTABLE, `${LISTABLE}/fraud/train.csv`]), WRITE],
        steps: [train({ InputDataConfig: [channel('fraud/train.csv')] })],
      },
      'the list of its own folder alone, as a folder and as a prefix': {
        allow: [
          may('s3:GetObject', `${LISTABLE}/*`),
          WRITE,
          may('s3:ListBucket', LISTABLE, {
            Condition: { StringLike: { 's3:prefix': ['fraud/*', 'rates', 'rates/*'] } },
          }),
        ],
        steps: [train({ InputDataConfig: ['fraud/', 'rates'].map((key) => channel(key)) })],
      },
      'no list where a manifest names the objects, or the input is one object': {
        allow: [may('s3:GetObject', `${LISTABLE}/*`), WRITE],
        steps: [
          train({
            InputDataConfig: [
              channel('fraud.manifest', 'ManifestFile'),
              channel('fraud.jsonl', 'AugmentedManifestFile'),
              channel('fraud.zip', 'S3Object'),
            ],
          }),
        ],
      },
      'no list for the data of a model': {
        allow: [may('s3:GetObject', `${LISTABLE}/*`)],
        steps: [
          step('Model', 'Model', {
            ExecutionRoleArn: TRAIN,
            PrimaryContainer: { ModelDataUrl: 's3://acme-data/model.tar.gz' },
          }),
        ],
      },
      'the key, by either action for outputs': {
        allow: [...OWN, may('kms:Encrypt', KEY)],
        steps: [encrypted],
        keys: { [KEY]: keyPolicy() },
      },
      'a limit of an SCP on the network of requests for a key, but for those of services of AWS': {
        allow: [...OWN, may('kms:GenerateDataKey', KEY)],
        steps: [encrypted],
        keys: { [KEY]: keyPolicy() },
        organization: ofScp(
          {
            StringNotEqualsIfExists: { 'aws:SourceVpc': 'vpc-1a2b3c4d' },
            BoolIfExists: { 'aws:ViaAWSService': 'false' },
          },
          'kms:*',
        ),
      },
      'the key where S3 asks for it, as it does for outputs': {
        allow: [...OWN, may('kms:GenerateDataKey', KEY, via('s3.eu-west-1.amazonaws.com'))],
        steps: [encrypted],
        keys: { [KEY]: keyPolicy() },
      },
      'the key behind an alias, by a condition on that alias': {
        allow: [
          ...OWN,
          may('kms:GenerateDataKey', KEY.replace(/[^/]+$/, '*'), {
            Condition: { 'ForAnyValue:StringEquals': { 'kms:ResourceAliases': 'alias/fraud' } },
          }),
        ],
        steps: [
          train({ OutputDataConfig: { S3OutputPath: 's3://acme-models/fraud', KmsKeyId: 'alias/fraud' } }),
        ],
        keys: { 'alias/fraud': keyPolicy() },
      },
      'the key to which an alias leads, by the key’s ARN': {
        allow: [...OWN, may('kms:GenerateDataKey', KEY)],
        steps: [
          train({ OutputDataConfig: { S3OutputPath: 's3://acme-models/fraud', KmsKeyId: 'alias/fraud' } }),
        ],
        keys: { 'alias/fraud': keyPolicy() },
        aliases: { 'alias/fraud': '1234abcd-12ab-34cd-56ef-1234567890ab' },
      },
      'a bucket that takes TLS 1.2 or later': {
        allow: OWN,
        buckets: {
          'acme-data': bucketPolicy(deny('s3:GetObject', { NumericLessThan: { 's3:TlsVersion': '1.2' } })),
        },
      },
      'resources of its own account, one of which is a bucket whose policy was read': {
        allow: [
          ...OWN,
          {
            ...statementOf('Deny', 's3:*'),
            Condition: { StringNotEquals: { 'aws:ResourceAccount': '111122223333' } },
          },
        ],
        buckets: { 'acme-data': null, 'acme-models': null },
      },
      'a bucket that takes the key of the step alone': {
        allow: [...OWN, may('kms:GenerateDataKey', KEY)],
        steps: [encrypted],
        keys: { [KEY]: keyPolicy() },
        buckets: {
          'acme-models': bucketPolicy(deny('s3:PutObject', { StringNotEquals: { [KEY_IN_REQUEST]: KEY } })),
        },
      },
      'an SCP against old credentials of instances, which no job has': {
        allow: OWN,
        organization: ofScp({ NumericLessThan: { 'ec2:RoleDelivery': '2.0' } }),
      },
      'the key of the volume': {
        allow: [...OWN, may('kms:CreateGrant', KEY)],
        steps: [train({ ResourceConfig: { VolumeKmsKeyId: KEY } })],
        keys: { [KEY]: keyPolicy() },
      },
      'a step without a role of its own, for the execution role': {
        arn: ROLE,
        allow: OWN,
        steps: [train({ RoleArn: undefined })],
      },
      'a Deny on keys that the name of a job, which contains no slash, cannot lead to': {
        allow: [...OWN, MODELS_TO_READ, denyModels('*/clean/reports/*')],
        steps: modelRead,
      },
      'the Region of the pipeline as a condition': {
        allow: OWN.map((each) => ({
          ...each,
          Condition: { StringEquals: { 'aws:RequestedRegion': 'eu-west-1' } },
        })),
      },
    },
    fails: {
      ...mended(fails),
      'another key than the one to which an alias leads': {
        allow: [...OWN, may('kms:GenerateDataKey', KEY.replace('1234abcd', 'ffffffff'))],
        steps: [
          train({ OutputDataConfig: { S3OutputPath: 's3://acme-models/fraud', KmsKeyId: 'alias/fraud' } }),
        ],
        keys: { 'alias/fraud': keyPolicy() },
        aliases: { 'alias/fraud': '1234abcd-12ab-34cd-56ef-1234567890ab' },
        told: {
          evidence: [at('2/Resource', `kms:GenerateDataKey on ${KEY}`)],
          isMended: true,
        },
      },
      'the policy of the key lets in others alone': {
        allow: [...OWN, may('kms:*', KEY)],
        steps: [encrypted],
        keys: {
          [KEY]: bucketPolicy({
            Effect: 'Allow',
            Principal: { AWS: 'arn:aws:iam::111122223333:role/key-admin' },
            Action: 'kms:*',
            Resource: '*',
          }),
        },
        told: {
          evidence: [
            [`policy of ${KEY}/Statement/0/Principal/AWS`, `kms:GenerateDataKey on ${KEY} is not allowed`],
          ],
          remedy: `a statement in the policy of ${KEY} ({"Effect":"Allow","Principal":{"AWS":"${TRAIN}"},"Action":["kms:GenerateDataKey"],"Resource":"*"})`,
          isMended: false,
        },
      },
      'the execution role, under which a step without a role runs, though the configuration lists others': {
        arn: ROLE,
        steps: [train({ RoleArn: undefined })],
        config: { roles: { steps: [TRAIN], execution: ['arn:aws:iam::111122223333:role/pipelines/churn'] } },
        allow: [...OWN, { Effect: 'Deny', Action: 's3:*', Resource: 'arn:aws:s3:::acme-models/*' }],
        told: { evidence: [[`${ROLE} own/Statement/2`, 'denies s3:PutObject']] },
      },
      'a Deny beside the Allow, against which no Allow helps': {
        allow: [
          ...OWN,
          { Sid: 'NoModels', Effect: 'Deny', Action: 's3:*', Resource: 'arn:aws:s3:::acme-models/*' },
        ],
        told: {
          evidence: [at('2', 'denies s3:PutObject')],
          remedy: 'Take the role, or what it needs, out of statement NoModels',
        },
      },
      'a Deny on keys that the name of a job can lead to': {
        allow: [...OWN, MODELS_TO_READ, denyModels('*-2*/output/*')],
        steps: modelRead,
        told: { evidence: [at('3', 'denies s3:GetObject')] },
      },
      'the key where another service asks for it': {
        allow: [...OWN, may('kms:GenerateDataKey', KEY, via('dynamodb.eu-west-1.amazonaws.com'))],
        steps: [encrypted],
        keys: { [KEY]: keyPolicy() },
        told: { evidence: [at('2/Condition/StringEquals/kms:ViaService', 'kms:GenerateDataKey')] },
      },
      'a bucket that takes another key': {
        allow: [...OWN, may('kms:GenerateDataKey', KEY)],
        steps: [encrypted],
        keys: { [KEY]: keyPolicy() },
        buckets: {
          'acme-models': bucketPolicy(
            deny('s3:PutObject', { StringNotEquals: { [KEY_IN_REQUEST]: KEY.replace('1234', '9999') } }),
          ),
        },
        told: { evidence: [['policy of bucket acme-models/Statement/0', 'denies s3:PutObject']] },
      },
      'the policy of the bucket denies it': {
        allow: OWN,
        buckets: {
          'acme-data': bucketPolicy({
            Effect: 'Deny',
            NotPrincipal: { AWS: ['arn:aws:iam::111122223333:root', ROLE] },
            Action: 's3:GetObject',
            Resource: 'arn:aws:s3:::acme-data/*',
          }),
        },
        told: { evidence: [['policy of bucket acme-data/Statement/0', 'denies s3:GetObject']] },
      },
      'a condition on a network, which a job in no VPC does not come from': {
        allow: [READ, { ...WRITE, Condition: { StringEquals: { 'aws:SourceVpce': 'vpce-1a2b3c4d' } } }],
        told: {
          evidence: [at('1/Condition/StringEquals/aws:SourceVpce', 's3:PutObject')],
          remedy: 'Give the step a VpcConfig',
        },
      },
      'an SCP that keeps S3 to a VPC, for a job in none': {
        allow: OWN,
        organization: perimeter,
        told: {
          evidence: [
            ['perimeter (r-a1b2)/Statement/1', 'denies s3:GetObject'],
            ['perimeter (r-a1b2)/Statement/1', 'denies s3:ListBucket'],
            ['perimeter (r-a1b2)/Statement/1', 'denies s3:PutObject'],
          ],
          remedy: 'Give the step a VpcConfig',
        },
      },
      'a boundary without S3, against which no policy of its own helps': {
        allow: OWN,
        boundary: [may('sagemaker:*', '*')],
        told: {
          evidence: [
            ['arn:aws:iam::111122223333:policy/boundary', 's3:GetObject'],
            ['arn:aws:iam::111122223333:policy/boundary', 's3:ListBucket'],
            ['arn:aws:iam::111122223333:policy/boundary', 's3:PutObject'],
          ],
          remedy: 'No command is given',
        },
      },
      'an SCP that denies the bucket': {
        allow: OWN,
        organization: {
          scps: [
            {
              target: 'r-a1b2',
              policies: [
                {
                  name: 'buckets',
                  document: bucketPolicy(may('*', '*'), {
                    Effect: 'Deny',
                    Action: 's3:PutObject',
                    NotResource: 'arn:aws:s3:::other-*',
                  }),
                },
              ],
            },
          ],
          rcps: [],
        },
        told: { evidence: [['buckets (r-a1b2)/Statement/1', 'denies s3:PutObject']] },
      },
    },
    isNotAvailable: {
      'a limit of an SCP on the network of requests for a key, which S3 makes by itself': {
        allow: [...OWN, may('kms:*', KEY)],
        steps: [encrypted],
        keys: { [KEY]: keyPolicy() },
        organization: ofScp({ StringNotEqualsIfExists: { 'aws:SourceVpc': 'vpc-1a2b3c4d' } }, 'kms:*'),
        told: { evidence: [['p (r-a1b2)/Statement/1', 'aws:SourceVpc']] },
      },
      'a condition on the network of a job in a VPC': {
        allow: [
          READ,
          { ...WRITE, Condition: { StringEquals: { 'aws:SourceVpce': 'vpce-1a2b3c4d' } } },
          NETWORK,
        ],
        steps: [train({ VpcConfig: { Subnets: ['subnet-1a2b3c4d'] } })],
        told: { evidence: [at('1', 'aws:SourceVpce')], remedy: '--context' },
      },
      'network interfaces in a subnet of another account, which may be the one that it shares': {
        allow: [
          ...OWN,
          DESCRIBE,
          may('ec2:CreateNetworkInterface*', [ec2('network-interface/*'), ec2('security-group/*')]),
          may('ec2:CreateNetworkInterface', 'arn:aws:ec2:eu-west-1:444455556666:subnet/subnet-1a2b3c4d'),
        ],
        steps: [inVpc],
        told: {
          evidence: [at('3/Resource/1', 'ec2:CreateNetworkInterface on arn:aws:ec2:eu-west-1:*:subnet/')],
          remedy: 'the definition does not tell which is asked for',
        },
      },
      'network interfaces of a VPC alone, which the definition does not tell': {
        allow: [
          ...OWN,
          DESCRIBE,
          may('ec2:CreateNetworkInterface*', '*', { Condition: { StringEquals: { 'ec2:Vpc': 'vpc-1' } } }),
        ],
        steps: [inVpc],
        told: { evidence: [at('3', 'ec2:Vpc')], remedy: '--context' },
      },
      'the list of a prefix that may be asked for as a folder or as it is written': {
        allow: [
          may('s3:GetObject', `${LISTABLE}/*`),
          WRITE,
          may('s3:ListBucket', LISTABLE, { Condition: { StringEquals: { 's3:prefix': 'rates/' } } }),
        ],
        steps: [train({ InputDataConfig: [channel('rates')] })],
        told: { evidence: [at('2', 's3:prefix')] },
      },
      'the list of a prefix that only a run tells': {
        allow: [
          may('s3:GetObject', `${LISTABLE}/*`),
          WRITE,
          may('s3:ListBucket', LISTABLE, { Condition: { StringLike: { 's3:prefix': 'rates/2026/*' } } }),
        ],
        steps: [
          train({
            InputDataConfig: [
              {
                DataSource: {
                  S3DataSource: {
                    S3Uri: {
                      'Std:Join': { On: '/', Values: ['s3://acme-data/rates', { Get: 'Parameters.Day' }] },
                    },
                  },
                },
              },
            ],
          }),
        ],
        told: { evidence: [at('2', 's3:prefix')] },
      },
      'the policy of a bucket could not be read, as of another account’s': {
        allow: OWN,
        unreadBucket: 'acme-data',
        told: { evidence: [['policies', 'policy of the bucket cannot be read']] },
      },
      'the policy of the key is not known': {
        allow: [...OWN, may('kms:*', '*')],
        steps: [encrypted],
        told: { evidence: [['policies', `the policy of ${KEY} must allow this`]] },
      },
    },
    isNotApplicable: {
      'a role that no step runs under': { arn: 'arn:aws:iam::111122223333:role/etl' },
      'the execution role of steps with roles of their own': { arn: ROLE },
      'a step without data': { steps: [step('Train', 'Training', { RoleArn: TRAIN })] },
    },
  });

  describeCases('pipelines/generated', 'a pipeline of the SDK with roles of steps', (folder) => {
    const BUCKET = 'arn:aws:s3:::sagemaker-us-east-1-111122223333';
    test.each<[string, object[], string]>([
      [
        'all of its bucket, and network interfaces, as it runs in a VPC',
        [may(['s3:GetObject', 's3:PutObject', 's3:List*'], `${BUCKET}*`), may('ec2:*', '*')],
        'PASSED',
      ],
      [
        'all of its bucket without network interfaces, though it runs in a VPC',
        [may(['s3:GetObject', 's3:PutObject', 's3:List*'], `${BUCKET}*`)],
        'FAILED',
      ],
      ['its objects, and not the bucket', [may(['s3:GetObject', 's3:PutObject'], `${BUCKET}/*`)], 'FAILED'],
      ['models alone', [may('s3:*', `${BUCKET}/models/*`)], 'FAILED'],
      ['another bucket', [may('s3:*', 'arn:aws:s3:::sagemaker-eu-west-1-111122223333/*')], 'FAILED'],
    ])('%s', (_, allow, status) => {
      const verdicts = verdictsOf(
        control,
        given({
          arn: 'arn:aws:iam::111122223333:role/TrainRole',
          allow,
          pipelines: { abalone: pipelineIn(`${folder}/02_abalone_prefix_steproles.json`) },
        }),
      );
      expect(verdicts.map((verdict) => verdict.status)).toEqual([status]);
    });

    test('AmazonSageMakerFullAccess, for buckets with sagemaker in their name', () => {
      const verdicts = verdictsOf(
        control,
        given({
          arn: 'arn:aws:iam::111122223333:role/TrainRole',
          attached: managedPolicies('AmazonSageMakerFullAccess'),
          pipelines: { abalone: pipelineIn(`${folder}/02_abalone_prefix_steproles.json`) },
        }),
      );
      expect(verdicts.map((verdict) => verdict.status)).toEqual(['PASSED']);
    });
  });
});
