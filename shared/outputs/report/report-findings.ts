import { createHash } from 'node:crypto';
import { parseArn } from '../../domain/arn.ts';
import { type Finding, SEVERITIES, type Severity } from '../../domain/finding.ts';
import { isOpen } from '../../domain/status.ts';
import { counts, keyed } from '../../findings/compare-runs.ts';
import { groupBy } from '../../group-by.ts';
import { byCause, withoutOwnPlace, withSharedCauses } from '../formats/causes.ts';
import { isAboutMissingLists } from '../formats/overview.ts';
import { byUrgency } from '../formats/results.ts';
import { pipelineOf, type TeamsOf } from './owners.ts';
import type { RunHistory } from './run-history.ts';
import { capitalised, slug } from './text.tsx';

/** A finding with what the page adds to it. */
export type ReportFinding = Finding & {
  anchor: string;
  account: string;
  pipeline: string | undefined;
  team: string | undefined;
  openSince: string;
  /** Whether the finding was missing or not counted in the previous run. */
  isNew: boolean;
  /** How many more findings have the same cause. */
  alike: number;
};

/**
 * The fragment of a link to the finding. It depends on the finding’s id alone, so that links from outside stay valid.
 */
export const findingAnchor = (id: string): string =>
  `f-${createHash('sha256').update(id).digest('hex').slice(0, 12)}`;

/** A finding of one of several teams says so: the account’s organizational units, which decide it, are not known. */
const teamText = (teams: readonly string[]): string | undefined =>
  teams.length > 1 ? `perhaps ${teams.slice(0, MOST_TEAMS).join(' or ')}` : teams[0];

const MOST_TEAMS = 3;

/** The findings of the newest runs, most urgent first. */
export const reportFindings = (
  { newest, changes, openSince, scopes }: RunHistory,
  teamsOf: TeamsOf | undefined,
): ReportFinding[] => {
  const paths = new Map(scopes.map(({ account, path }) => [account, path]));
  const placeIn = (account: string) => ({ account, path: paths.get(account) });
  const added = new Set(changes?.added);
  const entries = newest.flatMap((run) => {
    const { account, findings, overview } = run;
    const told = findings.filter((each) => !overview?.notConfigured.length || !isAboutMissingLists(each));
    const ofCause = groupBy(told, ({ cause }) => cause ?? '');
    return [...keyed(told, run)].map(([key, finding]): ReportFinding => {
      const [, use = ''] = /#(\d+)$/.exec(key) ?? [];
      return {
        ...finding,
        // A control may report two things of one subject. They share an id, but a page may contain an id only once.
        anchor: findingAnchor(finding.id) + (use === '' ? '' : `-${use}`),
        account: (finding.account ?? parseArn(finding.resource.arn)?.account) || account,
        pipeline: pipelineOf(finding),
        team: teamText(teamsOf?.(finding, placeIn(finding.account ?? account)) ?? []),
        openSince: openSince.get(key) ?? finding.firstObservedAt,
        isNew: added.has(finding),
        alike: finding.cause === undefined ? 0 : (ofCause.get(finding.cause)?.length ?? 1) - 1,
      };
    });
  });
  return (scopes.length > 0 ? sharedIn(entries) : entries).toSorted(byUrgency);
};

/** The findings of several accounts, with those of one cause in all of them. */
const sharedIn = (entries: readonly ReportFinding[]): ReportFinding[] => {
  const told = withSharedCauses(entries);
  const ofCause = groupBy(told, ({ cause }) => cause ?? '');
  return entries.map((entry, index) => {
    const cause = told[index]?.cause;
    return cause === undefined ? entry : { ...entry, cause, alike: (ofCause.get(cause)?.length ?? 1) - 1 };
  });
};

/** A line of the page: a finding, or the findings of one cause that are on the same name in several accounts or Regions. */
export type Line = [ReportFinding, ...ReportFinding[]];

