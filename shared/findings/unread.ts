import type { Finding } from '../domain/finding.ts';
import type { Judgement, Subject } from '../domain/judgement.ts';
import { isDefinite } from '../domain/status.ts';
import type { Forms } from './advance.ts';
import { asOf } from './as-of.ts';
import type { Observation, ResourceState, UnreadPart } from './state.ts';

type About = Pick<Finding, 'id' | 'control' | 'subject'>;

/** When a finding was last judged, in milliseconds since 1970: infinity where the newest look has judged it, minus that where none has. */
export const judgedAt = (
  { open, observedAt, unread }: Pick<ResourceState, 'open' | 'observedAt' | 'unread'>,
  { id, control, subject }: About,
): number => {
  const ofControl = of(unread?.controls, control);
  if (!ofControl) return Number.POSITIVE_INFINITY;
  const ofFinding = of(unread?.findings, id);
  const passedAt = new Map(ofControl.passedAt).get(subject ?? null);
  const isJudgedNow = passedAt === observedAt || (ofFinding === undefined && Object.hasOwn(open, id));
  return isJudgedNow
    ? Number.POSITIVE_INFINITY
    : Math.max(timeOf(ofFinding?.judgedAt), timeOf(passedAt), timeOf(ofControl.judgedAt));
};

/** What an observation could not judge, of a resource that is in these forms after it. */
export const unreadAfter = (
  previous: ResourceState | undefined,
  observation: Observation,
  forms: Forms,
  seen: ReadonlyMap<string, Finding>,
): UnreadPart | undefined => {
  const now = asOf(observation);
  type OfControl = [string, UnreadPart['controls'][string]];
  const controls = Object.entries(observation.judged).flatMap(([control, judgement]): OfControl[] => {
    if (!isUnread(judgement)) return [];
    const before = of(previous?.unread?.controls, control);
    const lastJudged = before ? before.judgedAt : previous?.observedAt;
    const passed = judgement.is === 'unread' ? judgement.passed : [];
    const passedAt = new Map<Subject, string>([
      ...(before?.passedAt ?? []),
      ...passed.map((subject): [Subject, string] => [subject, now]),
    ]);
    const { because } = judgement;
    return [[control, { because, ...whenJudged(lastJudged), passedAt: [...passedAt] }]];
  });
  if (controls.length === 0) return undefined;
  const unread = new Map(controls);
  const findings = [...forms].toSorted(byId).flatMap(([id, form]) => {
    const now = seen.get(id);
    if (!('open' in form) || !unread.has(form.open.control) || (now && isDefinite(now.status))) return [];
    const time = previous && judgedAt(previous, form.open);
    const last = time === Number.POSITIVE_INFINITY ? previous?.observedAt : isoOf(time);
    return [
      [id, { ...whenJudged(last), ...(now && isDefinite(form.open.status) && { form: now }) }] as const,
    ];
  });
  return { controls: Object.fromEntries(controls), findings: Object.fromEntries(findings) };
};

const byId = ([one]: [string, unknown], [other]: [string, unknown]): number => (one < other ? -1 : 1);

/** Whether the control could not judge all of the resource. */
export const isUnread = (
  judgement: Judgement | undefined,
): judgement is Extract<Judgement, { is: 'unread' | 'ungathered' }> =>
  judgement?.is === 'unread' || judgement?.is === 'ungathered';

/** The later of two times (ISO 8601). */
export const laterOf = (one: string | undefined, other: string): string =>
  timeOf(one) > timeOf(other) && one !== undefined ? one : other;

/** The entry of a record whose keys come from outside. */
export const of = <T>(record: Readonly<Record<string, T>> | undefined, key: string): T | undefined =>
  record && Object.hasOwn(record, key) ? record[key] : undefined;

const whenJudged = (time: string | undefined): { judgedAt?: string } =>
  time === undefined ? {} : { judgedAt: time };

const timeOf = (time: string | undefined): number =>
  time === undefined ? Number.NEGATIVE_INFINITY : Date.parse(time);

const isoOf = (time: number | undefined): string | undefined =>
  time === undefined || time === Number.NEGATIVE_INFINITY ? undefined : new Date(time).toISOString();
