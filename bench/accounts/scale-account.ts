import { REQUIRED_CORS_DOCUMENT } from '../../shared/policies/required-cors.ts';
import {
  breachOf,
  type Pipeline,
  type Place,
  pipelineAt,
  SNAPSHOT_PLACE,
  type Team,
  teamAt,
  teamRoles,
} from './scale-pipelines.ts';

/** The number of each kind of resource in an account. */
export type Size = {
  pipelines: number;
  roles: number;
  buckets: number;
  /** Missing: as many as the roles are enough for. */
  teams?: number;
};

export type Statement = Record<string, unknown>;
export type Document = { Version: string; Statement: Statement[] };
export type Role = {
  name: string;
  path: string;
  arn: string;
  trust: Document;
  policies: Record<string, Document>;
  managed: string[];
  tags: Record<string, string>;
};
/** CORS rules in the form of `get-bucket-cors`, where each field of a rule is a list. */
export type CorsRules = { CORSRules: Record<string, readonly string[]>[] };
export type Bucket = {
  name: string;
  policy: Document;
  cors: CorsRules | null;
  tags: Record<string, string>;
};

const TAG = { key: 'pipelines-json-get', value: 'true' };
/** Two teams have seven roles: two execution roles each, two more for the steps of every third team, and others. */
const ROLES_PER_TEAM = 3.5;
const FLOOR = 3;
/** One of this many notebook roles has AWS's wide policy, and one of this many image buckets has wrong CORS rules. */
const WIDE_EVERY = 20;
const WRONG_CORS_EVERY = 4;

/** An account that is clean except for a few breaches. Its pipelines are made when they are needed. */
export const scaleAccount = (size: Size, place: Place = SNAPSHOT_PLACE) => {
  const most = Math.floor(size.roles / ROLES_PER_TEAM);
  const teams = Array.from({ length: Math.min(size.teams ?? most, most) }, (_, index) => teamAt(index));
  const team = (index: number): Team => teams[index % teams.length] ?? teamAt(0);
  return {
    place,
    managed: { [WIDE_POLICY]: wideDocument(), [ADMINISTRATOR]: documentOf(allow('*', '*')) },
    roles: rolesOf(size.roles, teams, place),
    buckets: bucketsOf(size.buckets, teams, place),
    scps: scpsOf(place),
    config: configOf(teams, place),
    pipelineAt: (index: number): Pipeline => pipelineAt(index, team(index), place),
    expected: expectedOf(size, teams, place),
  };
};
export type ScaleAccount = ReturnType<typeof scaleAccount>;

const allow = (action: string | string[], resource: string | string[], more: Statement = {}): Statement => ({
  Effect: 'Allow',
  Action: action,
  Resource: resource,
  ...more,
});
const documentOf = (...Statement: Statement[]): Document => ({ Version: '2012-10-17', Statement });

const toSageMaker = { Condition: { StringEquals: { 'iam:PassedToService': 'sagemaker.amazonaws.com' } } };

const trustOf = (service: string, account: string): Document =>
  documentOf({
    Effect: 'Allow',
    Principal: { Service: service },
    Action: 'sts:AssumeRole',
    Condition: { StringEquals: { 'aws:SourceAccount': account } },
  });

const roleAt = (arn: string, policies: Record<string, Document>, more: Partial<Role>): Role => {
  const name = arn.split('/').at(-1) ?? '';
  return {
    name,
    path: `/${arn.slice(arn.indexOf(':role/') + ':role/'.length, -name.length)}`,
    arn,
    policies,
    managed: [],
    tags: {},
    trust: documentOf(),
    ...more,
  };
};

const rolesOf = (count: number, teams: readonly Team[], place: Place): Role[] => {
  const roles = [...teams.flatMap((team) => rolesOfTeam(team, place)), ...people(place)];
  const others = Array.from({ length: Math.max(0, count - roles.length) }, (_, index) =>
    index % 2 === 0 ? notebook(index / 2, place) : application(index, place),
  );
  return [...roles, ...others].slice(0, Math.max(count, roles.length));
};

