import type { Logger } from '@aws-lambda-powertools/logger';
import { type Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { changesFor, type Delivery } from '../../shared/findings/delivery.ts';
import { isDeferred, isDeliveryError, retryDelaySeconds, type Sink } from '../../shared/findings/sink.ts';
import type { Change } from '../../shared/findings/state.ts';
import type { Retry } from './retries.ts';

type Dependencies = { now: () => Date; logger: Logger; metrics: Metrics };

/** What each sink took, and when to try again with the rest. */
export type Deliveries = {
  deliveries: Delivery[];
  retryOf: (changes: readonly Change[]) => Retry | undefined;
};

type SinkOutcome = Delivery & { retry?: Retry };

const FAILED_SECONDS = 30;

/**
 * Gives each sink the changes that it has not taken, all sinks at the same time. A sink that fails or hangs stops no
 * other.
 */
export const tellSinks = async (
  changes: readonly Change[],
  sinks: readonly Sink[],
  milliseconds: number,
  dependencies: Dependencies,
): Promise<Deliveries> => {
  const outcomes = await Promise.all(
    sinks.map((sink) => tell(sink, changesFor(changes, sink), milliseconds, dependencies)),
  );
  return {
    deliveries: outcomes,
    retryOf: (ofOne) => {
      const retries = outcomes
        .filter(({ refused }) => ofOne.some(({ finding }) => refused.has(finding.id)))
        .flatMap(({ retry }) => retry ?? []);
      return retries.toSorted(byUrgency)[0];
    },
  };
};

const byUrgency = (one: Retry, other: Retry): number =>
  Number(other.isFailure) - Number(one.isFailure) || one.seconds - other.seconds;

const tell = async (
  { name, deliver }: Sink,
  changes: readonly Change[],
  milliseconds: number,
  { now, logger, metrics }: Dependencies,
): Promise<SinkOutcome> => {
  if (changes.length === 0) return { sink: name, refused: new Set() };
  try {
    await inTime(deliver(changes), milliseconds);
    logger.info('delivered', { sink: name, changes: changes.length });
    return { sink: name, refused: new Set() };
  } catch (error) {
    const ids = isDeliveryError(error)
      ? error.failures.map(({ id }) => id)
      : changes.map(({ finding }) => finding.id);
    const refused = new Set(ids);
    if (isDeferred(error)) {
      logger.info('held back', { sink: name, changes: refused.size, until: error.deferredUntil });
      return { sink: name, refused, retry: { seconds: retryDelaySeconds(error, now()), isFailure: false } };
    }
    logger.error('not delivered', { sink: name, changes: refused.size, error: error as Error });
    metrics.addMetric(failureMetric(name), MetricUnit.Count, refused.size);
    return { sink: name, refused, retry: { seconds: FAILED_SECONDS, isFailure: true } };
  }
};

/**
 * The metric for changes that a sink refused. All channels of one kind share a metric, as routes can name any number.
 */
export const failureMetric = (sink: string): string =>
  `${sink.replace(/ arn:.*/, '').replaceAll(' ', '')}Failures`;

/**
 * Rejects before the function’s time is over: else nothing would be acknowledged, and all sinks would be told again.
 */
const inTime = async (delivery: Promise<void>, milliseconds: number): Promise<void> => {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('did not answer in time')), Math.max(0, milliseconds));
  });
  try {
    await Promise.race([delivery, tooLate]);
  } finally {
    clearTimeout(timer);
  }
};
