import { EXCEPTION_COLUMNS, exceptionsLine, exceptionsTogether } from '../formats/exceptions-register.ts';
import type { Results } from '../formats/results.ts';
import { LongText } from './text.tsx';

/** The register of exceptions: what is suppressed or off, until when, by whom and why. */
export const Register = ({ runs, now }: { runs: readonly Results[]; now: string }) => {
  const entries = exceptionsTogether(runs.map(({ exceptions = [] }) => exceptions));
  return entries.length === 0 ? null : (
    <section aria-labelledby="exceptions">
      <h2 id="exceptions">Exceptions</h2>
      <p>
        <LongText>{exceptionsLine(entries, now) ?? ''}</LongText>
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard */}
      <section class="scroll" tabIndex={0} aria-label="The register of exceptions">
        <table>
          <caption>Suppressions and controls that are off, the first to end first</caption>
          <thead>
            <tr>
              {EXCEPTION_COLUMNS.map(([head]) => (
                <th key={head} scope="col">
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {entries.map((entry, index) => (
              <tr key={index}>
                {EXCEPTION_COLUMNS.map(([head, cell]) => (
                  <td key={head}>
                    <LongText>{cell(entry)}</LongText>
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </section>
  );
};
