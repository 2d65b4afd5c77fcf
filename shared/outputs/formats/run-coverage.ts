import type { Finding } from '../../domain/finding.ts';
import type { Resource } from '../../domain/resource.ts';
import type { ControlOff } from '../../findings/run-looks.ts';
import { isNotJudged, nameInRun, type RunPlace } from '../../findings/run-places.ts';
import type { Observation } from '../../findings/state.ts';
import { listed } from '../../text/listed.ts';
import { isReadable } from './overview.ts';

/**
 * How a control judged what a run looked at: how many verdicts of each kind, each counted once, and on how many resources it judged
 * nothing, though it judges such. Whatever is suppressed counts as suppressed only. `passed` and `notApplicable` are missing where only their sum
 * over all controls is kept.
 */
export type CoverageRow = {
  control: string;
  passed?: number;
  failed: number;
  warning: number;
  notAvailable: number;
  notApplicable?: number;
  suppressed: number;
  notJudged: number;
  /** Why it judged nothing there, or nothing at all. */
  why?: string;
};

/** What the controls came to on one resource, besides the findings that are listed. */
export type LookCounts = {
  resource: Pick<Resource, 'arn'>;
  account?: string;
  counted: NonNullable<Observation['counted']>;
  notJudged: ReadonlyMap<string, string>;
};

/** Collects what the controls came to, one observation after the other. */
export const lookCountsBuilder = () => {
  const looks = new Map<string, LookCounts>();
  return {
    /** `account` is given in a run over several accounts. */
    add: (
      {
        resourceArn,
        counted = {},
        judged,
        finishedArn,
      }: Pick<Observation, 'resourceArn' | 'counted' | 'judged' | 'finishedArn'>,
      account?: string,
    ): void => {
      if (finishedArn !== undefined) return;
      const notJudged = new Map(
        Object.entries(judged).flatMap(([control, judgement]): [string, string][] =>
          judgement.is === 'left-out' || (judgement.is === 'ungathered' && !judgement.isInapplicable)
            ? [[control, judgement.because]]
            : [],
        ),
      );
      looks.set(keyOf(resourceArn, account), {
        resource: { arn: resourceArn },
        ...(account !== undefined && { account }),
        counted,
        notJudged,
      });
    },
    looks: (): LookCounts[] => [...looks.values()],
  };
};

const keyOf = (arn: string, account: string | undefined): string => nameInRun(arn, account).toLowerCase();

type Told = {
  /** All controls that could have judged, and those that did. */
  controls: readonly string[];
  chosen: readonly string[];
  findings: readonly Finding[];
  looks: readonly LookCounts[];
  controlsOff?: readonly ControlOff[] | undefined;
  scopes?: readonly RunPlace[] | undefined;
  /** Whether verdicts that passed are kept as one number for all controls. */
  isSumOnly?: boolean;
};

/** The coverage of a run: a row for each control. */
export const coverageRows = ({
  controls,
  chosen,
  findings,
  looks,
  controlsOff = [],
  scopes = [],
  isSumOnly = false,
}: Told): CoverageRow[] => {
  const rows = new Map(controls.map((control) => [control, rowOf(control)]));
  const whys = new Map<string, Set<string>>();
  const isOff = new Map(controlsOff.map(({ control, because }) => [control, because]));
  const say = (control: string, why: string) =>
    whys.set(control, (whys.get(control) ?? new Set<string>()).add(why));
  const untold = new Set<string>();
  for (const { resource, account, counted, notJudged } of looks) {
    for (const [control, because] of notJudged) {
      const row = rows.get(control);
      if (!row || !chosen.includes(control)) continue;
      row.notJudged++;
      say(control, because);
      untold.add(`${control} ${keyOf(resource.arn, account)}`);
    }
    for (const [control, { passed = 0, notApplicable = 0 }] of Object.entries(counted)) {
      const row = rows.get(control);
      if (!row || !chosen.includes(control)) continue;
      row.passed += passed;
      if (!notJudged.has(control)) row.notApplicable += notApplicable;
    }
  }
  for (const finding of findings) {
    const { control, account, resource, status } = finding;
    const row = rows.get(control);
    if (!row || isReadable(finding)) continue;
    if (finding.suppression) row.suppressed++;
    else if (status !== 'NOT_APPLICABLE') row[COUNT_OF[status]]++;
    else if (!untold.has(`${control} ${keyOf(resource.arn, account)}`)) {
      const off = isOff.get(control);
      row[off === undefined ? 'notApplicable' : 'notJudged']++;
      if (off !== undefined) say(control, off);
    }
  }
  const elsewhere = unread(scopes);
  return [...rows.values()].map(({ control, passed, notApplicable, ...row }) => {
    const why = [
      ...(chosen.includes(control) ? [] : ['the run was narrowed to other controls']),
      ...(isOff.has(control) ? [isOff.get(control) ?? ''] : []),
      ...(whys.get(control) ?? []),
    ];
    const isEmpty = [passed, notApplicable, ...Object.values(row)].every((count) => count === 0);
    if (isEmpty && why.length === 0 && !isSumOnly) why.push('the run came to nothing that it judges');
    const all = [...new Set([...why, ...elsewhere])];
    return {
      control,
      ...(isSumOnly ? {} : { passed }),
      failed: row.failed,
      warning: row.warning,
      notAvailable: row.notAvailable,
      ...(isSumOnly ? {} : { notApplicable }),
      suppressed: row.suppressed,
      notJudged: row.notJudged,
      ...(all.length > 0 && { why: listed(all, MOST_WHYS) }),
    };
  });
};

