import { type Severity, severityRank } from '../shared/domain/finding.ts';
import { isFaulty } from '../shared/domain/status.ts';
import type { Results } from '../shared/outputs/formats/results.ts';

export const THRESHOLDS = ['critical', 'high', 'medium', 'low', 'none'] as const;
export type Threshold = (typeof THRESHOLDS)[number];

/** Whether evidence that could not be read fails a run. */
export const UNREAD = ['ok', 'fail'] as const;
export type Unread = (typeof UNREAD)[number];

/**
 * 1 if a breach or a risk is at or above the threshold, else 3 if evidence could not be read and that fails the run,
 * else 0. Findings outweigh unread evidence, because reading it could only add findings.
 */
export const exitStatus = (
  { findings }: Results,
  { failOn: threshold, unread }: { failOn: Threshold; unread: Unread },
): 0 | 1 | 3 => {
  const counted = findings.filter(({ suppression }) => suppression === undefined);
  const isOver = (severity: Severity) =>
    threshold !== 'none' && severityRank(severity) >= severityRank(threshold.toUpperCase() as Severity);
  const isBreach = ({ status, severity }: (typeof counted)[number]) => isFaulty(status) && isOver(severity);
  if (counted.some(isBreach)) return 1;
  if (unread === 'ok') return 0;
  return counted.some(({ status }) => status === 'NOT_AVAILABLE') ? 3 : 0;
};
