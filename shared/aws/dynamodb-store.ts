import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { type Finding, SEVERITIES, STATUSES } from '../findings/finding.ts';
import {
  acknowledge,
  type Change,
  condense,
  isEmpty,
  type ResourceState,
  reconcile,
} from '../findings/state.ts';
import type { Store } from '../findings/store.ts';
import { isObject, type Json, member } from '../json.ts';

type Item = Record<string, AttributeValue>;

const MAX_ATTEMPTS = 10;
const EXECUTION_TTL_SECONDS = 30 * 24 * 60 * 60;
/** Longer than any look can take from reading AWS to storing what it saw. */
const RESOLVED_TTL_SECONDS = 60 * 60;
/** Up to here a state stays readable in the console; each KB of an item costs a write unit. */
const MAX_PLAIN_BYTES = 32 * 1024;
/** An item may have 400 KB, names and key included (DynamoDB developer guide, "Constraints"). */
const MAX_STATE_BYTES = 390 * 1024;
const GZIP = 'gzip:';

/**
 * The findings table as a Store. Hash key `pk`; `version` and `state` as written here; `expiresAt` is its TTL.
 * One item per resource with something open or undelivered; a clean look at any other costs one call and leaves none.
 * Once all is resolved, the time of the last look stays for an hour: else a look that is late would open again what a
 * newer one has resolved.
 */
export const dynamodbStore = ({
  client,
  table,
  now = () => new Date(),
}: {
  client: DynamoDBClient;
  table: string;
  now?: () => Date;
}): Store => {
  const get = async (pk: string): Promise<Item | undefined> => {
    const { Item } = await client.send(
      new GetItemCommand({ TableName: table, Key: { pk: { S: pk } }, ConsistentRead: true }),
    );
    return Item;
  };

  const unread = async (): Promise<undefined> => undefined;

  /** Writes `after` where the item is still `before`; otherwise returns what is there instead. */
  const replace = async (
    pk: string,
    before: ResourceState | undefined,
    after: ResourceState,
  ): Promise<{ isWritten: true } | { isWritten: false; item: Item | undefined }> => {
    const unchanged = {
      TableName: table,
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      ...(before
        ? {
            ConditionExpression: '#version = :version',
            ExpressionAttributeNames: { '#version': 'version' },
            ExpressionAttributeValues: { ':version': { N: String(before.version) } },
          }
        : { ConditionExpression: 'attribute_not_exists(pk)' }),
    } as const;
    // Counting again from 1 would give an item that was deleted and made anew a version that it had before.
    const version = before ? before.version + 1 : randomInt(2 ** 47);
    const key = { pk: { S: pk } };
    try {
      if (!before && isEmpty(after)) {
        await client.send(new DeleteItemCommand({ ...unchanged, Key: key }));
      } else {
        const state = { S: encodeState(pk, after) };
        const expiry = isEmpty(after) ? { expiresAt: { N: secondsFrom(now(), RESOLVED_TTL_SECONDS) } } : {};
        const Item = { ...key, version: { N: String(version) }, state, ...expiry };
        await client.send(new PutItemCommand({ ...unchanged, Item }));
      }
      return { isWritten: true };
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      return { isWritten: false, item: error.Item };
    }
  };

  /** Applies `step` to the state of a resource until no other auditor has come in between. */
  const update = async <T extends { state: ResourceState | undefined }>(
    resourceArn: string,
    first: (pk: string) => Promise<Item | undefined>,
    step: (state: ResourceState | undefined) => T,
  ): Promise<T> => {
    const pk = `resource#${resourceArn.toLowerCase()}`;
    let item = await first(pk);
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
      const before = item && decodeItem(pk, item);
      const result = step(before);
      if (!result.state || result.state === before) return result;
      const outcome = await replace(pk, before, result.state);
      if (outcome.isWritten) return result;
      item = outcome.item;
      if (attempt > 1) await sleep(Math.random() * Math.min(1000, 10 * 2 ** attempt));
    }
    throw new Error(`${pk} was changed by others ${MAX_ATTEMPTS} times in a row`);
  };

  return {
    // Written as if the resource were unknown: where it is not, the refusal brings the item, so nothing is read first.
    observe: (observation) =>
      update(observation.resourceArn, unread, (state) => reconcile(state, observation)),

    async acknowledge(resourceArn, changes) {
      if (changes.length === 0) return;
      await update(resourceArn, get, (state) => ({ state: state && acknowledge(state, changes) }));
    },

    async rememberExecution({ executionId, executionArn, parameters }) {
      const Item = {
        pk: { S: `execution#${executionId}` },
        state: { S: JSON.stringify({ executionArn, parameters }) },
        expiresAt: { N: secondsFrom(now(), EXECUTION_TTL_SECONDS) },
      };
      await client.send(new PutItemCommand({ TableName: table, Item }));
    },

    async recallExecution(executionId) {
      const pk = `execution#${executionId}`;
      const item = await get(pk);
      if (!item) return undefined;
      const execution = decodeText(pk, item.state?.S);
      const executionArn = member(execution, 'executionArn');
      const parameters = member(execution, 'parameters');
      if (typeof executionArn !== 'string' || !isStringRecord(parameters)) throw malformed(pk);
      return { executionArn, parameters };
    },
  };
};

