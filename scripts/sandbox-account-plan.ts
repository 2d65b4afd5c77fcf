import {
  FOUND,
  findingStep,
  list,
  NAME,
  NO_DEPLOYMENT,
  outputIn,
  type Phase,
  type Plan,
  type Step,
  sweepSucceeded,
  text,
} from './sandbox-steps.ts';

/** The sandbox: one account that nobody else works in. */
export type AccountSandbox = { profile: string; account: string; region: string };

/** The sandbox for which `--plan` prints the plan without a file. */
export const ACCOUNT_EXAMPLE: AccountSandbox = {
  profile: 'sandbox',
  account: '111122223333',
  region: 'eu-west-1',
};

const CONFIG = 'account.yaml';
const LARGE = 'large.json';
const DEPLOYING = 20;

/** Names of jobs with a prefix of 45 characters: SageMaker documents 38, and its API takes 63. */
const LONG_PREFIX = `${NAME}-a-prefix-of-45-characters-in-all`;

const allow = (...statements: object[]) => ({
  Version: '2012-10-17',
  Statement: statements.map((statement) => ({ Effect: 'Allow', ...statement })),
});
const trustOf = (principal: object) => allow({ Principal: principal, Action: 'sts:AssumeRole' });

/** What is made in the account. Its jobs name an image that does not exist, so that they end before they compute anything. */
export const accountThings = ({ account, region }: Pick<AccountSandbox, 'account' | 'region'>) => {
  const role = (name: string): string => `arn:aws:iam::${account}:role/${NAME}-${name}`;
  const sagemaker = (resource: string): string => `arn:aws:sagemaker:${region}:${account}:${resource}`;
  const bucket = `${NAME}-${account}-${region}`;
  const trailBucket = `${NAME}-trail-${account}-${region}`;
  const logGroup = `arn:aws:logs:${region}:${account}:log-group:${NAME}:*`;
  const cloudTrail = { Service: 'cloudtrail.amazonaws.com' };
  const ofTrail = {
    StringEquals: { 'aws:SourceArn': `arn:aws:cloudtrail:${region}:${account}:trail/${NAME}` },
  };
  const image = `${account}.dkr.ecr.${region}.amazonaws.com/${NAME}:none`;
  const processing = (Name: string, ProcessingJobName?: string, containerArguments?: string[]) => ({
    Name,
    Type: 'Processing',
    Arguments: {
      ...(ProcessingJobName !== undefined && { ProcessingJobName }),
      ProcessingResources: {
        ClusterConfig: { InstanceCount: 1, InstanceType: 'ml.t3.medium', VolumeSizeInGB: 1 },
      },
      AppSpecification: {
        ImageUri: image,
        ...(containerArguments && { ContainerArguments: containerArguments }),
      },
      StoppingCondition: { MaxRuntimeInSeconds: 60 },
      RoleArn: role('step'),
    },
  });
  const definition = (...Steps: object[]) => ({ Version: '2020-12-01', Steps });
  return {
    bucket,
    role,
    pipeline: sagemaker(`pipeline/${NAME}`),
    trust: {
      sagemaker: trustOf({ Service: 'sagemaker.amazonaws.com' }),
      ec2: trustOf({ Service: 'ec2.amazonaws.com' }),
    },
    execution: allow(
      {
        Action: [
          ...[
            'sagemaker:CreateProcessingJob',
            'sagemaker:DescribeProcessingJob',
            'sagemaker:StopProcessingJob',
          ],
          ...['sagemaker:CreateHyperParameterTuningJob', 'sagemaker:DescribeHyperParameterTuningJob'],
          ...[
            'sagemaker:CreateAutoMLJob',
            'sagemaker:CreateAutoMLJobV2',
            'sagemaker:DescribeAutoMLJob',
            'sagemaker:AddTags',
          ],
        ],
        Resource: sagemaker('*'),
      },
      {
        Action: 'iam:PassRole',
        Resource: role('step'),
        Condition: { StringEquals: { 'iam:PassedToService': 'sagemaker.amazonaws.com' } },
      },
    ),
    starter: {
      trust: trustOf({ AWS: `arn:aws:iam::${account}:root` }),
      policy: allow({
        Action: 'sagemaker:StartPipelineExecution',
        Resource: sagemaker(`pipeline/${NAME}*`),
        Condition: { NumericGreaterThanEquals: { 'sagemaker:PipelineVersionId': '1' } },
      }),
    },
    // Without a base job name, which the configuration wants; with underscores, which job names may not have.
    breaking: definition(processing('Under_score'), processing('LongPrefix', LONG_PREFIX)),
    mended: definition(processing('Under_score', `${NAME}-mended`)),
    tuning: definition({
      Name: 'Tuning_without_a_name',
      Type: 'Tuning',
      Arguments: {
        HyperParameterTuningJobConfig: {
          Strategy: 'Random',
          ResourceLimits: { MaxNumberOfTrainingJobs: 1, MaxParallelTrainingJobs: 1 },
          HyperParameterTuningJobObjective: { Type: 'Minimize', MetricName: 'loss' },
          ParameterRanges: { ContinuousParameterRanges: [{ Name: 'rate', MinValue: '0', MaxValue: '1' }] },
        },
        TrainingJobDefinition: {
          AlgorithmSpecification: {
            TrainingImage: image,
            TrainingInputMode: 'File',
            MetricDefinitions: [{ Name: 'loss', Regex: 'loss=(.*)' }],
          },
          OutputDataConfig: { S3OutputPath: `s3://${bucket}/tuning` },
          ResourceConfig: { InstanceCount: 1, InstanceType: 'ml.m5.large', VolumeSizeInGB: 1 },
          StoppingCondition: { MaxRuntimeInSeconds: 60 },
          RoleArn: role('step'),
        },
      },
    }),
    automl: definition({
      Name: 'AutoML_without_a_name',
      Type: 'AutoML',
      Arguments: {
        InputDataConfig: [
          {
            DataSource: { S3DataSource: { S3DataType: 'S3Prefix', S3Uri: `s3://${bucket}/nothing` } },
            TargetAttributeName: 'y',
          },
        ],
        OutputDataConfig: { S3OutputPath: `s3://${bucket}/automl` },
        AutoMLJobConfig: { Mode: 'ENSEMBLING' },
        RoleArn: role('step'),
      },
    }),
    large: definition(
      ...['One', 'Two', 'Three', 'Four', 'Five'].map((name) =>
        processing(
          name,
          undefined,
          Array.from({ length: 90 }, () => 'x'.repeat(250)),
        ),
      ),
    ),
    // CloudTrail records calls of functions only in a trail that asks for them.
    // https://docs.aws.amazon.com/lambda/latest/dg/logging-using-cloudtrail.html
    trail: {
      bucket: trailBucket,
      logGroup,
      trust: trustOf(cloudTrail),
      writing: allow({ Action: ['logs:CreateLogStream', 'logs:PutLogEvents'], Resource: logGroup }),
      bucketPolicy: allow(
        {
          Principal: cloudTrail,
          Action: 's3:GetBucketAcl',
          Resource: `arn:aws:s3:::${trailBucket}`,
          Condition: ofTrail,
        },
        {
          Principal: cloudTrail,
          Action: 's3:PutObject',
          Resource: `arn:aws:s3:::${trailBucket}/AWSLogs/${account}/*`,
          Condition: ofTrail,
        },
      ),
      expiry: {
        Rules: [{ ID: NAME, Status: 'Enabled', Filter: { Prefix: '' }, Expiration: { Days: 1 } }],
      },
      selectors: [
        {
          ReadWriteType: 'All',
          IncludeManagementEvents: false,
          DataResources: [{ Type: 'AWS::Lambda::Function', Values: ['arn:aws:lambda'] }],
        },
      ],
    },
    cors: {
      CORSRules: [
        {
          AllowedHeaders: ['*'],
          AllowedMethods: ['PUT'],
          AllowedOrigins: ['*'],
          ExposeHeaders: ['Access-Control-Allow-Origin'],
        },
      ],
    },
  };
};

