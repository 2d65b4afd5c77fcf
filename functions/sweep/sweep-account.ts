import type { Logger } from '@aws-lambda-powertools/logger';
import { type Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Looked } from '../../shared/aws/read/event-history.ts';
import type { Config } from '../../shared/config/schema.ts';
import { control as trailLogging } from '../../shared/controls/trail-logging.ts';
import type { Gap } from '../../shared/domain/gap.ts';
import { readRoster } from '../../shared/facts/account-evidence.ts';
import { isEmpty } from '../../shared/findings/state.ts';
import type { Store } from '../../shared/findings/store.ts';
import type { JsonObject } from '../../shared/json/json.ts';
import { parseJson } from '../../shared/json/json-text.ts';
import { evaluate } from '../../shared/judging/evaluate.ts';
import { usedRoles } from '../../shared/needs/roster.ts';
import { ABSENT, found } from '../../shared/reader/read.ts';
import type { Reader } from '../../shared/reader/reader.ts';
import {
  type AccountLists,
  accountRequests,
  listAccount,
  listGaps,
  needsBuckets,
} from '../../shared/requests/account-requests.ts';
import type { AuditRequest } from '../../shared/requests/audit-request.ts';
import { accountRequest } from '../../shared/requests/resource-requests.ts';
import { lostEvent, sweepMessage } from '../../shared/sweep/messages.ts';
import { isToBeTold, lookAtState } from '../../shared/sweep/open-state.ts';
import { wantedIdentities } from '../../shared/sweep/wanted-identities.ts';

export type SweepDependencies = {
  reader: Reader;
  config: Config;
  store: Pick<Store, 'states'>;
  lastSweep: () => Promise<Date | undefined>;
  missedEvents: (since: Date, until: Date) => AsyncIterable<Looked>;
  /** Wakes the deliverer for a resource. */
  tell: { send: (message: { resourceArn: string }) => Promise<void>; flush: () => Promise<void> };
  write: (key: string, texts: AsyncIterable<string>) => Promise<void>;
  logger: Pick<Logger, 'info'>;
  metrics: Metrics;
  now: () => Date;
};

/** What a sweep has written, and up to when it has looked for lost events. */
export type Swept = { key: string; count: number; until: string };

/** What is looked for or was found, beside the messages: the gaps end in the last of them. */
type Progress = { gaps: Gap[]; events: number; told: number };

/** A request, or an event as it would have come. */
type Asked = AuditRequest | { event: JsonObject };

const HOUR_MS = 60 * 60 * 1000;
/** What is older has been looked at by other sweeps, or was lost while there were none. */
const MAX_LOOK_BACK_MS = 48 * HOUR_MS;
/** CloudTrail tells an event some minutes after it happened. */
const OVERLAP_MS = HOUR_MS / 2;

/** Writes a message for each resource that is to be looked at, and for each event that may have been lost. */
export const sweepAccount = async (sweepId: string, dependencies: SweepDependencies): Promise<Swept> => {
  const { reader, logger, metrics, now, write, tell } = dependencies;
  const startedAt = now();
  const progress: Progress = { gaps: [], events: 0, told: 0 };
  const context = { sweepId, scope: reader.scope, time: startedAt.toISOString() };
  const key = `sweeps/${sweepId}/messages.json`;
  let count = 0;
  const messages = async function* (): AsyncGenerator<JsonObject> {
    for await (const asked of askFor(dependencies, startedAt, progress)) {
      const message = 'event' in asked ? asked.event : sweepMessage(asked, count + 1, context);
      if (!message) continue;
      count++;
      yield message;
    }
  };
  await write(key, asList(messages()));
  await tell.flush();
  await countTrails(dependencies);
  metrics.addMetric('SweepMessages', MetricUnit.Count, count);
  metrics.addMetric('SweepGaps', MetricUnit.Count, progress.gaps.length);
  metrics.publishStoredMetrics();
  logger.info('swept', { correlation_id: sweepId, messages: count, ...progress });
  return { key, count, until: startedAt.toISOString() };
};