/** The lines of findings. In a page of one account, each finding has a line of its own. */
export const linesOf = (entries: readonly ReportFinding[], isOfSeveral: boolean): Line[] => {
  if (!isOfSeveral) return entries.map((entry): Line => [entry]);
  const groups = groupBy(entries, (entry) => {
    const { cause, resource, subject, anchor } = entry;
    const name = [resource.arn, subject ?? ''].map((text) => withoutOwnPlace(text, entry));
    return JSON.stringify(cause === undefined ? [anchor] : [cause, ...name]);
  });
  return [...groups.values()].flatMap(([first, ...others]): Line[] => (first ? [[first, ...others]] : []));
};

/** The findings of one control under one heading. */
export type Group = { anchor: string; control: string; entries: [ReportFinding, ...ReportFinding[]] };

export type SectionContent = {
  id: string;
  heading: string;
  intro?: string;
  /** Set in sections for one severity. */
  severity?: Severity;
  groups: Group[];
  count: number;
};

/** The sections: open findings by severity, then what could not be read, then suppressed findings. */
export const sectionsOf = (entries: readonly ReportFinding[]): SectionContent[] => {
  const faulty = entries.filter((entry) => counts(entry) && entry.status !== 'NOT_AVAILABLE');
  const sections = [
    ...SEVERITIES.toReversed().map((severity) => ({
      id: severity.toLowerCase(),
      heading: `${capitalised(severity)} severity`,
      severity,
      entries: faulty.filter((entry) => entry.severity === severity),
    })),
    {
      id: 'not-read',
      heading: 'What could not be read',
      intro: 'Nothing is known of these: they count neither as passed nor as failed until they can be read.',
      entries: entries.filter((entry) => counts(entry) && entry.status === 'NOT_AVAILABLE'),
    },
    {
      id: 'suppressed',
      heading: 'Suppressed',
      intro: 'Accepted until the day given, so that they do not count as open. They do again after it.',
      entries: entries.filter(({ suppression }) => suppression !== undefined),
    },
  ];
  return sections.flatMap(({ entries: of, ...section }) =>
    of.length === 0 ? [] : { ...section, groups: groupsOf(section.id, of), count: of.length },
  );
};

const groupsOf = (section: string, entries: readonly ReportFinding[]): Group[] =>
  [...groupBy(entries, ({ control }) => control)].flatMap(([control, of]) => {
    const [first, ...others] = byCause(of).flat();
    return first ? [{ anchor: `${section}-${slug(control)}`, control, entries: [first, ...others] }] : [];
  });

/** The verdicts that need no action: PASSED and NOT_APPLICABLE. */
export const restOf = (entries: readonly ReportFinding[]): ReportFinding[] =>
  entries.filter(({ status, suppression }) => suppression === undefined && !isOpen(status));

/** A group of findings that one change mends. */
export type Cause = { title: string; href: string; count: number; worst: ReportFinding };

const MOST_CAUSES = 6;

/**
 * The causes of most findings. A policy or call to which several findings point is a cause; otherwise the control is.
 */
export const topCauses = (
  entries: readonly ReportFinding[],
  titleOf: (entry: ReportFinding) => string,
): Cause[] => {
  const faulty = entries.filter(counts);
  const shared = groupBy(faulty, (entry) => JSON.stringify([entry.control, placeOf(entry)]));
  const causes = groupBy(faulty, (entry) => {
    if (entry.cause !== undefined) return JSON.stringify([entry.control, entry.cause, '']);
    const place = placeOf(entry);
    const isShared = (shared.get(JSON.stringify([entry.control, place]))?.length ?? 0) > 1;
    return JSON.stringify([entry.control, entry.severity, isShared ? place : '']);
  });
  return [...causes]
    .flatMap(([key, [worst, ...others]]): Cause[] => {
      if (!worst) return [];
      const place = (JSON.parse(key) as string[])[2];
      const title = place ? `${titleOf(worst)}: ${place}` : titleOf(worst);
      return [{ title, href: `#${worst.anchor}`, count: others.length + 1, worst }];
    })
    .filter(({ count }) => count > 1)
    .toSorted((one, other) => other.count - one.count)
    .slice(0, MOST_CAUSES);
};

/** The place of the first piece of evidence; '' where that is a field of the resource itself. */
const placeOf = ({ evidence: [first] }: ReportFinding): string =>
  first && !first.at.startsWith('/') && first.at.length < 200 ? first.at : '';
