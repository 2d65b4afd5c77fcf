import type { PreflightRow } from '../../preflight/preflight-row.ts';
import { cut } from '../../text/cut.ts';
import { textTable } from './text-table.ts';

const LONGEST_CELL = 600;

const STATUSES: Readonly<Record<PreflightRow['status'], string>> = {
  OK: 'ok',
  WILL_FAIL: 'will fail',
  WILL_BE_MISSING: 'will be missing',
  NOT_TOLD: 'not told',
};

/** What is known before a deployment, for a terminal, one on each line. */
export const preflightTable = (rows: readonly PreflightRow[]): string =>
  textTable([
    ['ABOUT', 'REGION', 'STATUS', 'FOUND, AND WHAT TO DO'],
    ...rows.map(({ about, region, status, found, todo }) => [
      about,
      region ?? '-',
      STATUSES[status],
      cut(found, LONGEST_CELL) + (todo === undefined ? '' : `. ${todo}`),
    ]),
  ]);
