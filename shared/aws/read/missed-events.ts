import type { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import type { Scope } from '../../domain/scope.ts';
import {
  auditedOperations,
  EVENT_SOURCES,
  type EventSource,
  isBusy,
  regionOfRecords,
} from '../../events/audited-calls.ts';
import type { LookedUp } from '../../sweep/lost-events.ts';
import type { AwsClients } from './aws-clients.ts';
import { CUT, everySoOften, lookUpEvents } from './event-history.ts';

/** 40 pages hold two thousand events. Where a service has more in one interval, most of them are calls that read. */
const MAX_PAGES = 40;
const MAX_PAGES_OF_A_CALL = 20;

/** The time to look up, and how fast. */
export type Window = { since: Date; until: Date; isOver: () => boolean; pause?: number };

/**
 * The records of audited calls whose events may have been lost. Reading calls fill the history of a busy service. Where
 * it has too many pages, or always has, each audited call is looked up by its name, which takes longer.
 */
export async function* missedEvents(
  cloudtrail: AwsClients['cloudtrail'],
  scopes: readonly Scope[],
  { since, until, isOver, pause }: Window,
): AsyncGenerator<LookedUp> {
  const paces = new Map<string, () => Promise<void>>();
  for (const { source, region } of placesOf(scopes)) {
    const pace = paces.get(region) ?? everySoOften(pause);
    paces.set(region, pace);
    yield* ofSource(await cloudtrail(region), source, { since, until, pace, isOver });
  }
}

/** Where the records of each service are: those of IAM and Organizations are in one Region for all. */
const placesOf = (scopes: readonly Scope[]): { source: EventSource; region: string }[] =>
  EVENT_SOURCES.flatMap((source) =>
    [...new Set(scopes.map((scope) => regionOfRecords(source, scope)))].map((region) => ({ source, region })),
  );

async function* ofSource(
  client: CloudTrailClient,
  source: EventSource,
  about: Omit<Parameters<typeof lookUpEvents>[1], 'attribute' | 'maxPages'>,
): AsyncGenerator<LookedUp> {
  let isCut = isBusy(source);
  const all = { key: 'EventSource', value: source } as const;
  if (!isCut)
    for await (const looked of lookUpEvents(client, { ...about, attribute: all, maxPages: MAX_PAGES })) {
      if ('unread' in looked && looked.unread.code === CUT) isCut = true;
      else yield looked;
    }
  if (!isCut) return;
  for (const operation of auditedOperations(source)) {
    const attribute = { key: 'EventName', value: operation } as const;
    yield* lookUpEvents(client, { ...about, attribute, maxPages: MAX_PAGES_OF_A_CALL });
  }
}
