import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Aws, CfnOutput, Fn, Stack, type StackProps } from 'aws-cdk-lib';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import type { Construct } from 'constructs';
import { DEAD_LETTER_QUEUES } from '../shared/domain/dead-letter-queues.ts';
import { rolesBegin } from '../shared/domain/deployment-names.ts';
import { KEPT_OPTIONS } from '../shared/domain/kept-options.ts';
import { hubSuffix } from '../shared/domain/member-roles.ts';
import { partitionOfRegion } from '../shared/domain/regions.ts';
import { VERSION } from '../shared/version.ts';
import { alarms } from './alarms.ts';
import { auditPath, requestQueues } from './audit-path.ts';
import type { Base } from './base.ts';
import { dashboard } from './dashboard.ts';
import { delivery, deliveryQueues } from './delivery.ts';
import { evidenceFunction, evidenceSchedule } from './evidence.ts';
import { logGroupFor } from './function.ts';
import { heartbeatQueue } from './heartbeats.ts';
import { historyDatabase, historyPath, historyQueues } from './history.ts';
import { HOOKS_SERVICE, hookFunction, hooks } from './hook.ts';
import { intakeArn } from './intake.ts';
import { inventoryPath, inventoryQueues } from './inventory.ts';
import { assumersOf } from './member-permissions.ts';
import { assumerParameter } from './member-templates.ts';
import type { HubParameters } from './members-stack.ts';
import type { RoleName } from './permission.ts';
import { permissions } from './permissions.ts';
import { reportFunction, reportSchedules } from './reports.ts';
import { hubRoleNaming, type Places, roleFor, serviceOfAccount } from './roles.ts';
import type { FunctionName, Settings } from './settings.ts';
import type { ToldState } from './state-stack.ts';
import { sweepFunction, sweepMachine, sweepMachineArn, sweepRunsArn } from './sweep.ts';
import { toldOtherStacks } from './told-outputs.ts';

const SERVICES: Partial<Record<RoleName, string>> = {
  sweepMachine: 'states.amazonaws.com',
  sweepSchedule: 'scheduler.amazonaws.com',
  reportSchedule: 'scheduler.amazonaws.com',
  evidenceSchedule: 'scheduler.amazonaws.com',
  hookCaller: HOOKS_SERVICE,
};

/**
 * The stack with queues, rules, functions, sweeps, reports, alarms and dashboard. It can be removed and deployed again.
 */
