import { type Command, Option } from 'commander';
import type { AwsClients } from '../shared/aws/read/aws-clients.ts';
import type { Connection } from '../shared/aws/read/connect-accounts.ts';
import { ACCOUNT_VARIABLE } from '../shared/config/account-variable.ts';
import type { FileConfig } from '../shared/config/schema.ts';
import { REGIONS } from '../shared/domain/regions.ts';
import type { OrganizationFile } from '../shared/reader/answers/organization-file.ts';
import type { OrganizationSource } from '../shared/reader/organization-source.ts';
import type { Read } from '../shared/reader/read-result.ts';
import { listed } from '../shared/text/listed.ts';
import { suggestion } from '../shared/text/suggestion.ts';
import { visibleText } from '../shared/text/visible-text.ts';
import { UsageError } from './errors.ts';
import type { Progress } from './progress.ts';

/** The options that say which accounts and Regions are read live. */
export type LiveOptions = {
  profile?: string;
  region?: string;
  /** All accounts of the organization. */
  organization?: boolean;
  accounts?: string[];
  regions?: string[];
  roleArn?: string;
  externalId?: string;
};

/** The role that members of an organization give to the auditor. */
const READER_ROLE = 'PipewardenReader';

const listOf = (value: string, before: string[] | undefined): string[] => [
  ...(before ?? []),
  ...value.split(',').flatMap((each) => each.trim() || []),
];

/** Adds the options that say which accounts and Regions are read live. */
export const withLiveOptions = (command: Command): Command =>
  command
    .option('--profile <name>', 'live: the AWS profile')
    .option('--region <region>', 'live: the AWS Region')
    .addOption(
      new Option('--regions <regions>', 'live: several Regions of each account, with commas').argParser(
        listOf,
      ),
    )
    .addOption(new Option('--accounts <ids>', 'live: these accounts, with commas').argParser(listOf))
    .option('--organization', 'live: all accounts of the organization, or those that the configuration names')
    .option(
      '--role-arn <arn>',
      `with --accounts or --organization: the role to assume in each account, such as 'arn:aws:iam::${ACCOUNT_VARIABLE}:role/${READER_ROLE}'`,
    )
    .option(
      '--external-id <id>',
      'with --accounts or --organization: the external id that the role asks for',
    );

/** Whether options ask for live accounts by a list, or by the organization. */
export const isOfSeveral = ({ accounts, regions, organization }: LiveOptions): boolean =>
  organization === true || accounts !== undefined || regions !== undefined;

const ROLE_ARN = /^arn:aws(?:-[a-z]+)*:iam::(?:\d{12}|\$\{account\}):role\/\S+$/;

/**
 * Checks that the options go together.
 * @throws {UsageError}
 */
export const checkLiveOptions = ({
  region,
  organization,
  accounts,
  regions,
  roleArn,
  externalId,
}: LiveOptions): void => {
  if (organization === true && accounts)
    throw new UsageError('give --organization (all its accounts) or --accounts, not both');
  if (region !== undefined && regions)
    throw new UsageError('give --region (one) or --regions (several), not both');
  if (!(organization === true || accounts) && (roleArn ?? externalId) !== undefined)
    throw new UsageError('--role-arn and --external-id go with --accounts or --organization');
  for (const [option, list] of [['--regions', regions] as const, ['--accounts', accounts] as const])
    if (list?.length === 0)
      throw new UsageError(`${option}: the list is empty; leave the option out, or fill it`);
  for (const each of regions ?? [])
    if (!REGIONS.some((known) => known === each))
      throw new UsageError(`--regions: ${visibleText(each)} is no Region${suggestion(each, REGIONS)}`);
  for (const each of accounts ?? [])
    if (!/^\d{12}$/.test(each))
      throw new UsageError(
        `--accounts: ${visibleText(each)} is not the number of an account, which has 12 digits`,
      );
  if (roleArn !== undefined && !ROLE_ARN.test(roleArn))
    throw new UsageError(
      `--role-arn: ${visibleText(roleArn)} is not the ARN of a role; expected 'arn:aws:iam::\${account}:role/NAME', in which \${account} stands for the number of each account`,
    );
  if (
    roleArn !== undefined &&
    !roleArn.includes(ACCOUNT_VARIABLE) &&
    (organization === true || (accounts ?? []).length > 1)
  )
    throw new UsageError(
      `--role-arn: ${visibleText(roleArn)} is a role of one account: write \${account} in place of its number (in single quotes, for the shell)`,
    );
};

