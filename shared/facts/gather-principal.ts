import { creatorPatterns } from '../config/creators.ts';
import type { Config } from '../config/schema.ts';
import type { AuditedType, ChangeOf } from '../domain/change.ts';
import type { Unread } from '../domain/gap.ts';
import { NO_RECORDS } from '../events/recorded-uses.ts';
import type { Directory, Identity } from '../iam/decide/authorization-details.ts';
import { isServiceLinkedRole } from '../iam/decide/ownership.ts';
import { mayAllow } from '../iam/decide/policy-index.ts';
import { OF_BUCKET_POLICIES } from '../iam/policy/bucket-policy-calls.ts';
import { anyMatcher, matchesAny } from '../iam/policy/glob.ts';
import { administratorAnswer } from '../iam/sets/questions.ts';
import { sharedWork } from '../iam/sets/shared-work.ts';
import { remembered, rememberedBeside } from '../memo.ts';
import { jsonGetReads, type RoleUses, type Roster, usedRoles, withoutPath } from '../needs/roster.ts';
import { membershipOf } from '../needs/team-members.ts';
import { found, NOT_DECLARED, type Read } from '../reader/read-result.ts';
import type { AuditRequest, RequestOf } from '../requests/audit-request.ts';
import { followedBucket, knownPipelineRequest, principalRequest } from '../requests/resource-requests.ts';
import {
  type AccountEvidence,
  type Identities,
  knownUsesIn,
  organizationInRequests,
  organizationLayers,
  type PrincipalEvidence,
  type Subject,
  type UsesEvidence,
} from './account-evidence.ts';
import { ADMINISTRATOR_STEPS, accountPrincipal } from './account-principal.ts';
import type { AccountPrincipal, ExceptionSubject, Facts, PrincipalFact, ResourcePolicies } from './facts.ts';
import {
  type Fact,
  type GatherContext,
  type Gathered,
  type GatheredFacts,
  notApplicable,
  notKnown,
  withoutFacts,
} from './gathered.ts';
import { passersOf } from './passers.ts';
import { policiesOfResources } from './resource-policies.ts';
import { namesOfUnread, unreadUses } from './unread-pipelines.ts';

/**
 * Gathers a principal, the policies that affect it and what pipelines need of it. Service-linked roles are left out,
 * because only AWS can change them.
 */
export const gatherPrincipal = async (
  request: RequestOf<'role' | 'user'>,
  context: GatherContext,
): Promise<Gathered<'role' | 'user'>> => {
  const { type, name, resource, deleted, trigger } = request;
  const { evidence } = context;
  // A sweep asks by the full ARN: a role of the same name with another path is then another role.
  const isExact = deleted && !trigger;
  const asked = await evidence.principal({
    type,
    name,
    arn: resource.arn,
    isExact,
    change: changeOf(request),
    ...(trigger && { changedAt: Date.parse(trigger.eventTime) }),
  });
  const identity = asked.ok ? asked.value.identity : undefined;
  const callers = asked.ok ? await callersOf(request, asked.value, context) : [];
  const used = await evidence.usesOf(identity?.principal.arn ?? resource.arn, isExact);
  if (!asked.ok && asked.unread.code === NOT_DECLARED) return undeclared(type, resource.arn);
  if (!asked.ok) return unjudged(type, resource.arn, [asked.unread, ...(used.ok ? [] : [used.unread])]);
  if (!used.ok) return unjudged(type, resource.arn, [used.unread]);
  const { identities, bears } = asked.value;
  const { roster, uses: known } = used.value;
  const { scope } = evidence;
  if (!identity) {
    const { roleArn } = known;
    const isUsed = known.executes.length + known.runsSteps.length > 0;
    const nothing = notApplicable('it does not exist');
    const follow = [...callers, ...toLookAt(request, roleArn, used.value, bears, context)];
    const mayBeUsed = type === 'role' && roster.unread.length > 0;
    if (!isUsed && !mayBeUsed) return withoutFacts(type, nothing, { arn: roleArn, gone: true, follow });
    const gathered = withoutFacts(type, nothing, { arn: roleArn, isAbsent: true, follow });
    if (gathered.type === 'user') return gathered;
    if (!isUsed) {
      const ofUses = notKnown(
        `it does not exist, and it is not known whether these pipelines name it: ${namesOfUnread(roster.unread)}`,
      );
      return { ...gathered, facts: { ...gathered.facts, trust: ofUses, inputs: ofUses } };
    }
    const trust = found({ roleArn, scope });
    const inputs = found({ of: 'role' as const, uses: known });
    return {
      ...gathered,
      facts: {
        ...gathered.facts,
        trust,
        inputs,
        uses: found(known),
        recorded: found(NO_RECORDS),
        gaps: found([]),
      },
    };
  }
  const { arn } = identity.principal;
  if (isServiceLinkedRole(arn))
    return withoutFacts(type, notApplicable('only AWS can change it, because it is linked to a service'), {
      arn,
    });
  const about = {
    arn,
    gone: false,
    executions: [],
    follow: [...callers, ...toLookAt(request, arn, used.value, bears, context)],
  };
  const facts = await principalFacts({ type, identity, identities, known, roster }, context);
  if (type === 'user') return { ...about, type, facts };
  const changesReach =
    trigger && (bears?.onPrincipals ?? request.changed.some((each) => REACH.includes(each)));
  const follow = changesReach
    ? passersOf(identity, identities, (await surroundingsOf(context)).layers)
        .filter((passer) => about.follow.every((each) => each.resource.arn !== passer))
        .flatMap((passer) => principalRequest(passer, { trigger, changed: ['uses'] }))
    : [];
  return {
    ...about,
    type,
    facts: {
      ...facts,
      trust: found({ roleArn: arn, identity, scope }),
      inputs: facts.uses.ok ? found({ of: 'role', uses: facts.uses.value }) : facts.uses,
    },
    follow: [...about.follow, ...follow],
  };
};

