import { cut } from './cut.ts';

/**
 * Text from outside as one line in which nothing is hidden: line breaks become spaces, and control, bidirectional and
 * other invisible characters become `\uXXXX`, because a name that merely looks like another one is evidence. JSON
 * stays JSON of the same value.
 */
export const oneLine = (text: string): string =>
  text
    .toWellFormed()
    .replace(/[\t\n\v\f\r\u0085\u2028\u2029]+ */g, ' ')
    .replace(/[\p{Cc}\p{Cf}\p{Noncharacter_Code_Point}]/gu, escapeUnits);

const escapeUnits = (character: string): string =>
  character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`)
    .join('');

/** `oneLine` and `cut`, and never blank: a field that AWS must find non-empty, or a reader must see. */
export const field = (text: string, max: number): string => {
  // Most of a huge text would be escaped only to be cut off.
  const head = cut(text, 8 * max);
  const line = oneLine(head);
  return cut(line.trim() === '' ? '(blank)' : line, max);
};

/** The UTF-8 bytes of the value's JSON. */
export const jsonBytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));
