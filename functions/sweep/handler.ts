import '../small-heap.ts';

import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Context } from 'aws-lambda';
import * as z from 'zod/mini';
import { dynamodbStore } from '../../shared/aws/keep/dynamodb-store.ts';
import { handledBetween } from '../../shared/aws/keep/handled-events.ts';
import { writeObject } from '../../shared/aws/keep/object-writer.ts';
import { makeSqsClient } from '../../shared/aws/keep/queue-calls.ts';
import { queueSender } from '../../shared/aws/keep/queue-sender.ts';
import { readStoredConfig } from '../../shared/aws/keep/stored-config.ts';
import { lastSweep, rememberSweep } from '../../shared/aws/keep/sweep-mark.ts';
import { awsClients, clientConfig } from '../../shared/aws/read/clients.ts';
import { missedEvents } from '../../shared/aws/read/missed-events.ts';
import { namingActions } from '../../shared/aws/read/naming-actions.ts';
import { once } from '../../shared/memo.ts';
import { sweepAccount } from '../../shared/sweep/sweep-account.ts';
import { accountContexts } from '../account-contexts.ts';
import { required, scopeOf } from '../environment.ts';
import { safeLogger } from '../logger.ts';

/** The time that is left for writing the list and reading the trails. */
const RESERVE_MS = 45 * 1000;

/** `finished` is set after all messages of the sweep were sent. It repeats the `until` that the function returned. */
const inputSchema = z.strictObject({
  sweepId: z.string().check(z.regex(/^[\w.:-]{1,100}$/)),
  finished: z.exactOptional(z.iso.datetime()),
});

/** Where the list is, how many messages it has, and up to when the sweep has looked for lost events. */
type Written = { bucket: string; key: string; count: number; until: string };

/** Lists what needs a look and returns where the list is; or, with `finished`, notes that the sweep is complete. */
export const handler = async (event: unknown, context: Context): Promise<Written | { finished: string }> => {
  const { sweepId, finished } = inputSchema.parse(event);
  const { table, dynamodb, sweep } = await connected();
  if (finished !== undefined) {
    await rememberSweep({ client: dynamodb, table }, { sweepId, until: new Date(finished) });
    return { finished };
  }
  return sweep(sweepId, context);
};

const connected = once(async () => {
  const { env } = process;
  const logger = safeLogger();
  const metrics = new Metrics();
  const now = () => new Date();
  const table = required(env, 'FINDINGS_TABLE');
  const bucket = required(env, 'SWEEP_BUCKET');
  const retriesUrl = required(env, 'DELIVERY_RETRIES_URL');
  const place = { bucket: required(env, 'CONFIG_BUCKET'), key: required(env, 'CONFIG_KEY') };
  const dynamodb = namingActions('dynamodb', new DynamoDBClient(clientConfig()));
  const clients = awsClients();
  const sqs = makeSqsClient(clientConfig());
  const sweep = async (sweepId: string, context: Context): Promise<Written> => {
    logger.addContext(context);
    const scope = scopeOf(context);
    const s3 = await clients.s3();
    const isOver = () => context.getRemainingTimeInMillis() < RESERVE_MS;
    const stored = await readStoredConfig(s3, place);
    const answer = await accountContexts({ scope, stored, clients, now })(scope.account);
    if (answer.is !== 'watched') throw new Error(`the account ${scope.account} is not watched`);
    const { readers, config } = answer.context;
    const { key, count, until, isTrailLogging, ...found } = await sweepAccount(sweepId, {
      readers,
      config,
      store: dynamodbStore({ client: dynamodb, table, now }),
      lastSweep: () => lastSweep({ client: dynamodb, table }),
      handledEvents: (since, until) => handledBetween({ client: dynamodb, table }, since, until),
      missedEvents: (since, until) =>
        missedEvents(
          clients.cloudtrail,
          readers.map((each) => each.scope),
          {
            since,
            until,
            isOver,
          },
        ),
      tell: queueSender(sqs, retriesUrl),
      write: (Key, texts) => writeObject(s3, { Bucket: bucket, Key, ContentType: 'application/json' }, texts),
      now,
    });
    metrics.addMetric('SweepMessages', MetricUnit.Count, count);
    metrics.addMetric('SweepGaps', MetricUnit.Count, found.gaps.length);
    if (isTrailLogging !== undefined) {
      metrics.addMetric('TrailNotLogging', MetricUnit.Count, isTrailLogging ? 0 : 1);
    }
    metrics.publishStoredMetrics();
    logger.info('swept', { correlation_id: sweepId, messages: count, ...found });
    return { bucket, key, count, until };
  };
  return { table, dynamodb, sweep };
});
