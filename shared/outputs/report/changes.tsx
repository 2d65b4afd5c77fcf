import { counts, differences } from '../../findings/compare.ts';
import { resourceName } from '../table.ts';
import { type Entry, findingAnchor } from './entries.ts';
import type { History } from './history.ts';
import { ageText, readableDay, readableTime, SeverityLabel, Text } from './text.tsx';
import { Trend } from './trend.tsx';

const MOST_LISTED = 20;

/** What changed against the run before, and how it went over all runs. */
export const Changes = ({ history, entries }: { history: History; entries: readonly Entry[] }) => {
  const { trend, changes, since } = history;
  if (!changes || since === undefined) return null;
  const { added, mended, open, changed, unread } = changes;
  const now = trend.at(-1)?.at ?? since;
  const anchors = new Map(entries.map((entry) => [entry.id, entry.anchor]));
  const still = entries.filter((entry) => counts(entry) && !entry.isNew);
  const oldest = still.toSorted((one, other) => Date.parse(one.openSince) - Date.parse(other.openSince))[0];
  const anchorOf = (id: string) => anchors.get(id) ?? findingAnchor(id);
  return (
    <section aria-labelledby="changes">
      <h2 id="changes">What changed</h2>
      <p class="lead">
        Since {readableTime(since)}: {added.length} new, {mended.length} mended,{' '}
        {open.length + changed.length + unread.length} still open.
        {oldest &&
          ` The oldest is open since ${readableDay(oldest.openSince)}${ageText(oldest.openSince, now)}.`}
      </p>
      {trend.length > 1 && <Trend points={trend} />}
      <List
        heading="New"
        lines={added.map((finding) => ({ finding, href: `#${anchorOf(finding.id)}` }))}
        isOpen
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
      <List heading="Could not be judged any more" lines={unread.map((finding) => ({ finding }))} />
      <List
        heading="Still open, the oldest first"
        lines={still
          .toSorted((one, other) => Date.parse(one.openSince) - Date.parse(other.openSince))
          .map((finding) => ({
            finding,
            href: `#${finding.anchor}`,
            note: `since ${readableDay(finding.openSince)}${ageText(finding.openSince, now)}`,
          }))}
      />
    </section>
  );
};

const inWords = (text: string): string => text.toLowerCase().replaceAll('_', ' ');

type ListLine = {
  finding: Pick<Entry, 'control' | 'severity' | 'resource' | 'subject'>;
  href?: string;
  note?: string;
};

const List = ({
  heading,
  lines,
  isOpen = false,
}: {
  heading: string;
  lines: readonly ListLine[];
  isOpen?: boolean;
}) =>
  lines.length === 0 ? null : (
    <details class="list" open={isOpen && lines.length <= MOST_LISTED}>
      <summary>
        {heading} <small>{lines.length}</small>
      </summary>
      <ul>
        {lines.slice(0, MOST_LISTED).map(({ finding, href, note }, index) => (
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
            <Text>{resourceName(finding.resource.arn)}</Text>
            {finding.subject !== undefined && (
              <>
                {' › '}
                <Text>{finding.subject}</Text>
              </>
            )}
            {note && <small> {note}</small>}
          </li>
        ))}
      </ul>
      {lines.length > MOST_LISTED && <p>and {lines.length - MOST_LISTED} more.</p>}
    </details>
  );
