import type { Config } from '../config/schema.ts';
import { control as trailLogging } from '../controls/trail-logging.ts';
import type { Gap } from '../domain/gap.ts';
import type { Resource, ResourceType } from '../domain/resource.ts';
import { readRoster } from '../facts/account-evidence.ts';
import { trailFacts } from '../facts/gather-account.ts';
import type { JsonObject } from '../json/json.ts';
import { evaluate } from '../judging/evaluate.ts';
import { usedRoles } from '../needs/roster.ts';
import { ABSENT } from '../reader/read-result.ts';
import type { Reader } from '../reader/reader.ts';
import {
  accountRequests,
  listAccount,
  listGaps,
  listRegion,
  needsBuckets,
  type RegionLists,
  regionRequests,
} from '../requests/account-requests.ts';
import type { AuditRequest } from '../requests/audit-request.ts';
import { accountRequest } from '../requests/resource-requests.ts';
import { arrivals, type SilentSource } from './arrivals.ts';
import { gapOf } from './gap-of.ts';
import { type EventHistory, lostEvents, type RequestOrEvent } from './lost-events.ts';
import { sweepMessage } from './messages.ts';
import { lookAtState } from './open-state.ts';
import { wantedIdentities } from './wanted-identities.ts';

export type SweepDependencies = EventHistory & {
  config: Config;
  /** Up to when the last complete sweep had looked for lost events. */
  lastSweep: () => Promise<Date | undefined>;
  /** The resources with open findings that this account looks at. */
  open: () => AsyncIterable<Resource>;
  /** What could not be read before this account’s sweep. */
  gaps?: readonly Gap[];
  /** Whether the events of services that send theirs to one Region of a partition, such as IAM, are forwarded. */
  hasGlobalEvents: boolean;
  /** Watched Regions in which nothing can be read. A look at the account there tells why. */
  offRegions?: readonly string[];
  write: (key: string, texts: AsyncIterable<string>) => Promise<void>;
  now: () => Date;
};

/** What the sweep has found so far, besides its messages. The gaps go into the last message. */
type SweepProgress = {
  gaps: Gap[];
  events: number;
  silent: readonly SilentSource[];
  /** How many resources of each type were listed. */
  listed: Partial<Record<ResourceType, number>>;
};

/** What a sweep has written, up to when it has looked for lost events, and what it found. `silent`: of what no event has arrived. */
export type Swept = SweepProgress & {
  key: string;
  count: number;
  until: string;
  /** Undefined where the trails could not be read. */
  isTrailLogging: boolean | undefined;
};

/** A sweep, or the part of a sweep over several accounts that one account is. Its parts have ids and folders of their own. */
export const partOf = (sweepId: string, account: string): string => `${sweepId}/${account}`;

/**
 * Writes a message for each resource that needs a look and for each event that may have been lost. `sweepId`: that of the sweep,
 * or of its part.
 */
export const sweepAccount = async (sweepId: string, dependencies: SweepDependencies): Promise<Swept> => {
  const { readers, now, write, gaps = [] } = dependencies;
  const [reader] = readers;
  const startedAt = now();
  const progress: SweepProgress = { gaps: [...gaps], events: 0, silent: [], listed: {} };
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
  const isTrailLogging = allLogging(
    await Promise.all(readers.map((each) => isLogging(each, dependencies.config))),
  );
  return { key, count, until: startedAt.toISOString(), ...progress, isTrailLogging };
};

async function* asList(messages: AsyncIterable<JsonObject>): AsyncGenerator<string> {
  let start = '[\n';
  for await (const message of messages) {
    yield start + JSON.stringify(message);
    start = ',\n';
  }
  yield start === '[\n' ? '[]\n' : '\n]\n';
}

