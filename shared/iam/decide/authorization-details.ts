import type { Unread } from '../../domain/gap.ts';
import { asList, asText, type Json, member } from '../../json/json.ts';
import { keeping, once, remembered } from '../../memo.ts';
import type { Policy, PolicyKind, PolicyProblem } from '../policy/policy.ts';
import { type Principal, principalOf } from '../policy/principal.ts';
import { readPolicy } from '../policy/read-policy.ts';
import type { Policies } from './layers.ts';
import { indexPolicies, type PolicyIndex } from './policy-index.ts';

/** A user or role of an account, with everything that IAM stores about its permissions. */
export type Identity = {
  principal: Principal;
  name: string;
  policies: Pick<Policies, 'identity' | 'boundary'>;
  /** Only a role has a trust policy: it says who may assume the role. */
  trust?: Policy;
  /** The Region in which IAM saw a role last; absent where it was not used lately, or the output does not tell it. */
  lastUsedIn?: string;
  /** When this was (ISO 8601). */
  lastUsed?: string;
  /** The names of a user's groups; empty for a role. */
  groups: readonly string[];
  /** How many instance profiles hold the role, if that is known. */
  instanceProfiles?: number;
};

/** A group of users, with its ARN and its own policies, which are read when they are first asked for. */
export type Group = { name: string; arn: string; policies: () => readonly Policy[] };

/** What IAM stores of an account besides users and roles. */
export type Directory = {
  /** All groups, also those without users. */
  groups: readonly Group[];
  /** The versions of a managed policy, by ARN, that are not in force, as somebody may put one in force. */
  otherVersions: (policyArn: string) => readonly Policy[];
};

/** The users and roles of an account, and its groups. */
export type AccountPrincipals = {
  identities: readonly Identity[];
  /** Why a user or role may exist that is not among them; missing where these are all. */
  unlisted?: Unread;
  /** The ARNs of the roles that instance profiles hold, by the names and by the ARNs of the profiles. */
  profiles: ReadonlyMap<string, string>;
  directory: Directory;
};

/** The same, and the problems that were found in policies of users and roles. */
export type AccountIdentities = AccountPrincipals & {
  problems: readonly (PolicyProblem & { policy: string })[];
};

/** Reads a policy document and records its problems under the policy's name. */
type ReadNamedPolicy = (source: Json | undefined, name: string, kind: PolicyKind) => Policy;

/** The managed policies of an account, by ARN. */
type Managed = (arn: string, kind: PolicyKind) => Policy;

/** What stands for the index of a principal’s own policies, by what IAM lists of the principal. */
type OwnIndex = (index: PolicyIndex, listed: Json) => PolicyIndex;
const asItIs: OwnIndex = (index) => index;

/**
 * The users and roles in the output of `aws iam get-account-authorization-details`. Each managed policy is read once,
 * however many principals have it attached. An attached policy whose document is missing from the output is the one that
 * is `known` from elsewhere, or counts as unreadable.
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
 */
