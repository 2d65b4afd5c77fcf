import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  paginateScan,
} from '@aws-sdk/client-dynamodb';
import type { ExecutionStarted } from '../../definition/execution-ref.ts';
import { acknowledge, historyOf } from '../../findings/delivery.ts';
import { depart } from '../../findings/departing.ts';
import { newestIn } from '../../findings/evidence-time.ts';
import { expire, nextExpiry } from '../../findings/expiry.ts';
import { reconcile } from '../../findings/reconcile.ts';
import { isEmpty, type ResourceState } from '../../findings/state.ts';
import type { Store } from '../../findings/store.ts';
import { inTurn } from '../../in-turn.ts';
import { isObject, member } from '../../json/json.ts';
import { claimItem } from './claim-item.ts';
import { groupedReads } from './grouped-reads.ts';
import { putHistory, readEndings } from './history-item.ts';
import { decodeItem, decodeText, encodeState, type Item, malformed } from './state-item.ts';

const MAX_ATTEMPTS = 10;
const EXECUTION_TTL_SECONDS = 30 * 24 * 60 * 60;
/** Longer than any look takes from reading AWS to storing its result. */
const RESOLVED_TTL_SECONDS = 60 * 60;
/** Sweeps come at least once a week. After eight days without a look, what passed is no longer counted. */
const PASSED_TTL_SECONDS = 8 * 24 * 60 * 60;

const STATE = 'state';
const EXECUTION = 'execution';
/** How the keys of findings and their history begin. */
export const RESOURCE_PREFIX = 'resource#';

/**
 * The findings table as a Store, with the keys `pk` and `sk` and the TTL `expiresAt`. Each resource with something
 * open, undelivered or passed has an item (`sk` = state): `version`, `state` in the form written here, and `arn` as
 * first seen. Other items hold its history and the deliverer’s reservation.
 * `findingsExpireAt` (seconds since 1970) says when `expire` has work. It is not the TTL, which would end findings
 * silently.
 * `undelivered` counts the changes and wakes the deliverer through the table’s stream. A deliverer writes `delivering`
 * instead, which wakes nobody.
 * After all is resolved the item stays for an hour, or for eight days where something passed: else a late look would
 * open a finding again that a newer look has resolved. Such an item has `cleanAt` (milliseconds since 1970). A look
 * whose evidence is all newer replaces it without reading it, so that a clean look costs one call.
 * A clean look at a job stores nothing: all that it needs to know is whether there is an item. The jobs of a batch ask for
 * that in one call (`groupedReads`), which says the same as a refused write and costs a fifth of one.
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
  const get = async (pk: string, sk: string): Promise<Item | undefined> => {
    const { Item } = await client.send(
      new GetItemCommand({ TableName: table, Key: keyOf(pk, sk), ConsistentRead: true }),
    );
    return Item;
  };

  const stored = groupedReads({ client, table }, STATE);
  const executions = groupedReads({ client, table }, EXECUTION);
  /** Looks at one resource are stored one after the other, as many jobs of one pipeline would conflict. */
  const turnOf = inTurn();

  /** Writes `after` where the item still is `before`. Otherwise returns the item that is there instead. */
  const replace = async (
    pk: string,
    before: ResourceState | undefined,
    after: ResourceState,
    { arn, by }: { arn: string; by: CountName },
  ): Promise<{ isWritten: true } | { isWritten: false; item: Item | undefined }> => {
    const unchanged = {
      TableName: table,
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      ...whereItIs(before, after),
    } as const;
    // The first version is a random number. If it were 1, an item that was deleted and created again could have a
    // version that it had before.
    const version = before ? before.version + 1 : randomInt(2 ** 47);
    const key = keyOf(pk, STATE);
    const state = { S: encodeState(pk, after) };
    const count = after.undelivered.length;
    const counted = by === 'undelivered' && count === 0 ? {} : { [by]: { N: String(count) } };
    const ttl = after.passed === undefined ? RESOLVED_TTL_SECONDS : PASSED_TTL_SECONDS;
    const expiry = isEmpty(after) ? { expiresAt: { N: secondsFrom(now(), ttl) } } : {};
    const clean = isEmpty(after) && !after.finished ? { cleanAt: { N: String(newestIn(after)) } } : {};
    const next = nextExpiry(after);
    const findingsExpireAt = next === undefined ? {} : { findingsExpireAt: { N: seconds(next) } };
    const times = { ...expiry, ...clean, ...findingsExpireAt };
    const Item = { ...key, version: { N: String(version) }, state, arn: { S: arn }, ...counted, ...times };
    try {
      await client.send(new PutItemCommand({ ...unchanged, Item }));
      return { isWritten: true };
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      return { isWritten: false, item: error.Item };
    }
  };

  /** Applies `step` to the state of a resource, again and again until no other auditor has written meanwhile. */
  const update = async <T extends { state: ResourceState | undefined }>(
    resourceArn: string,
    first: Item | undefined,
    step: (state: ResourceState | undefined) => T,
    by: CountName = 'undelivered',
  ): Promise<T> => {
    const pk = pkOf(resourceArn);
    let item = first;
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
      const before = item && decodeItem(pk, item);
      const result = step(before);
      if (!result.state || result.state === before) return result;
      if (!before && leavesNothing(result.state)) return result;
      const arn = item?.arn?.S ?? resourceArn;
      const outcome = await replace(pk, before, result.state, { arn, by });
      if (outcome.isWritten) return result;
      item = outcome.item;
      if (attempt > 1) await sleep(Math.random() * Math.min(1000, 10 * 2 ** attempt));
    }
    throw new Error(`${pk} was changed by others ${MAX_ATTEMPTS} times in a row`);
  };

  return {
    async observe(observation) {
      const { resourceArn } = observation;
      const pk = pkOf(resourceArn);
      const ofUnknown = reconcile(undefined, observation);
      const isNothing = leavesNothing(ofUnknown.state);
      // Whatever leaves an item is written as if the resource were unknown. Where it is known, the refusal returns the
      // item, so that nothing is read first.
      const item = isNothing ? await stored(pk) : undefined;
      if (isNothing && !item) return ofUnknown;
      const step = (state: ResourceState | undefined) => (state ? reconcile(state, observation) : ofUnknown);
      return turnOf(pk, () => update(resourceArn, item, step));
    },

    async expire(resourceArn, at) {
      const item = await get(pkOf(resourceArn), STATE);
      const step = (state: ResourceState | undefined) => (state ? expire(state, at) : { state, changes: [] });
      return (await update(resourceArn, item, step, 'delivering')).changes;
    },

    async depart(resourceArn, departure, at) {
      const item = await get(pkOf(resourceArn), STATE);
      await update(resourceArn, item, (state) => ({ state: state && depart(state, departure, at).state }));
    },

    async pending(resourceArn) {
      const pk = pkOf(resourceArn);
      const item = await get(pk, STATE);
      return item ? decodeItem(pk, item).undelivered : [];
    },

    async acknowledge(resourceArn, changes, sinks) {
      if (changes.length === 0) return;
      const pk = pkOf(resourceArn);
      const item = await get(pk, STATE);
      if (!item) return;
      await putHistory({ client, table }, pk, historyOf(decodeItem(pk, item), changes));
      const step = (state: ResourceState | undefined) => ({
        state: state && acknowledge(state, changes, sinks),
      });
      await update(resourceArn, item, step, 'delivering');
    },

    endings: (resourceArn, since) => readEndings({ client, table }, pkOf(resourceArn), since),

    claim: (resourceArn, milliseconds) =>
      claimItem({ client, table }, pkOf(resourceArn), now(), milliseconds),

    async *states() {
      const errors: unknown[] = [];
      const input = {
        TableName: table,
        // DynamoDB may delete expired items days later.
        FilterExpression: 'sk = :state AND (attribute_not_exists(expiresAt) OR expiresAt > :now)',
        ExpressionAttributeValues: { ':state': { S: STATE }, ':now': { N: secondsFrom(now(), 0) } },
      };
      for await (const { Items = [] } of paginateScan({ client }, input)) {
        for (const item of Items) {
          const pk = item.pk?.S ?? '';
          try {
            const state = decodeItem(pk, item);
            if (!leavesNothing(state))
              yield { resourceArn: item.arn?.S ?? pk.slice(RESOURCE_PREFIX.length), state };
          } catch (error) {
            errors.push(error);
          }
        }
      }
      if (errors.length > 0) throw new AggregateError(errors, errors.map(String).join('\n'));
    },

    async rememberExecution({ executionId, ...execution }) {
      const Item = {
        ...keyOf(`execution#${executionId}`, EXECUTION),
        state: { S: JSON.stringify(execution) },
        expiresAt: { N: secondsFrom(now(), EXECUTION_TTL_SECONDS) },
      };
      await client.send(new PutItemCommand({ TableName: table, Item }));
    },

    async recallExecution(executionId) {
      const pk = `execution#${executionId}`;
      const item = await executions(pk);
      if (!item) return undefined;
      const execution = decodeText(pk, item.state?.S);
      const executionArn = member(execution, 'executionArn');
      const parameters = member(execution, 'parameters');
      const started = member(execution, 'started');
      if (
        typeof executionArn !== 'string' ||
        !(parameters === undefined || isStringRecord(parameters)) ||
        !(started === undefined || isStarted(started))
      )
        throw malformed(pk);
      return { executionArn, ...(parameters && { parameters }), ...(started && { started }) };
    },
  };
};

