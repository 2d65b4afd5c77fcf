import pLimit from 'p-limit';
import { median, rounded } from '../processes/figures.ts';
import { formCall, jsonCall, s3Put } from './aws-call.ts';
import {
  CONFIGURATION,
  EXECUTION_ROLE_ARN,
  type Job,
  jobName,
  pipelineDefinition,
  REGION,
  STEP_NAMES,
  STEP_ROLE_ARN,
  trainingArguments,
} from './training-job.ts';

/** The place of the function's configuration. */
const CONFIG = { bucket: 'bench-assets', key: 'pipewarden.json' };

/** Every tenth execution belongs to the pipeline whose steps have no prefix. */
const PIPELINES = [
  { name: 'fraud-scoring', authorised: true },
  { name: 'fraud-legacy', authorised: false },
] as const;

const TRUST_POLICY = JSON.stringify({
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Principal: { Service: 'sagemaker.amazonaws.com' }, Action: 'sts:AssumeRole' },
  ],
});

/** Makes the findings table with the keys of the stack’s. */
export const createFindingsTable = async (endpoint: string, TableName: string): Promise<void> => {
  await jsonCall(endpoint, 'DynamoDB_20120810.CreateTable', {
    TableName,
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: [
      { AttributeName: 'pk', KeyType: 'HASH' },
      { AttributeName: 'sk', KeyType: 'RANGE' },
    ],
    AttributeDefinitions: ['pk', 'sk'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
  });
};

export type Account = Awaited<ReturnType<typeof createAccount>>;

/** Makes an account in moto through its API: roles, pipelines, the configuration, and as many jobs as requested. */
export const createAccount = async (endpoint: string) => {
  const sageMaker = <T>(operation: string, input: object): Promise<T> =>
    jsonCall<T>(endpoint, `SageMaker.${operation}`, input);
  const dynamoDb = <T>(operation: string, input: object): Promise<T> =>
    jsonCall<T>(endpoint, `DynamoDB_20120810.${operation}`, input);
  const limit = pLimit(8);
  const jobs: Job[] = [];
  let tables = 0;

  for (const roleArn of [EXECUTION_ROLE_ARN, STEP_ROLE_ARN]) {
    const [, path = '', RoleName = ''] = roleArn.split('/');
    await formCall(endpoint, 'iam', {
      Action: 'CreateRole',
      Version: '2010-05-08',
      RoleName,
      Path: `/${path}/`,
      AssumeRolePolicyDocument: TRUST_POLICY,
    });
  }
  for (const { name, authorised } of PIPELINES) {
    await sageMaker('CreatePipeline', {
      PipelineName: name,
      ClientRequestToken: `bench-${name}`.padEnd(32, '-'),
      PipelineDefinition: pipelineDefinition(authorised),
      RoleArn: EXECUTION_ROLE_ARN,
    });
  }
  const location = `<CreateBucketConfiguration><LocationConstraint>${REGION}</LocationConstraint></CreateBucketConfiguration>`;
  await s3Put(endpoint, `/${CONFIG.bucket}`, location);
  await s3Put(endpoint, `/${CONFIG.bucket}/${CONFIG.key}`, JSON.stringify(CONFIGURATION));

  /** Starts an execution, and creates the job of each of its steps. */
  const runPipeline = async (index: number): Promise<Job[]> => {
    const { name: PipelineName, authorised } = PIPELINES[index % 10 === 4 ? 1 : 0];
    const { PipelineExecutionArn: executionArn } = await sageMaker<{ PipelineExecutionArn: string }>(
      'StartPipelineExecution',
      { PipelineName, ClientRequestToken: `bench-${index}`.padEnd(32, '-') },
    );
    const started = await Promise.all(
      STEP_NAMES.map(async (stepName, step) => {
        const token = `x${String(index * STEP_NAMES.length + step).padStart(9, '0')}`;
        const name = jobName(authorised, executionArn, stepName, token);
        const { TrainingJobArn: arn } = await sageMaker<{ TrainingJobArn: string }>('CreateTrainingJob', {
          TrainingJobName: name,
          ...trainingArguments(stepName),
          Tags: [{ Key: 'sagemaker:pipeline-execution-arn', Value: executionArn }],
        });
        return { name, arn, executionArn, stepName, authorised };
      }),
    );
    // moto runs no steps, so it is told which step started each job.
    const Tags = started.map(({ arn, stepName }) => ({ Key: arn, Value: stepName }));
    await sageMaker('AddTags', { ResourceArn: executionArn, Tags });
    return started;
  };

  const milliseconds = async (times: number, call: () => Promise<unknown>): Promise<number> => {
    const taken: number[] = [];
    for (let n = 0; n < times; n++) {
      const start = performance.now();
      await call();
      taken.push(performance.now() - start);
    }
    return rounded(median(taken));
  };

  return {
    config: CONFIG,
    /** The stored jobs, oldest first. */
    jobs: jobs as readonly Job[],
    /** Runs pipelines until that many jobs are stored. */
    growTo: async (count: number): Promise<void> => {
      const [from, to] = [jobs.length / STEP_NAMES.length, count / STEP_NAMES.length];
      const indexes = Array.from({ length: to - from }, (_, offset) => from + offset);
      const created = await Promise.all(indexes.map((index) => limit(() => runPipeline(index))));
      jobs.push(...created.flat());
    },
    /** Makes an empty findings table, so that a run finds nothing of an earlier one. */
    createTable: async (): Promise<string> => {
      tables += 1;
      const name = `bench-findings-${tables}`;
      await createFindingsTable(endpoint, name);
      return name;
    },
    /** The number of these jobs about which a findings table contains something. */
    countFlagged: async (table: string, among: readonly Job[]): Promise<number> => {
      const { Items } = await dynamoDb<{ Items: object[] }>('Scan', { TableName: table });
      const text = JSON.stringify(Items.filter((item) => JSON.stringify(item).includes('job-name-prefix')));
      return among.filter(({ name }) => text.includes(name)).length;
    },
    /** The time that moto itself takes for the two most important calls, for a caller without other work. */
    emulatorTimes: async () => ({
      describeMs: await milliseconds(20, () =>
        sageMaker('DescribeTrainingJob', { TrainingJobName: jobs[0]?.name }),
      ),
      listMs: await milliseconds(3, () => sageMaker('ListTrainingJobs', {})),
    }),
  };
};
