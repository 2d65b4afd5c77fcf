import '../v8-flags.ts';

import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Context } from 'aws-lambda';
import { dynamodbIndex } from '../../shared/aws/keep/dynamodb-index.ts';
import { dynamodbStore } from '../../shared/aws/keep/dynamodb-store.ts';
import { handledBetween } from '../../shared/aws/keep/handled-events.ts';
import { askForInventory } from '../../shared/aws/keep/inventory-request.ts';
import { writeObject } from '../../shared/aws/keep/object-writer.ts';
import { makeSqsClient } from '../../shared/aws/keep/queue-calls.ts';
import { queueSender } from '../../shared/aws/keep/queue-sender.ts';
import { readStoredConfig } from '../../shared/aws/keep/stored-config.ts';
import { lastSweep, rememberSweep } from '../../shared/aws/keep/sweep-mark.ts';
import { awsClients, clientConfig } from '../../shared/aws/read/clients.ts';
import { missedEvents } from '../../shared/aws/read/missed-events.ts';
import { namingActions } from '../../shared/aws/read/naming-actions.ts';
import { once } from '../../shared/memo.ts';
import { type OpenResource, openResources } from '../../shared/sweep/open-state.ts';
import { sweepAccount } from '../../shared/sweep/sweep-account.ts';
import type { AccountContext } from '../account-context.ts';
import { accountContexts } from '../account-contexts.ts';
import { deployedConfig } from '../deployed-objects.ts';
import { required, scopeOf } from '../environment.ts';
import { safeLogger } from '../logger.ts';
import { organizationGiven } from '../organization-given.ts';
import type { Given, SweepConnection } from './connection.ts';
import { endDeparted, formerMembers } from './departed.ts';
import { readInput } from './input.ts';
import { inventoryWish } from './inventory-wish.ts';
import { tellFinished } from './tell-finished.ts';
import { unlistedRegions } from './unlisted-regions.ts';

/** The time that is left for writing the list and reading the trails. */
const RESERVE_MS = 45 * 1000;

/**
 * Where the list is, how many messages it has, and up to when the sweep has looked for lost events. `since`: when the index was
 * dropped, where it is being made anew.
 */
type Written = { bucket: string; key: string; count: number; until: string; since?: number };

/**
 * Lists what needs a look, has the index made anew, and returns where the list is; with `since`, tells whether the index is there; or, with
 * `finished`, notes that the sweep is complete. A sweep of several accounts first lists these (`accounts`), and then does the same
 * for each of them.
 */
export const handler = async (event: unknown, context: Context): Promise<object> => {
  const input = readInput(event);
  const connection = await connected();
  connection.logger.addContext(context);
  const { dynamodb: client, table } = connection;
  if ('since' in input) {
    const { account = scopeOf(context).account } = 'account' in input ? input : {};
    const head = await dynamodbIndex({ client, table, account }).head();
    return { isListed: head !== undefined && head.principals >= input.since };
  }
  if ('accounts' in input || 'account' in input) {
    const { sweepAccounts } = await import('./sweep-accounts.ts');
    return sweepAccounts(input, connection, scopeOf(context), (part, account, given) =>
      sweep(part, account, given, connection, context),
    );
  }
  const { sweepId, finished } = input;
  if (finished !== undefined) {
    await tellFinished(sweepId, scopeOf(context), connection);
    await rememberSweep({ client, table }, { sweepId, until: new Date(finished) });
    return { finished };
  }
  const stored = await connection.config();
  const answer = await accountContexts({ ...connection, scope: scopeOf(context), stored })(
    scopeOf(context).account,
  );
  if (answer.is !== 'watched') throw new Error('the deployment does not watch its own account');
  const [home, ...others] = answer.context.readers;
  const { unlisted, off } = await unlistedRegions(others);
  const readers = [home, ...others.filter(({ scope: { region } }) => !off.has(region))] as const;
  const departed = await formerMembers(connection, scopeOf(context).account);
  const tell = queueSender(connection.sqs, connection.retriesUrl);
  const open: OpenResource[] = [];
  const written = await sweep(
    sweepId,
    { ...answer.context, readers },
    {
      offRegions: [...off],
      isPartial: unlisted.size > 0,
      open: async function* () {
        const wake = (resourceArn: string) => tell.send({ resourceArn });
        for await (const each of openResources(connection.store, connection.now(), wake)) {
          if (departed(each.account)) open.push(each);
          else if (each.resource) yield each.resource;
        }
      },
    },
    connection,
    context,
  );
  await endDeparted(open, departed, connection);
  await tell.flush();
  return written;
};

