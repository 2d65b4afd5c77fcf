import type { Unread } from '../domain/gap.ts';
import type { Scope } from '../domain/scope.ts';
import { groupBy } from '../group-by.ts';
import {
  type AccountIdentities,
  type Identity,
  identitiesOf,
  inlineName,
  inOrder,
} from '../iam/decide/authorization-details.ts';
import { indexPolicies } from '../iam/decide/policy-index.ts';
import type { Policy } from '../iam/policy/policy.ts';
import { readPolicy } from '../iam/policy/read-policy.ts';
import { asList, isObject, type Json, type JsonObject, member } from '../json/json.ts';
import { once } from '../memo.ts';
import { corsRules } from '../reader/answers/cors.ts';
import { describedJob, pipelineFact } from '../reader/answers/describe.ts';
import { policyIn } from '../reader/answers/policy-document.ts';
import { tagsOf } from '../reader/answers/tags.ts';
import { found, NOT_DECLARED, notRead, type Read } from '../reader/read-result.ts';
import type { Reader } from '../reader/reader.ts';
import { unreadReader } from '../reader/unread-reader.ts';
import type { DeclaredResource } from './declared.ts';

type Declared<Type extends DeclaredResource['type']> = Extract<DeclaredResource, { type: Type }>;

const ofType = <Type extends DeclaredResource['type']>(
  resources: readonly DeclaredResource[],
  ...types: readonly Type[]
): Declared<Type>[] =>
  resources.filter((each): each is Declared<Type> => (types as readonly string[]).includes(each.type));

/** The reader of an account’s Region of which nothing is known but what is declared. */
export const nothingBeside = (scope: Scope): Reader =>
  unreadReader(scope, {
    call: 'what is declared',
    code: NOT_DECLARED,
    message: 'nothing of the account is known but what is declared; give --snapshot or --live',
  });

/**
 * The account as it is once what is declared is deployed: `base` is the account in one Region as it is now, and the declared
 * resources stand over it. `ofAccount` are the declared resources of all its Regions.
 */
export const declaredReader = (base: Reader, ofAccount: readonly DeclaredResource[]): Reader => {
  const { scope } = base;
  const ofRegion = ofAccount.filter((each) => each.scope.region === scope.region);
  const pipelines = byLowerName(ofType(ofRegion, 'pipeline'));
  const jobs = ofType(ofRegion, 'job');
  const identities = once(async () => declaredIdentities(await base.readIdentities(), ofAccount));
  return {
    ...base,
    ...declaredBuckets(base, ofAccount),
    describePipeline: async (name) => {
      const declared = pipelines.get(name.toLowerCase());
      if (!declared) return base.describePipeline(name);
      if (declared.why !== undefined) return notRead(declared.address, NOT_DECLARED, declared.why);
      return pipelineFact(declared.entry, declared.address, scope, declared.name);
    },
    listPipelines: async () => {
      const listed = await base.listPipelines();
      const own = [...pipelines.values()].map(({ name }) => ({ name }));
      if (!listed.ok) return isUndeclared(listed.unread) ? found(own) : listed;
      return found([...listed.value.filter(({ name }) => !pipelines.has(name.toLowerCase())), ...own]);
    },
    describeJob: async (kind, name) => {
      const declared = jobs.find((each) => each.kind === kind && each.name === name);
      return declared
        ? describedJob(kind, declared.entry, declared.address, { scope, nameAsked: name })
        : base.describeJob(kind, name);
    },
    listJobs: async () => {
      const listed = await base.listJobs();
      if (!listed.ok && !isUndeclared(listed.unread)) return listed;
      const own = jobs.map(({ kind, name }) => ({ kind, name }));
      const others = (listed.ok ? listed.value : []).filter((each) =>
        own.every(({ kind, name }) => kind !== each.kind || name !== each.name),
      );
      return found([...others, ...own]);
    },
    readIdentities: identities,
    getRole: async (name) => {
      const read = await identities();
      const role = read.ok ? read.value.identities.find((each) => isRoleNamed(each, name)) : undefined;
      return role ? found({ name: role.name, arn: role.principal.arn }) : base.getRole(name);
    },
    getKeyPolicy: async (key) => {
      const declared = ofType(ofAccount, 'key').find(({ names }) => names.includes(key));
      return declared ? policyOf(declared.policy, declared.address) : base.getKeyPolicy(key);
    },
  };
};

