import { type AccountIdentities, identitiesOf } from '../iam/decide/authorization-details.ts';
import { mayAllow } from '../iam/decide/policy-index.ts';
import { readPolicy } from '../iam/policy/read-policy.ts';
import { asList, asText, isObject, type Json, type JsonObject, member } from '../json/json.ts';
import { type Entries, type Entry, existing } from './entries.ts';
import { isInert } from './inert.ts';

/** The entries of a listing of IAM, by kind. */
export type PrincipalEntries = Record<
  'principals' | 'whole-principals' | 'managed-policies' | 'groups',
  Map<string, Entry>
>;

/** The lists of `get-account-authorization-details`, and in which kind of entry each of their members is kept. */
const LISTS = {
  RoleDetailList: 'whole-principals',
  UserDetailList: 'whole-principals',
  GroupDetailList: 'groups',
  Policies: 'managed-policies',
} as const;

/** What is kept of each member of a list: all that the policy engine and the controls read of it. */
const KEPT: Readonly<Record<keyof typeof LISTS, readonly string[]>> = {
  RoleDetailList: [
    'RoleName',
    'RoleId',
    'Arn',
    'AssumeRolePolicyDocument',
    'InstanceProfileList',
    'RolePolicyList',
    'AttachedManagedPolicies',
    'PermissionsBoundary',
    'Tags',
    'RoleLastUsed',
  ],
  UserDetailList: [
    'UserName',
    'UserId',
    'Arn',
    'UserPolicyList',
    'GroupList',
    'AttachedManagedPolicies',
    'PermissionsBoundary',
    'Tags',
  ],
  GroupDetailList: ['GroupName', 'Arn', 'GroupPolicyList', 'AttachedManagedPolicies'],
  Policies: ['Arn', 'PolicyVersionList'],
};

/** The entries that a user’s or role’s own entry hangs on. */
export type Shared = Pick<Record<keyof PrincipalEntries, Entries>, 'managed-policies' | 'groups'>;

/**
 * The entries of users, roles, groups and managed policies as IAM lists them, or as it tells of some of them: `known` are the
 * groups and managed policies that were read before.
 */
export const principalEntries = (details: Json, asOf: number, known?: Shared): PrincipalEntries => {
  const entries: PrincipalEntries = {
    principals: new Map(),
    'whole-principals': new Map(),
    'managed-policies': new Map(),
    groups: new Map(),
  };
  for (const [list, kind] of entriesOf(LISTS))
    for (const each of asList(member(details, list))) {
      const arn = asText(member(each, 'Arn'));
      if (arn !== undefined) entries[kind].set(arn, { asOf, value: keptOf(each, KEPT[list]) });
    }
  const { identities } = identitiesFrom({
    principals: entries['whole-principals'],
    'managed-policies': new Map([...(known?.['managed-policies'] ?? []), ...entries['managed-policies']]),
    groups: new Map([...(known?.groups ?? []), ...entries.groups]),
  });
  for (const { principal, policies } of identities) {
    const whole = entries['whole-principals'].get(principal.arn);
    if (!whole) continue;
    const passesRoles = policies.identity !== undefined && mayAllow(policies.identity, 'iam:PassRole');
    entries.principals.set(principal.arn, { asOf, value: outlineOf(whole.value, passesRoles) });
  }
  return entries;
};

const entriesOf = <T extends object>(object: T) => Object.entries(object) as [keyof T, T[keyof T]][];

const keptOf = (detail: Json, kept: readonly string[]): Json => {
  const found: JsonObject = {};
  for (const name of kept) {
    const value = member(detail, name);
    if (value !== undefined) found[name] = name === 'InstanceProfileList' ? profilesOf(value) : value;
  }
  return found;
};

/** A profile is listed with its role, which is this one. */
const profilesOf = (profiles: Json): Json =>
  asList(profiles).map((profile) => keptOf(profile, ['InstanceProfileName', 'Arn']));

const INLINE = ['RolePolicyList', 'UserPolicyList'] as const;

/** Whoever may pass roles keeps all policies: whether a service takes a role over may hang on any call of it. */
const outlineOf = (detail: Json, passesRoles: boolean): Json => {
  if (!isObject(detail)) return detail;
  const outline: JsonObject = { ...detail, ...lastUsedDay(detail) };
  if (passesRoles) return outline;
  for (const list of INLINE) {
    const policies = member(detail, list);
    if (Array.isArray(policies)) outline[list] = policies.map(inlineOutline);
  }
  return outline;
};

/** Whether somebody uses a role matters to others; the time of day would change the entry all the time. */
const lastUsedDay = (detail: Json): JsonObject => {
  const use = member(detail, 'RoleLastUsed');
  const time = asText(member(use, 'LastUsedDate'));
  return isObject(use) && time !== undefined
    ? { RoleLastUsed: { ...use, LastUsedDate: time.slice(0, 'YYYY-MM-DD'.length) } }
    : {};
};

/** An inline policy about data alone keeps its name, as it matters that it is there, and a statement about nothing. */
const inlineOutline = (policy: Json): Json => {
  const document = member(policy, 'PolicyDocument');
  const isLeftOut = document !== undefined && isInert(readPolicy(document, { name: '', kind: 'identity' }));
  return isLeftOut && isObject(policy) ? { ...policy, PolicyDocument: ABOUT_NOTHING } : policy;
};

const ABOUT_NOTHING: Json = {
  Version: '2012-10-17',
  Statement: { Effect: 'Allow', Action: 'logs:PutLogEvents', Resource: 'arn:aws:logs:::-' },
};

/**
 * The users and roles that entries tell, in the order of their ARNs. `whole`: the whole entries that take the place of those in the
 * outline.
 */
export const identitiesFrom = (
  entries: Pick<Record<keyof PrincipalEntries, Entries>, 'principals' | 'managed-policies' | 'groups'>,
  whole: Entries = new Map(),
): AccountIdentities => identitiesOf(principalDetails(entries, whole));

/** The entries in the form of `get-account-authorization-details`. */
export const principalDetails = (
  entries: Pick<Record<keyof PrincipalEntries, Entries>, 'principals' | 'managed-policies' | 'groups'>,
  whole: Entries = new Map(),
): Json => {
  const principals = existing(new Map([...entries.principals, ...whole]));
  const of = (kind: 'role' | 'user') =>
    principals.flatMap(([arn, value]) => (arn.includes(`:${kind}/`) ? [value] : []));
  return {
    RoleDetailList: of('role'),
    UserDetailList: of('user'),
    GroupDetailList: existing(entries.groups).map(([, value]) => value),
    Policies: existing(entries['managed-policies']).map(([, value]) => value),
  };
};
