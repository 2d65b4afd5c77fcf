import type { CachedReader } from '../../shared/facts/cached-reader.ts';
import type { Reader } from '../../shared/facts/reader.ts';
import type { ResourceType } from '../../shared/findings/finding.ts';
import type { ChangedResource } from './audit-batch.ts';

/** A word that is another one after each change of what instances of the function keep in their caches. */
export type ChangeMark = { read(): Promise<string>; renew(): Promise<void> };

/** A Reader that keeps nothing longer than until another instance has told of a change. */
export type HeedingReader = {
  reader: Reader;
  forget: (resources: readonly ChangedResource[]) => Promise<void>;
};

/** What is cached across batches: of pipelines, jobs and executions nothing is that could change. */
const CACHED: readonly ResourceType[] = ['role', 'user', 'group', 'policy', 'organization', 'bucket'];

/**
 * Makes instances of the function heed each other's events: only one of them is given the event of a change, and what the
 * others have cached for a minute would undo its verdict. `forget` begins a batch; its first read of something that is
 * cached looks whether another instance has renewed the mark, and drops all where it has, or where that cannot be told.
 */
export const heedChanges = (cached: CachedReader, mark: ChangeMark): HeedingReader => {
  let known: string | undefined;
  let heeded: Promise<void> | undefined;
  const look = async (): Promise<void> => {
    const now = await mark.read().catch(() => undefined);
    if (now !== known || now === undefined) cached.forgetAll();
    known = now;
  };
  const heeding =
    <A extends unknown[], T>(read: (...given: A) => Promise<T>) =>
    async (...given: A): Promise<T> => {
      heeded ??= look();
      await heeded;
      return read(...given);
    };
  return {
    reader: {
      ...cached,
      getRole: heeding(cached.getRole),
      getBucketCors: heeding(cached.getBucketCors),
      getBucketTags: heeding(cached.getBucketTags),
      getBucketPolicy: heeding(cached.getBucketPolicy),
      getKeyPolicy: heeding(cached.getKeyPolicy),
      readIdentities: heeding(cached.readIdentities),
      readOrganizationPolicies: heeding(cached.readOrganizationPolicies),
    },
    forget: async (resources) => {
      heeded = undefined;
      for (const resource of resources) cached.forget(resource);
      if (resources.some(({ type }) => CACHED.includes(type))) await mark.renew();
    },
  };
};
