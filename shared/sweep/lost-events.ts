import type { Unread } from '../domain/gap.ts';
import { asText, type Json, type JsonObject, memberAnyCase } from '../json/json.ts';
import { parseJson } from '../json/json-text.ts';
import type { AccountReaders } from '../reader/reader.ts';
import type { AuditRequest } from '../requests/audit-request.ts';
import { gapOf } from './gap-of.ts';
import { lostEvent } from './messages.ts';

/** A record of the event history as text, or why no further records could be read. */
export type LookedUp = { record: string } | { unread: Unread };

/** Where a sweep looks for lost events. */
export type EventHistory = {
  readers: AccountReaders;
  missedEvents: (since: Date, until: Date) => AsyncIterable<LookedUp>;
  /** The ids of the events that the auditor has handled between these times, or more. */
  handledEvents: (since: Date, until: Date) => Promise<ReadonlySet<string>>;
};

/** Hears of each event that needs a look whether the auditor has handled it already. Not called where nobody can tell. */
export type OnEvent = (record: Json, isHandled: boolean) => void;

/** A request, or an event in the form in which EventBridge would have delivered it. */
export type RequestOrEvent = AuditRequest | { event: JsonObject };

const HOUR_MS = 60 * 60 * 1000;
/** Older events were read by earlier sweeps, or they happened while no sweep ran. */
const MAX_LOOK_BACK_MS = 48 * HOUR_MS;
/** CloudTrail lists an event only some minutes after it happened, so that two sweeps overlap. */
const OVERLAP_MS = HOUR_MS / 2;

/** The events since the last sweep (`last`) that the auditor may have missed, and what could not be read. */
export async function* lostEvents(
  { readers: [reader], missedEvents, handledEvents }: EventHistory,
  { last, until, onEvent }: { last: Date | undefined; until: Date; onEvent: OnEvent },
): AsyncGenerator<RequestOrEvent | { unread: Unread }> {
  const from = (last?.valueOf() ?? 0) - OVERLAP_MS;
  const since = new Date(Math.max(from, until.valueOf() - MAX_LOOK_BACK_MS));
  let handled: ReadonlySet<string> | undefined;
  try {
    handled = await handledEvents(since, until);
  } catch (error) {
    // All events are then looked at again, which changes nothing.
    yield { unread: gapOf('Query of the findings table', error) };
  }
  for await (const looked of missedEvents(since, until)) {
    if ('unread' in looked) {
      yield looked;
      continue;
    }
    const record = parseJson(looked.record);
    if (!record.ok) {
      yield { unread: { call: 'LookupEvents', code: 'Unreadable', message: record.error.message } };
      continue;
    }
    if (handled?.has(asText(memberAnyCase(record.value, 'eventID')) ?? '')) {
      onEvent(record.value, true);
      continue;
    }
    const lost = lostEvent(record.value, reader.scope);
    if (handled && ('event' in lost || lost.requests.length > 0)) onEvent(record.value, false);
    if ('event' in lost) yield lost;
    else yield* lost.requests;
  }
}
