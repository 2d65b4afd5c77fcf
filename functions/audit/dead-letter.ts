import type { Logger } from '@aws-lambda-powertools/logger';
import { type Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { SQSRecord } from 'aws-lambda';
import { groupBy } from '../../shared/group-by.ts';
import { receivesOf } from '../receives.ts';
import { isNotIndexedYet } from './waiting-for-index.ts';

/** A message that failed, and what is known of the event in it. */
export type FailedMessage = { record: SQSRecord; eventId: string; eventName?: string; error: unknown };

/** The queues that the function uses for failed messages. */
export type FailureQueues = {
  /** Rejects where the dead-letter queue does not take the message. */
  setAside: (body: string, attributes: Record<string, string>) => Promise<void>;
  delay: (source: string, delays: readonly { receiptHandle: string; seconds: number }[]) => Promise<void>;
};

export type FailureDependencies = {
  /** Undefined where there is no dead-letter queue to send to. Then only the source queue puts messages aside. */
  queues?: FailureQueues;
  /** How often the source queue delivers a message before it puts the message aside itself. */
  maxReceives: number;
  now: () => Date;
  logger: Logger;
  metrics: Metrics;
};

const UNREADABLE = 'Unreadable';
const LONGEST_REASON = 1000;
const LONGEST_NAME = 200;

/** The error of a message that can never be understood. */
export const unreadable = (reason: string): Error => Object.assign(new Error(reason), { name: UNREADABLE });

export const isUnreadable = (error: unknown): boolean => asError(error).name === UNREADABLE;

/**
 * Puts messages aside that have failed for good, with the reason, and returns those that must come again, later each
 * time. A message that the dead-letter queue does not take comes again too, until the source queue puts it aside.
 */
export const settleFailures = async (
  failures: readonly FailedMessage[],
  { queues, maxReceives, now, logger, metrics }: FailureDependencies,
): Promise<FailedMessage[]> => {
  const setAside = async (failure: FailedMessage): Promise<boolean> => {
    const { record, eventId, error } = failure;
    if (!queues || !isForGood(failure, maxReceives)) return false;
    try {
      await queues.setAside(record.body, attributesOf(failure, now()));
      logger.error('the message is put aside', { correlation_id: eventId, error: asError(error) });
      return true;
    } catch (refused) {
      logger.error('the dead-letter queue did not take a message', {
        correlation_id: eventId,
        error: asError(refused),
      });
      return false;
    }
  };
  const isAside = await Promise.all(failures.map(setAside));
  const returning = failures.filter((_failure, index) => !isAside[index]);
  for (const { eventId, error } of returning) {
    const about = { correlation_id: eventId, error: asError(error) };
    if (isNotIndexedYet(error))
      logger.warn('the message comes again when the account may have an index', about);
    else logger.error('the message comes again', about);
  }
  if (queues) await delayAll(returning, queues, logger);
  metrics.addMetric('MessagesDeadLettered', MetricUnit.Count, failures.length - returning.length);
  return returning;
};

/** A refused delay does no harm: the message comes again after the queue’s visibility timeout. */
const delayAll = async (
  returning: readonly FailedMessage[],
  queues: FailureQueues,
  logger: Logger,
): Promise<void> => {
  const bySource = groupBy(returning, ({ record }) => record.eventSourceARN ?? '');
  for (const [source, failures] of bySource) {
    const delays = failures.map(({ record, error }) => ({
      receiptHandle: record.receiptHandle,
      seconds: delaySeconds(receivesOf(record), isNotIndexedYet(error) ? FOR_INDEX : AFTER_FAILURE),
    }));
    await queues.delay(source, delays).catch((error: unknown) => {
      logger.warn('messages come again after the visibility timeout of their queue', {
        error: asError(error),
      });
    });
  }
};

/** Seconds until a message comes again for the first time, and at most. */
type Delays = { first: number; longest: number };

/** 10, 40, 160 and 640 seconds. */
export const AFTER_FAILURE: Delays = { first: 10, longest: 900 };

/**
 * 60, 240, 960 and 3600 seconds: most inventories take a few minutes, and one that fails is given up after its queue has handed it out
 * five times, each 16 minutes later.
 */
export const FOR_INDEX: Delays = { first: 60, longest: 3600 };

/**
 * In how many seconds a message comes again: each time in four times as many, up to a fifth less or more, so that the messages of
 * a batch do not all come at once.
 */
export const delaySeconds = (
  receives: number,
  { first, longest }: Delays,
  random: () => number = Math.random,
): number => {
  const delay = Math.min(longest, first * 4 ** Math.max(0, receives - 1));
  return Math.round(delay * (0.8 + 0.4 * random()));
};

const isForGood = ({ record, error }: FailedMessage, maxReceives: number): boolean =>
  isUnreadable(error) || receivesOf(record) >= maxReceives;

const attributesOf = (
  { record, eventId, eventName = '', error }: FailedMessage,
  failedAt: Date,
): Record<string, string> => ({
  Reason: attributeText(reasonOf(asError(error)), LONGEST_REASON),
  ErrorName: attributeText(asError(error).name, LONGEST_NAME),
  FailedAt: failedAt.toISOString(),
  EventId: attributeText(eventId, LONGEST_NAME),
  EventName: attributeText(eventName, LONGEST_NAME),
  Receives: String(receivesOf(record)),
});

const reasonOf = (error: Error): string => {
  const cause = error.cause === undefined ? undefined : asError(error.cause).message;
  return cause === undefined || error.message.includes(cause) ? error.message : `${error.message}: ${cause}`;
};

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));

/** Secrets in the texts of errors that quote a request or a URL. */
const SECRETS = /\b(?:AKIA|ASIA)[A-Z0-9]{12,}|\bxox[a-z]-[\w-]+|hooks\.slack\.com\/\S+/gi;
const LABELLED =
  /\b(Authorization:\s*Bearer|Authorization:|Bearer|X-Amz-(?:Security-Token|Signature|Credential)=)(\s*)[^\s&"']+/gi;

/** Characters that SQS refuses in texts. */
const REFUSED = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

/** A text that SQS accepts as an attribute: without secrets and refused characters, and not too long. */
const attributeText = (text: string, length: number): string =>
  text
    .toWellFormed()
    .replace(REFUSED, '\ufffd')
    .replace(SECRETS, '…')
    .replace(LABELLED, '$1$2…')
    .slice(0, length)
    .toWellFormed();
