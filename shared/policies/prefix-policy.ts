import { JOB_KINDS } from '../definition/job-kinds.ts';
import { type JobStepType, stepType, stepTypesOf } from '../definition/step-types.ts';
import { sagemakerArn } from '../domain/arn.ts';
import type { PolicyText } from '../domain/role-change.ts';
import type { AccountScope, Scope } from '../domain/scope.ts';
import { groupBy } from '../group-by.ts';
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

/** The policy that keeps its holder to the names that are allowed of each action. It leaves the names out in every Region. */
export const prefixGuardrail = (
  wide: readonly { action: string; allowed: readonly string[] }[],
  { partition, regions }: AccountScope,
): PolicyText => {
  const everywhere = (arn: string): string => {
    const own = regions
      .map((region) => `arn:${partition}:sagemaker:${region}:`)
      .find((each) => arn.startsWith(each));
    return own === undefined ? arn : `arn:${partition}:sagemaker:*:${arn.slice(own.length)}`;
  };
  const denies = [...groupBy(wide, ({ allowed }) => JSON.stringify(allowed)).values()].map((alike) => {
    const allowed = [...new Set((alike[0]?.allowed ?? []).map(everywhere))];
    return {
      Effect: 'Deny' as const,
      Action: [...new Set(alike.map(({ action }) => action))],
      ...(allowed.length > 0 ? { NotResource: allowed } : { Resource: ['*'] }),
    };
  });
  return { Version: '2012-10-17', Statement: denies };
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
