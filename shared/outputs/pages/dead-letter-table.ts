import { resourceName } from '../../domain/resource.ts';
import type { DeadLetter } from '../../events/dead-letter.ts';
import { cut } from '../../text/cut.ts';
import { textTable } from './text-table.ts';

const LONGEST_REASON = 300;
const HEADINGS = ['WHEN', 'RECEIVES', 'EVENT', 'RESOURCE', 'ID', 'REASON'];

/** The messages for a terminal, one on each line. Nothing in them can forge a line. */
export const deadLetterTable = (letters: readonly DeadLetter[]): string =>
  textTable([HEADINGS, ...letters.map(rowOf)]);

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
