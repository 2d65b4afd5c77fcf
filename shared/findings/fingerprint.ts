import { createHash } from 'node:crypto';
import type { Evidence, Finding } from '../domain/finding.ts';
import { cut } from '../text/cut.ts';

const CONDENSED = 'sha256 of evidence that is too long to keep';

/** How much of a finding stays where all of it is too long to keep. */
export type EvidenceLimits = { pieces: number; characters: number };

/** The finding cut short, with a digest as its last evidence, which still tells whether the evidence changed. */
export const condense = (finding: Finding, { pieces, characters }: EvidenceLimits = NOTHING): Finding => ({
  ...finding,
  evidence: [
    ...finding.evidence
      .filter(({ at }) => at !== CONDENSED)
      .slice(0, pieces)
      .map(({ at, found, expected }) => ({
        at: cut(at, characters),
        found: cut(found, characters),
        expected: cut(expected, characters),
      })),
    { at: CONDENSED, found: evidenceDigest(finding.evidence), expected: '' },
  ],
  remediation: { text: cut(finding.remediation.text, Math.max(200, characters)) },
});

const NOTHING: EvidenceLimits = { pieces: 0, characters: 0 };

/** Whether two forms of a finding say the same, whenever they were observed. */
export const isSame = (one: Finding, other: Finding): boolean => material(one) === material(other);

/** A short text that is the same for two forms of a finding exactly where they say the same. */
export const fingerprint = (finding: Finding): string =>
  createHash('sha256').update(material(finding)).digest('base64url').slice(0, 22);

const material = ({
  status,
  severity,
  title,
  subject,
  suppression,
  evidence,
  firstObservedAt,
  unjudged,
}: Finding): string =>
  JSON.stringify([
    status,
    severity,
    title,
    subject ?? null,
    suppression ? [suppression.reason, suppression.expires] : null,
    evidenceDigest(evidence),
    firstObservedAt,
    // Only where there is any: what channels remember having been told must stay the same.
    ...(unjudged ? [unjudged.why, unjudged.since, unjudged.because] : []),
  ]);

/** AWS lists in no fixed order, so the order of the evidence counts for nothing. */
const evidenceDigest = (evidence: readonly Evidence[]): string => {
  const last = evidence.at(-1);
  if (last?.at === CONDENSED) return last.found;
  const lines = evidence.map(({ at, found, expected }) => JSON.stringify([at, found, expected])).toSorted();
  return createHash('sha256').update(lines.join('\n')).digest('hex');
};
