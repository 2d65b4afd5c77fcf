import { type Bearing, bearingOf } from '../account-index/bearing.ts';
import type { KeptIndex, Outline } from '../account-index/kept-index.ts';
import {
  identitiesFrom,
  type PrincipalEntries,
  principalEntries,
} from '../account-index/principal-entries.ts';
import { type Json, member } from '../json/json.ts';
import { remembered } from '../memo.ts';
import { ABSENT, found, type Read } from '../reader/read-result.ts';
import {
  type AccountEvidence,
  type Changed,
  identityOf,
  namedIn,
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
  readDetails: ReadDetails;
  now: () => Date;
  /** Hears what a principal is to others, of whom its look tells the ones to look at next. */
  onBearing: (subject: Subject, arn: string, bearing: Bearing, asOf: number) => void;
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
  { index, readDetails, now, onBearing, onMissing }: IndexOptions,
): AccountEvidence => {
  const outline = async (): Promise<Outline | undefined> => {
    const known = await index.outline();
    if (!known) await onMissing();
    return known;
  };

  /** What IAM tells of it now, added to the index. */
  const readAnew = async (changed: Changed, isNews: boolean): Promise<Read<PrincipalEntries>> => {
    const known = await outline();
    const asOf = now().valueOf();
    const isKnown = (arn: string): boolean =>
      known !== undefined && OF_PRINCIPALS.some((kind) => known.entries[kind].has(arn));
    const read = await readDetails(changed, isKnown);
    if (!read.ok && read.unread.code !== ABSENT) return read;
    const entries = read.ok ? principalEntries(read.value, asOf, known?.entries) : NONE();
    for (const arn of goneIn(changed, known, entries)) setGone(entries, changed.type, arn, asOf);
    await index.learnPrincipals(entries, isNews);
    return found(entries);
  };

  const isAskedAnew = ({ change }: Subject, known: Outline | undefined): boolean =>
    change === 'told' || (change === 'perhaps' && (known?.listedAt ?? 0) + JUST_LISTED_MS < now().valueOf());

  return {
    ...base,
    identities: async (detail = 'whole', changed) => {
      const read = changed && (await readAnew(changed, true));
      if (read && !read.ok) return read;
      const known = await outline();
      if (!known) return base.identities(detail, changed);
      const { readAt, identities } = known;
      if (detail === 'outline') return found(indexed(identities()), readAt);
      return found(indexed(await index.wholeIdentities(known)), readAt);
    },
    principal: async (subject) => {
      const read = isAskedAnew(subject, await outline())
        ? await readAnew(subject, subject.change === 'told')
        : undefined;
      if (read && !read.ok) return read;
      const known = await outline();
      if (!known) return base.principal(subject);
      const { readAt, entries } = known;
      const identities = indexed(known.identities());
      const told = identityOf(subject, identities, base.scope);
      const whole = read
        ? identitiesFrom({ ...entries, principals: read.value['whole-principals'] })
        : await index.wholePrincipal(told?.principal.arn ?? subject.arn, known);
      const identity = identityOf(subject, withIndexes(whole), base.scope);
      if (subject.change !== 'told') return found({ identities, identity }, readAt);
      const arn = identity?.principal.arn ?? told?.principal.arn ?? subject.arn;
      const bearing = bearingOf(identity);
      const before = entries.settled.get(arn)?.value;
      onBearing(subject, arn, bearing, readAt);
      const bears = {
        onPrincipals: member(before, 'onPrincipals') !== bearing.onPrincipals,
        onBuckets: member(before, 'onBuckets') !== bearing.onBuckets,
      };
      return found({ identities, identity, bears }, readAt);
    },
    named: async () => {
      const known = await outline();
      return known ? namedIn(known.identities()) : base.named();
    },
    roster: async (detail = 'whole') => {
      const known = await outline();
      if (!known) return base.roster(detail);
      const { readAt, roster } = known;
      return found(detail === 'outline' ? roster() : await index.wholeRoster(), readAt);
    },
    usesOf: async (roleArn, isExact) => {
      const known = await outline();
      if (!known) return base.usesOf(roleArn, isExact);
      const roster = known.roster();
      const { roleArn: exact } = usesIn(roster, roleArn, isExact);
      const some = await index.rosterOfSome(known.pipelinesOf(exact));
      return found({ roster, uses: usesIn(some, exact, isExact) }, known.readAt);
    },
  };
};

const indexed = remembered(withIndexes);

const OF_PRINCIPALS = ['managed-policies', 'groups'] as const;

const NONE = (): PrincipalEntries => ({
  principals: new Map(),
  'whole-principals': new Map(),
  'managed-policies': new Map(),
  groups: new Map(),
});

/** The ARNs that the thing had before, or has no more: a principal that is made again may have another path. */
const goneIn = (
  { type, name, arn }: Changed,
  known: Outline | undefined,
  now: PrincipalEntries,
): string[] => {
  if (type === 'group') return now.groups.size === 0 ? [arn] : [];
  if (type === 'policy') return now['managed-policies'].has(arn) ? [] : [arn];
  const before = known && indexed(known.identities()).byName.get(`${type} ${name}`);
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

const PRINCIPALS = ['principals', 'whole-principals'] as const;