export const pipewardenStack = (
  scope: Construct,
  id: string,
  {
    settings,
    state,
    otherRegions,
    ...props
  }: StackProps & {
    settings: Settings;
    state: ToldState;
    /** The watched Regions besides that of the stack. */
    otherRegions: readonly string[];
  },
): Stack => {
  const stack = new Stack(scope, id, props);
  stack.addStackDependency(state.stack);
  const config = new Asset(stack, 'Config', { path: settings.configFile });
  const organization =
    settings.organizationPolicies &&
    new Asset(stack, 'OrganizationPolicies', { path: settings.organizationPolicies.file });
  const requests = requestQueues({ stack });
  const retries = deliveryQueues({ stack });
  const inventories = inventoryQueues({ stack });
  const kept = state.historyBucket;
  const history = kept && historyQueues({ stack });
  const heartbeats = heartbeatQueue(stack);
  const log = (name: FunctionName) => logGroupFor(stack, name, state.keyArn, settings);
  const logs = {
    Audit: log('Audit'),
    Deliver: log('Deliver'),
    Sweep: log('Sweep'),
    Report: log('Report'),
    Inventory: log('Inventory'),
  };
  const hookLog = settings.hook === undefined ? undefined : log('Hook');
  const historyLog = kept && log('History');
  const key = state.signingKeyArn;
  const packs = kept && key !== undefined ? { log: log('Evidence'), bucket: kept, key } : undefined;
  const table = permissions({
    ...settings,
    partition: partitionOfRegion(stack.region),
    otherRegions,
    hasMembers: settings.members !== undefined,
    hasOrganizationPolicies: organization !== undefined,
  });
  const places: Places = {
    FindingsTable: state.findings.arn,
    FindingsStream: state.findings.streamArn,
    DataKey: state.keyArn,
    ...(state.alertKeyArn !== undefined && { AlertKey: state.alertKeyArn }),
    AlertTopic: state.alertTopicArn,
    EventBus: state.bus.arn,
    RequestsQueue: requests.queue.queueArn,
    DeadLetters: requests.deadLetters.queueArn,
    DeliveryRetries: retries.queue.queueArn,
    DeliveryDeadLetters: retries.deadLetters.queueArn,
    InventoryQueue: inventories.queue.queueArn,
    Heartbeats: heartbeats.queueArn,
    SweepBucket: state.sweepBucket.arn,
    ReportBucket: state.reportBucket.arn,
    ConfigurationBucket: state.configurationBucket.arn,
    ConfigObject: config.bucket.arnForObjects(config.s3ObjectKey),
    ...(organization && { OrganizationObject: organization.bucket.arnForObjects(organization.s3ObjectKey) }),
    AuditLog: logs.Audit.logGroupArn,
    DeliverLog: logs.Deliver.logGroupArn,
    SweepLog: logs.Sweep.logGroupArn,
    ReportLog: logs.Report.logGroupArn,
    InventoryLog: logs.Inventory.logGroupArn,
    ...(hookLog && { HookLog: hookLog.logGroupArn }),
    ...(kept &&
      history &&
      historyLog && {
        HistoryBucket: kept.arn,
        HistoryQueue: history.queue.queueArn,
        HistoryLog: historyLog.logGroupArn,
        HistoryDatabase: historyDatabase(stack),
      }),
    ...(packs && { SigningKey: packs.key, EvidenceLog: packs.log.logGroupArn }),
    SweepMachine: sweepMachineArn(stack.stackName),
    SweepMachineRuns: sweepRunsArn(stack.stackName),
  };
  const roles = new Map<RoleName, IRole>();
  const roleOf = (name: RoleName): IRole => {
    const title = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
    const role = roleFor(stack, `${title}Role`, {
      name,
      ...hubRoleNaming(settings, `${title}-${stack.region}`),
      assumedBy: serviceOfAccount(SERVICES[name] ?? 'lambda.amazonaws.com'),
      table,
      places,
    });
    roles.set(name, role);
    return role;
  };
  const common = {
    CONFIG_BUCKET: config.s3BucketName,
    CONFIG_KEY: config.s3ObjectKey,
    // Whoever may write to the bucket could replace what the functions go by.
    CONFIG_SHA256: sha256Of(settings.configFile),
    CONFIG_COPIES_BUCKET: state.configurationBucket.name,
    ...(organization &&
      settings.organizationPolicies && {
        ORGANIZATION_POLICIES_KEY: organization.s3ObjectKey,
        ORGANIZATION_POLICIES_SHA256: sha256Of(settings.organizationPolicies.file),
      }),
  };
  // The UUID in the id of the stack: it stays as long as the stack does, and the members’ stacks go before that.
  const externalId = Fn.select(2, Fn.split('/', Aws.STACK_ID));
  const begin = rolesBegin(settings);
  const members = settings.members && {
    EXTERNAL_ID: externalId,
    ...(begin !== '/' && { MEMBER_ROLES_BEGIN: begin }),
  };
  const base: Base = {
    stack,
    settings,
    state,
    requests,
    retries,
    inventories,
    history,
    heartbeats,
    logs,
    common,
    tellsHistory: history ? { HISTORY_QUEUE_URL: history.queue.queueUrl } : {},
    members: members ?? {},
    roleOf,
  };

  const { auditor, rules, membersRules } = auditPath(base);
  const { deliverer } = delivery(base, rules);
  const sweeper = sweepFunction(base);
  places.SweepFunction = sweeper.functionArn;
  const inventory = inventoryPath(base);
  const machine = sweepMachine(base, sweeper);
  const reporter = reportFunction(base);
  places.ReportFunction = reporter.functionArn;
  reportSchedules(base, reporter.functionArn);
  const hook = hookLog && hookFunction(base, hookLog);
  if (hook) {
    places.HookFunction = hook.functionArn;
    hooks(base, hook);
  }
  const historian =
    kept && history && historyLog && historyPath(base, { queues: history, log: historyLog, bucket: kept });
  const packer = packs && evidenceFunction(base, packs);
  if (packer) {
    places.EvidenceFunction = packer.functionArn;
    evidenceSchedule(base, packer.functionArn);
  }

  const watched = {
    auditor,
    deliverer,
    sweeper,
    reporter,
    inventory,
    hook,
    historian,
    packer,
    machine,
    rules,
    membersRules,
    heartbeats,
  };
  dashboard(base, watched, alarms(base, watched));

  for (const [of, { queue, deadLetters }] of [
    ['events', requests],
    ['deliveries', retries],
    ['inventories', inventories],
    ...(history ? [['history', history] as const] : []),
  ] as const) {
    const { output, source } = DEAD_LETTER_QUEUES[of];
    new CfnOutput(stack, source, { value: queue.queueUrl });
    new CfnOutput(stack, output, { value: deadLetters.queueUrl });
  }
  // A later deployment tells by it what it updates.
  new CfnOutput(stack, 'Version', { value: VERSION });
  if (settings.organizationPolicies)
    new CfnOutput(stack, 'OrganizationPoliciesAsOf', { value: settings.organizationPolicies.asOf });
  for (const { key, output } of KEPT_OPTIONS) {
    const value = settings[key];
    if (value !== undefined) new CfnOutput(stack, output, { value: [value].flat().join(',') });
  }
  new CfnOutput(stack, 'SweepMachineArn', { value: machine.stateMachineArn });
  new CfnOutput(stack, 'ReportFunctionName', { value: reporter.functionName });
  if (packer) new CfnOutput(stack, 'EvidenceFunctionName', { value: packer.functionName });
  if (members) tellMembers(stack, settings, roles, externalId);
  return stack;
};

