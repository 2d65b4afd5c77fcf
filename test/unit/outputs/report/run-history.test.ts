import { describe, expect, test } from '@jest/globals';
import type { Results } from '../../../../shared/outputs/formats/results.ts';
import { toHtml } from '../../../../shared/outputs/report/report.tsx';
import { historyOf } from '../../../../shared/outputs/report/run-history.ts';
import { parseTrendPoint, trendPoint } from '../../../../shared/outputs/report/trend-point.ts';
import { ACCOUNT, REGION } from '../../../support/builders/events.ts';
import { aFinding } from '../../../support/builders/finding.ts';
import { pageOf, resultsOf } from '../../../support/pages/report-page.ts';

const ROW = {
  control: 'trail-logging',
  ...{ passed: 0, failed: 0, warning: 0, notAvailable: 0, notApplicable: 0, suppressed: 0, notJudged: 0 },
};
const EXCEPTION = { kind: 'suppression', control: 'trail-logging', reason: 'known' } as const;

const day = (number: number): string => `2026-11-${String(number).padStart(2, '0')}T08:00:00.000Z`;
const on = (number: number, ids: string[], account?: string) =>
  resultsOf(
    ids.map((id) => aFinding({ id, firstObservedAt: day(number), lastObservedAt: day(number) })),
    { generatedAt: day(number), ...(account === undefined ? {} : { account }) },
  );

describe('historyOf', () => {
  test('compares the last two runs, whatever order they came in', () => {
    const { changes, since, newest } = historyOf([on(20, ['a', 'c']), on(10, ['a']), on(15, ['a', 'b'])]);
    expect(since).toBe(day(15));
    expect(newest.map(({ generatedAt }) => generatedAt)).toEqual([day(20)]);
    expect([changes?.added, changes?.mended, changes?.open].map((list) => list?.length)).toEqual([1, 1, 1]);
  });

  test('knows since when a finding is open, and counts anew where it was mended in between', () => {
    const { openSince } = historyOf([on(10, ['a', 'b']), on(15, ['a']), on(20, ['a', 'b'])]);
    expect(Object.fromEntries(openSince)).toEqual({ a: day(10), b: day(20) });
  });

  test('adds up accounts at the time of each run', () => {
    const { trend, newest } = historyOf([on(10, ['a', 'b']), on(11, ['c'], '444455556666'), on(20, ['a'])]);
    expect(trend.map(({ at, open }) => [at, open.MEDIUM])).toEqual([
      [day(10), 2],
      [day(11), 3],
      [day(20), 2],
    ]);
    expect(newest).toHaveLength(2);
  });

  test('counts nothing twice where a later run covers a Region of an earlier one again', () => {
    const inRegions = (number: number, ...regions: string[]): Results => ({
      ...on(number, []),
      region: regions.join(', '),
      scopes: regions.map((region) => ({ account: ACCOUNT, region })),
      coverage: [{ ...ROW, passed: number }],
      exceptions: [{ ...EXCEPTION, findings: 1, severity: 'HIGH' }],
    });
    const runs = [inRegions(10, 'eu-west-1', 'us-east-1'), inRegions(20, 'eu-west-1')];
    const { newest } = historyOf(runs);
    expect(newest.map(({ region, coverage, exceptions }) => ({ region, coverage, exceptions }))).toEqual([
      { region: 'us-east-1', coverage: undefined, exceptions: [EXCEPTION] },
      {
        region: 'eu-west-1',
        coverage: [{ ...ROW, passed: 20 }],
        exceptions: [{ ...EXCEPTION, findings: 1, severity: 'HIGH' }],
      },
    ]);
    const notes = (other: Results) =>
      toHtml(inRegions(20, 'eu-west-1'), { controls: () => undefined, others: [other] }).match(
        /Not all runs are in the table/g,
      )?.length ?? 0;
    expect(notes(inRegions(10, 'eu-west-1', 'us-east-1'))).toBe(1);
    expect(notes(inRegions(10, 'us-east-1'))).toBe(0);
    expect(notes(inRegions(10, 'eu-west-1'))).toBe(0);
  });

  test('does not count twice what a run over several accounts has in common with a later one', () => {
    const accounts = [ACCOUNT, '444455556666'];
    const ofBoth: Results = {
      ...on(10, [], accounts.join(', ')),
      scopes: accounts.map((account) => ({ account, region: REGION })),
      coverage: [{ ...ROW, passed: 3 }],
    };
    const tables = (later: string) =>
      historyOf([ofBoth, { ...on(20, [], later), coverage: [ROW] }]).newest.flatMap(
        ({ coverage }) => coverage ?? [],
      );
    expect(tables(ACCOUNT)).toEqual([ROW]);
    expect(tables('777788889999')).toEqual([{ ...ROW, passed: 3 }, ROW]);
  });

  test('has no changes to tell of a single run', () => {
    expect(historyOf([on(10, ['a'])]).changes).toBeUndefined();
  });

  test('shows earlier runs in the trend only, with the counts of that time', () => {
    const point = (number: number, medium: number) => ({ ...trendPoint(on(number, [])), open: open(medium) });
    const open = (MEDIUM: number) => ({ INFORMATIONAL: 0, LOW: 0, MEDIUM, HIGH: 0, CRITICAL: 0 });
    const earlier = [point(5, 3), point(6, 4), point(10, 9)];
    const { trend, changes } = historyOf([on(10, ['a', 'b']), on(20, ['a'])], earlier);
    expect(trend.map(({ at, open: { MEDIUM } }) => [at, MEDIUM])).toEqual([
      [day(5), 3],
      [day(6), 4],
      [day(10), 9],
      [day(20), 1],
    ]);
    expect(changes?.mended.map(({ id }) => id)).toEqual(['b']);
  });

  test('keeps the first and last of very many runs', () => {
    const runs = Array.from({ length: 500 }, (_, index) =>
      resultsOf([], { generatedAt: new Date(Date.UTC(2026, 0, 1 + index)).toISOString() }),
    );
    const { trend } = historyOf(runs);
    expect(trend).toHaveLength(120);
    expect([trend[0]?.at, trend.at(-1)?.at]).toEqual([runs[0]?.generatedAt, runs.at(-1)?.generatedAt]);
  });
});

