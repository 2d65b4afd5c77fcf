import { CONTROLS } from '../shared/controls/index.ts';
import type { Permission, RoleName } from './permission.ts';
import {
  importsFindings,
  NO_RESOURCE,
  publishes,
  reads,
  readsChanged,
  readsSecrets,
  receives,
  runs,
  table,
  usesKey,
} from './permission-groups.ts';
import type { Settings } from './settings.ts';

/** The facts that controls read. Roles need the whole account to be listed, as no event tells who uses a role. */
export const FACTS = [...new Set(CONTROLS.flatMap(({ requires }) => requires))];

/** The facts that a sweep lists by itself. */
export const SWEPT_FACTS = ['imageSource', 'trust', 'trails'] as const;

/** The facts that an inventory lists. */
const INVENTORIED_FACTS = ['trust', 'uses'] as const;

export const auditPermissions = (otherRegions: readonly string[]): Permission[] => [
  ...runs('audit', 'AuditLog'),
  {
    role: 'audit',
    actions: ['s3:PutObject'],
    on: ['${ConfigurationBucket}/configurations/*'],
    reason: 'keeps a copy of each configuration that comes into force',
    wildcard: 'the name is the checksum of the configuration',
  },
  ...receives('audit', 'RequestsQueue', 'the events and requests that wait'),
  {
    role: 'audit',
    actions: ['sqs:SendMessage'],
    on: ['${DeadLetters}'],
    reason: 'puts aside, with its reason, what can never be audited',
  },
  {
    role: 'audit',
    actions: ['sqs:SendMessage'],
    on: ['${RequestsQueue}'],
    reason: 'asks for the looks that follow from one, where it has not the time to make them itself',
  },
  {
    role: 'audit',
    actions: ['sqs:SendMessage'],
    on: ['${InventoryQueue}'],
    reason: 'asks for an inventory of an account whose index is missing',
  },
  ...table(
    'audit',
    ['GetItem', 'BatchGetItem', 'PutItem', 'UpdateItem', 'BatchWriteItem', 'Query'],
    'the states of findings, which events were handled, the index of each account, and heartbeats',
  ),
  ...reads('audit', FACTS, otherRegions),
  ...readsChanged('audit'),
];

export const inventoryPermissions = (otherRegions: readonly string[]): Permission[] => [
  ...runs('inventory', 'InventoryLog'),
  ...receives('inventory', 'InventoryQueue', 'the accounts to list'),
  ...table(
    'inventory',
    ['GetItem', 'BatchGetItem', 'PutItem', 'DeleteItem', 'Query'],
    'the index of each account, and how far its listing has come',
  ),
  ...reads('inventory', INVENTORIED_FACTS, otherRegions),
  {
    role: 'inventory',
    actions: ['DescribeOrganization', 'DescribeAccount', 'ListParents'].map(
      (operation) => `organizations:${operation}`,
    ),
    on: ['*'],
    reason: 'finds the organizational units of an account, if the configuration hangs on them',
    wildcard: 'the organization and its accounts belong to its management account',
  },
];

/** The facts that a hook reads of the account besides what is declared: all but what lists it, which the index tells. */
const HOOK_FACTS = [
  'imageBucket',
  'inputs',
  'resourcePolicies',
  'exceptionSubject',
  'versions',
  'shares',
] as const;
const LISTS = ['iam:GetAccountAuthorizationDetails', 'sagemaker:ListPipelines'];

/** What a hook reads, and that it tells what it could not judge. */
export const hookPermissions = (otherRegions: readonly string[]): Permission[] => [
  ...runs('hook', 'HookLog'),
  ...table(
    'hook',
    ['GetItem', 'BatchGetItem', 'PutItem', 'Query'],
    'the index of the account, and the findings on stacks that could not be judged',
  ),
  {
    role: 'hook',
    actions: ['sqs:SendMessage'],
    on: ['${InventoryQueue}'],
    reason: 'asks for an inventory of an account whose index is missing',
  },
  ...reads('hook', HOOK_FACTS, otherRegions).filter(
    ({ actions }) => !actions.some((each) => LISTS.includes(each)),
  ),
  {
    role: 'hook',
    actions: ['iam:GetRole'],
    on: ['arn:${AWS::Partition}:iam::${AWS::AccountId}:role/*'],
    reason: 'the roles that pipelines of a template use, which may have been made a moment before',
    wildcard: 'a template names the role',
  },
  ...readsChanged('hook'),
  {
    role: 'hookCaller',
    actions: ['lambda:InvokeFunction'],
    on: ['${HookFunction}'],
    reason: 'CloudFormation calls the hook with it',
  },
];

