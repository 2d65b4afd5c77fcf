import { compareRuns, keyed, type RunComparison } from '../../findings/compare-runs.ts';
import { accountsOf, isNotJudged, type RunPlace } from '../../findings/run-places.ts';
import { groupBy } from '../../group-by.ts';
import type { Results } from '../formats/results.ts';
import { type AccountRun, accountRuns, exceptionsBefore, leftOf } from './account-runs.ts';
import { bySeverity, type TrendPoint, trendPoint } from './trend-point.ts';

/** What several runs show together. `newest` are the last runs of each account and Region. */
export type RunHistory = {
  newest: Results[];
  trend: TrendPoint[];
  /** The comparison with the previous run, of accounts that have one. */
  since?: string;
  changes?: RunComparison;
  /** The same by account. */
  changesOf: ReadonlyMap<string, RunComparison>;
  /** Since when each finding is open, by the key of `keyed`. */
  openSince: ReadonlyMap<string, string>;
  /** The accounts and Regions, where there are several accounts; else none. */
  scopes: readonly RunPlace[];
};

/** The chart cannot show more points. */
const MOST_POINTS = 120;

/**
 * The history of the runs. Accounts are compared separately, and so are the Regions of single runs. `earlier` is for the trend
 * only.
 */
export const historyOf = (runs: readonly Results[], earlier: readonly TrendPoint[] = []): RunHistory => {
  const sorted = runs.toSorted((one, other) => Date.parse(one.generatedAt) - Date.parse(other.generatedAt));
  const parts = [...groupBy(sorted.flatMap(accountRuns), ({ key }) => key).values()];
  const last = parts.flatMap((ofKey) => ofKey.at(-1) ?? []);
  const scopes = parts.flatMap((ofKey) => {
    const own = ofKey.at(-1);
    const left =
      own &&
      leftOf(
        own,
        last.filter((each) => isLater(each, own)),
      );
    return left ? [[...ofKey.slice(0, -1), left]] : [];
  });
  const comparisons = scopes.flatMap((ofScope) => {
    const [old, now] = ofScope.slice(-2);
    return old && now
      ? [{ account: now.account, since: old.generatedAt, changes: compareRuns(old, now) }]
      : [];
  });
  const [first] = comparisons;
  const shown = [...exceptionsBefore(parts), ...scopes.flatMap((ofScope) => ofScope.at(-1) ?? [])];
  const places = shown.flatMap((run) => placesIn(run));
  return {
    newest: shown,
    trend: thinned(withEarlier(earlier, trendOf(sorted))),
    ...(first && {
      since: comparisons.map(({ since }) => since).toSorted()[0] ?? first.since,
      changes: merged(comparisons.map(({ changes }) => changes)),
    }),
    changesOf: new Map(comparisons.map(({ account, changes }) => [account, changes])),
    openSince: new Map(scopes.flatMap((ofScope) => [...openSince(ofScope)])),
    scopes: accountsOf({ scopes: places }).length > 1 ? withKnown(places, sorted) : [],
  };
};

const isLater = (one: Results, other: Results): boolean =>
  Date.parse(one.generatedAt) > Date.parse(other.generatedAt);

/** An account that cannot be read now keeps the name and place that an earlier run told. */
const withKnown = (places: readonly RunPlace[], sorted: readonly Results[]): RunPlace[] => {
  const known = new Map<string, Pick<RunPlace, 'name' | 'path' | 'unitNames'>>();
  for (const { account, name, path, unitNames } of sorted.flatMap(({ scopes = [] }) => scopes))
    known.set(account, {
      ...known.get(account),
      ...(name !== undefined && { name }),
      ...(path !== undefined && { path }),
      ...(unitNames !== undefined && { unitNames }),
    });
  return places.map((place) => ({ ...known.get(place.account), ...place }));
};

