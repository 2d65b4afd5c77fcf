import { BatchWriteItemCommand, type DynamoDBClient, type WriteRequest } from '@aws-sdk/client-dynamodb';
import { condense } from '../../findings/same.ts';
import type { Change } from '../../findings/state.ts';

/** BatchWriteItem takes so many (https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html). */
const BATCH = 25;
const MAX_ROUNDS = 8;
const TTL_MS = 400 * 24 * 60 * 60 * 1000;
/** Far below what an item may hold, whatever the finding does. */
const KEPT = { pieces: 20, characters: 1000 };

/** Puts changes into the history of a resource. A change that is put twice is there once. */
export const putHistory = async (
  { client, table }: { client: DynamoDBClient; table: string },
  pk: string,
  changes: readonly Change[],
): Promise<void> => {
  const puts = changes.map((change): WriteRequest => ({ PutRequest: { Item: historyItem(pk, change) } }));
  for (let from = 0; from < puts.length; from += BATCH) {
    await writeAll(client, table, puts.slice(from, from + BATCH));
  }
};

const historyItem = (pk: string, { kind, finding }: Change) => {
  const { status, severity, title, evidence, lastObservedAt } = finding;
  const shown =
    evidence.length > KEPT.pieces || isLong(finding) ? condense(finding, KEPT).evidence : evidence;
  return {
    pk: { S: pk },
    sk: { S: `history#${lastObservedAt}#${finding.id}` },
    kind: { S: kind },
    status: { S: status },
    severity: { S: severity },
    title: { S: title },
    evidence: { S: JSON.stringify(shown) },
    expiresAt: { N: String(Math.floor((Date.parse(lastObservedAt) + TTL_MS) / 1000)) },
  };
};

const isLong = ({ evidence }: Change['finding']): boolean =>
  evidence.some((piece) => Object.values(piece).some((text) => text.length > KEPT.characters));

/** What a throttled table leaves unprocessed is no error to the client, so that it does not try that again itself. */
const writeAll = async (client: DynamoDBClient, table: string, puts: WriteRequest[]): Promise<void> => {
  let left = puts;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const { UnprocessedItems } = await client.send(
      new BatchWriteItemCommand({ RequestItems: { [table]: left } }),
    );
    left = UnprocessedItems?.[table] ?? [];
    if (left.length === 0) return;
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 50 * 2 ** round));
  }
  throw new Error(`${table} did not take ${left.length} item(s) of the history`);
};
