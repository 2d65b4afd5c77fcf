import { MetricUnit } from '@aws-lambda-powertools/metrics';
import { noteCoverage, readCoverage } from '../../shared/aws/keep/coverage.ts';
import { handledBetween } from '../../shared/aws/keep/handled-events.ts';
import { readObject } from '../../shared/aws/keep/object-reader.ts';
import { writeObject } from '../../shared/aws/keep/object-writer.ts';
import { queueSender } from '../../shared/aws/keep/queue-sender.ts';
import { rememberSweep } from '../../shared/aws/keep/sweep-mark.ts';
import { listWatched, type WatchedMembers } from '../../shared/aws/read/watched-members.ts';
import { unitsIn } from '../../shared/config/account-selector.ts';
import type { FileConfig } from '../../shared/config/schema.ts';
import { type Gap, type Unread, unreadText } from '../../shared/domain/gap.ts';
import type { Resource } from '../../shared/domain/resource.ts';
import type { Scope } from '../../shared/domain/scope.ts';
import { otherRegions } from '../../shared/events/forwarded-regions.ts';
import type { JsonObject } from '../../shared/json/json.ts';
import { parseJson } from '../../shared/json/json-text.ts';
import { pacedReader } from '../../shared/reader/paced-reader.ts';
import { accountRequest } from '../../shared/requests/resource-requests.ts';
import { gapOf } from '../../shared/sweep/gap-of.ts';
import { sweepMessage } from '../../shared/sweep/messages.ts';
import { type OpenResource, openResources } from '../../shared/sweep/open-state.ts';
import { partOf } from '../../shared/sweep/sweep-account.ts';
import { listed } from '../../shared/text/listed.ts';
import type { AccountContext } from '../account-context.ts';
import { accountContexts } from '../account-contexts.ts';
import { accountPace } from '../pace.ts';
import type { Given, SweepConnection } from './connection.ts';
import { departures, endDeparted } from './departed.ts';
import type { SweepOfAccounts } from './input.ts';
import { tellFinished, tellNotMade } from './tell-finished.ts';
import { unlistedRegions } from './unlisted-regions.ts';

/** What the first step of a sweep tells the step for one account. */
type Prepared = { open: Resource[]; gaps: Gap[] };

type Written = { bucket: string; key: string; count: number };
type Sweep = (part: string, account: AccountContext, given: Given) => Promise<Written & { until: string }>;

/** A sweep of several accounts: the list of the accounts, or one of them. */
export const sweepAccounts = async (
  input: SweepOfAccounts,
  connection: SweepConnection,
  own: Scope,
  sweep: Sweep,
): Promise<object> => {
  if ('accounts' in input) return listAccounts(input, connection, own);
  const { sweepId, account, finished, failed } = input;
  const scope = { ...own, account };
  if (failed) return tellFailed(sweepId, scope, failed, connection);
  const stored = await connection.config();
  const places = [own.region, ...otherRegions(own.region, stored.organization?.regions)].map((region) => ({
    account,
    region,
  }));
  if (finished !== undefined) {
    const table = { client: connection.dynamodb, table: connection.table };
    const until = new Date(finished);
    await tellFinished(partOf(sweepId, account), scope, connection);
    await rememberSweep(table, { sweepId, until, member: account === own.account ? undefined : account });
    for (const place of places) {
      // No sweep is complete where it could not list the pipelines.
      const { unread } = (await readCoverage(table, place)) ?? {};
      if (!unread) await noteCoverage(table, place, { at: connection.now(), lastSweep: until });
    }
    return { finished };
  }
  return sweepOne({ sweepId, scope, own, stored, places }, connection, sweep);
};

/**
 * Writes the list of the watched accounts, and for each account what is open. The table is read once for all of them. What could
 * not be read is told with the deployment’s own account.
 */
