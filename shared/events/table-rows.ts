import { asList, asText, isObject, type Json, type JsonObject, member, memberAnyCase } from '../json/json.ts';
import { parseJson } from '../json/json-text.ts';

/** The members of a record that a table of CloudTrail keeps as text. */
const TEXT_MEMBERS = ['requestparameters', 'responseelements', 'useridentity'];

/** Whether an object is a row of a table of CloudTrail: Athena writes names in lower case, and objects as text. */
export const isTableRow = (value: JsonObject): boolean =>
  member(value, 'eventname') !== undefined ||
  (memberAnyCase(value, 'eventname') !== undefined &&
    TEXT_MEMBERS.some((name) => typeof memberAnyCase(value, name) === 'string'));

/**
 * The record of a row, or why there is none. An empty cell stands for a member that the record does not have.
 * https://docs.aws.amazon.com/athena/latest/ug/cloudtrail-logs.html
 */
export const recordOfRow = (row: JsonObject): { record: JsonObject } | { fault: string } => {
  const record: [string, Json][] = [];
  for (const [key, value] of Object.entries(row)) {
    const name = key.toLowerCase();
    if (value === null || value === '' || (value === 'null' && TEXT_MEMBERS.includes(name))) continue;
    const written = NAMES.get(name) ?? key;
    if (record.some(([known]) => known === written)) return { fault: `it names ${written} twice` };
    if (typeof value !== 'string' || !TEXT_MEMBERS.includes(name)) record.push([written, value]);
    else if (value.startsWith('{') && name === 'useridentity' && !value.startsWith('{"')) {
      const identity = structOf(value);
      if (identity === undefined) return { fault: `its ${name} cannot be told apart into fields` };
      record.push([written, identity]);
    } else {
      const parsed = parseJson(value);
      if (!parsed.ok) return { fault: `its ${name} is ${parsed.error.fault}: ${parsed.error.message}` };
      record.push([written, parsed.value]);
    }
  }
  return { record: Object.fromEntries(record) };
};

/** As CloudTrail writes the names that are asked for in one way alone. */
const NAMES = new Map(
  [
    'eventName',
    'eventSource',
    'eventTime',
    'eventID',
    'eventType',
    'awsRegion',
    'errorCode',
    'errorMessage',
    'requestParameters',
    'responseElements',
    'userIdentity',
    'recipientAccountId',
  ].map((name) => [name.toLowerCase(), name]),
);

/** A session's identity is three deep: the session, its issuer, the issuer's fields. */
const MAX_DEPTH = 4;

/** How long an identity is read: its longest parts are ARNs. */
const MAX_STRUCT = 16_384;

/**
 * A struct as Athena writes it (`{type=AssumedRole, arn=arn:…, sessioncontext={…}}`). Nothing in it is quoted, so that a
 * text which names a field twice, or does not close as it opens, is not understood.
 */
const structOf = (text: string): JsonObject | undefined => {
  if (text.length > MAX_STRUCT) return undefined;
  const open: { fields: Map<string, Json>; key: string }[] = [];
  let at = 0;
  while (at < text.length) {
    if (text[at] !== '{') return undefined;
    open.push({ fields: new Map(), key: '' });
    at++;
    if (open.length > MAX_DEPTH) return undefined;
    for (let inner = true; inner; ) {
      const level = open.at(-1);
      if (!level) return undefined;
      const equals = text.indexOf('=', at);
      const key = equals < 0 ? '' : text.slice(at, equals);
      if (!/^[a-z0-9_]+$/i.test(key) || level.fields.has(key)) return undefined;
      level.key = key;
      at = equals + 1;
      if (text[at] === '{') {
        inner = false;
        continue;
      }
      const end = endOfValue(text, at);
      if (end < 0) return undefined;
      const value = text.slice(at, end);
      level.fields.set(key, value === 'null' ? null : value);
      at = end;
      for (let closing = text[at] === '}'; closing; closing = text[at] === '}') {
        const closed = open.pop();
        at++;
        const outer = open.at(-1);
        if (!closed) return undefined;
        const made = Object.fromEntries(closed.fields);
        if (!outer) return at === text.length ? made : undefined;
        outer.fields.set(outer.key, made);
      }
      if (!text.startsWith(', ', at)) return undefined;
      at += 2;
    }
  }
  return undefined;
};

