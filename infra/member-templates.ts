import { join } from 'node:path';
import {
  App,
  Aws,
  BootstraplessSynthesizer,
  CfnCondition,
  CfnParameter,
  Duration,
  Fn,
  type IStackSynthesizer,
  Stack,
  Tags,
  Validations,
} from 'aws-cdk-lib';
import { CfnRule } from 'aws-cdk-lib/aws-events';
import { ArnPrincipal, CompositePrincipal, type IPrincipal } from 'aws-cdk-lib/aws-iam';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import { rolesBegin } from '../shared/domain/deployment-names.ts';
import { type MemberRole, memberRoleArn, memberRoleName } from '../shared/domain/member-roles.ts';
import { partitionOfRegion } from '../shared/domain/regions.ts';
import { forwardedRegions } from '../shared/events/forwarded-regions.ts';
import { globalRegionOf } from '../shared/reader/answers/trails.ts';
import { type AuditedEvents, EVENT_PATTERNS, rulePattern } from './event-patterns.ts';
import { assumersOf } from './member-permissions.ts';
import type { MemberRoleName, RoleName } from './permission.ts';
import { permissions } from './permissions.ts';
import { roleFor, rolePathing, serviceOfAccount } from './roles.ts';
import { patternIn } from './rules.ts';
import type { Settings } from './settings.ts';

/** The name of a parameter with the ARN of a role of the hub, which may assume a role of the member. */
export const assumerParameter = (role: RoleName): string =>
  `${role.charAt(0).toUpperCase()}${role.slice(1)}RoleArn`;

/** The Regions of members with rules: those that are watched, the home Region first, and the one to which IAM sends its events. */
export const ruleRegions = (
  home: string,
  others: readonly string[],
  hasIamEvents: boolean,
): [string, ...string[]] => [
  home,
  ...forwardedRegions(home, others, { hasIamEvents }).map(({ region }) => region),
];

/**
 * The templates that set up a member, each as the object that CloudFormation takes. They are synthesised as an app of their own,
 * because `cdk deploy --all` would deploy stacks of the hub’s app into the hub.
 */
export const memberTemplates = (
  app: App,
  options: {
    settings: Settings;
    home: string;
    otherRegions: readonly string[];
    tags: readonly (readonly [string, string])[];
  },
): Record<'roles' | 'rules', object> => {
  const members = new App({
    outdir: join(app.outdir, 'members'),
    analyticsReporting: false,
    context: app.node.getAllContext(),
  });
  const stack = (id: string, description: string) =>
    new Stack(members, id, {
      description,
      synthesizer: new BootstraplessSynthesizer() as IStackSynthesizer,
    });
  const roles = rolesStack(
    stack('PipewardenMemberRoles', 'Pipewarden: the roles that an account gives to the hub that watches it'),
    options,
  );
  const rules = rulesStack(
    stack(
      'PipewardenMemberRules',
      'Pipewarden: forwards the events of an account to the hub that watches it',
    ),
    options,
  );
  for (const [key, value] of options.tags) Tags.of(members).add(key, value);
  Validations.of(members).addPlugins(new AwsSolutionsChecks(members), new ServerlessChecks(members));
  const assembly = members.synth();
  const templateOf = ({ stackName }: Stack): object => assembly.getStackByName(stackName).template;
  return { roles: templateOf(roles), rules: templateOf(rules) };
};

type Hub = { suffix: string; intake: string };

/** What both templates are told of the hub. */
const hubParameters = (stack: Stack): Hub => ({
  suffix: new CfnParameter(stack, 'Hub', {
    description: 'The account and home Region of the hub, with which names of roles end',
    allowedPattern: '[0-9]{12}-[a-z0-9-]{1,15}',
  }).valueAsString,
  intake: new CfnParameter(stack, 'IntakeBusArn', {
    description: 'The bus of the hub that gets the events of this account',
    allowedPattern: 'arn:[a-z0-9-]+:events:[a-z0-9-]+:[0-9]{12}:event-bus/[A-Za-z0-9._-]+',
  }).valueAsString,
});