const listAccounts = async (
  { sweepId, accounts }: Extract<SweepOfAccounts, { accounts: unknown }>,
  connection: SweepConnection,
  own: Scope,
): Promise<Written> => {
  const { clients, store, now, sqs, retriesUrl, metrics, logger } = connection;
  const { organization = {} } = await connection.config();
  const gaps: Gap[] = [];
  const watched = await listWatched(clients.organizations, organization, own.account);
  gaps.push(...watched.gaps);
  const swept = accounts === true ? watched.accounts : asked(accounts, watched);
  const open = new Map<string, Resource[]>();
  const departed = departures(watched);
  const left: OpenResource[] = [];
  const tell = queueSender(sqs, retriesUrl);
  const wake = (resourceArn: string) => tell.send({ resourceArn });
  try {
    for await (const each of openResources(store, now(), wake)) {
      const { account = own.account, resource } = each;
      if (departed(account)) left.push(each);
      if (!resource) continue;
      const ofAccount = open.get(account);
      if (ofAccount) ofAccount.push(resource);
      else open.set(account, [resource]);
    }
  } catch (error) {
    // The lists of all accounts are looked at all the same.
    gaps.push(gapOf('Scan of the findings table', error));
  }
  gaps.push(...(await endDeparted(left, departed, connection)));
  await tell.flush();
  const table = { client: connection.dynamodb, table: connection.table };
  for (const { account, unread } of watched.inactive)
    for (const region of [own.region, ...otherRegions(own.region, organization.regions)])
      await noteCoverage(table, { account, region }, { at: now(), unread });
  for (const account of swept) {
    const prepared: Prepared = {
      open: open.get(account) ?? [],
      gaps: account === own.account ? gaps : [],
    };
    await write(`sweeps/${partOf(sweepId, account)}/open.json`, prepared, connection);
  }
  const key = `sweeps/${sweepId}/accounts.json`;
  await write(
    key,
    swept.map((account) => ({ account })),
    connection,
  );
  metrics.addMetric('SweepAccounts', MetricUnit.Count, swept.length);
  metrics.publishStoredMetrics();
  logger.info('accounts to sweep', { correlation_id: sweepId, accounts: swept.length, gaps });
  return { bucket: connection.bucket, key, count: swept.length };
};

/** The accounts that somebody asks for. @throws {Error} for those that nobody watches. */
const asked = (accounts: readonly string[], watched: WatchedMembers): readonly string[] => {
  const unwatched = accounts.filter((account) => !watched.accounts.includes(account));
  if (unwatched.length === 0) return [...new Set(accounts)];
  throw new Error(`the configuration names no active account ${listed(unwatched)}: see pipewarden members`);
};

type One = {
  sweepId: string;
  scope: Scope;
  own: Scope;
  stored: FileConfig;
  places: readonly Pick<Scope, 'account' | 'region'>[];
};

const sweepOne = async (
  { sweepId, scope, own, stored, places }: One,
  connection: SweepConnection,
  sweep: Sweep,
): Promise<object> => {
  const { account } = scope;
  const part = partOf(sweepId, account);
  const table = { client: connection.dynamodb, table: connection.table };
  const startedAt = connection.now();
  const turn = accountPace(connection.now);
  const contexts = accountContexts({
    ...connection,
    scope: own,
    stored,
    withReader: (reader) => pacedReader(reader, turn),
  });
  const answer = await contexts(account);
  const unreadIn = async (regions: readonly string[], unread: Unread): Promise<void> => {
    for (const region of regions) await noteCoverage(table, { account, region }, { at: startedAt, unread });
  };
  /** A list with nothing but a look at the account, which tells that it cannot be read. */
  const onlyTold = async (because: Unread): Promise<Written & { until: null }> => {
    await tellNotMade(scope, unreadText(because), connection);
    connection.metrics.addMetric('SweepAccountsUnread', MetricUnit.Count, 1);
    connection.metrics.publishStoredMetrics();
    const key = `sweeps/${part}/messages.json`;
    const message = lookAtAccount(part, scope, [], startedAt);
    await write(key, [message], connection);
    return { bucket: connection.bucket, key, count: 1, until: null };
  };
  if (answer.is === 'unwatched') throw new Error(answer.reason);
  if (answer.is === 'unread') {
    await unreadIn(
      places.map(({ region }) => region),
      answer.unread,
    );
    return onlyTold(answer.unread);
  }
  const { readers } = answer.context;
  const [home, ...others] = readers;
  const { unlisted, off } = await unlistedRegions(readers);
  for (const [region, unread] of unlisted) await unreadIn([region], unread);
  const homeUnread = off.has(home.scope.region) ? unlisted.get(home.scope.region) : undefined;
  if (homeUnread) return onlyTold(homeUnread);
  const read = [home, ...others.filter(({ scope: { region } }) => !off.has(region))] as const;
  const { lastIn } = await handledBetween(
    table,
    new Date(startedAt.valueOf() - EVENTS_MS),
    startedAt,
    account === own.account ? undefined : account,
  );
  // Routes and reports go by the organizational unit.
  const organization = await home.readOwnOrganization();
  const path = organization.ok ? organization.value?.path : undefined;
  const unitNames = path === undefined ? undefined : await namesOfUnits(path, connection);
  for (const reader of read) {
    const { region } = reader.scope;
    const lastEvent = lastIn.get(region);
    const note = {
      at: startedAt,
      ...(!unlisted.has(region) && { unread: null }),
      ...(lastEvent !== undefined && { lastEvent }),
      ...(path !== undefined && { path }),
      ...(unitNames !== undefined && { unitNames }),
    };
    await noteCoverage(table, { account, region }, note);
  }
  const prepared = await readPrepared(part, connection);
  return sweep(
    part,
    { ...answer.context, readers: read },
    {
      open: async function* () {
        yield* prepared.open;
      },
      gaps: prepared.gaps,
      offRegions: [...off],
      isPartial: unlisted.size > 0,
      ...(account !== own.account && { member: account }),
    },
  );
};

