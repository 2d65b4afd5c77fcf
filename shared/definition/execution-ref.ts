/** How an execution was started, from the CloudTrail record of its start. */
export type ExecutionStarted = {
  /** ISO 8601. */
  at: string;
  /**
   * Whether the caller chose a pipeline version, by its id or an alias. Otherwise the newest version of that time
   * runs.
   */
  isVersionChosen: boolean;
  /** The version's id, if the record names it; for an alias, the record gives only the alias's name. */
  versionId?: number;
};

/** An execution whose start was recorded. */
export type SeenExecution = {
  /** The last 12 characters of the execution's ARN. */
  executionId: string;
  executionArn: string;
  /**
   * The values that the caller chose for the pipeline's parameters; absent where the record does not hold all of
   * them.
   */
  parameters?: Readonly<Record<string, string>>;
  /** Absent where the record does not tell whether the caller chose a version. */
  started?: ExecutionStarted;
};

/** An execution whose definition is to be read. */
export type ExecutionRef = {
  executionArn: string;
  /**
   * Tells how the execution was started. A snapshot needs it, because a snapshot holds the definition of one version
   * only.
   */
  howStarted?: () => Promise<ExecutionStarted | undefined>;
};
