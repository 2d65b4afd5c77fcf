import {
  BatchWriteItemCommand,
  type DynamoDBClient,
  paginateQuery,
  type WriteRequest,
} from '@aws-sdk/client-dynamodb';
import { UNJUDGED_WHYS } from '../../domain/judgement.ts';
import { END_REASONS, type Ended, endedBy, newestEndings } from '../../findings/end-reason.ts';
import { condense } from '../../findings/fingerprint.ts';
import type { Change } from '../../findings/state.ts';
import { counted } from '../../text/counted.ts';
import { cut } from '../../text/cut.ts';

/**
 * The largest batch of BatchWriteItem
 * (https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html).
 */
const BATCH = 25;
const MAX_ROUNDS = 8;
const TTL_MS = 400 * 24 * 60 * 60 * 1000;
/** Far below the size limit of an item, however long the finding is. */
const KEPT = { pieces: 20, characters: 1000 };

/** Writes changes into the history of a resource. A change that is written twice exists once. */
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

/** The newest end of each of a resource’s findings since a time (ISO 8601), from its history. */
export const readEndings = async (
  { client, table }: { client: DynamoDBClient; table: string },
  pk: string,
  since: string,
): Promise<Ended[]> => {
  const input = {
    TableName: table,
    KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
    ExpressionAttributeValues: {
      ':pk': { S: pk },
      ':from': { S: `${HISTORY}${since}` },
      ':to': { S: `${HISTORY}~` },
    },
  };
  const endings: Ended[] = [];
  for await (const { Items = [] } of paginateQuery({ client }, input))
    for (const { sk, ended, because } of Items) {
      const [at = '', ...id] = (sk?.S ?? '').slice(HISTORY.length).split('#');
      const how = [...END_REASONS, ...UNJUDGED_WHYS].find((known) => known === ended?.S);
      if (how) endings.push({ id: id.join('#'), at, how, because: because?.S ?? '' });
    }
  return newestEndings(endings, since);
};

const HISTORY = 'history#';

const historyItem = (pk: string, change: Change) => {
  const { kind, finding } = change;
  const { status, severity, title, evidence, lastObservedAt } = finding;
  const ended = endedBy(change);
  const shown =
    evidence.length > KEPT.pieces || isLong(finding) ? condense(finding, KEPT).evidence : evidence;
  return {
    pk: { S: pk },
    sk: { S: `${HISTORY}${lastObservedAt}#${finding.id}` },
    kind: { S: kind },
    ...(ended && { ended: { S: ended.how }, because: { S: cut(ended.because, KEPT.characters) } }),
    status: { S: status },
    severity: { S: severity },
    title: { S: title },
    evidence: { S: JSON.stringify(shown) },
    expiresAt: { N: String(Math.floor((Date.parse(lastObservedAt) + TTL_MS) / 1000)) },
  };
};

const isLong = ({ evidence }: Change['finding']): boolean =>
  evidence.some((piece) => Object.values(piece).some((text) => text.length > KEPT.characters));

/** The SDK does not repeat what a throttled table leaves unprocessed, as that is not an error. */
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
  throw new Error(`${table} did not take ${counted(left.length, 'item')} of the history`);
};
