import { SEVERITIES, type Severity, type Status } from '../../shared/domain/finding.ts';
import type { Subject, Verdicts } from './subjects.ts';

/** What a control says is wrong: that somebody may do too much, or too little; `both` where it depends on the case. */
type Says = 'too much' | 'too little' | 'both';

/** Those that are not here are held to the first relation alone. */
const SAYS: Readonly<Record<string, Says>> = {
  'pass-role-scoped': 'too much',
  'prefix-policy-enforced': 'both',
  'version-floor-enforced': 'too much',
  'execution-role-least-privilege': 'too much',
  'scp-exception-protected': 'too much',
  'step-isolation': 'too much',
  'execution-role-job-permissions': 'too little',
  'execution-role-passes-step-roles': 'too little',
  'json-get-access': 'too little',
  'step-role-data-access': 'too little',
  'pass-role-allowed': 'too little',
  'scp-json-get-exception': 'too little',
  'execution-role-trust': 'both',
};

/**
 * What was done: something that gives and takes nothing, and of what effect; a pinprick, which takes so little that
 * nobody who may do too much stops doing so; or something real, of one effect.
 */
export type Kind = { is: 'neutral' | 'pinprick' | 'real'; effects: ReadonlySet<'Allow' | 'Deny'> };

/** A verdict that changed as it must not. */
export type Violation = {
  /**
   * `hidden`: a breach or a gap is not told any more. `worse`: what only took, or only gave, is told as a breach of the
   * other kind. `milder`: a breach is told as less than it was. `alarm`: what gives nothing is told as a breach of those
   * who may do too much, and the like.
   */
  relation: 'hidden' | 'worse' | 'milder' | 'alarm';
  control: string;
  before: Told;
  after: Told;
};

type Told = Status | Severity | 'nothing';

const OPEN: readonly string[] = ['FAILED', 'WARNING', 'NOT_AVAILABLE'];
const WORSE: readonly string[] = ['FAILED', 'WARNING'];

const isWeaker = (before: string, after: string): boolean =>
  OPEN.includes(before) && (!OPEN.includes(after) || (before === 'FAILED' && after === 'WARNING'));

/** How each control's verdict changed, where it did; of one that failed before and fails now, how its severity did. */
const changesOf = (before: Verdicts, after: Verdicts): Omit<Violation, 'relation'>[] =>
  [...new Set([...before.keys(), ...after.keys()])].flatMap((control): Omit<Violation, 'relation'>[] => {
    const [one, other] = [before.get(control), after.get(control)];
    if (one?.status === 'FAILED' && other?.status === 'FAILED')
      return one.severity === other.severity
        ? []
        : [{ control, before: one.severity, after: other.severity }];
    const was = one?.status ?? 'nothing';
    const is = other?.status ?? 'nothing';
    return was === is ? [] : [{ control, before: was, after: is }];
  });

const RANKS: readonly string[] = SEVERITIES;

const rankOf = (told: string): number => RANKS.indexOf(told);

/**
 * What is wrong with the verdicts after a change.
 * 1. Who neither gains nor loses anything is judged as before, or it is said that it is not known any more: no breach
 *    and no gap becomes a pass, is not applicable any more, or is gone; and nothing that was fine becomes a breach.
 * 2. What only denies makes no verdict of "may do too much" a breach that was none, and heals none of "can do too
 *    little"; what only allows is the same with the two changed over.
 */
export const violationsOf = (subject: Subject, after: Verdicts, kind: Kind): Violation[] =>
  changesOf(subject.before, after).flatMap((change): Violation[] => {
    const { control, before, after: now } = change;
    const says = saysOf(control, subject);
    if (kind.is === 'neutral') {
      if (isWeaker(before, now)) return [{ relation: 'hidden', ...change }];
      if (rankOf(now) < rankOf(before)) return [{ relation: 'milder', ...change }];
      if (before === 'NOT_AVAILABLE' || !WORSE.includes(now)) return [];
      // Controls exempt administrators because another control reports them. If a change leaves open whether a
      // principal is one, what its policies surely allow is a breach in either case, and no false one.
      if (subject.before.get(control)?.isExempt) return [];
      const isOneSided =
        kind.effects.size === 0 ||
        (says === 'too much' && !kind.effects.has('Allow')) ||
        (says === 'too little' && !kind.effects.has('Deny'));
      return [{ relation: isOneSided ? 'worse' : 'alarm', ...change }];
    }
    if (kind.is === 'pinprick' && says !== 'too little') {
      if (isWeaker(before, now) && control !== 'scp-exception-unique')
        return [{ relation: 'hidden', ...change }];
      return rankOf(now) < rankOf(before) ? [{ relation: 'milder', ...change }] : [];
    }
    const harmless = kind.effects.has('Deny') ? 'too much' : 'too little';
    const harmful = kind.effects.has('Deny') ? 'too little' : 'too much';
    if (says === harmless && before === 'PASSED' && WORSE.includes(now))
      return [{ relation: 'worse', ...change }];
    if (says === harmful && before === 'FAILED' && !OPEN.includes(now) && !HANDED_OVER.has(control))
      return [{ relation: 'hidden', ...change }];
    return [];
  });

/** A role under which pipelines run lacks nothing in the eyes of prefix-policy-enforced. */
const saysOf = (control: string, { executes }: Subject): Says | undefined =>
  control === 'prefix-policy-enforced' && executes ? 'too much' : SAYS[control];

/**
 * Controls that leave to another one what another change made its matter. A creator that cannot make a pipeline any more
 * need not pass its role.
 */
const HANDED_OVER: ReadonlySet<string> = new Set([
  'execution-role-least-privilege',
  'pass-role-allowed',
  'scp-json-get-exception',
]);

/** Verdicts that were given and are not any more. */
export const quietedOf = (subject: Subject, after: Verdicts) =>
  changesOf(subject.before, after).filter(({ after: now }) => now === 'NOT_AVAILABLE');
