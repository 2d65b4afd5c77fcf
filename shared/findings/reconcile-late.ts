import type { Finding } from '../domain/finding.ts';
import { isDefinite, isOpen } from '../domain/status.ts';
import { ending, hasRun, standing } from './closing-changes.ts';
import { asOf } from './evidence-time.ts';
import { type FindingForms, nextState } from './next-state.ts';
import type { Observation, Reconciled, ResourceState, UnreadControl, UnreadPart } from './state.ts';
import { isUnread, judgedAt, laterOf, of, passedIn, withParts } from './unread-controls.ts';
import { type Became, hasPassed, judgementIn, whatBecame } from './what-became.ts';

/**
 * The state after an observation that is older than the state. What the newest look judged stays. Where the newest look
 * could not judge, the newest verdict of any look counts, even if that look is stored late. No finding is reported as
 * mended on the word of such an observation, as the newest look could not confirm it.
 */
export const reconcileLate = (
  state: ResourceState,
  observation: Observation,
  seen: ReadonlyMap<string, Finding>,
): Reconciled => {
  if (!state.unread) return { state, changes: state.undelivered };
  const controls = structuredClone(state.unread.controls);
  const instead = new Map(Object.entries(state.unread.forms));
  const forms: FindingForms = new Map(Object.entries(state.open).map(([id, open]) => [id, { open }]));
  const known = new Map([...seen, ...Object.entries(state.open)]);
  for (const [id, about] of known) {
    const ofControl = of(controls, about.control);
    const isNews = Date.parse(asOf(observation)) > judgedAt(state, about);
    if (ofControl && isNews)
      sayLate({ id, about, ofControl, state, observation, now: seen.get(id), instead, forms });
  }
  for (const [control, ofControl] of Object.entries(controls)) noteLate(control, ofControl, observation);
  const unread: UnreadPart = { controls, forms: Object.fromEntries(instead) };
  const isSame =
    JSON.stringify(unread) === JSON.stringify(state.unread) &&
    [...forms].every(([id, form]) => 'open' in form && form.open === of(state.open, id));
  if (isSame) return { state, changes: state.undelivered };
  const { version: _version, open: _open, toldAt: _toldAt, undelivered: _undelivered, ...about } = state;
  return nextState(state, forms, { ...about, unread });
};

type Late = {
  id: string;
  /** The stored finding, or the one that this late look is the first to report. */
  about: Finding;
  ofControl: UnreadControl;
  state: ResourceState;
  observation: Observation;
  now: Finding | undefined;
  /** By finding id: what the newest looks say (NOT_AVAILABLE) in place of the verdict that stands. */
  instead: Map<string, Finding>;
  forms: FindingForms;
};

/** Applies what a late look says of one finding, where what is known of the finding is older than that look. */
const sayLate = (late: Late): void => {
  const { id, about, ofControl, state, observation, now, instead, forms } = late;
  if (now?.status === 'NOT_AVAILABLE') {
    sayUnread(late, now);
    return;
  }
  const before = of(state.open, id);
  const time = asOf(observation);
  const became = now && isOpen(now.status) ? undefined : becameLate(about, now, observation);
  const isJudged = became === undefined || !isUnread(judgementIn(observation.judged, about.control));
  const isOver = became?.is === 'mended' || became?.is === 'gathered';
  if (became?.is === 'unjudged' && became.why === 'unread') return;
  if (became && !isOver && hasRun(about.resource) && isDefinite(about.status)) return;
  if (isJudged || became?.is === 'mended')
    ofControl.parts = withParts(ofControl.parts, [about.subject ?? null], time);
  const form = before && isDefinite(before.status) ? instead.get(id) : before;
  // Where the newest look said nothing, an older look says what could not be read.
  const isSilent = ofControl.is === 'ungathered';
  if (now && !became) {
    const verdict = { ...now, firstObservedAt: about.firstObservedAt };
    forms.set(id, {
      open: hasRun(now.resource) ? verdict : stand(verdict, isSilent ? undefined : form, late),
    });
    if (form) instead.set(id, form);
    return;
  }
  instead.delete(id);
  if (form && (!isSilent || Date.parse(form.lastObservedAt) >= Date.parse(time))) {
    const shown = { ...form, firstObservedAt: about.firstObservedAt };
    forms.set(id, { open: isSilent ? stand(shown, undefined, late) : shown });
  } else if (before) {
    const because = `the finding did not hold any more at ${time}, and nobody could judge it since (${ofControl.because})`;
    const ended: Became = { is: 'unjudged', why: 'unread', because };
    forms.set(id, { closed: ending(before, undefined, ended, state.observedAt) });
  }
};

/** A late NOT_AVAILABLE counts only where every newer look said nothing at all. */
const sayUnread = (late: Late, now: Finding): void => {
  const { id, about, ofControl, state, observation, instead, forms } = late;
  const time = Date.parse(asOf(observation));
  const isLast = ofControl.saidAt === undefined || time > Date.parse(ofControl.saidAt);
  if (ofControl.is !== 'ungathered' || !isLast) return;
  const before = of(state.open, id);
  if (before && isDefinite(before.status)) instead.set(id, now);
  else if (!before || time > Date.parse(before.lastObservedAt))
    forms.set(id, { open: stand({ ...now, firstObservedAt: about.firstObservedAt }, undefined, late) });
};

const stand = (verdict: Finding, form: Finding | undefined, { ofControl, state }: Late): Finding =>
  standing(verdict, form, { because: ofControl.because, observedAt: state.observedAt });

const becameLate = (about: Finding, now: Finding | undefined, { judged, gone }: Observation): Became => {
  if (now?.status === 'PASSED') return { is: 'mended' };
  if (gone) return { is: 'gone' };
  const judgement = judgementIn(judged, about.control);
  return whatBecame(about, judgement, {
    hasPassed: hasPassed(judgement, about),
    isSameConfiguration: undefined,
  });
};

/** Notes what this late look has judged, so that a look that is older still does not replace it. */
const noteLate = (control: string, ofControl: UnreadControl, observation: Observation): void => {
  const time = asOf(observation);
  const judgement = judgementIn(observation.judged, control);
  if (judgement?.is !== 'ungathered') ofControl.saidAt = laterOf(ofControl.saidAt, time);
  if (!isUnread(judgement)) ofControl.judgedAt = laterOf(ofControl.judgedAt, time);
  else ofControl.parts = withParts(ofControl.parts, passedIn(judgement), time);
};