const rolesOfTeam = (team: Team, place: Place): Role[] => {
  const { prefix, bucket, imageBucket, hasStepRoles } = team;
  const { account, region } = place;
  const { execution, prepare, train } = teamRoles(team, place);
  const trust = trustOf('sagemaker.amazonaws.com', account);
  const ours = (type: string, name = `${prefix}-*`) =>
    `arn:aws:sagemaker:${region}:${account}:${type}/${name}`;
  const objects = (...folders: string[]) => folders.map((folder) => `arn:aws:s3:::${bucket}/${folder}`);
  const images = imageBucket ? [`arn:aws:s3:::${imageBucket}`, `arn:aws:s3:::${imageBucket}/*`] : [];
  const reading = allow(
    ['s3:GetObject', 's3:ListBucket'],
    [`arn:aws:s3:::${bucket}`, ...objects('*'), ...images],
  );
  const logs = allow(
    ['logs:CreateLogStream', 'logs:PutLogEvents'],
    `arn:aws:logs:${region}:${account}:log-group:/aws/sagemaker/*`,
  );
  const pulling = allow(
    ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
    `arn:aws:ecr:${region}:${account}:repository/*`,
  );
  const jobs = {
    ...allow(
      ['TrainingJob', 'ProcessingJob', 'TransformJob', 'HyperParameterTuningJob', 'Model'].flatMap((noun) => [
        `sagemaker:Create${noun}`,
        `sagemaker:Describe${noun}`,
      ]),
      [
        ours('training-job'),
        ours('processing-job'),
        ours('transform-job'),
        ours('hyper-parameter-tuning-job'),
        ours('model'),
      ],
    ),
    Sid: 'Jobs',
  };
  const registering = allow(
    ['sagemaker:CreateModelPackage', 'sagemaker:DescribeModelPackage', 'sagemaker:CreateModelPackageGroup'],
    [ours('model-package', `${prefix}-models/*`), ours('model-package-group', `${prefix}-models`)],
  );
  const tagging = allow('sagemaker:AddTags', ours('*'));
  const passing = allow('iam:PassRole', [...new Set([execution, prepare, train])], toSageMaker);
  const publishing = allow(
    'lambda:InvokeFunction',
    `arn:aws:lambda:${region}:${account}:function:${prefix}-*`,
  );
  const writing = (...folders: string[]) => allow('s3:PutObject', objects(...folders));
  const executionRole = roleAt(
    execution,
    {
      jobs: documentOf(jobs, registering, tagging, passing),
      data: documentOf(reading, ...(hasStepRoles ? [] : [writing('clean/*', 'models/*')]), publishing, logs),
    },
    { trust, tags: { [TAG.key]: TAG.value, team: prefix } },
  );
  if (!hasStepRoles) return [executionRole];
  return [
    executionRole,
    roleAt(prepare, { data: documentOf(reading, writing('clean/*'), logs, pulling) }, { trust }),
    roleAt(train, { data: documentOf(reading, writing('models/*'), logs, pulling) }, { trust }),
  ];
};

/** The users and roles that any account has. */
const people = (place: Place): Role[] => {
  const { account, region } = place;
  const arn = (name: string) => `arn:aws:iam::${account}:role/${name}`;
  const trust = documentOf({
    Effect: 'Allow',
    Principal: { AWS: `arn:aws:iam::${account}:root` },
    Action: 'sts:AssumeRole',
  });
  const pipelines = `arn:aws:sagemaker:${region}:${account}:pipeline/*`;
  const starting = ['sagemaker:StartPipelineExecution', 'sagemaker:UpdatePipelineVersion'];
  return [
    roleAt(
      arn('data-scientist'),
      {
        own: documentOf(
          allow(['sagemaker:CreatePipeline', 'sagemaker:UpdatePipeline'], pipelines),
          allow('iam:PassRole', arn('pipelines/*'), toSageMaker),
          allow(starting, pipelines, {
            Condition: { NumericGreaterThanEquals: { 'sagemaker:PipelineVersionId': String(FLOOR) } },
          }),
        ),
      },
      { trust },
    ),
    roleAt(arn('release'), { own: documentOf(allow(starting, pipelines)) }, { trust }),
    roleAt(
      arn('platform-admin'),
      { own: documentOf(allow(['iam:TagRole', 'iam:UntagRole'], arn('pipelines/*'))) },
      { trust },
    ),
    roleAt(arn('Admin'), {}, { trust, managed: [ADMINISTRATOR] }),
    roleAt(
      arn('shared/analytics'),
      { own: documentOf(allow(['athena:*', 'glue:Get*'], '*')) },
      { trust: trustOf('sagemaker.amazonaws.com', account) },
    ),
  ];
};