export const deliverPermissions = (
  settings: Pick<
    Settings,
    'secretArns' | 'topicArns' | 'findingsGoTo' | 'resolvesWorkflow' | 'keyArn' | 'alertTopicArn'
  >,
): Permission[] => [
  ...runs('deliver', 'DeliverLog'),
  {
    role: 'deliver',
    actions: ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'],
    on: ['${FindingsStream}'],
    reason: 'is woken by changes in the findings table',
  },
  {
    role: 'deliver',
    actions: ['dynamodb:ListStreams'],
    on: ['*'],
    reason: 'Lambda needs it before it reads a stream',
    wildcard: NO_RESOURCE,
  },
  ...receives('deliver', 'DeliveryRetries', 'what a sink did not take'),
  {
    role: 'deliver',
    actions: ['sqs:SendMessage'],
    on: ['${DeliveryRetries}', '${DeliveryDeadLetters}'],
    reason: 'sends refused changes to the retry queue, and puts aside stream records that cannot be handled',
  },
  {
    role: 'deliver',
    actions: ['sqs:SendMessage'],
    on: ['${Heartbeats}'],
    reason: 'answers heartbeats',
  },
  ...table(
    'deliver',
    ['GetItem', 'PutItem', 'DeleteItem', 'BatchGetItem', 'BatchWriteItem'],
    'what is undelivered, the history, and what each channel was told',
  ),
  ...(settings.findingsGoTo === 'off' ? [] : importsFindings('deliver', settings, [])),
  ...publishes('deliver', settings.topicArns, settings),
  {
    role: 'deliver',
    actions: ['events:PutEvents'],
    on: ['${EventBus}'],
    reason: 'sends the changes of findings to other programs',
  },
  ...readsSecrets('deliver', settings.secretArns),
];

export const sweepPermissions = (otherRegions: readonly string[]): Permission[] => [
  ...runs('sweep', 'SweepLog'),
  ...table(
    'sweep',
    ['GetItem', 'PutItem', 'Scan', 'Query'],
    'the open findings, when the last sweep was, and which events were handled',
  ),
  ...reads('sweep', SWEPT_FACTS, otherRegions),
  {
    role: 'sweep',
    actions: ['sqs:SendMessage'],
    on: ['${InventoryQueue}'],
    reason: 'asks for an inventory of each account that it sweeps',
  },
  ...listsForSweeps('sweep'),
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
    reason: 'wakes the deliverer for undelivered changes',
  },
];

/** What a sweep lists besides facts. */
export const listsForSweeps = (role: RoleName): Permission[] => [
  {
    role,
    actions: ['s3:ListAllMyBuckets'],
    on: ['*'],
    reason: 'finds image buckets by tag or pattern',
    wildcard: NO_RESOURCE,
  },
  {
    role,
    actions: ['cloudtrail:LookupEvents'],
    on: ['*'],
    reason: 'finds events that did not arrive',
    wildcard: NO_RESOURCE,
  },
];

export const reportPermissions = ({
  slackSecretArn,
  ...settings
}: Pick<Settings, 'slackSecretArn' | 'keyArn' | 'alertTopicArn'>): Permission[] => [
  ...runs('report', 'ReportLog'),
  ...table('report', ['Scan', 'Query'], 'the open findings, how much passed, and how findings have ended'),
  {
    role: 'report',
    actions: ['s3:PutObject', 's3:GetObject', 's3:AbortMultipartUpload'],
    on: ['${ReportBucket}/reports/*'],
    reason: 'writes the report, and reads earlier ones to compare with',
    wildcard: 'each report has its own folder',
  },
  {
    role: 'report',
    actions: ['s3:ListBucket'],
    on: ['${ReportBucket}'],
    reason: 'finds the counts of earlier reports, for the trend',
  },
  usesKey('report', 's3', ['Decrypt', 'GenerateDataKey'], 'encrypts and reads reports'),
  ...publishes('report', [], settings),
  ...readsSecrets('report', slackSecretArn === undefined ? [] : [slackSecretArn]),
];
