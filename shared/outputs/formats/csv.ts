import type { Finding } from '../../domain/finding.ts';
import { cut } from '../../text/cut.ts';
import type { Results } from './results.ts';

type Column = (finding: Finding, results: Results) => string | undefined;

/** A column never moves and never changes its meaning; a new one comes at the end. */
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
};

/** What a cell of Excel holds; what is longer it would spread over the cells below. */
const MAX_CELL = 32_767;

/**
 * One row for each finding, with its first piece of evidence and how many there are, as RFC 4180 has it: in quotes,
 * with CRLF at the ends.
 */
export const toCsv = (results: Results): string => {
  const rows = results.findings.map((finding) =>
    Object.values(COLUMNS).map((column) => column(finding, results) ?? ''),
  );
  return [Object.keys(COLUMNS), ...rows].map((cells) => `${cells.map(quoted).join(',')}\r\n`).join('');
};

/** A TAB or CR ends a cell in some programs, so that what is behind it is the beginning of another. */
const FORMULA = /^["'\s\p{C}]*?[\t\r\n=+\-@＝＋－＠]/u;

/**
 * A spreadsheet takes a cell for a formula by its beginning, some also behind quotes and spaces, and runs it with the
 * rights of whoever opens the file (https://owasp.org/www-community/attacks/CSV_Injection). An apostrophe before it
 * makes it text.
 */
export const formulaSafe = (text: string): string => (FORMULA.test(text) ? `'${text}` : text);

const quoted = (cell: string): string => {
  const short = cut(formulaSafe(cell.toWellFormed()), MAX_CELL);
  return `"${short.replaceAll('"', '""')}"`;
};
