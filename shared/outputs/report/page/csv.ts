import { csvCell } from '../../../text/csv-cell.ts';

/** The rows as CSV (RFC 4180) without formulas, and with a byte order mark, by which spreadsheets recognise UTF-8. */
export const toCsv = (rows: readonly (readonly string[])[]): string =>
  `\ufeff${rows.map((row) => row.map(csvCell).join(',')).join('\r\n')}\r\n`;
