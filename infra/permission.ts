export type RoleName =
  | 'audit'
  | 'deliver'
  | 'sweep'
  | 'report'
  | 'inventory'
  | 'hook'
  | 'hookCaller'
  | 'history'
  | 'evidence'
  | 'sweepMachine'
  | 'sweepSchedule'
  | 'reportSchedule'
  | 'evidenceSchedule'
  | 'forwardEvents'
  | MemberRoleName;

/** The roles in the accounts of members. */
export type MemberRoleName = 'memberReader' | 'memberDelivery' | 'memberForward';

/** The places that `on` can name. */
export type PlaceName =
  | 'FindingsTable'
  | 'FindingsStream'
  | 'DataKey'
  | 'AlertKey'
  | 'AlertTopic'
  | 'EventBus'
  | 'HomeBus'
  | 'IntakeBus'
  | 'RequestsQueue'
  | 'DeadLetters'
  | 'DeliveryRetries'
  | 'DeliveryDeadLetters'
  | 'InventoryQueue'
  | 'Heartbeats'
  | 'HistoryQueue'
  | 'HistoryBucket'
  | 'HistoryDatabase'
  | 'SigningKey'
  | 'SweepBucket'
  | 'ReportBucket'
  | 'ConfigObject'
  | 'ConfigurationBucket'
  | 'OrganizationObject'
  | 'AuditLog'
  | 'DeliverLog'
  | 'SweepLog'
  | 'ReportLog'
  | 'InventoryLog'
  | 'HookLog'
  | 'HistoryLog'
  | 'EvidenceLog'
  | 'SweepFunction'
  | 'ReportFunction'
  | 'EvidenceFunction'
  | 'HookFunction'
  | 'SweepMachine'
  | 'SweepMachineRuns';

/** Actions that a role is allowed, the resources, and the reason. */
export type Permission = {
  role: RoleName;
  actions: readonly string[];
  /** ARNs. `${Name}` stands for a place, `${AWS::…}` for a pseudo parameter of CloudFormation. */
  on: readonly string[];
  reason: string;
  /** Why the permission cannot be narrower, where `on` contains a star. */
  wildcard?: string;
  /** Whether Lambda alone may do it for a function, and the function’s code is denied it. */
  isOfLambdaAlone?: true;
  /** Condition keys, each with the values of which it must have one. */
  where?: Readonly<Record<string, string | readonly string[]>>;
};
