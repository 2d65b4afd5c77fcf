import { isOfIam } from '../domain/arn.ts';
import {
  type AccountPrincipals,
  type Identity,
  identitiesOf,
  identityLike,
  inlineName,
  inOrder,
  LEFT_OUT,
} from '../iam/decide/authorization-details.ts';
import { hasNone, indexPolicies, type PolicyIndex } from '../iam/decide/policy-index.ts';
import type { Policy } from '../iam/policy/policy.ts';
import { documentIn, readPolicy } from '../iam/policy/read-policy.ts';
import { asList, asText, isObject, type Json, type JsonObject, member } from '../json/json.ts';
import { keeping, oncePer, remembered, rememberedPart } from '../memo.ts';
import { AlikeEntry, INLINE, IS_LEFT_OUT, type Likeness, ownOf } from './alike.ts';
import { type Asked, askedOf, mayBeAsked, tellsOf } from './asked.ts';
import { type Entries, type Entry, existing } from './entries.ts';
import { isSameEntry, isUnchanged } from './part-text.ts';

/** The entries of a listing of IAM, by kind. */
export type PrincipalEntries = Record<
  'principals' | 'writers' | 'whole-principals' | 'managed-policies' | 'groups',
  Map<string, Entry>
>;

export const noPrincipalEntries = (): PrincipalEntries => ({
  principals: new Map(),
  writers: new Map(),
  'whole-principals': new Map(),
  'managed-policies': new Map(),
  groups: new Map(),
});

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

/** The entries of users, roles, groups and managed policies as IAM lists them, or as it tells of some of them. */
export const principalEntries = (details: Json, asOf: number): PrincipalEntries => {
  const entries = noPrincipalEntries();
  for (const [list, kind] of entriesOf(LISTS))
    for (const each of asList(member(details, list))) {
      const arn = asText(member(each, 'Arn'));
      if (arn === undefined) continue;
      const value = keptOf(each, KEPT[list]);
      entries[kind].set(arn, { asOf, value });
      if (kind !== 'whole-principals') continue;
      const { outline, writer } = outlinesOf(value);
      entries.principals.set(arn, { asOf, value: outline });
      entries.writers.set(arn, { asOf, value: writer });
    }
  return entries;
};

const entriesOf = <T extends object>(object: T) => Object.entries(object) as [keyof T, T[keyof T]][];

const keptOf = (detail: Json, kept: readonly string[]): JsonObject => {
  const found: JsonObject = {};
  for (const name of kept) {
    const value = member(detail, name);
    if (value !== undefined) found[name] = inLists(name, value);
  }
  return found;
};

/** What is kept of each member of these lists. A profile is listed with its role, which is this one. */
const KEPT_IN_LISTS: Readonly<Record<string, readonly string[]>> = {
  InstanceProfileList: ['InstanceProfileName', 'Arn'],
  RolePolicyList: ['PolicyName', 'PolicyDocument'],
  UserPolicyList: ['PolicyName', 'PolicyDocument'],
};

const inLists = (name: string, value: Json): Json => {
  const kept = KEPT_IN_LISTS[name];
  return kept ? asList(value).map((each) => keptOf(each, kept)) : value;
};

const TRUST = 'AssumeRolePolicyDocument';
const SHARED = ['AttachedManagedPolicies', 'GroupList'] as const;

/** Nobody asks whether these are empty or missing. */
const EMPTY_AS_MISSING = ['AttachedManagedPolicies', 'Tags', 'RoleLastUsed', 'GroupList'] as const;

const isEmpty = (value: Json | undefined): boolean =>
  isObject(value) || Array.isArray(value) ? Object.keys(value).length === 0 : false;

/** In an entry: of what the inline policies in it tell all, where they do not tell everything. */
const TOLD = 'Told';

/** A user or role without what nobody asks of others, and the same with what it writes in S3, if that is more. */
const outlinesOf = (detail: JsonObject): { outline: Json; writer: Json } => {
  const trust = member(detail, TRUST);
  // Each policy is read once for both outlines.
  const policyOf = rememberedPart((policy: JsonObject): Policy => {
    const document = member(policy, 'PolicyDocument') ?? null;
    return readPolicy(document, { name: '', kind: 'identity' });
  });
  const inline = INLINE.flatMap((list) => asList(member(detail, list)).filter(isObject).map(policyOf));
  const asked = askedOf({
    trust: trust === undefined ? undefined : readPolicy(trust, { name: '', kind: 'trust' }),
    inline,
    hasMore: SHARED.some((list) => asList(member(detail, list)).length > 0),
  });
  const outline = outlineOf(detail, asked, policyOf);
  const writer = asked === 'of-any' ? outlineOf(detail, 'of-writers', policyOf) : outline;
  const policies = (of: JsonObject): string => JSON.stringify(INLINE.map((list) => member(of, list) ?? null));
  return { outline, writer: policies(outline) === policies(writer) ? null : writer };
};

