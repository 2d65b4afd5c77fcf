import { Fragment } from 'preact';
import { SEVERITIES, type Severity } from '../../domain/finding.ts';
import { counts } from '../../findings/compare-runs.ts';
import { groupBy } from '../../group-by.ts';
import type { System } from '../../judging/control.ts';
import { counted as countedNoun } from '../../text/counted.ts';
import { cut } from '../../text/cut.ts';
import { type Overview, overviewLines } from '../formats/overview.ts';
import type { Summary } from '../formats/results.ts';
import { summaryText } from '../formats/table.ts';
import { Bar, type Part, partsText, SeverityCells, SeverityHeads, severityParts } from './charts.tsx';
import { type ReportFinding, topCauses } from './report-findings.ts';
import { bySystem } from './systems.ts';
import { LongText, Name, SeverityLabel } from './text.tsx';

const COUNTS: readonly { key: Exclude<keyof Summary, 'evaluated'>; label: string; className: string }[] = [
  { key: 'failed', label: 'Failed', className: 'failed' },
  { key: 'warning', label: 'Warnings', className: 'warning' },
  { key: 'notAvailable', label: 'Not available', className: 'not_available' },
  { key: 'suppressed', label: 'Suppressed', className: 'suppressed' },
  { key: 'passed', label: 'Passed', className: 'passed' },
];

export const Posture = ({
  summary,
  entries,
  overview,
  about,
  lead,
  isCovered = true,
}: {
  summary: Summary;
  entries: readonly ReportFinding[];
  overview: Overview;
  /** How many controls judged something, and what is excepted. */
  about: NonNullable<Parameters<typeof overviewLines>[1]>;
  /** What to know first, of several accounts. */
  lead?: string | undefined;
  /** Whether all accounts and Regions were judged. */
  isCovered?: boolean;
}) => (
  <section aria-labelledby="posture">
    <h2 id="posture">Posture</h2>
    {lead !== undefined && <p class="lead first">{lead}</p>}
    <p class="lead">{verdict(summary, entries, overview, isCovered)}</p>
    <Bar
      parts={COUNTS.map(({ key, ...part }) => ({ ...part, count: summary[key] }))}
      most={summary.evaluated}
      title={summaryText(summary)}
      height={16}
    />
    <dl class="counts">
      {COUNTS.map(({ key, label, className }) => (
        <div key={key} class={className}>
          <dt>{label}</dt>
          <dd>{summary[key]}</dd>
        </div>
      ))}
    </dl>
    <details class="list">
      <summary>What the numbers mean</summary>
      <ul>
        <li>Evaluated: the verdicts of controls on what was looked at. It is the sum of the other five.</li>
        <li>Failed: a rule is broken. Warnings: a risk, and no breach.</li>
        <li>Not available: it could not be judged, so that it counts neither as passed nor as failed.</li>
        <li>
          Suppressed: failed, a warning or not available, and accepted until a day. It counts here only.
        </li>
        <li>
          Passed: judged, and well. That something could be read, or that a control does not apply, is no
          pass.
        </li>
        <li>Open is what failed, is a warning or not available, and is not suppressed.</li>
        <li>
          The trend counts open breaches and risks by severity; what was not available, and what was
          suppressed, have columns of their own.
        </li>
        <li>Findings counts breaches and risks; those of one cause count once.</li>
      </ul>
    </details>
    <dl class="overview">
      {overviewLines(overview, about).map(([name, value]) => (
        <Fragment key={name}>
          <dt>{name}</dt>
          <dd>
            <LongText>{cut(value, MAX_LINE)}</LongText>
          </dd>
        </Fragment>
      ))}
    </dl>
  </section>
);

const verdict = (
  summary: Summary,
  entries: readonly ReportFinding[],
  { notInSnapshot = [] }: Overview,
  isCovered: boolean,
): string => {
  const critical = entries.filter(
    (entry) => counts(entry) && entry.status === 'FAILED' && entry.severity === 'CRITICAL',
  ).length;
  const failed =
    summary.failed === 0
      ? `Nothing failed of ${summary.evaluated} evaluated`
      : `${summary.failed} of ${summary.evaluated} evaluated failed`;
  const worst = critical === 0 ? '' : `, ${critical} of them critical`;
  const unread =
    summary.notAvailable === 0
      ? notInSnapshot.length === 0
        ? isCovered
          ? 'Everything could be read.'
          : 'Not every account and Region was judged, so there may be more.'
        : `The snapshot lacks ${countedNoun(notInSnapshot.length, 'file')}, so there may be more.`
      : `${summary.notAvailable} could not be read, so there may be more.`;
  return `${failed}${worst}. ${unread}`;
};

