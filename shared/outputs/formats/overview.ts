import { type Finding, SEVERITIES, type Severity, severityRank } from '../../domain/finding.ts';
import { isFaulty } from '../../domain/status.ts';
import { counted } from '../../text/counted.ts';
import { byCause } from './causes.ts';
import { type Labels, labelsOf } from './resource-label.ts';

/** What a person wants to know first of a run. Every output shows these numbers. */
export type Overview = {
  /** The first of the most severe findings. */
  worst?: { severity: Severity; control: string; resource: string; title: string };
  /** Breaches and risks, those of one cause as one. */
  bySeverity: Record<Severity, number>;
  /** Breaches and risks, each on its resource. */
  findings: number;
  /** What could not be judged, with the first reason. */
  unread: { count: number; first?: string };
  /** The lists that the configuration lacks, and the controls that cannot judge fully without them. */
  notConfigured: { list: string; controls: string[] }[];
  /** The files that a snapshot lacks, and the controls that judge nothing without them. */
  notInSnapshot?: { file: string; controls: string[] }[];
};

/** The control that reports what could not be read. */
export const GAP_CONTROL = 'evidence-readable';

/** Whether a finding says that evidence could be read, which is no rule that a resource keeps. */
export const isReadable = ({ status, control }: Pick<Finding, 'status' | 'control'>): boolean =>
  status === 'PASSED' && control === GAP_CONTROL;

/** Whether a finding only repeats what the overview says of the configuration. */
export const isAboutMissingLists = ({ control, resource, subject }: Finding): boolean =>
  control === GAP_CONTROL && resource.type === 'configuration' && subject === undefined;

/** The overview of findings that are sorted by urgency. Suppressed findings are not part of it. */
export const overviewOf = (
  findings: readonly Finding[],
  {
    notConfigured = [],
    notInSnapshot = [],
    scopes,
  }: {
    notConfigured?: readonly { list: string; controls: readonly string[] }[];
    notInSnapshot?: readonly { file: string; controls: readonly string[] }[];
    scopes?: readonly { account: string }[] | undefined;
  } = {},
): Overview => {
  const counted = findings.filter((each) => each.suppression === undefined && !isAboutMissingLists(each));
  const causes = byCause(counted.filter(({ status }) => isFaulty(status)));
  const unread = counted.filter(({ status }) => status === 'NOT_AVAILABLE');
  const worst = causes
    .map(([first]) => first)
    .reduce<Finding | undefined>(
      (most, each) => (most && severityRank(most.severity) >= severityRank(each.severity) ? most : each),
      undefined,
    );
  const labels = labelsOf(findings, scopes);
  const first = unread[0] && reasonOf(unread[0], labels);
  return {
    ...(worst && {
      worst: {
        severity: worst.severity,
        control: worst.control,
        resource: nameOf(worst, labels),
        title: worst.title,
      },
    }),
    bySeverity: Object.fromEntries(
      SEVERITIES.map((severity) => [
        severity,
        causes.filter(([{ severity: its }]) => its === severity).length,
      ]),
    ) as Record<Severity, number>,
    findings: causes.flat().length,
    unread: { count: unread.length, ...(first !== undefined && { first }) },
    notConfigured: notConfigured.map(({ list, controls }) => ({ list, controls: [...controls] })),
    ...(notInSnapshot.length > 0 && {
      notInSnapshot: notInSnapshot.map(({ file, controls }) => ({ file, controls: [...controls] })),
    }),
  };
};

const nameOf = (finding: Finding, labels: Labels): string => `${finding.resource.type} ${labels.of(finding)}`;

const reasonOf = (finding: Finding, labels: Labels): string | undefined => {
  const [evidence] = finding.evidence;
  return evidence && `${nameOf(finding, labels)}, ${evidence.at}: ${evidence.found}`;
};

/** The overview as labelled lines of text. */
export const overviewLines = (
  { worst, bySeverity, findings, unread, notConfigured, notInSnapshot = [] }: Overview,
  /** Which of several accounts were judged, how many controls judged something, and what is excepted. */
  {
    accounts,
    coverage,
    exceptions,
  }: {
    accounts?: string | undefined;
    coverage?: string | undefined;
    exceptions?: string | undefined;
  } = {},
): [string, string][] => {
  const causes = SEVERITIES.reduce((sum, severity) => sum + bySeverity[severity], 0);
  const many = causes < findings ? `; ${findings} in all, those of one cause count once` : '';
  const counts = SEVERITIES.toReversed().flatMap((severity) =>
    bySeverity[severity] > 0 ? `${bySeverity[severity]} ${severity.toLowerCase()}` : [],
  );
  return [
    ...(accounts === undefined ? [] : [line('Accounts', accounts)]),
    ...(worst ? [line('Worst', `${worst.severity} ${worst.control}: ${worst.resource}`)] : []),
    line('Findings', causes === 0 ? 'none' : `${causes}: ${counts.join(', ')}${many}`),
    line(
      'Not judged',
      unread.count === 0
        ? 'none'
        : `${unread.count}${unread.count > 1 ? '; the first' : ''}: ${unread.first ?? 'no reason is told'}`,
    ),
    ...(coverage === undefined ? [] : [line('Coverage', coverage)]),
    ...(exceptions === undefined ? [] : [line('Exceptions', exceptions)]),
    ...(notConfigured.length > 0 ? [line('Not configured', notConfiguredText(notConfigured))] : []),
    ...(notInSnapshot.length > 0 ? [line('Not in snapshot', notInSnapshotText(notInSnapshot))] : []),
  ];
};

const line = (name: string, value: string): [string, string] => [name, value];

const notInSnapshotText = (lacking: NonNullable<Overview['notInSnapshot']>): string => {
  const files = lacking.map(({ file, controls }) => `${file} (${controls.join(', ')} not judged)`);
  return `${counted(lacking.length, 'file')}: ${files.join(', ')}. pipewarden snapshot writes them`;
};

const notConfiguredText = (lacking: Overview['notConfigured']): string => {
  const lists = lacking.map(
    ({ list, controls }, index) =>
      `${list} (${index === 0 ? `${counted(controls.length, 'control')} cannot judge fully` : controls.length})`,
  );
  return `${counted(lacking.length, 'list')}: ${lists.join(', ')}. pipewarden init writes what is in use; [] says there is none`;
};
