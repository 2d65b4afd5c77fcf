import type { ChannelMessage } from './channel-messages.ts';
import type { RunOutcome } from './run.ts';

/** How two runs differ: what the clean one has alone, what the other has alone or says otherwise, and what is left lying. */
export type Difference = { missed: string[]; extra: string[]; lost: string[]; repeated: string[] };

/** What the run through all faults has other than the clean one. */
export const compareRuns = (clean: RunOutcome, faulty: RunOutcome): Difference => {
  const events = unreadable(faulty);
  const parts = [
    compareMaps('open', clean.open, faulty.open, events),
    compareMaps('in Security Hub', clean.securityHub, faulty.securityHub, events),
    compareTold(clean, faulty, events),
    compareUnreadable(faulty, events),
    compareDeadLetters(faulty),
    { ...NONE, lost: [clean, faulty].flatMap(leftOver) },
  ];
  return {
    missed: parts.flatMap(({ missed }) => missed),
    extra: parts.flatMap(({ extra }) => extra),
    lost: parts.flatMap(({ lost }) => lost),
    repeated: parts.flatMap(({ repeated }) => repeated),
  };
};

const NONE: Difference = { missed: [], extra: [], lost: [], repeated: [] };

/** The findings about messages that nobody understands, of which the clean run has none. */
const unreadable = ({ open }: RunOutcome): ReadonlySet<string> =>
  new Set(
    [...open]
      .filter(([, saying]) => (JSON.parse(saying) as { type: string }).type === 'event')
      .map(([id]) => id),
  );

const compareMaps = (
  what: string,
  clean: ReadonlyMap<string, string>,
  faulty: ReadonlyMap<string, string>,
  others: ReadonlySet<string>,
): Difference => ({
  ...NONE,
  missed: [...clean]
    .filter(([id, value]) => faulty.get(id) !== value)
    .map(([id, value]) => `${what}: ${id}: ${value}`),
  extra: [...faulty]
    .filter(([id, value]) => !others.has(id) && clean.get(id) !== value)
    .map(([id, value]) => `${what}: ${id}: ${value}`),
});

const keyOf = ({ channel, of, kind }: ChannelMessage): string => `${channel}: ${kind}: ${of}`;

/** That a finding says more is no news: how often, hangs on what came at the same time. */
const countsOf = (told: readonly ChannelMessage[]): Map<string, number> => {
  const counts = new Map<string, number>();
  for (const each of told)
    if (each.kind !== 'changed') counts.set(keyOf(each), (counts.get(keyOf(each)) ?? 0) + 1);
  return counts;
};

/** How many changes of each kind the bus was told of, each counted once however often it was told. */
const changesOf = (told: readonly ChannelMessage[]): Map<string, number> =>
  countsOf([...new Map(told.flatMap((each) => (each.changeId ? [[each.changeId, each]] : []))).values()]);

/**
 * Everything is told as often as in the clean run. What a killed deliverer had told and could not note down may be told once
 * more for each such kill: no channel here can be asked whether it has heard something, and silence would be worse. On
 * the bus even that is known by the change's id, which must be the same.
 */
const compareTold = (clean: RunOutcome, faulty: RunOutcome, events: ReadonlySet<string>): Difference => {
  const wanted = countsOf(clean.told);
  const got = countsOf(faulty.told);
  const changes = changesOf(faulty.told);
  const excused = countsOf(faulty.lost);
  for (const id of events) wanted.set(`bus: opened: ${id}`, 1);
  const difference = { missed: [] as string[], extra: [] as string[], repeated: [] as string[] };
  for (const key of new Set([...wanted.keys(), ...got.keys()])) {
    const few = wanted.get(key) ?? 0;
    const more = (got.get(key) ?? 0) - few;
    const others = Math.max(0, (changes.get(key) ?? 0) - few);
    const excuse = Math.max(0, Math.min(more - others, excused.get(key) ?? 0));
    for (let n = 0; n < -more; n++) difference.missed.push(`told ${key}`);
    for (let n = 0; n < more - excuse; n++) difference.extra.push(`told ${key}`);
    for (let n = 0; n < excuse; n++) difference.repeated.push(`told ${key}`);
  }
  return { ...NONE, ...difference };
};

const compareUnreadable = ({ malformed }: RunOutcome, events: ReadonlySet<string>): Difference => {
  const more = events.size - malformed.length;
  const text = `${events.size} findings about ${malformed.length} malformed messages`;
  return { ...NONE, missed: more < 0 ? [text] : [], extra: more > 0 ? [text] : [] };
};

const compareDeadLetters = ({ malformed, deadLetters }: RunOutcome): Difference => {
  const wanted = new Set(malformed);
  const aside = new Set(deadLetters.map(({ body }) => body));
  const unexplained = deadLetters.filter(
    ({ body, attributes }) =>
      !wanted.has(body) || attributes.ErrorName !== 'Unreadable' || !attributes.Reason,
  );
  return {
    ...NONE,
    lost: malformed.filter((body) => !aside.has(body)).map((body) => `not put aside: ${body.slice(0, 100)}`),
    extra: [
      ...unexplained.map(({ body, attributes }) => `put aside: ${attributes.Reason}: ${body.slice(0, 100)}`),
      ...Array.from({ length: deadLetters.length - aside.size }, () => 'put aside twice'),
    ],
  };
};

const leftOver = ({ undelivered, deliveryDeadLetters }: RunOutcome): string[] => [
  ...Array.from({ length: undelivered }, () => 'a resource with undelivered changes'),
  ...Array.from({ length: deliveryDeadLetters }, () => 'a dead letter of the deliverer'),
];
