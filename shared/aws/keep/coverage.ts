import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  paginateQuery,
} from '@aws-sdk/client-dynamodb';
import type { Unread } from '../../domain/gap.ts';
import type { Scope } from '../../domain/scope.ts';
import type { ScopeCoverage } from '../../facts/coverage.ts';

type Table = { client: DynamoDBClient; table: string };
type Place = Pick<Scope, 'account' | 'region'>;

const PARTITION = 'coverage';

/** What nobody has noted for so long is no longer watched. A sweep that is overdue is told long before. */
const TTL_MS = 8 * 24 * 60 * 60 * 1000;

/** What is noted of a scope: whether its reader worked at a time, and up to when a sweep is complete. */
export type CoverageNote = {
  at: Date;
  /** Why nothing could be read; null where the reader works. */
  unread?: Unread | null;
  lastSweep?: Date;
  lastEvent?: string;
  /** The account’s place in its organization; where it is missing, the one that is noted stays. */
  path?: string;
  /** The names of the units in that path; where it is missing, those that are noted stay. */
  unitNames?: Readonly<Record<string, string>>;
};

/** The coverage of an account in a Region; undefined where nobody has tried to read it. */
export const readCoverage = async (
  { client, table }: Table,
  place: Place,
): Promise<ScopeCoverage | undefined> => {
  const { Item } = await client.send(
    new GetItemCommand({ TableName: table, Key: keyOf(place), ConsistentRead: true }),
  );
  return Item && coverageOf(Item);
};

/** The coverage of every account and Region that was tried in the last eight days, by account and Region. */
export const allCoverage = async ({ client, table }: Table): Promise<ScopeCoverage[]> => {
  const all: ScopeCoverage[] = [];
  const input = {
    TableName: table,
    KeyConditionExpression: 'pk = :pk',
    ExpressionAttributeValues: { ':pk': { S: PARTITION } },
  };
  for await (const { Items = [] } of paginateQuery({ client }, input))
    all.push(...Items.flatMap((item) => coverageOf(item) ?? []));
  return all;
};

/** How often a note is tried while others write the same item. */
const ATTEMPTS = 5;

/** Notes what was seen of a scope. What is older than what is noted changes nothing, whatever the order of the notes. */
export const noteCoverage = async (table: Table, place: Place, note: CoverageNote): Promise<void> => {
  for (let attempt = 1; ; attempt++) {
    const before = await readCoverage(table, place);
    const next = noted(place, before, note);
    if (before && isSame(before, next)) return;
    try {
      await put(table, next, before);
      return;
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException) || attempt === ATTEMPTS) throw error;
    }
  }
};

/** The coverage after a note. */
const noted = (
  { account, region }: Place,
  before: ScopeCoverage | undefined,
  { at, unread, lastSweep, lastEvent, path = before?.path, unitNames = before?.unitNames }: CoverageNote,
): ScopeCoverage => {
  const time = at.toISOString();
  const isNews = unread !== undefined && (before?.triedAt ?? '') <= time;
  const triedAt = isNews ? time : before?.triedAt;
  return {
    account,
    region,
    firstAt: earlier(before?.firstAt, time),
    ...(triedAt !== undefined && { triedAt }),
    ...withUnread(isNews ? (unread ?? undefined) : before?.unread),
    ...withLatest('lastSweep', before?.lastSweep, lastSweep?.toISOString()),
    ...withLatest('lastEvent', before?.lastEvent, lastEvent),
    ...(path !== undefined && { path }),
    ...(unitNames !== undefined && { unitNames }),
  };
};

const earlier = (one: string | undefined, other: string): string =>
  one !== undefined && one < other ? one : other;

const withUnread = (unread: Unread | undefined) => (unread ? { unread } : {});

const withLatest = <K extends 'lastSweep' | 'lastEvent'>(
  key: K,
  one: string | undefined,
  other: string | undefined,
): { [P in K]?: string } => {
  const latest = [one, other]
    .filter((each) => each !== undefined)
    .toSorted()
    .at(-1);
  return (latest === undefined ? {} : { [key]: latest }) as { [P in K]?: string };
};

const isSame = (one: ScopeCoverage, other: ScopeCoverage): boolean =>
  JSON.stringify(itemOf(one)) === JSON.stringify(itemOf(other));

const put = async (
  { client, table }: Table,
  coverage: ScopeCoverage,
  before: ScopeCoverage | undefined,
): Promise<void> => {
  const { firstAt, triedAt = firstAt, lastSweep = firstAt } = coverage;
  const latest = [triedAt, lastSweep].toSorted().at(-1) ?? firstAt;
  const expiresAt = Math.ceil((Date.parse(latest) + TTL_MS) / 1000);
  await client.send(
    new PutItemCommand({
      TableName: table,
      Item: { ...itemOf(coverage), expiresAt: { N: String(expiresAt) } },
      ...(before
        ? {
            ConditionExpression: 'triedAt = :before AND #sweep = :sweep AND firstAt = :first',
            ExpressionAttributeNames: { '#sweep': 'lastSweep' },
            ExpressionAttributeValues: {
              ':before': { S: before.triedAt ?? '' },
              ':sweep': { S: before.lastSweep ?? '' },
              ':first': { S: before.firstAt },
            },
          }
        : { ConditionExpression: 'attribute_not_exists(pk)' }),
    }),
  );
};

const keyOf = ({ account, region }: Place) => ({
  pk: { S: PARTITION },
  sk: { S: `${account}#${region}` },
});

const itemOf = (coverage: ScopeCoverage): Record<string, AttributeValue> => ({
  ...keyOf(coverage),
  account: { S: coverage.account },
  region: { S: coverage.region },
  firstAt: { S: coverage.firstAt },
  triedAt: { S: coverage.triedAt ?? '' },
  lastSweep: { S: coverage.lastSweep ?? '' },
  ...(coverage.lastEvent !== undefined && { lastEvent: { S: coverage.lastEvent } }),
  ...(coverage.path !== undefined && { path: { S: coverage.path } }),
  ...(coverage.unitNames !== undefined && {
    unitNames: {
      M: Object.fromEntries(Object.entries(coverage.unitNames).map(([id, name]) => [id, { S: name }])),
    },
  }),
  ...(coverage.unread && {
    unread: {
      M: {
        call: { S: coverage.unread.call },
        code: { S: coverage.unread.code },
        message: { S: coverage.unread.message },
      },
    },
  }),
});

const coverageOf = (item: Record<string, AttributeValue>): ScopeCoverage | undefined => {
  const text = (name: string): string | undefined => item[name]?.S || undefined;
  const [account, region, firstAt, triedAt] = ['account', 'region', 'firstAt', 'triedAt'].map(text);
  if (!account || !region || !firstAt) return undefined;
  const { call, code, message } = item.unread?.M ?? {};
  const [lastSweep, lastEvent, path] = [text('lastSweep'), text('lastEvent'), text('path')];
  return {
    account,
    region,
    firstAt,
    ...(triedAt !== undefined && { triedAt }),
    ...(lastSweep !== undefined && { lastSweep }),
    ...(lastEvent !== undefined && { lastEvent }),
    ...(path !== undefined && { path }),
    ...(item.unitNames?.M && {
      unitNames: Object.fromEntries(Object.entries(item.unitNames.M).map(([id, name]) => [id, name.S ?? ''])),
    }),
    ...(item.unread && {
      unread: { call: call?.S ?? '', code: code?.S ?? '', message: message?.S ?? '' },
    }),
  };
};
