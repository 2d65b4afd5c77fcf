import pLimit from 'p-limit';
import { groupBy } from '../group-by.ts';
import type { PolicyIndex } from '../iam/decide/policy-index.ts';
import { once } from '../memo.ts';
import { isBucketOfAws } from '../needs/aws-buckets.ts';
import type { RoleUses } from '../needs/roster.ts';
import type { Read } from '../reader/read-result.ts';
import { type AccountEvidence, unreadLayer } from './account-evidence.ts';
import type { ResourcePolicies } from './facts.ts';

const BUCKET = /^arn:[^:]*:s3:::([^/]+)/;
const READING = /^s3:(?:Get|List)/;
const ALIAS = /^(?:arn:[^:]*:kms:[^:]*:[^:]*:)?alias\//;
const KEY_ID = /^[A-Za-z0-9-]+$/;
const KEY = /^arn:[^:]*:kms:[^:]*:[^:]*:key\/[^*]+$/;

/**
 * The most policies of buckets, and of keys, that one look at a role reads. Pipelines need tens of them; a definition can
 * name ten thousand.
 */
const MAX_POLICIES = 500;
const CONCURRENCY = 8;

/**
 * The policies of the buckets and keys that the role needs. A policy that is not read counts as unknown. Nobody is told the
 * policies of AWS’s own buckets: what is read from these is up to the role’s policies alone.
 */
export const policiesOfResources = async (
  { needs, foreign }: RoleUses,
  evidence: AccountEvidence,
): Promise<ResourcePolicies> => {
  const named: Named[] = [
    ...needs.flatMap(({ askers, need: { action, resource } }) => {
      const name = BUCKET.exec(resource)?.[1];
      return name === undefined || (isBucketOfAws(name) && READING.test(action))
        ? []
        : { name, pipeline: askers[0]?.pipeline.name ?? '' };
    }),
    ...foreign.flatMap(({ pipeline, places }) =>
      places.flatMap(({ bucket }) =>
        isBucketOfAws(bucket) ? [] : { name: bucket, pipeline: pipeline.name },
      ),
    ),
  ];
  const keys = needs.flatMap(({ askers, need: { alias, resource } }): Named[] => {
    const name = alias ?? (KEY.test(resource) ? resource : undefined);
    return name === undefined ? [] : [{ name, pipeline: askers[0]?.pipeline.name ?? '' }];
  });
  return {
    buckets: await policiesOf('bucket', named, evidence.bucketPolicy),
    keys: await policiesOf('key', keys, evidence.keyPolicy),
    aliases: await keysBehind(keys, evidence),
  };
};

/** The ids of the keys behind aliases, whose policies are read already. Each Region has aliases of its own. */
const keysBehind = async (
  named: readonly Named[],
  { keyId, scope }: AccountEvidence,
): Promise<Map<string, string>> => {
  const aliases = fewestFirst(named)
    .slice(0, MAX_POLICIES)
    .filter((name) => ALIAS.test(name) && (scope.regions.length === 1 || name.startsWith('arn:')));
  const ids = await Promise.all(
    aliases.map(async (alias) => {
      const id = await keyId(alias);
      return id.ok && id.value !== undefined && KEY_ID.test(id.value) ? [[alias, id.value] as const] : [];
    }),
  );
  return new Map(ids.flat());
};

/** A resource, and the first pipeline that names it. */
type Named = { name: string; pipeline: string };

const policiesOf = async <T extends PolicyIndex | undefined>(
  what: 'bucket' | 'key',
  named: readonly Named[],
  read: (name: string) => Promise<Read<T>>,
): Promise<Map<string, T | PolicyIndex>> => {
  const names = fewestFirst(named);
  const limit = pLimit(CONCURRENCY);
  const policies = await limit.map(names.slice(0, MAX_POLICIES), async (name) => {
    const policy = await read(name);
    const value = policy.ok
      ? policy.value
      : unreadLayer(`policy of ${what} ${name}`, 'resource', policy.unread);
    return [name, value] as const;
  });
  const others = names.slice(MAX_POLICIES);
  const left = once(() =>
    unreadLayer(`policies of ${others.length} other ${what}s`, 'resource', {
      call: what === 'bucket' ? 'GetBucketPolicy' : 'GetKeyPolicy',
      code: 'TooMany',
      message: `the pipelines of the role name ${names.length} ${what}s, and the policies of ${MAX_POLICIES} are read`,
    }),
  );
  return new Map([...policies, ...others.map((name) => [name, left()] as const)]);
};

/** The names, each once: those of pipelines that name few come first, so that one that names many leaves the others theirs. */
const fewestFirst = (named: readonly Named[]): string[] => {
  const ofPipelines = [...groupBy(named, ({ pipeline }) => pipeline).values()].map(
    (group) => new Set(group.map(({ name }) => name)),
  );
  return [...new Set(ofPipelines.toSorted((a, b) => a.size - b.size).flatMap((names) => [...names]))];
};
