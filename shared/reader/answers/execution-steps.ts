import { type JobKindId, jobKindOfArn } from '../../definition/job-kinds.ts';
import { parseArn } from '../../domain/arn.ts';
import { asText, isObject, type Json, memberAnyCase } from '../../json/json.ts';
import type { ExecutionStep } from '../reader.ts';
import { isoTime } from './describe.ts';

/**
 * The steps of an execution, from the output of ListPipelineExecutionSteps; undefined where it is not a list.
 * https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_PipelineExecutionStep.html
 */
export const executionSteps = (list: Json | undefined): ExecutionStep[] | undefined => {
  if (!Array.isArray(list)) return undefined;
  const steps = list.map(executionStep);
  return steps.every((step) => step !== undefined) ? steps : undefined;
};

const executionStep = (step: Json): ExecutionStep | undefined => {
  const name = asText(memberAnyCase(step, 'StepName'));
  if (name === undefined) return undefined;
  const status = asText(memberAnyCase(step, 'StepStatus'));
  const startedAt = isoTime(memberAnyCase(step, 'StartTime'));
  return {
    name,
    jobArns: isResultReused(step) ? [] : stepJobArns(step),
    isRunning: status === 'Starting' || status === 'Executing',
    ...(startedAt === undefined ? {} : { startedAt }),
    isRetried: Number(asText(memberAnyCase(step, 'AttemptCount')) ?? 0) > 1,
  };
};

/** The ARNs of the jobs in a step’s metadata, in an answer or in an event. */
export const stepJobArns = (step: Json | undefined): string[] => {
  const metadata = memberAnyCase(step, 'Metadata');
  return (isObject(metadata) ? Object.values(metadata) : [])
    .flatMap((entry) => ['Arn', 'CheckJobArn'].map((key) => asText(memberAnyCase(entry, key))))
    .filter((arn) => arn !== undefined && stepJobKind(arn) !== undefined) as string[];
};

/** Undefined for ARNs of other services, which have jobs and models too. */
export const stepJobKind = (arn: string): JobKindId | undefined =>
  parseArn(arn)?.service === 'sagemaker' ? jobKindOfArn(arn) : undefined;

/**
 * Whether a step reused the result of an earlier execution (step caching or selective execution). The job that the step
 * names then belongs to that earlier execution.
 */
export const isResultReused = (step: Json | undefined): boolean =>
  ['CacheHitResult', 'SelectiveExecutionResult'].some((key) =>
    asText(memberAnyCase(memberAnyCase(step, key), 'SourcePipelineExecutionArn')),
  );