/** Sweeps one account. */
const sweep = async (
  sweepId: string,
  { readers, config, clients }: AccountContext,
  { member, isPartial, ...given }: Given,
  connection: SweepConnection,
  context: Context,
): Promise<Written> => {
  const { table, dynamodb: client, s3, sqs, inventoriesUrl, bucket, now, metrics, logger } = connection;
  const isOver = () => context.getRemainingTimeInMillis() < RESERVE_MS;
  const { account } = readers[0].scope;
  const objects = await s3();
  const { key, count, until, isTrailLogging, ...found } = await sweepAccount(sweepId, {
    ...given,
    readers,
    config,
    hasGlobalEvents: process.env.GLOBAL_EVENTS !== 'none',
    lastSweep: () => lastSweep({ client, table }, member),
    handledEvents: async (since, before) =>
      (await handledBetween({ client, table }, since, before, member)).ids,
    missedEvents: (since, before) =>
      missedEvents(
        clients.cloudtrail,
        readers.map((each) => each.scope),
        { since, until: before, isOver },
      ),
    write: (Key, texts) =>
      writeObject(objects, { Bucket: bucket, Key, ContentType: 'application/json' }, texts),
    now,
  });
  if (connection.historyUrl !== undefined) {
    const { noteListed } = await import('./history.ts');
    const listed = { ...found, until, isPartial };
    await noteListed({ part: sweepId, scope: readers[0].scope }, listed, connection);
  }
  let since: number | undefined;
  if (inventoriesUrl !== undefined) {
    // What the looks of a sweep find, which are asked for when the index is there again, must not rest on a listing from before the sweep.
    const droppedAt = now().valueOf();
    await dynamodbIndex({ client, table, account }).dropHead(droppedAt);
    const isWhole = found.gaps.length === 0 && !isPartial;
    await askForInventory(
      { client: sqs, queueUrl: inventoriesUrl },
      inventoryWish(account, droppedAt, isWhole),
      now(),
    );
    since = droppedAt;
  }
  metrics.addMetric('SweepMessages', MetricUnit.Count, count);
  metrics.addMetric('SweepGaps', MetricUnit.Count, found.gaps.length);
  metrics.addMetric('EventsNotArriving', MetricUnit.Count, found.silent.length);
  // A metric of its own for what is not known, so that no value is made up and an alarm has data all the same.
  metrics.addMetric('TrailUnread', MetricUnit.Count, isTrailLogging === undefined ? 1 : 0);
  if (isTrailLogging !== undefined) {
    metrics.addMetric('TrailNotLogging', MetricUnit.Count, isTrailLogging ? 0 : 1);
  }
  metrics.publishStoredMetrics();
  logger.info('swept', { correlation_id: sweepId, account, messages: count, ...found });
  return { bucket, key, count, until, ...(since !== undefined && { since }) };
};

const connected = once(async (): Promise<SweepConnection> => {
  const { env } = process;
  const now = () => new Date();
  const table = required(env, 'FINDINGS_TABLE');
  const bucket = required(env, 'SWEEP_BUCKET');
  const retriesUrl = required(env, 'DELIVERY_RETRIES_URL');
  const place = deployedConfig(env);
  const dynamodb = namingActions('dynamodb', new DynamoDBClient(clientConfig()));
  const clients = awsClients();
  return {
    table,
    bucket,
    retriesUrl,
    dynamodb,
    clients,
    s3: clients.s3,
    sqs: makeSqsClient(clientConfig()),
    store: dynamodbStore({ client: dynamodb, table, now }),
    config: async () => readStoredConfig(await clients.s3(), place),
    inventoriesUrl: env.INVENTORY_QUEUE_URL,
    historyUrl: env.HISTORY_QUEUE_URL,
    uploaded: organizationGiven(env, { s3: clients.s3, findings: { client: dynamodb, table }, now }),
    externalId: env.EXTERNAL_ID,
    memberRolesBegin: env.MEMBER_ROLES_BEGIN,
    now,
    logger: safeLogger(),
    metrics: new Metrics(),
  };
});
