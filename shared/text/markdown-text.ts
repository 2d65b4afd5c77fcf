import { cut } from './cut.ts';
import { oneLine } from './one-line.ts';

const MAX_VALUE = 500;

/**
 * The text as plain Markdown text. An empty comment follows each `@`, because GitHub notifies a user of `@name` even
 * behind a backslash.
 */
export const plain = (text: string): string =>
  oneLine(cut(text, MAX_VALUE))
    .replace(/[!-/:-?[-`{-~]/g, '\\$&')
    .replaceAll('@', '@<!-- -->');

/**
 * The text as Markdown code, between more backticks than the text has in a row. A space is put inside where the text
 * begins or ends with a backtick or a space.
 */
export const code = (text: string): string => {
  const value = oneLine(cut(text, MAX_VALUE));
  if (value.trim() === '') return '(blank)';
  const ticks = '`'.repeat(longestRun(value) + 1);
  const space = /^[ `]|[ `]$/.test(value) ? ' ' : '';
  return ticks + space + value + space + ticks;
};

/** How many backticks the text has in a row, at most. */
export const longestRun = (text: string): number =>
  Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
