import type { Logger } from '@aws-lambda-powertools/logger';
import { type Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import pLimit from 'p-limit';
import { unreadableObservation } from '../../shared/audit/observe.ts';
import { readEvents } from '../../shared/events/read-events.ts';
import type { Store } from '../../shared/findings/store.ts';
import { parseJson } from '../../shared/json/json-text.ts';
import type { CachedReader } from '../../shared/reader/cached-reader.ts';
import type { AuditRequest, ReadEvents } from '../../shared/requests/audit-request.ts';
import { mergeRequests, requestKey } from '../../shared/requests/merge.ts';
import { seenExecutions } from '../../shared/requests/seen-executions.ts';
import { type FailedMessage, unreadable } from './dead-letter.ts';
import { type BatchContext, type LookAt, type LookDependencies, lookAt, report } from './look.ts';
import { inTime } from './time-left.ts';

export type BatchDependencies = {
  /** The context of one batch. Its looks share what is read of the account. */
  audit: () => BatchContext;
  controls: LookDependencies['controls'];
  /** Drops cached answers: of a resource that an event changed, or all that are older than a time. */
  cache: Pick<CachedReader, 'forget' | 'forgetBefore'>;
  store: Store;
  logger: Logger;
  metrics: Metrics;
  /** Notes the ids of events whose looks are stored, so that no sweep asks for them again. */
  noteHandled: (eventIds: readonly string[]) => Promise<void>;
  /** Deals with failed messages, and returns those that must come again. */
  settleFailures: (failures: readonly FailedMessage[]) => Promise<FailedMessage[]>;
};

export type AuditBatch = (event: SQSEvent, context: Context) => Promise<SQSBatchResponse>;

/** How many messages are handled at the same time: enough to hide latency, few enough for SageMaker’s rate limits. */
const CONCURRENCY = 10;

type Message = {
  /** The id of the message’s one event; that of the message where it has several or none. */
  eventId: string;
  eventName?: string;
  events: ReadEvents;
};

/**
 * Handles a batch of messages. Requests for the same resource are merged into one look. A message that fails comes
 * again until it is put aside; the others are not affected. A message that cannot be understood is put aside at once.
 */
export const auditBatch =
  (connected: BatchDependencies): AuditBatch =>
  async (event, context) => {
    const { logger, metrics, cache } = connected;
    logger.addContext(context);
    const messages = event.Records.map(readMessage);
    const merged = mergeRequests(messages.flatMap(({ events }) => events.requests));
    const audit = (): BatchContext => withExecutionsOf(merged, connected.audit());
    let renewed: { since: number; context: BatchContext } | undefined;
    const anew = (since: number): BatchContext => {
      if (!renewed || renewed.since < since) {
        cache.forgetBefore(since);
        renewed = { since, context: audit() };
      }
      return renewed.context;
    };
    const dependencies = { ...connected, audit: audit(), anew };
    // Done before the first look, so that no cached answer is older than an event of the batch. A sweep changes
    // nothing, so that its messages drop nothing: else all of IAM would be read again for every ten of them.
    for (const request of merged) cache.forget(request);
    const look = lookOnce(dependencies, merged);
    const limit = pLimit(CONCURRENCY);
    const running = new Map<string, Promise<void>>();
    const outcomes = await Promise.allSettled(
      messages.map((message) => {
        const { eventId } = message;
        const run =
          running.get(eventId) ?? limit(() => inTime(context, () => settle(message, look, dependencies)));
        running.set(eventId, run);
        return run;
      }),
    );
    const failures = event.Records.flatMap((record, index): FailedMessage[] => {
      const [message, outcome] = [messages[index], outcomes[index]];
      if (!message || outcome?.status !== 'rejected') return [];
      const { eventId, eventName } = message;
      return [{ record, eventId, ...(eventName ? { eventName } : {}), error: outcome.reason as unknown }];
    });
    const returning = await dependencies.settleFailures(failures);
    const handled = messages.filter((message, index) => hasEventId(message) && isDone(outcomes[index]));
    await noteInTime(handled, context, dependencies);
    metrics.addMetric('Messages', MetricUnit.Count, messages.length);
    metrics.addMetric('MessagesFailed', MetricUnit.Count, returning.length);
    metrics.publishStoredMetrics();
    return { batchItemFailures: returning.map(({ record }) => ({ itemIdentifier: record.messageId })) };
  };

/** Whether the message is one event, which CloudTrail’s history may tell again. */
const hasEventId = ({ eventId, events }: Message): boolean =>
  events.requests.some(({ trigger }) => trigger?.eventId === eventId);

const isDone = (outcome: PromiseSettledResult<void> | undefined): boolean => outcome?.status === 'fulfilled';

/** Without a note a sweep asks for the looks again, which change nothing. So a note that fails makes no message fail. */
const noteInTime = async (
  messages: readonly Message[],
  context: Context,
  { noteHandled, logger }: Pick<BatchDependencies, 'noteHandled' | 'logger'>,
): Promise<void> => {
  try {
    if (messages.length > 0) await inTime(context, () => noteHandled(messages.map(({ eventId }) => eventId)));
  } catch (error) {
    logger.warn('a sweep will look again at what was handled', { error: error as Error });
  }
};

/** A look at a job may need the start of its execution, which came in the same batch and is not stored yet. */
const withExecutionsOf = (requests: readonly AuditRequest[], context: BatchContext): BatchContext => {
  const seen = new Map(seenExecutions(requests).map((execution) => [execution.executionId, execution]));
  return {
    ...context,
    recallExecution: async (executionId) => seen.get(executionId) ?? context.recallExecution(executionId),
  };
};

const readMessage = ({ messageId, body }: SQSEvent['Records'][number]): Message => {
  const at = `message ${messageId}`;
  const parsed = parseJson(body);
  const events: ReadEvents = parsed.ok
    ? readEvents(parsed.value, at, MAX_UNREADABLE)
    : {
        requests: [],
        ignored: [],
        unreadable: [
          {
            at,
            reason: `the message is ${parsed.error.fault}: ${parsed.error.message}`,
            excerpt: body.slice(0, 500),
          },
        ],
      };
  const [trigger, ...others] = [...events.requests, ...events.ignored, ...events.unreadable].map(
    (each) => each.trigger,
  );
  const only = others.every((other) => other?.eventId === trigger?.eventId) ? trigger : undefined;
  return {
    eventId: only?.eventId || messageId,
    ...(only?.eventName ? { eventName: only.eventName } : {}),
    events,
  };
};

/** Each unreadable record is a finding, and one message can contain half a million. */
const MAX_UNREADABLE = 20;

/** Makes one look at each resource of a batch, however many messages ask for it. */
const lookOnce = (dependencies: LookDependencies, merged: readonly AuditRequest[]): LookAt => {
  const requests = new Map(merged.map((request) => [requestKey(request), request]));
  const looks = new Map<string, ReturnType<LookAt>>();
  return (request) => {
    const key = requestKey(request);
    const started = looks.get(key) ?? lookAt(requests.get(key) ?? request, dependencies);
    looks.set(key, started);
    return started;
  };
};

/**
 * Looks at resources and at all that they lead to. No look waits for another one, because two resources of one batch may
 * lead to each other.
 */
const lookAtAll = async (requests: readonly AuditRequest[], look: LookAt): Promise<void> => {
  const seen = new Set<string>();
  let next = requests;
  while (next.length > 0) {
    const fresh = mergeRequests(next).filter((request) => !seen.has(requestKey(request)));
    for (const request of fresh) seen.add(requestKey(request));
    next = (await Promise.all(fresh.map(look))).flat();
  }
};

const settle = async (
  { eventId, events }: Message,
  look: LookAt,
  dependencies: LookDependencies,
): Promise<void> => {
  const { logger, metrics, audit } = dependencies;
  for (const { reason } of events.ignored) logger.debug('ignored', { correlation_id: eventId, reason });
  await lookAtAll(events.requests, look);
  if (events.unreadable.length === 0) return;
  metrics.addMetric('RecordsUnreadable', MetricUnit.Count, events.unreadable.length);
  const [reader] = audit.readers;
  const context = { ...audit, reader, controls: await dependencies.controls('event') };
  for (const record of events.unreadable)
    await report(unreadableObservation(record, context), dependencies, eventId);
  throw unreadable(
    `not understood: ${events.unreadable.map(({ at, reason }) => `${at}: ${reason}`).join('; ')}`,
  );
};
