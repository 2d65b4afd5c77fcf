import type { UnjudgedWhy } from '../domain/judgement.ts';
import { type Change, closingKind } from './state.ts';

/** The ways in which a finding ends, besides those of `UnjudgedWhy`. Only `mended` means that somebody mended it. */
export const END_REASONS = ['mended', 'not-applicable', 'gone', 'expired', 'gathered'] as const;

/** How a finding ended. `gathered` means that another finding of the same control reports it from now on. */
export type EndReason = (typeof END_REASONS)[number] | UnjudgedWhy;

/** The end of a finding: `id`, time (ISO 8601), way, and the reason in words. */
export type Ended = { id: string; at: string; how: EndReason; because: string };

/** The end that a change reports; undefined where the change does not end its finding. */
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

/** The newest end of each finding since a time (ISO 8601). `endings` must be in the order of their times. */
export const newestEndings = (endings: readonly Ended[], since: string): Ended[] => [
  ...new Map(
    endings.filter(({ at }) => Date.parse(at) >= Date.parse(since)).map((ended) => [ended.id, ended]),
  ).values(),
];
