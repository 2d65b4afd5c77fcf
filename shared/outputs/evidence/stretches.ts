import type { Evidence, Severity, Status } from '../../domain/finding.ts';
import type { UnjudgedWhy } from '../../domain/judgement.ts';
import type { Resource } from '../../domain/resource.ts';
import type { Trigger } from '../../domain/trigger.ts';
import { hasRun } from '../../findings/closing-changes.ts';
import type { LookRecord, NotJudgedControl, RecordedVerdict } from '../../history/records.ts';
import { hoursAfter, STANDS_HOURS } from './period.ts';
import { memberKey } from './population.ts';

/** What a control said of a resource: a verdict, or that it gave none. */
export type Said = Status | 'NOT_JUDGED';

/**
 * Looks one after the other in which a control said the same of a resource (and subject). Between the last look of a stretch and the first
 * of the next, nobody knows when it changed.
 */
export type Stretch = {
  /** The finding’s id; for a control that gave no verdict, its name. */
  id: string;
  account: string;
  resource: Resource;
  control: string;
  subject?: string;
  said: Said;
  severity?: Severity;
  why?: UnjudgedWhy;
  because?: string;
  suppression?: { reason: string; expires: string };
  first: string;
  last: string;
  looks: number;
  /** Of the last look. */
  evidence: readonly Evidence[];
  /** What led to the first look, where an event did. */
  trigger?: Trigger;
  principal?: string;
  /** Whether it was so when the period began, and when it ended. */
  atBegin: boolean;
  atEnd: boolean;
};

type Open = { stretches: Map<string, Stretch>; evidenceAt: number };

/** Takes looks in the order of their times, and tells in which stretches the controls said the same. */
export const stretchesBuilder = (begin: string) => {
  const open = new Map<string, Open>();
  const closed: Stretch[] = [];
  const close = (stretch: Stretch): void => {
    // What ended before the period is told only if nothing was known after it until the period began.
    if (stretch.last >= begin || stretch.atBegin) closed.push(stretch);
  };
  let passedBegin = false;
  const markBegin = (): void => {
    passedBegin = true;
    for (const { stretches } of open.values())
      for (const stretch of stretches.values()) stretch.atBegin = stands(stretch, begin);
  };
  let made = 0;
  return {
    /** How many stretches there are, with those that ended before the period. */
    size: () => made,
    add: (look: LookRecord): void => {
      if (!passedBegin && look.at >= begin) markBegin();
      const key = memberKey(look);
      const known = open.get(key) ?? { stretches: new Map<string, Stretch>(), evidenceAt: 0 };
      open.set(key, known);
      // Evidence is never younger than its look. A look that rests on older evidence than an earlier one adds nothing.
      const evidenceAt = Math.min(Date.parse(look.evidenceAt), Date.parse(look.at));
      if (evidenceAt < known.evidenceAt) return;
      known.evidenceAt = evidenceAt;
      const said = look.gone
        ? new Map<string, Stretch>()
        : new Map(stretchesOf(look).map((each) => [each.id, each]));
      for (const [id, stretch] of known.stretches) {
        const now = said.get(id);
        if (now && saysSame(stretch, now)) {
          stretch.last = now.last;
          stretch.looks += 1;
          stretch.evidence = now.evidence;
          said.delete(id);
        } else {
          known.stretches.delete(id);
          close(stretch);
        }
      }
      for (const [id, stretch] of said) known.stretches.set(id, stretch);
      made += said.size;
    },
    /** All stretches that reach into the period, by account, control, resource, subject and time. */
    stretches: (end: string): Stretch[] => {
      if (!passedBegin) markBegin();
      const last = [...open.values()].flatMap(({ stretches }) => [...stretches.values()]);
      for (const stretch of last) stretch.atEnd = stands(stretch, end);
      const reaching = last.filter(({ last: at, atBegin, atEnd }) => at >= begin || atBegin || atEnd);
      return [...closed, ...reaching]
        .map((stretch) => ({ stretch, key: orderOf(stretch) }))
        .toSorted((one, other) => (one.key < other.key ? -1 : 1))
        .map(({ stretch }) => stretch);
    },
  };
};

/** Whether what was said still stands at a time: what has run is not looked at again. */
const stands = ({ last, resource }: Stretch, at: string): boolean =>
  hasRun(resource) || hoursAfter(last, STANDS_HOURS) >= at;

const orderOf = ({ account, control, resource, subject = '', first, id }: Stretch): string =>
  JSON.stringify([account, control, resource.type, resource.arn, subject, first, id]);

const saysSame = (one: Stretch, other: Stretch): boolean =>
  one.said === other.said &&
  one.severity === other.severity &&
  one.why === other.why &&
  one.suppression?.reason === other.suppression?.reason &&
  one.suppression?.expires === other.suppression?.expires;

const stretchesOf = (look: LookRecord): Stretch[] => [
  ...look.verdicts.map((verdict) => ofVerdict(look, verdict)),
  ...look.notJudged.map((notJudged) => ofNotJudged(look, notJudged)),
];

const common = ({ account, resource, at, trigger, principal }: LookRecord) => ({
  account,
  resource,
  first: at,
  last: at,
  looks: 1,
  atBegin: false,
  atEnd: false,
  ...(trigger && { trigger }),
  ...(principal !== undefined && { principal }),
});

const ofVerdict = (look: LookRecord, verdict: RecordedVerdict): Stretch => {
  const { id, control, subject, status, severity, because, suppression, evidence } = verdict;
  return {
    ...common(look),
    id,
    control,
    said: status,
    severity,
    evidence,
    ...(subject !== undefined && { subject }),
    ...(because !== undefined && { because }),
    ...(suppression && { suppression }),
  };
};

const ofNotJudged = (look: LookRecord, { control, why, because }: NotJudgedControl): Stretch => ({
  ...common(look),
  id: control,
  control,
  said: 'NOT_JUDGED',
  why,
  because,
  evidence: [],
});
