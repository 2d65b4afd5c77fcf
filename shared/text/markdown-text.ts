import { cut } from './cut.ts';
import { oneLine } from './one-line.ts';

const MAX_VALUE = 500;

/** The text as text: a mention would be found in it even behind an escape, but not across a comment. */
export const plain = (text: string): string =>
  oneLine(cut(text, MAX_VALUE))
    .replace(/[!-/:-?[-`{-~]/g, '\\$&')
    .replaceAll('@', '@<!-- -->');

/** The text as code: behind as many backticks as it has nowhere in a row, and a space where it has one at an end. */
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
