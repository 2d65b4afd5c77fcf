import type { Config } from '../config/schema.ts';
import type { AuditRequest } from '../events/audit-request.ts';
import type { Trigger } from '../findings/finding.ts';
import { parseArn } from '../iam/arn.ts';
import type { Identity } from '../iam/authorization-details.ts';
import { matchesAny } from '../iam/glob.ts';
import type { Policies } from '../iam/layers.ts';
import type { PolicyIndex } from '../iam/policy-index.ts';
import { isAdministrator } from '../iam/reach.ts';
import type { AccountEvidence, Identities } from './account-evidence.ts';
import { unreadLayer } from './account-evidence.ts';
import type { Gap, PrincipalFact, ResourcePolicies } from './facts.ts';
import type { GatherContext, Gathered, GatheredFacts } from './gather.ts';
import { found, type Read, type Unread } from './read.ts';
import { noUses, type RoleUses, type Roster, usedRoles, withoutPath } from './roster.ts';
import { MALFORMED } from './snapshot-files.ts';

type RequestOf<T extends AuditRequest['type']> = Extract<AuditRequest, { type: T }>;

/** A principal with what bears on it, and what pipelines ask of it. A service's own roles are nobody's to change. */
export const gatherPrincipal = async (
  request: RequestOf<'role' | 'user'>,
  context: GatherContext,
): Promise<Gathered> => {
  const { evidence } = context;
  const [identities, roster] = [await evidence.identities(), await evidence.roster()];
  if (!identities.ok || !roster.ok) return unjudged(request, [identities, roster]);
  const { type, name, resource, deleted, trigger } = request;
  const { scope } = context.reader;
  // A sweep misses the whole ARN, so that a role of the same name with another path is another one.
  const isWhole = deleted && !trigger;
  const isOwn = parseArn(resource.arn)?.account === scope.account && !isWhole;
  const identity =
    identities.value.byArn.get(resource.arn) ??
    (isOwn ? identities.value.byName.get(`${type} ${name}`) : undefined);
  const uses = isWhole
    ? (roster.value.roles.get(resource.arn) ?? noUses(resource.arn))
    : usesOf(identity?.principal.arn ?? resource.arn, roster.value);
  const nothing = { gone: false, executions: [] };
  if (!identity) {
    const isUsed = uses.executes.length + uses.runsSteps.length > 0;
    return {
      ...nothing,
      arn: uses.roleArn,
      gone: !isUsed,
      facts: isUsed
        ? { trust: found({ roleArn: uses.roleArn, scope }), uses: found(uses), gaps: found([]) }
        : {},
    };
  }
  const { arn } = identity.principal;
  if (arn.includes(':role/aws-service-role/')) return { ...nothing, arn, facts: {} };
  const principal = principalFact(identity, uses, await layersFor(evidence), context);
  const resourcePolicies = await policiesOfResources(uses, evidence);
  return {
    ...nothing,
    arn,
    facts: {
      principal: found(principal),
      uses: found(uses),
      roster: found(roster.value),
      administrators: found(administrators(identities.value, await layersFor(evidence))),
      resourcePolicies: found(resourcePolicies),
      isolation: found({ of: 'role', principal, uses, resourcePolicies }),
      ...(type === 'role' && { trust: found({ roleArn: arn, identity, scope }) }),
      ...(await exceptionSubject(principal, uses, evidence)),
      gaps: found([]),
    },
  };
};

/** Nothing is said of a resource whose evidence the whole account lacks: that is one gap, and not one for each. */
const unjudged = ({ resource }: AuditRequest, reads: readonly Read<unknown>[]): Gathered => ({
  arn: resource.arn,
  facts: {},
  gone: false,
  executions: [],
  accountGaps: reads.flatMap((read) => (read.ok ? [] : [read.unread])),
});

/** A record tells a role's name and not its path. */
const usesOf = (arn: string, { roles, rolesWithoutPath }: Roster): RoleUses =>
  roles.get(arn) ?? rolesWithoutPath.get(withoutPath(arn)) ?? noUses(arn);

type OrganizationLayers = Pick<Policies, 'scps' | 'rcps' | 'managementAccount'>;

/** Of an organization that cannot be read, decisions know nothing; that is told by its own finding. */
const layersFor = async (evidence: AccountEvidence): Promise<OrganizationLayers> => {
  const organization = await evidence.organization();
  return organization.ok ? organization.value.layers : {};
};

const exceptionSubject = async (
  principal: PrincipalFact,
  { needs }: RoleUses,
  evidence: AccountEvidence,
): Promise<Pick<GatheredFacts, 'exceptionSubject'>> => {
  const organization = await evidence.organization();
  if (!organization.ok) return {};
  const reads = needs.filter(({ kind }) => kind === 'json-get');
  return {
    exceptionSubject: found({ of: 'role', principal, needs: reads, organization: organization.value }),
  };
};

const principalFact = (
  identity: Identity,
  uses: RoleUses,
  layers: OrganizationLayers,
  { config, reader: { scope } }: Pick<GatherContext, 'config' | 'reader'>,
): PrincipalFact => {
  const policies = { ...identity.policies, ...layers };
  return {
    identity,
    policies,
    scope,
    isAdministrator: isAdministrator(policies, identity.principal),
    isGoverned:
      uses.executes.length + uses.runsSteps.length > 0 ||
      matchesAny(governed(config), identity.principal.arn),
  };
};

