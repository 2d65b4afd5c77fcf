import { type JobKindId, jobKind } from './job-kinds.ts';

/** The parts of a job name that a pipeline made; a part that this form of name does not have is undefined. */
export type JobName = {
  /** `default`: SageMaker's own name (`pipelines-…`); `custom`: a name that begins with a base job name. */
  form: 'default' | 'custom';
  baseName: string;
  executionId: string;
  /** The first 20 characters of the step's name (8 for tuning and AutoML); only default names contain it. */
  stepNameStart?: string;
  /** How many times the step had been retried. */
  failureCount: number;
};

const DEFAULT_NAME = /^pipelines-([a-z0-9]{12})-(.{1,20})-([A-Za-z0-9]{10})(?:-(\d{1,2}))?$/;
const SHORT_DEFAULT_NAME = /^([a-z0-9]{12})-(.{1,8})-([A-Za-z0-9]{10})$/;
const CUSTOM_NAME = /^(.+)-([a-z0-9]{12})-([A-Za-z0-9]{10})(?:-(\d{1,2}))?$/;
const CHILD_SUFFIX = /-\d{3}-[0-9a-f]{8}$/;

/**
 * Splits a job name that a pipeline made: `pipelines-<12>-<≤20>-<10>(-<n>)?` or `<base>-<12>-<10>(-<n>)?`; undefined
 * for other names. It reads from both ends, because a step's name may contain dashes. Default names of tuning and
 * AutoML jobs have 32 characters and no `pipelines`: AWS does not document their form, `<12>-<≤8>-<10>` is what was
 * seen.
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

/**
 * The name of the tuning job that made this training job (`<tuning job>-NNN-<8 hex>`); undefined for names of another
 * form.
 */
export const tuningJobOf = (trainingJobName: string): string | undefined =>
  CHILD_SUFFIX.test(trainingJobName) ? trainingJobName.replace(CHILD_SUFFIX, '') : undefined;

/** The API limits the names of tuning and AutoML jobs to 32 characters. */
const hasShortNames = (kind: JobKindId): boolean => jobKind(kind).maxNameLength === 32;

/** Session names and job names contain this many characters of a step's name. */
export const STEP_NAME_LENGTH = 20;
const SHORT_STEP_NAME_LENGTH = 8;

/**
 * Whether a step's name fits its beginning in a session's or job's name: 20 characters, or 8 in the default name of a
 * tuning or AutoML job.
 */
export const isStepNamed = (stepName: string, start: string, kind: JobKindId): boolean => {
  const [whole, told] = [jobText(stepName), jobText(start).slice(0, STEP_NAME_LENGTH)];
  const isCutShort = hasShortNames(kind) && told.length === SHORT_STEP_NAME_LENGTH;
  return whole.slice(0, STEP_NAME_LENGTH) === told || (isCutShort && whole.startsWith(told));
};

/** Older ARNs are in lower case, and job names have no `_`, which step names may have. */
const jobText = (text: string): string => text.toLowerCase().replaceAll('_', '-');

/** Whether a name carries the id of an execution; in a name of no known form, it may stand anywhere. */
export const namesExecution = (name: string, kind: JobKindId, executionId: string): boolean => {
  const parsed = parseJobName(name, kind);
  return parsed ? parsed.executionId === executionId : name.includes(executionId);
};
