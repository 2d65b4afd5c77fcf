import stringWidth from 'string-width';
import { resourceName } from '../../domain/resource.ts';
import type { DeadLetter } from '../../events/dead-letter.ts';
import { cut } from '../../text/cut.ts';
import { visibleText } from '../../text/visible-text.ts';

const LONGEST_REASON = 300;
const HEADINGS = ['WHEN', 'RECEIVES', 'EVENT', 'RESOURCE', 'ID', 'REASON'];

/** The messages for a terminal, one on each line. Nothing in them can forge a line. */
export const deadLetterTable = (letters: readonly DeadLetter[]): string => {
  const rows = [HEADINGS, ...letters.map(rowOf)].map((row) => row.map(visibleText));
  const widths = HEADINGS.map((_heading, column) =>
    rows.reduce((width, row) => Math.max(width, stringWidth(row[column] ?? '')), 0),
  );
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell + ' '.repeat(Math.max(0, (widths[column] ?? 0) - stringWidth(cell))))
      .join('  ')
      .trimEnd(),
  );
  return `${lines.join('\n')}\n`;
};

const rowOf = (letter: DeadLetter): string[] => {
  const { id, failedAt, eventName, resource, errorName, reason, receives } = letter;
  const told = errorName === undefined ? reason : `${errorName}: ${reason}`;
  return [
    failedAt.slice(0, 19).replace('T', ' '),
    String(receives),
    eventName ?? '-',
    resource === undefined ? '-' : resourceName(resource).slice(0, 80),
    id,
    cut(told, LONGEST_REASON),
  ];
};
