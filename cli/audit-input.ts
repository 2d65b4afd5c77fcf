import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import type { ConnectedAccount } from '../shared/aws/read/live-account.ts';
import type { FileConfig } from '../shared/config/schema.ts';
import type { Unread } from '../shared/domain/gap.ts';
import type { Scope } from '../shared/domain/scope.ts';
import { type Recorded, recordedBuilder } from '../shared/events/recorded-uses.ts';
import { groupBy } from '../shared/group-by.ts';
import { withOrganization } from '../shared/reader/organization-source.ts';
import type { AccountReaders, Reader } from '../shared/reader/reader.ts';
import { joinedSnapshots } from '../shared/reader/snapshot/joined.ts';
import { CALLER } from '../shared/reader/snapshot/reader.ts';
import type { ReadEvents } from '../shared/requests/audit-request.ts';
import { visibleText } from '../shared/text/visible-text.ts';
import { snapshotReader } from './audit.ts';
import { UsageError } from './errors.ts';
import { readEventFiles, readSnapshotRecords } from './files.ts';
import {
  checkLiveOptions,
  connectLive,
  isOfSeveral,
  type LiveOptions,
  withLiveOptions,
} from './live-accounts.ts';
import { type GivenOrganization, readGivenOrganization } from './organization-file.ts';
import type { Progress } from './progress.ts';

/** The options that say what is audited. */
export type AuditInputOptions = LiveOptions & {
  snapshot?: string[];
  live?: boolean;
  events?: string[];
  /** A file with the policies of the organization. */
  organizationPolicies?: string;
};

/** Adds the options that say what is audited. */
export const withAuditInput = (command: Command): Command =>
  withAccounts(command).option(
    '--events <files...>',
    'audit only the resources of these events: CloudTrail or EventBridge JSON, JSON lines, .gz',
  );

/** Adds the options that say which accounts are read. */
export const withAccounts = (command: Command): Command =>
  withLiveOptions(
    command
      .addOption(
        new Option(
          '--snapshot <dir>',
          'a snapshot folder; repeated, those of several Regions and accounts, which may also stand in one folder',
        ).argParser((dir: string, before: string[] | undefined) => [...(before ?? []), dir]),
      )
      .option('--live', 'the account of the credentials')
      .option(
        '--organization-policies <file>',
        'the SCPs and RCPs, in place of those that can be read: the file of `snapshot --organization`, or the levels of one account, root first',
      ),
  );

/** One account to audit: its readers by Region, and the snapshot folders behind them in the same order, if there are any. */
export type AuditedAccount = { readers: AccountReaders; dirs: readonly string[] };

/** An account in the Regions that were asked for, or a Region of an account that can be read in others. */
export type Unconnected = { scopes: readonly [Scope, ...Scope[]]; isWholeAccount: boolean; unread: Unread };

/** What an audit reads. */
export type AuditInput = {
  accounts: readonly AuditedAccount[];
  /** The names of accounts, where the organization told them. */
  names?: ReadonlyMap<string, string>;
  /** Asks the organization for the names of organizational units. */
  unitNames?: (units: readonly string[]) => Promise<ReadonlyMap<string, string>>;
  /** Accounts with all their Regions, or Regions of accounts, that cannot be read at all. */
  unconnected: readonly Unconnected[];
  /** Who reads the accounts, or made the snapshot. */
  caller?: string;
  /** The events whose resources alone are audited. */
  events: ReadEvents | undefined;
  recorded: Recorded;
  /** Records of the snapshot that could not be read. */
  unreadable: ReadEvents['unreadable'];
};

/** Whether options ask for what is read live. */
export const isLive = (options: AuditInputOptions): boolean => options.live === true || isOfSeveral(options);

/**
 * Checks that the options go together. `otherwise`: what may be given in place of an account.
 * @throws {UsageError}
 */
export const checkAuditInput = (options: AuditInputOptions, otherwise = ''): void => {
  const { snapshot, profile, region } = options;
  const isRead = isLive(options);
  if ((snapshot === undefined) === !isRead)
    throw new UsageError(
      `give --snapshot DIR, or what to read live: --live, --regions, --accounts or --organization${isRead ? '' : otherwise}`,
    );
  if (!isRead && (profile ?? region) !== undefined)
    throw new UsageError('--profile and --region go with --live: a snapshot says itself where it is from');
  checkLiveOptions(options);
};

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
  const { snapshot, organizationPolicies } = options;
  const given =
    organizationPolicies === undefined ? undefined : await readGivenOrganization(organizationPolicies);
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
  const accounts = given ? answeredBy(given, opened.accounts) : opened.accounts;
  return { ...opened, accounts, ...(caller !== undefined && { caller }), events, recorded, unreadable };
};

const answeredBy = (
  { isOfOne, source }: GivenOrganization,
  accounts: readonly AuditedAccount[],
): AuditedAccount[] => {
  if (isOfOne && accounts.length > 1)
    throw new UsageError(
      '--organization-policies: the file holds the levels of one account, and there are several: give the file of `pipewarden snapshot --organization`',
    );
  const answered = (reader: Reader): Reader => withOrganization(reader, source(reader));
  return accounts.map(({ readers: [home, ...others], dirs }) => ({
    readers: [answered(home), ...others.map(answered)],
    dirs,
  }));
};

type Opened = Pick<AuditInput, 'accounts' | 'names' | 'unitNames' | 'unconnected'>;

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
  watched: FileConfig['organization'],
  progress: Progress,
): Promise<Opened> => {
  const { connections, names, unitNames, organization } = await connectLive(options, watched, progress);
  const { readerOf } = await import('../shared/aws/read/live-account.ts');
  const openOf = (connected: ConnectedAccount): Reader => readerOf(connected, organization);
  return {
    ...(names && { names }),
    ...(unitNames && { unitNames }),
    accounts: connections.flatMap((ofAccount) => {
      const [home, ...more] = ofAccount.flatMap((each) => (each.ok ? openOf(each.connected) : []));
      return home ? [{ readers: [home, ...more], dirs: [] } satisfies AuditedAccount] : [];
    }),
    unconnected: connections.flatMap((ofAccount): Unconnected[] => {
      const failed = ofAccount.flatMap((each) => (each.ok ? [] : each));
      const [first, ...others] = failed;
      if (first && failed.length === ofAccount.length) {
        const scopes: Unconnected['scopes'] = [first.scope, ...others.map(({ scope }) => scope)];
        return [{ scopes, isWholeAccount: true, unread: first.unread }];
      }
      return failed.map(({ scope, unread }) => ({ scopes: [scope], isWholeAccount: false, unread }));
    }),
  };
};

/** The accounts and Regions that a run is about, also those that could not be read, in the order of the accounts’ numbers. */
export const scopesOf = ({ accounts, unconnected }: AuditInput): readonly [Scope, ...Scope[]] => {
  const [first, ...others] = [
    ...accounts.flatMap(({ readers }) => readers.map(({ scope }) => scope)),
    ...unconnected.flatMap(({ scopes }) => scopes),
  ].toSorted((one, other) => Number(one.account) - Number(other.account));
  if (!first) throw new UsageError('there is no account to read: the organization has none that is active');
  return [first, ...others];
};

/** How many events were read, and what became of them. */
export const countsOf = ({ requests, ignored, unreadable }: ReadEvents): string =>
  `events: ${requests.length} to audit, ${ignored.length} ignored, ${unreadable.length} unreadable`;
