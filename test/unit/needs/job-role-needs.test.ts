import { describe, expect, test } from '@jest/globals';
import { resolveScope } from '../../../shared/definition/expression.ts';
import { parseDefinition } from '../../../shared/definition/parse.ts';
import { jobRoleNeeds } from '../../../shared/needs/job-role-needs.ts';
import { SCOPE } from '../../support/builders/principal-facts.ts';

const ROLE = 'arn:aws:iam::111122223333:role/steps/train';
const EXECUTION_ROLE = 'arn:aws:iam::111122223333:role/pipelines/fraud';
const IMAGE = '111122223333.dkr.ecr.eu-west-1.amazonaws.com/fraud/train:1';
const REPOSITORY = 'arn:aws:ecr:eu-west-1:111122223333:repository/fraud/train';
const GROUPS = 'arn:aws:logs:eu-west-1:111122223333:log-group:/aws/sagemaker/*';

const needsOf = (step: object, place = SCOPE) => {
  const parsed = parseDefinition(JSON.stringify({ Steps: [{ Name: 'S', ...step }] }));
  const [first] = parsed.ok ? parsed.definition.steps : [];
  if (!parsed.ok || !first) throw new Error('no definition');
  return jobRoleNeeds(first, resolveScope(parsed.definition, 'fraud'), place, EXECUTION_ROLE);
};
const brief = (step: object, place = SCOPE): string[] =>
  needsOf(step, place).needs.map(({ of, need }) =>
    [need.action, need.resource, ...(of.role === ROLE ? [] : [`as ${of.role}`])].join(' '),
  );

/** AWS's page on execution roles lists these for every job and model. */
const always = (as = ''): string[] => [
  ...['CreateLogGroup', 'CreateLogStream', 'PutLogEvents', 'DescribeLogStreams'].map(
    (name) => `logs:${name} ${GROUPS}${as}`,
  ),
  `cloudwatch:PutMetricData *${as}`,
  `ecr:GetAuthorizationToken *${as}`,
];
const pulling = (repository = REPOSITORY, as = ''): string[] =>
  ['BatchCheckLayerAvailability', 'GetDownloadUrlForLayer', 'BatchGetImage'].map(
    (name) => `ecr:${name} ${repository}${as}`,
  );
const ec2 = (resource: string): string => `arn:aws:ec2:eu-west-1:111122223333:${resource}`;
/** EC2 creates an interface in a subnet, with security groups, and asks for the permission on each of them. */
const network = [
  ...['network-interface/*', 'subnet/subnet-1a2b3c4d', 'security-group/sg-1a2b3c4d'].map(
    (resource) => `ec2:CreateNetworkInterface ${ec2(resource)}`,
  ),
  `ec2:CreateNetworkInterfacePermission ${ec2('network-interface/*')}`,
  ...[
    'DescribeNetworkInterfaces',
    'DescribeVpcs',
    'DescribeDhcpOptions',
    'DescribeSubnets',
    'DescribeSecurityGroups',
    'DeleteNetworkInterface',
    'DeleteNetworkInterfacePermission',
  ].map((name) => `ec2:${name} *`),
];
const VpcConfig = { Subnets: ['subnet-1a2b3c4d'], SecurityGroupIds: ['sg-1a2b3c4d'] };

test.each<[string, object, string[]]>([
  [
    'a file system that is read',
    { FileSystemId: 'fs-0a1b2c3d', FileSystemType: 'EFS', FileSystemAccessMode: 'ro' },
    ['ClientMount', 'DescribeMountTargets'].map((name) => `elasticfilesystem:${name}`),
  ],
  [
    'a file system that is written',
    { FileSystemId: 'fs-0a1b2c3d', FileSystemType: 'EFS', FileSystemAccessMode: 'rw' },
    ['ClientMount', 'ClientWrite', 'DescribeMountTargets'].map((name) => `elasticfilesystem:${name}`),
  ],
  [
    'a file system for Lustre',
    { FileSystemId: 'fs-0a1b2c3d', FileSystemType: 'FSxLustre' },
    ['fsx:DescribeFileSystems'],
  ],
  ['an id that is none', { FileSystemId: '*', FileSystemType: 'EFS' }, []],
])('a policy of the role of a job allows %s, which nobody fails without', (_, source, expected) => {
  const { needs } = needsOf({
    Type: 'Training',
    Arguments: { RoleArn: ROLE, InputDataConfig: [{ DataSource: { FileSystemDataSource: source } }] },
  });
  const found = needs.filter(({ need }) => /^(elasticfilesystem|fsx):/.test(need.action));
  expect(found.map(({ need }) => need.action)).toEqual(expected);
  expect(found.every(({ need }) => need.isOptional)).toBe(true);
});

