import { parseArn, sagemakerArn } from '../domain/arn.ts';
import type { Scope } from '../domain/scope.ts';
import { asList, asText, type Json, member } from '../json/json.ts';
import { remembered } from '../memo.ts';
import { bucketAsked, inputBuckets } from '../needs/inputs.ts';
import type { PipelineUse, RoleUse, StepNeed } from '../needs/pipeline-use.ts';
import {
  type PipelineRef,
  type RoleUses,
  type Roster,
  rosterOf,
  type UnreadPipeline,
} from '../needs/roster.ts';
import { type Entries, type Entry, existing } from './entries.ts';

/** What a pipeline asks, or why that is unknown. */
export type Asked = PipelineUse | UnreadPipeline;

/** The entries of a pipeline, by kind. */
export type PipelineEntries = Record<
  'pipelines' | 'bucket-pipelines' | 'whole-pipelines',
  Map<string, Entry>
>;

/** The key of a pipeline: a listing tells a pipeline’s name with its letter case, and its ARN has none. */
export const pipelineKey = (arn: string): string => arn.toLowerCase();

/** The place of all pipelines of a Region that could not be listed, beside the ARNs of pipelines. */
export const unlistedArn = (scope: Scope): string => sagemakerArn(scope, `pipeline/${ANY}`);

/** The Region whose pipelines could not be listed, where this is the key of all of them. */
export const unlistedRegion = (key: string): string | undefined =>
  key.endsWith(`:pipeline/${ANY}`) ? parseArn(key)?.region : undefined;

/** No pipeline has such a name. */
const ANY = '*';

const bucketKey = (bucket: string, key: string): string => `${bucket} ${key}`;

/** What an outline says besides: the buckets of inputs, and all buckets about which the index has an entry. */
const INPUT_BUCKETS = 'inputBuckets';
const BUCKETS = 'buckets';

/** The entries of a pipeline; null: it does not exist. `before` is its outline from before, whose buckets it may not use any more. */
export const pipelineEntries = (
  arn: string,
  asked: Asked | null,
  asOf: number,
  before?: Json,
): PipelineEntries => {
  const key = pipelineKey(arn);
  const entry = (value: object | null): Entry => ({ asOf, value: value as Json });
  const buckets = asked && !('why' in asked) ? bucketsOf(asked) : [];
  const outline = asked && {
    ...outlineOf(asked),
    ...('why' in asked ? {} : { [INPUT_BUCKETS]: inputBuckets(asked), [BUCKETS]: buckets }),
  };
  return {
    pipelines: new Map([[key, entry(outline)]]),
    'bucket-pipelines': new Map([
      ...textsIn(before, BUCKETS).map((bucket) => [bucketKey(bucket, key), entry(null)] as const),
      ...buckets.map((bucket) => [bucketKey(bucket, key), entry(asked && outlineOf(asked, bucket))] as const),
    ]),
    'whole-pipelines': new Map([[key, entry(asked)]]),
  };
};

const bucketsOf = ({ roles }: PipelineUse): string[] => [
  ...new Set(
    roles.flatMap(({ needs, handed }) => [...needs, ...handed].flatMap((each) => bucketAsked(each) ?? [])),
  ),
];

const outlineOf = (asked: Asked, bucket?: string): Asked =>
  'why' in asked ? asked : { ...asked, roles: asked.roles.map((use) => roleOutline(use, bucket)) };

/**
 * Looks at other roles and at the organization ask who reads for JsonGet, and a look at a bucket which inputs lie there and what
 * pipelines write there. All else is asked by looks at the role itself and at keys, and after a change of a bucket’s policy.
 */
const roleOutline = (use: RoleUse, bucket: string | undefined): RoleUse => {
  const isOfBucket = (each: StepNeed): boolean => bucket !== undefined && bucketAsked(each) === bucket;
  return {
    ...use,
    needs: use.needs.filter((each) => each.kind === 'json-get' || isOfBucket(each)),
    untold: use.untold.filter(({ kind }) => kind === 'json-get'),
    handed: use.handed.filter(isOfBucket),
    foreign: [],
    open: [],
  };
};

/** What the pipelines ask that entries tell, by key. */
export const askedByKey = (entries: Entries): [string, Asked][] =>
  existing(entries).map(([key, value]) => [key, value as unknown as Asked]);

/** The roster of the pipelines that entries tell; `before`: one of nearly the same pipelines. */
export const rosterFrom = (entries: Entries, before?: Roster): Roster =>
  rosterOf(
    askedByKey(entries).map(([, asked]) => asked),
    before,
  );

/**
 * The entries of a bucket’s pipelines; and the keys of the pipelines that ask something about it, of which no entry tells what.
 */
export const aboutBucket = (
  bucket: string,
  outlines: Entries,
  ofBuckets: Entries,
): { entries: Entries; untold: string[] } => {
  const entries = new Map<string, Entry>();
  const untold: string[] = [];
  for (const [key, { value }] of outlines) {
    if (!textsIn(value, BUCKETS).includes(bucket)) continue;
    const entry = ofBuckets.get(bucketKey(bucket, key));
    if (entry && entry.value !== null) entries.set(key, entry);
    else untold.push(key);
  }
  return { entries, untold };
};

/** The roster of all pipelines, with all that some of them ask about a bucket, and nothing of what others ask about others. */
export const withNeedsOf = (all: Roster, some: Roster): Roster => {
  const roles = new Map<string, RoleUses>();
  for (const [arn, uses] of all.roles) {
    const told = some.roles.get(arn);
    roles.set(arn, told ? { ...uses, needs: told.needs, handed: told.handed } : withoutNeeds(uses));
  }
  return { ...all, roles };
};

/** Most roles have nothing to do with a bucket, and what is found of their uses is the same for each bucket. */
const withoutNeeds = remembered(
  (uses: RoleUses): RoleUses =>
    uses.needs.length + uses.handed.length === 0 ? uses : { ...uses, needs: [], handed: [] },
);

/** By bucket, the pipelines with inputs there, each alone. */
export const pipelinesByInputBucket = (
  outlines: Entries,
): ReadonlyMap<string, readonly { pipelines: readonly PipelineRef[] }[]> => {
  const found = new Map<string, { pipelines: readonly PipelineRef[] }[]>();
  for (const [, value] of existing(outlines))
    for (const bucket of textsIn(value, INPUT_BUCKETS)) {
      const [name, arn] = [asText(member(value, 'name')) ?? '', asText(member(value, 'arn')) ?? ''];
      found.set(bucket, [...(found.get(bucket) ?? []), { pipelines: [{ name, arn }] }]);
    }
  return found;
};

const textsIn = (value: Json | undefined, key: string): string[] =>
  asList(member(value, key)).flatMap((each) => asText(each) ?? []);
