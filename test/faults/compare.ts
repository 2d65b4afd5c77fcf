import { accountRootArn } from '../../shared/domain/arn.ts';
import { findingId } from '../../shared/domain/finding.ts';
import { groupBy } from '../../shared/group-by.ts';
import { REGION } from '../support/builders/events.ts';
import type { ChannelMessage } from './channel-messages.ts';
import type { RunOutcome } from './run.ts';

/**
 * The differences of two runs: findings of the clean run alone, findings of the other run alone or with other
 * content, and undelivered changes.
 */
export type Difference = { missed: string[]; extra: string[]; lost: string[]; repeated: string[] };

/** Compares the run with faults to the clean run. */
export const compareRuns = (clean: RunOutcome, faulty: RunOutcome): Difference => {
  const events = unreadable(faulty);
  const whileRefused = ofRefused(faulty);
  const archived = whileRefused.map(({ id }): [string, string] => [id, 'ARCHIVED PASSED']);
  const inSecurityHub = new Map([...clean.securityHub, ...archived]);
  const parts = [
    compareMaps('open before the sweep', clean.openBefore, faulty.openBefore, events),
    compareMaps('open', clean.open, faulty.open, events),
    compareMaps('in Security Hub', inSecurityHub, faulty.securityHub, events),
    compareTold(clean, faulty, { events, whileRefused }),
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

/** The findings about unreadable messages, which the clean run does not have. */
const unreadable = ({ open }: RunOutcome): ReadonlySet<string> =>
  new Set(
    [...open]
      .filter(([, saying]) => (JSON.parse(saying) as { type: string }).type === 'event')
      .map(([id]) => id),
  );

/** A finding that tells of an account while its role was refused, and how each channel names it that hears of it. */
type WhileRefused = { id: string; named: Partial<Record<ChannelMessage['channel'], string>> };

/** People hear of what is FAILED; that the evidence could not be read is NOT_AVAILABLE, which only programs hear. */
const ofRefused = ({ refused }: RunOutcome): WhileRefused[] =>
  refused.flatMap((account) => {
    const scope = { partition: 'aws', account, region: REGION };
    const resourceArn = accountRootArn(scope);
    const about = { scope, resourceArn };
    const covered = findingId({ ...about, control: 'scope-covered' });
    const read = findingId({ ...about, control: 'evidence-readable', subject: 'the whole account' });
    return [
      { id: covered, named: { bus: covered, SNS: covered, Slack: `scope-covered ${resourceArn}` } },
      { id: read, named: { bus: read } },
    ];
  });

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

/**
 * Counts the messages, except those about changed findings: their number depends on which events came at the same
 * time.
 */
const countsOf = (told: readonly ChannelMessage[]): Map<string, number> => {
  const counts = new Map<string, number>();
  for (const each of told)
    if (each.kind !== 'changed') counts.set(keyOf(each), (counts.get(keyOf(each)) ?? 0) + 1);
  return counts;
};

/** The number of different changes of each kind on the bus; repeats do not count. */
const changesOf = (told: readonly ChannelMessage[]): Map<string, number> =>
  countsOf([...new Map(told.flatMap((each) => (each.changeId ? [[each.changeId, each]] : []))).values()]);

/**
 * Everything must be told as often as in the clean run. One exception: what a killed deliverer had told but not noted
 * may be repeated once for each kill, because no channel can be asked what it heard, and silence would be worse. On
 * the bus the repeat must have the same change id.
 */
const compareTold = (
  clean: RunOutcome,
  faulty: RunOutcome,
  { events, whileRefused }: { events: ReadonlySet<string>; whileRefused: readonly WhileRefused[] },
): Difference => {
  const wanted = countsOf(clean.told);
  const got = countsOf(faulty.told);
  const changes = changesOf(faulty.told);
  const excused = countsOf(faulty.lost);
  for (const id of events) wanted.set(`bus: opened: ${id}`, 1);
  // Of what ends before a channel could take its beginning the channel hears the end alone: programs always, people where the channel
  // may know of the beginning.
  for (const { named } of whileRefused)
    for (const [channel, of] of Object.entries(named) as [ChannelMessage['channel'], string][]) {
      const keyOfKind = (kind: 'opened' | 'closed') => keyOf({ channel, kind, of });
      const [hasOpened, hasClosed] = [got.has(keyOfKind('opened')), got.has(keyOfKind('closed'))];
      if (hasOpened) wanted.set(keyOfKind('opened'), 1);
      if (channel === 'bus' || hasOpened || hasClosed) wanted.set(keyOfKind('closed'), 1);
    }
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

/**
 * How often a message with this body was put aside again, and nothing excuses it. SQS delivers a message once at least, and
 * whoever hears no answer to a call sends it again: attempts of one call count once. A message comes again, and is put aside
 * again, whose function was killed, answered too late, or did not hear that the queue took it. A busy machine has more of each.
 */
const asideAgain = (
  ofBody: readonly RunOutcome['deadLetters'][number][],
  unanswered: readonly string[],
): number => {
  const calls = new Set(ofBody.map(({ id, invocation = id }) => invocation));
  const excuses = unanswered.filter(
    (each) => each === ofBody[0]?.body || each === ofBody[0]?.attributes.EventId,
  );
  return Math.max(0, calls.size - 1 - excuses.length);
};

export const compareDeadLetters = ({
  malformed,
  deadLetters,
  unanswered,
}: Pick<RunOutcome, 'malformed' | 'deadLetters' | 'unanswered'>): Difference => {
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
      ...[...groupBy(deadLetters, ({ body }) => body)].flatMap(([body, ofBody]) =>
        Array.from(
          { length: asideAgain(ofBody, unanswered) },
          () => `put aside again: ${body.slice(0, 100)}`,
        ),
      ),
    ],
  };
};

const leftOver = ({ undelivered, otherDeadLetters, unswept }: RunOutcome): string[] => [
  ...Array.from({ length: undelivered }, () => 'a resource with undelivered changes'),
  ...Array.from({ length: otherDeadLetters }, () => 'a dead letter of the deliverer or the inventory'),
  ...unswept.map((account) => `the sweep of ${account}`),
];