test.each<[string, object, string[]]>([
  [
    'what Athena is asked for, and its results',
    {
      AthenaDatasetDefinition: {
        Catalog: 'AwsDataCatalog',
        Database: 'risk',
        WorkGroup: 'fraud',
        QueryString: 'SELECT 1',
        OutputS3Uri: 's3://acme-athena/fraud/',
      },
    },
    [
      ...['StartQueryExecution', 'GetQueryExecution', 'GetQueryResults', 'StopQueryExecution'].map(
        (name) => `athena:${name} workgroup/fraud`,
      ),
      ...['GetDatabase catalog', 'GetDatabase database/risk'],
      ...['catalog', 'database/risk', 'table/risk/*'].flatMap((resource) =>
        ['GetTable', 'GetPartitions'].map((name) => `${name} ${resource}`),
      ),
      's3:GetObject acme-athena/fraud*',
    ],
  ],
  [
    'what Redshift is asked for',
    { RedshiftDatasetDefinition: { ClusterId: 'dwh', Database: 'risk', DbUser: 'sagemaker' } },
    ['redshift:DescribeClusters cluster:dwh', 'redshift:GetClusterCredentials dbuser:dwh/sagemaker'],
  ],
])('a policy of the role of a processing job allows %s', (_, DatasetDefinition, expected) => {
  const { needs } = needsOf({
    Type: 'Processing',
    Arguments: { RoleArn: ROLE, ProcessingInputs: [{ InputName: 'q', DatasetDefinition }] },
  });
  const found = needs.filter(
    ({ kind, need }) => kind === 'runtime' && !/^(logs|cloudwatch|ecr):/.test(need.action),
  );
  expect(
    found.map(({ need }) =>
      `${need.action} ${need.resource}`.replace(/arn:aws:[a-z0-9]+:[^:]*:\d*:/, '').replace(/^glue:/, ''),
    ),
  ).toEqual(expected);
  expect(found.every(({ need }) => need.isOptional)).toBe(true);
});

