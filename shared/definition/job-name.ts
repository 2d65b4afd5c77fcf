import { type JobKindId, jobKind } from './job-kinds.ts';

/** A job's name as pipelines build it; undefined parts are not in that form of name. */
export type JobName = {
  /** `default`: the service's own (`pipelines-…`); `custom`: it begins with a base job name. */
  form: 'default' | 'custom';
  baseName: string;
  executionId: string;
  /** The first 20 characters of the step's name (8 for tuning and AutoML); only default names hold it. */
  stepNameStart?: string;
  /** How often the step had been tried again. */
  failureCount: number;
};

const DEFAULT_NAME = /^pipelines-([a-z0-9]{12})-(.{1,20})-([A-Za-z0-9]{10})(?:-(\d{1,2}))?$/;
const SHORT_DEFAULT_NAME = /^([a-z0-9]{12})-(.{1,8})-([A-Za-z0-9]{10})$/;
const CUSTOM_NAME = /^(.+)-([a-z0-9]{12})-([A-Za-z0-9]{10})(?:-(\d{1,2}))?$/;
const CHILD_SUFFIX = /-\d{3}-[0-9a-f]{8}$/;

/**
 * The parts of a job name that a pipeline gave, read from both ends, as a step's name may hold dashes itself:
 * `pipelines-<12>-<≤20>-<10>(-<n>)?` or `<base>-<12>-<10>(-<n>)?`. Undefined for any other name. The 32 characters
 * of a tuning job's name hold no `pipelines`: AWS does not document it, but `<12>-<≤8>-<10>` is what is seen.
 */
export const parseJobName = (name: string, kind: JobKindId): JobName | undefined => {
  const byDefault = DEFAULT_NAME.exec(name) ?? (hasShortNames(kind) ? SHORT_DEFAULT_NAME.exec(name) : null);
  if (byDefault) {
    const [, executionId = '', stepNameStart = '', , failures] = byDefault;
    return {
      form: 'default',
      baseName: 'pipelines',
      executionId,
      stepNameStart,
      failureCount: Number(failures ?? 0),
    };
  }
  const custom = CUSTOM_NAME.exec(name);
  if (!custom) return undefined;
  const [, baseName = '', executionId = '', , failures] = custom;
  return { form: 'custom', baseName, executionId, failureCount: Number(failures ?? 0) };
};

/** The tuning job that made this training job (`<tuning job>-NNN-<8 hex>`); undefined for a name of another form. */
export const tuningJobOf = (trainingJobName: string): string | undefined =>
  CHILD_SUFFIX.test(trainingJobName) ? trainingJobName.replace(CHILD_SUFFIX, '') : undefined;

/** Tuning and AutoML jobs, whose names the API limits to 32 characters. */
const hasShortNames = (kind: JobKindId): boolean => jobKind(kind).maxNameLength === 32;

/** So many characters of a step's name are in the names of its session and its job. */
export const STEP_NAME_LENGTH = 20;
const SHORT_STEP_NAME_LENGTH = 8;

/**
 * Whether a step has the name that a session or a job's name begins to tell: 20 characters of it, or 8 in the default
 * name of a tuning or AutoML job.
 */
export const isStepNamed = (stepName: string, start: string, kind: JobKindId): boolean => {
  const [whole, told] = [jobText(stepName), jobText(start).slice(0, STEP_NAME_LENGTH)];
  const isCutShort = hasShortNames(kind) && told.length === SHORT_STEP_NAME_LENGTH;
  return whole.slice(0, STEP_NAME_LENGTH) === told || (isCutShort && whole.startsWith(told));
};

/** Older ARNs are lower-cased, and a step's name may hold `_`, which a job's name may not. */
const jobText = (text: string): string => text.toLowerCase().replaceAll('_', '-');
