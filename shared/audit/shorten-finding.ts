import type { Evidence, Finding, Remediation } from '../domain/finding.ts';
import { cut } from '../text/cut.ts';

/**
 * The longest value, in UTF-16 units: a value from a definition can have a mebibyte, and a person reads a few lines.
 */
const MAX_VALUE = 1000;
/** The deepest pointer that a definition can have takes 6,000. */
const MAX_PLACE = 8000;
const MAX_ADVICE = 3000;
/** Shells accept no argument over 131,072 bytes, so nobody could run a longer command. */
const MAX_COMMAND = 100_000;
const MAX_EVIDENCE = 110;
const SHOWN_EVIDENCE = 100;

/**
 * The finding in a readable size: long values are cut, and of many pieces of evidence the first are shown and the
 * rest counted.
 */
export const shortenFinding = (finding: Finding): Finding => ({
  ...finding,
  evidence: fewOf(finding.evidence).map(shortenEvidence),
  remediation: shortenRemediation(finding.remediation),
});

const fewOf = (evidence: readonly Evidence[]): readonly Evidence[] => {
  if (evidence.length <= MAX_EVIDENCE) return evidence;
  const shown = evidence.slice(0, SHOWN_EVIDENCE);
  const found = `${evidence.length - shown.length} more like these`;
  return [...shown, { at: 'further evidence', found, expected: shown.at(-1)?.expected ?? '' }];
};

const shortenEvidence = ({ at, found, expected }: Evidence): Evidence => ({
  at: cut(at, MAX_PLACE),
  found: cut(found, MAX_VALUE),
  expected: cut(expected, MAX_VALUE),
});

const shortenRemediation = ({ text, patch, undo, changes }: Remediation): Remediation => {
  const advice = cut(text, MAX_ADVICE);
  if (patch === undefined) return { text: advice };
  // A command is kept only together with the one that takes it back.
  const longest = Math.max(patch.length, undo?.length ?? 0);
  if (longest > MAX_COMMAND)
    return { text: `${advice} No command is given, as it would have ${longest} characters.` };
  return {
    text: advice,
    patch,
    ...(undo !== undefined && { undo }),
    ...(changes !== undefined && { changes: cut(changes, MAX_ADVICE) }),
  };
};
