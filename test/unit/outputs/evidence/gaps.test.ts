import { describe, expect, test } from '@jest/globals';
import type { HistoryRecord } from '../../../../shared/history/records.ts';
import { unwatchedHours } from '../../../../shared/outputs/evidence/gaps.ts';
import { ASKED, packOf, watchedAll } from '../../../support/builders/evidence-pack.ts';
import { aLook, aWatch } from '../../../support/builders/history.ts';

const gapsOf = async (records: readonly HistoryRecord[], asked = ASKED) => {
  const { model, files } = await packOf(records, { asked });
  return { gaps: model.gaps, page: String(files.get('index.html')) };
};

const kinds = async (records: readonly HistoryRecord[], asked = ASKED) =>
  (await gapsOf(records, asked)).gaps.map(({ kind }) => kind);

const without = (from: string, until: string, watched?: string) =>
  watchedAll().filter(
    (each) => !(each.at > from && each.at < until && (watched ?? each.watched) === each.watched),
  );

const look = aLook({ notJudged: [] });

describe('the gaps of a period', () => {
  test('are none where heartbeats and sweeps came through all the time', async () => {
    const { gaps, page } = await gapsOf([...watchedAll(), look]);
    expect(gaps).toEqual([]);
    expect(page).toContain('The history shows no gap');
  });

  test('are all of it where nothing is recorded, and the page says so first', async () => {
    const { gaps, page } = await gapsOf([]);
    expect(gaps).toMatchObject([
      { kind: 'never-recorded', from: '2026-11-20T00:00:00.000Z', until: '2026-11-27T00:00:00.000Z' },
    ]);
    expect(page).toContain('In 168 of 168 hours events may have been missed');
  });

  test('are the silences of over two hours between heartbeats of a rule', async () => {
    const { gaps } = await gapsOf([...without('2026-11-22T02', '2026-11-22T09', 'heartbeat'), look]);
    expect(gaps).toMatchObject([
      { kind: 'heartbeat-missing', from: '2026-11-22T01:00:05.000Z', until: '2026-11-22T09:00:05.000Z' },
    ]);
    expect(unwatchedHours(gaps)).toBe(8);
    expect(await kinds([...without('2026-11-22T02', '2026-11-22T03', 'heartbeat'), look])).toEqual([]);
  });

  test('are told of each rule by itself', async () => {
    const one = watchedAll().map((each) =>
      each.watched === 'heartbeat' ? { ...each, because: 'other' } : each,
    );
    const { gaps } = await gapsOf([...without('2026-11-22T02', '2026-11-22T09', 'heartbeat'), ...one, look]);
    expect(gaps).toHaveLength(1);
    expect(gaps[0]?.because).toContain('rule/Pipewarden-Jobs');
  });

  test('are the times without a complete sweep, and each incomplete one', async () => {
    const incomplete = aWatch({
      at: '2026-11-22T12:00:00.000Z',
      watched: 'sweep-incomplete',
      because: 'ListPipelines: denied',
    });
    const { gaps } = await gapsOf([
      ...without('2026-11-21T23', '2026-11-23T05', 'sweep-complete'),
      incomplete,
      look,
    ]);
    expect(gaps).toMatchObject([
      { kind: 'sweep-missing', from: '2026-11-21T18:00:05.000Z', until: '2026-11-23T06:00:05.000Z' },
      { kind: 'sweep-incomplete', because: 'ListPipelines: denied' },
    ]);
    expect(unwatchedHours(gaps)).toBe(0);
  });

  test('are the time before the first record and that after the last one', async () => {
    const part = watchedAll().filter(({ at }) => at > '2026-11-22' && at < '2026-11-24');
    expect(await kinds([...part, look])).toEqual(
      expect.arrayContaining([
        'before-first-record',
        'after-last-record',
        'heartbeat-missing',
        'sweep-missing',
      ]),
    );
    const { gaps } = await gapsOf(part);
    expect(unwatchedHours(gaps)).toBe(168 - 47);
  });

  test('are all of it where there is no heartbeat or no sweep at all', async () => {
    expect(await kinds([...watchedAll().filter(({ watched }) => watched !== 'heartbeat'), look])).toEqual([
      'heartbeat-missing',
    ]);
    expect(await kinds([...watchedAll().filter(({ watched }) => watched === 'heartbeat'), look])).toEqual([
      'sweep-missing',
    ]);
  });

  test('of another Region than the home Region are those of the sweeps all the same, which list all Regions', async () => {
    const asked = { ...ASKED, regions: ['us-east-1'] };
    const there = aLook({
      region: 'us-east-1',
      notJudged: [],
      resource: { type: 'pipeline', arn: 'arn:aws:sagemaker:us-east-1:111122223333:pipeline/fraud' },
    });
    const { gaps, page } = await gapsOf([...watchedAll(), there], asked);
    expect(gaps).toEqual([]);
    expect(page).not.toContain('eu-west-1');
    const incomplete = aWatch({
      at: '2026-11-22T12:00:00.000Z',
      watched: 'sweep-incomplete',
      because: 'denied',
    });
    expect(await kinds([...watchedAll(), incomplete, there], asked)).toEqual(['sweep-incomplete']);
    expect(await kinds(watchedAll(), asked)).toEqual(['never-recorded']);
  });

  test('end when the pack is made, in a period that is not over', async () => {
    const { gaps, page } = await gapsOf([...watchedAll(), look], {
      ...ASKED,
      madeAt: '2026-11-25T03:30:00.000Z',
    });
    expect(gaps).toEqual([]);
    expect(page).toContain('when the pack was made: the rest of the period is not in it');
  });
});
