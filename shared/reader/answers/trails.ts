import { asList, asText, isObject, type Json, member } from '../../json/json.ts';
import { found, notRead, type Read } from '../read-result.ts';
import type { FieldSelector, TrailFact } from '../reader.ts';
import { INCOMPLETE } from './describe.ts';

/** The Region of a partition in which the records of IAM arrive. */
export const globalRegionOf = (partition: string): string => GLOBAL_REGIONS[partition] ?? 'us-east-1';

/** IAM answers in one Region of each partition: https://docs.aws.amazon.com/general/latest/gr/iam-service.html */
const GLOBAL_REGIONS: Readonly<Record<string, string>> = {
  'aws-cn': 'cn-north-1',
  'aws-us-gov': 'us-gov-west-1',
  'aws-iso': 'us-iso-east-1',
  'aws-iso-b': 'us-isob-east-1',
  'aws-iso-e': 'eu-isoe-west-1',
  'aws-iso-f': 'us-isof-south-1',
  'aws-eusc': 'eusc-de-east-1',
};

/**
 * A trail, from the outputs of DescribeTrails, GetTrailStatus and GetEventSelectors; undefined where it has no ARN or
 * Region.
 */
export const trailFact = (trail: Json, status: Read<Json>, selectors: Read<Json>): TrailFact | undefined => {
  const arn = asText(member(trail, 'TrailARN'));
  const homeRegion = asText(member(trail, 'HomeRegion'));
  if (arn === undefined || homeRegion === undefined) return undefined;
  return {
    arn,
    homeRegion,
    isMultiRegion: member(trail, 'IsMultiRegionTrail') === true,
    isLogging: status.ok ? isLogging(status.value) : status,
    selectors: selectors.ok ? selectorsOf(selectors.value) : withoutAnswer(trail, selectors),
    ...(member(trail, 'IsOrganizationTrail') === true && { isOrganizationTrail: true }),
  };
};

/**
 * CloudTrail refuses the selectors of an organization's trail to its members. A trail without selectors of its own logs
 * all management events.
 * https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_PutEventSelectors.html
 */
const withoutAnswer = (trail: Json, refused: Read<never>): TrailFact['selectors'] =>
  member(trail, 'HasCustomEventSelectors') === false ? found([[MANAGEMENT]]) : refused;

const isLogging = (status: Json): Read<boolean> => {
  const value = member(status, 'IsLogging');
  return typeof value === 'boolean'
    ? found(value)
    : notRead('GetTrailStatus', INCOMPLETE, 'the answer does not say whether the trail is logging');
};

const selectorsOf = (answer: Json): Read<FieldSelector[][]> => {
  const basic = member(answer, 'EventSelectors');
  const advanced = member(answer, 'AdvancedEventSelectors');
  if (basic === undefined && advanced === undefined)
    return notRead('GetEventSelectors', INCOMPLETE, 'the answer holds no selectors');
  return found([...asList(basic).flatMap(basicSelector), ...asList(advanced).map(advancedSelector)]);
};

const MANAGEMENT: FieldSelector = { field: 'eventCategory', equals: ['Management'] };

/** https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_EventSelector.html */
const basicSelector = (selector: Json): FieldSelector[][] => {
  if (member(selector, 'IncludeManagementEvents') === false) return [];
  const readWrite = asText(member(selector, 'ReadWriteType')) ?? 'All';
  const excluded = textsOf(member(selector, 'ExcludeManagementEventSources'));
  return [
    [
      MANAGEMENT,
      ...(readWrite === 'All' ? [] : [{ field: 'readOnly', equals: [String(readWrite === 'ReadOnly')] }]),
      ...(excluded.length > 0 ? [{ field: 'eventSource', notEquals: excluded }] : []),
    ],
  ];
};

const OPERATORS = {
  Equals: 'equals',
  StartsWith: 'startsWith',
  EndsWith: 'endsWith',
  NotEquals: 'notEquals',
  NotStartsWith: 'notStartsWith',
  NotEndsWith: 'notEndsWith',
} as const;

/** https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_AdvancedFieldSelector.html */
const advancedSelector = (selector: Json): FieldSelector[] =>
  asList(member(selector, 'FieldSelectors'))
    .filter(isObject)
    .map((condition) => {
      const operators = Object.entries(OPERATORS).flatMap(([name, as]): [string, string[]][] => {
        const values = textsOf(member(condition, name));
        return values.length > 0 ? [[as, values]] : [];
      });
      return { field: asText(member(condition, 'Field')) ?? '', ...Object.fromEntries(operators) };
    });

const textsOf = (value: Json | undefined): string[] => asList(value).flatMap((text) => asText(text) ?? []);
