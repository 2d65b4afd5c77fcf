import type { Verdict } from '../domain/finding.ts';

/** The one verdict of a control that has nothing to judge on a resource, and why. */
export const doesNotApply = (because: string): Verdict[] => [{ status: 'NOT_APPLICABLE', because }];