type FindingsSetting = Pick<Settings, 'findingsGoTo'>;

/** The roles that members let in. */
const assumers = (settings: FindingsSetting): RoleName[] => [
  ...new Set(Object.values(assumersOf(settings)).flat()),
];

/** Tells what members are told, to the stack that sets them up and to people, for accounts that StackSets leave out. */
const tellMembers = (
  stack: Stack,
  settings: FindingsSetting,
  roles: ReadonlyMap<RoleName, IRole>,
  externalId: string,
): void => {
  const told = parametersWith(settings, {
    externalId,
    roleArn: (name) => roles.get(name)?.roleArn ?? '',
  });
  toldOtherStacks(stack, 'ExternalId', externalId);
  // A stack of an earlier version imports all of them, whatever the configuration says later.
  for (const name of assumers({ findingsGoTo: 'member' }))
    toldOtherStacks(stack, assumerParameter(name), roles.get(name)?.roleArn ?? '');
  for (const [name, values] of [
    ['MemberRolesParameters', told.roles],
    ['MemberRulesParameters', told.rules],
  ] as const)
    new CfnOutput(stack, name, {
      description:
        'For aws cloudformation deploy --parameter-overrides, in an account that StackSets leave out',
      value: Object.entries(values)
        .map(([key, value]) => `${key}=${value}`)
        .join(' '),
    });
};

/** The parameters of the members’ templates, in a stack that is deployed after the stack of that name. */
export const hubParameters = (stackName: string, settings: FindingsSetting): HubParameters => {
  return parametersWith(settings, {
    externalId: Fn.getStackOutput(stackName, 'ExternalId'),
    roleArn: (name) => Fn.getStackOutput(stackName, assumerParameter(name)),
  });
};

const parametersWith = (
  settings: FindingsSetting,
  { externalId, roleArn }: { externalId: string; roleArn: (name: RoleName) => string },
): HubParameters => {
  const hub = {
    Hub: hubSuffix({ account: Aws.ACCOUNT_ID, region: Aws.REGION }),
    IntakeBusArn: intakeArn,
  };
  const roles = assumers(settings).map((name) => [assumerParameter(name), roleArn(name)]);
  return { roles: { ...hub, ExternalId: externalId, ...Object.fromEntries(roles) }, rules: hub };
};

const sha256Of = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');