const notebook = (index: number, { account, region }: Place): Role => {
  const number = String(index).padStart(3, '0');
  const bucket = `arn:aws:s3:::acme-notebook-${number}`;
  return roleAt(
    `arn:aws:iam::${account}:role/notebooks/n${number}`,
    {
      own: documentOf(
        allow(['s3:GetObject', 's3:PutObject', 's3:ListBucket'], [bucket, `${bucket}/*`]),
        allow(['sagemaker:List*', 'sagemaker:Search', 'sagemaker:DescribePipeline'], '*'),
        allow(['logs:GetLogEvents', 'logs:FilterLogEvents'], `arn:aws:logs:${region}:${account}:log-group:*`),
      ),
    },
    {
      trust: trustOf('sagemaker.amazonaws.com', account),
      managed: index % WIDE_EVERY === 0 ? [WIDE_POLICY] : [],
    },
  );
};

const application = (index: number, { account, region }: Place): Role => {
  const number = String(index).padStart(3, '0');
  const of = (service: string, resource: string) => `arn:aws:${service}:${region}:${account}:${resource}`;
  return roleAt(
    `arn:aws:iam::${account}:role/apps/a${number}`,
    {
      own: documentOf(
        allow(
          ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query'],
          of('dynamodb', `table/app-${number}`),
        ),
        allow(['sqs:SendMessage', 'sqs:ReceiveMessage'], of('sqs', `app-${number}-*`)),
        allow('sagemaker:InvokeEndpoint', of('sagemaker', `endpoint/app-${number}-*`)),
        allow('secretsmanager:GetSecretValue', of('secretsmanager', `secret:app-${number}-*`)),
        allow(
          ['logs:CreateLogStream', 'logs:PutLogEvents'],
          of('logs', `log-group:/aws/lambda/app-${number}:*`),
        ),
      ),
    },
    { trust: trustOf('lambda.amazonaws.com', account) },
  );
};

const ADMINISTRATOR = 'arn:aws:iam::aws:policy/AdministratorAccess';
const WIDE_POLICY = 'arn:aws:iam::111122223333:policy/MachineLearningWide';

/**
 * A policy as wide and as long as AWS's policy for all of SageMaker, with some forty statements about other services.
 */
const wideDocument = (): Document =>
  documentOf(
    allow(['sagemaker:*', 'sagemaker-geospatial:*'], 'arn:aws:sagemaker:*:*:*'),
    allow('iam:PassRole', 'arn:aws:iam::*:role/*', toSageMaker),
    allow(
      ['s3:GetObject', 's3:PutObject', 's3:DeleteObject'],
      ['arn:aws:s3:::*sagemaker*', 'arn:aws:s3:::*aws-glue*'],
    ),
    allow(['s3:ListAllMyBuckets', 's3:GetBucketLocation', 's3:GetBucketCors'], '*'),
    ...SERVICES.flatMap((service) => [
      allow(
        ['Create*', 'Describe*', 'Get*', 'List*'].map((action) => `${service}:${action}`),
        '*',
      ),
      allow([`${service}:TagResource`, `${service}:Delete*`], `arn:aws:${service}:*:*:*sagemaker*`),
    ]),
  );
const SERVICES = [
  ...['ecr', 'logs', 'cloudwatch', 'lambda', 'glue', 'athena', 'kms', 'sns', 'sqs', 'states', 'ec2', 'fsx'],
  ...[
    'elasticfilesystem',
    'codecommit',
    'cognito-idp',
    'redshift',
    'servicecatalog',
    'application-autoscaling',
  ],
];

const bucketsOf = (count: number, teams: readonly Team[], { account }: Place): Bucket[] => {
  const images = teams.flatMap(({ imageBucket }) => imageBucket ?? []);
  const names = [...images, ...teams.map(({ bucket }) => bucket)];
  const others = Array.from(
    { length: Math.max(0, count - names.length) },
    (_, index) => `acme-store-${String(index).padStart(3, '0')}`,
  );
  return [...names, ...others].map((name): Bucket => {
    const image = images.indexOf(name);
    return {
      name,
      policy: bucketPolicy(name, account),
      cors: image < 0 ? null : image % WRONG_CORS_EVERY === 0 ? WRONG_CORS : REQUIRED_CORS_DOCUMENT,
      tags: { owner: name.split('-')[1] ?? '', ...(image >= 0 && { pipewarden: 'image-bucket' }) },
    };
  });
};

