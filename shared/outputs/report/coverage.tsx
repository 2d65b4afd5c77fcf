import type { Results } from '../formats/results.ts';
import { addedUp, COVERAGE_COLUMNS } from '../formats/run-coverage.ts';
import { LongText, Text } from './text.tsx';

/** How each control judged what the newest runs looked at. */
export const Coverage = ({ runs }: { runs: readonly Results[] }) => {
  const rows = addedUp(runs.map(({ coverage = [] }) => coverage));
  // A run over several accounts tells it once for all of them.
  const told = new Set(runs.flatMap(({ coverage, generatedAt }) => (coverage ? generatedAt : [])));
  const isOfAll = runs.every(({ generatedAt }) => told.has(generatedAt));
  return rows.length === 0 ? null : (
    <section aria-labelledby="coverage">
      <h2 id="coverage">Coverage</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
      <section class="scroll" tabIndex={0} aria-label="How each control judged">
        <table>
          <caption>Verdicts of each control on what was looked at, each counted once</caption>
          <thead>
            <tr>
              <th scope="col">Control</th>
              {COVERAGE_COLUMNS.map(([key, label]) => (
                <th key={key} scope="col">
                  {label}
                </th>
              ))}
              <th scope="col">Why not</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.control}>
                <th scope="row">
                  <Text>{row.control}</Text>
                </th>
                {COVERAGE_COLUMNS.map(([key]) => (
                  <td key={key}>{row[key] ?? 'not told'}</td>
                ))}
                <td>{row.why !== undefined && <LongText>{row.why}</LongText>}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {!isOfAll && (
        <p>
          Not all runs are in the table: some do not tell these numbers, or not for what is still shown of
          them.
        </p>
      )}
      <p>
        Unread: what the control needs could not be read. Not applicable: the resource has nothing that the
        control judges. Not judged: the control is off, lacks a list of the configuration, or nobody knows
        whether it applies. That something could be read is no pass.
      </p>
    </section>
  );
};
