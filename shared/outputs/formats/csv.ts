import { parseArn } from '../../domain/arn.ts';
import type { Finding } from '../../domain/finding.ts';
import { csvCell } from '../../text/csv-cell.ts';
import { complianceCsv } from './compliance-views.ts';
import type { Results } from './results.ts';
import { whySettled } from './why-settled.ts';

const placeOf = ({ account }: Finding, scopes: Results['scopes']) =>
  account === undefined ? undefined : scopes?.find((each) => each.account === account);

type Column = (finding: Finding, results: Results) => string | undefined;

/** A column never moves and never changes its meaning. New columns are added at the end. */
const COLUMNS: Readonly<Record<string, Column>> = {
  id: ({ id }) => id,
  account: ({ account: own }, { account }) => own ?? account,
  region: ({ account: own, resource }, { region }) =>
    own === undefined ? region : (parseArn(resource.arn)?.region ?? ''),
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
  account_name: (finding, { scopes }) => placeOf(finding, scopes)?.name,
  organization_path: (finding, { scopes }) => placeOf(finding, scopes)?.path,
  why_settled: (finding) => whySettled(finding),
};

/**
 * A row for each finding, with its first piece of evidence and the number of pieces. As RFC 4180 says: cells in quotes,
 * rows ended by CRLF. Where a framework was asked for, the rows are of its requirements.
 */
export const toCsv = (results: Results): string => {
  if (results.compliance) return complianceCsv(results.compliance, results);
  const rows = results.findings.map((finding) =>
    Object.values(COLUMNS).map((column) => column(finding, results) ?? ''),
  );
  return [Object.keys(COLUMNS), ...rows].map((cells) => `${cells.map(csvCell).join(',')}\r\n`).join('');
};