const WRONG_CORS = {
  CORSRules: [{ ...REQUIRED_CORS_DOCUMENT.CORSRules[0], AllowedMethods: ['GET', 'PUT'] }],
};

const bucketPolicy = (name: string, account: string): Document => {
  const all = { Principal: '*', Resource: [`arn:aws:s3:::${name}`, `arn:aws:s3:::${name}/*`] };
  return documentOf(
    {
      Sid: 'SecureTransport',
      Effect: 'Deny',
      Action: 's3:*',
      ...all,
      Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    },
    {
      Sid: 'OwnAccount',
      Effect: 'Deny',
      Action: ['s3:PutBucketPolicy', 's3:DeleteBucketPolicy'],
      ...all,
      Condition: { StringNotEquals: { 'aws:PrincipalAccount': account } },
    },
  );
};

const scpsOf = ({ account }: Place) => {
  const full = { Name: 'FullAWSAccess', Content: documentOf(allow('*', '*')) };
  const deny = (Name: string, ...statements: Statement[]) => ({
    Name,
    Content: documentOf(...statements.map((statement) => ({ Resource: '*', ...statement, Effect: 'Deny' }))),
  });
  return [
    {
      target: 'r-acme',
      policies: [
        full,
        deny('organization', { Action: ['organizations:LeaveOrganization', 'account:CloseAccount'] }),
      ],
    },
    {
      target: 'ou-acme-workloads',
      policies: [
        full,
        deny(
          'regions',
          {
            NotAction: ['iam:*', 'organizations:*', 'sts:*', 's3:*', 'support:*'],
            Condition: { StringNotEquals: { 'aws:RequestedRegion': ['eu-west-1', 'eu-central-1'] } },
          },
          { Action: ['cloudtrail:StopLogging', 'cloudtrail:DeleteTrail', 'config:DeleteConfigRule'] },
        ),
      ],
    },
    {
      target: account,
      policies: [
        full,
        deny('networks', {
          // The reports alone, which JsonGet reads: jobs outside the VPC read everything else.
          Action: 's3:GetObject',
          Resource: 'arn:aws:s3:::acme-????-data/clean/reports/*',
          Condition: {
            StringNotEquals: { 'aws:SourceVpc': 'vpc-1a2b3c4d', [`aws:PrincipalTag/${TAG.key}`]: TAG.value },
          },
        }),
      ],
    },
  ];
};

const configOf = (teams: readonly Team[], { account }: Place) => {
  const role = (name: string) => `arn:aws:iam::${account}:role/${name}`;
  return {
    version: 1,
    prefixes: teams.map((team) => ({
      prefix: team.prefix,
      pipelines: [`${team.prefix}-*`],
      roles: [teamRoles(team, { account, region: '' }).execution],
    })),
    roles: {
      creators: [role('data-scientist')],
      execution: [role('pipelines/*')],
      steps: [role('steps/*')],
    },
    imageBuckets: { tags: { pipewarden: 'image-bucket' } },
    versionFloors: [{ pipeline: '*', minimum: FLOOR, except: [role('release')] }],
    scpException: { tagKey: TAG.key, tagValue: TAG.value, taggers: [role('platform-admin')] },
  };
};

/** The expected number of findings for each control, from what was broken on purpose, if every team has a pipeline. */
const expectedOf = (size: Size, teams: readonly Team[], place: Place): Readonly<Record<string, number>> => {
  const wide = rolesOf(size.roles, teams, place).filter(({ managed }) =>
    managed.includes(WIDE_POLICY),
  ).length;
  const images = teams.filter(({ imageBucket }) => imageBucket !== undefined).length;
  const expected: Record<string, number> = {
    'pass-role-scoped': wide,
    'version-floor-enforced': wide,
    'pipeline-access-scoped': wide,
    'image-bucket-cors': Math.ceil(images / WRONG_CORS_EVERY),
  };
  for (let index = 0; index < size.pipelines; index++) {
    const breach = breachOf(index);
    if (!breach) continue;
    expected[breach] = (expected[breach] ?? 0) + 1;
    // The execution role may create jobs under its team's prefix alone.
    if (breach === 'pipeline-job-prefix')
      expected['execution-role-job-permissions'] = (expected['execution-role-job-permissions'] ?? 0) + 1;
  }
  return expected;
};