/**
 * The accounts by Region, the names of those that the organization lists, and whoever is asked first for the organization’s
 * policies, for all of them.
 */
export type Connected = {
  connections: readonly (readonly Connection[])[];
  names?: ReadonlyMap<string, string>;
  /** Asks for the names of organizational units. */
  unitNames?: (units: readonly string[]) => Promise<ReadonlyMap<string, string>>;
  organization?: OrganizationSource;
  /** Reads the policies of all accounts of the organization; only with `--organization`. */
  readWhole?: () => Promise<Read<OrganizationFile>>;
};

/**
 * Connects to each account in each Region. `watched` are the accounts and Regions of the configuration, which `--organization`
 * means.
 * @throws {UsageError} if the accounts of the organization cannot be listed.
 * @throws {AwsAccessError} if AWS does not accept the credentials or the Region.
 */
export const connectLive = async (
  options: LiveOptions,
  watched: FileConfig['organization'] = {},
  progress: Progress,
): Promise<Connected> => {
  const { organization, regions = organization === true ? watched.regions : undefined } = options;
  const { connectAccount } = await import('../shared/aws/read/live-account.ts');
  const [region = options.region] = regions ?? [];
  const own = await connectAccount({ ...options, ...(region !== undefined && { region }) });
  if (!isOfSeveral(options)) return { connections: [[{ ok: true, scope: own.scope, connected: own }]] };
  const [{ connectAccounts }, { awsClients }, { organizationOf }] = await Promise.all([
    import('../shared/aws/read/connect-accounts.ts'),
    import('../shared/aws/read/clients.ts'),
    import('../shared/aws/read/organization-of.ts'),
  ]);
  const { organizations } = awsClients(own.options);
  const members = organization === true ? await membersOf(organizations, watched, progress) : undefined;
  const accounts = options.accounts ?? members?.accounts ?? [own.scope.account];
  const [first = own.scope.region, ...others] = [...new Set(regions)];
  const pattern =
    options.roleArn ?? `arn:${own.scope.partition}:iam::${ACCOUNT_VARIABLE}:role/${READER_ROLE}`;
  const connections = await connectAccounts(own, {
    accounts: [...new Set(accounts)],
    regions: [first, ...others],
    roleOf: (account) => pattern.replaceAll(ACCOUNT_VARIABLE, account),
    ...(options.externalId !== undefined && { externalId: options.externalId }),
  });
  const isOwn = accounts.every((account) => account === own.scope.account);
  return {
    connections,
    ...(members && {
      names: members.names,
      unitNames: members.unitNames,
      readWhole: async () => {
        const { readWholeOrganization } = await import('../shared/aws/read/whole-organization.ts');
        return readWholeOrganization(await organizations(), () => new Date());
      },
    }),
    ...(!isOwn && { organization: organizationOf(organizations, { caller: own.scope.account }) }),
  };
};

/** The active accounts that the configuration names, or all of the organization, and the names of all that were listed. */
const membersOf = async (
  organizations: AwsClients['organizations'],
  { accounts = [], organizationalUnits = [], exclude = [] }: NonNullable<FileConfig['organization']>,
  progress: Progress,
): Promise<{ accounts: string[] } & Required<Pick<Connected, 'names' | 'unitNames'>>> => {
  const { listMemberAccounts, readUnitNames } = await import('../shared/aws/read/organization-calls.ts');
  const members = await listMemberAccounts(await organizations(), organizationalUnits);
  if (!members.ok) {
    const { code, message } = members.unread;
    throw new UsageError(
      `--organization: the accounts cannot be listed: ${code}: ${visibleText(message)}: use credentials of the management account or of a delegated administrator that may call organizations:ListAccounts, ListAccountsForParent and ListOrganizationalUnitsForParent, or name the accounts with --accounts`,
    );
  }
  const left = members.value.flatMap(({ id, isActive }) => (isActive ? [] : id));
  if (left.length > 0)
    progress.say(`left out, as they are not active (suspended or closed): ${listed(left, 20)}`);
  const active = members.value.flatMap(({ id, isActive }) => (isActive ? id : []));
  // Without units, all accounts were listed, of which named accounts are a choice.
  const isListed = organizationalUnits.length > 0 || accounts.length === 0;
  const chosen = new Set([...(isListed ? active : []), ...accounts]);
  return {
    accounts: [...chosen].filter((id) => !exclude.includes(id)).toSorted(),
    names: new Map(members.value.flatMap(({ id, name }) => (name === undefined ? [] : [[id, name]]))),
    unitNames: async (units) => readUnitNames(await organizations(), units),
  };
};
