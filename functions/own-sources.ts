import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Context } from 'aws-lambda';
import { asText, member } from '../shared/json/json.ts';
import { safeLogger } from './logger.ts';

type Handler<Event, Answer> = (event: Event, context: Context) => Promise<Answer>;

/**
 * A handler that refuses what does not say that it comes from a queue or stream of the deployment, as Lambda writes it: whoever may call the
 * function could hand it messages of his own making. Who knows the ARN can write it as well, so that this tells of a call by mistake and by
 * somebody who does not know, and the policy of the function keeps out the rest.
 * @throws {Error} for a refused event, so that it counts as an error of the function, too.
 */
export const ofOwnSources =
  <Event extends { Records: object[] }, Answer>(handler: Handler<Event, Answer>): Handler<Event, Answer> =>
  async (event, context) => {
    const own = process.env.EVENT_SOURCES?.split(',');
    if (own === undefined || isOf(own, event)) return handler(event, context);
    const logger = safeLogger();
    logger.addContext(context);
    logger.error('a call that does not come from a queue or stream of this deployment is refused');
    const metrics = new Metrics();
    metrics.addMetric('CallsRefused', MetricUnit.Count, 1);
    metrics.publishStoredMetrics();
    throw new Error('only what comes from a queue or stream of this deployment is taken');
  };

/** Whoever calls may have written anything. */
const isOf = (own: readonly string[], event: unknown): boolean => {
  const records = member(event, 'Records');
  return (
    Array.isArray(records) &&
    records.every((record) => own.includes(asText(member(record, 'eventSourceARN')) ?? ''))
  );
};
