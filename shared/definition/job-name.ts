/** A job's name as pipelines build it; undefined parts are not in that form of name. */
export type JobName = {
  /** `default` names begin with `pipelines`; `custom` ones with a base job name. */
  form: 'default' | 'custom';
  baseName: string;
  executionId: string;
  /** The first 20 characters of the step's name; only default names hold it. */
  stepNameStart?: string;
  /** How often the step had been tried again. */
  failureCount: number;
};

const DEFAULT_NAME = /^pipelines-([a-z0-9]{12})-(.{1,20})-([A-Za-z0-9]{10})(?:-(\d{1,2}))?$/;
const CUSTOM_NAME = /^(.+)-([a-z0-9]{12})-([A-Za-z0-9]{10})(?:-(\d{1,2}))?$/;
const CHILD_SUFFIX = /-\d{3}-[0-9a-f]{8}$/;

/**
 * The parts of a job name that a pipeline gave, read from both ends, as a step's name may hold dashes itself:
 * `pipelines-<12>-<≤20>-<10>(-<n>)?` or `<base>-<12>-<10>(-<n>)?`. Undefined for any other name.
 */
export const parseJobName = (name: string): JobName | undefined => {
  const byDefault = DEFAULT_NAME.exec(name);
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