const MOST_WHYS = 5;

const COUNT_OF = {
  PASSED: 'passed',
  FAILED: 'failed',
  WARNING: 'warning',
  NOT_AVAILABLE: 'notAvailable',
} as const;

const rowOf = (control: string) => ({
  control,
  passed: 0,
  failed: 0,
  warning: 0,
  notAvailable: 0,
  notApplicable: 0,
  suppressed: 0,
  notJudged: 0,
});

const unread = (scopes: readonly RunPlace[]): string[] =>
  scopes
    .filter(isNotJudged)
    .map(
      ({ account, region, because = 'no reason is told' }) =>
        `nothing of ${account} in ${region}: ${because}`,
    );

/** The rows of several runs as one table. What one of them does not tell is not told. */
export const addedUp = (tables: readonly (readonly CoverageRow[])[]): CoverageRow[] => {
  const rows = new Map<string, CoverageRow>();
  for (const row of tables.flat()) {
    const known = rows.get(row.control);
    rows.set(row.control, known ? added(known, row) : row);
  }
  return [...rows.values()];
};

const added = (one: CoverageRow, other: CoverageRow): CoverageRow => {
  const why = [...new Set([one.why, other.why].flatMap((text) => text ?? []))].join('; ');
  const passed = both(one.passed, other.passed);
  const notApplicable = both(one.notApplicable, other.notApplicable);
  return {
    control: one.control,
    ...(passed !== undefined && { passed }),
    failed: one.failed + other.failed,
    warning: one.warning + other.warning,
    notAvailable: one.notAvailable + other.notAvailable,
    ...(notApplicable !== undefined && { notApplicable }),
    suppressed: one.suppressed + other.suppressed,
    notJudged: one.notJudged + other.notJudged,
    ...(why !== '' && { why }),
  };
};

const both = (one: number | undefined, other: number | undefined): number | undefined =>
  one === undefined || other === undefined ? undefined : one + other;

/** Whether a control gave a verdict that counts: it passed something, or found something. */
const hasJudged = ({ passed = 0, failed, warning, suppressed }: CoverageRow): boolean =>
  passed + failed + warning + suppressed > 0;

/** The columns of the table, in the order of all outputs. */
export const COVERAGE_COLUMNS = [
  ['passed', 'Passed'],
  ['failed', 'Failed'],
  ['warning', 'Warnings'],
  ['notAvailable', 'Unread'],
  ['notApplicable', 'Not applicable'],
  ['suppressed', 'Suppressed'],
  ['notJudged', 'Not judged'],
] as const satisfies readonly [keyof CoverageRow, string][];

/** The table in one line; undefined where a run does not tell it. */
export const coverageLine = (rows: readonly CoverageRow[] | undefined): string | undefined => {
  if (!rows || rows.length === 0) return undefined;
  // Where passes are one number for all controls, nobody knows which of them judged well.
  if (rows.some(({ passed }) => passed === undefined)) {
    const finding = rows.filter(hasJudged).length;
    return `${finding} of ${rows.length} controls found something; how much passed is not told by control`;
  }
  const judged = rows.filter(hasJudged).length;
  const silent = rows.filter((row) => !hasJudged(row)).map(({ control }) => control);
  return `${judged} of ${rows.length} controls judged something${silent.length === 0 ? '' : `; none of ${listed(silent, MOST_NAMED)}`}`;
};

const MOST_NAMED = 6;
