import type { Finding, Status } from '../../domain/finding.ts';
import { severityRank } from '../../domain/finding.ts';
import type { ResourceType } from '../../domain/resource.ts';
import { isOpen, statusWeight } from '../../domain/status.ts';
import type { Ended } from '../../findings/end-reason.ts';
import type { ControlOff, RunLooks, RunMode } from '../../findings/run-looks.ts';
import { accountsOf, placesOf, type RunPlace } from '../../findings/run-places.ts';
import type { RunSelection } from '../../findings/run-selection.ts';
import { VERSION } from '../../version.ts';
import type { Compliance } from './compliance-outcome.ts';
import type { ExceptionEntry } from './exceptions-register.ts';
import { isReadable, type Overview, overviewOf } from './overview.ts';
import type { CoverageRow } from './run-coverage.ts';

/** How many verdicts a run made. A suppressed verdict counts as suppressed only; NOT_APPLICABLE is not counted. */
export type Summary = {
  evaluated: number;
  passed: number;
  failed: number;
  warning: number;
  notAvailable: number;
  suppressed: number;
};

/** How many resources of a type a run was to look at, where that is known, and how many it looked at. */
export type ResourceCount = { askedFor?: number; lookedAt: number };
export type ResourceCounts = Partial<Record<ResourceType, ResourceCount>>;

/** What a run was about, and what it looked at. */
export type ScopeOfRun = {
  accounts: string[];
  regions: string[];
  mode: RunMode;
  /** Missing for a whole run. */
  selection?: RunSelection;
  /** What is listed or named, and not what the run was led to from there. Missing where nobody lists anything, as in a stored state. */
  resourcesAskedFor?: number;
  resourcesLookedAt: number;
  resources: ResourceCounts;
  /** The time that the events of the run are from; of a scheduled report, the time since the report before it. */
  window?: { from: string; to: string };
};

/** What made a run, and how. `duration` is in seconds. */
export type Invocation = {
  command: 'audit' | 'lint' | 'report';
  caller?: string;
  startedAt: string;
  duration?: number;
  configuration: { path?: string; digest: string };
};

/** By what a run judged. `judging`: the same for configurations that tell the controls the same. */
export type ConfigurationOfRun = {
  path?: string;
  digest?: string;
  judging?: string;
  controlsOff: readonly ControlOff[];
};

/**
 * The results file of a run. Every other output is made from it. New ones are of version 2.0; those of version 1.0 lack what
 * is optional here, and are read all the same.
 */
export type Results = {
  schemaVersion: '1.0' | '2.0';
  generatedAt: string;
  account: string;
  region: string;
  /** The accounts and Regions that were asked for, where there are several; `account` and `region` then list them. */
  scopes?: RunPlace[];
  summary: Summary;
  findings: Finding[];
  overview?: Overview;
  /** How each control judged what was looked at. */
  coverage?: readonly CoverageRow[];
  /** What the configuration, or what was judged, excepts. */
  exceptions?: readonly ExceptionEntry[];
  mode?: RunMode;
  looks?: RunLooks;
  controlsOff?: readonly ControlOff[];
  ended?: Ended[];
  /** What the run shows of a framework, where one was asked for. */
  compliance?: Compliance;
  tool?: { name: 'pipewarden'; version: string };
  invocation?: Invocation;
  scope?: ScopeOfRun;
  configuration?: ConfigurationOfRun;
};

/** The part of the results that says what made them, and what the run looked at. `configuration`: the digest of what it judged by. */
export type ResultsScope = Pick<
  Results,
  'mode' | 'looks' | 'controlsOff' | 'ended' | 'invocation' | 'scopes' | 'coverage' | 'exceptions'
> &
  Partial<Pick<Overview, 'notConfigured' | 'notInSnapshot'>> &
  Partial<Pick<ScopeOfRun, 'selection' | 'resources' | 'window'>> & { configuration?: string };

/**
 * The results of a run, in an order that depends on the findings alone. Passed verdicts are counted, and listed only
 * with `all`. NOT_APPLICABLE is never counted, so that it cannot make a run look more complete than it was.
 */
export const toResults = ({
  findings,
  passed = 0,
  generatedAt,
  account,
  region,
  all,
  scope = {},
}: {
  findings: readonly Finding[];
  /** How many verdicts passed that are only counted and not among the findings. */
  passed?: number;
  generatedAt: string;
  account: string;
  region: string;
  all: boolean;
  scope?: ResultsScope;
}): Results => {
  const {
    notConfigured = [],
    notInSnapshot = [],
    configuration,
    selection,
    resources,
    window,
    ...told
  } = scope;
  const { mode = 'all', controlsOff = [], invocation, coverage = [], exceptions = [] } = told;
  const sorted = findings
    .filter(({ status }) => all || isOpen(status))
    .map((finding) => ({ ...finding, evidenceAt: finding.evidenceAt ?? finding.lastObservedAt }))
    .toSorted(byUrgency);
  const run = { account, region, scopes: told.scopes };
  return {
    schemaVersion: '2.0',
    generatedAt,
    account,
    region,
    tool: { name: 'pipewarden', version: VERSION },
    ...(invocation && { invocation }),
    scope: {
      accounts: accountsOf(run),
      regions: [...new Set(placesOf(run).map((place) => place.region))],
      mode,
      ...(selection && Object.keys(selection).length > 0 && { selection }),
      ...countedTogether(resources ?? {}),
      ...(window && { window }),
    },
    configuration: {
      ...invocation?.configuration,
      ...(configuration !== undefined && { judging: configuration }),
      controlsOff,
    },
    summary: summarise(findings, passed),
    overview: overviewOf(sorted, { notConfigured, notInSnapshot, scopes: told.scopes }),
    coverage,
    exceptions,
    findings: sorted,
    ...told,
  };
};

const countedTogether = (
  resources: ResourceCounts,
): Pick<ScopeOfRun, 'resources' | 'resourcesAskedFor' | 'resourcesLookedAt'> => {
  const counts = Object.values(resources);
  const asked = counts.flatMap(({ askedFor }) => askedFor ?? []);
  return {
    ...(asked.length > 0 && { resourcesAskedFor: sum(asked) }),
    resourcesLookedAt: sum(counts.map(({ lookedAt }) => lookedAt)),
    resources,
  };
};

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);

/** The counts of a run. `passed`: how many passed that are not among the findings. */
export const summarise = (findings: readonly Finding[], passed: number): Summary => {
  const counted = findings.filter((finding) => finding.status !== 'NOT_APPLICABLE' && !isReadable(finding));
  const unsuppressed = counted.filter(({ suppression }) => suppression === undefined);
  const having = (status: Status) => unsuppressed.filter((finding) => finding.status === status).length;
  return {
    evaluated: counted.length + passed,
    passed: having('PASSED') + passed,
    failed: having('FAILED'),
    warning: having('WARNING'),
    notAvailable: having('NOT_AVAILABLE'),
    suppressed: counted.length - unsuppressed.length,
  };
};

/** Most severe first, in an order that depends on the findings alone. */
export const byUrgency = (one: Finding, other: Finding): number =>
  severityRank(other.severity) - severityRank(one.severity) ||
  statusWeight(other.status) - statusWeight(one.status) ||
  byCodeUnits(one.control, other.control) ||
  byCodeUnits(one.resource.arn, other.resource.arn) ||
  byCodeUnits(one.subject ?? '', other.subject ?? '') ||
  byCodeUnits(JSON.stringify(one), JSON.stringify(other));

/** `localeCompare` is not used, because its order changes with the machine’s locale and ICU version. */
const byCodeUnits = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);
