import { join } from 'node:path';
import type { ConnectedAccount } from '../shared/aws/read/live-account.ts';
import {
  isSetUpByAws,
  type MemberTargets,
  memberTargets,
  namesMembers,
  STACKSETS_PRINCIPAL,
} from '../shared/config/member-targets.ts';
import type { FileConfig } from '../shared/config/schema.ts';
import type { StackNames } from '../shared/domain/deployment-names.ts';
import { isDenied, type Unread, unreadText } from '../shared/domain/gap.ts';
import { hubSuffix, INTAKE_BUS, memberRoleName } from '../shared/domain/member-roles.ts';
import type { Scope } from '../shared/domain/scope.ts';
import type { ForwardedRegion } from '../shared/events/forwarded-regions.ts';
import type { StackInstance } from '../shared/sweep/covered-members.ts';
import { counted } from '../shared/text/counted.ts';
import { listed } from '../shared/text/listed.ts';
import { shellText } from '../shared/text/shell-text.ts';
import { unitText } from '../shared/text/unit-text.ts';
import { visibleText } from '../shared/text/visible-text.ts';
import { UsageError } from './errors.ts';

/** The members of a deployment, and what the plan says of them. */
export type DeployedMembers = {
  targets: MemberTargets;
  /** The accounts of the configuration that the organization does not have, or that are suspended. */
  absent: readonly string[];
  /** The number of accounts in the units that are set up now. */
  inUnits: number;
  unitNames: ReadonlyMap<string, string>;
  /** Whether findings go to Security Hub of the members. */
  importsFindings: boolean;
};

/**
 * The accounts besides the deployment’s own that the configuration names; undefined where it names none.
 * @throws {UsageError} where the account may not set up others, or where none of them can be set up.
 */
export const membersOf = async (
  { options, scope }: ConnectedAccount,
  config: FileConfig,
): Promise<DeployedMembers | undefined> => {
  if (!namesMembers(config, scope.account)) return undefined;
  const { readMembers } = await import('../shared/aws/deployment/read-members.ts');
  const units = config.organization?.organizationalUnits ?? [];
  const read = await readMembers(options, scope.account, units);
  if (!read.ok) throw new UsageError(notAskable(scope, read.unread));
  if (!read.value.isAdministrator)
    throw new UsageError(
      `${scope.account} is no delegated administrator for StackSets of the organization; ${register(scope)}`,
    );
  const { targets, absent } = memberTargets(config, scope.account, read.value);
  if (units.length === 0 && targets.accounts.length === 0 && !targets.includesManagementAccount)
    throw new UsageError(
      `the organization ${targets.organization.id} has none of the accounts of the configuration as an active one: ${listed(absent)}; correct organization.accounts`,
    );
  const out = new Set([...targets.excluded, targets.organization.managementAccount]);
  return {
    targets,
    absent,
    inUnits: read.value.inUnits.filter(({ id }) => !out.has(id)).length,
    unitNames: read.value.unitNames,
    importsFindings: (config.securityHub?.findings ?? 'member') === 'member',
  };
};

const NO_ORGANIZATION = 'AWSOrganizationsNotInUseException';

const notAskable = (scope: Scope, { call, code, message }: Unread): string => {
  if (code === NO_ORGANIZATION)
    return `the configuration watches other accounts, and ${scope.account} is in no organization: a deployment sets up accounts of its own organization; take organization.accounts and organizationalUnits out, or audit other accounts with pipewarden audit --accounts`;
  const problem = `the accounts of the organization cannot be asked (${call}: ${code}: ${message})`;
  return isDenied(code) ? `${problem}; ${register(scope)}` : problem;
};

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stacksets-orgs-delegated-admin.html */
const register = ({ account, region }: Scope): string =>
  [
    'run once with credentials of the management account:',
    `aws cloudformation activate-organizations-access --region ${region}`,
    `aws organizations register-delegated-administrator --service-principal ${STACKSETS_PRINCIPAL} --account-id ${account}`,
  ].join('\n  ');

/** What the plan says of the members: which accounts, what they get, and who is left out. */
export const membersPlan = (
  { targets, absent, inUnits, unitNames, importsFindings }: DeployedMembers,
  scope: Scope,
  forwarded: readonly ForwardedRegion[],
  rolePrefix?: string,
): string[] => {
  const { units, excluded, accounts, organization, includesManagementAccount } = targets;
  const suffix = hubSuffix(scope);
  const without = excluded.length > 0 ? ` without ${listed(excluded, 4)}` : '';
  const named = units.map((unit) => unitText(unit, unitNames.get(unit)));
  const who = [
    ...(units.length > 0 ? [`${counted(inUnits, 'account')} in or below ${listed(named, 4)}${without}`] : []),
    ...(accounts.length > 0 ? [listed(accounts)] : []),
  ];
  const watched = [
    scope.region,
    ...forwarded.flatMap(({ region, events }) => (events === 'all' ? region : [])),
  ];
  const global = forwarded.flatMap(({ region, events }) => (events === 'global' ? region : []));
  const onlyGlobal =
    global.length > 0 ? `, and in ${global.join(', ')} for the events of IAM and Organizations` : '';
  const roles = [
    `${memberRoleName('reader', suffix, rolePrefix)} (lets this deployment read what is judged)`,
    ...(importsFindings
      ? [`${memberRoleName('delivery', suffix, rolePrefix)} (lets it import findings into Security Hub)`]
      : []),
    `${memberRoleName('forward', suffix, rolePrefix)} (lets the rules send events to the bus ${INTAKE_BUS} here)`,
  ];
  return [
    `members: ${who.length > 0 ? who.join(', and ') : 'the management account alone'}; rules in ${listed(watched, watched.length)}${onlyGlobal}`,
    `each member gets ${roles.join(', ')}`,
    ...(who.length === 0
      ? []
      : [
          isSetUpByAws(targets)
            ? 'accounts that come into these units later are set up by AWS'
            : 'accounts that come later are set up by the next pipewarden deploy: AWS itself would also set up accounts that are not named, or that are excluded',
        ]),
    ...(absent.length > 0
      ? [
          `not set up: ${listed(absent)}: the organization ${organization.id} has no active account of that number`,
        ]
      : []),
    ...(includesManagementAccount && organization.managementAccount !== scope.account
      ? [
          `the management account ${organization.managementAccount} is left out by StackSets: the commands that set it up follow after the deployment`,
        ]
      : []),
  ];
};