/** The finding itself tells the whole reason. */
const MAX_LINE = 240;

const barOf = (parts: readonly Part[]) => ({ parts, title: partsText(parts) });

/** A table with a bar in each row. The numbers are in the table too, for people who cannot see the bars. */
const BarTable = ({
  caption,
  heading,
  rows,
}: {
  caption: string;
  heading: string;
  rows: readonly { name: string; entries: readonly ReportFinding[] }[];
}) => {
  const counted = rows.map(({ name, entries }) => {
    const faulty = entries.filter(({ status }) => status !== 'NOT_AVAILABLE');
    const bySeverity = Object.fromEntries(
      SEVERITIES.map((severity) => [severity, faulty.filter((entry) => entry.severity === severity).length]),
    ) as Record<Severity, number>;
    const notAvailable = entries.length - faulty.length;
    return { name, bySeverity, notAvailable, total: entries.length };
  });
  const most = Math.max(1, ...counted.map(({ total }) => total));
  const shown = SEVERITIES.toReversed().filter((severity) =>
    counted.some(({ bySeverity }) => bySeverity[severity] > 0),
  );
  return (
    <table class="bars">
      <caption>{caption}</caption>
      <thead>
        <tr>
          <th scope="col">{heading}</th>
          <td class="wide"></td>
          <SeverityHeads shown={shown} />
        </tr>
      </thead>
      <tbody>
        {counted.map(({ name, bySeverity, notAvailable }) => (
          <tr key={name}>
            <th scope="row">
              <Name>{name}</Name>
            </th>
            <td class="wide">
              <Bar {...barOf(severityParts(bySeverity, notAvailable))} most={most} />
            </td>
            <SeverityCells shown={shown} open={bySeverity} notAvailable={notAvailable} />
          </tr>
        ))}
      </tbody>
    </table>
  );
};

const MOST_OWNERS = 12;

const TEAM_CAPTIONS = {
  named: 'team of the configuration',
  'by prefix': 'team, known by the prefixes of the configuration',
};

export const WhereItIs = ({
  entries,
  teams,
  systemOf,
}: {
  entries: readonly ReportFinding[];
  /** How the configuration tells teams; undefined where it tells none. */
  teams: 'named' | 'by prefix' | undefined;
  systemOf: (control: string) => System | undefined;
}) => {
  const open = entries.filter(counts);
  if (open.length === 0) return null;
  const owners = [
    ...groupBy(
      open,
      ({ team, pipeline }) => (teams ? team : pipeline) ?? (teams ? 'Of no team' : 'Of no pipeline'),
    ),
  ]
    .map(([name, of]) => ({ name, entries: of }))
    .toSorted((one, other) => other.entries.length - one.entries.length);
  const left = owners.length - MOST_OWNERS;
  return (
    <section aria-labelledby="where">
      <h2 id="where">Where it is</h2>
      <BarTable
        caption="Open findings by system"
        heading="System"
        rows={bySystem(open, systemOf).map(([name, of]) => ({ name, entries: of }))}
      />
      <BarTable
        caption={`Open findings by ${teams === undefined ? 'pipeline' : TEAM_CAPTIONS[teams]}`}
        heading={teams ? 'Team' : 'Pipeline'}
        rows={owners.slice(0, MOST_OWNERS)}
      />
      {left > 0 && <p>and {left} more, none of them with more.</p>}
    </section>
  );
};

export const Causes = ({
  entries,
  titleOf,
}: {
  entries: readonly ReportFinding[];
  titleOf: (entry: ReportFinding) => string;
}) => {
  const causes = topCauses(entries, titleOf);
  const most = Math.max(1, ...causes.map(({ count }) => count));
  return causes.length === 0 ? null : (
    <section aria-labelledby="causes">
      <h2 id="causes">Top causes</h2>
      <table class="bars causes">
        <caption>What most findings come from</caption>
        <thead>
          <tr>
            <th scope="col">Cause</th>
            <td class="wide"></td>
            <th scope="col">Findings</th>
            <th scope="col">Severity</th>
          </tr>
        </thead>
        <tbody>
          {causes.map(({ title, href, count, worst }) => (
            <tr key={href}>
              <th scope="row">
                <a href={href}>
                  <Name>{title}</Name>
                </a>
              </th>
              <td class="wide">
                <Bar
                  {...barOf([{ className: worst.severity.toLowerCase(), label: 'findings', count }])}
                  most={most}
                />
              </td>
              <td>{count}</td>
              <td>
                <SeverityLabel severity={worst.severity} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
};