/** The configuration: the pipeline may make jobs that begin with the name of the sandbox, by one role and one step role. */
export const accountConfig = (): object => ({
  version: 1,
  prefixes: [{ prefix: NAME, pipelines: [NAME] }],
  roles: {
    execution: [`arn:aws:iam::\${account}:role/${NAME}-execution`],
    steps: [`arn:aws:iam::\${account}:role/${NAME}-step`],
  },
});

/** The records that are collected. Those of jobs may not come to be, where SageMaker refuses the job before. */
export const COLLECTED = {
  surely: [
    'CreatePipeline',
    'UpdatePipeline',
    'StartPipelineExecution',
    'CreateProcessingJob',
    'PutBucketCors',
  ],
  perhaps: ['CreateHyperParameterTuningJob', 'CreateAutoMLJob', 'CreateAutoMLJobV2'],
} as const;

/** The records of the sandbox in an answer of `cloudtrail lookup-events`. */
const recordsIn = (answer: unknown): unknown[] =>
  list(answer, 'Events').flatMap((event) => {
    const record = text(event, 'CloudTrailEvent');
    return record.includes(NAME) ? [JSON.parse(record) as unknown] : [];
  });

/** The records of CloudTrail in an answer of `logs filter-log-events`, of calls of functions of the deployment. */
const callsIn = (answer: unknown): unknown[] =>
  list(answer, 'events').flatMap((event) => {
    const message = text(event, 'message');
    return message.includes(':function:Pipewarden-') ? [JSON.parse(message) as unknown] : [];
  });