describe('an endpoint that writes to S3', () => {
  const [RED, BLUE] = ['red', 'blue'].map((name) => `arn:aws:iam::111122223333:role/models/${name}`);
  const TOPIC = 'arn:aws:sns:eu-west-1:111122223333:results';
  const model = (Name: string, ExecutionRoleArn: string | undefined) => ({
    Name,
    Type: 'Model',
    Arguments: { ModelName: Name, ExecutionRoleArn },
  });
  const variants = (...names: string[]) => ({
    ProductionVariants: names.map((name) => ({ ModelName: { Get: `Steps.${name}.ModelName` } })),
  });
  const CAPTURE = { DataCaptureConfig: { DestinationS3Uri: 's3://acme-capture/fraud' } };
  const asked = (Arguments: object) => {
    const steps = [model('Red', RED), model('Blue', BLUE), { Name: 'E', Type: 'EndpointConfig', Arguments }];
    const parsed = parseDefinition(JSON.stringify({ Steps: steps }));
    if (!parsed.ok) throw new Error('no definition');
    const [, , endpoint] = parsed.definition.steps;
    if (!endpoint) throw new Error('no step');
    const scope = resolveScope(parsed.definition, 'fraud');
    const { needs, open } = jobRoleNeeds(endpoint, scope, SCOPE, EXECUTION_ROLE);
    const told = needs.filter(({ need }) => !/^(logs|cloudwatch|ecr):/.test(need.action));
    return {
      needs: told.map(({ of, kind, need }) => [of.role, kind, need.action, need.resource, need.isOptional]),
      open: open.map(({ reason }) => reason),
    };
  };
  const put = (role: string | undefined, place: string) => [
    role,
    'data',
    's3:PutObject',
    `arn:aws:s3:::${place}/*`,
    undefined,
  ];

  test.each<[string, object, unknown[]]>([
    ['the role of its model', variants('Red'), [put(RED, 'acme-capture/fraud')]],
    ['the one role of its models', variants('Red', 'Red'), [put(RED, 'acme-capture/fraud')]],
    ['a role that nobody tells of several', variants('Red', 'Blue'), [put(undefined, 'acme-capture/fraud')]],
    [
      'a role that nobody tells, of a model that exists',
      { ProductionVariants: [{ ModelName: 'old' }] },
      [put(undefined, 'acme-capture/fraud')],
    ],
    ['its own role', { ...variants('Red'), ExecutionRoleArn: BLUE }, [put(BLUE, 'acme-capture/fraud')]],
  ])('does so as %s', (_, args, needs) => {
    expect(asked({ ...args, ...CAPTURE })).toEqual({ needs, open: [] });
  });

  test('asks for what asynchronous results need', () => {
    const OutputConfig = {
      S3OutputPath: 's3://acme-async/',
      S3FailurePath: 's3://acme-failed/',
      NotificationConfig: { SuccessTopic: TOPIC, ErrorTopic: { Get: 'Parameters.Topic' } },
    };
    const { needs, open } = asked({ ...variants('Red'), AsyncInferenceConfig: { OutputConfig } });
    expect(needs).toEqual([
      put(RED, 'acme-async'),
      put(RED, 'acme-failed'),
      [RED, 'runtime', 'sns:Publish', TOPIC, true],
    ]);
    expect(open).toEqual([expect.stringContaining('sns:Publish')]);
  });

  test('asks its role for the key of what it captures, and not for the grant of its volume', () => {
    const key = 'arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';
    const { needs } = asked({
      ...variants('Red'),
      KmsKeyId: key.replace('1234abcd', '5678abcd'),
      DataCaptureConfig: { ...CAPTURE.DataCaptureConfig, KmsKeyId: key },
    });
    expect(needs.map(([, , action, resource]) => `${action} ${resource}`)).toEqual([
      's3:PutObject arn:aws:s3:::acme-capture/fraud/*',
      `kms:GenerateDataKey ${key}`,
    ]);
  });

  test('that writes nothing asks for nothing', () => {
    expect(asked(variants('Red'))).toEqual({ needs: [], open: [] });
  });
});

test.each([
  ['VolumeKmsKeyId', 'ResourceConfig', 'kms:CreateGrant'],
  ['KmsKeyId', 'OutputDataConfig', 'kms:GenerateDataKey'],
])('a KMS key whose name holds wildcards is that name, and no pattern: %s', (field, holder, action) => {
  for (const [named, resource] of [
    ['arn:aws:kms:eu-west-1:111122223333:key/*', 'arn:aws:kms:eu-west-1:111122223333:key/${*}'],
    ['12?4', 'arn:aws:kms:eu-west-1:111122223333:key/12${?}4'],
    ['${aws:username}', 'arn:aws:kms:eu-west-1:111122223333:key/${$}{aws:username}'],
  ]) {
    const { needs } = needsOf({
      Type: 'Training',
      Arguments: { RoleArn: ROLE, [holder]: { [field]: named } },
    });
    const found = needs.filter(({ need }) => need.action === action);
    expect(found.map(({ need }) => need.resource)).toEqual([resource]);
  }
});

