import { type OpenStatus, STATUSES, type Status } from './finding.ts';

/** The status's place in the order, highest for FAILED. */
export const statusWeight = (status: Status): number => STATUSES.indexOf(status);

/** Whether the status keeps a finding open. */
export const isOpen = (status: Status): status is OpenStatus =>
  status !== 'PASSED' && status !== 'NOT_APPLICABLE';

/** The statuses that keep a finding open, gravest first. */
export const OPEN_STATUSES: readonly OpenStatus[] = STATUSES.filter(isOpen).toReversed();

/** Whether something was found that is a breach or a risk, and not merely something that could not be judged. */
export const isFaulty = (status: Status): boolean => status === 'FAILED' || status === 'WARNING';

/** Whether something was judged: what ran, ran, so that a later look that cannot judge it undoes nothing. */
export const isDefinite = (status: Status): boolean =>
  status !== 'NOT_AVAILABLE' && status !== 'NOT_APPLICABLE';
