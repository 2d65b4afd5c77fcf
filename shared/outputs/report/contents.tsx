import { groupBy } from '../../group-by.ts';
import type { ReportFinding, SectionContent } from './report-findings.ts';
import { SeverityLabel, Text } from './text.tsx';

/** The table of contents: the controls with findings, most severe first. */
export const Contents = ({
  sections,
  titleOf,
}: {
  sections: readonly SectionContent[];
  titleOf: (entry: ReportFinding) => string;
}) =>
  sections.length === 0 ? null : (
    <nav aria-label="Findings by control">
      <h2 id="contents">Findings by control</h2>
      <table class="bars">
        <caption>What to look at, most severe first</caption>
        <thead>
          <tr>
            <th scope="col">Control</th>
            <th scope="col">Severity</th>
            <th scope="col">Verdicts</th>
          </tr>
        </thead>
        <tbody>
          {sections.flatMap(({ groups }) =>
            groups.map(({ anchor, entries }) => (
              <tr key={anchor}>
                <th scope="row">
                  <a href={`#${anchor}`}>
                    <Text>{titleOf(entries[0])}</Text>
                  </a>
                </th>
                <td>
                  <SeverityLabel severity={entries[0].severity} />
                </td>
                <td>{countsText(entries)}</td>
              </tr>
            )),
          )}
        </tbody>
      </table>
    </nav>
  );

/** How many findings have which status: `3 failed, 1 warning`. */
const countsText = (entries: readonly ReportFinding[]): string =>
  [...groupBy(entries, ({ status, suppression }) => (suppression ? 'SUPPRESSED' : status))]
    .map(([kind, alike]) => `${alike.length} ${kind.toLowerCase().replace('_', ' ')}`)
    .join(', ');
