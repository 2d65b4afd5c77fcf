import type { Logger } from '@aws-lambda-powertools/logger';
import { type Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { ReportChannel } from '../../shared/aws/tell/report-channels.ts';
import type { ReportNotice } from '../../shared/outputs/messages/report-notice.ts';

type Dependencies = { logger: Pick<Logger, 'error'>; metrics: Metrics };

/**
 * Sends the notice to all channels at the same time. A channel that refuses it is an error in the log and a metric, as
 * another attempt would tell the other channels twice.
 * @throws where no channel has taken the notice.
 */
export const tellChannels = async (
  notice: ReportNotice,
  channels: readonly ReportChannel[],
  { logger, metrics }: Dependencies,
): Promise<void> => {
  const outcomes = await Promise.allSettled(channels.map(({ publish }) => publish(notice)));
  const errors = outcomes.flatMap((outcome, index) => {
    if (outcome.status === 'fulfilled') return [];
    const name = channels[index]?.name ?? '';
    logger.error('a channel was not told of the report', { channel: name, error: outcome.reason as Error });
    metrics.addMetric(`${name}Failures`, MetricUnit.Count, 1);
    return [outcome.reason as unknown];
  });
  if (errors.length > 0 && errors.length === channels.length)
    throw new AggregateError(errors, `nobody was told of the report: ${errors.map(String).join('; ')}`);
};