describe('of several runs over several accounts', () => {
  const over = (number: number, accounts: string[], reason: string): Results => ({
    ...on(number, []),
    account: accounts.join(', '),
    scopes: accounts.map((account) => ({ account, region: REGION })),
    coverage: [{ ...ROW, passed: 1 }],
    exceptions: [{ ...EXCEPTION, reason, findings: 1, severity: 'HIGH' }],
  });
  const reasonsIn = (runs: readonly Results[]) =>
    historyOf(runs).newest.flatMap(({ exceptions = [] }) =>
      exceptions.map(({ reason, findings }) => [reason, findings]),
    );
  const [one, two, three, four] = ['111122223333', '222233334444', '333344445555', '444455556666'] as const;

  test('each keeps its exceptions where no later run was about its accounts', () => {
    expect(reasonsIn([over(10, [one, two], 'old'), over(20, [three, four], 'new')])).toEqual([
      ['old', 1],
      ['new', 1],
    ]);
    expect(historyOf([over(10, [one, two], 'old'), over(20, [three, four], 'new')]).newest).toHaveLength(6);
  });

  test('of one whose accounts are told anew in part, the exceptions are told without their counts', () => {
    expect(reasonsIn([over(10, [one, two], 'old'), over(20, [two, three], 'new')])).toEqual([
      ['old', undefined],
      ['new', 1],
    ]);
  });

  test('of the same accounts, the newest alone tells what is excepted', () => {
    expect(reasonsIn([over(10, [one, two], 'old'), over(20, [one, two], 'new')])).toEqual([['new', 1]]);
    const single = [one, two].map((account) => on(20, [], account));
    expect(reasonsIn([over(10, [one, two], 'old'), over(11, [three, four], 'new'), ...single])).toEqual([
      ['new', 1],
    ]);
  });
});

describe('a point of the trend', () => {
  test('counts what is open by severity, and apart what could not be read', () => {
    const { open, notAvailable } = trendPoint(
      resultsOf([
        aFinding({ severity: 'HIGH' }),
        aFinding({ severity: 'HIGH', status: 'NOT_AVAILABLE' }),
        aFinding({ suppression: { reason: 'known', expires: '2026-12-31' } }),
        aFinding({ status: 'WARNING', severity: 'LOW' }),
      ]),
    );
    expect(open).toEqual({ INFORMATIONAL: 0, LOW: 1, MEDIUM: 0, HIGH: 1, CRITICAL: 0 });
    expect(notAvailable).toBe(1);
  });

  test('is read back as it was written, and nothing else is', () => {
    const point = trendPoint(on(10, ['a']));
    expect(parseTrendPoint(JSON.parse(JSON.stringify(point)))).toEqual(point);
    const wrong = [
      null,
      [],
      { ...point, more: 1 },
      { ...point, at: 'yesterday' },
      { ...point, notAvailable: -1 },
      { ...point, off: ['x'.repeat(101)] },
      { ...point, off: Array.from({ length: 201 }, () => 'x') },
      { ...point, open: { MEDIUM: 1 } },
      { ...point, open: { ...point.open, MEDIUM: '1' } },
    ];
    expect(wrong.map(parseTrendPoint)).toEqual(wrong.map(() => undefined));
  });
});

