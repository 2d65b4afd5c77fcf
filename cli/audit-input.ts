import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import type { AwsClients } from '../shared/aws/read/aws-clients.ts';
import { ACCOUNT_VARIABLE } from '../shared/config/account-variable.ts';
import type { FileConfig } from '../shared/config/schema.ts';
import type { Unread } from '../shared/domain/gap.ts';
import { REGIONS } from '../shared/domain/regions.ts';
import type { Scope } from '../shared/domain/scope.ts';
import { type Recorded, recordedBuilder } from '../shared/events/recorded-uses.ts';
import { groupBy } from '../shared/group-by.ts';
import { withOrganization } from '../shared/reader/answers/organization.ts';
import type { AccountReaders, Reader } from '../shared/reader/reader.ts';
import { joinedSnapshots } from '../shared/reader/snapshot/joined.ts';
import { CALLER } from '../shared/reader/snapshot/reader.ts';
import type { ReadEvents } from '../shared/requests/audit-request.ts';
import { listed } from '../shared/text/listed.ts';
import { suggestion } from '../shared/text/suggestion.ts';
import { visibleText } from '../shared/text/visible-text.ts';
import { snapshotReader } from './audit.ts';
import { UsageError } from './errors.ts';
import { readEventFiles, readSnapshotRecords } from './files.ts';
import { readOrganizationFile } from './organization-file.ts';
import type { Progress } from './progress.ts';

