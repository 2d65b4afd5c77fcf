import { cut } from './cut.ts';

/** The longest cell of Excel, which would spread a longer one over the cells below. */
const MAX_CELL = 32_767;

/** In some programs a TAB or CR ends a cell, so that the text after it begins another cell. */
const FORMULA = /^["'\s\p{C}]*?[\t\r\n=+\-@|%＝＋－＠]/u;

/**
 * A spreadsheet takes a cell for a formula by its first character (some programs also after quotes and spaces) and runs
 * it with the rights of whoever opens the file (https://owasp.org/www-community/attacks/CSV_Injection). An apostrophe
 * before the text prevents that.
 */
export const formulaSafe = (text: string): string => (FORMULA.test(text) ? `'${text}` : text);

/** A text as one cell of a CSV file, in quotes (RFC 4180), for a spreadsheet that is to run nothing of it. */
export const csvCell = (text: string): string => {
  const short = cut(formulaSafe(text.toWellFormed()), MAX_CELL);
  return `"${short.replaceAll('"', '""')}"`;
};
