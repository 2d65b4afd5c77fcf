import {
  DescribePipelineCommand,
  DescribePipelineDefinitionForExecutionCommand,
  DescribePipelineExecutionCommand,
  type Parameter,
  paginateListPipelineExecutionSteps,
  paginateListPipelineParametersForExecution,
  paginateListPipelines,
  paginateListPipelineVersions,
  type SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import type { ExecutionRef } from '../../definition/execution-ref.ts';
import { pipelineOfExecution } from '../../domain/arn.ts';
import type { Scope } from '../../domain/scope.ts';
import type { Json } from '../../json/json.ts';
import { INCOMPLETE, pipelineFact } from '../../reader/answers/describe.ts';
import { executionFact, pipelineVersions } from '../../reader/answers/describe-execution.ts';
import { executionSteps } from '../../reader/answers/execution-steps.ts';
import { tooLargeToList } from '../../reader/listing-bound.ts';
import { ABSENT, found, notRead, type Read } from '../../reader/read-result.ts';
import type {
  ExecutionDefinition,
  ExecutionFact,
  ExecutionStep,
  PipelineFact,
  PipelineSummary,
  PipelineVersion,
} from '../../reader/reader.ts';
import { allPages, call, pagesWithin, shorten } from './call.ts';

/** A pipeline with its newest definition. */
export const readPipeline = async (
  client: SageMakerClient,
  scope: Scope,
  name: string,
): Promise<Read<PipelineFact>> => {
  const callName = 'DescribePipeline';
  const output = await call(callName, () => client.send(new DescribePipelineCommand({ PipelineName: name })));
  return output.ok ? pipelineFact(output.value, callName, scope, name) : output;
};

/** A pipeline with the definition of one version. */
export const readPipelineVersion = async (
  client: SageMakerClient,
  scope: Scope,
  name: string,
  versionId: number,
): Promise<Read<PipelineFact>> => {
  const callName = 'DescribePipeline';
  const output = await call(callName, () =>
    client.send(new DescribePipelineCommand({ PipelineName: name, PipelineVersionId: versionId })),
  );
  return output.ok ? pipelineFact(output.value, callName, scope, name) : output;
};

/** The definition that an execution runs, and the pipeline’s role, which only DescribePipeline tells. */
export const readExecutionDefinition = async (
  client: SageMakerClient,
  scope: Scope,
  { executionArn }: ExecutionRef,
): Promise<Read<ExecutionDefinition>> => {
  const callName = 'DescribePipelineDefinitionForExecution';
  const pipelineName = pipelineOfExecution(executionArn);
  if (!pipelineName)
    return notRead(callName, 'InvalidName', `${shorten(executionArn)} is not the ARN of an execution`);
  const output = await call(callName, () =>
    client.send(new DescribePipelineDefinitionForExecutionCommand({ PipelineExecutionArn: executionArn })),
  );
  if (!output.ok) return output;
  const { PipelineDefinition: definitionText } = output.value;
  if (!definitionText)
    return notRead(callName, INCOMPLETE, `the answer holds no definition of ${executionArn}`);
  const pipeline = await readPipeline(client, scope, pipelineName);
  if (!pipeline.ok)
    return pipeline.unread.code === ABSENT ? found({ pipelineName, definitionText }) : pipeline;
  const { roleArn, modifiedAt } = pipeline.value;
  return found({ pipelineName, roleArn, ...(modifiedAt && { modifiedAt }), definitionText });
};

/** The steps of an execution that have begun, each with the jobs that SageMaker started for it. */
export const listSteps = async (
  client: SageMakerClient,
  executionArn: string,
): Promise<Read<ExecutionStep[]>> => {
  const callName = 'ListPipelineExecutionSteps';
  const listed = await call(callName, () =>
    allPages(
      paginateListPipelineExecutionSteps({ client }, { PipelineExecutionArn: executionArn, MaxResults: 100 }),
      ({ PipelineExecutionSteps }) => PipelineExecutionSteps,
    ),
  );
  if (!listed.ok) return listed;
  const steps = executionSteps(asJson(listed.value));
  return steps ? found(steps) : notRead(callName, INCOMPLETE, `a step of ${executionArn} lacks its name`);
};

/** An execution, and the parameters that it was started with (those that differ from the defaults). */
export const readExecution = async (
  client: SageMakerClient,
  executionArn: string,
): Promise<Read<ExecutionFact>> => {
  const callName = 'DescribePipelineExecution';
  const described = await call(callName, () =>
    client.send(new DescribePipelineExecutionCommand({ PipelineExecutionArn: executionArn })),
  );
  if (!described.ok) return described;
  const parameters = await listParameters(client, executionArn);
  if (!parameters.ok) return parameters;
  const fact = executionFact(executionArn, described.value, asJson(parameters.value));
  return fact
    ? found(fact)
    : notRead('ListPipelineParametersForExecution', INCOMPLETE, 'a parameter lacks its name or value');
};

const listParameters = (client: SageMakerClient, executionArn: string): Promise<Read<Parameter[]>> =>
  call('ListPipelineParametersForExecution', () =>
    allPages(
      paginateListPipelineParametersForExecution(
        { client },
        { PipelineExecutionArn: executionArn, MaxResults: 100 },
      ),
      ({ PipelineParameters }) => PipelineParameters,
    ),
  );

/** The versions of a pipeline. AWS does not list their aliases. */
export const listVersions = async (
  client: SageMakerClient,
  name: string,
): Promise<Read<PipelineVersion[]>> => {
  const callName = 'ListPipelineVersions';
  const summaries = await call(callName, () =>
    allPages(
      paginateListPipelineVersions({ client }, { PipelineName: name, MaxResults: 100 }),
      ({ PipelineVersionSummaries }) => PipelineVersionSummaries,
    ),
  );
  if (!summaries.ok) return summaries;
  const versions = pipelineVersions(asJson(summaries.value));
  return versions ? found(versions) : notRead(callName, INCOMPLETE, `a version of ${name} lacks its id`);
};

/** All pipelines of the account in the Region; not read where these are more than `most`. */
export const listPipelineSummaries = async (
  client: SageMakerClient,
  most = Number.POSITIVE_INFINITY,
): Promise<Read<PipelineSummary[]>> => {
  const callName = 'ListPipelines';
  const pages = await call(callName, () =>
    pagesWithin(
      most,
      paginateListPipelines({ client }, { MaxResults: 100 }),
      ({ PipelineSummaries = [] }) => PipelineSummaries.length,
    ),
  );
  if (!pages.ok) return pages;
  if (!pages.value) return tooLargeToList(callName, 'pipelines in the Region', `${most}`);
  const summaries = pages.value.flatMap(({ PipelineSummaries = [] }) => PipelineSummaries);
  return found(
    summaries.flatMap(({ PipelineName: name, RoleArn: roleArn, LastModifiedTime }): PipelineSummary[] =>
      name === undefined
        ? []
        : [
            {
              name,
              ...(roleArn === undefined ? {} : { roleArn }),
              ...(LastModifiedTime === undefined ? {} : { modifiedAt: LastModifiedTime.toISOString() }),
            },
          ],
    ),
  );
};

/** The SDK’s values here are JSON, although their types do not say so. */
const asJson = (value: unknown): Json => value as Json;
