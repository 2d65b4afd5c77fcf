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
import { type ImageInput, imageInputs } from '../definition/image-inputs.ts';
import { isJobKind } from '../definition/job-kinds.ts';
import { calledRole, type NamedRoles } from '../definition/named-roles.ts';
import { type Definition, type Step, stepPointer } from '../definition/parse.ts';
import { takenFrom } from '../definition/sdk-advice.ts';
import { isJobStepType, type JobStepType } from '../definition/step-types.ts';
import { stepBaseName, stepRoles } from '../definition/step-values.ts';
import { withoutTrailing } from '../text/trim.ts';

/** A job name in use, as far as it is known before a run, and the type of the step that has it. */
export type NameUse = {
  name: string;
  stepType: JobStepType;
  isWhole: boolean;
  hangsOn: readonly string[];
  /** Nobody chose the name for a team: the SDK took it from elsewhere, or it is that of a kind of jobs. */
  isOfAnyTeam: boolean;
};

/** Everything that a proposal needs of one pipeline; nothing else of the pipeline is kept. */
export type PipelineSurvey = {
  name: string;
  roleArn: string;
  names: readonly NameUse[];
  /** The roles that steps name, as written: ARNs, or the plain names that EMR uses. */
  stepRoles: readonly string[];
  imageBuckets: readonly string[];
  /** The buckets in which a manifest of images lies; the images may lie in others. */
  manifestBuckets: readonly string[];
  /** Places that only a run can tell or that cannot be understood. */
  unclear: readonly string[];
};

/** More places of one pipeline help nobody, and a hostile definition has thousands. */
const MAX_UNCLEAR = 5;

const ROLE_ARN = /^arn:aws(-[a-z]+)*:iam::\d{12}:role\/[\w+=,.@/-]{1,576}$/;
const ROLE_NAME = /^[\w+=,.@-]{1,64}$/;

/** Whether a text is the ARN of one role and may be written into a configuration. */
export const isRoleArn = (text: string): boolean => ROLE_ARN.test(text);

/** What one pipeline says about prefixes, roles and buckets. */
export const surveyPipeline = (
  { name, roleArn }: { name: string; roleArn: string },
  definition: Definition,
  named?: NamedRoles,
): PipelineSurvey => {
  const scope = resolveScope(definition, name);
  const names = definition.steps.filter(hasJobName).map((step) => nameOf(step, scope));
  const roles = definition.steps.flatMap((step) =>
    stepRoles(step).map(({ field, value, pointer }) => {
      const written = knownText(resolveText(value, scope));
      const { isProfile, arn } = calledRole(field, written ?? '', named);
      if (isProfile && arn === undefined)
        return { unclear: `the role of the instance profile at ${pointer}` };
      const role = arn ?? written;
      const isUsable = role !== undefined && (isRoleArn(role) || ROLE_NAME.test(role));
      return isUsable ? { role } : { unclear: `the role at ${pointer}` };
    }),
  );
  const images = imageInputs(scope);
  const unclear = [...names, ...roles].flatMap((each) => ('unclear' in each ? each.unclear : []));
  return {
    name,
    roleArn,
    names: distinct(names.flatMap((each) => ('unclear' in each ? [] : each))),
    stepRoles: [...new Set(roles.flatMap((each) => ('role' in each ? (each.role ?? []) : [])))],
    imageBuckets: bucketsOf(images.filter(({ manifest }) => !manifest)),
    manifestBuckets: bucketsOf(images.filter(({ manifest }) => manifest)),
    unclear:
      unclear.length > MAX_UNCLEAR
        ? [...unclear.slice(0, MAX_UNCLEAR), `${unclear.length - MAX_UNCLEAR} more places`]
        : unclear,
  };
};

const BUCKET_NAME = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

const bucketsOf = (images: readonly ImageInput[]): string[] =>
  [...new Set(images.map(({ bucket }) => bucket))].filter((bucket) => BUCKET_NAME.test(bucket));

/**
 * The job name of a step. If only its beginning is known, the last partial word is dropped, because prefixes end with
 * a whole word.
 */
const nameOf = (step: Step, scope: ResolveScope): NameUse | { unclear: string } => {
  const base = stepBaseName(step);
  const stepType = step.type;
  if (!isJobStepType(stepType)) return { unclear: `the job name at ${stepPointer(step)}` };
  if (!base) return { name: DEFAULT_NAMES, stepType, isWhole: true, hangsOn: [], isOfAnyTeam: false };
  const text = resolveText(base.value, scope);
  const known = knownText(text);
  const leading = leadingText(text);
  const name = known ?? withoutTrailing(leading.slice(0, Math.max(0, leading.lastIndexOf('-'))), '-');
  if (!JOB_NAME_BEGINNING.test(name) || name.length > 63 || name === DEFAULT_NAMES)
    return { unclear: `the job name at ${base.pointer}` };
  return {
    name,
    stepType,
    isWhole: known !== undefined,
    hangsOn: [...new Set(text.parameters)],
    isOfAnyTeam: takenFrom(step, name, scope) !== undefined || isJobKind(name),
  };
};

const distinct = (names: readonly NameUse[]): NameUse[] => [
  ...new Map(names.map((use) => [`${use.name} ${use.stepType} ${use.isWhole}`, use])).values(),
];
