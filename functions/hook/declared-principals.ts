import { existing } from '../../shared/account-index/entries.ts';
import type { Outline } from '../../shared/account-index/kept-index.ts';
import type { IndexStore } from '../../shared/account-index/store.ts';
import type { DeclaredResource, PolicyHolder } from '../../shared/declared/declared.ts';
import { declaredDetails, type HeldDetail } from '../../shared/declared/declared-identities.ts';
import { ofType } from '../../shared/declared/of-type.ts';
import { holderOf } from '../../shared/declared/undeclared-holders.ts';
import { keyOfNamed, type Staying, whatStays } from '../../shared/declared/what-stays.ts';
import { arnName, parseArn } from '../../shared/domain/arn.ts';
import { unreadText } from '../../shared/domain/gap.ts';
import type { ReadDetails } from '../../shared/facts/indexed-evidence.ts';
import { asList, asText, isObject, type Json, type JsonObject, member } from '../../shared/json/json.ts';
import { once, oncePer } from '../../shared/memo.ts';
import { ABSENT } from '../../shared/reader/read-result.ts';
import type { AccountReaders } from '../../shared/reader/reader.ts';
import { DETAIL_LISTS, leftOf, withBesides } from './left-of.ts';

/** So many users, roles, groups and managed policies are read from IAM for one template. */
const MOST_READ = 30;

/** What of IAM is changed by declared resources. */
type DeclaredPrincipals = {
  /** In the form of `get-account-authorization-details`. */
  details: JsonObject;
  /** The ARNs of users and roles of the account whose policies are changed, or that are taken away. */
  holders: readonly string[];
  /** The ARNs of users, roles and groups of the account that are taken away, or made anew with another path. */
  gone: readonly string[];
};

/**
 * What of IAM stands over an index: what is declared, and the things of the account to which it is attached or refers, read from IAM once for
 * all ways to fill holes.
 */
export const declaredPrincipals = ({
  outline,
  store,
  readers,
  readDetails,
}: {
  outline: Outline;
  store: Pick<IndexStore, 'readSome'>;
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

  /** A user, role or group as the index has it; undefined where there is none. */
  const inIndex = oncePer(async (arn: string): Promise<Json | undefined> => {
    const group = outline.entries.groups.get(arn)?.value;
    if (group !== undefined && group !== null) return group;
    return (await store.readSome('whole-principals', [arn])).get(arn)?.value ?? undefined;
  });

  /**
   * The users, roles and groups of the account to which policies are attached, or from which they are taken, and the users who come into
   * groups or leave them.
   */
  const heldBy = async (
    resources: readonly DeclaredResource[],
    earlier: readonly DeclaredResource[],
    stays: Staying,
  ): Promise<HeldDetail[]> => {
    const declared = new Set(resources.flatMap((each) => ('name' in each ? keyOf(each) : [])));
    const isOther = (holder: PolicyHolder): boolean =>
      !declared.has(keyOf(holder)) && !stays.isGone(keyOfNamed(holder.type, holder.name));
    const holders = new Map(
      [...resources, ...earlier].flatMap((each) => {
        const holder = holderOf(each);
        return holder && isOther(holder) ? [[keyOf(holder), holder] as const] : [];
      }),
    );
    const held: HeldDetail[] = [];
    const hold = ({ type, name }: PolicyHolder, entry: Json | undefined): void => {
      if (entry !== undefined)
        held.push({ type, name, entry: leftOf(entry, { type, name }, stays, resources) });
    };
    for (const [key, holder] of holders) {
      const { type, name } = holder;
      const arn = named().get(key) ?? `arn:${scope.partition}:iam::${scope.account}:${type}/${name}`;
      hold(holder, asList(member(await read.of(type, arn), DETAIL_LISTS[type]))[0]);
    }
    const isGone = (group: string): boolean => stays.isGone(keyOfNamed('group', group));
    for (const { principal, name, groups } of outline.identities().identities)
      if (groups.some(isGone)) {
        const user = { type: 'user', name } as const;
        if (isOther(user) && !holders.has(keyOf(user))) hold(user, await inIndex(principal.arn));
      }
    return held;
  };

  /** What the account has given the declared users, roles and groups that were declared before, too. */
  const givenBesides = async (
    resources: readonly DeclaredResource[],
    stays: Staying,
  ): Promise<ReadonlyMap<string, Json>> => {
    const given = new Map<string, Json>();
    for (const each of ofType(resources, 'role', 'user', 'group')) {
      const arn = stays.isUpdated(each.type, each.name) ? named().get(keyOf(each)) : undefined;
      const entry = arn === undefined ? undefined : await inIndex(arn);
      if (entry !== undefined) given.set(each.arn, leftOf(entry, each, stays, resources));
    }
    return given;
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
    listed: async (
      resources: readonly DeclaredResource[],
      earlier: readonly DeclaredResource[] = [],
    ): Promise<DeclaredPrincipals> => {
      const stays = whatStays(resources, earlier);
      const held = await heldBy(resources, earlier, stays);
      const declared = withBesides(
        declaredDetails(
          resources.map((each) => asUpdated(each, outline)),
          held,
        ),
        await givenBesides(resources, stays),
      );
      const policies = asList(member(declared, 'Policies'));
      for (const arn of referredIn(declared).filter((each) => !isInIndex(each)))
        policies.push(...asList(member(await read.of('policy', arn), 'Policies')));
      const known = (each: { type: string; name: string }): string[] => {
        const arn = named().get(keyOf(each));
        return arn === undefined ? [] : [arn];
      };
      const takenAway = ofType(earlier, 'role', 'user', 'group').filter(({ type, name }) =>
        stays.isGone(keyOfNamed(type, name)),
      );
      const gone = takenAway.flatMap(known);
      return {
        details: { ...declared, Policies: policies },
        holders: [
          ...held.flatMap(({ type, entry }) =>
            type === 'group' ? [] : (asText(member(entry, 'Arn')) ?? []),
          ),
          ...membersOf(resources, held),
          ...gone,
        ],
        gone: [
          ...gone,
          ...ofType(resources, 'role', 'user', 'group').flatMap((each) =>
            known(each).filter((arn) => arn !== each.arn),
          ),
        ],
      };
    },
    /** The names of the users, roles, groups or managed policies that the account has. */
    namesOf: (type: PolicyHolder['type'] | 'managed-policy'): string[] =>
      type === 'managed-policy'
        ? existing(outline.entries['managed-policies']).map(([arn]) => arnName(arn))
        : [...named()].flatMap(([key, arn]) => (key.startsWith(`${type} `) ? arnName(arn) : [])),
    /** Whether the account has a user, role or group of that name. */
    has: (each: { type: string; name: string }): boolean => named().has(keyOf(each)),
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
  const referred = Object.values(DETAIL_LISTS).flatMap((list) =>
    asList(member(listed, list)).flatMap((entry) => [
      ...asList(member(entry, 'AttachedManagedPolicies')).map((each) => asText(member(each, 'PolicyArn'))),
      asText(member(member(entry, 'PermissionsBoundary'), 'PermissionsBoundaryArn')),
    ]),
  );
  return [...new Set(referred)].filter((arn): arn is string => arn !== undefined && !own.has(arn));
};