/** Where a value ends: at the comma before the next field, or at the brace that closes its struct. */
const endOfValue = (text: string, from: number): number => {
  const comma = text.indexOf(', ', from);
  const brace = text.indexOf('}', from);
  return comma < 0 || (brace >= 0 && brace < comma) ? brace : comma;
};

/** The rows of `aws athena get-query-results`, by the names in the first of them; undefined for anything else. */
export const athenaRows = (value: JsonObject): JsonObject[] | undefined => {
  const rows = member(member(value, 'ResultSet'), 'Rows');
  if (!Array.isArray(rows)) return undefined;
  const cells = (row: Json | undefined): (string | undefined)[] =>
    asList(member(row, 'Data')).map((cell) => asText(member(cell, 'VarCharValue')));
  const names = cells(rows[0]);
  return rows.slice(1).map((row) => rowOf(names, cells(row)));
};

/** The rows of a query of CloudWatch Logs Insights; undefined for anything else. */
export const insightsRows = (value: JsonObject): JsonObject[] | undefined => {
  const results = member(value, 'results');
  if (!Array.isArray(results) || !results.every(Array.isArray)) return undefined;
  return results.map((row) => {
    const fields = asList(row).filter(isObject);
    return rowOf(
      fields.map((field) => asText(member(field, 'field'))),
      fields.map((field) => asText(member(field, 'value'))),
    );
  });
};

const rowOf = (names: readonly (string | undefined)[], cells: readonly (string | undefined)[]): JsonObject =>
  Object.fromEntries(
    names.flatMap((name, index): [string, Json][] => {
      const cell = cells[index];
      return name === undefined || cell === undefined ? [] : [[name, cell]];
    }),
  );

/** No table of CloudTrail has as many columns. */
const MAX_COLUMNS = 256;

/**
 * The rows of a CSV file of a table of CloudTrail, each when it is asked for, with the line that it begins in; undefined
 * where the first line does not name such a table's columns (RFC 4180).
 */
export const csvRows = (text: string): Iterable<{ row: JsonObject; line: number }> | undefined => {
  const records = csvRecords(text);
  const head = records.next();
  const names = head.done ? [] : head.value.cells;
  const known = new Set(names.map((name) => name.toLowerCase()));
  if (!known.has('eventname') || !known.has('eventsource') || known.size !== names.length) return undefined;
  return (function* () {
    for (const { cells, line } of records)
      if (cells.length > 1 || cells[0] !== '') yield { row: rowOf(names, cells), line };
  })();
};

function* csvRecords(text: string): Generator<{ cells: string[]; line: number }, void> {
  let [at, line] = [0, 1];
  while (at < text.length) {
    const cells: string[] = [];
    const began = line;
    for (let more = true; more; ) {
      let cell = '';
      if (text[at] === '"') {
        at++;
        for (let quoted = true; quoted; ) {
          const end = text.indexOf('"', at);
          cell += text.slice(at, end < 0 ? text.length : end);
          at = end < 0 ? text.length : end + 1;
          quoted = end >= 0 && text[at] === '"';
          if (quoted) {
            cell += '"';
            at++;
          }
        }
      } else {
        const end = endOfCell(text, at);
        cell = text.slice(at, end);
        at = end;
      }
      for (const sign of cell) if (sign === '\n') line++;
      if (cells.length < MAX_COLUMNS) cells.push(cell);
      more = text[at] === ',';
      if (more) at++;
    }
    const end = text.indexOf('\n', at);
    at = end < 0 ? text.length : end + 1;
    line++;
    yield { cells, line: began };
  }
}

const endOfCell = (text: string, from: number): number => {
  for (let at = from; at < text.length; at++) {
    const sign = text[at];
    if (sign === ',' || sign === '\n' || sign === '\r') return at;
  }
  return text.length;
};
