import type { KeptIndex, Outline } from '../account-index/kept-index.ts';
import {
  identitiesFrom,
  type PrincipalEntries,
  principalEntries,
} from '../account-index/principal-entries.ts';
import type { Json } from '../json/json.ts';
import { remembered } from '../memo.ts';
import { ABSENT, found, type Read } from '../reader/read-result.ts';
import {
  type AccountEvidence,
  type Changed,
  identityOf,
  namedIn,
  usesIn,
  withIndexes,
} from './account-evidence.ts';

/**
 * Reads one thing from IAM, in the form of a listing of IAM. `isKnown`: whether a group or managed policy that it refers to need
 * not be read.
 */
export type ReadDetails = (changed: Changed, isKnown: (arn: string) => boolean) => Promise<Read<Json>>;

type Options = { index: KeptIndex; readDetails: ReadDetails; now: () => Date };

/**
 * The evidence of an account whose index is there: a look at a user or role reads that one from IAM if it may have changed, and
 * all others from the index. `base` tells all else.
 */
export const indexedEvidence = (
  base: AccountEvidence,
  first: Outline,
  { index, readDetails, now }: Options,
): AccountEvidence => {
  const outline = async (): Promise<Outline> => (await index.outline()) ?? first;

  /** What IAM tells of it now, added to the index. */
  const readAnew = async (changed: Changed): Promise<Read<PrincipalEntries>> => {
    const known = await outline();
    const { 'managed-policies': policies, groups } = known.entries;
    const asOf = now().valueOf();
    const read = await readDetails(changed, (arn) => policies.has(arn) || groups.has(arn));
    if (!read.ok && read.unread.code !== ABSENT) return read;
    const entries = read.ok ? principalEntries(read.value, asOf, known.entries) : NONE();
    for (const arn of goneIn(changed, known, entries)) setGone(entries, changed.type, arn, asOf);
    await index.learnPrincipals(entries);
    return found(entries);
  };

  return {
    ...base,
    identities: async (detail = 'whole', changed) => {
      const read = changed && (await readAnew(changed));
      if (read && !read.ok) return read;
      const { readAt, identities } = await outline();
      if (detail === 'outline') return found(indexed(identities()), readAt);
      const asOf = now().valueOf();
      return found(withIndexes(await index.wholeIdentities()), asOf);
    },
    principal: async (subject) => {
      const read = subject.isChanged ? await readAnew(subject) : undefined;
      if (read && !read.ok) return read;
      const known = await outline();
      const { readAt, entries } = known;
      const identities = indexed(known.identities());
      const told = identityOf(subject, identities, base.scope);
      const whole = read
        ? identitiesFrom({ ...entries, principals: read.value['whole-principals'] })
        : await index.wholePrincipal(told?.principal.arn ?? subject.arn, known);
      return found({ identities, identity: identityOf(subject, withIndexes(whole), base.scope) }, readAt);
    },
    named: async () => namedIn((await outline()).identities()),
    roster: async (detail = 'whole') => {
      const { readAt, roster } = await outline();
      if (detail === 'outline') return found(roster(), readAt);
      const asOf = now().valueOf();
      return found(await index.wholeRoster(), asOf);
    },
    usesOf: async (roleArn, isExact) => {
      const { readAt, roster, pipelinesOf } = await outline();
      const all = roster();
      const { roleArn: exact } = usesIn(all, roleArn, isExact);
      const some = await index.wholeRoster(pipelinesOf(exact));
      return found({ roster: all, uses: usesIn(some, exact, isExact) }, readAt);
    },
  };
};

const indexed = remembered(withIndexes);

const NONE = (): PrincipalEntries => ({
  principals: new Map(),
  'whole-principals': new Map(),
  'managed-policies': new Map(),
  groups: new Map(),
});

/** The ARNs that the thing had before, or has no more: a principal that is made again may have another path. */
const goneIn = ({ type, name, arn }: Changed, { identities }: Outline, now: PrincipalEntries): string[] => {
  if (type === 'group') return now.groups.size === 0 ? [arn] : [];
  if (type === 'policy') return now['managed-policies'].has(arn) ? [] : [arn];
  const before = indexed(identities()).byName.get(`${type} ${name}`)?.principal.arn;
  return before === undefined || now['whole-principals'].has(before) ? [] : [before];
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
