import type { Scope } from '../domain/scope.ts';
import {
  AUDITED_SERVICES,
  auditedOperations,
  EVENT_SOURCES,
  type EventSource,
  isBusy,
  regionOfRecords,
} from '../events/audited-calls.ts';
import type { FieldSelector, TrailFact } from '../reader/reader.ts';

/** The fields of a record that decide whether a trail logs it. */
type Logged = { eventCategory: string; eventSource: string; eventName: string };

/**
 * Whether one of the selectors logs every record of this write call. A condition on a field that records may lack
 * (such as who called) leaves out some records, so it counts as not met.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/filtering-data-events.html
 */
const logsEvery = (selectors: readonly (readonly FieldSelector[])[], call: Logged): boolean => {
  const fields = new Map([['eventType', 'AwsApiCall'], ['readOnly', 'false'], ...Object.entries(call)]);
  return selectors.some(
    (conditions) =>
      conditions.length > 0 && conditions.every((condition) => meets(fields.get(condition.field), condition)),
  );
};

const meets = (value: string | undefined, condition: FieldSelector): boolean => {
  if (value === undefined) return false;
  const { equals, startsWith, endsWith, notEquals = [], notStartsWith = [], notEndsWith = [] } = condition;
  return (
    (!equals || equals.includes(value)) &&
    (!startsWith || startsWith.some((start) => value.startsWith(start))) &&
    (!endsWith || endsWith.some((end) => value.endsWith(end))) &&
    !notEquals.includes(value) &&
    !notStartsWith.some((start) => value.startsWith(start)) &&
    !notEndsWith.some((end) => value.endsWith(end))
  );
};

/** Whether the trail delivers that Region's records to EventBridge in the same Region. */
export const logsIn = (
  { homeRegion, isMultiRegion }: Pick<TrailFact, 'homeRegion' | 'isMultiRegion'>,
  region: string,
): boolean => isMultiRegion || homeRegion === region;

/** The audited calls of a service, and the Region in which their records arrive. */
export type AuditedCalls = { source: EventSource; region: string; operations: readonly string[] };

/** The calls that the account's own trails must log for audits to start from them. */
export const auditedCallsOf = (scope: Scope): AuditedCalls[] =>
  EVENT_SOURCES.filter(
    (source) => AUDITED_SERVICES[source].loggedIn === 'own account' && !isBusy(source),
  ).map((source) => ({
    source,
    region: regionOfRecords(source, scope),
    operations: auditedOperations(source),
  }));

/** The calls that no trail is known to log. */
export const missedBy = (
  trails: readonly TrailFact[],
  { source, region, operations }: AuditedCalls,
): string[] =>
  operations.filter((eventName) => {
    const call = { eventCategory: AUDITED_SERVICES[source].category, eventSource: source, eventName };
    return !trails.some(
      (trail) =>
        logsIn(trail, region) &&
        trail.isLogging.ok &&
        trail.isLogging.value &&
        trail.selectors.ok &&
        logsEvery(trail.selectors.value, call),
    );
  });
