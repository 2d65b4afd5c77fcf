import { parseArn } from '../../domain/arn.ts';
import type { Finding } from '../../domain/finding.ts';
import { resourceName } from '../../domain/resource.ts';
import { counts, differences, type RunComparison } from '../../findings/compare-runs.ts';
import { groupBy } from '../../group-by.ts';
import { listed } from '../../text/listed.ts';
import { visibleText } from '../../text/visible-text.ts';
import { withoutOwnPlace } from '../formats/causes.ts';
import { findingAnchor, type ReportFinding } from './report-findings.ts';
import type { RunHistory } from './run-history.ts';
import { ageText, Name, readableDay, readableTime, SeverityLabel, Text } from './text.tsx';
import { Trend } from './trend.tsx';

const MOST_LISTED = 20;

/** What changed since the previous run, and the trend over all runs. */
export const Changes = ({
  history: { trend, changes, since, scopes },
  entries,
  unread,
}: {
  history: RunHistory;
  entries: readonly ReportFinding[];
  unread: readonly string[];
}) =>
  changes || trend.length > 1 || unread.length > 0 ? (
    <section aria-labelledby="changes">
      <h2 id="changes">What changed</h2>
      {changes && since !== undefined && (
        <Since since={since} changes={changes} entries={entries} now={trend.at(-1)?.at ?? since} />
      )}
      {trend.length > 1 && <Trend points={trend} />}
      {unread.length > 0 && <Unread names={unread} />}
      {changes && (
        <Lists
          changes={changes}
          entries={entries}
          now={trend.at(-1)?.at ?? ''}
          isOfSeveral={scopes.length > 0}
        />
      )}
    </section>
  ) : null;

const Unread = ({ names }: { names: readonly string[] }) => (
  <details class="list">
    <summary>
      Earlier reports that could not be read <small>{names.length}</small>
    </summary>
    <ul>
      {names.map((name) => (
        <li key={name}>
          <Text>{name}</Text>
        </li>
      ))}
    </ul>
  </details>
);

/** The findings that were open in the previous run too. */
const stillOpen = (entries: readonly ReportFinding[]): ReportFinding[] =>
  entries
    .filter((entry) => counts(entry) && !entry.isNew)
    .toSorted((one, other) => Date.parse(one.openSince) - Date.parse(other.openSince));

type ChangesView = { changes: RunComparison; entries: readonly ReportFinding[]; now: string };

const Since = ({
  since,
  changes: { added, firstSeen, mended, gone, open, changed, unread, notJudged },
  entries,
  now,
}: ChangesView & { since: string }) => {
  const [oldest] = stillOpen(entries);
  return (
    <p class="lead">
      Since {readableTime(since)}: {added.length} new,{' '}
      {firstSeen.length > 0 && `${firstSeen.length} not looked at before, `}
      {mended.length} mended, {gone.length > 0 && `${gone.length} gone, `}
      {notJudged.length > 0 && `${notJudged.length} not judged any more, `}
      {open.length + changed.length + unread.length} still open.
      {oldest &&
        ` The oldest is open since ${readableDay(oldest.openSince)}${ageText(oldest.openSince, now)}.`}
    </p>
  );
};

const Lists = ({
  changes: { added, firstSeen, mended, gone, changed, unread, notJudged },
  entries,
  now,
  isOfSeveral,
}: ChangesView & { isOfSeveral: boolean }) => {
  const List = isOfSeveral ? ListOfSeveral : ListOfAll;
  const anchors = new Map(entries.map((entry) => [entry.id, entry.anchor]));
  const anchorOf = (id: string) => anchors.get(id) ?? findingAnchor(id);
  return (
    <>
      <List
        heading="New"
        lines={added.map((finding) => ({ finding, href: `#${anchorOf(finding.id)}` }))}
        isOpen
      />
      <List
        heading="Not looked at before, so that nobody knows whether they are new"
        lines={firstSeen.map(({ finding, because }) => ({
          finding,
          href: `#${anchorOf(finding.id)}`,
          note: because,
        }))}
      />
      <List heading="Mended" lines={mended.map((finding) => ({ finding }))} isOpen />
      <List
        heading="Still open, and says something else"
        lines={changed.map((pair) => ({
          finding: pair.after,
          href: `#${anchorOf(pair.after.id)}`,
          note: differences(pair).map(inWords).join(', '),
        }))}
      />
      <List heading="Gone" lines={gone.map((finding) => ({ finding }))} />
      <List
        heading="Not judged any more, so that nobody knows whether they hold"
        lines={notJudged.map(({ finding, because }) => ({ finding, note: because }))}
      />
      <List heading="Could not be judged any more" lines={unread.map((finding) => ({ finding }))} />
      <List
        heading="Still open, the oldest first"
        lines={stillOpen(entries).map((finding) => ({
          finding,
          href: `#${finding.anchor}`,
          note: `since ${readableDay(finding.openSince)}${ageText(finding.openSince, now)}`,
        }))}
      />
    </>
  );
};

const inWords = (text: string): string => text.toLowerCase().replaceAll('_', ' ');

type ListLine = {
  finding: Pick<Finding, 'control' | 'severity' | 'resource' | 'subject' | 'account'>;
  href?: string;
  note?: string;
  /** The accounts and Regions, in a page of several accounts. */
  where?: string;
};

type ListOf = { heading: string; lines: readonly ListLine[]; isOpen?: boolean };

/** Findings that say the same of the same name in several accounts or Regions are one line. */
const ListOfSeveral = ({ lines, ...list }: ListOf) => {
  const alike = groupBy(lines, ({ finding, note = '' }) =>
    JSON.stringify([
      [finding.control, finding.severity, finding.resource.type],
      [resourceName(finding.resource.arn), finding.subject ?? null, withoutOwnPlace(note, finding)],
    ]),
  );
  const merged = [...alike.values()].flatMap(([first, ...others]): ListLine[] =>
    first ? [{ ...first, where: whereText([first, ...others]) }] : [],
  );
  return <ListOfAll lines={merged} count={lines.length} {...list} />;
};

const MOST_PLACES = 4;

const whereText = (lines: readonly ListLine[]): string => {
  const places = lines.map(({ finding: { account = '', resource } }) =>
    [account, parseArn(resource.arn)?.region ?? ''].filter((each) => each !== '').join(' '),
  );
  return listed([...new Set(places)], MOST_PLACES);
};

const ListOfAll = ({
  heading,
  lines,
  isOpen = false,
  count = lines.length,
}: ListOf & {
  /** How many findings the lines stand for. */
  count?: number;
}) =>
  lines.length === 0 ? null : (
    <details class="list" open={isOpen && lines.length <= MOST_LISTED}>
      <summary>
        {heading} <small>{count}</small>
      </summary>
      <ul>
        {lines.slice(0, MOST_LISTED).map(({ finding, href, note, where }, index) => (
          <li key={index}>
            <SeverityLabel severity={finding.severity} />{' '}
            {href === undefined ? (
              <Text>{finding.control}</Text>
            ) : (
              <a href={href}>
                <Text>{finding.control}</Text>
              </a>
            )}
            {` on ${finding.resource.type} `}
            <Name>{resourceName(finding.resource.arn)}</Name>
            {finding.subject !== undefined && (
              <>
                {' › '}
                <Name>{finding.subject}</Name>
              </>
            )}
            {where && <small> in {visibleText(where)}</small>}
            {note && <small> {note}</small>}
          </li>
        ))}
      </ul>
      {lines.length > MOST_LISTED && <p>and {lines.length - MOST_LISTED} more.</p>}
    </details>
  );
