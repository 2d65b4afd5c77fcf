import { gunzipSync } from 'node:zlib';
import { countValues } from '../json/json-density.ts';
import { type JsonError, parseJson } from '../json/json-text.ts';
import type { ReadEvents } from '../requests/audit-request.ts';
import { type OnRecord, readEvents } from './read-events.ts';
import { csvRows } from './table-rows.ts';

/** The largest size of a file in bytes, after it is unpacked. A small `.gz` file can unpack to any size. */
const MAX_BYTES = 128 * 1024 * 1024;
/** About as many values as a file of that size holds if it is full of CloudTrail records. Each value takes memory. */
const MAX_VALUES = 10_000_000;
/** About as many lines as such a file has with one record on each line. */
const MAX_LINES = 1_000_000;
/** Each unreadable line becomes a finding, so that their number is bounded. */
const MAX_UNREADABLE = 1000;
const EXCERPT_LENGTH = 500;

type EventFile = { ok: true; events: ReadEvents } | { ok: false; error: JsonError };

/**
 * The events of a file: JSON, JSON lines or a CloudTrail log file, gzip or not (by its first bytes, not by its name). A
 * line that is not JSON is one unreadable record. A CSV file of a table of CloudTrail is read as well; any other file is
 * an error. `onRecord` is told of each CloudTrail record.
 */
export const readEventFile = (bytes: Uint8Array, name: string, onRecord?: OnRecord): EventFile => {
  const unpacked = unpack(bytes);
  if (!unpacked.ok) return unpacked;
  const text = unpacked.text.replace(/^\uFEFF/, '');
  const whole = parseJson(text);
  if (whole.ok) return { ok: true, events: readEvents(whole.value, name, undefined, onRecord) };
  if (whole.error.fault === 'ambiguous JSON') return whole;
  return (
    readLines(text, name, onRecord) ?? readTable(text, name, onRecord) ?? { ok: false, error: whole.error }
  );
};

/** The events of a CSV file of a table of CloudTrail; undefined for any other text. */
const readTable = (text: string, name: string, onRecord: OnRecord | undefined): EventFile | undefined => {
  const rows = csvRows(text);
  if (!rows) return undefined;
  const { events, add, end } = gathering(name, 'rows');
  for (const { row, line } of rows) add(readEvents(row, `${name}:${line}`, undefined, onRecord));
  end();
  return { ok: true, events };
};

/** The events of many parts of a file as one; of those that nobody understands the first are listed. */
const gathering = (
  name: string,
  parts: string,
): { events: ReadEvents; add: (read: ReadEvents) => void; end: () => void } => {
  const events: ReadEvents = { requests: [], ignored: [], unreadable: [] };
  let more = 0;
  return {
    events,
    add: (read) => {
      for (const request of read.requests) events.requests.push(request);
      for (const ignored of read.ignored) events.ignored.push(ignored);
      for (const unreadable of read.unreadable) {
        if (events.unreadable.length < MAX_UNREADABLE) events.unreadable.push(unreadable);
        else more++;
      }
    },
    end: () => {
      if (more > 0)
        events.unreadable.push({ at: name, reason: `${more} more ${parts} are not understood`, excerpt: '' });
    },
  };
};

/** The events of JSON lines; undefined where at least half of the lines are not objects. */
const readLines = (text: string, name: string, onRecord: OnRecord | undefined): EventFile | undefined => {
  const { events, add, end } = gathering(name, 'lines');
  let [lines, objects] = [0, 0];
  for (const { line, at } of linesOf(text, name)) {
    const json = parseJson(line);
    const isObject = json.ok && typeof json.value === 'object' && json.value !== null;
    lines++;
    if (isObject) objects++;
    add(json.ok ? readEvents(json.value, at, undefined, onRecord) : unreadableLine(line, at, json.error));
  }
  if (objects === 0 || objects * 2 < lines) return undefined;
  end();
  return { ok: true, events };
};

const unreadableLine = (line: string, at: string, { fault, message }: JsonError): ReadEvents => ({
  requests: [],
  ignored: [],
  unreadable: [{ at, reason: `the line is ${fault}: ${message}`, excerpt: line.slice(0, EXCERPT_LENGTH) }],
});

/** The lines that are not blank, one at a time, each with its place. */
function* linesOf(text: string, name: string): Generator<{ line: string; at: string }> {
  let start = 0;
  for (let number = 1; start <= text.length; number++) {
    const end = text.indexOf('\n', start);
    const line = text.slice(start, end < 0 ? text.length : end).trim();
    if (line !== '') yield { line, at: `${name}:${number}` };
    if (end < 0) return;
    start = end + 1;
  }
}

const fail = (message: string): { ok: false; error: JsonError } => ({
  ok: false,
  error: { fault: 'not JSON', line: 1, column: 1, message },
});

const unpack = (bytes: Uint8Array): { ok: true; text: string } | { ok: false; error: JsonError } => {
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
  if (!isGzip && bytes.length > MAX_BYTES) return fail(`the file is larger than ${MAX_BYTES} bytes`);
  try {
    const plain = isGzip ? gunzipSync(bytes, { maxOutputLength: MAX_BYTES }) : bytes;
    const excess = excessOf(plain);
    return excess === undefined ? { ok: true, text: new TextDecoder('utf-8').decode(plain) } : fail(excess);
  } catch (error) {
    return fail(`the file cannot be unpacked: ${error instanceof Error ? error.message : String(error)}`);
  }
};

const LINE_END = 0x0a;

/** Why the values of a text would take too much memory; undefined where they would not. */
const excessOf = (bytes: Uint8Array): string | undefined => {
  const values = countValues(bytes);
  let lines = 0;
  for (const byte of bytes) if (byte === LINE_END) lines++;
  if (values > MAX_VALUES) return `the file holds more than ${MAX_VALUES} values`;
  return lines > MAX_LINES + 2 * values ? `the file has more than ${MAX_LINES} lines` : undefined;
};
