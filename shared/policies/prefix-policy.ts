import { JOB_KINDS } from '../definition/job-kinds.ts';
import { type JobStepType, stepType, stepTypesOf } from '../definition/step-types.ts';
import { sagemakerArn } from '../domain/arn.ts';
import type { Scope } from '../domain/scope.ts';
import type { Need } from '../needs/need.ts';
import { leastPolicy, type PolicyDocument } from './least-policy.ts';

/**
 * A policy that authorises prefixes of job names: its holder may create the jobs of these step types under names that
 * begin with one of the prefixes and a dash, and no others.
 * https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-access.html#build-and-manage-step-permissions-prefix
 */
export const prefixPolicy = (
  prefixes: readonly string[],
  stepTypes: readonly JobStepType[],
  scope: Scope,
): PolicyDocument => {
  const kinds = Object.values(JOB_KINDS).filter((kind) =>
    stepTypesOf(kind.id).some((type) => stepTypes.some((asked) => asked === type)),
  );
  const needs = kinds.flatMap(({ noun }) =>
    prefixes.map(
      (prefix): Need => ({
        action: `sagemaker:Create${noun}`,
        resource: sagemakerArn(scope, `*/${prefix}-*`),
      }),
    ),
  );
  return leastPolicy(needs, scope);
};

/**
 * The step types whose job names are too short for the prefix, each with the length of the longest prefix that fits.
 */
export const tooLongFor = (
  prefix: string,
  stepTypes: readonly JobStepType[],
): { type: JobStepType; longest: number }[] =>
  stepTypes.flatMap((type) => {
    const longest = stepType(type).name?.maxPrefixLength;
    return longest !== undefined && prefix.length > longest ? { type, longest } : [];
  });
