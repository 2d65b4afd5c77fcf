import type { Logger } from '@aws-lambda-powertools/logger';
import { type Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Context, DynamoDBStreamEvent, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import pLimit from 'p-limit';
import { takenOf } from '../../shared/findings/delivery.ts';
import type { Sink } from '../../shared/findings/sink.ts';
import { CHANGE_KINDS, type Change } from '../../shared/findings/state.ts';
import type { Store } from '../../shared/findings/store.ts';
import { groupBy } from '../../shared/group-by.ts';
import { type DeliveryRecord, readRecords } from './records.ts';
import { type Retry, type RetryQueue, settleRetries } from './retries.ts';
import { tellSinks } from './tell-sinks.ts';

export type DeliverDependencies = {
  store: Pick<Store, 'pending' | 'expire' | 'acknowledge' | 'claim'>;
  sinks: readonly Sink[];
  retries: RetryQueue;
  /** Answers the heartbeat, if all of it has come. */
  answerHeartbeat: () => Promise<void>;
  now: () => Date;
  logger: Logger;
  metrics: Metrics;
};

export type DeliverBatch = (
  event: DynamoDBStreamEvent | SQSEvent,
  context: Context,
) => Promise<SQSBatchResponse>;

/** A resource of the batch, its changes, and when to try again; without `retry` everything is delivered. */
type ResourceDelivery = {
  resourceArn: string;
  records: DeliveryRecord[];
  changes: Change[];
  release?: () => Promise<void>;
  retry?: Retry;
};

/** How many resources are read and written at the same time. */
const CONCURRENCY = 8;
/** No other delivery of the same resource takes longer, unless its function was killed. */
const BUSY_SECONDS = 30;
const FAILED_SECONDS = 30;
/** The time that is left for acknowledging after the sinks have answered. */
const RESERVE_MS = 8_000;

/**
 * Delivers the undelivered changes of the resources in a batch. The batch is only a hint: each resource is read and
 * reserved, so that no other deliverer tells the same. Each sink gets the changes of all resources that it has not
 * taken. What it refuses goes to the retry queue and holds up nothing else.
 */
export const deliverBatch =
  (dependencies: DeliverDependencies): DeliverBatch =>
  async (event, context) => {
    const { store, sinks, logger, metrics } = dependencies;
    logger.addContext(context);
    const { records, unreadable, hasHeartbeat } = readRecords(event);
    // Whatever is missing, an alarm tells: an answer does not come again, and holds nothing up.
    const answered = hasHeartbeat
      ? dependencies.answerHeartbeat().catch((error: unknown) => {
          logger.error('a heartbeat could not be answered', { error: error as Error });
        })
      : undefined;
    for (const id of unreadable) logger.error('a message names no resource', { messageId: id });
    const limit = pLimit(CONCURRENCY);
    const byResource = groupBy(records, ({ resourceArn }) => resourceArn.toLowerCase());
    const works = await limit.map([...byResource.values()], (ofOne) =>
      takeUp(ofOne, dependencies, context.getRemainingTimeInMillis()),
    );

    const changes = works.flatMap((work) => work.changes);
    const deadline = context.getRemainingTimeInMillis() - RESERVE_MS;
    const told = await tellSinks(changes, sinks, deadline, dependencies);
    const names = sinks.map(({ name }) => name);
    await limit.map(works, async (work) => {
      try {
        await store.acknowledge(work.resourceArn, takenOf(work.changes, told.deliveries), names);
        const retry = work.retry ?? told.retryOf(work.changes);
        if (retry) work.retry = retry;
      } catch (error) {
        work.retry = failed(work, error, logger);
      }
      await work.release?.().catch((error: unknown) => {
        logger.warn('a claim ends with its time', { resource: work.resourceArn, error: error as Error });
      });
    });

    const returning = await settleRetries(works, dependencies);
    await answered;
    countChanges(changes, metrics);
    metrics.addMetric('DeliveriesRetried', MetricUnit.Count, works.filter(({ retry }) => retry).length);
    metrics.publishStoredMetrics();
    return { batchItemFailures: [...unreadable, ...returning].map((itemIdentifier) => ({ itemIdentifier })) };
  };

/**
 * Reserves a resource and reads its undelivered changes. Expired findings are looked for only where a message asks for
 * it.
 */
const takeUp = async (
  records: DeliveryRecord[],
  { store, now, logger }: DeliverDependencies,
  milliseconds: number,
): Promise<ResourceDelivery> => {
  const resourceArn = records[0]?.resourceArn ?? '';
  const work: ResourceDelivery = { resourceArn, records, changes: [] };
  try {
    const release = await store.claim(resourceArn, milliseconds);
    if (!release) return { ...work, retry: { seconds: BUSY_SECONDS, isFailure: false } };
    work.release = release;
    const isAsked = records.some(({ message }) => message);
    work.changes = isAsked
      ? await store.expire(resourceArn, now().toISOString())
      : await store.pending(resourceArn);
    return work;
  } catch (error) {
    return { ...work, retry: failed(work, error, logger) };
  }
};

const failed = ({ resourceArn }: ResourceDelivery, error: unknown, logger: Logger): Retry => {
  logger.error('the findings of a resource could not be read or written', {
    resource: resourceArn,
    error: error as Error,
  });
  return { seconds: FAILED_SECONDS, isFailure: true };
};

const countChanges = (changes: readonly Change[], metrics: Metrics): void => {
  for (const kind of CHANGE_KINDS) {
    const count = changes.filter((change) => change.kind === kind).length;
    if (count > 0) metrics.addMetric(`Delivering_${kind}`, MetricUnit.Count, count);
  }
};