/** The options that say what is audited. */
export type AuditInputOptions = {
  snapshot?: string[];
  live?: boolean;
  events?: string[];
  profile?: string;
  region?: string;
  /** All accounts of the organization; or a file with the policies of the one account’s organization. */
  organization?: true | string;
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

/** Adds the options that say what is audited. */
export const withAuditInput = (command: Command): Command =>
  command
    .addOption(
      new Option(
        '--snapshot <dir>',
        'a snapshot folder; repeated, those of several Regions and accounts, which may also stand in one folder',
      ).argParser((dir: string, before: string[] | undefined) => [...(before ?? []), dir]),
    )
    .option('--live', 'the account of the credentials')
    .option(
      '--events <files...>',
      'audit only the resources of these events: CloudTrail or EventBridge JSON, JSON lines, .gz',
    )
    .option('--profile <name>', 'live: the AWS profile')
    .option('--region <region>', 'live: the AWS Region')
    .addOption(
      new Option('--regions <regions>', 'live: several Regions of each account, with commas').argParser(
        listOf,
      ),
    )
    .addOption(new Option('--accounts <ids>', 'live: these accounts, with commas').argParser(listOf))
    .option(
      '--organization [file]',
      'live: all accounts of the organization, or those that the configuration names; with a file: the SCPs of the one account, root first, if it may not read them itself',
    )
    .option(
      '--role-arn <arn>',
      `with --accounts or --organization: the role to assume in each account, such as 'arn:aws:iam::${ACCOUNT_VARIABLE}:role/${READER_ROLE}'`,
    )
    .option(
      '--external-id <id>',
      'with --accounts or --organization: the external id that the role asks for',
    );

/** One account to audit: its readers by Region, and the snapshot folders behind them in the same order, if there are any. */
export type AuditedAccount = { readers: AccountReaders; dirs: readonly string[] };

/** What an audit reads. */
export type AuditInput = {
  accounts: readonly AuditedAccount[];
  /** Accounts, or Regions of them, that cannot be read at all. */
  unconnected: readonly { scope: Scope; isWholeAccount: boolean; unread: Unread }[];
  /** Who reads the accounts, or made the snapshot. */
  caller?: string;
  /** The events whose resources alone are audited. */
  events: ReadEvents | undefined;
  recorded: Recorded;
  /** Records of the snapshot that could not be read. */
  unreadable: ReadEvents['unreadable'];
};

/** Whether options ask for live accounts by a list, or by the organization. */
const isOfSeveral = ({ accounts, regions, organization }: AuditInputOptions): boolean =>
  organization === true || accounts !== undefined || regions !== undefined;

/** Whether options ask for what is read live. */
export const isLive = (options: AuditInputOptions): boolean => options.live === true || isOfSeveral(options);

/**
 * Checks that the options go together.
 * @throws {UsageError}
 */
export const checkAuditInput = (options: AuditInputOptions): void => {
  const { snapshot, profile, region, organization, accounts, regions, roleArn, externalId } = options;
  const isRead = isLive(options);
  if ((snapshot === undefined) === !isRead)
    throw new UsageError(
      'give --snapshot DIR, or what to read live: --live, --regions, --accounts or --organization',
    );
  if (!isRead && (profile ?? region) !== undefined)
    throw new UsageError('--profile and --region go with --live: a snapshot says itself where it is from');
  if (!isRead && organization !== undefined)
    throw new UsageError('--organization goes with --live: a snapshot holds organizations/scps.json');
  if (organization === true && accounts)
    throw new UsageError('give --organization (all its accounts) or --accounts, not both');
  if (typeof organization === 'string' && accounts)
    throw new UsageError(
      '--organization FILE holds the policies of one account: leave it out with --accounts, or audit one account',
    );
  if (region !== undefined && regions)
    throw new UsageError('give --region (one) or --regions (several), not both');
  if (!(organization === true || accounts) && (roleArn ?? externalId) !== undefined)
    throw new UsageError('--role-arn and --external-id go with --accounts or --organization');
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

const ROLE_ARN = /^arn:aws(?:-[a-z]+)*:iam::(?:\d{12}|\$\{account\}):role\/\S+$/;

/**
 * Opens what the options name, and reads its events. `watched` are the accounts and Regions of the configuration, which
 * `--organization` means.
 * @throws {UsageError} if a file or the snapshot cannot be read.
 */
export const openAuditInput = async (
  options: AuditInputOptions,
  watched: FileConfig['organization'],
  progress: Progress,
): Promise<AuditInput> => {
  const { snapshot } = options;
  const records = recordedBuilder();
  const events = options.events ? await readEventFiles(options.events, records, progress.say) : undefined;
  if (events) progress.say(countsOf(events));
  const opened =
    snapshot === undefined
      ? await openLive(options, watched, progress)
      : await openSnapshots(snapshot, progress);
  const dirs = opened.accounts.flatMap((account) => account.dirs);
  const unreadable: ReadEvents['unreadable'] = [];
  for (const dir of dirs) unreadable.push(...(await readSnapshotRecords(dir, records, progress.say)));
  const recorded = records.recorded();
  if (!events && recorded.records > 0)
    progress.say(`CloudTrail records of the snapshot: ${recorded.records}`);
  const caller = opened.accounts[0]?.readers[0].caller;
  return { ...opened, ...(caller !== undefined && { caller }), events, recorded, unreadable };
};

type Opened = Pick<AuditInput, 'accounts' | 'unconnected'>;

const openSnapshots = async (named: readonly string[], progress: Progress): Promise<Opened> => {
  const dirs = (await Promise.all(named.map(snapshotDirs))).flat();
  const opened = await Promise.all(dirs.map(async (dir) => ({ dir, reader: await snapshotReader(dir) })));
  const accounts = [...groupBy(opened, ({ reader }) => reader.scope.account).values()].map(accountOf);
  if (dirs.length > 1)
    progress.say(
      `${dirs.length} snapshot folders of ${accounts.length === 1 ? 'one account' : `${accounts.length} accounts`}`,
    );
  return { accounts, unconnected: [] };
};

const accountOf = (opened: readonly { dir: string; reader: Reader }[]): AuditedAccount => {
  const byRegion = groupBy(opened, ({ reader }) => reader.scope.region);
  for (const [region, [one, other]] of byRegion)
    if (one && other)
      throw new UsageError(
        `${visibleText(one.dir)} and ${visibleText(other.dir)} are both of account ${one.reader.scope.account} in ${region}: give one of them`,
      );
  const [first, ...others] = opened.map(({ reader }) => reader);
  if (!first) throw new UsageError('there is no snapshot folder');
  return { readers: joinedSnapshots([first, ...others]), dirs: opened.map(({ dir }) => dir) };
};

/** A folder that is no snapshot itself may hold those of accounts and Regions, as `snapshot --accounts` writes them. */
const snapshotDirs = async (dir: string): Promise<string[]> => {
  if (await holds(dir, CALLER.path.join('/'))) return [dir];
  const found: string[] = [];
  for (const account of await foldersIn(dir, /^\d{12}$/))
    for (const region of await foldersIn(join(dir, account), /^[a-z]{2,4}(?:-[a-z]+)+-\d+$/))
      found.push(join(dir, account, region));
  return found.length > 0 ? found : [dir];
};

const foldersIn = async (dir: string, like: RegExp): Promise<string[]> => {
  const entries = await readdir(dir, { withFileTypes: true }).catch(() => []);
  return entries
    .flatMap((entry) => (entry.isDirectory() && like.test(entry.name) ? entry.name : []))
    .toSorted();
};

const holds = async (dir: string, name: string): Promise<boolean> =>
  (await readdir(dir).catch((): string[] => [])).includes(name);

const openLive = async (
  options: AuditInputOptions,
  watched: FileConfig['organization'] = {},
  progress: Progress,
): Promise<Opened> => {
  const { organization, regions = organization === true ? watched.regions : undefined } = options;
  const policies = typeof organization === 'string' ? await readOrganizationFile(organization) : undefined;
  const { connectAccount, readerOf } = await import('../shared/aws/read/live-account.ts');
  const [region = options.region] = regions ?? [];
  const own = await connectAccount({ ...options, ...(region !== undefined && { region }) });
  const withPolicies = (reader: Reader): Reader => (policies ? withOrganization(reader, policies) : reader);
  if (!isOfSeveral(options))
    return { accounts: [{ readers: [withPolicies(readerOf(own))], dirs: [] }], unconnected: [] };
  const [{ connectAccounts }, { awsClients }] = await Promise.all([
    import('../shared/aws/read/connect-accounts.ts'),
    import('../shared/aws/read/clients.ts'),
  ]);
  const organizations = awsClients(own.options).organizations;
  const accounts =
    options.accounts ??
    (organization === true ? await membersOf(organizations, watched, progress) : [own.scope.account]);
  const [first = own.scope.region, ...others] = [...new Set(regions)];
  const pattern =
    options.roleArn ?? `arn:${own.scope.partition}:iam::${ACCOUNT_VARIABLE}:role/${READER_ROLE}`;
  const connections = await connectAccounts(own, {
    accounts: [...new Set(accounts)],
    regions: [first, ...others],
    roleOf: (account) => pattern.replaceAll(ACCOUNT_VARIABLE, account),
    ...(options.externalId !== undefined && { externalId: options.externalId }),
  });
  const several = accounts.length > 1 || accounts[0] !== own.scope.account;
  return {
    accounts: connections.flatMap((ofAccount) => {
      const [home, ...more] = ofAccount.flatMap((each) =>
        each.ok ? withPolicies(readerOf(each.connected, several ? organizations : undefined)) : [],
      );
      return home ? [{ readers: [home, ...more], dirs: [] } satisfies AuditedAccount] : [];
    }),
    unconnected: connections.flatMap((ofAccount) => {
      const isWholeAccount = ofAccount.every((each) => !each.ok);
      const unread = ofAccount.flatMap((each) => (each.ok ? [] : [{ ...each, isWholeAccount }]));
      return isWholeAccount ? unread.slice(0, 1) : unread;
    }),
  };
};

/** The active accounts that the configuration names, or all of the organization. */
const membersOf = async (
  organizations: AwsClients['organizations'],
  { accounts = [], organizationalUnits = [], exclude = [] }: NonNullable<FileConfig['organization']>,
  progress: Progress,
): Promise<string[]> => {
  const { listMemberAccounts } = await import('../shared/aws/read/organization-calls.ts');
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
  const named = accounts.length + organizationalUnits.length === 0;
  const chosen = new Set([...(named || organizationalUnits.length > 0 ? active : []), ...accounts]);
  return [...chosen].filter((id) => !exclude.includes(id)).toSorted();
};

/** The accounts and Regions that a run is about, also those that could not be read. */
export const scopesOf = ({ accounts, unconnected }: AuditInput): readonly [Scope, ...Scope[]] => {
  const [first, ...others] = [
    ...accounts.flatMap(({ readers }) => readers.map(({ scope }) => scope)),
    ...unconnected.map(({ scope }) => scope),
  ];
  if (!first) throw new UsageError('there is no account to read: the organization has none that is active');
  return [first, ...others];
};

/** How many events were read, and what became of them. */
export const countsOf = ({ requests, ignored, unreadable }: ReadEvents): string =>
  `events: ${requests.length} to audit, ${ignored.length} ignored, ${unreadable.length} unreadable`;