/** The name of the audit function in an answer of `list-stack-resources`. */
const auditorIn = (answer: unknown): string | undefined => {
  const made = list(answer, 'StackResourceSummaries').find(
    (each) =>
      text(each, 'ResourceType') === 'AWS::Lambda::Function' &&
      /^Audit/.test(text(each, 'LogicalResourceId')),
  );
  return made === undefined ? undefined : text(made, 'PhysicalResourceId');
};

/** Everything that a run does in one account, in its order. It is undone from the end to the beginning. */
export const accountPlan = (sandbox: AccountSandbox): Plan => ({
  phases: phasesOf(sandbox),
  files: {
    [CONFIG]: JSON.stringify(accountConfig()),
    [LARGE]: JSON.stringify(accountThings(sandbox).large),
  },
});

const phasesOf = (sandbox: AccountSandbox): readonly Phase[] => {
  const { profile, region } = sandbox;
  const things = accountThings(sandbox);
  const by = 'account';
  const inRegion = ['--region', region];
  const json = (value: unknown): string => JSON.stringify(value);
  const own = (...words: string[]): readonly string[] => [
    'pipewarden',
    ...words,
    ...['--profile', profile],
    ...inRegion,
  ];
  const deploy = (...words: string[]) => [...own('deploy'), '--config', CONFIG, ...words];
  const step = (title: string, command: readonly string[], more: Partial<Step> = {}): Step => ({
    title,
    by,
    command,
    ...more,
  });
  const role = (name: string, trust: object, policy?: object): Step[] => {
    const named = ['--role-name', `${NAME}-${name}`, ...inRegion];
    const inline = [...named, '--policy-name', NAME];
    return [
      step(
        `The role ${NAME}-${name}`,
        ['aws', 'iam', 'create-role', ...named, '--assume-role-policy-document', json(trust)],
        {
          undo: ['aws', 'iam', 'delete-role', ...named],
        },
      ),
      ...(policy
        ? [
            step(
              `What ${NAME}-${name} may`,
              ['aws', 'iam', 'put-role-policy', ...inline, '--policy-document', json(policy)],
              {
                undo: ['aws', 'iam', 'delete-role-policy', ...inline],
              },
            ),
          ]
        : []),
    ];
  };
  const ofPipeline = (call: string, name: string, ...words: string[]): readonly string[] => [
    ...['aws', 'sagemaker', call, ...inRegion, '--pipeline-name', name],
    ...words,
  ];
  const create = (
    title: string,
    name: string,
    definition: string,
    more: Partial<Step> = {},
    ...words: string[]
  ): Step =>
    step(
      title,
      ofPipeline(
        'create-pipeline',
        name,
        '--role-arn',
        things.role('execution'),
        '--pipeline-definition',
        definition,
        ...words,
      ),
      { undo: ofPipeline('delete-pipeline', name), ...more },
    );
  const kept = (as: string): Pick<Step, 'keeps'> => ({ keeps: { as, of: (answer) => answer } });
  const stackOutput = (stack: string, what: 'machine' | 'topic', output: string): Step =>
    step(
      `The output ${output}`,
      ['aws', 'cloudformation', 'describe-stacks', ...inRegion, '--stack-name', stack],
      {
        finds: { what, in: outputIn(output) },
      },
    );
  const lookUp = (eventName: string): readonly string[] => [
    ...['aws', 'cloudtrail', 'lookup-events', ...inRegion, '--max-items', '50'],
    ...['--lookup-attributes', `AttributeKey=EventName,AttributeValue=${eventName}`],
  ];
  const keepsRecords = (eventName: string): Pick<Step, 'keeps'> => ({
    keeps: { as: `records-${eventName}`, of: recordsIn },
  });
  const finding = (title: string, control: string, resource: string, state?: 'ARCHIVED'): Step =>
    findingStep({ by, region }, { title, control, resource, ...(state && { state }) });
  const bucketStep = (title: string, bucket: string): Step =>
    step(title, ['aws', 's3api', 'create-bucket', '--bucket', bucket, ...inRegion, ...placeOf(region)], {
      undo: ['aws', 's3api', 'delete-bucket', '--bucket', bucket, ...inRegion],
    });
  /** What it is handed says of no queue, so that a function that is called all the same refuses it. */
  const invoke = (...words: string[]): readonly string[] => [
    ...['aws', 'lambda', 'invoke', ...inRegion, '--function-name', FOUND.auditor, ...words],
    ...['--cli-binary-format', 'raw-in-base64-out', '--payload', '{"Records":[{}]}', 'invoked.json'],
  ];
  const start = (name: string, ...words: string[]) => ofPipeline('start-pipeline-execution', name, ...words);

  return [
    {
      title: 'Deploy',
      steps: [
        step(
          'What the deployment will meet: nothing may fail, Security Hub and a trail must be there',
          deploy('--check', '--format', 'json'),
          {
            check: { wrong: unfit, atMostMinutes: 0 },
            beyondEmulators: NO_DEPLOYMENT,
          },
        ),
        step('The deployment', deploy('--', '--require-approval', 'never'), {
          atMostMinutes: DEPLOYING,
          undo: own('destroy'),
          beyondEmulators: NO_DEPLOYMENT,
        }),
      ],
    },
    {
      title: 'Who may call a function, and as whom AWS calls it',
      steps: [
        step(
          'A log group for the records',
          ['aws', 'logs', 'create-log-group', ...inRegion, '--log-group-name', NAME],
          { undo: ['aws', 'logs', 'delete-log-group', ...inRegion, '--log-group-name', NAME] },
        ),
        ...role('trail', things.trail.trust, things.trail.writing),
        bucketStep('A bucket for the trail', things.trail.bucket),
        step(
          'What is left in it expires',
          [
            ...[
              'aws',
              's3api',
              'put-bucket-lifecycle-configuration',
              '--bucket',
              things.trail.bucket,
              ...inRegion,
            ],
            ...['--lifecycle-configuration', json(things.trail.expiry)],
          ],
          { undo: ['aws', 's3', 'rm', `s3://${things.trail.bucket}`, '--recursive', ...inRegion] },
        ),
        step(
          'CloudTrail may write to it',
          [
            ...['aws', 's3api', 'put-bucket-policy', '--bucket', things.trail.bucket, ...inRegion],
            ...['--policy', json(things.trail.bucketPolicy)],
          ],
          {
            undo: ['aws', 's3api', 'delete-bucket-policy', '--bucket', things.trail.bucket, ...inRegion],
          },
        ),
        step(
          'A trail of calls of functions',
          [
            ...['aws', 'cloudtrail', 'create-trail', ...inRegion, '--name', NAME],
            ...['--s3-bucket-name', things.trail.bucket],
            ...['--cloud-watch-logs-log-group-arn', things.trail.logGroup],
            ...['--cloud-watch-logs-role-arn', things.role('trail')],
          ],
          {
            undo: ['aws', 'cloudtrail', 'delete-trail', ...inRegion, '--name', NAME],
            // A new role is not known everywhere at once.
            check: {
              wrong: (answer) => (text(answer, 'TrailARN') ? undefined : 'there is no trail'),
              atMostMinutes: 3,
            },
            beyondEmulators: NO_TRAIL,
          },
        ),
        step(
          'It records calls of functions alone',
          [
            ...['aws', 'cloudtrail', 'put-event-selectors', ...inRegion, '--trail-name', NAME],
            ...['--event-selectors', json(things.trail.selectors)],
          ],
          { beyondEmulators: NO_TRAIL },
        ),
        step('It records', ['aws', 'cloudtrail', 'start-logging', ...inRegion, '--name', NAME], {
          beyondEmulators: NO_TRAIL,
        }),
        step(
          'The audit function',
          ['aws', 'cloudformation', 'list-stack-resources', ...inRegion, '--stack-name', 'Pipewarden'],
          { finds: { what: 'auditor', in: auditorIn } },
        ),
        step('A call of it, which its policy refuses', invoke(), {
          ...kept('invoke-unqualified'),
          beyondEmulators: NO_FUNCTION_POLICY,
        }),
        step('A call with a qualifier', invoke('--qualifier', '$LATEST'), {
          ...kept('invoke-latest'),
          beyondEmulators: NO_FUNCTION_POLICY,
        }),
      ],
    },
    {
      title: 'A breaking pipeline, and what it runs',
      steps: [
        ...role('step', things.trust.sagemaker),
        ...role('execution', things.trust.sagemaker, things.execution),
        create('The pipeline, with a step that has no base job name', NAME, json(things.breaking)),
        step('An execution, whose jobs name an image that does not exist', start(NAME), {
          finds: {
            what: 'execution',
            in: (answer) => text(answer ?? {}, 'PipelineExecutionArn') || undefined,
          },
        }),
        bucketStep('A bucket', things.bucket),
        step('Its CORS configuration', [
          ...['aws', 's3api', 'put-bucket-cors', '--bucket', things.bucket, ...inRegion],
          ...['--cors-configuration', json(things.cors)],
        ]),
      ],
    },
    {
      title: 'What AWS’s pages leave open: a refusal is an answer',
      steps: [
        create('A definition over 100 KB', `${NAME}-large`, `file://${LARGE}`, kept('create-large')),
        create('A tuning step without a name', `${NAME}-tuning`, json(things.tuning), kept('create-tuning')),
        step('Its execution', start(`${NAME}-tuning`), kept('start-tuning')),
        create('An AutoML step without a name', `${NAME}-automl`, json(things.automl), kept('create-automl')),
        step('Its execution', start(`${NAME}-automl`), kept('start-automl')),
        create(
          'A pipeline with an alias of its version',
          `${NAME}-alias`,
          json(things.mended),
          kept('create-alias'),
          '--pipeline-version-aliases',
          'smoke',
        ),
        ...role('starter', things.starter.trust, things.starter.policy),
        step(
          `A session of ${NAME}-starter, which may start versions from 1 on`,
          [
            'aws',
            'sts',
            'assume-role',
            ...inRegion,
            '--role-arn',
            things.role('starter'),
            '--role-session-name',
            NAME,
          ],
          {
            opensSession: true,
            check: {
              wrong: (answer) => ('Credentials' in (answer as object) ? undefined : 'no credentials'),
              atMostMinutes: 3,
            },
          },
        ),
        step('In it, version 1 may be started', start(NAME, '--pipeline-version-id', '1'), {
          inSession: true,
          check: {
            wrong: (answer) => (text(answer, 'PipelineExecutionArn') ? undefined : 'it is refused'),
            atMostMinutes: 5,
          },
          beyondEmulators: 'moto knows no versions of pipelines',
        }),
        step('In it, an execution that names no version', start(NAME), {
          inSession: true,
          ...kept('start-without-version'),
        }),
        step(
          'In it, an execution that names an alias',
          start(`${NAME}-alias`, '--pipeline-version-alias', 'smoke'),
          {
            inSession: true,
            ...kept('start-by-alias'),
          },
        ),
      ],
    },
    {
      title: 'The finding, by its event, and its end when the pipeline is mended',
      steps: [
        finding('pipeline-job-prefix on the pipeline', 'pipeline-job-prefix', things.pipeline),
        step(
          'The pipeline, mended',
          ofPipeline('update-pipeline', NAME, '--pipeline-definition', json(things.mended)),
        ),
        step('An event of IAM from the global Region: the execution role trusts EC2', [
          ...['aws', 'iam', 'update-assume-role-policy', ...inRegion, '--role-name', `${NAME}-execution`],
          ...['--policy-document', json(things.trust.ec2)],
        ]),
        finding('pipeline-job-prefix is mended', 'pipeline-job-prefix', things.pipeline, 'ARCHIVED'),
        finding('execution-role-trust on the role', 'execution-role-trust', things.role('execution')),
      ],
    },
    {
      title: 'A sweep, and a test alert',
      steps: [
        stackOutput('Pipewarden', 'machine', 'SweepMachineArn'),
        step(
          'The sweep',
          [
            ...['aws', 'stepfunctions', 'start-execution', ...inRegion, '--state-machine-arn', FOUND.machine],
            ...['--name', NAME, '--input', '{}'],
          ],
          { beyondEmulators: NO_MAP },
        ),
        step(
          'The execution succeeds',
          ['aws', 'stepfunctions', 'list-executions', ...inRegion, '--state-machine-arn', FOUND.machine],
          { check: { wrong: sweepSucceeded, atMostMinutes: 20 }, beyondEmulators: NO_MAP },
        ),
        stackOutput('PipewardenState', 'topic', 'AlertTopicArn'),
        step('A test alert to the topic', [
          ...own('notify', '--test'),
          '--topic',
          FOUND.topic,
          '--config',
          CONFIG,
        ]),
      ],
    },
    {
      title: 'The records of CloudTrail, and the names of jobs',
      steps: [
        step(
          'The jobs of the execution',
          [
            'aws',
            'sagemaker',
            'list-pipeline-execution-steps',
            ...inRegion,
            '--pipeline-execution-arn',
            FOUND.execution,
          ],
          {
            ...kept('steps'),
            check: { wrong: unended, atMostMinutes: 15 },
            beyondEmulators: NO_STEPS,
          },
        ),
        ...COLLECTED.surely.map((eventName) =>
          step(eventName, lookUp(eventName), {
            ...keepsRecords(eventName),
            ...(eventName === 'CreateProcessingJob' && { beyondEmulators: NO_STEPS }),
            check: {
              wrong: (answer) => (recordsIn(answer).length > 0 ? undefined : 'there is no record yet'),
              atMostMinutes: 20,
            },
          }),
        ),
        ...COLLECTED.perhaps.map((eventName) =>
          step(`${eventName}, if there is any`, lookUp(eventName), keepsRecords(eventName)),
        ),
        step(
          'Calls of the functions',
          [
            ...['aws', 'logs', 'filter-log-events', ...inRegion, '--log-group-name', NAME],
            ...['--filter-pattern', '{ $.eventName = "Invoke" }', '--max-items', '200'],
          ],
          { keeps: { as: 'records-Invoke', of: callsIn }, beyondEmulators: NO_TRAIL },
        ),
      ],
    },
  ];
};

