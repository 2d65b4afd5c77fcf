import { CONTROLS } from '../shared/controls/index.ts';
import { FACT_ACTIONS, type FactAction } from '../shared/facts/facts.ts';
import { groupBy } from '../shared/group-by.ts';
import type { Settings } from './settings.ts';

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

const SERVICE = 'arn:${AWS::Partition}';
const SECURITY_HUB = `${SERVICE}:securityhub:\${AWS::Region}:\${AWS::AccountId}`;
const NO_RESOURCE = 'the action knows no resource';
const TRACES = ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'] as const;

/** All that the roles of the system are allowed: infra makes the roles of it, and docs/permissions.md is made of it. */
export const permissions = (
  settings: Pick<Settings, 'secretArns' | 'topicArns' | 'resolvesWorkflow'>,
): readonly Permission[] => [
  ...auditPermissions(),
  ...deliverPermissions(settings),
  ...sweepPermissions(),
  ...reportPermissions(settings),
  ...machinePermissions(),
  {
    role: 'sweepSchedule',
    actions: ['states:StartExecution'],
    on: ['${SweepMachine}'],
    reason: 'starts the sweep when its time has come',
  },
  {
    role: 'reportSchedule',
    actions: ['lambda:InvokeFunction'],
    on: ['${ReportFunction}'],
    reason: 'has the report made when its time has come',
  },
  {
    role: 'forwardEvents',
    actions: ['events:PutEvents'],
    on: ['${HomeBus}'],
    reason: 'forwards what IAM and Organizations tell us-east-1 alone',
  },
];

const auditPermissions = (): Permission[] => [
  ...runs('audit', 'AuditLog'),
  ...receives('audit', 'RequestsQueue', 'the events and requests that wait'),
  {
    role: 'audit',
    actions: ['sqs:SendMessage'],
    on: ['${DeadLetters}'],
    reason: 'puts aside, with its reason, what can never be audited',
  },
  ...table('audit', ['GetItem', 'PutItem', 'DeleteItem'], 'the states of findings'),
  {
    role: 'audit',
    actions: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem'],
    on: ['${IdempotencyTable}'],
    reason: 'the events that were handled before',
  },
  ...reads('audit', FACTS),
];

const deliverPermissions = (
  settings: Pick<Settings, 'secretArns' | 'topicArns' | 'resolvesWorkflow'>,
): Permission[] => [
  ...runs('deliver', 'DeliverLog'),
  {
    role: 'deliver',
    actions: ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'],
    on: ['${FindingsStream}'],
    reason: 'is woken by what changed in the findings table',
  },
  {
    role: 'deliver',
    actions: ['dynamodb:ListStreams'],
    on: ['*'],
    reason: 'Lambda asks for it before it reads a stream',
    wildcard: NO_RESOURCE,
  },
  ...receives('deliver', 'DeliveryRetries', 'what a sink did not take'),
  {
    role: 'deliver',
    actions: ['sqs:SendMessage'],
    on: ['${DeliveryRetries}', '${DeliveryDeadLetters}'],
    reason:
      'what a sink does not take comes again, and a stream’s record that cannot be handled is put aside',
  },
  ...table('deliver', ['GetItem', 'PutItem', 'DeleteItem'], 'what is undelivered, and the history'),
  {
    role: 'deliver',
    actions: ['securityhub:BatchImportFindings'],
    on: [`${SECURITY_HUB}:product/\${AWS::AccountId}/default`],
    reason: 'findings are imported as those of the account’s own product',
  },
  ...(settings.resolvesWorkflow
    ? [
        {
          role: 'deliver',
          actions: ['securityhub:GetFindings', 'securityhub:BatchUpdateFindings'],
          on: [`${SECURITY_HUB}:hub/default`],
          reason: 'the workflow of what is mended becomes RESOLVED, never over SUPPRESSED',
        } as const,
      ]
    : []),
  ...publishes('deliver', settings.topicArns),
  {
    role: 'deliver',
    actions: ['events:PutEvents'],
    on: ['${EventBus}'],
    reason: 'tells others what was opened, changed and resolved',
  },
  ...readsSecrets('deliver', settings.secretArns),
];