export const identitiesOf = (
  details: Json,
  ownIndex: OwnIndex = asItIs,
  known: (arn: string) => Policy | undefined = () => undefined,
): AccountIdentities => {
  const readTrust = trustReader();
  const problems: (PolicyProblem & { policy: string })[] = [];
  const noting = (policy: Policy): Policy => {
    for (const problem of policy.problems) problems.push({ ...problem, policy: policy.name });
    return policy;
  };
  const read: ReadNamedPolicy = (source, name, kind) => {
    if (source === LEFT_OUT) return leftOutPolicy(name, kind);
    return noting(source === undefined ? absentPolicy(name, kind) : readPolicy(source, { name, kind }));
  };
  const trustOf = (source: Json | undefined, name: string): Trust => {
    const found = source === undefined ? trustFrom(absentPolicy(name, 'trust')) : readTrust(source, name);
    noting(found.trust);
    return found;
  };
  const managed = managedPolicies(details, read, known);
  const groups = new Map(
    asList(member(details, 'GroupDetailList')).map((group) => [
      textOf(group, 'GroupName'),
      once(() => ownPolicies(group, 'Group', managed, read)),
    ]),
  );
  const inherited = (user: Json): Policy[] =>
    asList(member(user, 'GroupList')).flatMap((name) => {
      const group = groups.get(asText(name) ?? '');
      return group ? group() : read(undefined, `group ${asText(name)}`, 'identity');
    });
  const identity = (entry: Json, type: 'Role' | 'User', more: Policy[] = []): Identity[] => {
    const principal = principalOf(textOf(entry, 'Arn'));
    if (!principal) return [];
    const boundary = asText(member(member(entry, 'PermissionsBoundary'), 'PermissionsBoundaryArn'));
    const document = member(entry, 'AssumeRolePolicyDocument');
    const { trust, services, bringsTags } =
      type === 'Role' ? trustOf(document, trustName(principal.arn)) : NO_TRUST;
    const profiles = member(entry, 'InstanceProfileList');
    return [
      {
        principal: {
          ...principal,
          ...ownOfPrincipal(entry, type),
          ...(services && { services }),
          ...(bringsTags && { bringsTags }),
        },
        name: textOf(entry, `${type}Name`),
        policies: {
          identity: ownIndex(indexPolicies([...ownPolicies(entry, type, managed, read), ...more]), entry),
          ...(boundary !== undefined && { boundary: indexPolicies([managed(boundary, 'boundary')]) }),
        },
        groups: type === 'User' ? textsOf(member(entry, 'GroupList')) : NO_TEXTS,
        ...(trust && { trust }),
        ...(Array.isArray(profiles) && { instanceProfiles: profiles.length }),
        ...lastUseOf(entry),
      },
    ];
  };
  const roles = asList(member(details, 'RoleDetailList')).flatMap((role) => identity(role, 'Role'));
  const users = asList(member(details, 'UserDetailList')).flatMap((user) =>
    identity(user, 'User', inherited(user)),
  );
  return {
    identities: inOrder([...roles, ...users]),
    profiles: profilesOf(details),
    directory: directoryOf(details, known),
    problems,
  };
};

const ownOfPrincipal = (entry: Json, type: 'Role' | 'User'): Pick<Principal, 'tags' | 'uniqueId'> => {
  const uniqueId = asText(member(entry, `${type}Id`));
  return { tags: tagsOf(entry), ...(uniqueId && { uniqueId }) };
};

const lastUseOf = (entry: Json): Pick<Identity, 'lastUsed' | 'lastUsedIn'> => {
  const use = member(entry, 'RoleLastUsed');
  if (use === undefined) return NO_USE;
  const lastUsed = asText(member(use, 'LastUsedDate'));
  const lastUsedIn = asText(member(use, 'Region'));
  return {
    ...(lastUsed !== undefined && !Number.isNaN(Date.parse(lastUsed)) && { lastUsed }),
    ...(lastUsedIn && { lastUsedIn }),
  };
};
const NO_USE = {};

const trustName = (arn: string): string => `trust policy of ${arn}`;

/**
 * A user or role of which IAM lists the same as of another one of its kind and account, but for the ARN and name, and for what `entry`
 * tells: the id, tags and last use. `own`: the index of its own policies.
 */
export const identityLike = (
  one: Identity,
  arn: string,
  entry: Json,
  own: PolicyIndex | undefined,
): Identity => {
  const { identity, principal } = sharedOf(one);
  return {
    ...identity,
    principal: { ...principal, arn, ...ownOfPrincipal(entry, principal.kind === 'role' ? 'Role' : 'User') },
    name: arn.slice(arn.lastIndexOf('/') + 1),
    policies: own ? { ...one.policies, identity: own } : one.policies,
    ...(one.trust && { trust: { ...one.trust, name: trustName(arn) } }),
    ...lastUseOf(entry),
  };
};

/** What all have in common who are like one. To leave a member out is slow, so that it is done once for thousands. */
const sharedOf = remembered(({ lastUsed: _, lastUsedIn: __, ...identity }: Identity) => {
  const { uniqueId: ___, ...principal } = identity.principal;
  return { identity, principal };
});

