import type { Scope } from '../domain/scope.ts';
import type { Identity } from '../iam/decide/authorization-details.ts';
import { isObject, type Json } from '../json/json.ts';
import { once } from '../memo.ts';
import { corsRules } from '../reader/answers/cors.ts';
import { describedJob, pipelineFact } from '../reader/answers/describe.ts';
import { policyIn } from '../reader/answers/policy-document.ts';
import { tagsOf } from '../reader/answers/tags.ts';
import { ABSENT, found, NOT_DECLARED, notRead, type Read } from '../reader/read-result.ts';
import type { Reader } from '../reader/reader.ts';
import { unreadReader } from '../reader/unread-reader.ts';
import type { DeclaredResource } from './declared.ts';
import { declaredIdentities } from './declared-identities.ts';
import { isUndeclared, ofType } from './of-type.ts';
import { keyOfNamed, pipelineKey, type Staying, whatStays } from './what-stays.ts';

/** The reader of an account’s Region of which nothing is known but what is declared. */
export const nothingBeside = (scope: Scope): Reader =>
  unreadReader(scope, {
    call: 'Declarations',
    code: NOT_DECLARED,
    message: 'only the account tells it; give --snapshot or --live',
  });

/**
 * The account as it is once what is declared is deployed: `base` is the account in one Region as it is now, and the declared
 * resources stand over it. `ofAccount` are the declared resources of all its Regions, and `earlier` those that the source declared before,
 * where it tells them: what is not among the former any more is taken away. `others` stand for the roles of an account of which nothing is
 * known.
 */
export const declaredReader = (
  base: Reader,
  ofAccount: readonly DeclaredResource[],
  others: readonly Identity[] = [],
  earlier?: readonly DeclaredResource[],
): Reader => {
  const { scope } = base;
  const ofRegion = ofAccount.filter((each) => each.scope.region === scope.region);
  const pipelines = byLowerName(ofType(ofRegion, 'pipeline'));
  const jobs = ofType(ofRegion, 'job');
  const stays = whatStays(ofAccount, earlier);
  const isGone = (name: string): boolean => stays.isGone(pipelineKey(scope.region, name));
  const identities = once(async () =>
    declaredIdentities(await base.readIdentities(), ofAccount, others, earlier),
  );
  return {
    ...base,
    ...declaredBuckets(base, ofAccount, stays),
    describePipeline: async (name) => {
      const declared = pipelines.get(name.toLowerCase());
      if (!declared) return isGone(name) ? takenAway(`pipeline ${name}`) : base.describePipeline(name);
      const { entry, address, why } = declared;
      const untold = why === undefined ? undefined : { call: address, code: NOT_DECLARED, message: why };
      // Who does not know the definition still knows the role, which may be dangerous whatever the steps are.
      const source = untold && isObject(entry) ? { ...entry, PipelineDefinition: '{}' } : entry;
      const described = pipelineFact(source, address, scope, declared.name);
      if (!described.ok) return untold ? { ok: false, unread: untold } : described;
      return found({
        ...described.value,
        ...(untold && { definitionText: '', untoldDefinition: untold }),
        isDeclared: true,
      });
    },
    listPipelines: async () => {
      const listed = await base.listPipelines();
      const own = [...pipelines.values()].map(({ name }) => ({ name }));
      return withOwn(listed, own, ({ name }) => !pipelines.has(name.toLowerCase()) && !isGone(name));
    },
    describeJob: async (kind, name) => {
      const declared = jobs.find((each) => each.kind === kind && each.name === name);
      return declared
        ? describedJob(kind, declared.entry, declared.address, { scope, nameAsked: name })
        : base.describeJob(kind, name);
    },
    listJobs: async () => {
      const listed = await base.listJobs();
      const own = jobs.map(({ kind, name }) => ({ kind, name }));
      return withOwn(listed, own, (each) =>
        own.every(({ kind, name }) => kind !== each.kind || name !== each.name),
      );
    },
    readIdentities: identities,
    getRole: async (name) => {
      const read = await identities();
      const role = read.ok ? read.value.identities.find((each) => isRoleNamed(each, name)) : undefined;
      if (role) return found({ name: role.name, arn: role.principal.arn });
      return stays.isGone(keyOfNamed('role', name)) ? takenAway(`role ${name}`) : base.getRole(name);
    },
    getKeyPolicy: async (key) => {
      const declared = ofType(ofAccount, 'key').find(({ names }) => names.includes(key));
      if (!declared) return base.getKeyPolicy(key);
      const policy = policyOf(declared.policy, declared.address);
      return policy.ok ? found({ policy: policy.value }) : policy;
    },
  };
};

