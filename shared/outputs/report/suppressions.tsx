import { groupBy } from '../../group-by.ts';
import { counted } from '../../text/counted.ts';
import type { ReportFinding } from './report-findings.ts';
import { daysBetween, readableDay, Text } from './text.tsx';

/** The suppressed findings and how long each suppression lasts, the first to end first. */
export const Suppressions = ({ entries, now }: { entries: readonly ReportFinding[]; now: string }) => {
  const groups = groupBy(
    entries.filter(({ suppression }) => suppression !== undefined),
    ({ control, suppression }) => JSON.stringify([control, suppression?.expires, suppression?.reason]),
  );
  const rows = [...groups.values()]
    .flatMap(([first, ...others]) => (first?.suppression ? { ...first.suppression, first, others } : []))
    .toSorted((one, other) => (one.expires < other.expires ? -1 : 1));
  return rows.length === 0 ? null : (
    <table>
      <caption>Suppressions, the first to end first</caption>
      <thead>
        <tr>
          <th scope="col">Control</th>
          <th scope="col">Findings</th>
          <th scope="col">Until</th>
          <th scope="col">Reason</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ expires, reason, first, others }) => (
          <tr key={first.anchor}>
            <td>
              <a href={`#${first.anchor}`}>
                <Text>{first.control}</Text>
              </a>
            </td>
            <td>{others.length + 1}</td>
            <td>
              {readableDay(expires)}
              {leftText(now, expires)}
            </td>
            <td>
              <Text>{reason}</Text>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
};

/** A suppression lasts to the end of its last day. */
const leftText = (now: string, expires: string): string => {
  const days = daysBetween(`${now.slice(0, 10)}T00:00:00Z`, `${expires}T00:00:00Z`);
  if (days === undefined) return '';
  return days < 0 ? ' (has ended)' : days === 0 ? ' (its last day)' : ` (${counted(days, 'day')} left)`;
};
