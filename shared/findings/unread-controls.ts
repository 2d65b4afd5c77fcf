import type { Finding } from '../domain/finding.ts';
import type { Judgement, Subject } from '../domain/judgement.ts';
import { isDefinite } from '../domain/status.ts';
import { asOf } from './evidence-time.ts';
import type { FindingForms } from './next-state.ts';
import type { Observation, ResourceState, UnreadControl, UnreadPart } from './state.ts';

/** When a finding was last judged, in milliseconds since 1970: infinity where the newest look has judged it, minus that where none has. */
export const judgedAt = (
  { observedAt, unread }: Pick<ResourceState, 'observedAt' | 'unread'>,
  { control, subject }: Pick<Finding, 'control' | 'subject'>,
): number => {
  const ofControl = of(unread?.controls, control);
  if (!ofControl) return Number.POSITIVE_INFINITY;
  const part = new Map(ofControl.parts).get(subject ?? null);
  return part === observedAt ? Number.POSITIVE_INFINITY : Math.max(timeOf(part), timeOf(ofControl.judgedAt));
};

/** What an observation could not judge, of a resource that is in these forms after it. */
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

/** Steps come and go while a control cannot judge all: what was judged longest ago is forgotten. */
const MAX_PARTS = 200;

/** When parts were judged, with those that were judged at that time. */
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

/** What passed in the eyes of a control that could not judge all. */
export const passedIn = (judgement: UnreadJudgement): readonly Subject[] =>
  judgement.is === 'unread' ? judgement.passed : [];

const byId = ([one]: [string, unknown], [other]: [string, unknown]): number => (one < other ? -1 : 1);

/** Whether the control could not judge all of the resource. */
export const isUnread = (judgement: Judgement | undefined): judgement is UnreadJudgement =>
  judgement?.is === 'unread' || judgement?.is === 'ungathered';

/** The later of two times (ISO 8601). */
export const laterOf = (one: string | undefined, other: string): string =>
  one !== undefined && timeOf(one) > timeOf(other) ? one : other;

/** The entry of a record whose keys come from outside. */
export const of = <T>(record: Readonly<Record<string, T>> | undefined, key: string): T | undefined =>
  record && Object.hasOwn(record, key) ? record[key] : undefined;

const timeOf = (time: string | undefined): number =>
  time === undefined ? Number.NEGATIVE_INFINITY : Date.parse(time);
