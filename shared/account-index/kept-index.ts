import type { AccountPrincipals } from '../iam/decide/authorization-details.ts';
import { type Json, member } from '../json/json.ts';
import { once, oncePer, rememberedPart } from '../memo.ts';
import { type Roster, rolesAsked } from '../needs/roster.ts';
import type { Bearing, Settled } from './bearing.ts';
import {
  type Entries,
  type Entry,
  existing,
  type IndexKind,
  isSameValue,
  merged,
  OUTLINE,
} from './entries.ts';
import { PART_LOST } from './part-lost.ts';
import { isUnchanged } from './part-text.ts';
import {
  type Asked,
  aboutBucket,
  askedByKey,
  type PipelineEntries,
  pipelineEntries,
  pipelineKey,
  pipelinesByInputBucket,
  rosterFrom,
  withNeedsOf,
} from './pipeline-entries.ts';
import { identitiesFrom, type MadeBefore, type PrincipalEntries, writersFrom } from './principal-entries.ts';
import { FORM, type IndexHead, type IndexStore, TOO_LARGE } from './store.ts';

type OutlineKind = (typeof OUTLINE)[number];

/** What an index tells of all principals and pipelines, and when it was read (milliseconds since 1970). */
export type Outline = {
  readAt: number;
  /** When the pipelines were read, which may be later. */
  pipelinesReadAt: number;
  /** From which listings it was made. */
  head: IndexHead;
  entries: Readonly<Record<OutlineKind, Entries>>;
  identities: () => AccountPrincipals;
  roster: () => Roster;
  /** The keys of the pipelines that ask something of a role. */
  pipelinesOf: (roleArn: string) => readonly string[];
  /** By bucket, the pipelines with inputs there. */
  inputs: () => ReturnType<typeof pipelinesByInputBucket>;
  /** What was made of it so far, for an outline that is read later. */
  made: () => MadeBefore | undefined;
  /** The roster that was made last, of these pipelines or of those before. */
  madeRoster: () => Roster | undefined;
};

/** An index with what a process has read of it. */
export type KeptIndex = {
  /** Undefined where the index is missing, was made from something else than now, or is too old. */
  outline(): Promise<Outline | undefined>;
  /** Drops what was read of an index that was dropped or made anew since. */
  renew(): Promise<void>;
  /** All principals whole. They are read once for several looks. */
  wholeIdentities(outline: Outline): Promise<AccountPrincipals>;
  /** All principals; of those who are meant also what they write in S3. */
  writers(outline: Outline, isMeant: (arn: string) => boolean): Promise<AccountPrincipals>;
  /** One principal whole, as the index or what a look has `read` tells, whichever is newer; without identities where neither has it. */
  wholePrincipal(arn: string, outline: Outline, read?: Entries): Promise<AccountPrincipals>;
  /** All that these pipelines ask; undefined where it is not told of each of them. */
  rosterOfSome(keys: readonly string[]): Promise<Roster | undefined>;
  /**
   * What all pipelines ask, as far as others’ looks hang on it, and all of it that is about a bucket; undefined where that is not told
   * of each of them.
   */
  rosterAt(bucket: string, outline: Outline): Promise<Roster | undefined>;
  /** All that all pipelines ask; undefined where it is not told of each of them. It is read once for several looks. */
  wholeRoster(outline: Outline): Promise<Roster | undefined>;
  /** Adds what a look has read; `isNews`: an event told of a change. Outlines that are asked for from then on tell it. */
  learnPrincipals(entries: PrincipalEntries, isNews: boolean): Promise<void>;
  /** Reads, together with the outline, to what a look will add that learns of a principal. */
  expectPrincipal(arn: string): void;
  /**
   * What principals were to others, by ARN, when all that hang on them were looked at; undefined where such looks are due. It knows
   * those that have the name in an ARN, which may lack the path.
   */
  settled(arn: string): Promise<(exactArn: string) => Settled | undefined>;
  /** Notes that all who hang on a principal were looked at since it is what it is, or that they are to be looked at. */
  settle(arn: string, bearing: Bearing | undefined, asOf: number): Promise<void>;
  learnPipeline(arn: string, asked: Asked | null, asOf: number, isNews: boolean): Promise<void>;
  /** Drops what was read of the index before a time, in milliseconds since 1970. */
  forgetBefore(time: number): void;
};

