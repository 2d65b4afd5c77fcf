/**
 * What the verdicts of a control, or of all controls of a requirement, come to; the worst first. Only where each control judged
 * something, all of it passed and nothing was left out is it `passed`, which does not say that the requirement is met.
 */
export const COMPLIANCE_STATUSES = [
  'failed',
  'warning',
  'unread',
  'accepted',
  'not-judged',
  'passed',
] as const;
export type ComplianceStatus = (typeof COMPLIANCE_STATUSES)[number];

/** How many resources a control judged, by what it found there. `why`: why it is not simply passed or failed. */
export type ControlOutcome = {
  control: string;
  status: ComplianceStatus;
  passed: number;
  failed: number;
  warning: number;
  notAvailable: number;
  suppressed: number;
  why?: string;
};

/** What a run shows of the requirements of a framework. */
export type Compliance = {
  framework: { id: string; name: string; title: string; edition: string; source: string; reviewed: string };
  /** That the mapping is an interpretation, what it does not say, and what to know of the framework. */
  interpretation: string;
  controls: ControlOutcome[];
  requirements: {
    id: string;
    title: string;
    status: ComplianceStatus;
    parts: { shows: string; status: ComplianceStatus; controls: string[] }[];
    doesNotShow: string;
  }[];
};
