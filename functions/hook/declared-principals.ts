import { existing } from '../../shared/account-index/entries.ts';
import type { Outline } from '../../shared/account-index/kept-index.ts';
import type { DeclaredResource, PolicyHolder } from '../../shared/declared/declared.ts';
import { declaredDetails, type HeldDetail } from '../../shared/declared/declared-identities.ts';
import { holderOf } from '../../shared/declared/undeclared-holders.ts';
import { parseArn } from '../../shared/domain/arn.ts';
import { unreadText } from '../../shared/domain/gap.ts';
import type { ReadDetails } from '../../shared/facts/indexed-evidence.ts';
import { asList, asText, isObject, type Json, type JsonObject, member } from '../../shared/json/json.ts';
import { once, oncePer } from '../../shared/memo.ts';
import { ABSENT } from '../../shared/reader/read-result.ts';
import type { AccountReaders } from '../../shared/reader/reader.ts';

/** So many users, roles, groups and managed policies are read from IAM for one template. */
const MOST_READ = 30;

const LISTS = { role: 'RoleDetailList', user: 'UserDetailList', group: 'GroupDetailList' } as const;

/** What of IAM is changed by declared resources. */
type DeclaredPrincipals = {
  /** In the form of `get-account-authorization-details`. */
  details: JsonObject;
  /** The ARNs of users and roles of the account whose policies are changed. */
  holders: readonly string[];
  /** The ARNs of users and roles of the account that are made anew, with another path. */
  replaced: readonly string[];
};

/**
 * What of IAM stands over an index: what is declared, and the things of the account to which it is attached or refers, read from IAM once for
 * all ways to fill holes.
 */
export const declaredPrincipals = ({
  outline,
  readers,
  readDetails,
}: {
  outline: Outline;
  readers: AccountReaders;
  readDetails: ReadDetails;
}) => {
  const [{ scope }] = readers;
  const isInIndex = (policy: string): boolean =>
    (outline.entries['managed-policies'].get(policy)?.value ?? null) !== null;
  const read = readsOfFirst(readDetails, isInIndex);
  /** The ARNs of users, roles and groups of the account. */
  const named = once(
    () =>
      new Map([
        ...outline
          .identities()
          .identities.map(
            ({ principal: { kind, arn }, name }) => [keyOf({ type: kind, name }), arn] as const,
          ),
        ...existing(outline.entries.groups).map(
          ([arn, group]) =>
            [keyOf({ type: 'group', name: asText(member(group, 'GroupName')) ?? '' }), arn] as const,
        ),
      ]),
  );

  /** The users, roles and groups of the account to which declared policies are attached, and the users who come into groups. */
  const heldBy = async (resources: readonly DeclaredResource[]): Promise<HeldDetail[]> => {
    const declared = new Set(resources.flatMap((each) => ('name' in each ? keyOf(each) : [])));
    const holders = new Map(
      resources.flatMap((each) => {
        const holder = holderOf(each);
        return holder && !declared.has(keyOf(holder)) ? [[keyOf(holder), holder] as const] : [];
      }),
    );
    const held: HeldDetail[] = [];
    for (const [key, { type, name }] of holders) {
      const arn = named().get(key) ?? `arn:${scope.partition}:iam::${scope.account}:${type}/${name}`;
      const [entry] = asList(member(await read.of(type, arn), LISTS[type]));
      if (entry !== undefined) held.push({ type, name, entry });
    }
    return held;
  };

  /** Those of the account that have a group or managed policy which is changed. */
  const membersOf = (resources: readonly DeclaredResource[], held: readonly HeldDetail[]): string[] => {
    const policies = new Set(
      resources.flatMap((each) => (each.type === 'managed-policy' && isInIndex(each.arn) ? each.arn : [])),
    );
    const groups = new Set(
      [...resources, ...held].flatMap((each) =>
        each.type === 'group' && named().has(keyOf(each)) ? each.name : [],
      ),
    );
    if (policies.size + groups.size === 0) return [];
    return outline
      .identities()
      .identities.filter(
        ({ groups: own, policies: { identity, boundary } }) =>
          own.some((name) => groups.has(name)) ||
          [identity, boundary].some((index) => index?.policies.some(({ name }) => policies.has(name))),
      )
      .map(({ principal }) => principal.arn);
  };

  return {
    listed: async (resources: readonly DeclaredResource[]): Promise<DeclaredPrincipals> => {
      const held = await heldBy(resources);
      const declared = declaredDetails(
        resources.map((each) => asUpdated(each, outline)),
        held,
      );
      const policies = asList(member(declared, 'Policies'));
      for (const arn of referredIn(declared).filter((each) => !isInIndex(each)))
        policies.push(...asList(member(await read.of('policy', arn), 'Policies')));
      return {
        details: { ...declared, Policies: policies },
        holders: [
          ...held.flatMap(({ type, entry }) =>
            type === 'group' ? [] : (asText(member(entry, 'Arn')) ?? []),
          ),
          ...membersOf(resources, held),
        ],
        replaced: resources.flatMap((each) => {
          if (each.type !== 'role' && each.type !== 'user') return [];
          const known = named().get(keyOf(each));
          return known !== undefined && known !== each.arn ? known : [];
        }),
      };
    },
    /** A role of the account as it is now; undefined where there is none, or it is another account’s. */
    role: async (arn: string): Promise<Json | undefined> =>
      parseArn(arn)?.account === scope.account ? read.of('role', arn) : undefined,
    /** From now on nothing is read but what was. */
    endOfFirst: read.end,
  };
};

