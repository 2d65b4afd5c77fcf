import type { Json } from './json.ts';

/** A place in a text; lines and columns count from 1. */
export type Place = { line: number; column: number };

/** A JSON text that could not be parsed: what is wrong, and where. */
export type JsonError = Place & { message: string };

/** The text's value, or what is wrong with it and where. Never throws; nesting of any depth is fine. */
export const parseJson = (text: string): { ok: true; value: Json } | { ok: false; error: JsonError } => {
  try {
    return { ok: true, value: JSON.parse(text) as Json };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { ok: false, error: { ...placeOf(text, errorOffset(text, message)), message: plain(message) } };
  }
};

/** The place of an offset in a text. */
export const placeOf = (text: string, offset: number): Place => {
  let line = 1;
  let start = 0;
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', start)) {
    line++;
    start = at + 1;
  }
  return { line, column: offset - start + 1 };
};

/** At the message's end only: before it, V8 may quote the text, which can hold such words itself. */
const POSITION = / at position (\d+)(?: \(line \d+ column \d+\))?$/;

/**
 * V8 names the position in most of its messages, but not for an unexpected token. That one is the last character of
 * the shortest beginning of the text that fails before its own end.
 */
const errorOffset = (text: string, message: string): number => {
  const position = POSITION.exec(message)?.[1];
  if (position !== undefined) return Number(position);
  if (message.startsWith('Unexpected end')) return text.length;
  let fine = 0;
  let broken = text.length;
  while (broken - fine > 1) {
    const middle = (fine + broken) >> 1;
    if (failsBeforeItsEnd(text.slice(0, middle))) broken = middle;
    else fine = middle;
  }
  return broken - 1;
};

const failsBeforeItsEnd = (text: string): boolean => {
  try {
    JSON.parse(text);
    return false;
  } catch (error) {
    const message = error instanceof Error ? error.message : '';
    const position = POSITION.exec(message)?.[1];
    return position === undefined ? !message.startsWith('Unexpected end') : Number(position) < text.length;
  }
};

/** V8's message without its own place and excerpt: both are given apart, and the excerpt is hostile text. */
const plain = (message: string): string =>
  message
    .replace(/ (in|after) JSON at position.*$/s, '')
    .replace(/, (\.\.\.)?".*$/s, '')
    .replace(/ of JSON input$/, ' of the text');