/** Whether nobody needs an item of the state where there was none before. */
const leavesNothing = (state: ResourceState): boolean => isEmpty(state) && state.passed === undefined;

/**
 * The condition that the item is still `before`: the same version, or no item, or an item that a newer look may
 * replace.
 */
const whereItIs = (before: ResourceState | undefined, after: ResourceState) => {
  if (before)
    return {
      ConditionExpression: '#version = :version',
      ExpressionAttributeNames: { '#version': 'version' },
      ExpressionAttributeValues: { ':version': { N: String(before.version) } },
    };
  if (after.finished) return { ConditionExpression: 'attribute_not_exists(pk)' };
  return {
    ConditionExpression: 'attribute_not_exists(pk) OR cleanAt <= :asOf',
    ExpressionAttributeValues: { ':asOf': { N: String(Date.parse(after.observedAt)) } },
  };
};

/** The attribute that counts undelivered changes. */
type CountName = 'undelivered' | 'delivering';

const pkOf = (resourceArn: string): string => RESOURCE_PREFIX + resourceArn.toLowerCase();

const keyOf = (pk: string, sk: string) => ({ pk: { S: pk }, sk: { S: sk } });

const secondsFrom = (now: Date, after: number): string => seconds(now.valueOf() + after * 1000);

const seconds = (time: number): string => String(Math.floor(time / 1000));

const isStringRecord = (value: unknown): value is Record<string, string> =>
  isObject(value) && Object.values(value).every((entry) => typeof entry === 'string');

const isStarted = (value: unknown): value is ExecutionStarted => {
  const [at, isVersionChosen, versionId] = ['at', 'isVersionChosen', 'versionId'].map((key) =>
    member(value, key),
  );
  return (
    typeof at === 'string' &&
    typeof isVersionChosen === 'boolean' &&
    (versionId === undefined || typeof versionId === 'number')
  );
};
