import type { Finding } from '../../domain/finding.ts';
import { cut } from '../../text/cut.ts';
import type { Results } from './results.ts';

type Column = (finding: Finding, results: Results) => string | undefined;

/** A column never moves and never changes its meaning. New columns are added at the end. */
const COLUMNS: Readonly<Record<string, Column>> = {
  id: ({ id }) => id,
  account: (_finding, { account }) => account,
  region: (_finding, { region }) => region,
  control: ({ control }) => control,
  status: ({ status }) => status,
  severity: ({ severity }) => severity,
  title: ({ title }) => title,
  resource_type: ({ resource }) => resource.type,
  resource: ({ resource }) => resource.arn,
  subject: ({ subject }) => subject,
  evidence_at: ({ evidence }) => evidence[0]?.at,
  found: ({ evidence }) => evidence[0]?.found,
  expected: ({ evidence }) => evidence[0]?.expected,
  evidence_count: ({ evidence }) => String(evidence.length),
  remediation: ({ remediation }) => remediation.text,
  patch: ({ remediation }) => remediation.patch,
  principal: ({ principal }) => principal,
  event_id: ({ trigger }) => trigger?.eventId,
  event_name: ({ trigger }) => trigger?.eventName,
  event_time: ({ trigger }) => trigger?.eventTime,
  first_observed_at: ({ firstObservedAt }) => firstObservedAt,
  last_observed_at: ({ lastObservedAt }) => lastObservedAt,
  suppressed_until: ({ suppression }) => suppression?.expires,
  suppression_reason: ({ suppression }) => suppression?.reason,
  cause: ({ cause }) => cause,
  undo: ({ remediation }) => remediation.undo,
  changes: ({ remediation }) => remediation.changes,
};

/** The longest cell of Excel, which would spread a longer one over the cells below. */
const MAX_CELL = 32_767;

/**
 * A row for each finding, with its first piece of evidence and the number of pieces. As RFC 4180 says: cells in quotes,
 * rows ended by CRLF.
 */
export const toCsv = (results: Results): string => {
  const rows = results.findings.map((finding) =>
    Object.values(COLUMNS).map((column) => column(finding, results) ?? ''),
  );
  return [Object.keys(COLUMNS), ...rows].map((cells) => `${cells.map(quoted).join(',')}\r\n`).join('');
};

/** In some programs a TAB or CR ends a cell, so that the text after it begins another cell. */
const FORMULA = /^["'\s\p{C}]*?[\t\r\n=+\-@＝＋－＠]/u;

/**
 * A spreadsheet takes a cell for a formula by its first character (some programs also after quotes and spaces) and runs
 * it with the rights of whoever opens the file (https://owasp.org/www-community/attacks/CSV_Injection). An apostrophe
 * before the text prevents that.
 */
export const formulaSafe = (text: string): string => (FORMULA.test(text) ? `'${text}` : text);

const quoted = (cell: string): string => {
  const short = cut(formulaSafe(cell.toWellFormed()), MAX_CELL);
  return `"${short.replaceAll('"', '""')}"`;
};
