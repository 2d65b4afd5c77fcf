import { cut } from './cut.ts';

/**
 * Text from outside as one line in which nothing is hidden. Line breaks become spaces, and control, bidirectional and
 * other invisible characters become `\uXXXX`, because a name that merely looks like another name is evidence. JSON
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

/** `oneLine` and `cut` together, and never blank: for a field that AWS requires or that a reader must see. */
export const field = (text: string, max: number): string => {
  // A huge text is cut before it is escaped, as most of it would be cut off anyway.
  const head = cut(text, 8 * max);
  const line = oneLine(head);
  return cut(line.trim() === '' ? '(blank)' : line, max);
};

/** How many UTF-8 bytes the value’s JSON has. */
export const jsonBytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));
