import { AUDITED_SERVICES, type EventSource, isBusy } from '../events/audited-calls.ts';
import { asText, type Json, memberAnyCase } from '../json/json.ts';

/** A service and a Region of whose events none has arrived, and how many the history has. */
export type SilentSource = { eventSource: string; region: string; events: number };

/** Compares what CloudTrail’s history has with what was handled. */
export type Arrivals = {
  note: (record: Json, isHandled: boolean) => void;
  silent: () => SilentSource[];
};

/** CloudTrail delivers an event within some minutes, and an event may wait for a batch. */
const ON_THE_WAY_MS = 30 * 60 * 1000;

/**
 * Which events never arrive, by what happened after the last sweep (`since`) and half an hour before this one (`until`): what an earlier sweep
 * has found counts as handled, too, and newer events may be on their way. Without an earlier sweep nothing is known, because the events may be
 * older than the deployment. A single event may be lost or fail; where all of a service and Region do, no rule sends them, or no trail logs them.
 * Rules leave out failed calls and what services do themselves, and trails leave out busy services. `hasGlobal`: whether the events of services that send theirs to one
 * Region of a partition are forwarded at all.
 */
export const arrivals = (
  since: Date | undefined,
  until: Date,
  { hasGlobal }: { hasGlobal: boolean },
): Arrivals => {
  const places = new Map<string, SilentSource & { arrived: number }>();
  const isJudged = (record: Json): boolean => {
    const at = Date.parse(asText(memberAnyCase(record, 'eventTime')) ?? '');
    return (
      since !== undefined &&
      at > since.valueOf() &&
      at <= until.valueOf() - ON_THE_WAY_MS &&
      memberAnyCase(record, 'eventType') === 'AwsApiCall' &&
      memberAnyCase(record, 'errorCode') === undefined
    );
  };
  return {
    note: (record, isHandled) => {
      const eventSource = asText(memberAnyCase(record, 'eventSource')) ?? '';
      const region = asText(memberAnyCase(record, 'awsRegion')) ?? '';
      if (!isExpected(eventSource, hasGlobal) || !isJudged(record)) return;
      const key = `${eventSource} ${region}`;
      const place = places.get(key) ?? { eventSource, region, events: 0, arrived: 0 };
      places.set(key, { ...place, events: place.events + 1, arrived: place.arrived + (isHandled ? 1 : 0) });
    },
    silent: () => [...places.values()].flatMap(({ arrived, ...place }) => (arrived === 0 ? [place] : [])),
  };
};

const isExpected = (eventSource: string, hasGlobal: boolean): boolean => {
  if (!Object.hasOwn(AUDITED_SERVICES, eventSource)) return false;
  const source = eventSource as EventSource;
  return !isBusy(source) && (hasGlobal || AUDITED_SERVICES[source].arrivesIn !== 'global');
};