export type KeptIndexOptions = {
  store: IndexStore;
  now: () => Date;
  /** The digest of the configuration by which pipelines are read. */
  configuration: string;
  /** The Regions whose pipelines are watched. */
  regions: readonly string[];
  /** How old a listing may be, in seconds. */
  maxAgeSeconds?: number;
  /** How long the process uses what it has read, in seconds. */
  keptSeconds?: number;
  /** An outline of nearly the same entries: what was made of it serves as far as they say the same. */
  like?: Outline | undefined;
};

/** Most sweeps come more often than that. Where they do not, the first event of a day asks for an inventory. */
const MAX_AGE_SECONDS = 25 * 60 * 60;

const outlineFrom = (
  entries: Readonly<Record<OutlineKind, Entries>>,
  { readAt, pipelinesReadAt = readAt, head }: Pick<Outline, 'readAt' | 'head'> & Partial<Outline>,
  before: Outline | undefined,
): Outline => {
  const madeBefore = before?.made();
  let made: MadeBefore | undefined;
  return {
    readAt,
    pipelinesReadAt,
    head,
    entries,
    identities: once(() => {
      const identities = identitiesFrom(entries, madeBefore);
      made = { entries, identities };
      return identities;
    }),
    ...(before && isUnchanged(before.entries.pipelines, entries.pipelines)
      ? pipelinesOfOutline(before)
      : madeOfPipelines(entries.pipelines, before)),
    made: () => made ?? madeBefore,
  };
};

type OfPipelines = Pick<Outline, 'roster' | 'pipelinesOf' | 'inputs' | 'madeRoster'>;

const pipelinesOfOutline = ({ roster, pipelinesOf, inputs, madeRoster }: OfPipelines): OfPipelines => ({
  roster,
  pipelinesOf,
  inputs,
  madeRoster,
});

const madeOfPipelines = (entries: Entries, before: OfPipelines | undefined): OfPipelines => {
  let latest = before?.madeRoster();
  const byRole = once(() => {
    const found = new Map<string, string[]>();
    for (const [key, asked] of askedByKey(entries))
      for (const roleArn of rolesAsked(asked)) found.set(roleArn, [...(found.get(roleArn) ?? []), key]);
    return found;
  });
  return {
    roster: once(() => {
      latest = rosterFrom(entries, latest);
      return latest;
    }),
    madeRoster: () => latest,
    pipelinesOf: (roleArn) => byRole().get(roleArn) ?? [],
    inputs: once(() => pipelinesByInputBucket(entries)),
  };
};

type Reads = Pick<IndexStore, 'read' | 'readSome'>;

/** What is read whole of pipelines, and of principals. */
const ofPipelines = (store: Reads) => ({
  roster: rememberedPart(async ({ pipelines }: Outline['entries']) => {
    const { 'whole-pipelines': whole } = await store.read(['whole-pipelines']);
    const known = existing(pipelines).map(([key]) => key);
    return isTold(whole, known) ? rosterFrom(whole) : undefined;
  }),
  ofBucket: oncePer((bucket: string) => store.readSome('bucket-pipelines', [bucket])),
});

const ofPrincipals = (store: Reads) => ({
  identities: rememberedPart(async (outline: Outline['entries']) => {
    const { 'whole-principals': whole } = await store.read(['whole-principals']);
    return identitiesFrom({ ...outline, principals: new Map([...outline.principals, ...whole]) });
  }),
  writers: once(async () => (await store.read(['writers'])).writers),
});

const wholesOf = (store: Reads) => ({ ...ofPipelines(store), ...ofPrincipals(store) });

