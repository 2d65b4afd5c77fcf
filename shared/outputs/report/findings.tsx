import type { ComponentChildren } from 'preact';
import { parseArn } from '../../domain/arn.ts';
import { resourceName } from '../../domain/resource.ts';
import type { DescribedControl } from '../../judging/control.ts';
import { counted } from '../../text/counted.ts';
import { cut } from '../../text/cut.ts';
import { listed } from '../../text/listed.ts';
import { visibleText } from '../../text/visible-text.ts';
import { whySettled } from '../formats/why-settled.ts';
import { Remedy, type Shared } from './details.tsx';
import {
  type Group,
  type Line,
  linesOf,
  type ReportFinding,
  type SectionContent,
} from './report-findings.ts';
import { capitalised, LongText, Name, SeverityLabel, StatusLabel, Text } from './text.tsx';

/** The parts of a control that the page shows. */
export type ControlText = Pick<DescribedControl, 'system' | 'title' | 'description' | 'risk' | 'remediation'>;

/** A section with more findings starts closed, so that it can be read at a glance. */
const MOST_OPEN = 10;

/**
 * The accounts, pipelines and teams of the filters. A finding’s line refers to them by their index, to save space. The page of one
 * account has no teams.
 */
export type Marks = {
  accounts: readonly string[];
  pipelines: readonly string[];
  teams?: readonly string[];
  /** The names of accounts that have one. */
  names?: ReadonlyMap<string, string>;
};

type Shown = {
  controls: (id: string) => ControlText | undefined;
  /** The details of a finding as HTML; '' where they are packed. */
  detailsOf: (entry: ReportFinding) => string;
  marks: Marks;
};

export const Section = ({
  section,
  children,
  ...shown
}: Shown & { section: SectionContent; children?: ComponentChildren }) => (
  <section aria-labelledby={section.id} class={`findings ${section.id}`} data-severity={section.severity}>
    <h2 id={section.id}>
      {section.heading} <small>{counted(section.count, 'finding')}</small>
    </h2>
    {section.intro && <p>{section.intro}</p>}
    {children}
    {section.groups.map((group) => (
      <ControlGroup
        key={group.anchor}
        group={group}
        isListedOpen={section.id !== 'suppressed' && section.count <= MOST_OPEN}
        hasSeverity={section.severity === undefined}
        {...shown}
      />
    ))}
  </section>
);

/** What all findings of a group share, which the group’s head then says once. */
export const sharedOf = ({ entries: [first, ...others] }: Group): Shared => ({
  remedy: others.length > 0 && others.every((other) => remedyKey(other) === remedyKey(first)),
  expected: others.length > 0 && new Set([first, ...others].flatMap(expectations)).size === 1,
  status: others.length > 0 && others.every(({ status }) => status === first.status),
});

const remedyKey = ({ remediation: { text, patch } }: ReportFinding): string => JSON.stringify([text, patch]);

const expectations = ({ evidence }: ReportFinding): string[] =>
  evidence.length === 0 ? [''] : evidence.map(({ expected }) => expected);

const ControlGroup = ({
  group,
  isListedOpen,
  hasSeverity,
  controls,
  detailsOf,
  marks,
}: Shown & { group: Group; isListedOpen: boolean; hasSeverity: boolean }) => {
  const [first] = group.entries;
  const text = controls(group.control);
  const shared = sharedOf(group);
  const expected = first.evidence[0]?.expected;
  const lines = linesOf(group.entries, marks.teams !== undefined);
  return (
    <article
      aria-labelledby={group.anchor}
      data-control={visibleText(group.control)}
      data-status={capitalised(first.status)}
    >
      <h3 id={group.anchor}>
        <Text>{text?.title ?? first.title}</Text> <code>{visibleText(group.control)}</code>{' '}
        {shared.status && <StatusLabel status={first.status} count={group.entries.length} />}
      </h3>
      {text && (
        <>
          <p>{text.description}</p>
          <p>
            <b>Risk</b> {text.risk}
          </p>
          <p>
            <b>Remediation</b> {text.remediation}
          </p>
        </>
      )}
      {shared.expected && expected && (
        <p class="expected">
          <b>Expected</b> <LongText>{expected}</LongText>
        </p>
      )}
      {shared.remedy && <Remedy {...first.remediation} label={`Mend all ${group.entries.length}`} />}
      {lines.map(([entry, ...others], index) => (
        <Row
          key={entry.anchor}
          entry={entry}
          others={others}
          details={detailsOf(entry)}
          isOpen={isListedOpen && !isSameCause(entry, lines[index - 1]?.[0])}
          isFollowing={isSameCause(entry, lines[index - 1]?.[0])}
          cause={causeText([entry, ...others], lines[index - 1]?.[0], marks)}
          hasSeverity={hasSeverity}
          hasStatus={!shared.status}
          marks={marks}
        />
      ))}
    </article>
  );
};

/** Findings of one cause follow one another, and the first of them has its details open. */
const isSameCause = ({ cause }: ReportFinding, before: ReportFinding | undefined): boolean =>
  cause !== undefined && cause === before?.cause;