/** Whether a request tells of a change of the principal itself. */
export const changeOf = ({ changed, trigger }: RequestOf<'role' | 'user'>): Subject['change'] => {
  if (changed.length > 0 && changed.every((change) => change === 'uses')) return 'none';
  return trigger ? 'told' : 'perhaps';
};

/**
 * Steps on EMR call roles by names and by instance profiles. If which role that is may have changed, the pipelines are looked at. What
 * they ask of the role is read before the role is judged.
 */
const callersOf = async (
  { type, name, resource, changed, trigger }: RequestOf<'role' | 'user'>,
  { identity, identities: { profiles } }: PrincipalEvidence,
  { evidence, reader }: Pick<GatherContext, 'evidence' | 'reader'>,
): Promise<RequestOf<'pipeline'>[]> => {
  if (type !== 'role' || !trigger || !changed.some((each) => each === 'existence' || each === 'profiles'))
    return [];
  const arn = identity?.principal.arn ?? resource.arn;
  const names = [name, ...[...profiles].flatMap(([called, role]) => (role === arn ? called : []))];
  const callers = await evidence.callers({ arn, names });
  return (callers.ok ? callers.value : []).map((pipeline) => knownPipelineRequest(pipeline, reader, trigger));
};

/** Changes of a role that change what those reach who may pass it. */
const REACH: readonly ChangeOf<'role'>[] = ['existence', 'policy', 'boundary', 'trust'];

/**
 * What a principal may do, and who may assume it, decides also who can change the roles of pipelines or become an
 * administrator through them, and who may write what another team’s pipelines read. A look that follows from another one
 * leads to no further looks.
 */
const toLookAt = (
  { changed, trigger }: RequestOf<'role' | 'user'>,
  arn: string,
  { roster, inputs }: Pick<UsesEvidence, 'roster' | 'inputs'>,
  bears: PrincipalEvidence['bears'],
  { config, reader }: Pick<GatherContext, 'config' | 'reader'>,
): AuditRequest[] => {
  if (!trigger || changed.every((change) => change === 'uses')) return [];
  const because = { trigger, changed: ['uses'] } as const;
  const isOnBuckets = bears?.onBuckets ?? !changed.every((change) => change === 'trust' || change === 'uses');
  const isAtHome = isOnBuckets ? membershipOf(arn, roster, config) : undefined;
  const buckets = isAtHome
    ? [...inputs()].flatMap(([bucket, files]) =>
        files.some(({ pipelines }) => !pipelines.some(isAtHome)) ? bucket : [],
      )
    : [];
  return [
    ...(bears?.onPrincipals === false ? [] : usedRoles(roster))
      .filter((role) => role !== arn)
      .slice(0, MOST_FOLLOWED)
      .flatMap((role) => principalRequest(role, because)),
    ...buckets.slice(0, MOST_FOLLOWED).map((bucket) => followedBucket(bucket, reader, because)),
  ];
};

/** Accounts with more roles of pipelines, or more buckets, wait for the sweep, which looks at all of them. */
export const MOST_FOLLOWED = 50;

