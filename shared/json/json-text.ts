import { before } from '../text/trim.ts';
import { isObject, type Json } from './json.ts';

/** A place in a text; lines and columns count from 1. */
export type Place = { line: number; column: number };

/** A JSON text that could not be parsed: what is wrong, and where. */
export type JsonError = Place & { message: string };

/** The text's value, or what is wrong with it and where. Never throws; nesting of any depth is fine. */
export const parseJson = (text: string): { ok: true; value: Json } | { ok: false; error: JsonError } => {
  try {
    const value = JSON.parse(text) as Json;
    const escaped = escapedNames(text);
    return { ok: true, value: escaped.length > 0 ? withNames(text, escaped) : value };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { ok: false, error: { ...placeOf(text, errorOffset(text, message)), message: plain(message) } };
  }
};

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Where in a valid text the names of members stand that hold an escape, with their quotes. */
const escapedNames = (text: string): { start: number; end: number }[] => {
  const names: { start: number; end: number }[] = [];
  if (!text.includes('\\')) return names;
  for (let start = text.indexOf('"'); start >= 0; ) {
    let end = start + 1;
    let isEscaped = false;
    for (let unit = text.charCodeAt(end); unit !== QUOTE; unit = text.charCodeAt(end)) {
      isEscaped ||= unit === BACKSLASH;
      end += unit === BACKSLASH ? 2 : 1;
    }
    end++;
    if (isEscaped && isBeforeColon(text, end)) names.push({ start, end });
    start = text.indexOf('"', end);
  }
  return names;
};

const isBeforeColon = (text: string, from: number): boolean => {
  let at = from;
  while (' \t\n\r'.includes(text[at] ?? '-')) at++;
  return text[at] === ':';
};

/**
 * The value of a valid text. Node 24 takes a name with an escape for another that it has parsed before, if that one
 * holds a backslash (after `{"\\": 0}`, `{"\u0052oleArn": 0}` has no RoleArn), so that one pipeline's definition could
 * hide what is in another's: such names are parsed under others, and given back to their members.
 */
const withNames = (text: string, escaped: readonly { start: number; end: number }[]): Json => {
  let mark = '~';
  while (text.includes(mark)) mark += '~';
  const names = new Map<string, string>();
  let plain = '';
  let from = 0;
  for (const { start, end } of escaped) {
    const [name = ''] = JSON.parse(`[${text.slice(start, end)}]`) as string[];
    const standIn = `${mark}${names.size}`;
    names.set(standIn, name);
    plain += `${text.slice(from, start)}"${standIn}"`;
    from = end;
  }
  plain += text.slice(from);
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
  [' in JSON at position', ' after JSON at position', ', "', ', ..."']
    .reduce(before, message)
    .replace(/ of JSON input$/, ' of the text');