type PolicyOf = (inline: JsonObject) => Policy;

const outlineOf = (detail: JsonObject, asked: Asked, policyOf: PolicyOf): JsonObject => {
  const outline: JsonObject = { ...detail, ...lastUsedDay(detail) };
  for (const name of EMPTY_AS_MISSING) if (isEmpty(outline[name])) delete outline[name];
  const trust = member(detail, TRUST);
  const isReadable = INLINE.every((list) =>
    asList(member(detail, list)).every((policy) => !isObject(policy) || policyOf(policy).isReadable),
  );
  if (trust !== undefined) {
    const document = documentIn(trust);
    // A text takes a tenth of what its objects would; most roles share one with others.
    outline[TRUST] = document === undefined ? trust : JSON.stringify(document);
  }
  for (const list of INLINE) {
    const policies = member(detail, list);
    // Looks ask everything of whoever has a policy that cannot be read, as that may allow everything.
    if (!Array.isArray(policies) || !isReadable) continue;
    const left = policies.map((policy) => inlineOutline(policy, asked, policyOf));
    if (left.every((policy, index) => policy === policies[index])) continue;
    outline[list] = left;
    outline[TOLD] = asked;
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

/** An inline policy keeps its name, as it matters that it is there, and the place of each statement that tells what is asked. */
const inlineOutline = (policy: Json, asked: Asked, policyOf: PolicyOf): Json => {
  if (!isObject(policy)) return policy;
  const { isReadable, problems, version, statements } = policyOf(policy);
  if (!isReadable || problems.length > 0) return policy;
  const told = statements.filter((statement) => tellsOf(asked, statement));
  if (told.length === statements.length) return policy;
  if (told.length === 0) return { ...named(policy), [IS_LEFT_OUT]: true };
  const isTold = new Set(told.map(({ index }) => index));
  const all = asList(member(documentIn(member(policy, 'PolicyDocument') ?? null), 'Statement'));
  return {
    ...named(policy),
    PolicyDocument: {
      Version: version,
      Statement: all.map((statement, index) => (isTold.has(index) ? statement : ABOUT_NOTHING)),
    },
  };
};

const named = (policy: JsonObject): JsonObject => keptOf(policy, ['PolicyName']);

const ABOUT_NOTHING: Json = { Effect: 'Allow', Action: 'logs:PutLogEvents', Resource: 'arn:aws:logs:::-' };

/** Entries of an outline. */
export type OutlineEntries = Pick<
  Record<keyof PrincipalEntries, Entries>,
  'principals' | 'managed-policies' | 'groups'
>;

/** What was made of earlier entries of the same account. */
export type MadeBefore = { entries: OutlineEntries; identities: AccountPrincipals };

/**
 * The users and roles that entries tell, in the order of their ARNs. Of what was made `before` all stays that hangs on entries with the
 * same values.
 */
export const identitiesFrom = (entries: OutlineEntries, before?: MadeBefore): AccountPrincipals => {
  const changed = before && changedSince(before.entries, entries);
  if (!changed) return principalsOf(entries);
  if (changed.size === 0) return before.identities;
  const principals = new Map([...entries.principals].filter(([arn]) => changed.has(arn)));
  return withChanged(before.identities, principalsOf({ ...entries, principals }), changed);
};

/** Of principals who are like each other one is read. */
const principalsOf = (entries: OutlineEntries): AccountPrincipals => {
  const read = new Map<string, Entry>();
  const arns = new Map<Likeness, string>();
  const alike: [arn: string, entry: AlikeEntry][] = [];
  for (const [arn, entry] of entries.principals)
    if (entry instanceof AlikeEntry && arns.has(entry.likeness)) alike.push([arn, entry]);
    else {
      read.set(arn, entry);
      if (entry instanceof AlikeEntry) arns.set(entry.likeness, arn);
    }
  const account = identitiesOf(principalDetails({ ...entries, principals: read }), refusing());
  if (alike.length === 0) return account;
  const byArn = new Map(account.identities.map((identity) => [identity.principal.arn, identity]));
  const identities = [...account.identities];
  for (const [arn, entry] of alike) {
    const one = byArn.get(arns.get(entry.likeness) ?? '');
    if (!one) continue;
    const own = one.policies.identity;
    identities.push(identityLike(one, arn, ownOf(entry), own instanceof OutlineIndex ? own.like(arn) : own));
  }
  return { ...account, identities: inOrder(identities) };
};

/** The ARNs of the principals that changed; undefined where what all of them may share did. */
const changedSince = (before: OutlineEntries, now: OutlineEntries): ReadonlySet<string> | undefined => {
  if (!SHARED_KINDS.every((kind) => isUnchanged(before[kind], now[kind]))) return undefined;
  if (before.principals === now.principals) return new Set();
  const changed = [...new Set([...before.principals.keys(), ...now.principals.keys()])].filter(
    (arn) => !isSameEntry(before.principals.get(arn), now.principals.get(arn)),
  );
  const hasProfiles = [before, now].some(({ principals }) =>
    changed.some((arn) => asList(member(principals.get(arn)?.value, 'InstanceProfileList')).length > 0),
  );
  return hasProfiles ? undefined : new Set(changed);
};

const SHARED_KINDS = ['managed-policies', 'groups'] as const;

const withChanged = (
  before: AccountPrincipals,
  made: AccountPrincipals,
  changed: ReadonlySet<string>,
): AccountPrincipals => {
  const kept = before.identities.filter(({ principal }) => !changed.has(principal.arn));
  return { ...before, identities: inOrder([...kept, ...made.identities]) };
};

/** What was made of an account’s principals and what they write in S3: by ARN, with the value that told it, and put together. */
type WritersMade = {
  byArn: Map<string, { value: Json; identity: Identity }>;
  accounts: { of: readonly unknown[]; account: AccountPrincipals }[];
};

const writersMadeOf = remembered((_: AccountPrincipals): WritersMade => ({ byArn: new Map(), accounts: [] }));

/** Looks mean all principals, or those of teams. */
const MOST_ACCOUNTS = 2;

/**
 * The same, and of those who are `meant` also what they write in S3, which `writers` tells of some. What was made of the same outline
 * before stays as far as the entries say the same.
 */
export const writersFrom = (
  outline: AccountPrincipals,
  entries: OutlineEntries,
  writers: Entries,
  isMeant: (arn: string) => boolean,
): AccountPrincipals => {
  const made = writersMadeOf(outline);
  const of = [entries.principals, writers, isMeant];
  const latest = made.accounts.find((each) => each.of.every((one, index) => one === of[index]));
  if (latest) return latest.account;
  const meant = new Set<string>();
  const principals = new Map<string, Entry>();
  for (const [arn, entry] of entries.principals) {
    if (!isMeant(arn) || entry.value === null) continue;
    meant.add(arn);
    const writer = writers.get(arn);
    const told = writer && writer.value !== null ? writer : entry;
    if (made.byArn.get(arn)?.value !== told.value) principals.set(arn, told);
  }
  if (principals.size > 0) {
    const account = identitiesOf(principalDetails({ ...entries, principals }), refusing('of-writers'));
    for (const identity of account.identities) {
      const { arn } = identity.principal;
      made.byArn.set(arn, { value: principals.get(arn)?.value ?? null, identity });
    }
  }
  const identities = outline.identities.map((identity) => {
    const { arn } = identity.principal;
    return (meant.has(arn) && made.byArn.get(arn)?.identity) || identity;
  });
  const isSame = (account: AccountPrincipals): boolean =>
    account.identities.every((identity, index) => identity === identities[index]);
  const account = made.accounts.find((each) => isSame(each.account))?.account ?? { ...outline, identities };
  const others = made.accounts.filter((each) => each.account !== account);
  made.accounts = [{ of, account }, ...others].slice(0, MOST_ACCOUNTS);
  return account;
};

/**
 * Whoever asks more than an outline tells would take silence for a no. `more`: what is told of those of whom an outline for all looks
 * tells less.
 */
const refusing =
  (more?: Asked) =>
  (index: PolicyIndex, listed: Json): PolicyIndex => {
    const told = asText(member(listed, TOLD)) as Asked | undefined;
    if (!told) return index;
    const arn = asText(member(listed, 'Arn')) ?? '';
    return new OutlineIndex({ index, asked: told === 'of-any' && more ? more : told, first: arn }, arn);
  };

/** What of an outline several principals may have in common: `first`, the ARN of the one for whom it was read. */
type OutlinePolicies = { index: PolicyIndex; asked: Asked; first: string };

/** The index of a principal’s own policies of which an outline does not tell all. An account has thousands, and nobody asks most of them. */
class OutlineIndex implements PolicyIndex {
  readonly #of: OutlinePolicies;
  readonly #arn: string;
  readonly allowsSome: PolicyIndex['allowsSome'];
  #candidates: PolicyIndex['candidates'] | undefined;

  constructor(of: OutlinePolicies, arn: string, allowsSome = allowingSome(of)) {
    this.#of = of;
    this.#arn = arn;
    this.allowsSome = allowsSome;
  }

  get policies(): PolicyIndex['policies'] {
    const { index, first } = this.#of;
    if (first === this.#arn) return index.policies;
    const before = inlineName(first, '');
    return index.policies.map((policy) =>
      policy.name.startsWith(before)
        ? { ...policy, name: inlineName(this.#arn, policy.name.slice(before.length)) }
        : policy,
    );
  }

  get unreadable(): PolicyIndex['unreadable'] {
    return this.#of.index.unreadable;
  }

  get statements(): PolicyIndex['statements'] {
    return this.#of.index.statements;
  }

  get candidates(): PolicyIndex['candidates'] {
    const { asked, index } = this.#of;
    this.#candidates ??= refusingUntold(asked, index.candidates, this.#arn);
    return this.#candidates;
  }

  /** The same policies as those of another principal. */
  like(arn: string): OutlineIndex {
    return new OutlineIndex(this.#of, arn, this.allowsSome);
  }
}

/** Most are told to do nothing that is asked about, and share what says so. */
const allowingSome = ({ index, asked }: OutlinePolicies): PolicyIndex['allowsSome'] =>
  hasNone(index) ? ofNothing(asked) : perhapsUntold(asked, index.allowsSome);

const refusingUntold =
  (asked: Asked, candidates: PolicyIndex['candidates'], whose: string): PolicyIndex['candidates'] =>
  (action) => {
    if (TELLING[asked](action)) return candidates(action);
    throw new Error(`the outline of ${whose} does not tell about ${action}`);
  };

/** What is not told may be allowed: whoever asks on for the statements is refused, and hears of whom. */
const perhapsUntold =
  (asked: Asked, allowsSome: PolicyIndex['allowsSome']): PolicyIndex['allowsSome'] =>
  (action) =>
    !TELLING[asked](action) || allowsSome(action);

/** The answers of those who are told to do nothing that is asked about: they share what follows from them. */
const ofNothing = oncePer((asked: Asked) => perhapsUntold(asked, indexPolicies([]).allowsSome));

const MAX_KEPT = 1000;
const telling = (asked: Asked): ((action: string) => boolean) => {
  const kept = keeping<boolean>(MAX_KEPT);
  return (action) => kept(action, mayBeAsked[asked]);
};
const TELLING: Readonly<Record<Asked, (action: string) => boolean>> = {
  'of-any': telling('of-any'),
  'of-assumable': telling('of-assumable'),
  'of-writers': telling('of-writers'),
};

const withLeftOut = (value: Json): Json => {
  if (!isObject(value) || member(value, TOLD) === undefined) return value;
  const lists = INLINE.flatMap((list) => {
    const policies = member(value, list);
    if (policies === undefined) return [];
    const all = asList(policies).map((policy): Json => {
      const isLeftOut = isObject(policy) && member(policy, IS_LEFT_OUT) === true;
      return isLeftOut ? { ...policy, PolicyDocument: LEFT_OUT } : policy;
    });
    return [[list, all] as const];
  });
  return { ...value, ...Object.fromEntries(lists) };
};

/** The entries in the form of `get-account-authorization-details`. */
const principalDetails = (entries: OutlineEntries): Json => {
  const principals = existing(entries.principals);
  const of = (kind: 'role' | 'user') =>
    principals.flatMap(([arn, value]) => (isOfIam(arn, `${kind}/`) ? [withLeftOut(value)] : []));
  return {
    RoleDetailList: of('role'),
    UserDetailList: of('user'),
    GroupDetailList: existing(entries.groups).map(([, value]) => value),
    Policies: existing(entries['managed-policies']).map(([, value]) => value),
  };
};
