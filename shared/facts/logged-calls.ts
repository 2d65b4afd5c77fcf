import type { FieldSelector, TrailFact } from '../reader/reader.ts';

/** The part of a record that says whether a trail logs it. */
type Logged = { eventCategory: string; eventSource: string; eventName: string };

/**
 * Whether every record of that call, which writes, is logged by one of the selectors. A condition on what a record tells only when
 * it is there (who called, from where) leaves some of them out, and so counts as not met.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/filtering-data-events.html
 */
export const logsEvery = (selectors: readonly (readonly FieldSelector[])[], call: Logged): boolean => {
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

/** Whether the trail's records of that Region reach EventBridge there. */
export const logsIn = (
  { homeRegion, isMultiRegion }: Pick<TrailFact, 'homeRegion' | 'isMultiRegion'>,
  region: string,
): boolean => isMultiRegion || homeRegion === region;