/** The facts that users and roles have in common. */
const principalFacts = async (
  {
    type,
    identity,
    identities,
    known,
    roster,
  }: { type: 'role' | 'user'; identity: Identity; identities: Identities; known: RoleUses; roster: Roster },
  context: GatherContext,
): Promise<GatheredFacts<'user'>> => {
  const { evidence } = context;
  const surroundings = await surroundingsOf(context);
  const { layers } = surroundings;
  const { arn } = identity.principal;
  const principal = principalFact(identity, known, surroundings, context);
  const uses =
    type === 'role' ? { ...known, unread: unreadUses(identity, roster.unread, identities, layers) } : known;
  const resourcePolicies = await policiesOfResources(uses, evidence);
  // Whom the policy of a bucket lets change it, of that one it is asked what it writes there.
  const asked = givesToOthers(resourcePolicies) ? await evidence.writers('all') : found(identities);
  const principals = principalsOf(asked.ok ? asked.value : identities, surroundings, context);
  return {
    principal: found(principal),
    uses: found(uses),
    recorded: found(context.recorded?.of(arn, withoutPath(arn)) ?? NO_RECORDS),
    roster: found(roster),
    administrators: found(administrators(principals)),
    principals: found(principals),
    directory: found(identities.directory),
    creators: found(creatorsOf(identities, surroundings, context)),
    resourcePolicies: found(resourcePolicies),
    isolation: found({ of: 'role', principal, uses, resourcePolicies }),
    exceptionSubject: await exceptionSubject(principal, uses, evidence, jsonGetReaders(roster)(identities)),
    gaps: found([]),
  };
};

const givesToOthers = ({ buckets }: ResourcePolicies): boolean =>
  [...buckets.values()].some((policy) =>
    OF_BUCKET_POLICIES.some((action) => policy && mayAllow(policy, action)),
  );

/**
 * Says nothing about a resource if evidence about the whole account is missing: this is one gap of the account, not
 * one for each resource.
 */
export const unjudged = <T extends AuditedType>(
  type: T,
  arn: string,
  gaps: readonly [Unread, ...Unread[]],
): Gathered<T> => withoutFacts(type, { ok: false, unread: gaps[0] }, { arn, accountGaps: gaps });

/** A role or user that declared pipelines use, and of which nothing but the account tells. */
const undeclared = (type: 'role' | 'user', arn: string): Gathered<'role' | 'user'> => {
  const message =
    'it is not declared here, and nobody can tell what it may do; --snapshot or --live tells it';
  const unread = { call: `the ${type}`, code: NOT_DECLARED, message };
  const gathered = withoutFacts(type, notApplicable('it is not declared'), { arn });
  return { ...gathered, facts: { ...gathered.facts, gaps: found([unread]) } } as typeof gathered;
};

/**
 * What surrounds all principals of the account: the organization’s policies, and what every request carries. The identity
 * makes its requests at the time of the look: a policy that ends the sessions from before a moment, as IAM writes one to
 * revoke them, or that allows something until a day, is judged by that time.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_revoke-sessions.html
 */
type Surroundings = {
  layers: ReturnType<typeof organizationLayers>;
  acting: (identity: Identity) => Identity;
  /** From what it was made, by which what was made in the same surroundings is known. */
  from: readonly [organization: unknown, about: string];
};

const surroundingsOf = async ({ evidence, now }: GatherContext): Promise<Surroundings> => {
  const read = await evidence.organization();
  const organization = await organizationInRequests(evidence);
  const actsAt = now().toISOString();
  const told = read.ok ? (read.asOf ?? read.value.policies) : read.unread.message;
  return {
    from: [told, JSON.stringify([organization ?? '', evidence.scope, hourOf(actsAt)])],
    layers: organizationLayers(read, evidence.scope.account),
    acting: (identity) => ({
      ...identity,
      principal: {
        ...identity.principal,
        actsAt,
        ...(organization !== undefined && { organization }),
      },
    }),
  };
};

/** What was made of an account’s principals serves for an hour: a policy may allow something until a moment, or from one on. */
const hourOf = (time: string): string => time.slice(0, 'YYYY-MM-DDTHH'.length);

/** The roles of the account under which pipelines read for JsonGet, by ARN and in order. They are found once for all looks. */
export const jsonGetReaders = remembered((roster: Roster) =>
  rememberedBeside(({ identities }: Identities): readonly string[] =>
    identities
      .flatMap(({ principal: { kind, arn } }) => {
        if (kind !== 'role' || isServiceLinkedRole(arn)) return [];
        const uses = knownUsesIn(roster, arn);
        return uses && jsonGetReads(uses).length > 0 ? arn : [];
      })
      .toSorted(),
  ),
);