/** An index as the looks of a process use it. */
export const keptIndex = ({
  store,
  now,
  configuration,
  regions,
  maxAgeSeconds = MAX_AGE_SECONDS,
  keptSeconds = 60,
  like,
}: KeptIndexOptions): KeptIndex => {
  let kept: Promise<Outline | undefined> | undefined;
  let keptAt = 0;
  /** The outline that was read last: what was made of it serves the next one as far as nothing changed. */
  let latest = like;

  /** Where a part is lost, nobody may use the index, which would take what was in that part for gone. */
  const droppingLost = async <T>(reading: Promise<T>): Promise<T> => {
    try {
      return await reading;
    } catch (error) {
      // A failure is asked for again.
      wholes = wholesOf(reads);
      if (isLost(error)) {
        kept = undefined;
        // Nor may a listing count that has begun: what looks had added since went with the part.
        await store.dropHead(now().valueOf());
      }
      throw error;
    }
  };
  const reads: Reads = {
    read: (kinds) => droppingLost(store.read(kinds)),
    readSome: (kind, keys) => droppingLost(store.readSome(kind, keys)),
  };
  /** What was read whole, until a look reads something else of the same, or the outline is read anew. */
  let wholes = wholesOf(reads);

  const read = async (): Promise<Outline | undefined> => {
    const readAt = now().valueOf();
    const [head, entries] = await Promise.all([
      store.head(),
      store.read(OUTLINE).catch((error: unknown) => {
        if (!isLost(error)) throw error;
        return undefined;
      }),
    ]);
    // An index without a head is in the making, and its listing may go on.
    if (head && !entries) await store.dropHead(readAt);
    const oldest = readAt - maxAgeSeconds * 1000;
    const isUsable =
      head !== undefined &&
      entries !== undefined &&
      head.form === FORM &&
      head.configuration === configuration &&
      head.principals >= oldest &&
      regions.every((region) => (head.pipelines[region] ?? 0) >= oldest);
    if (!isUsable) return undefined;
    latest = outlineFrom(entries, { readAt, head }, latest);
    return latest;
  };

  const outline = (): Promise<Outline | undefined> => {
    const time = now().valueOf();
    if (kept && keptAt + keptSeconds * 1000 > time) return kept;
    keptAt = time;
    wholes = wholesOf(reads);
    const reading = read();
    kept = reading;
    // A failure, or an index that is not there yet, is asked for again.
    const drop = (): void => {
      if (kept === reading) kept = undefined;
    };
    reading.then((found) => found ?? drop(), drop);
    return reading;
  };

  const learn = async (entries: Partial<Record<IndexKind, Entries>>, isNews: boolean): Promise<void> => {
    const told = Object.entries(entries).filter(([, of]) => of.size > 0) as [IndexKind, Entries][];
    try {
      await Promise.all(told.map(([kind, of]) => store.merge(kind, of, isNews)));
    } catch (error) {
      if (!(error instanceof Error) || error.name !== TOO_LARGE) throw error;
      // An account that no index can hold is listed by each look, as far as looks list.
      await store.dropHead(now().valueOf());
      kept = undefined;
      return;
    }
    const isAboutPipelines = told.some(([kind]) => PIPELINE_KINDS.has(kind));
    const isAboutPrincipals = told.some(([kind]) => !PIPELINE_KINDS.has(kind));
    wholes = {
      ...wholes,
      ...(isAboutPipelines && ofPipelines(reads)),
      ...(isAboutPrincipals && ofPrincipals(reads)),
    };
    const reading = kept;
    const before = await reading;
    const changed = told.flatMap(([kind, of]) =>
      isOutline(kind) &&
      [...of].some(([key, { value }]) => !isSameValue(before?.entries[kind].get(key)?.value, value))
        ? kind
        : [],
    );
    // Looks that follow from a change of a pipeline must date what they know of it after the change.
    const isOfPipeline = isNews && told.some(([kind]) => kind === 'whole-pipelines');
    if (kept !== reading || !(changed.length > 0 || isOfPipeline)) return;
    // What others have written meanwhile counts, too, so that the outline is read anew and not mended here.
    kept = before && changed.every((kind) => kind === 'pipelines') ? withNewPipelines(before) : undefined;
  };

  /** An outline with the pipelines as they are now, and the principals as they were read. */
  const withNewPipelines = (before: Outline): Promise<Outline> => {
    const pipelinesReadAt = now().valueOf();
    const reading = reads.read(['pipelines']).then((entries) => {
      latest = outlineFrom({ ...before.entries, ...entries }, { ...before, pipelinesReadAt }, before);
      return latest;
    });
    reading.catch(() => {
      if (kept === reading) kept = undefined;
    });
    return reading;
  };

  const renew = async (): Promise<void> => {
    const reading = kept;
    const before = await reading;
    if (!before) return;
    const isSame = JSON.stringify(await store.head()) === JSON.stringify(before.head);
    if (!isSame && kept === reading) kept = undefined;
  };

  const wholePipelines = async (keys: readonly string[]): Promise<Entries | undefined> => {
    const entries = only(await reads.readSome('whole-pipelines', keys), keys);
    return isTold(entries, keys) ? entries : undefined;
  };

  const outlineOf = async (key: string): Promise<Entry | undefined> =>
    ((await kept)?.entries.pipelines ?? (await store.readAvailable(['pipelines'])).pipelines).get(key);

  return {
    outline,
    renew,
    wholeIdentities: ({ entries }) => wholes.identities(entries),
    // Their values are read when they are asked for, and one that cannot be read counts as a part that is lost.
    writers: ({ entries, identities }, isMeant) =>
      droppingLost(wholes.writers().then((writers) => writersFrom(identities(), entries, writers, isMeant))),
    wholePrincipal: async (arn, { entries }, read = new Map()) => {
      const kept = only(await reads.readSome('whole-principals', [arn]), [arn]);
      return identitiesFrom({ ...entries, principals: merged(read, kept) });
    },
    rosterOfSome: async (keys) => {
      const entries = await wholePipelines(keys);
      return entries && rosterFrom(entries);
    },
    rosterAt: async (bucket, { entries: { pipelines }, roster }) => {
      const { entries, untold } = aboutBucket(bucket, pipelines, await wholes.ofBucket(bucket));
      const more = untold.length > 0 ? await wholePipelines(untold) : [];
      return more && withNeedsOf(roster(), rosterFrom(new Map([...entries, ...more])));
    },
    wholeRoster: ({ entries }) => wholes.roster(entries),
    expectPrincipal: (arn) => {
      for (const kind of ['whole-principals', 'writers'] as const)
        reads.readSome(kind, [arn]).catch(() => {}); // Whoever needs it asks again, and hears of the failure.
    },
    learnPrincipals: learn,
    learnPipeline: async (arn, asked, asOf, isNews) => {
      const before = (await outlineOf(pipelineKey(arn)))?.value;
      await learn(pipelineEntries(arn, asked, asOf, before), isNews);
    },
    settled: async (arn) => {
      const entries = await reads.readSome('settled', [arn]);
      return (exactArn) => settledIn(entries.get(exactArn)?.value);
    },
    settle: (arn, bearing, asOf) =>
      learn({ settled: new Map([[arn, { asOf, value: bearing ? { ...bearing } : null }]]) }, true),
    forgetBefore: (time) => {
      if (keptAt < time) kept = undefined;
    },
  };
};

