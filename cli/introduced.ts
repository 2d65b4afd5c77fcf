import { type Finding, severityRank } from '../shared/domain/finding.ts';
import { statusWeight } from '../shared/domain/status.ts';

/** What a change introduces, and how many open findings were there before it. `notCompared`: what could not be compared, and why. */
export type Introduced = { findings: Finding[]; known: number; notCompared?: string };

/** The controls for which another value in the same place is another breach: a step that gets another role. */
const OF_WHAT_IS_FOUND = ['definition-valid', 'evidence-readable', 'step-role-authorised'];

/**
 * By what a piece of evidence is known again, besides control, file and step: by what was found (`true`), or by nothing more (`false`). What
 * could not be judged is known by its reason, or by a breach that was there: a change may hide a breach behind another unknown.
 */
export const knownByFound = ({ control, status }: Pick<Finding, 'control' | 'status'>) => {
  const isOfFound = OF_WHAT_IS_FOUND.includes(control);
  const isUnknown = status === 'NOT_AVAILABLE';
  return {
    past: isOfFound || isUnknown,
    present: isUnknown && !isOfFound ? [true, false] : [isOfFound],
  };
};

/** Includes the severity, so that a breach that became worse counts as new. */
export const weightOf = ({ status, severity }: Finding): number =>
  10 * statusWeight(status) + severityRank(severity);
