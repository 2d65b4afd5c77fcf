import type { ComponentChildren } from 'preact';
import { visibleText } from '../../text/visible-text.ts';

/** The most rows of a table that a page shows. The rest is in its file. */
const MOST_ROWS = 200;

type Column<T> = { head: string; class?: string; cell: (row: T) => ComponentChildren };

/** A table of the first rows, with the file that has all of them. The first cell heads its row. */
export function Rows<T>({
  caption,
  file,
  columns,
  rows,
}: {
  caption: string;
  file: string;
  columns: readonly Column<T>[];
  rows: readonly T[];
}) {
  const left = rows.length - MOST_ROWS;
  return (
    <>
      <table class="rows">
        <caption>{visibleText(caption)}</caption>
        <thead>
          <tr>
            {columns.map(({ head, class: of }) => (
              <th key={head} scope="col" class={of}>
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, MOST_ROWS).map((row, index) => (
            <tr key={index}>
              {columns.map(({ head, cell }, column) =>
                column === 0 ? (
                  <th key={head} scope="row">
                    {cell(row)}
                  </th>
                ) : (
                  <td key={head}>{cell(row)}</td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
      {left > 0 && (
        <p>
          {left} more {left === 1 ? 'row is' : 'rows are'} in <code>{file}</code>, which has them all.
        </p>
      )}
    </>
  );
}

/** A part of a page, with its heading. */
export const Part = ({ id, title, children }: { id: string; title: string; children: ComponentChildren }) => (
  <section aria-labelledby={id}>
    <h2 id={id}>{title}</h2>
    {children}
  </section>
);

/** A number, pale where it is 0. */
export const Count = ({ of }: { of: number }) => <span class={of === 0 ? 'zero' : undefined}>{of}</span>;