/**
 * Reads things from IAM, as long as the first way to fill holes is judged: names that only other ways have are no names of the template, and
 * the index tells whether there are such.
 */
const readsOfFirst = (readDetails: ReadDetails, isKnown: (policy: string) => boolean) => {
  let [left, isOver] = [MOST_READ, false];
  const asked = new Set<string>();
  const once = oncePer(async (key: string): Promise<Json | undefined> => {
    const [type, arn] = JSON.parse(key) as [PolicyHolder['type'] | 'policy', string];
    if (left-- <= 0)
      throw new Error(
        'it names more users, roles and policies of the account than are read within the time of a hook',
      );
    const read = await readDetails({ type, name: arn.slice(arn.lastIndexOf('/') + 1), arn }, isKnown);
    if (read.ok) return read.value;
    if (read.unread.code === ABSENT) return undefined;
    throw new Error(unreadText(read.unread));
  });
  return {
    /** What IAM tells of one thing; undefined where there is no such thing. Rejects where AWS does not tell. */
    of: async (type: PolicyHolder['type'] | 'policy', arn: string): Promise<Json | undefined> => {
      const key = JSON.stringify([type, arn]);
      if (!isOver) asked.add(key);
      return asked.has(key) ? once(key) : undefined;
    },
    end: (): void => {
      isOver = true;
    },
  };
};

const keyOf = ({ type, name }: { type: string; name: string }): string => `${type} ${name.toLowerCase()}`;

/** An update leaves a user or role its id, its last use and the tags that only AWS sets. */
const asUpdated = (resource: DeclaredResource, { entries }: Outline): DeclaredResource => {
  if ((resource.type !== 'role' && resource.type !== 'user') || !isObject(resource.entry)) return resource;
  const before = entries.principals.get(resource.arn)?.value;
  if (!isObject(before)) return resource;
  const kept = ['RoleId', 'UserId', 'RoleLastUsed'].flatMap((name) => {
    const value = member(before, name);
    return value === undefined ? [] : [[name, value] as const];
  });
  const ofAws = asList(member(before, 'Tags')).filter((tag) =>
    asText(member(tag, 'Key'))?.startsWith('aws:'),
  );
  const tags = [...asList(member(resource.entry, 'Tags')), ...ofAws];
  return { ...resource, entry: { ...resource.entry, ...Object.fromEntries(kept), Tags: tags } };
};

/** The ARNs of the managed policies to which listed principals refer, and that are not in the list. */
const referredIn = (listed: JsonObject): string[] => {
  const own = new Set(asList(member(listed, 'Policies')).map((each) => asText(member(each, 'Arn'))));
  const referred = Object.values(LISTS).flatMap((list) =>
    asList(member(listed, list)).flatMap((entry) => [
      ...asList(member(entry, 'AttachedManagedPolicies')).map((each) => asText(member(each, 'PolicyArn'))),
      asText(member(member(entry, 'PermissionsBoundary'), 'PermissionsBoundaryArn')),
    ]),
  );
  return [...new Set(referred)].filter((arn): arn is string => arn !== undefined && !own.has(arn));
};