const settledIn = (value: Json | undefined): Settled | undefined => {
  const [onPrincipals, onBuckets, swept] = ['onPrincipals', 'onBuckets', 'swept'].map((key) =>
    member(value, key),
  );
  if (typeof onPrincipals !== 'string' || typeof onBuckets !== 'string') return undefined;
  const [from, until] = [member(swept, 'from'), member(swept, 'until')];
  const isSwept = typeof from === 'number' && typeof until === 'number';
  return { onPrincipals, onBuckets, ...(isSwept && { swept: { from, until } }) };
};

const PIPELINE_KINDS: ReadonlySet<IndexKind> = new Set<keyof PipelineEntries>([
  'pipelines',
  'bucket-pipelines',
  'whole-pipelines',
]);

const isLost = (error: unknown): boolean => error instanceof Error && error.name === PART_LOST;

const isOutline = (kind: IndexKind): kind is OutlineKind => OUTLINE.some((each) => each === kind);

/** Whether each key has an entry. Whoever adds a pipeline writes several parts, and not all at once. */
const isTold = (entries: Entries, keys: readonly string[]): boolean => keys.every((key) => entries.has(key));

const only = (entries: Entries, keys: readonly string[]): Entries =>
  new Map(
    keys.flatMap((key) => {
      const entry = entries.get(key);
      return entry ? [[key, entry] as const] : [];
    }),
  );