const causeText = ([entry, ...others]: Line, before: ReportFinding | undefined, { teams }: Marks): string => {
  if (isSameCause(entry, before)) return ' the same cause';
  const next = entry.alike - others.length;
  if (teams === undefined) return entry.alike > 0 ? ` one cause with the next ${entry.alike}` : '';
  return next > 0 ? ` one cause with ${counted(next, 'more finding')}` : '';
};

/** The accounts of a line, and the Region where there is one for all. */
const MOST_PLACES = 4;
const LONGEST_ACCOUNT = 50;

const placesText = (line: Line, names: Marks['names']): string => {
  const ids = [...new Set(line.map(({ account }) => account).filter(Boolean))];
  const accounts = ids.map((id) => cut(names?.get(id) ?? id, LONGEST_ACCOUNT));
  const regions = [...new Set(line.flatMap(({ resource: { arn } }) => parseArn(arn)?.region || []))];
  const where = accounts.length > 1 ? `${counted(accounts.length, 'account')}: ` : '';
  return `${where}${listed(accounts, MOST_PLACES)}${regions.length > 0 ? `, ${listed(regions, MOST_PLACES)}` : ''}`;
};

const Row = ({
  entry,
  others,
  details,
  isOpen,
  isFollowing,
  cause,
  hasSeverity,
  hasStatus,
  marks,
}: {
  entry: ReportFinding;
  /** The findings of the same cause on the same name in other accounts and Regions. */
  others: readonly ReportFinding[];
  details: string;
  isOpen: boolean;
  /** It has the cause of the line before it, from which no page parts it. */
  isFollowing: boolean;
  cause: string;
  hasSeverity: boolean;
  hasStatus: boolean;
  marks: Marks;
}) => (
  <details
    open={isOpen && details !== ''}
    data-c={isFollowing ? '' : undefined}
    {...marksOf([entry, ...others], marks, hasSeverity)}
  >
    <summary>
      {hasStatus && (
        <>
          <StatusLabel status={entry.status} />{' '}
        </>
      )}
      {hasSeverity && (
        <>
          <SeverityLabel severity={entry.severity} />{' '}
        </>
      )}
      {entry.resource.type} <Name>{resourceName(entry.resource.arn)}</Name>
      {entry.subject !== undefined && (
        <>
          {' › '}
          <Name>{entry.subject}</Name>
        </>
      )}
      {marks.teams && (
        <small class="where"> {visibleText(placesText([entry, ...others], marks.names))}</small>
      )}
      {entry.suppression && ` until ${visibleText(entry.suppression.expires)}`}
      {cause && <small>{cause}</small>}
      {[entry, ...others].some(({ isNew }) => isNew) && <i>{newText([entry, ...others])}</i>}
    </summary>
    {/* Not on the details element: a browser opens one for a link only when the link's target is inside. */}
    <div id={entry.anchor} dangerouslySetInnerHTML={{ __html: details }} />
    {others.map(({ anchor }) => (
      <span key={anchor} id={anchor} />
    ))}
  </details>
);

const newText = (line: Line): string => {
  const count = line.filter(({ isNew }) => isNew).length;
  return count === line.length ? 'new' : `${count} new`;
};

/** An account or pipeline that all findings share is not written into each line. */
const marksOf = (
  line: Line,
  { accounts, pipelines, teams }: Marks,
  hasSeverity: boolean,
): Record<string, string | number> => {
  const [{ account, pipeline, severity }] = line;
  const ofAccount = accounts.length > 1 ? { 'data-a': accounts.indexOf(account) } : {};
  return {
    ...(teams ? { 'data-m': line.map((entry) => memberMark(entry, accounts, teams)).join(' ') } : ofAccount),
    ...(pipeline === undefined ? {} : { 'data-p': pipelines.indexOf(pipeline) }),
    ...(hasSeverity ? { 'data-s': severity } : {}),
  };
};

/** The indexes of the account and team of a finding, and whether it is new: `3.1.n`. What is of no team has no index. */
const memberMark = (
  { account, team, isNew }: ReportFinding,
  accounts: readonly string[],
  teams: readonly string[],
): string =>
  [accounts.indexOf(account), team === undefined ? '' : teams.indexOf(team), isNew ? 'n' : ''].join('.');

export const Rest = ({ entries }: { entries: readonly ReportFinding[] }) =>
  entries.length === 0 ? null : (
    <section aria-labelledby="rest">
      <h2 id="rest">Passed and not applicable</h2>
      <table>
        <caption>Verdicts that ask for nothing</caption>
        <thead>
          <tr>
            <th scope="col">Verdict</th>
            <th scope="col">Control</th>
            <th scope="col">Resource</th>
            <th scope="col">Why</th>
          </tr>
        </thead>
        <tbody>
          {entries.map(({ anchor, status, control, resource, subject, evidence, remediation }) => (
            <tr key={anchor}>
              <td>
                <StatusLabel status={status} />
              </td>
              <td>
                <Text>{control}</Text>
              </td>
              <td>
                {resource.type}{' '}
                <Text>{subject === undefined ? resource.arn : `${resource.arn} › ${subject}`}</Text>
              </td>
              <td>
                <Text>{whySettled({ status, evidence, remediation })}</Text>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
