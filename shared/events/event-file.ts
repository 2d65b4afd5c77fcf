import { gunzipSync } from 'node:zlib';
import { type JsonError, parseJson } from '../json/json-text.ts';
import type { ReadEvents } from '../requests/audit-request.ts';
import { readEvents } from './read-events.ts';

/** The most that a file may hold once it is unpacked: a small `.gz` can stand for any amount. */
const MAX_BYTES = 256 * 1024 * 1024;
const EXCERPT_LENGTH = 500;

/**
 * The events of a file: JSON, JSON lines, or a CloudTrail log file, gzip or not (by its first bytes, not its name).
 * A line that is not JSON is one unreadable record; a file that is neither JSON nor JSON lines is an error.
 */
export const readEventFile = (
  bytes: Uint8Array,
  name: string,
): { ok: true; events: ReadEvents } | { ok: false; error: JsonError } => {
  const unpacked = unpack(bytes);
  if (!unpacked.ok) return unpacked;
  const text = unpacked.text.replace(/^\uFEFF/, '');
  const whole = parseJson(text);
  if (whole.ok) return { ok: true, events: readEvents(whole.value, name) };
  if (whole.error.fault === 'ambiguous JSON') return whole;
  const lines = text.split('\n').map((line, index) => ({ line: line.trim(), at: `${name}:${index + 1}` }));
  const parsed = lines
    .filter(({ line }) => line !== '')
    .map(({ line, at }) => ({ line, at, json: parseJson(line) }));
  const objects = parsed.filter(
    ({ json }) => json.ok && typeof json.value === 'object' && json.value !== null,
  );
  if (objects.length === 0 || objects.length * 2 < parsed.length) return { ok: false, error: whole.error };
  const all = parsed.map(
    ({ line, at, json }): ReadEvents =>
      json.ok
        ? readEvents(json.value, at)
        : {
            requests: [],
            ignored: [],
            unreadable: [
              {
                at,
                reason: `the line is ${json.error.fault}: ${json.error.message}`,
                excerpt: line.slice(0, EXCERPT_LENGTH),
              },
            ],
          },
  );
  return {
    ok: true,
    events: {
      requests: all.flatMap(({ requests }) => requests),
      ignored: all.flatMap(({ ignored }) => ignored),
      unreadable: all.flatMap(({ unreadable }) => unreadable),
    },
  };
};

const unpack = (bytes: Uint8Array): { ok: true; text: string } | { ok: false; error: JsonError } => {
  const fail = (message: string) =>
    ({ ok: false, error: { fault: 'not JSON', line: 1, column: 1, message } }) as const;
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
  if (!isGzip && bytes.length > MAX_BYTES) return fail(`the file is larger than ${MAX_BYTES} bytes`);
  try {
    const plain = isGzip ? gunzipSync(bytes, { maxOutputLength: MAX_BYTES }) : bytes;
    return { ok: true, text: new TextDecoder('utf-8').decode(plain) };
  } catch (error) {
    return fail(`the file cannot be unpacked: ${error instanceof Error ? error.message : String(error)}`);
  }
};
