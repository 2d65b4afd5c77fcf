import { describe, expect, test } from '@jest/globals';
import { filesOf, folderOf } from '../../../shared/history/files.ts';
import { type HistorySource, historyDays, historyName } from '../../../shared/history/history-days.ts';
import { historyFile } from '../../../shared/history/parquet.ts';
import type { HistoryRecord } from '../../../shared/history/records.ts';
import { aChange, aLook, aWatch } from '../../support/builders/history.ts';

const records = [aLook(), aChange(), aWatch(), aLook({ at: '2026-11-25T00:00:00.000Z' })];

const filesFor = (of: readonly HistoryRecord[]): Map<string, Uint8Array | string> =>
  new Map(
    filesOf(of).map(({ table, partition, name, records: each }) => [
      `${folderOf(table, partition)}/${name}.parquet`,
      historyFile(table, each),
    ]),
  );

const sourceOf = (files: ReadonlyMap<string, Uint8Array | string>): HistorySource => ({
  names: async function* () {
    yield* files.keys();
  },
  read: async (name) => files.get(name) ?? 'it is gone',
});

const readOf = async (
  files: ReadonlyMap<string, Uint8Array | string>,
  days = ['2026-11-24', '2026-11-25'],
) => {
  const refused: string[] = [];
  const read: [string, HistoryRecord][] = [];
  for await (const { day, records: of } of historyDays(sourceOf(files), days, (text) => refused.push(text)))
    for await (const record of of) read.push([day, record]);
  return { read, refused };
};

describe('the days of a history', () => {
  test('have the records of their files, and no others', async () => {
    const { read, refused } = await readOf(filesFor(records));
    expect(read.map(([day]) => day)).toEqual(['2026-11-24', '2026-11-24', '2026-11-24', '2026-11-25']);
    expect(read.map(([, record]) => record)).toEqual(expect.arrayContaining(records));
    expect(refused).toEqual([]);
    expect((await readOf(filesFor(records), ['2026-11-25'])).read).toHaveLength(1);
    expect((await readOf(filesFor(records), [])).read).toEqual([]);
  });

  test('have no record that lies in the folder of another day, account, Region or table', async () => {
    const [[name = '', bytes = ''] = []] = [...filesFor([aLook()])];
    for (const [from, to] of [
      ['day=2026-11-24', 'day=2026-11-25'],
      ['account=111122223333', 'account=444455556666'],
      ['region=eu-west-1', 'region=us-east-1'],
      ['verdicts/', 'watch/'],
    ] as const) {
      const { read, refused } = await readOf(new Map([[name.replace(from, to), bytes]]));
      expect(read).toEqual([]);
      expect(refused).toEqual([expect.stringMatching(/: record [0-9a-f]+: it belongs into another folder$/)]);
    }
  });

  test('tell what cannot be read, and have the rest', async () => {
    const files = filesFor(records);
    const place = 'changes/region=eu-west-1/account=111122223333/day=2026-11-24';
    files.set(`${place}/none.parquet`, Buffer.from('no Parquet'));
    files.set(`${place}/denied.parquet`, 'it is too large');
    const { read, refused } = await readOf(files);
    expect(read).toHaveLength(records.length);
    expect(refused).toHaveLength(2);
    expect(refused).toContainEqual(`${place}/denied.parquet: it is too large`);
  });

  test.each([
    'evidence/2026-10/index.html',
    'ext/pipewarden/region=eu-west-1/accountId=111122223333/eventDay=20261124/x.parquet',
    'verdicts/region=eu-west-1/account=111122223333/day=2026-02-30/x.parquet',
    'verdicts/region=eu-west-1/account=1/day=2026-11-24/x.parquet',
    'verdicts/region=eu-west-1/account=111122223333/day=2026-11-24/x.parquet.tmp',
    'old/verdicts/region=eu-west-1/account=111122223333/day=2026-11-24/x.parquet',
    'secrets/region=eu-west-1/account=111122223333/day=2026-11-24/x.parquet',
  ])('have nothing to do with %s', (name) => {
    expect(historyName(name)).toBeUndefined();
  });
});
