import {
  auditPermissions,
  deliverPermissions,
  hookPermissions,
  inventoryPermissions,
  reportPermissions,
  sweepPermissions,
} from './function-permissions.ts';
import { evidencePermissions, historyPermissions } from './history-permissions.ts';
import { memberPermissions } from './member-permissions.ts';
import type { Permission, RoleName } from './permission.ts';
import { NO_RESOURCE, TRACES, usesKey } from './permission-groups.ts';
import type { Settings } from './settings.ts';

/** What the permissions of a deployment depend on. */
export type PermissionSettings = Pick<
  Settings,
  | 'slackSecretArn'
  | 'secretArns'
  | 'topicArns'
  | 'findingsGoTo'
  | 'resolvesWorkflow'
  | 'isTraced'
  | 'rolePath'
  | 'rolePrefix'
  | 'subnets'
  | 'keyArn'
  | 'alertTopicArn'
  | 'hook'
  | 'history'
  | 'evidence'
> & {
  partition: string;
  /** The watched Regions besides the home Region. */
  otherRegions: readonly string[];
  /** Whether other accounts are watched too. */
  hasMembers: boolean;
  /** Whether the policies of the organization come from a file. */
  hasOrganizationPolicies: boolean;
};

/**
 * All permissions of the system’s roles. Infra makes the roles from this table, and docs/permissions.md is generated
 * from it.
 */
export const permissions = (settings: PermissionSettings): readonly Permission[] => {
  const table = settings.partition === 'aws-cn' ? all(settings).map(inChina) : all(settings);
  return settings.isTraced ? table : table.filter(({ actions }) => !actions.includes(TRACES[0]));
};

/**
 * AWS’s page gives `kms:ViaService` with `amazonaws.com` alone, and services in China have names with `amazonaws.com.cn`: which of them a
 * request carries there is not documented.
 * https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service
 */
const inChina = (permission: Permission): Permission => {
  const service = permission.where?.['kms:ViaService'];
  if (typeof service !== 'string') return permission;
  const global = service.replace('${AWS::URLSuffix}', 'amazonaws.com');
  return { ...permission, where: { ...permission.where, 'kms:ViaService': [global, service] } };
};

const FUNCTION_ROLES = [
  'audit',
  'deliver',
  'sweep',
  'report',
  'inventory',
  'hook',
  'history',
  'evidence',
] as const satisfies RoleName[];

/** The permissions of the roles that the deployment has. */
const all = (settings: PermissionSettings): readonly Permission[] =>
  ofAll(settings).filter(
    ({ role }) =>
      (settings.hook !== undefined || (role !== 'hook' && role !== 'hookCaller')) &&
      (settings.history !== undefined || role !== 'history') &&
      (settings.evidence !== undefined || (role !== 'evidence' && role !== 'evidenceSchedule')),
  );

const ofAll = (settings: PermissionSettings): readonly Permission[] => [
  ...auditPermissions(settings.otherRegions),
  ...deliverPermissions(settings),
  ...sweepPermissions(settings.otherRegions),
  ...reportPermissions(settings),
  ...inventoryPermissions(settings.otherRegions),
  ...hookPermissions(settings.otherRegions),
  ...machinePermissions(),
  {
    role: 'sweepSchedule',
    actions: ['states:StartExecution'],
    on: ['${SweepMachine}'],
    reason: 'starts the sweep on schedule',
  },
  {
    role: 'reportSchedule',
    actions: ['lambda:InvokeFunction'],
    on: ['${ReportFunction}'],
    reason: 'starts the report function on schedule',
  },
  {
    role: 'forwardEvents',
    actions: ['events:PutEvents'],
    on: ['${HomeBus}'],
    reason: 'forwards the events that IAM and Organizations send to us-east-1 only',
  },
  ...(settings.subnets ? FUNCTION_ROLES.map(attaches) : []),
  ...(settings.hasMembers ? memberPermissions(settings) : []),
  ...(settings.history === undefined ? [] : historyPermissions(settings)),
  ...evidencePermissions(),
  ...(settings.hasOrganizationPolicies
    ? (['audit', 'sweep', 'inventory', 'hook'] as const).map(readsPolicies)
    : []),
];

/**
 * What Lambda needs to attach a function to a VPC. AWS advises to deny it to the function’s code.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions
 */
const attaches = (role: RoleName): Permission => ({
  role,
  actions: [
    'ec2:CreateNetworkInterface',
    'ec2:DescribeNetworkInterfaces',
    'ec2:DescribeSubnets',
    'ec2:DeleteNetworkInterface',
    'ec2:AssignPrivateIpAddresses',
    'ec2:UnassignPrivateIpAddresses',
  ],
  on: ['*'],
  reason:
    'Lambda makes the network interfaces of the function with it, if the functions are in a VPC; the code of the function is denied it',
  wildcard: 'Lambda shares interfaces among functions, and their ids are not known before',
  isOfLambdaAlone: true,
});

const readsPolicies = (role: RoleName): Permission => ({
  role,
  actions: ['s3:GetObject'],
  on: ['${OrganizationObject}'],
  reason: 'reads the policies of the organization that were given to the deployment, once a start',
});

const machinePermissions = (): Permission[] => [
  {
    role: 'sweepMachine',
    actions: ['lambda:InvokeFunction'],
    on: ['${SweepFunction}'],
    reason: 'runs the function that lists what to look at and notes the end of a sweep',
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
    reason: 'sends the list to the auditor',
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
    reason: 'reports that the sweep is complete',
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
