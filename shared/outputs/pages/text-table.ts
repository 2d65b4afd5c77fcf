import stringWidth from 'string-width';
import { visibleText } from '../../text/visible-text.ts';

/** Rows of cells for a terminal, the headings first. Nothing in a cell can forge a line. */
export const textTable = (rows: readonly (readonly string[])[]): string => {
  const visible = rows.map((row) => row.map(visibleText));
  const [headings = []] = visible;
  const widths = headings.map((_heading, column) =>
    visible.reduce((width, row) => Math.max(width, stringWidth(row[column] ?? '')), 0),
  );
  const lines = visible.map((row) =>
    row
      .map((cell, column) => cell + ' '.repeat(Math.max(0, (widths[column] ?? 0) - stringWidth(cell))))
      .join('  ')
      .trimEnd(),
  );
  return `${lines.join('\n')}\n`;
};
