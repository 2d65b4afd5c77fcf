import { cut } from '../text/cut.ts';

/** A run of text that is known, or a reference whose value is not known here (with its length, where that is fixed). */
export type TextPart = { text: string } | { unknown: string; length?: number };

/** Runs of text and references, in order. */
export type TextParts = readonly TextPart[];

/** Of a text so many characters and parts are read: SageMaker takes no ARN, URI, name or key of more. */
export const MAX_TEXT = 2048;
const MAX_PARTS = 200;

/** A reference that is longer than this is followed nowhere, and shown as far as this. */
export const MAX_REFERENCE = 1024;

const REST: TextPart = { unknown: `the rest of a text of more than ${MAX_TEXT} characters` };

/** Parts put one after the other: what is known and stands side by side is one part, and what is too long is cut. */
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

/** How many characters the parts are shown by. */
export const lengthOf = (parts: TextParts): number =>
  parts.reduce((sum, part) => sum + ('text' in part ? part.text : part.unknown).length, 0);

const shortened = (part: TextPart, length: number): TextPart =>
  'text' in part
    ? part.text.length > length
      ? { text: part.text.slice(0, length) }
      : part
    : { ...part, unknown: cut(part.unknown, MAX_REFERENCE + 1) };

/** The parts, joined. */
export const joined = (parts: Iterable<TextPart>): TextPart[] => {
  const text = joinedParts();
  for (const part of parts) text.add(part);
  return text.parts;
};
