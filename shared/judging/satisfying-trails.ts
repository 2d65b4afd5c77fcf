import type { Facts } from '../facts/facts.ts';
import { auditedCallsOf, missedBy } from '../facts/logged-calls.ts';
import { few, type Looked } from './satisfying-statements.ts';

/** The trails that log calls from which audits start, and of which services. Others, as of data events alone, satisfy nothing. */
export const loggingTrails = ({ scope, trails }: Facts['trails']): Looked[] => {
  const audited = auditedCallsOf(scope);
  return trails.flatMap((trail) => {
    const sources = audited
      .filter((calls) => missedBy([trail], calls).length < calls.operations.length)
      .map(({ source }) => source);
    if (sources.length === 0) return [];
    const where = trail.isMultiRegion ? 'all Regions' : trail.homeRegion;
    return [{ at: trail.arn, found: `it logs calls of ${few(sources)}, in ${where}` }];
  });
};
