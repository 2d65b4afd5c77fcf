export type RoleName =
  | 'audit'
  | 'deliver'
  | 'sweep'
  | 'report'
  | 'sweepMachine'
  | 'sweepSchedule'
  | 'reportSchedule'
  | 'forwardEvents';

/** What a permission can be about, by the names that stand in `on`. */
export type PlaceName =
  | 'FindingsTable'
  | 'FindingsStream'
  | 'IdempotencyTable'
  | 'DataKey'
  | 'AlertTopic'
  | 'EventBus'
  | 'HomeBus'
  | 'RequestsQueue'
  | 'DeadLetters'
  | 'DeliveryRetries'
  | 'DeliveryDeadLetters'
  | 'SweepBucket'
  | 'ReportBucket'
  | 'ConfigObject'
  | 'AuditLog'
  | 'DeliverLog'
  | 'SweepLog'
  | 'ReportLog'
  | 'SweepFunction'
  | 'ReportFunction'
  | 'SweepMachine'
  | 'SweepMachineRuns';

/** Some actions that a role is allowed, on what, and what for. */
export type Permission = {
  role: RoleName;
  actions: readonly string[];
  /** ARNs; `${Name}` stands for a place, `${AWS::…}` for what CloudFormation knows. */
  on: readonly string[];
  reason: string;
  /** Why it cannot be narrower, where `on` has a star. */
  wildcard?: string;
  /** The one value that a condition key must have. */
  where?: Readonly<Record<string, string>>;
};
