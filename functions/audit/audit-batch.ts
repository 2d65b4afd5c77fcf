import { MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import pLimit from 'p-limit';
import { unreadableObservation } from '../../shared/audit/observe.ts';
import type { HandledEvents } from '../../shared/aws/keep/handled-events.ts';
import { parseArn } from '../../shared/domain/arn.ts';
import type { Scope } from '../../shared/domain/scope.ts';
import { readEvents } from '../../shared/events/read-events.ts';
import { SWEEP_SOURCE } from '../../shared/events/sweep-message.ts';
import type { Store } from '../../shared/findings/store.ts';
import { groupBy } from '../../shared/group-by.ts';
import { member } from '../../shared/json/json.ts';
import { parseJson } from '../../shared/json/json-text.ts';
import { once } from '../../shared/memo.ts';
import type { CachedReader } from '../../shared/reader/cached-reader.ts';
import type {
  AuditRequest,
  OrganizationReach,
  ReadEvents,
  RequestOf,
} from '../../shared/requests/audit-request.ts';
import { mergeRequests, requestKey } from '../../shared/requests/merge.ts';
import { organizationRequest } from '../../shared/requests/resource-requests.ts';
import { seenExecutions } from '../../shared/requests/seen-executions.ts';
import type { AccountAnswer } from '../account-context.ts';
import { receivesOf } from '../receives.ts';
import { type FailedMessage, isUnreadable, unreadable } from './dead-letter.ts';
import { type ListingTurn, type ListingTurns, listingTurns } from './listing-turns.ts';
import { allOf, type BatchContext, type LookAt, lookAt, report } from './look.ts';
import { type LooksOfBatch, lookOnce } from './look-once.ts';
import { inTime } from './time-left.ts';
import { isRegionRefused, refuse, tellingOfRegion, type UnreadDependencies } from './unread-places.ts';
import { isNotIndexedYet } from './waiting-for-index.ts';

/** What the looks at one account need. */
export type AuditedAccount = {
  /**
   * The context of one batch. Its looks share what is read of the account. `waits`: they reject where the account has to have an index
   * first; else they go on without what only the index tells. `beforeListing` resolves when they may list the account.
   */
  audit: (how: { waits: boolean; beforeListing: () => Promise<void> }) => BatchContext;
  /** Drops cached answers that are older than a time. */
  cache: Pick<CachedReader, 'forgetBefore'>;
  /** Keeps what the account says of its resources. */
  store: Store;
};

export type BatchDependencies = UnreadDependencies & {
  /** What the looks at an account need; rejects where nothing tells yet. `drop` gets what is kept of the account first. */
  accounts: (account: string, drop: Drop) => Promise<AccountAnswer<AuditedAccount>>;
  /** Sends what looks have told the history; missing where none is kept. */
  sendHistory?: () => Promise<void>;
  /** Notes the ids of events whose looks are stored, so that no sweep asks for them again. */
  noteHandled: (handled: readonly HandledIn[]) => Promise<void>;
  /**
   * Asks other invocations for looks at these resources of an account, and returns those that they cannot make; missing where this
   * one makes all looks.
   */
  askOthers?: (scope: Scope, requests: readonly AuditRequest[]) => Promise<readonly AuditRequest[]>;
  /**
   * Takes back the notes that all were looked at who hang on these users and roles of an account, which need not be readable; missing where
   * nobody notes it.
   */
  unsettle?: (account: string, arns: readonly string[]) => Promise<void>;
  /** Asks for looks at the other accounts that a change of the organization reaches. */
  spread: (change: RequestOf<'organization'>, reach: OrganizationReach) => Promise<void>;
  /** How often the source queue delivers a message before it puts the message aside. */
  maxReceives: number;
  /** Deals with failed messages, and returns those that must come again. */
  settleFailures: (failures: readonly FailedMessage[]) => Promise<FailedMessage[]>;
};

/** Drops cached answers: of a resource that an event changed, or all that are older than a time. */
type Drop = (kept: Pick<CachedReader, 'forget' | 'forgetBefore'>) => void;

/** The events of one account whose looks are stored. */
export type HandledIn = Omit<HandledEvents, 'member'> & { account: string };

export type AuditBatch = (event: SQSEvent, context: Context) => Promise<SQSBatchResponse>;

/** How many messages are handled at the same time: enough to hide latency, few enough for SageMaker’s rate limits. */
const CONCURRENCY = 10;

type Message = {
  /** The id of the message’s one event; that of the message where it has several or none. */
  eventId: string;
  eventName?: string;
  /** A sweep or another look asks for it, because of the event that it may name. */
  isAsked: boolean;
  /** The message does not come again. */
  isLastTry: boolean;
  /** The requests of the message, each with the account that is asked. */
  requests: readonly AccountRequest[];
  events: Omit<ReadEvents, 'requests'>;
};

/**
 * A request, and the account whose reader looks: that of the event, which may be another one than that of the resource’s ARN.
 * `spread`: the event is one of the whole organization.
 */
type AccountRequest = {
  account: string;
  request: AuditRequest;
  spread?: { change: RequestOf<'organization'>; reach: OrganizationReach };
};

/**
 * Handles a batch of messages. Requests for the same resource of an account are merged into one look. A message that fails
 * comes again until it is put aside; the others are not affected. A message that cannot be understood is put aside at once.
 */
export const auditBatch =
  (connected: BatchDependencies): AuditBatch =>
  async (event, context) => {
    const { logger, metrics, settleFailures } = connected;
    logger.addContext(context);
    const messages = event.Records.map((record) => readMessage(record, connected));
    const turns = listingTurns();
    const batch = batchOf(
      messages.flatMap(({ requests }) => requests),
      turns,
      connected,
    );
    const limit = pLimit(CONCURRENCY);
    const running = new Map<string, Promise<void>>();
    const settled = await Promise.allSettled(
      messages.map((message) => {
        const { eventId, requests, isLastTry } = message;
        // Events of two accounts may have one id, and so have the messages for all looks that followed from one event. For a message
        // at its last receive more is done.
        const asked = requests.map(({ request }) => requestKey(request));
        const key = JSON.stringify([requests[0]?.account, eventId, asked, isLastTry]);
        const run = running.get(key) ?? limit(() => inTime(context, () => settle(message, batch, connected)));
        running.set(key, run);
        return run;
      }),
    );
    // What had not the time for its turn comes again, and must not go on beside the next batch.
    turns.close();
    const outcomes = await afterHistory(settled, context, connected);
    const failures = event.Records.flatMap((record, index): FailedMessage[] => {
      const [message, outcome] = [messages[index], outcomes[index]];
      if (!message || outcome?.status !== 'rejected') return [];
      // Findings tell it, and the sweep after the Region’s return looks at all of it, and at the event, which is not noted as handled.
      if (message.isLastTry && isRegionRefused(outcome.reason)) {
        logger.warn('a message about a Region that cannot be read is done', {
          correlation_id: message.eventId,
        });
        return [];
      }
      const { eventId, eventName } = message;
      return [{ record, eventId, ...(eventName ? { eventName } : {}), error: outcome.reason as unknown }];
    });
    const returning = await settleFailures(failures);
    const handled = messages.filter((message, index) => hasEventId(message) && isDone(outcomes[index]));
    await noteInTime(handled, context, connected);
    metrics.addMetric('Messages', MetricUnit.Count, messages.length);
    metrics.addMetric('MessagesFailed', MetricUnit.Count, returning.length);
    metrics.publishStoredMetrics();
    return { batchItemFailures: returning.map(({ record }) => ({ itemIdentifier: record.messageId })) };
  };

/**
 * The outcomes of messages once the history has what their looks tell. Where it does not take that, all of them come again: no verdict
 * is stored for which the history lacks a look.
 */
const afterHistory = async (
  outcomes: PromiseSettledResult<void>[],
  context: Context,
  { sendHistory, logger }: Pick<BatchDependencies, 'sendHistory' | 'logger'>,
): Promise<PromiseSettledResult<void>[]> => {
  if (!sendHistory) return outcomes;
  try {
    await inTime(context, sendHistory);
    return outcomes;
  } catch (error) {
    logger.error('the history does not take what looks tell', { error: error as Error });
    return outcomes.map((outcome) =>
      outcome.status === 'fulfilled' ? { status: 'rejected', reason: error } : outcome,
    );
  }
};

/** Whether the message is one event, which CloudTrail’s history may tell again. */
const hasEventId = ({ eventId, isAsked, requests }: Message): boolean =>
  !isAsked && requests.some(({ request: { trigger } }) => trigger?.eventId === eventId);

const isDone = (outcome: PromiseSettledResult<void> | undefined): boolean => outcome?.status === 'fulfilled';

/** Without a note a sweep asks for the looks again, which change nothing. So a note that fails makes no message fail. */
const noteInTime = async (
  messages: readonly Message[],
  context: Context,
  { noteHandled, logger }: Pick<BatchDependencies, 'noteHandled' | 'logger'>,
): Promise<void> => {
  const ofAccounts = groupBy(messages, ({ requests: [first] }) => first?.account ?? '');
  try {
    await inTime(context, () =>
      noteHandled(
        [...ofAccounts].map(([account, handled]) => ({
          account,
          eventIds: handled.map(({ eventId }) => eventId),
          regions: handled.flatMap(({ requests }) =>
            requests.flatMap(({ request }) => request.scope?.region ?? []),
          ),
        })),
      ),
    );
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

const readMessage = (
  record: SQSEvent['Records'][number],
  { own, maxReceives }: Pick<BatchDependencies, 'own' | 'maxReceives'>,
): Message => {
  const { messageId, body } = record;
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
    isAsked: parsed.ok && member(parsed.value, 'source') === SWEEP_SOURCE,
    isLastTry: receivesOf(record) >= maxReceives,
    ...(only?.eventName ? { eventName: only.eventName } : {}),
    requests: events.requests.map((request) => ofAccount(request, own)),
    events,
  };
};

/**
 * An event of the whole organization comes from its management account, which may not be watched. The deployment’s own account is
 * looked at because of it, and the other accounts that it reaches are asked for.
 */
const ofAccount = (asked: AuditRequest, own: string): AccountRequest => {
  if (asked.type !== 'organization' || asked.reach === undefined)
    return { account: asked.scope?.account ?? own, request: asked };
  const { reach, ...ofWhole } = asked;
  const partition = parseArn(ofWhole.resource.arn)?.partition ?? 'aws';
  const scope = { partition, region: '', ...ofWhole.scope, account: own };
  const { resource } = organizationRequest(scope);
  // That another account comes, goes or moves makes no difference to the deployment’s own account, but for policies that name units.
  const isOther = ofWhole.changed.includes('membership') && reach !== 'all' && !reach.includes(own);
  const change = { ...ofWhole, resource, ...(ofWhole.scope && { scope }) };
  return {
    account: own,
    request: isOther ? { ...change, changed: ['policy'] } : change,
    spread: { change, reach },
  };
};

/** Each unreadable record is a finding, and one message can contain half a million. */
const MAX_UNREADABLE = 20;

/**
 * The accounts of a batch, each opened with the first message that needs it. `use` gets undefined for an account that the configuration
 * does not watch. Rejects for one that cannot be read, of which a finding tells why.
 */
type Batch = (account: string, use: (looks: LooksAtAccount | undefined) => Promise<void>) => Promise<void>;

type OpenAccount = { looks: Promise<LooksAtAccount | undefined>; turn: ListingTurn; users: number };

/** The looks of one batch at one account, and what they share. */
type AccountLooks = {
  looks: LooksOfBatch;
  audit: BatchContext;
  askOthers?: AskOthers;
};

/** The same, and the looks of messages that cannot wait for an index any more. */
type LooksAtAccount = AccountLooks & { withoutIndex: () => AccountLooks };

type AskOthers = (requests: readonly AuditRequest[]) => Promise<readonly AuditRequest[]>;

/** So many looks may follow from one: of a hundred, the function has not the time. */
const MOST_FOLLOWING = 10;

/**
 * So many looks that lead to others are made by one invocation, which then asks once for all that these lead to. Where there are
 * more, each of the rest is a message of its own, and leads no further.
 */
const MOST_LEADING = 50;

/** Whether no look follows from one at the request. */
const leadsNoFurther = (request: AuditRequest): boolean => {
  if (request.isLast) return true;
  const changed: readonly string[] = request.changed;
  if (request.type === 'bucket') return request.isFollowed === true && !changed.includes('policy');
  const isPrincipal = request.type === 'role' || request.type === 'user';
  return isPrincipal && changed.length > 0 && changed.every((change) => change === 'uses');
};

const batchOf = (
  asked: readonly AccountRequest[],
  turns: ListingTurns,
  connected: BatchDependencies,
): Batch => {
  const requests = groupBy(asked, ({ account }) => account);
  const looksAt = async (
    account: string,
    beforeListing: () => Promise<void>,
  ): Promise<LooksAtAccount | undefined> => {
    const ofAccount = (requests.get(account) ?? []).map(({ request }) => request);
    const answer = await connected.accounts(account, dropping(ofAccount));
    switch (answer.is) {
      case 'watched':
        return looksAtAccount(mergeRequests(ofAccount), answer.context, { ...connected, beforeListing });
      case 'unwatched':
        connected.logger.warn('events are ignored', { account, reason: answer.reason });
        return undefined;
      case 'unread':
        return refuse(answer, connected);
    }
  };
  const opened = new Map<string, OpenAccount>();
  const open = (account: string): OpenAccount => {
    const turn = turns.turn();
    const of = { looks: looksAt(account, turn.take), turn, users: 0 };
    opened.set(account, of);
    return of;
  };
  return async (account, use) => {
    const of = opened.get(account) ?? open(account);
    of.users++;
    try {
      await use(await of.looks);
    } finally {
      of.users--;
      // What was listed of the account is let go before the turn of the next one comes.
      if (of.users === 0 && of.turn.isTaken()) {
        opened.delete(account);
        of.turn.end();
      }
    }
  };
};

/** The clocks of two instances of a function differ by less. */
const CLOCKS_MS = 1000;

/**
 * Done before the first look, so that no answer that is kept is older than an event of the batch. A sweep changes nothing, so that its
 * messages drop nothing: else all of IAM would be read again for every ten of them.
 */
const dropping =
  (requests: readonly AuditRequest[]): Drop =>
  (kept) => {
    for (const request of requests) kept.forget(request);
    const learntAt = requests.flatMap((each) => Date.parse(each.learntAt ?? '') || []);
    if (learntAt.length > 0) kept.forgetBefore(Math.max(...learntAt) + CLOCKS_MS);
  };

type LooksConnected = BatchDependencies & Pick<Parameters<AuditedAccount['audit']>[0], 'beforeListing'>;

const looksAtAccount = (
  requests: readonly AuditRequest[],
  account: AuditedAccount,
  connected: LooksConnected,
): LooksAtAccount => ({
  ...looksAt(requests, account, { ...connected, waits: true }),
  withoutIndex: once(() => looksAt(requests, account, { ...connected, waits: false })),
});

const looksAt = (
  requests: readonly AuditRequest[],
  account: AuditedAccount,
  connected: LooksConnected & { waits: boolean },
): AccountLooks => {
  const { cache } = account;
  const { askOthers, waits, beforeListing } = connected;
  const audit = (): BatchContext => withExecutionsOf(requests, account.audit({ waits, beforeListing }));
  let renewed: { since: number; context: BatchContext } | undefined;
  const anew = (since: number): BatchContext => {
    if (!renewed || renewed.since < since) {
      cache.forgetBefore(since);
      renewed = { since, context: audit() };
    }
    return renewed.context;
  };
  const dependencies = { ...connected, store: account.store, audit: audit(), anew };
  const { audit: context } = dependencies;
  const look = tellingOfRegion(
    (request) => lookAt(request, dependencies),
    context.readers,
    account.store,
    connected,
  );
  return {
    looks: lookOnce(look, requests),
    audit: context,
    ...(askOthers && { askOthers: (asked) => askOthers(context.readers[0].scope, asked) }),
  };
};

/**
 * Looks at resources and at all that they lead to. What events of one message tell of a resource, and what the looks at the others
 * lead to, may need two looks at it; nothing that follows later is looked at twice. One that fails stops no other.
 * @throws {Error} of those that failed, once all others are made.
 */
const lookAtAll = async (
  requests: readonly AuditRequest[],
  { looks: { ofEvent, following }, audit, askOthers }: AccountLooks,
): Promise<void> => {
  const asked = mergeRequests(requests);
  const seen = new Map<string, AuditRequest>();
  const unseen = (some: readonly AuditRequest[]): AuditRequest[] => {
    const fresh = some.filter((request) => !seen.has(requestKey(request)));
    for (const request of fresh) seen.set(requestKey(request), request);
    return fresh;
  };
  const failures: unknown[] = [];
  const all = async (some: readonly AuditRequest[], look: LookAt): Promise<AuditRequest[]> => {
    const led = await Promise.all(
      some.map(async (request) => {
        try {
          const follow = await look(request);
          return request.isLast ? [] : follow;
        } catch (error) {
          failures.push(error);
          return [];
        }
      }),
    );
    return mergeRequests(led.flat());
  };
  unseen(asked);
  const followed = await all(asked, ofEvent);
  unseen(followed);
  let next: readonly AuditRequest[] = followed;
  while (next.length > 0) {
    if (askOthers) {
      const ledBy = await audit.leading?.([...seen.values()].filter(({ isLast }) => !isLast));
      next = await handedOver(next, { askOthers, ledBy });
    }
    next = unseen(await all(next, following));
  }
  throwGravest(failures);
  await audit.settle?.([...seen.values()].filter(({ isLast }) => !isLast));
};

/** The requests for which this invocation looks itself, after others were asked for the rest. `ledBy`: whose changes led to them. */
const handedOver = async (
  requests: readonly AuditRequest[],
  { askOthers, ledBy = [] }: { askOthers: AskOthers; ledBy: readonly string[] | undefined },
): Promise<AuditRequest[]> => {
  const last = requests.filter(leadsNoFurther);
  const leading = requests.filter((request) => !last.includes(request));
  const asked = [
    ...(last.length > MOST_FOLLOWING ? last : []).map((request) => ({ request, asked: request })),
    ...leading
      .slice(MOST_LEADING)
      .map((request) => ({ request, asked: { ...request, isLast: true as const } })),
  ].map(({ request, asked: of }) => ({ request, asked: ledBy.length > 0 ? { ...of, ledBy } : of }));
  const left = asked.length > 0 ? new Set(await askOthers(asked.map((each) => each.asked))) : new Set();
  return [
    ...leading.slice(0, MOST_LEADING),
    ...(last.length > MOST_FOLLOWING ? [] : last),
    // Looks that nobody else makes are made here, with all to which they lead.
    ...asked.flatMap((each) => (left.has(each.asked) ? each.request : [])),
  ];
};

const settle = async (message: Message, batch: Batch, connected: BatchDependencies): Promise<void> => {
  const { eventId, requests, events } = message;
  const { logger } = connected;
  for (const { reason } of events.ignored) logger.debug('ignored', { correlation_id: eventId, reason });
  const parts = [
    ...[...groupBy(requests, ({ account }) => account)].map(([account, ofAccount]) =>
      lookInAccount(account, ofAccount, { message, batch, connected }),
    ),
    ...(events.unreadable.length > 0 ? [tellUnreadable(message, batch, connected)] : []),
  ];
  const outcomes = await Promise.allSettled(parts);
  throwGravest(outcomes.flatMap((each) => (each.status === 'rejected' ? [each.reason as unknown] : [])));
};

/** The looks at one account for which a message asks. */
const lookInAccount = async (
  account: string,
  requests: readonly AccountRequest[],
  {
    message: { isLastTry },
    batch,
    connected,
  }: { message: Message; batch: Batch; connected: BatchDependencies },
): Promise<void> => {
  const { metrics, logger, spread, unsettle } = connected;
  // A look goes by the file of the organization’s policies as far as nobody has noted a change of it.
  for (const { spread: of } of requests) if (of) await spread(of.change, of.reach);
  const asked = requests.map(({ request }) => request);
  const look = async (looks: LooksAtAccount | undefined): Promise<void> => {
    if (!looks) return void metrics.addMetric('EventsUnwatched', MetricUnit.Count, 1);
    try {
      await lookAtAll(asked, looks);
    } catch (error) {
      // No finding may stand as if nothing had happened: what hangs on the index is told as unknown, and the message is put aside.
      // Whatever has failed, a look may not have come to where it would have waited.
      if (isLastTry && !isRegionRefused(error))
        await lookAtAll(asked, looks.withoutIndex()).catch((again: Error) => {
          logger.warn('what hangs on the index is not told as unknown', { account, error: again });
        });
      throw error;
    }
  };
  // Should these looks never be made, whoever led to them has not been looked at by all who hang on him.
  const ledBy = requests.flatMap(({ request }) => request.ledBy ?? []);
  const isUnsettled = isLastTry && ledBy.length > 0;
  await allOf([...(isUnsettled && unsettle ? [unsettle(account, ledBy)] : []), batch(account, look)]);
};

/** Tells of the records that nobody understands, and throws so that the message is put aside. */
const tellUnreadable = async (
  { eventId, events: { unreadable: records } }: Message,
  batch: Batch,
  connected: BatchDependencies,
): Promise<void> => {
  const { metrics, own, controls } = connected;
  metrics.addMetric('RecordsUnreadable', MetricUnit.Count, records.length);
  await batch(own, async (home) => {
    if (!home) throw new Error(`the account ${own} of the deployment is not watched`);
    const { audit } = home;
    const [reader] = audit.readers;
    const context = { ...audit, reader, controls: await controls('event') };
    for (const record of records) await report(unreadableObservation(record, context), connected, eventId);
  });
  throw unreadable(`not understood: ${records.map(({ at, reason }) => `${at}: ${reason}`).join('; ')}`);
};

/**
 * Throws the error that decides about a message: that of a look which waits for an index, as the others may well have passed by then;
 * that the message is not understood only where nothing of it can succeed any more, because it is put aside for that at once.
 */
const throwGravest = (errors: readonly unknown[]): void => {
  const [error] = errors.toSorted((one, other) => rank(one) - rank(other));
  if (errors.length > 0) throw error;
};

const rank = (error: unknown): number =>
  isNotIndexedYet(error) ? 0 : isUnreadable(error) ? 2 : isRegionRefused(error) ? 3 : 1;
