import { createHash } from 'node:crypto';
import type { Evidence, Finding } from './finding.ts';

const CONDENSED = 'sha256 of evidence that is too long to keep';

/** The finding with its evidence reduced to a digest, which still tells whether the evidence changed. */
export const condense = (finding: Finding): Finding => ({
  ...finding,
  evidence: [{ at: CONDENSED, found: evidenceDigest(finding.evidence), expected: '' }],
  remediation: { text: finding.remediation.text.slice(0, 200) },
});

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
}: Finding): string =>
  JSON.stringify([
    status,
    severity,
    title,
    subject ?? null,
    suppression ? [suppression.reason, suppression.expires] : null,
    evidenceDigest(evidence),
    firstObservedAt,
  ]);

/** AWS lists in no fixed order, so the order of the evidence counts for nothing. */
const evidenceDigest = (evidence: readonly Evidence[]): string => {
  const [first] = evidence;
  if (evidence.length === 1 && first?.at === CONDENSED) return first.found;
  const lines = evidence.map(({ at, found, expected }) => JSON.stringify([at, found, expected])).toSorted();
  return createHash('sha256').update(lines.join('\n')).digest('hex');
};