const PROVIDER = 'arn:aws:lambda:eu-west-1:111122223333:function:registry';
test.each<[string, string, object, string[]]>([
  [
    'put records into a feature group',
    'Processing',
    {
      ProcessingOutputConfig: {
        Outputs: [{ OutputName: 'f', FeatureStoreOutput: { FeatureGroupName: 'fraud' } }],
      },
    },
    ['sagemaker:PutRecord arn:aws:sagemaker:eu-west-1:111122223333:feature-group/fraud'],
  ],
  [
    'ask a function for the password of a registry',
    'Training',
    {
      AlgorithmSpecification: {
        TrainingImageConfig: {
          TrainingRepositoryAuthConfig: { TrainingRepositoryCredentialsProviderArn: PROVIDER },
        },
      },
    },
    [`lambda:InvokeFunction ${PROVIDER}`],
  ],
  [
    'ask a function for the password of a model’s registry',
    'Model',
    {
      PrimaryContainer: {
        ImageConfig: { RepositoryAuthConfig: { RepositoryCredentialsProviderArn: PROVIDER } },
      },
    },
    [`lambda:InvokeFunction ${PROVIDER}`],
  ],
  [
    'let somebody look into the container',
    'Training',
    { RemoteDebugConfig: { EnableRemoteDebug: true } },
    ['CreateControlChannel', 'CreateDataChannel', 'OpenControlChannel', 'OpenDataChannel'].map(
      (name) => `ssmmessages:${name} *`,
    ),
  ],
  [
    'do nothing for a container that nobody may look into',
    'Training',
    { RemoteDebugConfig: { EnableRemoteDebug: false } },
    [],
  ],
  [
    'list a model that is not in one archive',
    'Model',
    {
      PrimaryContainer: {
        ModelDataSource: { S3DataSource: { S3Uri: 's3://acme-llm/weights/', S3DataType: 'S3Prefix' } },
      },
    },
    ['s3:ListBucket arn:aws:s3:::acme-llm'],
  ],
  [
    'read its checkpoints again',
    'Training',
    { CheckpointConfig: { S3Uri: 's3://acme-points/fraud/' } },
    ['s3:GetObject arn:aws:s3:::acme-points/fraud/*', 's3:ListBucket arn:aws:s3:::acme-points'],
  ],
])('a policy of the role of a job lets it %s, which nobody fails without', (_, Type, args, expected) => {
  const { needs } = needsOf({ Type, Arguments: { RoleArn: ROLE, ExecutionRoleArn: ROLE, ...args } });
  const found = needs.filter(
    ({ need }) => need.isOptional && !/^(logs|cloudwatch|ecr|ec2):/.test(need.action),
  );
  expect(found.map(({ need }) => `${need.action} ${need.resource}`)).toEqual(expected);
});

test.each([{ Get: 'Parameters.Nobody' }, 'registry', 'arn:aws:lambda:*'])(
  'the function %s that gives the password of a registry is told as open',
  (TrainingRepositoryCredentialsProviderArn) => {
    const { needs, open } = needsOf({
      Type: 'Training',
      Arguments: { RoleArn: ROLE, Config: { TrainingRepositoryCredentialsProviderArn } },
    });
    expect(needs.filter(({ need }) => need.action.startsWith('lambda:'))).toEqual([]);
    expect(open.map(({ reason }) => reason)).toEqual([
      expect.stringContaining('lambda:InvokeFunction is for, or only known in a run; allow it by hand'),
    ]);
  },
);

