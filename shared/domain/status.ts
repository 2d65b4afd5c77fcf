import type { Status } from './finding.ts';

const BY_WEIGHT: readonly Status[] = ['NOT_APPLICABLE', 'PASSED', 'NOT_AVAILABLE', 'WARNING', 'FAILED'];

/** The status's place in the order, highest for FAILED. */
export const statusWeight = (status: Status): number => BY_WEIGHT.indexOf(status);

/** Whether the status keeps a finding open. */
export const isOpen = (status: Status): boolean => status !== 'PASSED' && status !== 'NOT_APPLICABLE';

/** Whether something was judged: what ran, ran, so that a later look that cannot judge it undoes nothing. */
export const isDefinite = (status: Status): boolean =>
  status !== 'NOT_AVAILABLE' && status !== 'NOT_APPLICABLE';