const NO_TRAIL = 'what stands in for CloudTrail has no trails';
const NO_FUNCTION_POLICY = 'MiniStack does not keep to policies of functions';
const NO_STEPS = 'moto runs no steps of pipelines';
const NO_MAP = 'MiniStack reads no items of a distributed map as JSONata';

/** us-east-1 refuses its own name here. */
const placeOf = (region: string): string[] =>
  region === 'us-east-1'
    ? []
    : ['--create-bucket-configuration', JSON.stringify({ LocationConstraint: region })];

/** What in an answer of `deploy --check` keeps the run from succeeding. */
const unfit = (answer: unknown): string | undefined => {
  const rows = list(answer, 'rows').filter((row) => {
    const [about, status] = [text(row, 'about'), text(row, 'status')];
    // In the end the deployment is removed, which must not be another's.
    if (about === 'Stack Pipewarden') return true;
    return status === 'WILL_FAIL' || (status !== 'OK' && ['Security Hub CSPM', 'CloudTrail'].includes(about));
  });
  return rows.length > 0
    ? rows.map((row) => `${text(row, 'about')}: ${text(row, 'found')} ${text(row, 'todo')}`).join('; ')
    : undefined;
};

const unended = (answer: unknown): string | undefined => {
  const steps = list(answer, 'PipelineExecutionSteps');
  const running = steps.filter((each) => !/^(?:Failed|Succeeded|Stopped)$/.test(text(each, 'StepStatus')));
  if (steps.length === 0) return 'no step has begun';
  return running.length > 0
    ? `${running.map((each) => text(each, 'StepName')).join(', ')}: not ended`
    : undefined;
};
