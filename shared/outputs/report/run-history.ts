import { compareRuns, keyed, type RunComparison } from '../../findings/compare-runs.ts';
import { groupBy } from '../../group-by.ts';
import type { Results } from '../formats/results.ts';
import { bySeverity, type TrendPoint, trendPoint } from './trend-point.ts';

/** What several runs tell beside the last one; `newest` holds the last run of each account and Region. */
export type RunHistory = {
  newest: Results[];
  trend: TrendPoint[];
  /** Against the run before, of the accounts that have one. */
  since?: string;
  changes?: RunComparison;
  /** Since when a finding is open, by its id and use. */
  openSince: ReadonlyMap<string, string>;
};

/** More points than these cannot be told apart in the chart. */
const MOST_POINTS = 120;

/** The runs in order of time; runs of several accounts or Regions stand beside each other. `earlier` is for the trend alone. */
export const historyOf = (runs: readonly Results[], earlier: readonly TrendPoint[] = []): RunHistory => {
  const sorted = runs.toSorted((one, other) => Date.parse(one.generatedAt) - Date.parse(other.generatedAt));
  const scopes = [...groupBy(sorted, scopeKey).values()];
  const comparisons = scopes.flatMap((ofScope) => {
    const [old, now] = ofScope.slice(-2);
    return old && now ? [{ since: old.generatedAt, changes: compareRuns(old, now) }] : [];
  });
  const [first] = comparisons;
  return {
    newest: scopes.flatMap((ofScope) => ofScope.at(-1) ?? []),
    trend: thinned(withEarlier(earlier, trendOf(sorted))),
    ...(first && {
      since: comparisons.map(({ since }) => since).toSorted()[0] ?? first.since,
      changes: merged(comparisons.map(({ changes }) => changes)),
    }),
    openSince: new Map(scopes.flatMap((ofScope) => [...openSince(ofScope)])),
  };
};

const scopeKey = ({ account, region }: Results): string => JSON.stringify([account, region]);

const merged = (all: readonly RunComparison[]): RunComparison => ({
  added: all.flatMap(({ added }) => added),
  changed: all.flatMap(({ changed }) => changed),
  open: all.flatMap(({ open }) => open),
  mended: all.flatMap(({ mended }) => mended),
  gone: all.flatMap(({ gone }) => gone),
  unread: all.flatMap(({ unread }) => unread),
  notJudged: all.flatMap(({ notJudged }) => notJudged),
});

/** What was counted when a run was made holds, whatever of its results is at hand. */
const withEarlier = (earlier: readonly TrendPoint[], ofRuns: readonly TrendPoint[]): TrendPoint[] => {
  const known = new Set(earlier.map(({ at }) => Date.parse(at)));
  return [...earlier, ...ofRuns.filter(({ at }) => !known.has(Date.parse(at)))].toSorted(
    (one, other) => Date.parse(one.at) - Date.parse(other.at),
  );
};

/** At the time of each run, the sum of the latest run of each account and Region. */
const trendOf = (sorted: readonly Results[]): TrendPoint[] => {
  const latest = new Map<string, TrendPoint>();
  return sorted.map((run) => {
    latest.set(scopeKey(run), trendPoint(run));
    const all = [...latest.values()];
    return {
      at: run.generatedAt,
      open: bySeverity((severity) => all.reduce((sum, { open }) => sum + open[severity], 0)),
      notAvailable: all.reduce((sum, { notAvailable }) => sum + notAvailable, 0),
      ...offIn(all),
      ...(all.some(({ isPartial }) => isPartial !== undefined) && {
        isPartial: all.some(({ isPartial }) => isPartial),
      }),
    };
  });
};

/** The controls that judged nothing in one of the accounts at least; nothing where no run says so. */
const offIn = (points: readonly TrendPoint[]): Pick<TrendPoint, 'off'> =>
  points.some(({ off }) => off)
    ? { off: [...new Set(points.flatMap(({ off = [] }) => off))].toSorted() }
    : {};

const thinned = (points: TrendPoint[]): TrendPoint[] => {
  if (points.length <= MOST_POINTS) return points;
  const last = points.length - 1;
  return Array.from(
    { length: MOST_POINTS },
    (_, index) => points[Math.round((index * last) / (MOST_POINTS - 1))],
  ).flatMap((point) => point ?? []);
};

/** Back from the newest run as long as the finding is there: one that was mended in between is open since it came back. */
const openSince = (ofScope: readonly Results[]): Map<string, string> => {
  const newest = ofScope.at(-1);
  const since = new Map(
    newest ? [...keyed(newest.findings)].map(([key, { firstObservedAt }]) => [key, firstObservedAt]) : [],
  );
  let going = new Set(since.keys());
  for (const run of ofScope.slice(0, -1).toReversed()) {
    const earlier = keyed(run.findings.filter(({ status }) => status !== 'PASSED'));
    going = new Set([...going].filter((key) => earlier.has(key)));
    for (const key of going) {
      const known = since.get(key) ?? '';
      const seen = [known, run.generatedAt, earlier.get(key)?.firstObservedAt ?? known];
      since.set(key, seen.toSorted((one, other) => Date.parse(one) - Date.parse(other))[0] ?? known);
    }
  }
  return since;
};