async function* asList(messages: AsyncIterable<JsonObject>): AsyncGenerator<string> {
  let start = '[\n';
  for await (const message of messages) {
    yield start + JSON.stringify(message);
    start = ',\n';
  }
  yield start === '[\n' ? '[]\n' : '\n]\n';
}

/** The lists first, then what is open, then the history; the account comes last, with what could not be read of them. */
async function* askFor(
  dependencies: SweepDependencies,
  startedAt: Date,
  progress: Progress,
): AsyncGenerator<Asked> {
  const { reader, config } = dependencies;
  const lists = await listAccount(reader, { buckets: true, jobs: false });
  const { buckets: _, ...needed } = lists;
  progress.gaps.push(...listGaps(needsBuckets(config) ? lists : needed));
  const roster = await readRoster({ ...reader, listPipelines: async () => lists.pipelines }, config);
  const isWanted = wantedIdentities(roster.ok ? usedRoles(roster.value) : [], config);
  const asked = new Set<string>();
  for (const request of accountRequests(lists, config, reader, isWanted)) {
    asked.add(keyOf(request));
    yield request;
  }
  for await (const request of openRequests(dependencies, lists, startedAt, progress)) {
    if (!asked.has(keyOf(request))) yield request;
  }
  yield* lostEvents(dependencies, startedAt, progress);
  yield accountRequest(reader.scope, progress.gaps);
}

/** By the whole ARN: of two roles of one name, one with another path is gone. */
const keyOf = ({ type, resource }: AuditRequest): string => `${type} ${resource.arn.toLowerCase()}`;

async function* openRequests(
  { reader, store, tell }: SweepDependencies,
  lists: AccountLists,
  startedAt: Date,
  progress: Progress,
): AsyncGenerator<AuditRequest> {
  const lookAt = lookAtState(lists, reader.scope);
  try {
    for await (const open of store.states()) {
      if (isEmpty(open.state)) continue;
      if (isToBeTold(open, startedAt)) {
        progress.told++;
        await tell.send({ resourceArn: open.resourceArn });
      }
      const look = lookAt(open);
      if (!look) continue;
      const { request, isUnlisted } = look;
      yield isUnlisted && request.type === 'bucket'
        ? { ...request, deleted: await isGone(request.name, reader) }
        : request;
    }
  } catch (error) {
    // Throttled, or single states that cannot be read: what the lists ask for must be sent all the same.
    progress.gaps.push(gapOf('Scan of the findings table', error));
  }
}

const isGone = async (bucket: string, reader: Reader): Promise<boolean> => {
  const tags = await reader.getBucketTags(bucket);
  return !tags.ok && tags.unread.code === ABSENT;
};

async function* lostEvents(
  { reader, missedEvents, lastSweep }: SweepDependencies,
  until: Date,
  progress: Progress,
): AsyncGenerator<Asked> {
  const last = (await lastSweep())?.valueOf() ?? 0;
  const since = new Date(Math.max(last - OVERLAP_MS, until.valueOf() - MAX_LOOK_BACK_MS));
  for await (const looked of missedEvents(since, until)) {
    if ('unread' in looked) {
      progress.gaps.push(looked.unread);
      continue;
    }
    const record = parseJson(looked.record);
    if (!record.ok) {
      progress.gaps.push({ call: 'LookupEvents', code: 'Unreadable', message: record.error.message });
      continue;
    }
    const lost = lostEvent(record.value, reader.scope);
    if ('event' in lost) {
      progress.events++;
      yield lost;
    } else yield* lost.requests;
  }
}

const gapOf = (call: string, error: unknown): Gap => {
  const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) };
  return { call, code: name, message: message.slice(0, 500) };
};

/** The finding tells it too, but through the auditor, which hears of little while no trail is logging. */
const countTrails = async ({ reader, config, metrics }: SweepDependencies): Promise<void> => {
  const trails = await reader.readTrails();
  const facts = { trails: trails.ok ? found({ scope: reader.scope, trails: trails.value }) : trails };
  const [first] = evaluate([trailLogging], 'account', facts, config);
  if (!first || first.verdict.status === 'NOT_AVAILABLE') return;
  metrics.addMetric('TrailNotLogging', MetricUnit.Count, first.verdict.status === 'FAILED' ? 1 : 0);
};
