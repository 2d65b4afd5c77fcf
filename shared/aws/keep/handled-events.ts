import { randomUUID } from 'node:crypto';
import { type DynamoDBClient, PutItemCommand, paginateQuery } from '@aws-sdk/client-dynamodb';

type Table = { client: DynamoDBClient; table: string };

const HOUR_MS = 60 * 60 * 1000;
/** Longer than any sweep looks back (`shared/sweep/lost-events.ts`). */
const TTL_MS = 72 * HOUR_MS;
/** CloudTrail’s ids have 36 characters. An event whose id is longer than that may be looked at again. */
const MAX_ID = 64;

/**
 * Notes that the events of a batch were handled. The note costs one write for all of them. It is made after the looks, so that
 * an event without a note is looked at again, which changes nothing.
 */
export const noteHandled = async (
  { client, table }: Table,
  at: Date,
  eventIds: readonly string[],
): Promise<void> => {
  const ids = [...new Set(eventIds)].filter((id) => id !== '' && id.length <= MAX_ID);
  if (ids.length === 0) return;
  await client.send(
    new PutItemCommand({
      TableName: table,
      Item: {
        pk: { S: pkOf(at.valueOf()) },
        sk: { S: `${at.toISOString()}#${randomUUID()}` },
        eventIds: { SS: ids },
        expiresAt: { N: String(Math.ceil((at.valueOf() + TTL_MS) / 1000)) },
      },
    }),
  );
};

/** The ids of the events that were noted as handled from the hour of `since` until the hour of `until`. */
export const handledBetween = async (
  { client, table }: Table,
  since: Date,
  until: Date,
): Promise<ReadonlySet<string>> => {
  const ids = new Set<string>();
  for (let hour = since.valueOf(); pkOf(hour) <= pkOf(until.valueOf()); hour += HOUR_MS) {
    const input = {
      TableName: table,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': { S: pkOf(hour) } },
    };
    for await (const { Items = [] } of paginateQuery({ client }, input))
      for (const { eventIds } of Items) for (const id of eventIds?.SS ?? []) ids.add(id);
  }
  return ids;
};

/** The notes of one hour are together, such as `handled#2026-11-24T09`. */
const pkOf = (time: number): string => `handled#${new Date(time).toISOString().slice(0, 13)}`;
