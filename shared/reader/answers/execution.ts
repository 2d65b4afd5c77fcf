import type { ExecutionRef } from '../../definition/execution-ref.ts';
import { knownText, resolveScope, resolveText } from '../../definition/expression.ts';
import { isStepNamed, jobText } from '../../definition/job-name.ts';
import { type Definition, parseDefinition, type Step } from '../../definition/parse.ts';
import type { StepTypeName } from '../../definition/step-type-names.ts';
import { stepTypesOf } from '../../definition/step-types.ts';
import { stepBaseName } from '../../definition/step-values.ts';
import { arnName, parseArn, parseAssumedRole } from '../../domain/arn.ts';
import type { PipelineFact } from '../reader.ts';

/**
 * What a pipeline can be recognised by when an event tells of a job but not of its pipeline. A few texts for each
 * step, so that those of a whole account can be kept.
 */
export type PipelineTraits = { name: string; roleArn: string; steps: StepTraits[] };

/** `baseName` is null where it is known only when the pipeline runs, and undefined where the step has none. */
type StepTraits = { type: StepTypeName | undefined; name: string; baseName: string | null | undefined };

/** The traits of a pipeline, steps nested in Conditions included; undefined where its definition cannot be parsed. */
export const pipelineTraits = ({
  name,
  roleArn,
  definitionText,
}: PipelineFact): PipelineTraits | undefined => {
  const parsed = parseDefinition(definitionText);
  if (!parsed.ok) return undefined;
  const { definition } = parsed;
  return { name, roleArn, steps: definition.steps.map((step) => stepTraits(step, definition)) };
};

const stepTraits = (step: Step, definition: Definition): StepTraits => {
  const located = stepBaseName(step);
  const baseName = located && (knownText(resolveText(located.value, resolveScope(definition))) ?? null);
  return { type: step.type, name: step.name, baseName };
};

/**
 * The pipelines that can have started the job: those that run under the job's principal and have a step of its type,
 * name and base job name, as far as each is known. A step whose whole name is known beats one that only begins so.
 */
export const pipelinesThatFit = (
  execution: ExecutionRef,
  pipelines: readonly PipelineTraits[],
): PipelineTraits[] => {
  const fitting = pipelines.filter(
    ({ roleArn, steps }) =>
      (execution.principalArn === undefined || isSameRole(roleArn, execution.principalArn)) &&
      steps.some((step) => stepFits(step, execution)),
  );
  const exact = fitting.filter(({ steps }) =>
    steps.some((step) => stepFits(step, execution) && hasWholeName(step, execution)),
  );
  return exact.length > 0 ? exact : fitting;
};

const stepFits = ({ type, name, baseName }: StepTraits, execution: ExecutionRef): boolean => {
  const { kind, stepNameStart, baseJobName } = execution;
  if (!stepTypesOf(kind).some((made) => made === type)) return false;
  if (stepNameStart !== undefined && !jobText(name).startsWith(jobText(stepNameStart))) return false;
  return (
    baseJobName === undefined || baseName === null || (baseName && jobText(baseName)) === jobText(baseJobName)
  );
};

const hasWholeName = ({ name }: StepTraits, { stepNameStart = '', kind }: ExecutionRef): boolean =>
  isStepNamed(name, stepNameStart, kind);

/** A session's ARN holds the role's name without its path, so that only the names can be compared with it. */
const isSameRole = (roleArn: string, principalArn: string): boolean => {
  const session = parseAssumedRole(principalArn);
  if (!session) return roleArn.toLowerCase() === principalArn.toLowerCase();
  return parseArn(roleArn)?.account === session.account && arnName(roleArn) === session.roleName;
};
