import pLimit from 'p-limit';
import { bearingOf, knownBefore } from '../account-index/bearing.ts';
import { type Entries, existing } from '../account-index/entries.ts';
import type { KeptIndex, Outline } from '../account-index/kept-index.ts';
import {
  noPrincipalEntries,
  type PrincipalEntries,
  principalEntries,
} from '../account-index/principal-entries.ts';
import type { Config } from '../config/schema.ts';
import type { NamedRoles } from '../definition/named-roles.ts';
import { isPolicyOfAws } from '../domain/arn.ts';
import type { AccountPrincipals } from '../iam/decide/authorization-details.ts';
import { asList, asText, type Json, member } from '../json/json.ts';
import { once, remembered, rememberedBeside, rememberedPart } from '../memo.ts';
import type { PipelineRef, Roster } from '../needs/roster.ts';
import { isNamedForTeam, membershipOf } from '../needs/team-members.ts';
import { ABSENT, found, type Read } from '../reader/read-result.ts';
import {
  type AccountEvidence,
  type Changed,
  callersIn,
  identityOf,
  namedIn,
  type readAskedOf,
  type Subject,
  usesIn,
  withIndexes,
} from './account-evidence.ts';

/**
 * Reads one thing from IAM, in the form of a listing of IAM. `isKnown`: whether a group or managed policy that it refers to need
 * not be read.
 */
export type ReadDetails = (changed: Changed, isKnown: (arn: string) => boolean) => Promise<Read<Json>>;

export type IndexOptions = {
  index: KeptIndex;
  config: Config;
  readDetails: ReadDetails;
  /** Reads what a pipeline asks, where steps call roles of the account by names. */
  readAsked: (pipeline: PipelineRef, named: NamedRoles) => ReturnType<typeof readAskedOf>;
  now: () => Date;
  /** Hears the principal’s ARN, and how to note, after the looks to which a look at it leads, that they were made. */
  onBearing: (subject: Subject, bearing: { arn: string; settle: () => Promise<void> }) => unknown;
  /** Called where there is no index, each time that somebody asks it for something. */
  onMissing: () => Promise<void>;
};

/** What was listed so lately is looked at without asking IAM for it again, unless an event tells of a change. */
const JUST_LISTED_MS = 15 * 60 * 1000;

/**
 * The evidence of an account with an index: a look at a user or role reads that one from IAM if it may have changed, and all others
 * from the index. Where there is no index, `base` reads everything; what may have changed is added to the index all the same,
 * because it may be in the making.
 */
