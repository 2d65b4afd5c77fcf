import { type Finding, severityRank } from '../shared/domain/finding.ts';
import { statusWeight } from '../shared/domain/status.ts';

/** What a change introduces, and how many open findings were there before it. */
export type Introduced = { findings: Finding[]; known: number };

/** The controls for which another value in the same place is another breach: a step that gets another role. */
const OF_WHAT_IS_FOUND = ['definition-valid', 'evidence-readable', 'step-role-authorised'];

/** Whether what a control found tells one of its breaches from another, besides the step. */
export const isOfWhatIsFound = (control: string): boolean => OF_WHAT_IS_FOUND.includes(control);

/** Includes the severity, so that a breach that became worse counts as new. */
export const weightOf = ({ status, severity }: Finding): number =>
  10 * statusWeight(status) + severityRank(severity);
