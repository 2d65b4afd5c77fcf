import { type OpenStatus, STATUSES, type Status } from './finding.ts';

/** The place of a status in the order of statuses; highest for FAILED. */
export const statusWeight = (status: Status): number => STATUSES.indexOf(status);

/** Whether a finding with this status is open. */
export const isOpen = (status: Status): status is OpenStatus =>
  status !== 'PASSED' && status !== 'NOT_APPLICABLE';

/** The statuses that keep a finding open, gravest first. */
export const OPEN_STATUSES: readonly OpenStatus[] = STATUSES.filter(isOpen).toReversed();

/** Whether the status reports a breach or a risk. NOT_AVAILABLE reports neither. */
export const isFaulty = (status: Status): boolean => status === 'FAILED' || status === 'WARNING';

/**
 * Whether the status is a judgement. Such a verdict on a job or an execution stays, even if a later look cannot judge
 * it.
 */
export const isDefinite = (status: Status): boolean =>
  status !== 'NOT_AVAILABLE' && status !== 'NOT_APPLICABLE';