/** What is said after a deployment: which stacks of members failed, and how the management account is set up, if it is watched. */
export const membersAfterwards = async (
  connected: ConnectedAccount,
  members: DeployedMembers,
  forwarded: readonly ForwardedRegion[],
  made: { root: string; names: StackNames },
): Promise<string[]> => [
  ...(await failedStacks(connected, members.targets, made.names)),
  ...(members.targets.includesManagementAccount
    ? await managementAccount(connected, members.targets, forwarded, made)
    : []),
];

const failedStacks = async (
  { options, scope }: ConnectedAccount,
  targets: MemberTargets,
  names: StackNames,
): Promise<string[]> => {
  const { listStackInstances } = await import('../shared/aws/deployment/stack-instances.ts');
  const lines: string[] = [];
  for (const name of [names.memberRoles, names.memberRules]) {
    const stackSet = `${name}-${hubSuffix(scope)}`;
    const instances = await listStackInstances(options, stackSet);
    lines.push(
      ...(instances.ok
        ? retryLines(stackSet, instances.value, { targets, scope })
        : [`whether all members are set up cannot be asked (${unreadText(instances.unread)})`]),
    );
  }
  return lines;
};

/**
 * The stacks of a StackSet that are not as they should be, and the command that makes them again: a deployment in which nothing
 * changes does not try them. Roles before rules, because the rules use a role.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_UpdateStackInstances.html
 */
export const retryLines = (
  stackSet: string,
  instances: readonly StackInstance[],
  { targets: { organization }, scope }: { targets: MemberTargets; scope: Scope },
): string[] => {
  const failed = instances.filter(({ isCurrent }) => !isCurrent);
  if (failed.length === 0) return [];
  const told = failed.map(({ account, region, status }) => `${account} ${region} (${visibleText(status)})`);
  const accounts = [...new Set(failed.map(({ account }) => account))];
  const regions = [...new Set(failed.map(({ region }) => region))];
  const callAs = scope.account === organization.managementAccount ? 'SELF' : 'DELEGATED_ADMIN';
  const deploymentTargets = `OrganizationalUnitIds=${organization.root},Accounts=${accounts.join(',')},AccountFilterType=INTERSECTION`;
  return [
    `${stackSet}: ${counted(failed.length, 'stack')} not current: ${listed(told)}; mend what the reasons say, and run:`,
    [
      `aws cloudformation update-stack-instances --region ${scope.region} --call-as ${callAs} --stack-set-name ${stackSet}`,
      `--deployment-targets ${shellText(deploymentTargets)} --regions ${regions.join(' ')}`,
      '--operation-preferences FailureTolerancePercentage=100',
    ].join(' '),
  ];
};

/** The commands that set up the management account, which StackSets leave out. */
const managementAccount = async (
  { options, scope }: ConnectedAccount,
  { organization }: MemberTargets,
  forwarded: readonly ForwardedRegion[],
  { root, names }: { root: string; names: StackNames },
): Promise<string[]> => {
  const { readStackOutputs } = await import('../shared/aws/deployment/stack-outputs.ts');
  const outputs = await readStackOutputs(options, names.main);
  if (!outputs.ok)
    return [
      `the outputs of ${names.main} cannot be read (${outputs.unread.message}): docs/operations.md says under Members how the management account is set up`,
    ];
  return managementCommands({
    scope,
    managementAccount: organization.managementAccount,
    regions: [scope.region, ...forwarded.map(({ region }) => region)],
    parameters: {
      roles: outputs.value.get('MemberRolesParameters') ?? '',
      rules: outputs.value.get('MemberRulesParameters') ?? '',
    },
    root,
    names,
  });
};

/** Each is one line for sh, bash or zsh. The roles are made in the home Region, like those of other members. */
export const managementCommands = ({
  scope,
  managementAccount,
  regions,
  parameters,
  root,
  names,
}: {
  scope: Scope;
  managementAccount: string;
  regions: readonly string[];
  /** The values of the templates’ parameters, as `aws cloudformation deploy` takes them. */
  parameters: Readonly<Record<'roles' | 'rules', string>>;
  /** The folder of the checkout, in which the CDK has written the templates. */
  root: string;
  names: Pick<StackNames, 'memberRoles' | 'memberRules'>;
}): string[] => {
  const suffix = hubSuffix(scope);
  const command = (region: string, of: 'Roles' | 'Rules', values: string) =>
    [
      `aws cloudformation deploy --region ${region} --stack-name ${names[`member${of}`]}-${suffix} --no-fail-on-empty-changeset`,
      `--template-file ${shellText(join(root, 'cdk.out/members', `PipewardenMember${of}.template.json`))}`,
      ...(of === 'Roles' ? ['--capabilities CAPABILITY_NAMED_IAM'] : []),
      `--parameter-overrides ${values.split(' ').map(shellText).join(' ')}`,
    ].join(' ');
  return [
    `with credentials of the management account ${managementAccount}, run:`,
    command(scope.region, 'Roles', parameters.roles),
    ...regions.map((region) => command(region, 'Rules', parameters.rules)),
  ];
};
