import type { Finding } from '../domain/finding.ts';
import { isDefinite, isOpen } from '../domain/status.ts';
import { advance, type Forms } from './advance.ts';
import { asOf } from './as-of.ts';
import { type Became, hasPassed, judgementIn, whatBecame } from './became.ts';
import { ending, hasRun, standing } from './closing.ts';
import type { Observation, Outcome, ResourceState, UnreadPart } from './state.ts';
import { isUnread, judgedAt, laterOf, of } from './unread.ts';

/**
 * The state after an observation that is older than it. What the newest look has judged stays as it is; of what it could
 * not judge, the newest look that could is told, whenever it comes. Nothing is told as mended by it: the newest look at
 * it could not say so.
 */
export const reconcileLate = (
  state: ResourceState,
  observation: Observation,
  seen: ReadonlyMap<string, Finding>,
): Outcome => {
  if (!state.unread) return { state, changes: state.undelivered };
  const unread = structuredClone(state.unread);
  const forms: Forms = new Map(Object.entries(state.open).map(([id, open]) => [id, { open }]));
  for (const control of Object.keys(unread.controls)) {
    const all = [...Object.values(state.open), ...seen.values()];
    const ids = new Set(all.filter((finding) => finding.control === control).map(({ id }) => id));
    for (const id of ids) sayLate(id, { state, observation, now: seen.get(id), unread, forms });
    noteLate(control, observation, unread);
  }
  if (JSON.stringify(unread) === JSON.stringify(state.unread)) return { state, changes: state.undelivered };
  const { version: _version, open: _open, toldAt: _toldAt, undelivered: _undelivered, ...about } = state;
  return advance(state, forms, { ...about, unread });
};

type Late = {
  state: ResourceState;
  observation: Observation;
  now: Finding | undefined;
  unread: UnreadPart;
  forms: Forms;
};

/** Puts what a late look says of one finding in the place of what is known of it, where that is older still. */
const sayLate = (id: string, { state, observation, now, unread, forms }: Late): void => {
  const before = of(state.open, id);
  const about = before ?? now;
  const asOfLate = asOf(observation);
  if (!about || Date.parse(asOfLate) <= judgedAt(state, about)) return;
  const became = now && isOpen(now.status) ? undefined : becameLate(about, now, observation);
  const isSilent = now?.status === 'NOT_AVAILABLE' || (became?.is === 'unjudged' && became.why === 'unread');
  const isOver = became?.is === 'mended' || became?.is === 'gathered';
  if (isSilent || (became && !isOver && hasRun(about.resource) && isDefinite(about.status))) return;
  const ofControl = of(unread.controls, about.control);
  if (!ofControl) return;
  const form = before?.status === 'NOT_AVAILABLE' ? before : of(unread.findings, id)?.form;
  if (now && !became) {
    const verdict = { ...now, firstObservedAt: before?.firstObservedAt ?? now.firstObservedAt };
    const { because } = ofControl;
    const open = hasRun(now.resource)
      ? verdict
      : standing(verdict, form, { because, observedAt: state.observedAt });
    forms.set(id, { open });
    unread.findings[id] = { judgedAt: asOfLate, ...(form && { form }) };
  } else if (form) {
    forms.set(id, { open: { ...form, firstObservedAt: about.firstObservedAt } });
    unread.findings[id] = { judgedAt: asOfLate };
  } else {
    delete unread.findings[id];
    const passedAt = new Map(ofControl.passedAt).set(about.subject ?? null, asOfLate);
    ofControl.passedAt = [...passedAt];
    const because = `it did not hold any more at ${asOfLate}, and could not be judged since (${ofControl.because})`;
    const ended: Became = { is: 'unjudged', why: 'unread', because };
    if (before) forms.set(id, { closed: ending(before, undefined, ended, state.observedAt) });
  }
};

const becameLate = (about: Finding, now: Finding | undefined, { judged, gone }: Observation): Became => {
  if (now?.status === 'PASSED') return { is: 'mended' };
  if (gone) return { is: 'gone' };
  const judgement = judgementIn(judged, about.control);
  return whatBecame(about, judgement, {
    hasPassed: hasPassed(judgement, about),
    isSameConfiguration: undefined,
  });
};

/** Notes what a late look has judged, so that one that is older still does not say it otherwise. */
const noteLate = (control: string, observation: Observation, unread: UnreadPart): void => {
  const ofControl = of(unread.controls, control);
  if (!ofControl) return;
  const time = asOf(observation);
  const judgement = judgementIn(observation.judged, control);
  if (!isUnread(judgement)) {
    ofControl.judgedAt = laterOf(ofControl.judgedAt, time);
    return;
  }
  const passedAt = new Map(ofControl.passedAt);
  for (const subject of judgement.is === 'unread' ? judgement.passed : [])
    passedAt.set(subject, laterOf(passedAt.get(subject), time));
  ofControl.passedAt = [...passedAt];
};
