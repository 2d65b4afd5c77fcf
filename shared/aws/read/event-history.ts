import { setTimeout as sleep } from 'node:timers/promises';
import { type CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import type { LookedUp } from '../../sweep/lost-events.ts';
import { call } from './call.ts';

/** What to look up, and when to stop. CloudTrail takes one attribute at a time and gives the newest events first. */
export type LookUp = {
  attribute: { key: 'EventSource' | 'EventName'; value: string };
  since: Date;
  until: Date;
  maxPages: number;
  /** Waits until the next call may be made. */
  pace: () => Promise<void>;
  /** Whether the time for all look-ups is over. */
  isOver: () => boolean;
};

export const CUT = 'Cut';

/**
 * Records of the event history, which CloudTrail keeps for 90 days whether a trail is logging or not.
 * https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
 */
export async function* lookUpEvents(client: CloudTrailClient, lookUp: LookUp): AsyncGenerator<LookedUp> {
  const { attribute, since, until, maxPages, pace, isOver } = lookUp;
  const name = `LookupEvents of ${attribute.value}`;
  let oldest = until.toISOString();
  let token: string | undefined;
  for (let page = 0; page < maxPages && !isOver(); page++) {
    await pace();
    const answer = await call(name, () =>
      client.send(
        new LookupEventsCommand({
          LookupAttributes: [{ AttributeKey: attribute.key, AttributeValue: attribute.value }],
          StartTime: since,
          EndTime: until,
          MaxResults: 50,
          ...(token !== undefined && { NextToken: token }),
        }),
      ),
    );
    if (!answer.ok) return void (yield { unread: answer.unread });
    for (const { CloudTrailEvent, EventTime } of answer.value.Events ?? []) {
      if (EventTime) oldest = EventTime.toISOString();
      if (CloudTrailEvent !== undefined) yield { record: CloudTrailEvent };
    }
    token = answer.value.NextToken;
    if (token === undefined) return;
  }
  const message = `there are more events than a sweep reads: those from ${since.toISOString()} to ${oldest} were not read`;
  yield { unread: { call: name, code: CUT, message } };
}

/** CloudTrail allows two look-ups a second in each Region, for all callers together. */
const PAUSE_MS = 550;

/** A function that waits until the interval since its last call is over. */
export const everySoOften = (
  milliseconds = PAUSE_MS,
  now: () => number = Date.now,
  wait: (milliseconds: number) => Promise<unknown> = sleep,
): (() => Promise<void>) => {
  let next = 0;
  return async () => {
    const mine = Math.max(now(), next);
    next = mine + milliseconds;
    if (mine > now()) await wait(mine - now());
  };
};