/** The names of the units in a path, which reports and `members` show; undefined where the hub may not ask for any. */
const namesOfUnits = async (
  path: string,
  { clients }: Pick<SweepConnection, 'clients'>,
): Promise<Readonly<Record<string, string>> | undefined> => {
  const { readUnitNames } = await import('../../shared/aws/read/organization-calls.ts');
  const names = await readUnitNames(await clients.organizations(), unitsIn(path) ?? []);
  return names.size === 0 ? undefined : Object.fromEntries(names);
};

/** How far back the last event of an account is looked for. */
const EVENTS_MS = 26 * 60 * 60 * 1000;

const tellFailed = async (
  sweepId: string,
  scope: Scope,
  { error, cause }: { error: string; cause: string },
  connection: SweepConnection,
): Promise<{ body: string }> => {
  const { metrics, logger, now } = connection;
  const gap: Gap = {
    call: 'Sweep',
    code: error.slice(0, 200) || 'Failed',
    message: cause.slice(0, 500) || 'it failed',
    subject: 'the sweep of the account',
  };
  metrics.addMetric('SweepAccountsFailed', MetricUnit.Count, 1);
  metrics.publishStoredMetrics();
  await tellNotMade(scope, unreadText(gap), connection);
  logger.error('an account was not swept', { correlation_id: sweepId, account: scope.account, error, cause });
  return { body: JSON.stringify(lookAtAccount(partOf(sweepId, scope.account), scope, [gap], now())) };
};

const lookAtAccount = (
  sweepId: string,
  scope: Scope,
  gaps: readonly Gap[],
  at: Date,
): JsonObject | undefined =>
  sweepMessage(accountRequest(scope, gaps), 1, { sweepId, scope, time: at.toISOString() });

const write = async (key: string, value: unknown, { s3, bucket }: SweepConnection): Promise<void> => {
  const texts = async function* () {
    yield JSON.stringify(value);
  };
  await writeObject(await s3(), { Bucket: bucket, Key: key, ContentType: 'application/json' }, texts());
};

const MAX_PREPARED = 64 * 1024 * 1024;

/** What the first step has written for the account. Without it, an account that has open findings would keep them for ever. */
const readPrepared = async (part: string, { s3, bucket }: SweepConnection): Promise<Prepared> => {
  const key = `sweeps/${part}/open.json`;
  const text = await readObject(await s3(), { bucket, key }, MAX_PREPARED);
  const parsed = text === undefined ? undefined : parseJson(text);
  if (!parsed?.ok) throw new Error(`s3://${bucket}/${key} cannot be read: start the sweep again`);
  // The function itself wrote the object.
  return parsed.value as unknown as Prepared;
};