/** Most accounts may not read their organization. Without a pipeline that reads for JsonGet, this does not matter. */
const exceptionSubject = async (
  principal: PrincipalFact,
  { needs, untold, unread }: RoleUses,
  evidence: AccountEvidence,
  readers: readonly string[],
): Promise<Fact<ExceptionSubject>> => {
  const organization = await evidence.organization();
  const reads = jsonGetReads({ needs, untold });
  if (organization.ok)
    return found({ of: 'role', principal, needs: reads, unread, organization: organization.value, readers });
  return reads.length + unread.length > 0
    ? organization
    : notApplicable('no pipeline reads for JsonGet under it');
};

const principalFact = (
  identity: Identity,
  uses: RoleUses,
  { layers, acting }: Surroundings,
  { config, evidence: { scope } }: Pick<GatherContext, 'config' | 'evidence'>,
): PrincipalFact => {
  const policies = { ...identity.policies, ...layers };
  const made = acting(identity);
  return {
    identity: made,
    policies,
    scope,
    administrator: administratorAnswer(policies, made.principal, sharedWork(ADMINISTRATOR_STEPS)),
    isGoverned:
      uses.executes.length + uses.runsSteps.length > 0 ||
      matchesAny(governed(config), identity.principal.arn),
  };
};

const governed = ({ roles = {}, prefixes = [] }: Config): string[] => [
  ...creatorPatterns({ roles }),
  ...(roles.execution ?? []),
  ...(roles.steps ?? []),
  ...prefixes.flatMap((prefix) => prefix.roles ?? []),
];

const isSameFrom = ([organization, about]: Surroundings['from'], other: Surroundings['from']): boolean =>
  organization === other[0] && about === other[1];

type Creators = { from: Surroundings['from']; config: Config; creators: Facts['creators'] };
const knownCreators = new WeakMap<readonly Identity[], Creators>();

/** The principals of the account that the configuration names as creators. They are found once for all looks at one account. */
const creatorsOf = (
  { identities }: Identities,
  { layers, acting, from }: Surroundings,
  { config }: Pick<GatherContext, 'config'>,
): Facts['creators'] => {
  const known = knownCreators.get(identities);
  if (known?.config === config && isSameFrom(known.from, from)) return known.creators;
  const isCreator = anyMatcher(creatorPatterns(config));
  const creators = identities
    .filter(({ principal }) => isCreator(principal.arn))
    .map((identity) => ({ identity: acting(identity), policies: { ...identity.policies, ...layers } }));
  knownCreators.set(identities, { from, config, creators });
  return creators;
};

/** All users and roles of the account, with what surrounds them, and what those write in S3 who act for a team. */
export const readWriters = async (context: GatherContext): Promise<Read<Facts['principals']>> => {
  const identities = await context.evidence.writers('teams');
  if (!identities.ok) return identities;
  return found(principalsOf(identities.value, await surroundingsOf(context), context));
};

/** The lists of an account’s users and roles that were made in the same surroundings, the latest first. */
type Lists = {
  from: Surroundings['from'];
  lists: { identities: readonly Identity[]; principals: Facts['principals'] }[];
};
const knownLists = new WeakMap<Directory, Lists>();

/** With what the writers among them write, or without it, as they are now, and as they were before one of them changed. */
const MOST_LISTS = 4;

/**
 * All users and roles of the account. They are listed once, so that what is found of each is remembered; one who is in several lists is
 * the same in each.
 */
const principalsOf = (
  { identities, directory }: Identities,
  { layers, acting, from }: Surroundings,
  { evidence: { scope } }: Pick<GatherContext, 'evidence'>,
): Facts['principals'] => {
  const before = knownLists.get(directory);
  const lists = before && isSameFrom(before.from, from) ? before.lists : [];
  const same = lists.find((list) => list.identities === identities);
  if (same) return same.principals;
  const known = new Map<Identity, AccountPrincipal>();
  for (const list of lists)
    for (const [place, principal] of list.principals.entries()) {
      const identity = list.identities[place];
      if (identity) known.set(identity, principal);
    }
  const principals = identities.map(
    (identity) => known.get(identity) ?? accountPrincipal(acting(identity), layers, scope),
  );
  knownLists.set(directory, { from, lists: [{ identities, principals }, ...lists].slice(0, MOST_LISTS) });
  return principals;
};

/** The principals who may do anything, or possibly may, by ARN. The answer is remembered for all looks at one account. */
const administrators = remembered(
  (principals: Facts['principals']): Facts['administrators'] =>
    new Map(
      principals.flatMap(({ identity, administrator: { answer } }) =>
        answer === 'no' ? [] : [[identity.principal.arn, answer] as const],
      ),
    ),
);
