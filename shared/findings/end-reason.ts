import type { UnjudgedWhy } from '../domain/judgement.ts';
import { type Change, closingKind } from './state.ts';

/** The ways in which a finding ends, beside that it is not judged any more. Only the first was mended. */
export const END_REASONS = ['mended', 'not-applicable', 'gone', 'expired', 'gathered'] as const;

/** How a finding ended: `gathered` = another finding of the same control tells it. */
export type EndReason = (typeof END_REASONS)[number] | UnjudgedWhy;

/** That a finding ended, when (ISO 8601), how, and why in words. */
export type Ended = { id: string; at: string; how: EndReason; because: string };

/** How a change ends its finding; undefined where it does not. */
export const endedBy = (change: Pick<Change, 'kind' | 'finding'>): Ended | undefined => {
  const how = howEnded(change);
  const { id, lastObservedAt: at, remediation, unjudged } = change.finding;
  return (
    how && { id, at, how, because: unjudged?.because ?? (how === 'mended' ? 'it passes' : remediation.text) }
  );
};

const howEnded = (change: Pick<Change, 'kind' | 'finding'>): EndReason | undefined => {
  const kind = closingKind(change);
  switch (kind) {
    case undefined:
      return undefined;
    case 'resolved':
      return change.finding.status === 'PASSED' ? 'mended' : 'not-applicable';
    case 'gone':
    case 'gathered':
    case 'expired':
      return kind;
    case 'unjudged':
      return change.finding.unjudged?.why ?? 'not-known';
  }
};

/** Of ends in the order in which they came, the newest of each finding since that time. */
export const newestEndings = (endings: readonly Ended[], since: string): Ended[] => [
  ...new Map(
    endings.filter(({ at }) => Date.parse(at) >= Date.parse(since)).map((ended) => [ended.id, ended]),
  ).values(),
];
