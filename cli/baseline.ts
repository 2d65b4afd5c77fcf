import { normalize } from 'node:path';
import type { Evidence, Finding } from '../shared/domain/finding.ts';
import { isOpen } from '../shared/domain/status.ts';
import type { Results } from '../shared/outputs/formats/results.ts';
import { visibleText } from '../shared/text/visible-text.ts';
import { UsageError } from './errors.ts';
import { type Introduced, knownByFound, weightOf } from './introduced.ts';
import { readResultsFile } from './results-file.ts';

/**
 * The results of an earlier lint, which `--format json` wrote.
 * @throws {UsageError} if the file holds no such results.
 */
export const readBaseline = async (path: string): Promise<Results> => {
  const results = await readResultsFile(path);
  if (results.mode !== 'files')
    throw new UsageError(
      `--baseline ${visibleText(path)}: these results are of an account, and not of lint --format json`,
    );
  return results;
};

/** A piece of evidence of a finding, as it is known again where steps moved in the file. */
type Piece = { weight: number; at: string };

/**
 * The findings that a baseline does not have, or has in a lesser form, and how many it has. What was suppressed when the baseline
 * was made is not known by it, so that the end of a suppression is told.
 */
export const sinceBaseline = (findings: readonly Finding[], baseline: Results): Introduced => {
  const known = new Map<string, Piece[]>();
  for (const finding of baseline.findings) {
    if (!isOpen(finding.status) || finding.suppression) continue;
    for (const piece of finding.evidence) {
      const key = keyOf(finding, piece, knownByFound(finding).past);
      known.set(key, [...(known.get(key) ?? []), { weight: weightOf(finding), at: piece.at }]);
    }
  }
  const kept: Finding[] = [];
  let count = 0;
  for (const finding of findings) {
    const evidence = isOpen(finding.status) ? newEvidence(finding, known) : finding.evidence;
    if (!isOpen(finding.status)) kept.push(finding);
    else if (evidence.length > 0) kept.push({ ...finding, evidence });
    else count++;
  }
  return { findings: kept, known: count };
};

/**
 * The evidence that the baseline does not have. A finding on a step is known by the step; of one on several steps, each piece of
 * the baseline makes one piece known, that of the same place first, as steps move.
 */
const newEvidence = (finding: Finding, known: ReadonlyMap<string, readonly Piece[]>): Evidence[] => {
  const knownAs = (key: string) => (known.get(key) ?? []).filter(({ weight }) => weight >= weightOf(finding));
  if (finding.subject !== undefined)
    return finding.evidence.filter((piece) =>
      knownByFound(finding).present.every(
        (isOfFound) => knownAs(keyOf(finding, piece, isOfFound)).length === 0,
      ),
    );
  const left = new Map<string, Piece[]>();
  const unmatched = finding.evidence.filter((piece) => {
    const key = keyOf(finding, piece, true);
    const pieces = left.get(key) ?? knownAs(key);
    left.set(key, pieces);
    const same = pieces.findIndex(({ at }) => at === piece.at);
    if (same >= 0) pieces.splice(same, 1);
    return same < 0;
  });
  return unmatched.filter((piece) => left.get(keyOf(finding, piece, true))?.pop() === undefined);
};

const keyOf = (finding: Finding, { found }: Pick<Evidence, 'found'>, isOfFound: boolean): string => {
  const { control, resource, subject } = finding;
  const told = subject === undefined || isOfFound ? found : null;
  return JSON.stringify([control, normalize(resource.arn), subject ?? null, told]);
};
