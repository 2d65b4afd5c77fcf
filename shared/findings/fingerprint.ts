import { createHash } from 'node:crypto';
import type { Evidence, Finding } from '../domain/finding.ts';
import { cut } from '../text/cut.ts';

const CONDENSED = 'sha256 of evidence that is too long to keep';

/** How many pieces of evidence, and how many characters of each text, a condensed finding keeps. */
export type EvidenceLimits = { pieces: number; characters: number };

/**
 * A finding that is too long to keep, cut short. Its last evidence is a digest of all evidence, so that a later
 * comparison still notices whether the evidence changed.
 */
export const condense = (finding: Finding, limits: EvidenceLimits = NOTHING): Finding => ({
  ...finding,
  evidence: condenseEvidence(finding.evidence, limits),
  remediation: { text: cut(finding.remediation.text, Math.max(200, limits.characters)) },
});

/** Evidence that is too long to keep, cut short, with a digest of all of it. */
export const condenseEvidence = (
  evidence: readonly Evidence[],
  { pieces, characters }: EvidenceLimits = NOTHING,
): Evidence[] => [
  ...evidence
    .filter(({ at }) => at !== CONDENSED)
    .slice(0, pieces)
    .map(({ at, found, expected }) => ({
      at: cut(at, characters),
      found: cut(found, characters),
      expected: cut(expected, characters),
    })),
  { at: CONDENSED, found: evidenceDigest(evidence), expected: '' },
];

const NOTHING: EvidenceLimits = { pieces: 0, characters: 0 };

/** Whether two forms of a finding say the same. The times at which they were last observed are not compared. */
export const isSame = (one: Finding, other: Finding): boolean => material(one) === material(other);

/** A short text that two forms of a finding share exactly where `isSame` holds for them. */
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
    // Only added where it is set, so that the fingerprints which channels already keep stay the same.
    ...(unjudged ? [unjudged.why, unjudged.since, unjudged.because] : []),
  ]);

/** AWS lists things in no fixed order, so two lists of evidence that differ only in their order are the same. */
const evidenceDigest = (evidence: readonly Evidence[]): string => {
  const last = evidence.at(-1);
  if (last?.at === CONDENSED) return last.found;
  const lines = evidence.map(({ at, found, expected }) => JSON.stringify([at, found, expected])).toSorted();
  return createHash('sha256').update(lines.join('\n')).digest('hex');
};