/** The name of an inline policy of a user, role or group. */
export const inlineName = (arn: string, name: string): string => `${arn} ${name}`;

/** A role’s trust policy, and what follows from it for the sessions of the role. */
type Trust = {
  trust: Policy;
  /** The services that may assume the role; missing where that is not known, or anyone may. */
  services?: ReadonlySet<string> | undefined;
  bringsTags?: true | undefined;
};
const NO_TRUST: Partial<Trust> = {};

const trustFrom = (trust: Policy): Trust => ({
  trust,
  services: servicesIn(trust),
  bringsTags: bringsTags(trust) || undefined,
});

/** Reads trust policies, each text once, because thousands of roles have a few dozen texts. Those of one text share their statements. */
const trustReader = (): ((source: Json, name: string) => Trust) => {
  const known = keeping<Trust>(MAX_TEXTS);
  return (source, name) => {
    const text = typeof source === 'string' ? source : JSON.stringify(source);
    const found = known(text, () => trustFrom(readPolicy(source, { name, kind: 'trust' })));
    return { ...found, trust: { ...found.trust, name } };
  };
};

const MAX_TEXTS = 1000;

/** Roles first, by their ARNs: of several examples the first is told, which must not hang on the order of a listing. */
export const inOrder = (identities: readonly Identity[]): Identity[] =>
  identities.toSorted(({ principal: one }, { principal: other }) =>
    one.kind === other.kind ? (one.arn < other.arn ? -1 : 1) : one.kind === 'role' ? -1 : 1,
  );

/**
 * Keeps of the output only what it may be asked about. What nobody has is in no force, so that its problems are not told.
 */
const directoryOf = (details: Json, known: (arn: string) => Policy | undefined): Directory => {
  const readQuietly: ReadNamedPolicy = (source, name, kind) =>
    source === undefined ? absentPolicy(name, kind) : readPolicy(source, { name, kind });
  const groups = asList(member(details, 'GroupDetailList'));
  const policies = asList(member(details, 'Policies'));
  const attached = new Set(
    groups.flatMap((group) =>
      asList(member(group, 'AttachedManagedPolicies')).map((each) => textOf(each, 'PolicyArn')),
    ),
  );
  const ofGroups = policies.filter((policy) => attached.has(textOf(policy, 'Arn')));
  const managed = once(() => managedPolicies({ Policies: ofGroups }, readQuietly, known));
  const versions = new Map(
    policies.flatMap((policy) => {
      const others = asList(member(policy, 'PolicyVersionList')).filter(
        (version) => member(version, 'IsDefaultVersion') !== true,
      );
      return others.length > 0 ? [[textOf(policy, 'Arn'), others] as const] : [];
    }),
  );
  return {
    groups: groups.map((group) => ({
      name: textOf(group, 'GroupName'),
      arn: textOf(group, 'Arn'),
      policies: once(() => ownPolicies(group, 'Group', (arn, kind) => managed()(arn, kind), readQuietly)),
    })),
    otherVersions: (arn) =>
      (versions.get(arn) ?? []).map((version) => readQuietly(member(version, 'Document'), arn, 'identity')),
  };
};

/** A profile holds one role, with which it is listed. https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_switch-role-ec2_instance-profiles.html */
const profilesOf = (details: Json): ReadonlyMap<string, string> =>
  new Map(
    asList(member(details, 'RoleDetailList')).flatMap((role) =>
      asList(member(role, 'InstanceProfileList')).flatMap((profile) =>
        ['InstanceProfileName', 'Arn'].flatMap((key): [string, string][] => {
          const name = textOf(profile, key);
          return name === '' ? [] : [[name, textOf(role, 'Arn')]];
        }),
      ),
    ),
  );

/**
 * Whether people or federated identities may assume the role with tags of their own; services but EKS bring none. A role that
 * a service assumes as well counts as without them, because its pipelines and functions run with its own tags.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html
 * https://docs.aws.amazon.com/eks/latest/userguide/pod-id-abac.html
 */
