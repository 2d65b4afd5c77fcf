import type { JobKindId } from './job-kinds.ts';

/** What identifies an execution, and what is known of it: enough to find its definition. */
export type ExecutionRef = {
  /** The 12 characters that end the execution's ARN. */
  executionId: string;
  executionArn?: string;
  /** The execution role of the session that the job was started from. */
  principalArn?: string;
  kind: JobKindId;
  /** The first 20 characters of the step's name. */
  stepNameStart?: string;
  /** The base job name, where the job's name begins with one. */
  baseJobName?: string;
};