describe('the role of a job needs', () => {
  test.each<[string, object, string[]]>([
    [
      'logs, metrics and the image of a training job',
      { Type: 'Training', Arguments: { RoleArn: ROLE, AlgorithmSpecification: { TrainingImage: IMAGE } } },
      [...always(), ...pulling()],
    ],
    [
      'them as the execution role, where the step names none',
      { Type: 'Processing', Arguments: { AppSpecification: { ImageUri: IMAGE } } },
      [...always(` as ${EXECUTION_ROLE}`), ...pulling(REPOSITORY, ` as ${EXECUTION_ROLE}`)],
    ],
    [
      'the network interfaces of a training job in a VPC',
      { Type: 'Training', Arguments: { RoleArn: ROLE, VpcConfig } },
      [...network, ...always()],
    ],
    [
      'those of a processing job',
      { Type: 'ClarifyCheck', Arguments: { RoleArn: ROLE, NetworkConfig: { VpcConfig } } },
      [...network, ...always()],
    ],
    [
      'those of a model',
      { Type: 'Model', Arguments: { ExecutionRoleArn: ROLE, VpcConfig } },
      [...network, ...always()],
    ],
    [
      'an image by its digest, of AWS’s own account and in China',
      {
        Type: 'Model',
        Arguments: {
          ExecutionRoleArn: ROLE,
          Containers: [
            { Image: '390948362332.dkr.ecr.cn-northwest-1.amazonaws.com.cn/xgboost@sha256:0123' },
            { Image: 'docker.io/library/python:3' },
          ],
        },
      },
      [...always(), ...pulling('arn:aws:ecr:cn-northwest-1:390948362332:repository/xgboost')],
    ],
    [
      'nothing where a step runs no job',
      { Type: 'RegisterModel', Arguments: { InferenceSpecification: { Containers: [{ Image: IMAGE }] } } },
      [],
    ],
    ['nothing of a function', { Type: 'Lambda', Arguments: {} }, []],
  ])('%s', (_, step, needs) => {
    expect(brief(step)).toEqual(needs);
    expect(needsOf(step).open).toEqual([]);
  });

  test('what each definition of a tuning job needs, for the role of that definition', () => {
    const definition = (RoleArn: string | undefined, name: string) => ({
      RoleArn,
      AlgorithmSpecification: { TrainingImage: IMAGE.replace('train', name) },
    });
    const as = ` as ${EXECUTION_ROLE}`;
    const found = brief({
      Type: 'Tuning',
      Arguments: { TrainingJobDefinitions: [definition(ROLE, 'a'), definition(undefined, 'b')] },
    });
    expect(new Set(found)).toEqual(
      new Set([
        ...always(),
        ...always(as),
        ...pulling(REPOSITORY.replace('train', 'a')),
        ...pulling(REPOSITORY.replace('train', 'b'), as),
      ]),
    );
  });

  test('of an AutoML job, what it does itself: models, endpoints, and to pass its role to its jobs', () => {
    const found = brief({ Type: 'AutoML', Arguments: { RoleArn: ROLE } });
    expect(found).toEqual(
      expect.arrayContaining([
        `iam:PassRole ${ROLE}`,
        'sagemaker:CreateModel *',
        'sagemaker:InvokeEndpoint *',
        'ecr:BatchGetImage *',
      ]),
    );
  });

  test('an image that only a run tells is said', () => {
    const AppSpecification = { ImageUri: { Get: 'Parameters.Image' } };
    expect(
      needsOf({ Type: 'Processing', Arguments: { RoleArn: ROLE, AppSpecification } }).open,
    ).toMatchObject([{ kind: 'runtime', reason: expect.stringContaining('ecr:BatchGetImage') }]);
  });

  const creatingIn = (config: object) =>
    needsOf({ Type: 'Training', Arguments: { RoleArn: ROLE, VpcConfig: config } }).needs.flatMap(
      ({ need }) => (need.action === 'ec2:CreateNetworkInterface' ? need : []),
    );

  test('subnets and security groups of the account, or of whoever shares them with it', () => {
    const [, subnet, group] = creatingIn(VpcConfig);
    const shared = (resource: string) => `arn:aws:ec2:eu-west-1:*:${resource}`;
    expect([subnet, group].map((need) => [need?.lasting, need?.or?.map(({ resource }) => resource)])).toEqual(
      ['subnet/subnet-1a2b3c4d', 'security-group/sg-1a2b3c4d'].map((resource) => [
        shared(resource),
        [shared(resource)],
      ]),
    );
  });

  test.each<[string, object, string[]]>([
    [
      'each subnet and group once',
      { Subnets: ['subnet-1', 'subnet-2', 'subnet-1'], SecurityGroupIds: ['sg-1', 'sg-2'] },
      ['subnet/subnet-1', 'subnet/subnet-2', 'security-group/sg-1', 'security-group/sg-2'],
    ],
    [
      'any, where only a run tells which',
      { Subnets: [{ Get: 'Parameters.Subnet' }], SecurityGroupIds: { Get: 'Parameters.Groups' } },
      ['subnet/*', 'security-group/*'],
    ],
    ['any, where nothing is listed', {}, ['subnet/*', 'security-group/*']],
    [
      'any, where more are listed than AWS takes',
      { Subnets: Array.from({ length: 101 }, (_, at) => `subnet-${at}`), SecurityGroupIds: ['sg-1'] },
      ['subnet/*', 'security-group/sg-1'],
    ],
  ])('the interfaces in %s', (_, config, expected) => {
    expect(creatingIn(config).map(({ resource }) => resource)).toEqual(
      ['network-interface/*', ...expected].map(ec2),
    );
  });
});

