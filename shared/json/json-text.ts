import { isObject, type Json } from './json.ts';

/** A position in a text. Lines and columns count from 1. */
export type TextPosition = { line: number; column: number };

/** Why a text cannot be read, and at which position. */
export type TextError = TextPosition & { message: string };

/**
 * Why a JSON text is refused. `ambiguous JSON`: an object has two members of the same name. RFC 8259 lets each reader
 * choose one of them, so that AWS may read another value than this program.
 */
export type JsonError = TextError & { fault: 'not JSON' | 'ambiguous JSON' };

/** The value of a text, or why and where it is not JSON. Never throws. Nesting of any depth is fine. */
export const parseJson = (text: string): { ok: true; value: Json } | { ok: false; error: JsonError } => {
  try {
    const plain = JSON.parse(text) as Json;
    const { count, escaped, taken } = memberNames(text);
    const value = escaped.length > 0 ? withNames(text, escaped, taken) : plain;
    return count === memberCount(value)
      ? { ok: true, value }
      : { ok: false, error: doubledNameError(text, doubledName(text)) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const place = positionOf(text, errorOffset(text, message));
    return { ok: false, error: { fault: 'not JSON', ...place, message: plainMessage(message) } };
  }
};

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
/** What JSON takes for white space. */
const [SPACE, TAB, LINE_FEED, CARRIAGE_RETURN] = [0x20, 0x09, 0x0a, 0x0d];

/** How the names begin under which some members are parsed for a while. */
const STAND_IN = '~';

/** Where the name of a member stands in a text, with its quotes. */
type NameRange = { start: number; end: number };

/**
 * How many member names a valid text has, where the names with an escape stand, and which names look like a stand-in.
 */
const memberNames = (text: string): { count: number; escaped: NameRange[]; taken: Set<string> } => {
  const escaped: NameRange[] = [];
  const taken = new Set<string>();
  let count = 0;
  // Most texts have no escape, so that their ends are found by the engine's own search.
  let backslash = placeOf(text, '\\', 0);
  for (let start = text.indexOf('"'); start >= 0; ) {
    if (backslash < start) backslash = placeOf(text, '\\', start);
    let end = text.indexOf('"', start + 1);
    const isEscaped = backslash < end;
    if (isEscaped) {
      end = backslash;
      for (let unit = text.charCodeAt(end); unit !== QUOTE; unit = text.charCodeAt(end))
        end += unit === BACKSLASH ? 2 : 1;
    }
    end++;
    if (isBeforeColon(text, end)) {
      count++;
      if (isEscaped) escaped.push({ start, end });
      else if (text[start + 1] === STAND_IN) taken.add(text.slice(start + 1, end - 1));
    }
    start = text.indexOf('"', end);
  }
  return { count, escaped, taken };
};

/** Where a text next has a character; infinite where it has none, so that the text is not searched again. */
const placeOf = (text: string, character: string, from: number): number => {
  const at = text.indexOf(character, from);
  return at < 0 ? Number.POSITIVE_INFINITY : at;
};

const isBeforeColon = (text: string, from: number): boolean => {
  let at = from;
  let unit = text.charCodeAt(at);
  while (unit === SPACE || unit === TAB || unit === LINE_FEED || unit === CARRIAGE_RETURN)
    unit = text.charCodeAt(++at);
  return unit === COLON;
};

/** How many members all objects of a value have together. The text has more names than that where a name is doubled. */
const memberCount = (value: Json): number => {
  let count = 0;
  const left: Json[] = [value];
  for (let each = left.pop(); each !== undefined; each = left.pop()) {
    if (typeof each !== 'object' || each === null) continue;
    if (Array.isArray(each)) {
      for (const element of each) if (typeof element === 'object') left.push(element);
      continue;
    }
    // What JSON.parse made inherits nothing that is counted here.
    for (const name in each) {
      count++;
      const member = each[name] as Json;
      if (typeof member === 'object') left.push(member);
    }
  }
  return count;
};

/** The first name that occurs twice in one object of a valid text: both positions, and the name without escapes. */
const doubledName = (text: string): { name: string; first: number; second: number } => {
  const open: Map<string, number>[] = [];
  for (let at = 0; at < text.length; at++) {
    const unit = text[at];
    // A list has no names, so that its map stays empty.
    if (unit === '{' || unit === '[') open.push(new Map());
    else if (unit === '}' || unit === ']') open.pop();
    if (unit !== '"') continue;
    const second = at;
    for (at++; text[at] !== '"'; at++) if (text[at] === '\\') at++;
    if (!isBeforeColon(text, at + 1)) continue;
    const [name = ''] = JSON.parse(`[${text.slice(second, at + 1)}]`) as string[];
    const first = open.at(-1)?.get(name);
    if (first !== undefined) return { name, first, second };
    open.at(-1)?.set(name, second);
  }
  throw new Error('no name of a member stands twice');
};

/** A name that may be shown in a message; any other name could be hostile text. */
const PLAIN_NAME = /^[\w:./-]{1,100}$/;

const doubledNameError = (
  text: string,
  { name, first, second }: ReturnType<typeof doubledName>,
): JsonError => {
  const before = positionOf(text, first);
  const shown = PLAIN_NAME.test(name) ? `"${name}"` : 'a name';
  return {
    fault: 'ambiguous JSON',
    ...positionOf(text, second),
    message: `${shown} stands twice in one object, first at line ${before.line}, column ${before.column}; keep one of the two`,
  };
};

/**
 * The value of a valid text. Node 24 confuses a name that has an escape with a name that it parsed before, if that one
 * holds a backslash: after `{"\\": 0}`, `{"\u0052oleArn": 0}` has no RoleArn. One definition could so hide a part of
 * another. Such names are therefore parsed under other names, which are then replaced.
 */
const withNames = (text: string, escaped: readonly NameRange[], taken: ReadonlySet<string>): Json => {
  const names = new Map<string, string>();
  let plain = '';
  let from = 0;
  let next = 0;
  for (const { start, end } of escaped) {
    const [name = ''] = JSON.parse(`[${text.slice(start, end)}]`) as string[];
    while (taken.has(`${STAND_IN}${next}`)) next++;
    const standIn = `${STAND_IN}${next++}`;
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

/** The position of an offset in a text. */
export const positionOf = (text: string, offset: number): TextPosition => {
  let line = 1;
  let start = 0;
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', start)) {
    line++;
    start = at + 1;
  }
  return { line, column: offset - start + 1 };
};

/** Only at the end of the message: before it V8 may quote the text, which can contain the same words. */
const POSITION = / at position (\d+)(?: \(line \d+ column \d+\))?$/;

/**
 * The offset at which parsing failed. V8 names it in most messages, but not for an unexpected token. That token is the
 * last character of the shortest beginning of the text that fails before its own end.
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

/** V8’s message without position and excerpt: the position is reported separately, and the excerpt is hostile text. */
const plainMessage = (message: string): string => {
  const ends = EXCERPTS.map((mark) => message.indexOf(mark)).filter((end) => end >= 0);
  return message.slice(0, Math.min(message.length, ...ends)).replace(/ of JSON input$/, ' of the text');
};

/** What V8 writes before the position or the excerpt. */
const EXCERPTS = [' in JSON at position', ' after JSON at position', ', "', ', ..."'];
