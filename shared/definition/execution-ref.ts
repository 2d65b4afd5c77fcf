import type { JobKindId } from './job-kinds.ts';

/** How an execution was started, as the record of its start tells. */
export type ExecutionStarted = {
  /** ISO 8601. */
  at: string;
  /** The caller chose a version, by its id or by an alias; else the newest of that time runs. */
  isVersionChosen: boolean;
  /** The version's id, where it is told; of an alias only the name is. */
  versionId?: number;
};

/** An execution whose start was seen: what the record of it tells. */
export type SeenExecution = {
  /** The 12 characters that end its ARN. */
  executionId: string;
  executionArn: string;
  /** The values that its caller chose for the pipeline's parameters; missing where the record does not tell them all. */
  parameters?: Readonly<Record<string, string>>;
  /** Missing where the record does not tell whether a version was chosen. */
  started?: ExecutionStarted;
};

/** What identifies an execution, and what is known of it: enough to find its definition. */
export type ExecutionRef = {
  /** The 12 characters that end the execution's ARN. */
  executionId: string;
  executionArn?: string;
  /** How it was started, for a snapshot, which holds the definition of one version: AWS needs not be told. */
  howStarted?: () => Promise<ExecutionStarted | undefined>;
  /** The execution role of the session that the job was started from. */
  principalArn?: string;
  kind: JobKindId;
  /** The first 20 characters of the step's name. */
  stepNameStart?: string;
  /** The base job name, where the job's name begins with one. */
  baseJobName?: string;
};
