import { type Finding, severityRank } from '../domain/finding.ts';
import { isOpen, statusWeight } from '../domain/status.ts';

/** A finding in two runs. */
export type Pair = { before: Finding; after: Finding };

/**
 * What became of the findings from one run to the next. `changed` says something else now and `open` the same;
 * `unread` is neither there nor mended, as its resource could not be judged.
 */
export type Comparison = {
  added: Finding[];
  changed: Pair[];
  open: Pair[];
  mended: Finding[];
  unread: Finding[];
};

/**
 * The findings of two runs over the same account. Only what is open and not suppressed counts: a suppression that ran
 * out makes a finding new, and one that was added makes it a changed one.
 */
export const compareFindings = (before: readonly Finding[], after: readonly Finding[]): Comparison => {
  const [earlier, later] = [keyed(before), keyed(after)];
  const comparison: Comparison = { added: [], changed: [], open: [], mended: [], unread: [] };
  for (const [key, finding] of later) {
    const known = earlier.get(key);
    const counted = known && counts(known) ? known : undefined;
    if (!counted) {
      if (counts(finding)) comparison.added.push(finding);
    } else if (isOpen(finding.status)) {
      const pair = { before: counted, after: finding };
      (isAlike(pair) ? comparison.open : comparison.changed).push(pair);
    }
  }
  const unjudged = new Set(after.filter(({ status }) => status === 'NOT_AVAILABLE').map(judged));
  for (const [key, finding] of earlier) {
    const now = later.get(key);
    if (!counts(finding) || (now && isOpen(now.status))) continue;
    (!now && unjudged.has(judged(finding)) ? comparison.unread : comparison.mended).push(finding);
  }
  return comparison;
};

/** Whether a finding asks for something: it is open and nobody accepted it. */
export const counts = ({ status, suppression }: Finding): boolean =>
  isOpen(status) && suppression === undefined;

/** Worse than it was: also where it could not be read before, and has failed now. */
export const isWorse = ({ before, after }: Pair): boolean =>
  counts(after) &&
  (statusWeight(after.status) > statusWeight(before.status) ||
    severityRank(after.severity) > severityRank(before.severity));

/** What of two forms of a finding differs, for a reader. */
export const differences = ({ before, after }: Pair): string[] => [
  ...(before.status === after.status ? [] : [`${before.status} is now ${after.status}`]),
  ...(before.severity === after.severity ? [] : [`${before.severity} is now ${after.severity}`]),
  ...(after.suppression ? [`suppressed until ${after.suppression.expires}`] : []),
  ...(said(before) === said(after) ? [] : ['other evidence']),
];

const isAlike = (pair: Pair): boolean => differences(pair).length === 0;

/** AWS lists in no fixed order, so the order of the evidence counts for nothing. */
const said = ({ evidence }: Finding): string =>
  JSON.stringify(evidence.map(({ at, found, expected }) => JSON.stringify([at, found, expected])).toSorted());

/** A control may say two things of one subject, which share an id. */
export const keyed = (findings: readonly Finding[]): Map<string, Finding> => {
  const uses = new Map<string, number>();
  return new Map(
    findings.map((finding) => {
      const use = uses.get(finding.id) ?? 0;
      uses.set(finding.id, use + 1);
      return [use === 0 ? finding.id : `${finding.id}#${use}`, finding];
    }),
  );
};

const judged = ({ control, resource }: Finding): string =>
  JSON.stringify([control, resource.arn.toLowerCase()]);
