import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { expire, nextExpiry } from '../findings/expiry.ts';
import { acknowledge, isEmpty, type ResourceState, reconcile } from '../findings/state.ts';
import type { Store } from '../findings/store.ts';
import { isObject, member } from '../json.ts';
import { decodeItem, decodeText, encodeState, type Item, malformed } from './state-item.ts';

const MAX_ATTEMPTS = 10;
const EXECUTION_TTL_SECONDS = 30 * 24 * 60 * 60;
/** Longer than any look can take from reading AWS to storing what it saw. */
const RESOLVED_TTL_SECONDS = 60 * 60;

/**
 * The findings table as a Store. Hash key `pk`; `version` and `state` as written here; `expiresAt` is its TTL.
 * `findingsExpireAt` (epoch seconds) says when `expire` has something to close: no TTL, which would close it unsaid.
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
        const next = nextExpiry(after);
        const findingsExpireAt = next === undefined ? {} : { findingsExpireAt: { N: seconds(next) } };
        const Item = { ...key, version: { N: String(version) }, state, ...expiry, ...findingsExpireAt };
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

    async expire(resourceArn, at) {
      const outcome = await update(resourceArn, get, (state) =>
        state ? expire(state, at) : { state, changes: [] },
      );
      return outcome.changes;
    },

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

const secondsFrom = (now: Date, after: number): string => seconds(now.valueOf() + after * 1000);

const seconds = (milliseconds: number): string => String(Math.floor(milliseconds / 1000));

const isStringRecord = (value: unknown): value is Record<string, string> =>
  isObject(value) && Object.values(value).every((entry) => typeof entry === 'string');
