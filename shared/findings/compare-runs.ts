import { type Finding, isOfAllRegions, severityRank } from '../domain/finding.ts';
import type { UnjudgedWhy } from '../domain/judgement.ts';
import { isDefinite, isOpen, statusWeight } from '../domain/status.ts';
import { type RunScope, whatBecameInRun, whyNotSeen } from './run-looks.ts';
import { accountOf, nameInRun, type RunPlaces } from './run-places.ts';
import type { Became } from './what-became.ts';

/** The same finding in two runs. */
export type Pair = { before: Finding; after: Finding };

/** A finding that was open in the earlier run and that the later run did not judge, with the reason. */
export type NotJudged = { finding: Finding; why: UnjudgedWhy; because: string };

/** A finding that is open in the later run and that the earlier run had not looked at, with the reason. */
export type FirstSeen = { finding: Finding; because: string };

/**
 * What became of the findings from one run to the next. `changed` says something else now, `open` says the same,
 * `unread` could not be judged now, `gone` no longer exists, `notJudged` was judged by nobody. None of those is mended. `added` was not
 * there when the earlier run looked; `firstSeen` was not looked at then, so that nobody knows whether it is new.
 */
export type RunComparison = {
  added: Finding[];
  firstSeen: FirstSeen[];
  changed: Pair[];
  open: Pair[];
  mended: Finding[];
  gone: Finding[];
  unread: Finding[];
  notJudged: NotJudged[];
};

/** The findings of a run, and what the run looked at. Runs of older versions do not say what they looked at. */
export type Run = RunScope & { findings: readonly Finding[] };

/**
 * Compares two runs over the same accounts; of an account that only the earlier one judged, nothing is mended. Suppressed findings do not count: a finding whose suppression ended is
 * `added`, and one that was suppressed since is `changed`.
 */
export const compareRuns = (before: Run, after: Run): RunComparison => {
  const [earlier, later] = [keyed(before.findings, before), keyed(after.findings, after)];
  const comparison: RunComparison = {
    added: [],
    firstSeen: [],
    changed: [],
    open: [],
    mended: [],
    gone: [],
    unread: [],
    notJudged: [],
  };
  for (const [key, finding] of later) {
    const known = earlier.get(key);
    const counted = known && counts(known) ? known : undefined;
    if (!counted) {
      if (counts(finding))
        sayOpen(comparison, finding, known ? undefined : whyNotSeen(finding, before, after));
    } else if (finding.status === 'NOT_AVAILABLE' && isDefinite(counted.status)) {
      comparison.unread.push(counted);
    } else if (isOpen(finding.status)) {
      const pair = { before: counted, after: finding };
      (isAlike(pair) ? comparison.open : comparison.changed).push(pair);
    }
  }
  const unjudged = new Set(
    after.findings
      .filter(({ status }) => status === 'NOT_AVAILABLE')
      .map((finding) => judged(finding, after)),
  );
  for (const [key, finding] of earlier) {
    const now = later.get(key);
    if (!counts(finding) || (now && isOpen(now.status))) continue;
    if (now?.status === 'PASSED') comparison.mended.push(finding);
    else if (!now && unjudged.has(judged(finding, before))) comparison.unread.push(finding);
    else sayBecame(comparison, finding, whatBecameInRun(finding, before, after));
  }
  return comparison;
};

const sayOpen = (
  { added, firstSeen }: RunComparison,
  finding: Finding,
  because: string | undefined,
): void => {
  if (because === undefined) added.push(finding);
  else firstSeen.push({ finding, because });
};

const sayBecame = (comparison: RunComparison, finding: Finding, became: Became): void => {
  switch (became.is) {
    case 'mended':
    case 'not-applicable':
      comparison.mended.push(finding);
      return;
    case 'gone':
    case 'gathered':
      comparison.gone.push(finding);
      return;
    case 'unjudged':
      if (became.why === 'unread') comparison.unread.push(finding);
      else comparison.notJudged.push({ finding, why: became.why, because: became.because });
  }
};

/** Whether somebody must act on a finding: it is open and not suppressed. */
export const counts = ({ status, suppression }: Finding): boolean =>
  isOpen(status) && suppression === undefined;

/** Whether status or severity became worse. NOT_AVAILABLE counts as less bad than FAILED. */
export const isWorse = ({ before, after }: Pair): boolean =>
  counts(after) &&
  (statusWeight(after.status) > statusWeight(before.status) ||
    severityRank(after.severity) > severityRank(before.severity));

/** How two forms of a finding differ, in words. */
export const differences = ({ before, after }: Pair): string[] => [
  ...(before.status === after.status ? [] : [`${before.status} is now ${after.status}`]),
  ...(before.severity === after.severity ? [] : [`${before.severity} is now ${after.severity}`]),
  ...(after.unjudged ? [`not judged since ${after.unjudged.since}: ${after.unjudged.because}`] : []),
  ...(after.suppression ? [`suppressed until ${after.suppression.expires}`] : []),
  ...(said(before) === said(after) ? [] : ['other evidence']),
];

const isAlike = (pair: Pair): boolean => differences(pair).length === 0;

/** AWS lists things in no fixed order, so two lists of evidence that differ only in their order are the same. */
const said = ({ evidence }: Finding): string =>
  JSON.stringify(evidence.map(({ at, found, expected }) => JSON.stringify([at, found, expected])).toSorted());

/**
 * Findings by a unique key, which is the same in results of all versions. The id alone is not unique, as a control may report
 * two things of one subject; and earlier versions had the Region in the ids of roles, users and buckets. What is wrong with the
 * configuration has no account: a run tells it of the first account that it judges.
 */
export const keyed = (findings: readonly Finding[], run: RunPlaces): Map<string, Finding> => {
  const uses = new Map<string, number>();
  return new Map(
    findings.map((finding) => {
      const key = keyOf(finding, run);
      const use = uses.get(key) ?? 0;
      uses.set(key, use + 1);
      return [use === 0 ? key : `${key}#${use}`, finding];
    }),
  );
};

const keyOf = (finding: Finding, run: RunPlaces): string => {
  const { id, control, resource, subject } = finding;
  if (resource.type === 'configuration') return JSON.stringify([control, resource.arn, subject ?? null]);
  return isOfAllRegions(resource.arn) ? JSON.stringify([control, nameOf(finding, run), subject ?? null]) : id;
};

const judged = (finding: Finding, run: RunPlaces): string =>
  JSON.stringify([finding.control, nameOf(finding, run)]);

const nameOf = (finding: Finding, run: RunPlaces): string =>
  nameInRun(finding.resource.arn, accountOf(finding, run)).toLowerCase();