const rolesStack = (
  stack: Stack,
  { settings, home, otherRegions }: { settings: Settings; home: string; otherRegions: readonly string[] },
): Stack => {
  const { suffix, intake } = hubParameters(stack);
  const externalId = new CfnParameter(stack, 'ExternalId', {
    description: 'The external id that the hub gives when it assumes a role',
    minLength: 2,
    maxLength: 1224,
  }).valueAsString;
  const table = permissions({
    ...settings,
    partition: partitionOfRegion(home),
    otherRegions,
    hasMembers: true,
    hasOrganizationPolicies: false,
  });
  const role = (id: string, name: MemberRoleName, of: MemberRole, trust: Trust) =>
    roleFor(stack, id, {
      name,
      ...rolePathing(settings),
      roleName: memberRoleName(of, suffix, settings.rolePrefix),
      ...trust,
      table,
      places: { IntakeBus: intake },
    });
  const hubRoles = (names: readonly RoleName[]): Trust => ({
    assumedBy: new CompositePrincipal(
      ...names.map(
        (name) =>
          new ArnPrincipal(
            new CfnParameter(stack, assumerParameter(name), {
              description: 'A role of the hub that may assume a role of this account',
              allowedPattern: 'arn:[a-z0-9-]+:iam::[0-9]{12}:role/.+',
            }).valueAsString,
          ),
      ),
    ),
    externalIds: [externalId],
  });
  const { memberReader = [], memberDelivery = [] } = assumersOf(settings);
  role('ReaderRole', 'memberReader', 'reader', hubRoles(memberReader));
  if (memberDelivery.length > 0) role('DeliveryRole', 'memberDelivery', 'delivery', hubRoles(memberDelivery));
  role('ForwardRole', 'memberForward', 'forward', { assumedBy: serviceOfAccount('events.amazonaws.com') });
  return stack;
};

type Trust = { assumedBy: IPrincipal; externalIds?: string[] };

/** EventBridge tries to reach the hub for a day. What it could not send by then, the next sweep finds. */
const RETRIES = { maximumEventAgeInSeconds: Duration.days(1).toSeconds(), maximumRetryAttempts: 185 };

/**
 * The rules of a member. One template serves all Regions: where only the events of IAM and Organizations are wanted, conditions leave
 * the other rules out. Each hub has rules of its own, because a rule has at most five targets.
 */
const rulesStack = (
  stack: Stack,
  { settings, home, otherRegions }: { settings: Settings; home: string; otherRegions: readonly string[] },
): Stack => {
  const { suffix, intake } = hubParameters(stack);
  const global = globalRegionOf(partitionOfRegion(home));
  const isGlobalRegion = new CfnCondition(stack, 'IsRegionOfIamEvents', {
    expression: Fn.conditionEquals(Aws.REGION, global),
  });
  const isWatched = [home, ...otherRegions].includes(global)
    ? undefined
    : new CfnCondition(stack, 'IsWatchedRegion', { expression: Fn.conditionNot(isGlobalRegion) });
  const roleArn = memberRoleArn(
    'forward',
    { partition: Aws.PARTITION, account: Aws.ACCOUNT_ID },
    suffix,
    rolesBegin(settings),
  );
  const conditionOf = ({ isGlobal }: AuditedEvents) => (isGlobal ? isGlobalRegion : isWatched);
  for (const audited of EVENT_PATTERNS) {
    const { id, reason, pattern } = audited;
    const { detailType, ...rest } = patternIn(
      rulePattern({ pattern }, Aws.ACCOUNT_ID),
      settings.eventSourcePrefix,
    );
    const rule = new CfnRule(stack, id, {
      description: reason,
      state: 'ENABLED',
      eventPattern: { ...rest, 'detail-type': detailType },
      targets: [{ id: 'Hub', arn: intake, roleArn, retryPolicy: RETRIES }],
    });
    const condition = conditionOf(audited);
    if (condition) rule.cfnOptions.condition = condition;
    Validations.of(rule).acknowledge({
      id: 'Serverless-EventBusDLQ',
      reason:
        'A queue in each Region of each member would need an alarm there; a sweep finds what was not sent',
    });
  }
  return stack;
};
