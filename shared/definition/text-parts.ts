import { cut } from '../text/cut.ts';

/**
 * A known text, or a reference whose value is unknown: with the length of the value, if it is fixed, and whether the value
 * is a name that SageMaker makes or checks, so that it contains no slash.
 */
export type TextPart = { text: string } | { unknown: string; length?: number; isName?: true };

/** Texts and references in their order. */
export type TextParts = readonly TextPart[];

/** Bounds for one text, in characters and parts: SageMaker accepts no longer ARN, URI, name or key. */
export const MAX_TEXT = 2048;
const MAX_PARTS = 200;

/** A longer reference is not followed, and is cut to this length for display. */
export const MAX_REFERENCE = 1024;

const REST: TextPart = { unknown: `the rest of a text of more than ${MAX_TEXT} characters` };

/** Joins parts one by one: neighbouring texts become one part, and a text over the bounds is cut. */
export const joinedParts = (): { parts: TextPart[]; add: (part: TextPart) => void } => {
  const parts: TextPart[] = [];
  let left = MAX_TEXT;
  const add = (part: TextPart): void => {
    if (left < 0) return;
    if (part === REST) left = -1;
    const fitting = shortened(part, left);
    const last = parts.at(-1);
    if ('text' in fitting && last && 'text' in last)
      parts[parts.length - 1] = { text: last.text + fitting.text };
    else if (!('text' in fitting) || fitting.text !== '') parts.push(fitting);
    left -= lengthOf([part]);
    if (part === REST || (left >= 0 && parts.length < MAX_PARTS)) return;
    left = -1;
    parts.push(REST);
  };
  return { parts, add };
};

/** The number of characters that the parts take in display. */
export const lengthOf = (parts: TextParts): number =>
  parts.reduce((sum, part) => sum + ('text' in part ? part.text : part.unknown).length, 0);

const shortened = (part: TextPart, length: number): TextPart =>
  'text' in part
    ? part.text.length > length
      ? { text: part.text.slice(0, length) }
      : part
    : { ...part, unknown: cut(part.unknown, MAX_REFERENCE + 1) };

/** All parts joined, as by `joinedParts`. */
export const joined = (parts: Iterable<TextPart>): TextPart[] => {
  const text = joinedParts();
  for (const part of parts) text.add(part);
  return text.parts;
};
