import type { Finding } from '../domain/finding.ts';
import type { Judgement, Subject } from '../domain/judgement.ts';
import { isDefinite } from '../domain/status.ts';
import { asOf } from './evidence-time.ts';
import type { FindingForms } from './next-state.ts';
import type { Observation, ResourceState, UnreadControl, UnreadPart } from './state.ts';

/**
 * When a finding was last judged, in milliseconds since 1970; Infinity where the newest look judged it, -Infinity where
 * no look did.
 */
export const judgedAt = (
  { observedAt, unread }: Pick<ResourceState, 'observedAt' | 'unread'>,
  { control, subject }: Pick<Finding, 'control' | 'subject'>,
): number => {
  const ofControl = of(unread?.controls, control);
  if (!ofControl) return Number.POSITIVE_INFINITY;
  const part = new Map(ofControl.parts).get(subject ?? null);
  return part === observedAt ? Number.POSITIVE_INFINITY : Math.max(timeOf(part), timeOf(ofControl.judgedAt));
};

/**
 * What an observation could not judge. `forms` are the resource’s findings after the observation, `seen` those in it.
 */
export const unreadAfter = (
  previous: ResourceState | undefined,
  observation: Observation,
  forms: FindingForms,
  seen: ReadonlyMap<string, Finding>,
): UnreadPart | undefined => {
  const controls = new Map(
    Object.entries(observation.judged).flatMap(([control, judgement]) =>
      isUnread(judgement)
        ? [[control, unreadControl(control, judgement, { previous, observation, seen })] as const]
        : [],
    ),
  );
  if (controls.size === 0) return undefined;
  const instead = [...forms].toSorted(byId).flatMap(([id, form]) => {
    const ofControl = 'open' in form ? controls.get(form.open.control) : undefined;
    if (!ofControl || !('open' in form) || !isDefinite(form.open.status)) return [];
    const said = ofControl.is === 'unread' ? seen.get(id) : of(previous?.unread?.forms, id);
    return said && !isDefinite(said.status) ? [[id, said] as const] : [];
  });
  return { controls: Object.fromEntries(controls), forms: Object.fromEntries(instead) };
};

type UnreadJudgement = Extract<Judgement, { is: 'unread' | 'ungathered' }>;

const unreadControl = (
  control: string,
  judgement: UnreadJudgement,
  {
    previous,
    observation,
    seen,
  }: { previous: ResourceState | undefined; observation: Observation; seen: ReadonlyMap<string, Finding> },
): UnreadControl => {
  const now = asOf(observation);
  const before = of(previous?.unread?.controls, control);
  const lastJudged = before ? before.judgedAt : previous?.observedAt;
  const { is, because } = judgement;
  const lastSaid = is === 'unread' ? now : before?.is === 'ungathered' ? before.saidAt : previous?.observedAt;
  const judged = [...seen.values()]
    .filter((finding) => finding.control === control && isDefinite(finding.status))
    .map(({ subject }): Subject => subject ?? null);
  return {
    is,
    because,
    ...(lastSaid !== undefined && { saidAt: lastSaid }),
    ...(lastJudged !== undefined && { judgedAt: lastJudged }),
    parts: withParts(before?.parts ?? [], [...passedIn(judgement), ...judged.toSorted()], now),
  };
};

/** Steps come and go, and each has a part here; the parts that were judged longest ago are dropped. */
const MAX_PARTS = 200;

/** The parts with the time at which each was last judged, after those in `judged` were judged at `time`. */
export const withParts = (
  parts: readonly [Subject, string][],
  judged: readonly Subject[],
  time: string,
): [Subject, string][] => {
  const known = new Map(parts);
  for (const subject of judged) {
    const last = laterOf(known.get(subject), time);
    known.delete(subject);
    known.set(subject, last);
  }
  return [...known].slice(-MAX_PARTS);
};

/** The subjects that passed, where the control could not judge every part of the resource. */
export const passedIn = (judgement: UnreadJudgement): readonly Subject[] =>
  judgement.is === 'unread' ? judgement.passed : [];

const byId = ([one]: [string, unknown], [other]: [string, unknown]): number => (one < other ? -1 : 1);

/** Whether the control could not judge every part of the resource. */
export const isUnread = (judgement: Judgement | undefined): judgement is UnreadJudgement =>
  judgement?.is === 'unread' || judgement?.is === 'ungathered';

/** The later of two times (ISO 8601). */
export const laterOf = (one: string | undefined, other: string): string =>
  one !== undefined && timeOf(one) > timeOf(other) ? one : other;

/** The value of a record whose keys come from outside, such as `__proto__`. */
export const of = <T>(record: Readonly<Record<string, T>> | undefined, key: string): T | undefined =>
  record && Object.hasOwn(record, key) ? record[key] : undefined;

const timeOf = (time: string | undefined): number =>
  time === undefined ? Number.NEGATIVE_INFINITY : Date.parse(time);