const isUndeclared = ({ code }: Unread): boolean => code === NOT_DECLARED;

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
): Pick<Reader, 'getBucketCors' | 'getBucketTags' | 'getBucketPolicy' | 'listBuckets'> => {
  const buckets = byLowerName(ofType(resources, 'bucket'));
  const cors = new Map(ofType(resources, 'bucket-cors').map((each) => [each.bucket.toLowerCase(), each]));
  const policies = new Map(
    ofType(resources, 'bucket-policy').map((each) => [each.bucket.toLowerCase(), each]),
  );
  return {
    getBucketCors: async (bucket) => {
      const declared = buckets.get(bucket.toLowerCase());
      const rules = cors.get(bucket.toLowerCase()) ?? declared;
      if (!rules) return base.getBucketCors(bucket);
      if (rules.cors === null) return found([]);
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
      return buckets.has(bucket.toLowerCase()) ? found(null) : base.getBucketPolicy(bucket);
    },
    listBuckets: async () => {
      const listed = await base.listBuckets();
      if (!listed.ok && !isUndeclared(listed.unread)) return listed;
      const own = [...buckets.values()].map(({ name }) => name);
      return found([...new Set([...(listed.ok ? listed.value : []), ...own])]);
    },
  };
};

/**
 * The users and roles once what is declared is deployed. A declared principal stands in place of one of its name; a policy that is
 * attached to a principal of the account is added to what it has.
 */
const declaredIdentities = (
  base: Read<AccountIdentities>,
  resources: readonly DeclaredResource[],
): Read<AccountIdentities> => {
  if (!base.ok && !isUndeclared(base.unread)) return base;
  const attached = ofType(resources, 'attached-policy');
  const attachedTo = (type: string, name: string) =>
    attached.filter(({ holder }) => holder.type === type && holder.name.toLowerCase() === name.toLowerCase());
  const list = (type: 'role' | 'user' | 'group'): Json[] =>
    ofType(resources, type).map(({ entry, name }) => withAttached(entry, type, attachedTo(type, name)));
  const known = once(() => knownPolicies(base.ok ? base.value.identities : []));
  const own = identitiesOf(
    {
      RoleDetailList: list('role'),
      UserDetailList: list('user'),
      GroupDetailList: list('group'),
      Policies: ofType(resources, 'managed-policy').map(({ entry }) => entry),
    },
    undefined,
    (arn) => known().get(arn),
  );
  const sources = new Map(
    ofType(resources, 'role', 'user', 'group').map(({ arn, address, origin }) => [
      arn,
      `${origin.file.path} (${address})`,
    ]),
  );
  const key = ({ principal, name }: Identity) => `${principal.kind} ${name.toLowerCase()}`;
  const declaredOnes = own.identities.map((each) => {
    const declaredIn = sources.get(each.principal.arn);
    return declaredIn === undefined ? each : { ...each, principal: { ...each.principal, declaredIn } };
  });
  const declared = new Set(declaredOnes.map(key));
  if (!base.ok) return found({ ...own, identities: declaredOnes, unlisted: base.unread });
  const before = new Map(base.value.identities.map((each) => [each.principal.arn, each]));
  const managed = ofType(resources, 'managed-policy');
  const others = base.value.identities
    .filter((each) => !declared.has(key(each)))
    .map((each) => {
      const more = attachedTo(each.principal.kind, each.name).map(({ policy }) =>
        attachedPolicy(policy, each.principal.arn, managed, known()),
      );
      return more.length === 0 ? each : withPolicies(each, more);
    });
  return found({
    ...base.value,
    identities: inOrder([
      ...others,
      ...declaredOnes.map((each) => updated(each, before.get(each.principal.arn))),
    ]),
    profiles: new Map([...base.value.profiles, ...own.profiles]),
    directory: {
      groups: [...base.value.directory.groups, ...own.directory.groups],
      otherVersions: (arn) => base.value.directory.otherVersions(arn),
    },
    problems: [
      ...base.value.problems.filter(({ policy }) =>
        own.identities.every((each) => !isPolicyOf(policy, each)),
      ),
      ...own.problems,
    ],
  });
};