/** The order: the lists, resources with open findings, the event history, and last the account with all gaps. */
async function* askFor(
  dependencies: SweepDependencies,
  startedAt: Date,
  progress: SweepProgress,
): AsyncGenerator<RequestOrEvent> {
  const {
    readers: [reader, ...others],
    config,
  } = dependencies;
  const lists = await listAccount(reader, { buckets: true, jobs: false });
  const { buckets: _, ...needed } = lists;
  progress.gaps.push(...listGaps(needsBuckets(config) ? lists : needed));
  const more = await Promise.all(
    others.map(async (other) => ({ reader: other, lists: await listRegion(other, { jobs: false }) })),
  );
  const withList = (of: Reader, { pipelines }: RegionLists): Reader => ({
    ...of,
    listPipelines: async () => pipelines,
  });
  const roster = await readRoster(
    withList(reader, lists),
    config,
    new Map(),
    more.map((each) => withList(each.reader, each.lists)),
  );
  const isWanted = wantedIdentities(roster.ok ? usedRoles(roster.value) : [], config);
  const asked = new Set<string>();
  const ofRegions = more.flatMap((each) => regionRequests(each.lists, each.reader));
  for (const request of [...accountRequests(lists, config, reader, isWanted), ...ofRegions]) {
    asked.add(keyOf(request));
    progress.listed[request.type] = (progress.listed[request.type] ?? 0) + 1;
    yield request;
  }
  const regions = [
    { scope: reader.scope, pipelines: lists.pipelines },
    ...more.map((each) => ({ scope: each.reader.scope, pipelines: each.lists.pipelines })),
  ] as const;
  const lookAt = lookAtState(lists, [regions[0], ...regions.slice(1)]);
  for await (const request of openRequests(dependencies, lookAt, progress)) {
    if (!asked.has(keyOf(request))) yield request;
  }
  const last = await dependencies.lastSweep();
  const { note: onEvent, silent } = arrivals(last, startedAt, { hasGlobal: dependencies.hasGlobalEvents });
  for await (const lost of lostEvents(dependencies, { last, until: startedAt, onEvent })) {
    if ('unread' in lost) {
      progress.gaps.push(lost.unread);
      continue;
    }
    if ('event' in lost) progress.events++;
    yield lost;
  }
  progress.silent = silent();
  for (const region of dependencies.offRegions ?? []) yield accountRequest({ ...reader.scope, region }, []);
  for (const each of more) yield accountRequest(each.reader.scope, listGaps(each.lists));
  yield accountRequest(reader.scope, progress.gaps);
}

/** Whether a trail is logging in every Region; undefined where that is not known of one, and no other lacks it. */
const allLogging = (regions: readonly (boolean | undefined)[]): boolean | undefined =>
  regions.includes(false) ? false : regions.includes(undefined) ? undefined : true;

/** By the whole ARN, as a role may have been deleted and created again under another path. */
const keyOf = ({ type, resource }: AuditRequest): string => `${type} ${resource.arn.toLowerCase()}`;

async function* openRequests(
  { readers: [reader], open }: SweepDependencies,
  lookAt: ReturnType<typeof lookAtState>,
  progress: SweepProgress,
): AsyncGenerator<AuditRequest> {
  try {
    for await (const resource of open()) {
      const look = lookAt(resource);
      if (!look) continue;
      const { request, isUnlisted } = look;
      yield isUnlisted && request.type === 'bucket'
        ? { ...request, deleted: await isGone(request.name, reader) }
        : request;
    }
  } catch (error) {
    // The table is throttled, or single states cannot be read. The requests of the lists must be sent all the same.
    progress.gaps.push(gapOf('Scan of the findings table', error));
  }
}

const isGone = async (bucket: string, reader: Reader): Promise<boolean> => {
  const tags = await reader.getBucketTags(bucket);
  return !tags.ok && tags.unread.code === ABSENT;
};

/**
 * The auditor reports this as a finding too, but hears of little while no trail is logging. So the sweep checks itself.
 */
const isLogging = async (reader: Reader, config: Config): Promise<boolean | undefined> => {
  const facts = trailFacts(reader.scope, await reader.readTrails());
  const [first] = evaluate([trailLogging], 'account', facts, config);
  if (!first || first.verdict.status === 'NOT_AVAILABLE') return undefined;
  return first.verdict.status !== 'FAILED';
};