export const indexedEvidence = (
  base: AccountEvidence,
  { index, config, readDetails, readAsked, now, onBearing, onMissing }: IndexOptions,
): AccountEvidence => {
  const renewed = once(() => index.renew());
  const outline = async (): Promise<Outline | undefined> => {
    await renewed();
    const known = await index.outline();
    if (!known) await onMissing();
    return known;
  };

  /** What IAM tells of it now, added to the index, and when IAM was asked. */
  const readAnew = async (changed: Changed, isNews: boolean): Promise<Read<Anew>> => {
    const known = await outline();
    const asOf = now().valueOf();
    // AWS alone changes its own policies. Of others, events and the names that groups had may have been missed.
    const isKnown = (arn: string): boolean =>
      isPolicyOfAws(arn) && (known?.entries['managed-policies'].get(arn)?.value ?? null) !== null;
    const read = await readDetails(changed, isKnown);
    if (!read.ok && read.unread.code !== ABSENT) return read;
    const entries = read.ok ? principalEntries(read.value, asOf) : noPrincipalEntries();
    for (const arn of goneIn(changed, known, entries)) setGone(entries, changed.type, arn, asOf);
    await index.learnPrincipals(entries, isNews);
    return found({ entries, asOf, toldAt: now().valueOf(), users: read.ok ? usersIn(read.value) : [] });
  };

  /** Who is meant hangs on the outline; what they write is asked each time, as a look of the same batch may have learnt more of it. */
  const isMeant = {
    all: () => isAnybody,
    teams: rememberedPart((known: Outline) => membersAmong(config)(known.entries.principals)(known.roster())),
  };

  const isAskedAnew = ({ change }: Subject, known: Outline | undefined): boolean =>
    change === 'told' ||
    (change === 'perhaps' && (known?.head.principals ?? 0) + JUST_LISTED_MS < now().valueOf());

  return {
    ...base,
    identities: async (detail = 'whole', changed) => {
      const read = changed && (await readAnew(changed, true));
      if (read && !read.ok) return read;
      // Whoever got a policy or came into a group a moment ago must be among its members.
      if (changed) index.forgetBefore(Number.POSITIVE_INFINITY);
      const known = await outline();
      if (!known) return base.identities(detail, changed);
      if (read && changed)
        return found(indexed(withMembers(known.identities(), changed, read.value)), known.readAt);
      const { readAt, identities } = known;
      if (detail === 'outline') return found(indexed(identities()), readAt);
      return found(indexed(await index.wholeIdentities(known)), readAt);
    },
    writers: async (of) => {
      const known = await outline();
      return known
        ? found(indexed(await index.writers(known, isMeant[of](known))), known.readAt)
        : base.writers(of);
    },
    principal: async (subject) => {
      const isTold = subject.change === 'told';
      if (isTold) index.expectPrincipal(subject.arn);
      const read = isAskedAnew(subject, await outline()) ? await readAnew(subject, isTold) : undefined;
      if (read && !read.ok) return read;
      const known = await outline();
      if (!known) return base.principal(subject);
      const { readAt: outlinedAt, identities: outlined } = known;
      // Whoever read the index before it was told of this knows less, however much later than the kept outline.
      const readAt = Math.max(outlinedAt, read?.value.toldAt ?? 0);
      const identities = indexed(outlined());
      const told = identityOf(subject, identities, base.scope);
      const own = read?.value.entries['whole-principals'];
      // The index is asked after it was told, because another look may have asked IAM later and told it before.
      const [whole, settled] = await Promise.all([
        index.wholePrincipal(told?.principal.arn ?? subject.arn, known, own),
        isTold ? index.settled(subject.arn) : undefined,
      ]);
      const identity = identityOf(subject, withIndexes(whole), base.scope);
      // An index of which a part is missing does not say that the principal is gone.
      if (!read && told && !identity) return base.principal(subject);
      if (!settled) return found({ identities, identity }, readAt);
      const arn = identity?.principal.arn ?? told?.principal.arn ?? subject.arn;
      const bearing = bearingOf(identity, outlined().directory);
      const before = knownBefore(settled(arn), subject.changedAt);
      const bears = {
        onPrincipals: before?.onPrincipals !== bearing.onPrincipals,
        onBuckets: before?.onBuckets !== bearing.onBuckets,
      };
      if (bears.onPrincipals || bears.onBuckets) {
        const asOf = read?.value.asOf ?? readAt;
        // Noted before the looks, so that no look that is killed or overtaken leaves others unseen.
        await index.settle(arn, undefined, asOf);
        onBearing(subject, { arn, settle: () => index.settle(arn, bearing, asOf) });
      }
      return found({ identities, identity, bears }, readAt);
    },
    named: async () => {
      const known = await outline();
      return known ? found(namedIn(known.identities())) : base.named();
    },
    roster: async (detail = 'whole') => {
      const known = await outline();
      if (!known) return base.roster(detail);
      const { pipelinesReadAt, roster } = known;
      const told = detail === 'outline' ? roster() : await index.wholeRoster(known);
      return told ? found(told, pipelinesReadAt) : base.roster(detail);
    },
    rosterAt: async (bucket) => {
      const known = await outline();
      const told = known && (await index.rosterAt(bucket, known));
      return told ? found(told, known.pipelinesReadAt) : base.rosterAt(bucket);
    },
    callers: async (role) => {
      const known = await outline();
      if (!known) return base.callers(role);
      const callers = callersIn(known.roster(), role);
      const named = namedIn(known.identities());
      await pLimit(CONCURRENCY).map(callers, async (caller) => {
        const asOf = now().valueOf();
        const asked = await readAsked(caller, named);
        if (asked) await index.learnPipeline(caller.arn, asked, asOf, true);
      });
      return found(callers, known.pipelinesReadAt);
    },
    usesOf: async (roleArn, isExact) => {
      const known = await outline();
      if (!known) return base.usesOf(roleArn, isExact);
      const roster = known.roster();
      const { roleArn: exact } = usesIn(roster, roleArn, isExact);
      const some = await index.rosterOfSome(known.pipelinesOf(exact));
      if (!some) return base.usesOf(roleArn, isExact);
      return found(
        { roster, uses: usesIn(some, exact, isExact), inputs: known.inputs },
        known.pipelinesReadAt,
      );
    },
  };
};

