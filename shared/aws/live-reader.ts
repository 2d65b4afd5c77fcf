import {
  DescribePipelineCommand,
  DescribePipelineDefinitionForExecutionCommand,
  ListPipelinesCommand,
  type SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import { INCOMPLETE, pipelineFact } from '../facts/describe.ts';
import { pipelineOfExecution } from '../facts/execution.ts';
import { found, notRead, type Read } from '../facts/read.ts';
import type { ExecutionDefinition, ExecutionRef, PipelineFact, Reader } from '../facts/reader.ts';
import type { Scope } from '../findings/finding.ts';
import { allPages, call } from './call.ts';
import type { AwsClients } from './clients.ts';
import { listJobsInProgress, readJob } from './job-calls.ts';

/**
 * What AWS says now. Each method rejects with an `AwsAccessError` where nothing can be read from AWS at all, and
 * otherwise answers why it could not.
 */
export const liveReader = ({ sagemaker, s3, iam, scope }: AwsClients & { scope: Scope }): Reader => {
  const buckets = async () => ({ ...(await import('./bucket-calls.ts')), client: await s3() });
  const roles = async () => ({ ...(await import('./role-calls.ts')), client: await iam() });
  return {
    scope,
    describePipeline: (name) => readPipeline(sagemaker, scope, name),
    describeExecutionDefinition: (execution) => readExecutionDefinition(sagemaker, execution),
    describeJob: (kind, name) => readJob(sagemaker, scope, kind, name),
    getBucketCors: async (bucket) => {
      const { client, readBucketCors } = await buckets();
      return readBucketCors(client, bucket);
    },
    getBucketTags: async (bucket) => {
      const { client, readBucketTags } = await buckets();
      return readBucketTags(client, bucket);
    },
    getRole: async (name) => {
      const { client, readRole } = await roles();
      return readRole(client, name);
    },
    listPipelines: () => listPipelineNames(sagemaker),
    listBuckets: async () => {
      const { client, listBucketNames } = await buckets();
      return listBucketNames(client);
    },
    listJobs: () => listJobsInProgress(sagemaker),
  };
};

const readPipeline = async (
  client: SageMakerClient,
  scope: Scope,
  name: string,
): Promise<Read<PipelineFact>> => {
  const callName = 'DescribePipeline';
  const output = await call(callName, () => client.send(new DescribePipelineCommand({ PipelineName: name })));
  return output.ok ? pipelineFact(output.value, callName, scope, name) : output;
};

const readExecutionDefinition = async (
  client: SageMakerClient,
  { executionId, executionArn }: ExecutionRef,
): Promise<Read<ExecutionDefinition>> => {
  const callName = 'DescribePipelineDefinitionForExecution';
  const pipelineName = executionArn && pipelineOfExecution(executionArn);
  if (!pipelineName) {
    const message = `the event names no pipeline for the execution ${executionId}, and AWS finds one only by its ARN`;
    return notRead(callName, 'NotNamed', message);
  }
  const output = await call(callName, () =>
    client.send(new DescribePipelineDefinitionForExecutionCommand({ PipelineExecutionArn: executionArn })),
  );
  if (!output.ok) return output;
  const { PipelineDefinition: definitionText } = output.value;
  return definitionText
    ? found({ pipelineName, definitionText })
    : notRead(callName, INCOMPLETE, `the answer holds no definition of ${executionArn}`);
};

const listPipelineNames = (client: SageMakerClient): Promise<Read<string[]>> =>
  call('ListPipelines', () =>
    allPages(async (token) => {
      const page = await client.send(
        new ListPipelinesCommand({ MaxResults: 100, ...(token ? { NextToken: token } : {}) }),
      );
      return {
        items: (page.PipelineSummaries ?? []).flatMap(({ PipelineName }) => PipelineName ?? []),
        next: page.NextToken,
      };
    }),
  );
