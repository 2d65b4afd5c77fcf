import type { Json } from '../json/json.ts';
import type { PipelineUse, RoleUse, StepNeed } from '../needs/pipeline-use.ts';
import { type Roster, rosterOf, type UnreadPipeline } from '../needs/roster.ts';
import { type Entries, type Entry, existing } from './entries.ts';

/** What a pipeline asks, or why that is unknown. */
export type Asked = PipelineUse | UnreadPipeline;

/** The entries of a pipeline, by kind. A listing tells a pipeline’s name with its letter case, and its ARN has none. */
export const pipelineEntries = (
  arn: string,
  asked: Asked | null,
  asOf: number,
): Record<'pipelines' | 'whole-pipelines', Map<string, Entry>> => {
  const of = (value: Asked | null): Map<string, Entry> =>
    new Map([[arn.toLowerCase(), { asOf, value: value as unknown as Json }]]);
  return { pipelines: of(asked && outlineOf(asked)), 'whole-pipelines': of(asked) };
};

const outlineOf = (asked: Asked): Asked =>
  'why' in asked ? asked : { ...asked, roles: asked.roles.map(roleOutline) };

/**
 * Looks at other roles and at buckets ask which files of JsonGet and which code a pipeline reads, what it writes, and to whom it passes
 * roles. All else is asked by looks at the role itself and at keys, and after a change of a bucket’s policy.
 */
const roleOutline = (use: RoleUse): RoleUse => ({
  ...use,
  needs: use.needs.filter(mattersToOthers),
  untold: use.untold.filter(mattersToOthers),
  foreign: [],
  open: [],
});

const mattersToOthers = ({ kind, need }: StepNeed): boolean =>
  kind === 'json-get' || kind === 'pass-role' || need.isCode === true || need.action === 's3:PutObject';

/** What the pipelines ask that entries tell, by key. */
export const askedByKey = (entries: Entries): [string, Asked][] =>
  existing(entries).map(([key, value]) => [key, value as unknown as Asked]);

/** The roster of the pipelines that entries tell. */
export const rosterFrom = (entries: Entries): Roster =>
  rosterOf(askedByKey(entries).map(([, asked]) => asked));
