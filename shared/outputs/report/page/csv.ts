/**
 * Texts that a spreadsheet takes for a formula, also after spaces.
 * https://owasp.org/www-community/attacks/CSV_Injection
 */
const FORMULA = /^[\s]*[=+\-@\t\r|%]/;

const cell = (text: string): string => {
  const safe = FORMULA.test(text) ? `'${text}` : text;
  return `"${safe.replaceAll('"', '""')}"`;
};

/** The rows as CSV (RFC 4180) without formulas, and with a byte order mark, by which spreadsheets recognise UTF-8. */
export const toCsv = (rows: readonly (readonly string[])[]): string =>
  `\ufeff${rows.map((row) => row.map(cell).join(',')).join('\r\n')}\r\n`;
