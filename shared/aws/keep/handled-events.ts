import { randomUUID } from 'node:crypto';
import { BatchWriteItemCommand, type DynamoDBClient, paginateQuery } from '@aws-sdk/client-dynamodb';

type Table = { client: DynamoDBClient; table: string };

const HOUR_MS = 60 * 60 * 1000;
/** Longer than any sweep looks back (`shared/sweep/lost-events.ts`). */
const TTL_MS = 72 * HOUR_MS;
/** CloudTrail’s ids have 36 characters. An event whose id is longer than that may be looked at again. */
const MAX_ID = 64;

/** Events of one account that were handled. `member`: its number, where it is not the deployment’s own account. */
export type HandledEvents = {
  eventIds: readonly string[];
  /** The Regions in which they happened. */
  regions: readonly string[];
  member?: string | undefined;
};

/** The ids of events that were handled, and when the last event of each Region was. */
export type Handled = { ids: ReadonlySet<string>; lastIn: ReadonlyMap<string, string> };

/**
 * Notes that the events of a batch were handled, which is a note for each account and one call for all of them, of at most 25
 * accounts. It is made after the looks, so that an event without a note is looked at again, which changes nothing.
 * @throws {Error} where the table leaves a note unwritten.
 */
export const noteHandled = async (
  { client, table }: Table,
  at: Date,
  handled: readonly HandledEvents[],
): Promise<void> => {
  const notes = handled.flatMap((of) => noteOn(of, at));
  if (notes.length === 0) return;
  const { UnprocessedItems } = await client.send(
    new BatchWriteItemCommand({
      RequestItems: { [table]: notes.map((Item) => ({ PutRequest: { Item } })) },
    }),
  );
  const left = UnprocessedItems?.[table]?.length ?? 0;
  if (left > 0) throw new Error(`${table} left ${left} notes on handled events unwritten`);
};

const noteOn = ({ eventIds, regions, member }: HandledEvents, at: Date) => {
  const ids = [...new Set(eventIds)].filter((id) => id !== '' && id.length <= MAX_ID);
  if (ids.length === 0) return [];
  return [
    {
      pk: { S: pkOf(at.valueOf(), member) },
      sk: { S: `${at.toISOString()}#${randomUUID()}` },
      eventIds: { SS: ids },
      ...(regions.length > 0 && { regions: { SS: [...new Set(regions)] } }),
      expiresAt: { N: String(Math.ceil((at.valueOf() + TTL_MS) / 1000)) },
    },
  ];
};

/** The events of an account that were noted as handled from the hour of `since` until the hour of `until`. */
export const handledBetween = async (
  { client, table }: Table,
  since: Date,
  until: Date,
  member?: string,
): Promise<Handled> => {
  const ids = new Set<string>();
  const lastIn = new Map<string, string>();
  for (let hour = since.valueOf(); hourOf(hour) <= hourOf(until.valueOf()); hour += HOUR_MS) {
    const input = {
      TableName: table,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': { S: pkOf(hour, member) } },
    };
    for await (const { Items = [] } of paginateQuery({ client }, input))
      for (const { eventIds, regions, sk } of Items) {
        for (const id of eventIds?.SS ?? []) ids.add(id);
        const [at = ''] = sk?.S?.split('#') ?? [];
        // The notes of an hour come in the order of their times.
        for (const region of regions?.SS ?? []) lastIn.set(region, at);
      }
  }
  return { ids, lastIn };
};

const hourOf = (time: number): string => new Date(time).toISOString().slice(0, 13);

/** The notes on one account of one hour are together, such as `handled#2026-11-24T09`, with the number of a member after it. */
const pkOf = (time: number, member: string | undefined): string =>
  `handled#${hourOf(time)}${member === undefined ? '' : `#${member}`}`;
