/**
 * Why a finding that was open is not judged any more. The set is closed, so that no output can forget one; none of them
 * says that anything was mended.
 */
export const UNJUDGED_WHYS = [
  /** The configuration switches the control off. */
  'control-off',
  /** The configuration does not give a list that the control needs. */
  'not-configured',
  /** The control does not apply under a configuration that is another than the one that it was judged by. */
  'configuration-changed',
  /** This version has no such control, or the control does not judge such resources any more. */
  'control-unknown',
  /** Nobody looked at the resource. */
  'not-looked-at',
  /** What the control needs could not be read. */
  'unread',
  /** Whatever told of the end did not say why. */
  'not-known',
] as const;
export type UnjudgedWhy = (typeof UNJUDGED_WHYS)[number];

/**
 * That a finding is not judged any more: since when (ISO 8601; of one that stands, when it was last judged), and why, also
 * in words that go on after a colon.
 */
export type Unjudged = { since: string; why: UnjudgedWhy; because: string };

/** Why the configuration keeps a control from judging anything. */
export type LeftOut = { why: Extract<UnjudgedWhy, 'control-off' | 'not-configured'>; because: string };

/** A part of a resource that a verdict is about; null for the resource as a whole. */
export type Subject = string | null;

/**
 * What one control came to on one resource in one look, beside the findings that it has open there. A finding ends as
 * mended where the judgement says that the control judged it well, and nowhere else.
 */
export type Judgement =
  /** Every verdict is PASSED, or some are and others do not apply. */
  | { is: 'passed' }
  /** There is nothing there that the control judges. */
  | { is: 'nothing'; because: string }
  /** Something is FAILED or WARNING; `passed` = what passed beside it. */
  | { is: 'mixed'; passed: readonly Subject[] }
  /** Something is NOT_AVAILABLE; `passed` = what passed beside it. */
  | { is: 'unread'; passed: readonly Subject[]; because: string }
  /** Nobody gathered what the control needs. */
  | { is: 'ungathered'; because: string }
  /** What the control judges does not exist any more. */
  | { is: 'gone' }
  | ({ is: 'left-out' } & LeftOut);

/** Judgements of one look by the ids of their controls. Read through `Object.hasOwn` only. */
export type Judgements = Readonly<Record<string, Judgement>>;