/** A list of the account with what is declared. That the account’s list cannot be read hides nothing of what is declared. */
const withOwn = <T>(listed: Read<T[]>, own: readonly T[], isOther: (each: T) => boolean): Read<T[]> =>
  listed.ok
    ? { ...listed, value: [...listed.value.filter(isOther), ...own] }
    : { ok: true, value: [...own], ...(!isUndeclared(listed.unread) && { rest: listed.unread }) };

const takenAway = (what: string): Read<never> => notRead(what, ABSENT, 'it is taken away');

const isRoleNamed = ({ principal, name }: Identity, wanted: string): boolean =>
  principal.kind === 'role' && name.toLowerCase() === wanted.toLowerCase();

const byLowerName = <T extends { name: string }>(resources: readonly T[]): Map<string, T> =>
  new Map(resources.map((each) => [each.name.toLowerCase(), each]));

const policyOf = (source: Json, address: string): Read<Json> => {
  const policy = policyIn(source);
  return policy === undefined
    ? notRead(address, NOT_DECLARED, 'its policy cannot be told before the deployment')
    : found(policy);
};

/** A declared bucket has what is declared of it; of another one, what is declared of it stands in place of what it has. */
const declaredBuckets = (
  base: Reader,
  resources: readonly DeclaredResource[],
  stays: Staying,
): Pick<Reader, 'getBucketCors' | 'getBucketTags' | 'getBucketPolicy' | 'listBuckets'> => {
  const buckets = byLowerName(ofType(resources, 'bucket'));
  const cors = new Map(ofType(resources, 'bucket-cors').map((each) => [each.bucket.toLowerCase(), each]));
  const policies = new Map(
    ofType(resources, 'bucket-policy').map((each) => [each.bucket.toLowerCase(), each]),
  );
  const isTakenFrom = (part: 'bucket-cors' | 'bucket-policy', bucket: string): boolean =>
    stays.isGone(keyOfNamed(part, bucket)) || stays.isGone(keyOfNamed('bucket', bucket));
  /** What a bucket has of which nothing is declared: what others gave it, where it is there already, and nothing else. */
  const besides = async <T>(bucket: string, none: T, read: () => Promise<Read<T>>): Promise<Read<T>> => {
    if (!stays.isUpdated('bucket', bucket)) return found(none);
    const there = await read();
    return there.ok || !isUndeclared(there.unread) ? there : found(none);
  };
  return {
    getBucketCors: async (bucket) => {
      const declared = buckets.get(bucket.toLowerCase());
      const rules = cors.get(bucket.toLowerCase()) ?? declared;
      if (isTakenFrom('bucket-cors', bucket) && (!rules || rules.cors === null)) return found([]);
      if (!rules) return base.getBucketCors(bucket);
      if (rules.cors === null) return besides(bucket, [], () => base.getBucketCors(bucket));
      const read = corsRules(rules.cors);
      return read
        ? found(read)
        : notRead(rules.address, NOT_DECLARED, 'its CORS configuration cannot be told');
    },
    getBucketTags: async (bucket) => {
      const declared = buckets.get(bucket.toLowerCase());
      const tags = declared && tagsOf(declared.tags);
      return tags ? found(tags) : base.getBucketTags(bucket);
    },
    getBucketPolicy: async (bucket) => {
      const declared = policies.get(bucket.toLowerCase());
      if (declared) return policyOf(declared.policy, declared.address);
      if (isTakenFrom('bucket-policy', bucket)) return found(null);
      const there = () => base.getBucketPolicy(bucket);
      return buckets.has(bucket.toLowerCase()) ? besides(bucket, null, there) : there();
    },
    listBuckets: async () => {
      const listed = await base.listBuckets();
      const own = [...buckets.values()].map(({ name }) => name);
      return withOwn(
        listed,
        own,
        (name) => !buckets.has(name.toLowerCase()) && !stays.isGone(keyOfNamed('bucket', name)),
      );
    },
  };
};