const governed = ({ roles = {}, prefixes = [] }: Config): string[] => [
  ...(roles.creators ?? []),
  ...(roles.execution ?? []),
  ...(roles.steps ?? []),
  ...prefixes.flatMap((prefix) => prefix.roles ?? []),
];

const known = new WeakMap<Identities, ReadonlySet<string>>();

/** Roles that may do whatever they like, by ARN; found once for all principals of an account. */
const administrators = (identities: Identities, layers: OrganizationLayers): ReadonlySet<string> => {
  const made =
    known.get(identities) ??
    new Set(
      identities.identities
        .filter(({ principal, policies }) => isAdministrator({ ...policies, ...layers }, principal))
        .map(({ principal }) => principal.arn),
    );
  known.set(identities, made);
  return made;
};

const BUCKET = /^arn:[^:]*:s3:::([^/]+)/;
const KEY = /^arn:[^:]*:kms:.*:key\/[^*]+$/;

/** The policies of the buckets and keys that the role's needs are about; one that cannot be read may say anything. */
const policiesOfResources = async (
  { needs, foreign }: RoleUses,
  evidence: AccountEvidence,
): Promise<ResourcePolicies> => {
  const resources = needs.map(({ need }) => need.resource);
  const bucketNames = new Set([
    ...resources.flatMap((resource) => BUCKET.exec(resource)?.[1] ?? []),
    ...foreign.flatMap(({ places }) => places.map(({ bucket }) => bucket)),
  ]);
  const keyNames = new Set(
    needs.flatMap(({ need: { alias, resource } }) => alias ?? (KEY.test(resource) ? resource : [])),
  );
  const buckets = new Map<string, PolicyIndex | undefined>();
  for (const bucket of bucketNames) {
    const read = await evidence.bucketPolicy(bucket);
    buckets.set(
      bucket,
      read.ok ? read.value : unreadLayer(`policy of bucket ${bucket}`, 'resource', read.unread),
    );
  }
  const keys = new Map<string, PolicyIndex>();
  for (const key of keyNames) {
    const read = await evidence.keyPolicy(key);
    keys.set(key, read.ok ? read.value : unreadLayer(`policy of key ${key}`, 'resource', read.unread));
  }
  return { buckets, keys };
};

/** The organization's policies, held against what pipelines need; where nobody needs anything of them, nothing is judged. */
export const gatherOrganization = async (
  request: RequestOf<'organization'>,
  { evidence, reader }: GatherContext,
): Promise<Gathered> => {
  const [organization, roster] = [await evidence.organization(), await evidence.roster()];
  const { arn } = request.resource;
  const isNeeded =
    roster.ok &&
    [...roster.value.roles.values()].some(({ needs }) => needs.some(({ kind }) => kind === 'json-get'));
  return {
    arn,
    facts: {
      ...(organization.ok
        ? roster.ok && {
            exceptionSubject: found({
              of: 'organization',
              organization: organization.value,
              roster: roster.value,
              account: reader.scope.account,
            }),
          }
        : isNeeded && { exceptionSubject: organization }),
      gaps: found(organization.ok ? [] : [organizationGap(organization.unread)]),
    },
    gone: false,
    executions: [],
    ...(request.trigger && roster.ok
      ? { follow: usedRoles(roster.value).flatMap((role) => principalRequest(role, request.trigger)) }
      : {}),
  };
};

/** Few accounts may read their organization; but a file that is there and wrong is a mistake. */
const organizationGap = (unread: Unread): Gap => ({
  ...unread,
  subject: 'organization',
  ...(unread.code === MALFORMED ? {} : { isOptional: true }),
});

/** Those who stand behind a group or a managed policy, each to be looked at; the group or policy itself is not judged. */
export const gatherMembers = async (
  request: RequestOf<'group' | 'policy'>,
  { evidence }: GatherContext,
): Promise<Gathered> => {
  const identities = await evidence.identities();
  if (!identities.ok) return unjudged(request, [identities]);
  const { type, name, resource } = request;
  const has = (index: PolicyIndex | undefined): boolean =>
    index?.policies.some((policy) => policy.name === resource.arn) ?? false;
  const members = identities.value.identities.filter(({ groups, policies }) =>
    type === 'group' ? groups.includes(name) : has(policies.identity) || has(policies.boundary),
  );
  return {
    arn: resource.arn,
    facts: {},
    gone: false,
    executions: [],
    follow: members.flatMap(({ principal }) => principalRequest(principal.arn, request.trigger)),
  };
};

/** The request to look at a role or user; none for any other ARN. */
export const principalRequest = (arn: string, trigger?: Trigger): AuditRequest[] => {
  const { resource = '' } = parseArn(arn) ?? {};
  const [, type, name] = /^(role|user)\/(?:.*\/)?([^/]+)$/.exec(resource) ?? [];
  if ((type !== 'role' && type !== 'user') || name === undefined) return [];
  return [{ type, resource: { type, arn }, name, deleted: false, ...(trigger && { trigger }) }];
};