describe('the page over several runs', () => {
  const page = pageOf([aFinding({ id: 'a' }), aFinding({ id: 'c' })], {
    others: [on(10, ['a']), on(15, ['a', 'b'])],
  });

  test('says what is new, mended and still open, and since when', () => {
    expect(page).toContain('1 new, 1 mended, 1 still open. The oldest is open since 2026-11-10 (13 days).');
    expect(page).toContain('<i>new</i>');
    expect(page).toContain('2026-11-10 (13 days), seen');
  });

  test('draws the trend with its numbers as a table', () => {
    expect(page).toContain('<title>Open findings over 3 times: from 1 to 2</title>');
    expect(page).toContain('<caption>Open findings by severity at the time of each run</caption>');
  });

  test('draws the trend of earlier runs, names those that could not be read, and compares with none of them', () => {
    const trend = pageOf([aFinding()], {
      earlier: {
        points: [trendPoint(on(10, ['a', 'b'])), trendPoint(on(11, []))],
        unread: ['<img onerror=x>.json'],
      },
    });
    expect(trend).toContain('<title>Open findings over 3 times: from 2 to 1</title>');
    expect(trend).toContain('Earlier reports that could not be read <small>1</small>');
    expect(trend).toContain('&lt;img onerror=x>.json');
    expect(trend).not.toContain('mended');
    expect(trend).not.toContain('<i>new</i>');
  });

  test('says under the trend where controls stopped judging, and where a run looked at a part only', () => {
    const run = (number: number, off: string[], mode: 'all' | 'events') => ({
      ...trendPoint({
        ...on(number, []),
        mode,
        controlsOff: off.map((control) => ({ control, why: 'control-off' as const, because: 'it is off' })),
      }),
    });
    const points = [
      run(10, [], 'all'),
      run(11, ['job-name-prefix'], 'all'),
      run(12, ['job-name-prefix'], 'events'),
    ];
    expect(points.map((point) => parseTrendPoint(JSON.parse(JSON.stringify(point))))).toEqual(points);
    const told = pageOf([aFinding()], { earlier: { points, unread: [] } });
    expect(
      told.match(
        /From 2026-11-11[^<]* judge nothing: job-name-prefix. A fall there does not mean that anything was mended\./g,
      ),
    ).toHaveLength(1);
    expect(told.match(/The run of 2026-11-12[^<]* looked at a part only/g)).toHaveLength(1);
    expect(page).not.toContain('no mend');
  });

  test('says under the trend that a finding was suppressed, also where another of its severity was taken up again', () => {
    const suppression = { reason: 'known', expires: '2026-12-31' };
    const run = (number: number, suppressed: string) =>
      trendPoint(
        resultsOf(
          ['a', 'b'].map((id) =>
            aFinding({ id, severity: 'CRITICAL', ...(id === suppressed && { suppression }) }),
          ),
          { generatedAt: day(number) },
        ),
      );
    const points = [run(10, 'a'), run(11, 'b'), run(12, 'b')];
    expect(points.map((point) => parseTrendPoint(JSON.parse(JSON.stringify(point))))).toEqual(points);
    const told = pageOf([], { earlier: { points, unread: [] } });
    expect(told.match(/From 2026-11-1\d[^<]* more is suppressed: 1 critical/g)).toEqual([
      expect.stringContaining('2026-11-11'),
    ]);
    const ofOldVersion = points.map(({ accepted: _, ...point }) => point);
    expect(pageOf([], { earlier: { points: ofOldVersion, unread: [] } })).not.toContain('more is suppressed');
  });

  test('says of a suppression how long it holds still', () => {
    const suppressed = pageOf([aFinding({ suppression: { reason: 'replaced', expires: '2026-12-04' } })]);
    expect(suppressed).toContain('2026-12-04 (10 days left)');
  });

  test('tells teams by their prefixes, and the accounts of several', () => {
    const several = pageOf([aFinding({ id: 'a' })], {
      others: [on(10, ['d'], '444455556666')],
      config: { version: 1, prefixes: [{ prefix: 'fraud-train', pipelines: ['fraud*'] }] },
    });
    const named = pageOf([aFinding({ id: 'a' })], {
      config: {
        version: 1,
        teams: [
          { name: 'risk', organizationalUnits: ['ou-ab12-11111111'] },
          { name: 'fraud', pipelines: ['fraud*'] },
        ],
      },
    });
    expect(named).toContain('<th scope="row"><bdi>perhaps risk or fraud</bdi></th>');
    expect(several).toContain('<th scope="row"><bdi>fraud</bdi></th>');
    expect(several).toContain('Account 111122223333, Account 444455556666');
  });
});
