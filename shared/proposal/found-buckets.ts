import { extraCorsRules, sortedRules } from '../policies/required-cors.ts';
import type { CorsRule } from '../reader/reader.ts';
import { counted } from '../text/counted.ts';
import { listed } from '../text/listed.ts';
import type { Noted } from './noted.ts';
import type { PipelineSurvey } from './survey.ts';

/** Buckets with images, and buckets of manifests of which nothing else says that images lie in them. */
export type FoundBuckets = { names: Noted<string>[]; hasGroundTruth: boolean; manifestsAlone: string[] };

/**
 * The buckets that images are read from. A bucket in which a manifest of images lies counts if it has CORS rules, which
 * only a bucket needs whose objects browsers open.
 */
export const foundBuckets = (
  pipelines: readonly PipelineSurvey[],
  cors: ReadonlyMap<string, readonly CorsRule[]>,
): FoundBuckets => {
  const read = usersOf(pipelines, ({ imageBuckets }) => imageBuckets);
  const listing = usersOf(pipelines, ({ manifestBuckets }) => manifestBuckets);
  const manifests = [...listing].filter(([bucket]) => !read.has(bucket));
  const isOpened = (bucket: string): boolean => (cors.get(bucket) ?? []).length > 0;
  const names = [
    ...[...read].map(([value, names]) => ({
      value,
      notes: [`images are read from it in ${counted(names.length, 'pipeline')}: ${listed(names, 3)}`],
    })),
    ...manifests
      .filter(([bucket]) => isOpened(bucket))
      .map(([value, names]) => ({
        value,
        notes: [
          `a manifest of images lies in it, and it has CORS rules, in ${counted(names.length, 'pipeline')}: ${listed(names, 3)}`,
        ],
      })),
  ].toSorted(({ value: one }, { value: other }) => (one < other ? -1 : 1));
  const groundTruth = extraCorsRules({ imageBuckets: { extraRules: ['ground-truth'] } });
  return {
    names,
    hasGroundTruth: names.some(
      ({ value }) => sortedRules(cors.get(value) ?? [], groundTruth).kept.length > 0,
    ),
    manifestsAlone: manifests
      .map(([bucket]) => bucket)
      .filter((bucket) => !isOpened(bucket))
      .toSorted(),
  };
};

const usersOf = (
  pipelines: readonly PipelineSurvey[],
  bucketsOf: (pipeline: PipelineSurvey) => readonly string[],
): Map<string, string[]> => {
  const users = new Map<string, string[]>();
  for (const pipeline of pipelines)
    for (const bucket of bucketsOf(pipeline))
      users.set(bucket, [...(users.get(bucket) ?? []), pipeline.name]);
  return users;
};