/** Whether a policy of that name is the principal’s own: an inline one, or its trust policy. */
const isPolicyOf = (policy: string, { principal: { arn } }: Identity): boolean =>
  policy.startsWith(inlineName(arn, '')) || policy.endsWith(` ${arn}`);

/** An update leaves a principal its id, its last use and the tags that only AWS sets. */
const updated = (identity: Identity, before: Identity | undefined): Identity => {
  if (!before) return identity;
  const { uniqueId, tags = new Map() } = before.principal;
  const ofAws = [...tags].filter(([key]) => key.startsWith('aws:'));
  return {
    ...identity,
    principal: {
      ...identity.principal,
      ...(uniqueId !== undefined && { uniqueId }),
      tags: new Map([...(identity.principal.tags ?? []), ...ofAws]),
    },
    ...(before.lastUsed !== undefined && { lastUsed: before.lastUsed }),
    ...(before.lastUsedIn !== undefined && { lastUsedIn: before.lastUsedIn }),
  };
};

/** The entry of a principal in IAM’s listing, with the policies that other resources attach to it. */
const withAttached = (
  entry: Json,
  type: 'role' | 'user' | 'group',
  attached: readonly Declared<'attached-policy'>[],
): Json => {
  if (attached.length === 0 || !isObject(entry)) return entry;
  const inlineKey = `${{ role: 'Role', user: 'User', group: 'Group' }[type]}PolicyList`;
  const inline = attached.flatMap(({ policy }): JsonObject[] =>
    'arn' in policy ? [] : [{ PolicyName: policy.name, PolicyDocument: policy.document }],
  );
  const managed = attached.flatMap(({ policy }): JsonObject[] =>
    'arn' in policy
      ? [{ PolicyName: policy.arn.slice(policy.arn.lastIndexOf('/') + 1), PolicyArn: policy.arn }]
      : [],
  );
  return {
    ...entry,
    [inlineKey]: [...asList(member(entry, inlineKey)), ...inline],
    AttachedManagedPolicies: [...asList(member(entry, 'AttachedManagedPolicies')), ...managed],
  };
};

/** The managed policies that principals of the account have, by ARN. */
const knownPolicies = (identities: readonly Identity[]): Map<string, Policy> =>
  new Map(
    identities.flatMap(({ policies: { identity, boundary } }) =>
      [...(identity?.policies ?? []), ...(boundary?.policies ?? [])].flatMap((policy): [string, Policy][] =>
        policy.name.startsWith('arn:') && !policy.name.includes(' ') ? [[policy.name, policy]] : [],
      ),
    ),
  );

const attachedPolicy = (
  policy: Declared<'attached-policy'>['policy'],
  holderArn: string,
  managed: readonly Declared<'managed-policy'>[],
  known: ReadonlyMap<string, Policy>,
): Policy => {
  if (!('arn' in policy))
    return readPolicy(policy.document, { name: inlineName(holderArn, policy.name), kind: 'identity' });
  const entry = managed.find(({ arn }) => arn === policy.arn)?.entry;
  const document = asList(member(entry, 'PolicyVersionList')).flatMap(
    (version) => member(version, 'Document') ?? [],
  );
  const [own] = document;
  return own === undefined
    ? (known.get(policy.arn) ?? readPolicy('', { name: policy.arn, kind: 'identity' }))
    : readPolicy(own, { name: policy.arn, kind: 'identity' });
};

const withPolicies = (identity: Identity, more: readonly Policy[]): Identity => ({
  ...identity,
  policies: {
    ...identity.policies,
    identity: indexPolicies([
      ...(identity.policies.identity?.policies ?? []).filter(({ name }) =>
        more.every((each) => each.name !== name),
      ),
      ...more,
    ]),
  },
});

/** The declared resources of each account, in the order in which they were declared. */
export const byAccount = (resources: readonly DeclaredResource[]): Map<string, DeclaredResource[]> =>
  groupBy(resources, ({ scope }) => scope.account);
