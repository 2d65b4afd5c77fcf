import { attachedIn } from '../../shared/declared/attached.ts';
import type { DeclaredResource, PolicyHolder } from '../../shared/declared/declared.ts';
import { INLINE_LISTS, keyOfNamed, type Staying } from '../../shared/declared/what-stays.ts';
import { inlineName } from '../../shared/iam/decide/authorization-details.ts';
import { asList, asText, isObject, type Json, type JsonObject, member } from '../../shared/json/json.ts';

/** The lists of a user, role or group as IAM tells it, and by what name the members of each are told apart. */
const nameIn = (list: string, each: Json): string =>
  asText(
    list === 'GroupList'
      ? each
      : member(each, list === 'AttachedManagedPolicies' ? 'PolicyArn' : 'PolicyName'),
  ) ?? '';

const listsOf = (type: PolicyHolder['type']): readonly string[] => [
  INLINE_LISTS[type],
  'AttachedManagedPolicies',
  ...(type === 'user' ? ['GroupList'] : []),
];

/**
 * What is left of what the account has given a user, role or group, in the form in which IAM tells it. What `resources` give it anew is
 * left out as well, because it stands in place of what had its name.
 */
export const leftOf = (
  entry: Json,
  holder: PolicyHolder,
  stays: Staying,
  resources: readonly DeclaredResource[],
): JsonObject => {
  const { type, name } = holder;
  const arn = asText(member(entry, 'Arn')) ?? '';
  const anew = new Set(
    attachedIn(resources)(type, name).map(({ policy }) => ('arn' in policy ? policy.arn : policy.name)),
  );
  const isLeft = (list: string, each: string): boolean => {
    if (list === 'GroupList') return stays.isMember(name, each) && !stays.isGone(keyOfNamed('group', each));
    const isInline = list === INLINE_LISTS[type];
    return !anew.has(each) && stays.isKept(holder, arn, isInline ? inlineName(arn, each) : each);
  };
  const lists = listsOf(type).map((list) => [
    list,
    asList(member(entry, list)).filter((each) => isLeft(list, nameIn(list, each))),
  ]);
  return { ...(isObject(entry) && entry), ...Object.fromEntries(lists) };
};

/** What is declared, in the form of a listing of IAM, with what else the account has given users, roles and groups, by their ARNs. */
export const withBesides = (details: JsonObject, besides: ReadonlyMap<string, Json>): JsonObject => {
  const withOwn = (type: PolicyHolder['type'], entry: Json): Json => {
    const more = besides.get(asText(member(entry, 'Arn')) ?? '');
    if (more === undefined || !isObject(entry)) return entry;
    const lists = listsOf(type).map((list) => {
      const own = asList(member(entry, list));
      const names = new Set(own.map((each) => nameIn(list, each)));
      return [list, [...own, ...asList(member(more, list)).filter((each) => !names.has(nameIn(list, each)))]];
    });
    return { ...entry, ...Object.fromEntries(lists) };
  };
  const listed = Object.entries(DETAIL_LISTS).map(([type, list]) => [
    list,
    asList(member(details, list)).map((entry) => withOwn(type as PolicyHolder['type'], entry)),
  ]);
  return { ...details, ...Object.fromEntries(listed) };
};

/** The lists of `get-account-authorization-details`. */
export const DETAIL_LISTS = {
  role: 'RoleDetailList',
  user: 'UserDetailList',
  group: 'GroupDetailList',
} as const;