const bringsTags = (trust: Policy): boolean =>
  indexPolicies([trust]).candidates('sts:tagsession').allows.length > 0 &&
  trust.statements.every(
    ({ effect, principals }) =>
      effect === 'Deny' ||
      principals?.isNot !== false ||
      principals.principals.every(({ type, value }) => type !== 'Service' || value === TAGGING_SERVICE),
  );

const TAGGING_SERVICE = 'pods.eks.amazonaws.com';

/** The services that a trust policy names in an Allow; undefined where it may mean others too. */
const servicesIn = ({ isReadable, statements }: Policy): ReadonlySet<string> | undefined => {
  const allowed = statements.filter(({ effect }) => effect === 'Allow').map(({ principals }) => principals);
  const isOpen = allowed.some(
    (named) => !named || named.isNot || named.principals.some(({ value }) => /[*?]/.test(value)),
  );
  if (!isReadable || isOpen) return undefined;
  return new Set(allowed.flatMap((named) => named?.principals.map(({ value }) => value.toLowerCase()) ?? []));
};

const textOf = (value: Json, key: string): string => asText(member(value, key)) ?? '';

/** Inline and attached policies of a role, user or group. */
const ownPolicies = (
  entry: Json,
  type: 'Role' | 'User' | 'Group',
  managed: Managed,
  read: ReadNamedPolicy,
): Policy[] => [
  ...asList(member(entry, `${type}PolicyList`)).map((inline) =>
    read(
      member(inline, 'PolicyDocument'),
      inlineName(textOf(entry, 'Arn'), textOf(inline, 'PolicyName')),
      'identity',
    ),
  ),
  ...asList(member(entry, 'AttachedManagedPolicies')).map((attached) =>
    managed(textOf(attached, 'PolicyArn'), 'identity'),
  ),
];

const managedPolicies = (
  details: Json,
  read: ReadNamedPolicy,
  known: (arn: string) => Policy | undefined = () => undefined,
): Managed => {
  const documents = new Map(
    asList(member(details, 'Policies')).map((policy) => [textOf(policy, 'Arn'), defaultDocument(policy)]),
  );
  const policies = new Map<string, Policy>();
  return (arn, kind) => {
    const key = `${kind} ${arn}`;
    const elsewhere = documents.has(arn) ? undefined : known(arn);
    const policy =
      policies.get(key) ?? (elsewhere ? { ...elsewhere, kind } : read(documents.get(arn), arn, kind));
    policies.set(key, policy);
    return policy;
  };
};

/** IAM evaluates only the default version of a managed policy. */
const defaultDocument = (policy: Json): Json | undefined =>
  member(
    asList(member(policy, 'PolicyVersionList')).find(
      (version) => member(version, 'IsDefaultVersion') === true,
    ),
    'Document',
  );

/** A document in place of one of which only the name is told. It is this value itself, so that no input can hold it. */
export const LEFT_OUT: Json = {};

/** A document in place of one of which only the name is told. It allows and denies nothing. */
const leftOutPolicy = (name: string, kind: PolicyKind): Policy => ({
  name,
  kind,
  version: '2012-10-17',
  statements: NO_STATEMENTS,
  problems: NO_PROBLEMS,
  isReadable: true,
});
const NO_STATEMENTS: Policy['statements'] = [];
const NO_PROBLEMS: Policy['problems'] = [];

const absentPolicy = (name: string, kind: PolicyKind): Policy => ({
  name,
  kind,
  version: '2012-10-17',
  statements: [],
  problems: [
    {
      code: 'missing-document',
      severity: 'error',
      message: 'its document is not in the output',
      pointer: '',
    },
  ],
  isReadable: false,
});

const tagsOf = (entry: Json): ReadonlyMap<string, string> => {
  const tags = asList(member(entry, 'Tags'));
  if (tags.length === 0) return NO_TAGS;
  return new Map(tags.map((tag) => [textOf(tag, 'Key').toLowerCase(), textOf(tag, 'Value')]));
};
const NO_TAGS: ReadonlyMap<string, string> = new Map();

const textsOf = (list: Json | undefined): readonly string[] =>
  asList(list).flatMap((each) => asText(each) ?? []);
const NO_TEXTS: readonly string[] = [];