const secondsFrom = (now: Date, seconds: number): string =>
  String(Math.floor(now.valueOf() / 1000) + seconds);

/** Throws where even the condensed state is too large: the message then comes to the dead-letter queue, unlost. */
const encodeState = (pk: string, state: ResourceState): string => {
  const plain = stateText(state);
  if (Buffer.byteLength(plain) <= MAX_PLAIN_BYTES) return plain;
  for (const text of [plain, stateText(condensed(state))]) {
    const packed = GZIP + gzipSync(text).toString('base64');
    if (packed.length <= MAX_STATE_BYTES) return packed;
  }
  throw new Error(`${pk} has ${Object.keys(state.open).length} open findings, more than an item can hold`);
};

const condensed = (state: ResourceState): ResourceState => ({
  ...state,
  open: Object.fromEntries(Object.entries(state.open).map(([id, finding]) => [id, condense(finding)])),
  undelivered: state.undelivered.map(({ kind, finding }) => ({ kind, finding: condense(finding) })),
});

/** Undelivered changes of open findings are kept by id only, since they are what is open. */
const stateText = ({ observedAt, open, undelivered }: ResourceState): string =>
  JSON.stringify({
    observedAt,
    open: Object.values(open),
    undelivered: undelivered.map(({ kind, finding }) =>
      kind === 'resolved' ? { kind, finding } : { kind, id: finding.id },
    ),
  });

const decodeItem = (pk: string, item: Item): ResourceState => {
  const version = Number(item.version?.N);
  const stored = decodeText(pk, item.state?.S);
  const observedAt = member(stored, 'observedAt');
  const open = member(stored, 'open');
  const undelivered = member(stored, 'undelivered');
  if (
    !Number.isSafeInteger(version) ||
    typeof observedAt !== 'string' ||
    Number.isNaN(Date.parse(observedAt))
  ) {
    throw malformed(pk);
  }
  if (!Array.isArray(open) || !open.every(isFinding) || !Array.isArray(undelivered)) throw malformed(pk);
  const byId = new Map(open.map((finding) => [finding.id, finding]));
  return {
    version,
    observedAt,
    open: Object.fromEntries(byId),
    undelivered: undelivered.map((change) => decodeChange(change, byId) ?? fail(malformed(pk))),
  };
};

const decodeChange = (change: Json, open: ReadonlyMap<string, Finding>): Change | undefined => {
  const kind = member(change, 'kind');
  const id = member(change, 'id');
  const finding =
    kind === 'resolved' ? member(change, 'finding') : open.get(typeof id === 'string' ? id : '');
  const isKind = kind === 'opened' || kind === 'changed' || kind === 'resolved';
  return isKind && isFinding(finding) ? { kind, finding } : undefined;
};

const isFinding = (value: unknown): value is Finding => {
  const texts = ['id', 'control', 'title', 'firstObservedAt', 'lastObservedAt'];
  const resource = member(value, 'resource');
  return (
    texts.every((key) => typeof member(value, key) === 'string') &&
    STATUSES.some((status) => status === member(value, 'status')) &&
    SEVERITIES.some((severity) => severity === member(value, 'severity')) &&
    typeof member(resource, 'arn') === 'string' &&
    typeof member(resource, 'type') === 'string' &&
    Array.isArray(member(value, 'evidence')) &&
    typeof member(member(value, 'remediation'), 'text') === 'string'
  );
};

const isStringRecord = (value: unknown): value is Record<string, string> =>
  isObject(value) && Object.values(value).every((entry) => typeof entry === 'string');

const decodeText = (pk: string, text: string | undefined): Json => {
  try {
    const packed = text?.startsWith(GZIP) ? Buffer.from(text.slice(GZIP.length), 'base64') : undefined;
    return JSON.parse(packed ? gunzipSync(packed).toString('utf8') : (text ?? ''));
  } catch (error) {
    throw malformed(pk, error);
  }
};

/** Never answered by starting anew: that would resolve every open finding of the resource in silence. */
const malformed = (pk: string, cause?: unknown): Error =>
  new Error(`the item ${pk} of the findings table is malformed`, { cause });

const fail = (error: Error): never => {
  throw error;
};
