import { isObject, type Json } from './json.ts';

/** A place in a text; lines and columns count from 1. */
type Place = { line: number; column: number };

/** A JSON text that could not be parsed: what is wrong, and where. */
export type JsonError = Place & { message: string };

/** The text's value, or what is wrong with it and where. Never throws; nesting of any depth is fine. */
export const parseJson = (text: string): { ok: true; value: Json } | { ok: false; error: JsonError } => {
  try {
    const value = JSON.parse(text) as Json;
    return { ok: true, value: ESCAPED_NAME.test(text) ? withEscapedNames(text) : value };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { ok: false, error: { ...placeOf(text, errorOffset(text, message)), message: plain(message) } };
  }
};

/** In a valid text: an escape, and behind it no other before the end of a member's name. */
const ESCAPED_NAME = /\\(?:u[0-9a-f]{4}|.)[^"\\]*"\s*:/i;

/**
 * The value of a valid text. Node 24 takes a name with an escape for another that it has parsed before, if that one
 * holds a backslash (after `{"\\": 0}`, `{"\u0052oleArn": 0}` has no RoleArn), so that one pipeline's definition could
 * hide what is in another's: such names are parsed under others, and given back to their members.
 */
const withEscapedNames = (text: string): Json => {
  let mark = '~';
  while (text.includes(mark)) mark += '~';
  const names = new Map<string, string>();
  const plain = text.replaceAll(/"[^"\\]*(?:\\.[^"\\]*)*"(\s*:)?/g, (token: string, colon?: string) => {
    if (!colon || !token.includes('\\')) return token;
    const [name = ''] = JSON.parse(`[${token.slice(0, -colon.length)}]`) as string[];
    const standIn = `${mark}${names.size}`;
    names.set(standIn, name);
    return `"${standIn}"${colon}`;
  });
  const root = [JSON.parse(plain) as Json];
  const left: Json[] = [root];
  for (let value = left.pop(); value !== undefined; value = left.pop()) {
    if (typeof value !== 'object' || value === null) continue;
    for (const [at, member] of Object.entries(value)) {
      const renamed = renamedMembers(member, names);
      Object.defineProperty(value, at, { value: renamed });
      left.push(renamed);
    }
  }
  return root[0] ?? null;
};

const renamedMembers = (value: Json, names: ReadonlyMap<string, string>): Json =>
  isObject(value) && Object.keys(value).some((name) => names.has(name))
    ? Object.fromEntries(Object.entries(value).map(([name, member]) => [names.get(name) ?? name, member]))
    : value;

/** The place of an offset in a text. */
const placeOf = (text: string, offset: number): Place => {
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
