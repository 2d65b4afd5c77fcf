import {
  DescribeAIBenchmarkJobCommand,
  DescribeAIRecommendationJobCommand,
  DescribeAutoMLJobV2Command,
  DescribeCompilationJobCommand,
  DescribeEdgePackagingJobCommand,
  DescribeHyperParameterTuningJobCommand,
  DescribeInferenceRecommendationsJobCommand,
  DescribeJobCommand,
  DescribeLabelingJobCommand,
  DescribeModelCardExportJobCommand,
  DescribeModelCommand,
  DescribeModelPackageCommand,
  DescribeOptimizationJobCommand,
  DescribeProcessingJobCommand,
  DescribeTrainingJobCommand,
  DescribeTransformJobCommand,
  JobCategory,
  paginateListAutoMLJobs,
  paginateListHyperParameterTuningJobs,
  paginateListProcessingJobs,
  paginateListTrainingJobs,
  paginateListTransformJobs,
  type SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import { type JobKindId, jobKind } from '../../definition/job-kinds.ts';
import type { Scope } from '../../domain/scope.ts';
import { describedJob } from '../../reader/answers/describe.ts';
import { ABSENT, found, notRead, type Read } from '../../reader/read-result.ts';
import type { JobDescription } from '../../reader/reader.ts';
import { allPages, call, shorten } from './call.ts';

type Describe = (client: SageMakerClient, name: string) => Promise<unknown>;

/**
 * One Describe call for each kind. DescribeAutoMLJobV2 describes jobs of both versions. The kinds that need more
 * than a name, or that the SDK does not know, are treated below.
 */
const DESCRIBE: Record<Exclude<JobKindId, 'job' | 'model-card-export-job' | 'training-session'>, Describe> = {
  'training-job': (client, name) => client.send(new DescribeTrainingJobCommand({ TrainingJobName: name })),
  'processing-job': (client, name) =>
    client.send(new DescribeProcessingJobCommand({ ProcessingJobName: name })),
  'transform-job': (client, name) => client.send(new DescribeTransformJobCommand({ TransformJobName: name })),
  'hyper-parameter-tuning-job': (client, name) =>
    client.send(new DescribeHyperParameterTuningJobCommand({ HyperParameterTuningJobName: name })),
  'auto-ml-job': (client, name) => client.send(new DescribeAutoMLJobV2Command({ AutoMLJobName: name })),
  'auto-ml-job-v2': (client, name) => client.send(new DescribeAutoMLJobV2Command({ AutoMLJobName: name })),
  model: (client, name) => client.send(new DescribeModelCommand({ ModelName: name })),
  'model-package': (client, name) => client.send(new DescribeModelPackageCommand({ ModelPackageName: name })),
  'compilation-job': (client, name) =>
    client.send(new DescribeCompilationJobCommand({ CompilationJobName: name })),
  'edge-packaging-job': (client, name) =>
    client.send(new DescribeEdgePackagingJobCommand({ EdgePackagingJobName: name })),
  'inference-recommendations-job': (client, name) =>
    client.send(new DescribeInferenceRecommendationsJobCommand({ JobName: name })),
  'labeling-job': (client, name) => client.send(new DescribeLabelingJobCommand({ LabelingJobName: name })),
  'optimization-job': (client, name) =>
    client.send(new DescribeOptimizationJobCommand({ OptimizationJobName: name })),
  'ai-benchmark-job': (client, name) =>
    client.send(new DescribeAIBenchmarkJobCommand({ AIBenchmarkJobName: name })),
  'ai-recommendation-job': (client, name) =>
    client.send(new DescribeAIRecommendationJobCommand({ AIRecommendationJobName: name })),
};

/** A job, from its Describe call. The name of a model package in a group is `group/version`. */
export const readJob = async (
  client: SageMakerClient,
  scope: Scope,
  kind: JobKindId,
  name: string,
): Promise<Read<JobDescription>> => {
  const output = await jobOutput(client, scope, kind, name);
  return output.ok ? describedJob(kind, output.value, callName(kind), { scope, nameAsked: name }) : output;
};

/** The output of the Describe call of the job’s kind. */
export const jobOutput = (
  client: SageMakerClient,
  scope: Scope,
  kind: JobKindId,
  name: string,
): Promise<Read<unknown>> => {
  switch (kind) {
    case 'job':
      return describeInEachCategory(client, name);
    case 'training-session':
      return Promise.resolve(
        notRead(callName(kind), 'NotInSdk', `the AWS SDK of this version cannot describe ${shorten(name)}`),
      );
    case 'model-card-export-job':
      return describeExportJob(client, name);
    case 'model-package':
      return call(callName(kind), () =>
        DESCRIBE[kind](client, name.includes('/') ? modelPackageArn(scope, name) : name),
      );
    default:
      return call(callName(kind), () => DESCRIBE[kind](client, name));
  }
};

const callName = (kind: JobKindId): string =>
  jobKind(kind).arnType === 'automl-job' ? 'DescribeAutoMLJobV2' : `Describe${jobKind(kind).noun}`;

const modelPackageArn = ({ partition, region, account }: Scope, name: string): string =>
  `arn:${partition}:sagemaker:${region}:${account}:model-package/${name}`;

/** DescribeJob requires the category too, which neither the name nor most events tell. So each category is tried. */
const describeInEachCategory = async (client: SageMakerClient, name: string): Promise<Read<unknown>> => {
  let last: Read<unknown> = notRead('DescribeJob', ABSENT, `no category of jobs holds ${name}`);
  for (const category of Object.values(JobCategory)) {
    last = await call('DescribeJob', () =>
      client.send(new DescribeJobCommand({ JobName: name, JobCategory: category })),
    );
    if (last.ok || last.unread.code !== ABSENT) return last;
  }
  return last;
};

/** DescribeModelCardExportJob requires the ARN, which contains the model card’s name. The job’s name is not enough. */
const describeExportJob = async (client: SageMakerClient, nameOrArn: string): Promise<Read<unknown>> =>
  nameOrArn.startsWith('arn:')
    ? call('DescribeModelCardExportJob', () =>
        client.send(new DescribeModelCardExportJobCommand({ ModelCardExportJobArn: nameOrArn })),
      )
    : notRead(
        'DescribeModelCardExportJob',
        'NotNamed',
        `the ARN is needed to describe the export job ${nameOrArn}`,
      );

/** A new object for each list, because the SDK’s paginators write the next token into their input. */
const inProgress = () => ({ StatusEquals: 'InProgress' as const, MaxResults: 100 });

/** The list call of each kind of job that pipelines start and that runs for a while. */
const LIST: Partial<Record<JobKindId, (client: SageMakerClient) => Promise<(string | undefined)[]>>> = {
  'training-job': (client) =>
    allPages(paginateListTrainingJobs({ client }, inProgress()), (page) =>
      page.TrainingJobSummaries?.map((job) => job.TrainingJobName),
    ),
  'processing-job': (client) =>
    allPages(paginateListProcessingJobs({ client }, inProgress()), (page) =>
      page.ProcessingJobSummaries?.map((job) => job.ProcessingJobName),
    ),
  'transform-job': (client) =>
    allPages(paginateListTransformJobs({ client }, inProgress()), (page) =>
      page.TransformJobSummaries?.map((job) => job.TransformJobName),
    ),
  'hyper-parameter-tuning-job': (client) =>
    allPages(paginateListHyperParameterTuningJobs({ client }, inProgress()), (page) =>
      page.HyperParameterTuningJobSummaries?.map((job) => job.HyperParameterTuningJobName),
    ),
  'auto-ml-job': (client) =>
    allPages(paginateListAutoMLJobs({ client }, inProgress()), (page) =>
      page.AutoMLJobSummaries?.map((job) => job.AutoMLJobName),
    ),
};

/** The jobs in progress, of every kind that pipelines start. A gap where the list of one kind could not be read. */
export const listJobsInProgress = async (
  client: SageMakerClient,
): Promise<Read<{ kind: JobKindId; name: string }[]>> => {
  const lists = await Promise.all(
    Object.entries(LIST).map(async ([id, list]) => {
      const kind = id as JobKindId;
      const names = await call(`List${jobKind(kind).noun}s`, () => list(client));
      return names.ok
        ? found(names.value.flatMap((name) => (name === undefined ? [] : [{ kind, name }])))
        : names;
    }),
  );
  const unread = lists.find((list) => !list.ok);
  return unread ?? found(lists.flatMap((list) => (list.ok ? list.value : [])));
};
