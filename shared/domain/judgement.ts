/**
 * Why an open finding is not judged any more. The list is closed, so that no output can forget a reason. None of the
 * reasons means that anything was mended.
 */
export const UNJUDGED_WHYS = [
  /** The configuration switches the control off. */
  'control-off',
  /** The configuration does not give a list that the control needs. */
  'not-configured',
  /** The control does not apply, but the configuration has changed since the control last judged the finding. */
  'configuration-changed',
  /** This version has no such control, or the control does not judge resources of that type. */
  'control-unknown',
  /** Nobody looked at the resource. */
  'not-looked-at',
  /** What the control needs could not be read. */
  'unread',
  /** The configuration does not watch the account any more. */
  'account-unwatched',
  /** The account is suspended or closed. */
  'account-closed',
  /** An end was stored without its reason. */
  'not-known',
] as const;
export type UnjudgedWhy = (typeof UNJUDGED_WHYS)[number];

/**
 * That the finding is no longer judged. `since` (ISO 8601) is when its judging ended; for a verdict that stands, when
 * it was last judged. `because` is a phrase that follows a colon.
 */
export type Unjudged = { since: string; why: UnjudgedWhy; because: string };

/** Why nothing of an account is judged any more, in the words that follow a colon. */
export type Departure = {
  why: Extract<UnjudgedWhy, 'account-unwatched' | 'account-closed'>;
  because: string;
};

/** Whether a finding has ended because its account is not watched any more. */
export const hasDeparted = ({ unjudged }: { unjudged?: Unjudged }): boolean =>
  unjudged?.why === 'account-unwatched' || unjudged?.why === 'account-closed';

/** Why the configuration keeps a control from judging anything. */
export type LeftOut = { why: Extract<UnjudgedWhy, 'control-off' | 'not-configured'>; because: string };

/** The part of a resource that a verdict is about; null for the resource as a whole. */
export type Subject = string | null;

/**
 * The conclusion of one control on one resource in one look, besides the findings that it has open there. A finding
 * ends as mended only where this conclusion says that the control judged it as good.
 */
export type Judgement =
  /** Every verdict is PASSED, or some are and the others are NOT_APPLICABLE. */
  | { is: 'passed' }
  /** The resource has nothing that the control judges. */
  | { is: 'nothing'; because: string }
  /** Something is FAILED or WARNING, or reported by a finding on another resource; `passed` lists the subjects that passed. */
  | { is: 'mixed'; passed: readonly Subject[] }
  /** Something is NOT_AVAILABLE; `passed` lists the subjects that passed. */
  | { is: 'unread'; passed: readonly Subject[]; because: string }
  /**
   * Nobody gathered a fact that the control needs. `isInapplicable`: it is known that there is no such fact of the resource, which
   * proves nothing about what an earlier look saw.
   */
  | { is: 'ungathered'; because: string; isInapplicable?: true }
  /** What the control judges no longer exists. */
  | { is: 'gone' }
  | ({ is: 'left-out' } & LeftOut);

/** The judgements of one look by control id. Read through `Object.hasOwn` only. */
export type Judgements = Readonly<Record<string, Judgement>>;
