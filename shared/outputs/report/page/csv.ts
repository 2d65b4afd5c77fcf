/** What a spreadsheet would take for a formula, also behind spaces. https://owasp.org/www-community/attacks/CSV_Injection */
const FORMULA = /^[\s]*[=+\-@\t\r|%]/;

const cell = (text: string): string => {
  const safe = FORMULA.test(text) ? `'${text}` : text;
  return `"${safe.replaceAll('"', '""')}"`;
};

/** The rows as CSV (RFC 4180) that no spreadsheet runs, with a mark by which they know that it is UTF-8. */
export const toCsv = (rows: readonly (readonly string[])[]): string =>
  `\ufeff${rows.map((row) => row.map(cell).join(',')).join('\r\n')}\r\n`;