const sweepPermissions = (): Permission[] => [
  ...runs('sweep', 'SweepLog'),
  ...table('sweep', ['GetItem', 'PutItem', 'Scan'], 'the open findings, and when the last sweep was'),
  ...reads('sweep', ['imageSource', 'trust']),
  {
    role: 'sweep',
    actions: ['s3:ListAllMyBuckets'],
    on: ['*'],
    reason: 'finds image buckets by tag or pattern',
    wildcard: NO_RESOURCE,
  },
  {
    role: 'sweep',
    actions: [
      'cloudtrail:LookupEvents',
      'cloudtrail:DescribeTrails',
      'cloudtrail:GetTrailStatus',
      'cloudtrail:GetEventSelectors',
    ],
    on: ['*'],
    reason: 'finds events that did not arrive, and trails that do not log',
    wildcard: 'looking up and listing know no resource, and a trail may be the organization’s, of any name',
  },
  {
    role: 'sweep',
    actions: ['s3:PutObject', 's3:AbortMultipartUpload'],
    on: ['${SweepBucket}/sweeps/*'],
    reason: 'writes the list of what to look at',
    wildcard: 'each sweep has its own folder',
  },
  usesKey('sweep', 's3', ['Decrypt', 'GenerateDataKey'], 'encrypts that list'),
  {
    role: 'sweep',
    actions: ['sqs:SendMessage'],
    on: ['${DeliveryRetries}'],
    reason: 'has delivered what is undelivered still',
  },
];

const reportPermissions = (settings: Pick<Settings, 'secretArns' | 'topicArns'>): Permission[] => [
  ...runs('report', 'ReportLog'),
  ...table('report', ['Scan'], 'the open findings'),
  {
    role: 'report',
    actions: ['s3:PutObject', 's3:GetObject', 's3:AbortMultipartUpload'],
    on: ['${ReportBucket}/reports/*'],
    reason: 'writes the report, reads the one before for trends, and signs the link to it',
    wildcard: 'each report has its own folder',
  },
  usesKey('report', 's3', ['Decrypt', 'GenerateDataKey'], 'encrypts and reads reports'),
  ...publishes('report', settings.topicArns),
  ...readsSecrets('report', settings.secretArns),
];

const machinePermissions = (): Permission[] => [
  {
    role: 'sweepMachine',
    actions: ['lambda:InvokeFunction'],
    on: ['${SweepFunction}'],
    reason: 'has the list made of what to look at',
  },
  {
    role: 'sweepMachine',
    actions: ['s3:GetObject'],
    on: ['${SweepBucket}/sweeps/*'],
    reason: 'reads that list',
    wildcard: 'each sweep has its own folder',
  },
  usesKey('sweepMachine', 's3', ['Decrypt'], 'decrypts that list'),
  {
    role: 'sweepMachine',
    actions: ['sqs:SendMessage'],
    on: ['${RequestsQueue}'],
    reason: 'sends what is on the list to the auditor',
  },
  {
    role: 'sweepMachine',
    actions: ['states:StartExecution'],
    on: ['${SweepMachine}'],
    reason: 'a distributed map starts its batches as executions of its own',
  },
  {
    role: 'sweepMachine',
    actions: ['states:DescribeExecution', 'states:StopExecution'],
    on: ['${SweepMachineRuns}:*'],
    reason: 'a distributed map watches its batches, and stops them with itself',
    wildcard: 'an execution’s name is made when it starts',
  },
  {
    role: 'sweepMachine',
    actions: ['cloudwatch:PutMetricData'],
    on: ['*'],
    reason: 'says that the sweep has come to its end',
    wildcard: 'a metric has no ARN; the condition holds it to its namespace',
    where: { 'cloudwatch:namespace': 'Pipewarden' },
  },
  {
    role: 'sweepMachine',
    actions: [
      'logs:CreateLogDelivery',
      'logs:GetLogDelivery',
      'logs:UpdateLogDelivery',
      'logs:DeleteLogDelivery',
      'logs:ListLogDeliveries',
      'logs:PutResourcePolicy',
      'logs:DescribeResourcePolicies',
      'logs:DescribeLogGroups',
    ],
    on: ['*'],
    reason: 'Step Functions sets up the delivery of its log by itself',
    wildcard: NO_RESOURCE,
  },
  {
    role: 'sweepMachine',
    actions: [...TRACES, 'xray:GetSamplingRules', 'xray:GetSamplingTargets'],
    on: ['*'],
    reason: 'writes its traces',
    wildcard: NO_RESOURCE,
  },
];

