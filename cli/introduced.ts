import { type Evidence, type Finding, severityRank } from '../shared/domain/finding.ts';
import { isOpen, statusWeight } from '../shared/domain/status.ts';

/** What a change introduces, and how many open findings were there before it. `notCompared`: what could not be compared, and why. */
export type Introduced = { findings: Finding[]; known: number; notCompared?: string };

/** The controls for which another value in the same place is another breach: a step that gets another role. */
const OF_WHAT_IS_FOUND = ['definition-valid', 'evidence-readable', 'step-role-authorised'];

/**
 * By what a piece of evidence is known again, besides control, file and step: by what was found (`true`), or by nothing more (`false`). What
 * could not be judged is known by its reason, or by a breach that was there: a change may hide a breach behind another unknown.
 */
export const knownByFound = ({ control, status }: Pick<Finding, 'control' | 'status'>) => {
  const isOfFound = OF_WHAT_IS_FOUND.includes(control);
  const isUnknown = status === 'NOT_AVAILABLE';
  return {
    past: isOfFound || isUnknown,
    present: isUnknown && !isOfFound ? [true, false] : [isOfFound],
  };
};

/** Includes the severity, so that a breach that became worse counts as new. */
export const weightOf = ({ status, severity }: Finding): number =>
  10 * statusWeight(status) + severityRank(severity);

/** A finding with the keys of each piece of evidence, by which it is known again. */
export type Keyed = { finding: Finding; keys: string[][] };

/** `about`: by what a piece of evidence is known; `byFound`: whether by what was found as well, which may be told both ways. */
export const keyedBy = (
  finding: Finding,
  about: (at: string) => readonly unknown[],
  byFound: readonly boolean[],
): Keyed => {
  const keysOf = ({ at, found }: Evidence) =>
    byFound.map((isOfFound) => JSON.stringify([...about(at), ...(isOfFound ? [found] : [])]));
  return { finding, keys: finding.evidence.map(keysOf) };
};

/** Of findings with the same identity, under several configurations, the worst: one that is not suppressed comes first. */
export const worst = (findings: readonly Finding[]): Finding[] => {
  const found = new Map<string, Finding>();
  const rankOf = (finding: Finding) => (finding.suppression ? 0 : 1000) + weightOf(finding);
  for (const finding of findings) {
    const other = found.get(finding.id);
    if (!other || rankOf(finding) > rankOf(other)) found.set(finding.id, finding);
  }
  return [...found.values()];
};

/** What is new, or worse than it was. */
export const introduced = (now: readonly Keyed[], before: readonly Keyed[]): Introduced => {
  // A finding that was suppressed then and is no more is told.
  const [weights, ofSuppressed] = [new Map<string, number>(), new Map<string, number>()];
  for (const { finding, keys } of before) {
    if (!isOpen(finding.status)) continue;
    const into = finding.suppression ? ofSuppressed : weights;
    for (const key of keys.flat()) into.set(key, Math.max(into.get(key) ?? -1, weightOf(finding)));
  }
  const findings: Finding[] = [];
  let known = 0;
  for (const { finding, keys } of now) {
    const knownAs = (key: string) =>
      Math.max(weights.get(key) ?? -1, finding.suppression ? (ofSuppressed.get(key) ?? -1) : -1);
    const isNew = (own: readonly string[]) => own.every((key) => weightOf(finding) > knownAs(key));
    const evidence = finding.evidence.filter((_each, index) => isNew(keys[index] ?? []));
    if (!isOpen(finding.status)) findings.push(finding);
    else if (evidence.length > 0) findings.push({ ...finding, evidence });
    else known++;
  }
  return { findings, known };
};