describe('what lasts beyond an update of the pipeline', () => {
  const stored = (step: object, action: string) =>
    needsOf(step).needs.flatMap(({ need }) =>
      need.action === action ? [[need.resource, need.lasting]] : [],
    );
  const reading = (S3Uri: string) => ({
    Type: 'Processing',
    Arguments: { RoleArn: ROLE, ProcessingInputs: [{ S3Input: { S3Uri } }] },
  });

  test.each([
    [
      'the time of an upload',
      'acme/prepare-2026-11-28-15-25-21-070/input/code/a.py',
      'acme/prepare-*/input/code/a.py',
    ],
    [
      'a checksum of the code',
      `acme/x/code/${'0a1b'.repeat(16)}/sourcedir.tar.gz`,
      'acme/x/code/*/sourcedir.tar.gz',
    ],
    ['a date of the data, which stays', 'acme/raw/2026-11-28/a.csv', undefined],
  ])('is %s in a key', (_, path, lasting) => {
    expect(stored(reading(`s3://${path}`), 's3:GetObject')).toEqual([
      [`arn:aws:s3:::${path}`, lasting && `arn:aws:s3:::${lasting}`],
    ]);
  });
});

describe('a key that a step encrypts its output with', () => {
  const KEY = 'arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';
  const definition = (S3Uri: unknown) => ({
    Steps: [
      {
        Name: 'Prepare',
        Type: 'Processing',
        Arguments: {
          RoleArn: EXECUTION_ROLE,
          ProcessingOutputConfig: {
            KmsKeyId: KEY,
            Outputs: [{ OutputName: 'train', S3Output: { S3Uri: 's3://acme-work/prepared' } }],
          },
        },
      },
      {
        Name: 'Train',
        Type: 'Training',
        Arguments: {
          RoleArn: ROLE,
          InputDataConfig: [{ ChannelName: 'c', DataSource: { S3DataSource: { S3Uri } } }],
        },
      },
    ],
  });
  const decrypted = (S3Uri: unknown) => {
    const parsed = parseDefinition(JSON.stringify(definition(S3Uri)));
    if (!parsed.ok) throw new Error('no definition');
    const scope = resolveScope(parsed.definition, 'fraud');
    return parsed.definition.steps.flatMap((step) =>
      jobRoleNeeds(step, scope, SCOPE, EXECUTION_ROLE).needs.flatMap(({ of, need, pointer }) =>
        need.action === 'kms:Decrypt' ? [[of.role, need.resource, pointer]] : [],
      ),
    );
  };
  const POINTER = '/Steps/1/Arguments/InputDataConfig/0/DataSource/S3DataSource/S3Uri';

  test.each([
    ['by its URI', 's3://acme-work/prepared/'],
    ['by a folder in it', 's3://acme-work/prepared/2026/part'],
    ['by reference', { Get: "Steps.Prepare.ProcessingOutputConfig.Outputs['train'].S3Output.S3Uri" }],
  ])('is asked for decryption of the role that reads it %s', (_, uri) => {
    expect(decrypted(uri)).toEqual([[ROLE, KEY, POINTER]]);
  });

  test.each(['s3://acme-work/prepared-not/', 's3://acme-work/', 's3://other/prepared'])(
    'is not asked of a role that reads %s',
    (uri) => expect(decrypted(uri)).toEqual([]),
  );
});