/** The facts that controls read; the whole account is listed for roles, which have no event that tells who uses them. */
const FACTS = [...new Set(CONTROLS.flatMap(({ requires }) => requires))];

/** What the facts are read with, one permission for each reason. */
const reads = (role: RoleName, facts: readonly (keyof typeof FACT_ACTIONS)[]): Permission[] => {
  const all = facts.flatMap((fact) => FACT_ACTIONS[fact]);
  return [...groupBy(all, ({ resource, reason }) => JSON.stringify([resource, reason])).values()].flatMap(
    (group) => {
      const [first] = group;
      if (!first) return [];
      return {
        role,
        actions: [...new Set(group.map(({ action }) => action))],
        on: [first.resource],
        reason: first.reason,
        wildcard: everyBecause(first),
      };
    },
  );
};

const everyBecause = ({ action, resource }: FactAction): string => {
  if (resource !== '*') return 'which one, an event or a definition tells';
  return action.startsWith('organizations:')
    ? 'the organization, its units and its policies belong to another account, and their ids are not known here'
    : NO_RESOURCE;
};

/** What every function needs to run. */
const runs = (role: RoleName, log: PlaceName): Permission[] => [
  {
    role,
    actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
    on: [`\${${log}}`],
    reason: 'writes its log',
  },
  {
    role,
    actions: ['s3:GetObject'],
    on: ['${ConfigObject}'],
    reason: 'reads the configuration, once a start',
  },
  { role, actions: TRACES, on: ['*'], reason: 'writes its traces', wildcard: NO_RESOURCE },
];

const receives = (role: RoleName, queue: PlaceName, reason: string): Permission[] => [
  {
    role,
    actions: [
      'sqs:ReceiveMessage',
      'sqs:DeleteMessage',
      'sqs:ChangeMessageVisibility',
      'sqs:GetQueueAttributes',
    ],
    on: [`\${${queue}}`],
    reason: `receives ${reason}`,
  },
];

/** The findings table, whose key DynamoDB uses on behalf of who asks. */
const table = (role: RoleName, operations: readonly string[], reason: string): Permission[] => [
  {
    role,
    actions: operations.map((operation) => `dynamodb:${operation}`),
    on: ['${FindingsTable}'],
    reason,
  },
  usesKey(
    role,
    'dynamodb',
    [
      'Decrypt',
      'DescribeKey',
      ...(operations.includes('PutItem')
        ? ['Encrypt', 'GenerateDataKey', 'GenerateDataKeyWithoutPlaintext', 'ReEncryptFrom', 'ReEncryptTo']
        : []),
    ],
    'opens the encrypted findings table',
  ),
];

const usesKey = (
  role: RoleName,
  service: string,
  operations: readonly string[],
  reason: string,
): Permission => ({
  role,
  actions: operations.map((operation) => `kms:${operation}`),
  on: ['${DataKey}'],
  reason,
  where: { 'kms:ViaService': `${service}.\${AWS::Region}.\${AWS::URLSuffix}` },
});

const publishes = (role: RoleName, topicArns: readonly string[]): Permission[] => [
  {
    role,
    actions: ['sns:Publish'],
    on: ['${AlertTopic}', ...topicArns],
    reason: 'tells the alert topic, and those that the configuration routes alerts to',
  },
  usesKey(role, 'sns', ['Decrypt', 'GenerateDataKey'], 'encrypts what it tells the topic'),
];

const readsSecrets = (role: RoleName, secretArns: readonly string[]): Permission[] =>
  [
    { action: 'secretsmanager:GetSecretValue', service: ':secretsmanager:' },
    { action: 'ssm:GetParameter', service: ':ssm:' },
  ].flatMap(({ action, service }) => {
    const on = secretArns.filter((arn) => arn.includes(service));
    return on.length === 0
      ? []
      : [{ role, actions: [action], on, reason: 'reads what a Slack channel is reached with' }];
  });
