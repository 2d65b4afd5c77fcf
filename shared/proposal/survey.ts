import { DEFAULT_NAMES } from '../authorised/prefixes.ts';
import { hasJobName } from '../authorised/step-name.ts';
import { JOB_NAME_BEGINNING } from '../config/schema.ts';
import {
  knownText,
  leadingText,
  type ResolveScope,
  resolveScope,
  resolveText,
} from '../definition/expression.ts';
import { imageInputs } from '../definition/image-inputs.ts';
import { type Definition, type Step, stepPointer } from '../definition/parse.ts';
import { isJobStepType, type JobStepType } from '../definition/step-types.ts';
import { stepBaseName, stepRoles } from '../definition/step-values.ts';
import { withoutTrailing } from '../text/trim.ts';

/** A job name in use: as far as it is known before a run, and where. */
export type NameUse = { name: string; stepType: JobStepType; isWhole: boolean; hangsOn: readonly string[] };

/** What a configuration would have to know of one pipeline; all that is kept of it. */
export type PipelineSurvey = {
  name: string;
  roleArn: string;
  names: readonly NameUse[];
  /** The roles that steps name, as they are written: ARNs, or names as EMR takes them. */
  stepRoles: readonly string[];
  imageBuckets: readonly string[];
  /** What only a run tells, or what nothing can be made of, with its place. */
  unclear: readonly string[];
};

/** More of one pipeline helps nobody; a hostile definition has thousands. */
const MAX_UNCLEAR = 5;

const ROLE_ARN = /^arn:aws(-[a-z]+)*:iam::\d{12}:role\/[\w+=,.@/-]{1,576}$/;
const ROLE_NAME = /^[\w+=,.@-]{1,64}$/;

/** Whether it is the ARN of one role, and so can stand in a configuration. */
export const isRoleArn = (text: string): boolean => ROLE_ARN.test(text);

/** What one pipeline says of prefixes, roles and buckets. */
export const surveyPipeline = (
  { name, roleArn }: { name: string; roleArn: string },
  definition: Definition,
): PipelineSurvey => {
  const scope = resolveScope(definition, name);
  const names = definition.steps.filter(hasJobName).map((step) => nameOf(step, scope));
  const roles = definition.steps.flatMap((step) =>
    stepRoles(step).map(({ value, pointer }) => {
      const role = knownText(resolveText(value, scope));
      const isUsable = role !== undefined && (isRoleArn(role) || ROLE_NAME.test(role));
      return isUsable ? { role } : { unclear: `the role at ${pointer}` };
    }),
  );
  const unclear = [...names, ...roles].flatMap((each) => ('unclear' in each ? each.unclear : []));
  return {
    name,
    roleArn,
    names: distinct(names.flatMap((each) => ('unclear' in each ? [] : each))),
    stepRoles: [...new Set(roles.flatMap((each) => ('role' in each ? (each.role ?? []) : [])))],
    imageBuckets: [...new Set(imageInputs(scope).map(({ bucket }) => bucket))],
    unclear:
      unclear.length > MAX_UNCLEAR
        ? [...unclear.slice(0, MAX_UNCLEAR), `${unclear.length - MAX_UNCLEAR} more places`]
        : unclear,
  };
};

/** Of a name that is known in part the whole words count, as a prefix ends with one. */
const nameOf = (step: Step, scope: ResolveScope): NameUse | { unclear: string } => {
  const base = stepBaseName(step);
  const stepType = step.type;
  if (!isJobStepType(stepType)) return { unclear: `the job name at ${stepPointer(step)}` };
  if (!base) return { name: DEFAULT_NAMES, stepType, isWhole: true, hangsOn: [] };
  const text = resolveText(base.value, scope);
  const known = knownText(text);
  const leading = leadingText(text);
  const name = known ?? withoutTrailing(leading.slice(0, Math.max(0, leading.lastIndexOf('-'))), '-');
  if (!JOB_NAME_BEGINNING.test(name) || name.length > 63 || name === DEFAULT_NAMES)
    return { unclear: `the job name at ${base.pointer}` };
  return { name, stepType, isWhole: known !== undefined, hangsOn: [...new Set(text.parameters)] };
};

const distinct = (names: readonly NameUse[]): NameUse[] => [
  ...new Map(names.map((use) => [`${use.name} ${use.stepType} ${use.isWhole}`, use])).values(),
];
