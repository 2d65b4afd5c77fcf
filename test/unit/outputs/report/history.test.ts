import { describe, expect, test } from '@jest/globals';
import { historyOf } from '../../../../shared/outputs/report/history.ts';
import { aFinding } from '../../../setup/finding.ts';
import { pageOf, resultsOf } from '../../../setup/report-page.ts';

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

  test('has no changes to tell of a single run', () => {
    expect(historyOf([on(10, ['a'])]).changes).toBeUndefined();
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

  test('says of a suppression how long it holds still', () => {
    const suppressed = pageOf([aFinding({ suppression: { reason: 'replaced', expires: '2026-12-04' } })]);
    expect(suppressed).toContain('2026-12-04 (10 days left)');
  });

  test('tells teams by their prefixes, and the accounts of several', () => {
    const several = pageOf([aFinding({ id: 'a' })], {
      others: [on(10, ['d'], '444455556666')],
      config: { prefixes: [{ prefix: 'fraud-train', pipelines: ['fraud*'] }] },
    });
    expect(several).toContain('<th scope="row"><bdi>fraud</bdi></th>');
    expect(several).toContain('Account 111122223333, Account 444455556666');
  });
});
