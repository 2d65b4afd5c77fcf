import { CHANGED_ACTIONS, FACT_ACTIONS, type FactAction } from '../shared/facts/fact-actions.ts';
import { groupBy } from '../shared/group-by.ts';
import type { Permission, PlaceName, RoleName } from './permission.ts';
import type { Settings } from './settings.ts';

export const NO_RESOURCE = 'the action knows no resource';
export const TRACES = ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'] as const;

/**
 * The permissions to read the facts, one for each reason, in the Region of the role and in the other Regions. If there are others,
 * ARNs are of any Region and a condition lists the Regions, because the ARNs of many Regions exceed the size of a role’s policies.
 * For the same reason, facts of a Region that are read for one reason then share a permission.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-requestedregion
 */
export const reads = (
  role: RoleName,
  facts: readonly (keyof typeof FACT_ACTIONS)[],
  otherRegions: readonly string[],
): Permission[] =>
  permissionsFor(
    role,
    facts.flatMap((fact) => FACT_ACTIONS[fact]),
    otherRegions,
  );

const permissionsFor = (
  role: RoleName,
  all: readonly FactAction[],
  otherRegions: readonly string[],
): Permission[] => {
  const isShared = ({ resource }: FactAction) => otherRegions.length > 0 && resource.includes(OWN_REGION);
  const groups = groupBy(all, (each) =>
    JSON.stringify([isShared(each) ? OWN_REGION : each.resource, each.reason]),
  );
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (!first) return [];
    const permission = {
      role,
      actions: [...new Set(group.map(({ action }) => action))],
      on: [...new Set(group.map(({ resource }) => resource))],
      reason: first.reason,
      wildcard: everyBecause(first),
    };
    if (!isShared(first)) return permission;
    return {
      ...permission,
      on: permission.on.map((arn) => arn.replace(OWN_REGION, '*')),
      where: { 'aws:RequestedRegion': [OWN_REGION, ...otherRegions] },
    };
  });
};

/** The permissions to read one user, role, group or managed policy that changed. */
export const readsChanged = (role: RoleName): Permission[] => permissionsFor(role, CHANGED_ACTIONS, []);

const OWN_REGION = '${AWS::Region}';

const everyBecause = ({ action, resource }: FactAction): string => {
  if (action.startsWith('cloudtrail:') && resource !== '*')
    return 'a trail may be the organization’s, of another account, and of any name and Region';
  if (action.startsWith('ram:') && resource !== '*') return 'RAM makes the ids of shares, and lists them';
  if (resource !== '*') return 'an event or a definition names the resource';
  return action.startsWith('organizations:')
    ? 'the organization, its units and its policies belong to another account, and their ids are not known here'
    : NO_RESOURCE;
};

/** What every function needs to run: its log, the configuration and its traces. */
export const runs = (role: RoleName, log: PlaceName): Permission[] => [
  writesLog(role, log),
  {
    role,
    actions: ['s3:GetObject'],
    on: ['${ConfigObject}'],
    reason: 'reads the configuration as it was deployed, at the first start',
  },
  {
    role,
    actions: ['s3:GetObject'],
    on: ['${ConfigurationBucket}/configurations/*'],
    reason: 'reads the auditor’s own copy of the configuration, once a start',
    wildcard: 'each configuration that was in force has a copy, named by its checksum',
  },
  writesTraces(role),
];

export const writesLog = (role: RoleName, log: PlaceName): Permission => ({
  role,
  actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
  on: [`\${${log}}`],
  reason: 'writes its log',
});

export const writesTraces = (role: RoleName): Permission => ({
  role,
  actions: TRACES,
  on: ['*'],
  reason: 'writes its traces',
  wildcard: NO_RESOURCE,
});

export const receives = (role: RoleName, queue: PlaceName, reason: string): Permission[] => [
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

/** Permissions on the findings table. DynamoDB uses the table’s key on behalf of its caller. */
export const table = (role: RoleName, operations: readonly string[], reason: string): Permission[] => [
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

export const usesKey = (
  role: RoleName,
  service: string,
  operations: readonly string[],
  reason: string,
  key: 'DataKey' | 'AlertKey' = 'DataKey',
): Permission => ({
  role,
  actions: operations.map((operation) => `kms:${operation}`),
  on: [`\${${key}}`],
  reason,
  where: { 'kms:ViaService': `${service}.\${AWS::Region}.\${AWS::URLSuffix}` },
});

/** The permissions to import findings into Security Hub of the role’s account, in the Region of the role and in the other Regions. */
export const importsFindings = (
  role: RoleName,
  { resolvesWorkflow }: Pick<Settings, 'resolvesWorkflow'>,
  otherRegions: readonly string[],
): Permission[] => {
  const isShared = otherRegions.length > 0;
  const hub = `arn:\${AWS::Partition}:securityhub:${isShared ? '*' : OWN_REGION}:\${AWS::AccountId}`;
  const inRegions = isShared && {
    wildcard: 'the condition holds it to the watched Regions',
    where: { 'aws:RequestedRegion': [OWN_REGION, ...otherRegions] },
  };
  return [
    {
      role,
      actions: ['securityhub:BatchImportFindings'],
      on: [`${hub}:product/\${AWS::AccountId}/default`],
      reason: 'findings are imported as those of the account’s own product',
      ...inRegions,
    },
    ...(resolvesWorkflow
      ? [
          {
            role,
            actions: ['securityhub:GetFindings', 'securityhub:BatchUpdateFindings'],
            on: [`${hub}:hub/default`],
            reason: 'sets the workflow of mended findings to RESOLVED, but never of SUPPRESSED ones',
            ...inRegions,
          },
        ]
      : []),
  ];
};

export const publishes = (
  role: RoleName,
  topicArns: readonly string[],
  { keyArn, alertTopicArn }: Pick<Settings, 'keyArn' | 'alertTopicArn'>,
): Permission[] => [
  {
    role,
    actions: ['sns:Publish'],
    on: ['${AlertTopic}', ...topicArns],
    reason:
      role === 'deliver'
        ? 'tells the alert topic, and those that the configuration routes alerts to'
        : 'tells the alert topic where the report is',
  },
  // Which key encrypts a topic of others is not known, unless all is to have the same one.
  ...(alertTopicArn === undefined || keyArn !== undefined
    ? [usesKey(role, 'sns', ['Decrypt', 'GenerateDataKey'], 'encrypts what it tells the topic', 'AlertKey')]
    : []),
];

export const readsSecrets = (role: RoleName, secretArns: readonly string[]): Permission[] =>
  [
    { action: 'secretsmanager:GetSecretValue', service: ':secretsmanager:' },
    { action: 'ssm:GetParameter', service: ':ssm:' },
  ].flatMap(({ action, service }) => {
    const on = secretArns.filter((arn) => arn.includes(service));
    return on.length === 0
      ? []
      : [{ role, actions: [action], on, reason: 'reads the credentials of a Slack channel' }];
  });