/** How many pipelines are read at once. */
const CONCURRENCY = 8;

const indexed = remembered(withIndexes);

type Anew = {
  entries: PrincipalEntries;
  asOf: number;
  /** When the index was told of it. */
  toldAt: number;
  /** The users of a group, by ARN. */
  users: readonly string[];
};

const usersIn = (details: Json): string[] =>
  asList(member(details, 'GroupDetailList')).flatMap((group) =>
    asList(member(group, 'Users')).flatMap((arn) => asText(arn) ?? []),
  );

/** The index knows the groups of users by the names that they had: IAM tells who is in a group now. */
const withMembers = (
  account: AccountPrincipals,
  { type, name }: Changed,
  { users }: Anew,
): AccountPrincipals => {
  if (type !== 'group') return account;
  const isIn = new Set(users);
  const identities = account.identities.map((identity) =>
    isIn.has(identity.principal.arn) && !identity.groups.includes(name)
      ? { ...identity, groups: [...identity.groups, name] }
      : identity,
  );
  return { ...account, identities };
};

/** The ARNs that the thing had before, or has no more: a principal that is made again, or a group, may have another path. */
const goneIn = (
  { type, name, arn }: Changed,
  known: Outline | undefined,
  now: PrincipalEntries,
): string[] => {
  if (type === 'policy') return now['managed-policies'].has(arn) ? [] : [arn];
  if (type === 'group') {
    const before = existing(known?.entries.groups ?? new Map()).flatMap(([at, group]) =>
      asText(member(group, 'GroupName')) === name ? at : [],
    );
    return [...new Set([...(known ? [] : [arn]), ...before])].filter((each) => !now.groups.has(each));
  }
  const before = known && indexed(known.identities()).named(type, name);
  // A record may tell a role without its path, so that nothing of the ARN it tells need exist.
  const there = [arn, ...(before ? [before.principal.arn] : [])].filter(
    (each) => !known || known.entries.principals.has(each),
  );
  return [...new Set(there)].filter((each) => !now['whole-principals'].has(each));
};

const setGone = (entries: PrincipalEntries, type: Changed['type'], arn: string, asOf: number): void => {
  const kinds = {
    role: PRINCIPALS,
    user: PRINCIPALS,
    group: ['groups'],
    policy: ['managed-policies'],
  } as const;
  for (const kind of kinds[type]) entries[kind].set(arn, { asOf, value: null });
};

const PRINCIPALS = ['principals', 'writers', 'whole-principals'] as const;

const isAnybody = (): boolean => true;

/**
 * Who acts for a team, among the principals of a roster’s account. Pipelines are read anew far more often than principals, of whom an
 * account has thousands, and hardly ever change who that is: then the function is the one from before, by which others know it.
 */
const membersAmong = remembered((config: Config) =>
  rememberedBeside((principals: Entries) => {
    const named = [...principals.keys()].filter(isNamedForTeam(config));
    let latest: { members: ReadonlySet<string>; isMember: (arn: string) => boolean } | undefined;
    return (roster: Roster): ((arn: string) => boolean) => {
      const asked = [...named, ...roster.roles.keys()];
      const members = new Set(asked.filter((arn) => membershipOf(arn, roster, config) !== undefined));
      const isSame = latest?.members.size === members.size && [...members].every(latest.isMember);
      if (!latest || !isSame) latest = { members, isMember: (arn) => members.has(arn) };
      return latest.isMember;
    };
  }),
);
