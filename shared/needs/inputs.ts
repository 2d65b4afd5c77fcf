import { remembered } from '../memo.ts';
import type { Need, NeedKind } from './need.ts';
import type { PipelineUse } from './pipeline-use.ts';
import type { PipelineRef, Roster } from './roster.ts';

/** A file, or a pattern of files, that decides what pipelines do, and the pipelines that read it. */
export type InputFile = { resource: string; pipelines: readonly PipelineRef[] };

/** Files of JsonGet, which decide what a pipeline does next, code, and models, which are code too. */
const isInput = ({ kind, need }: { kind: NeedKind; need: Need }): boolean =>
  need.action === 's3:GetObject' && (kind === 'json-get' || need.isCode === true);

const bucketOf = (resource: string): string | undefined => /^arn:[^:]*:s3:::([^/*?]+)\//.exec(resource)?.[1];

/** The bucket about which a need is that looks at buckets ask for: a pipeline reads an input there, or writes there. */
export const bucketAsked = (asked: { kind: NeedKind; need: Need }): string | undefined =>
  isInput(asked) || asked.need.action === 's3:PutObject' ? bucketOf(asked.need.resource) : undefined;

/** The inputs that are read under a role, or that a pipeline under it hands to a service. */
const inputsOf = <N extends { kind: NeedKind; need: Need }>({
  needs,
  handed,
}: {
  needs: readonly N[];
  handed: readonly N[];
}): N[] => [...needs, ...handed].filter(isInput);

/** The buckets in which inputs of one pipeline lie. */
export const inputBuckets = ({ roles }: Pick<PipelineUse, 'roles'>): string[] => [
  ...new Set(roles.flatMap((role) => inputsOf(role).flatMap(({ need }) => bucketOf(need.resource) ?? []))),
];

/** For each bucket all inputs in it, in an order that does not hang on that of the roles. */
export const inputsByBucket = remembered(({ roles }: Roster): ReadonlyMap<string, readonly InputFile[]> => {
  const found = new Map<string, Map<string, { resource: string; pipelines: PipelineRef[] }>>();
  for (const uses of roles.values())
    for (const { need, askers, count } of inputsOf(uses)) {
      const { resource } = need;
      const bucket = bucketOf(resource);
      if (bucket === undefined) continue;
      const files = found.get(bucket) ?? new Map<string, { resource: string; pipelines: PipelineRef[] }>();
      found.set(bucket, files);
      const file = files.get(resource) ?? { resource, pipelines: [] };
      files.set(resource, file);
      for (const { pipeline } of askers)
        if (!file.pipelines.includes(pipeline)) file.pipelines.push(pipeline);
      // Of many askers the first are told alone: any pipeline of the role may be among the others.
      if (count > askers.length)
        file.pipelines = [...new Set([...file.pipelines, ...uses.executes, ...uses.runsSteps])];
    }
  return new Map(
    [...found].map(([bucket, files]) => [
      bucket,
      [...files.values()].toSorted((one, other) => (one.resource < other.resource ? -1 : 1)),
    ]),
  );
});