/** The accounts and Regions of a part; that of the configuration is about none. */
const placesIn = ({ account, region, scopes }: AccountRun): readonly RunPlace[] =>
  account === '' ? [] : (scopes ?? region.split(', ').map((each) => ({ account, region: each })));

const merged = (all: readonly RunComparison[]): RunComparison => ({
  added: all.flatMap(({ added }) => added),
  firstSeen: all.flatMap(({ firstSeen }) => firstSeen),
  changed: all.flatMap(({ changed }) => changed),
  open: all.flatMap(({ open }) => open),
  mended: all.flatMap(({ mended }) => mended),
  gone: all.flatMap(({ gone }) => gone),
  unread: all.flatMap(({ unread }) => unread),
  notJudged: all.flatMap(({ notJudged }) => notJudged),
});

/** A point that was stored when its run was made replaces one that is computed from results. */
const withEarlier = (earlier: readonly TrendPoint[], ofRuns: readonly TrendPoint[]): TrendPoint[] => {
  const known = new Set(earlier.map(({ at }) => Date.parse(at)));
  return [...earlier, ...ofRuns.filter(({ at }) => !known.has(Date.parse(at)))].toSorted(
    (one, other) => Date.parse(one.at) - Date.parse(other.at),
  );
};

/** A point for the time of each run: the sum of the latest runs of each account and Region. */
const trendOf = (sorted: readonly Results[]): TrendPoint[] => {
  const latest = new Map<string, TrendPoint>();
  return sorted.map((run) => {
    const isPartOf = accountRuns(run).map((part) => {
      const [known, point] = [latest.get(part.key), trendPoint(part)];
      const isPart =
        point.isPartial === true || (part.scopes?.length ? part.scopes.every(isNotJudged) : false);
      // What a run did not look at is as it was: it would look like a fall.
      if (!isPart || known?.isPartial !== false) latest.set(part.key, { ...point, isPartial: isPart });
      return isPart;
    });
    const all = [...latest.values()];
    return {
      at: run.generatedAt,
      open: bySeverity((severity) => all.reduce((sum, { open }) => sum + open[severity], 0)),
      notAvailable: all.reduce((sum, { notAvailable }) => sum + notAvailable, 0),
      suppressed: bySeverity((severity) =>
        all.reduce((sum, { suppressed }) => sum + (suppressed?.[severity] ?? 0), 0),
      ),
      ...acceptedOf(all),
      ...offIn(all),
      ...(run.mode !== undefined && { isPartial: isPartOf.includes(true) }),
    };
  });
};

/** What is suppressed in all of them, where each tells it. */
const acceptedOf = (points: readonly TrendPoint[]): Pick<TrendPoint, 'accepted'> =>
  points.every(({ accepted }) => accepted)
    ? { accepted: [...new Set(points.flatMap(({ accepted = [] }) => accepted))].toSorted() }
    : {};

/** The controls that judged nothing in at least one of the accounts; empty where no run has such a list. */
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

/**
 * Goes back from the newest run while the finding is there. A finding that was mended meanwhile is open since its
 * return.
 */
const openSince = (ofScope: readonly Results[]): Map<string, string> => {
  const newest = ofScope.at(-1);
  const since = new Map(
    newest
      ? [...keyed(newest.findings, newest)].map(([key, { firstObservedAt }]) => [key, firstObservedAt])
      : [],
  );
  let going = new Set(since.keys());
  for (const run of ofScope.slice(0, -1).toReversed()) {
    const earlier = keyed(
      run.findings.filter(({ status }) => status !== 'PASSED'),
      run,
    );
    going = new Set([...going].filter((key) => earlier.has(key)));
    for (const key of going) {
      const known = since.get(key) ?? '';
      const seen = [known, run.generatedAt, earlier.get(key)?.firstObservedAt ?? known];
      since.set(key, seen.toSorted((one, other) => Date.parse(one) - Date.parse(other))[0] ?? known);
    }
  }
  return since;
};
