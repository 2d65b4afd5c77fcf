import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { type EvidenceDependencies, makeEvidence } from '../../../../functions/evidence/make-evidence.ts';
import { DESCRIBED_CONTROLS } from '../../../../shared/controls/texts.ts';
import { filesOf, folderOf } from '../../../../shared/history/files.ts';
import type { HistorySource } from '../../../../shared/history/history-days.ts';
import { historyFile } from '../../../../shared/history/parquet.ts';
import type { HistoryRecord } from '../../../../shared/history/records.ts';
import { localSigner, type Signer } from '../../../../shared/outputs/evidence/signature.ts';
import { verifyPack } from '../../../../shared/outputs/evidence/verify-pack.ts';
import { VERSION } from '../../../../shared/version.ts';
import { readerOfPack, SIGNER } from '../../../support/builders/evidence-pack.ts';
import { aLook } from '../../../support/builders/history.ts';

const LOOKS = [aLook(), aLook({ at: '2026-10-05T10:00:00.000Z' })];

/** A bucket in memory with the files of a history. */
const bucketOf = (records: readonly HistoryRecord[]): Map<string, Buffer> =>
  new Map(
    filesOf(records).map(({ table, partition, name, records: of }) => [
      `${folderOf(table, partition)}/${name}.parquet`,
      Buffer.from(historyFile(table, of)),
    ]),
  );

const historyIn = (bucket: ReadonlyMap<string, Buffer>): HistorySource => ({
  names: async function* () {
    yield* [...bucket.keys()];
  },
  read: async (name) => bucket.get(name) ?? 'it is gone',
});

const made = async (
  bucket: Map<string, Buffer>,
  {
    month,
    at = '2026-12-01T06:00:00.000Z',
    signer = SIGNER,
    ...over
  }: { month?: string; at?: string; signer?: Signer } & Partial<EvidenceDependencies> = {},
) => {
  const written: string[] = [];
  const said: string[] = [];
  const say = (...[message]: unknown[]): void => {
    said.push(String(message));
  };
  const { folder } = await makeEvidence(month, {
    history: historyIn(bucket),
    signer,
    write: async (key, type, pieces) => {
      const parts: string[] = [];
      for await (const piece of pieces) parts.push(piece);
      expect(type).toMatch(/^(?:text|application)\//);
      bucket.set(key, Buffer.from(parts.join('')));
      written.push(key);
    },
    read: async (key) => bucket.get(key)?.toString(),
    remainingMillis: () => 600_000,
    logger: { info: say, warn: say },
    now: () => new Date(at),
    ...over,
  });
  return { folder, written, said };
};

const verified = (bucket: ReadonlyMap<string, Buffer>, folder: string, { publicKey } = SIGNER) => {
  const files = new Map(
    [...bucket].flatMap(([key, bytes]) =>
      key.startsWith(`${folder}/`) ? [[key.slice(folder.length + 1), bytes] as const] : [],
    ),
  );
  const making = { controls: DESCRIBED_CONTROLS, version: VERSION };
  return verifyPack(readerOfPack(files), { key: publicKey, making });
};

const otherSigner = (): Signer =>
  localSigner(
    generateKeyPairSync('ec', { namedCurve: 'P-256' })
      .privateKey.export({ type: 'pkcs8', format: 'pem' })
      .toString(),
  ) as Signer;

describe('the evidence pack of a month', () => {
  test('is of the last month that is over, verifies with the key beside it, and has its signature last', async () => {
    const bucket = bucketOf(LOOKS);
    const { folder, written } = await made(bucket);
    expect(folder).toBe('evidence/2026-11');
    expect(written[0]).toMatch(/^evidence\/keys\/[0-9a-f]{64}\.pem$/);
    expect(written.at(-1)).toBe('evidence/2026-11/manifest.sig.json');
    const { faults, manifest } = await verified(bucket, folder);
    expect({
      faults,
      from: manifest?.period.from,
      to: manifest?.period.to,
      records: manifest?.records.count,
    }).toEqual({
      faults: [],
      from: '2026-11-01',
      to: '2026-11-30',
      records: 1,
    });
    expect(bucket.get(`evidence/keys/${manifest?.key.fingerprint}.pem`)?.toString()).toContain('PUBLIC KEY');
  });

  test('says that the history began later, as the command does', async () => {
    const bucket = bucketOf(LOOKS.slice(0, 1));
    const { folder } = await made(bucket);
    expect(bucket.get(`${folder}/gaps.csv`)?.toString()).toContain('2026-11-01T00:00:00.000Z');
    expect(bucket.get(`${folder}/index.html`)?.toString()).toContain(
      'the history begins later than the period',
    );
  });

  test('is not made again by a second start of the schedule, and is where a person names its month', async () => {
    const bucket = bucketOf(LOOKS);
    await made(bucket);
    expect((await made(bucket)).written).toEqual([]);
    expect((await made(bucket, { month: '2026-11' })).written).toHaveLength(12);
  });

  test.each<[string, (bucket: Map<string, Buffer>) => unknown]>([
    ['has no signature', (bucket) => bucket.delete('evidence/2026-11/manifest.sig.json')],
    [
      'is another month’s',
      async (bucket) => {
        await made(bucket, { month: '2026-10' });
        for (const name of ['manifest.json', 'manifest.sig.json'])
          bucket.set(`evidence/2026-11/${name}`, bucket.get(`evidence/2026-10/${name}`) ?? Buffer.alloc(0));
      },
    ],
    ['another key has signed', (bucket) => made(bucket, { month: '2026-11', signer: otherSigner() })],
    [
      'has a manifest that was changed',
      (bucket) =>
        bucket.set(
          'evidence/2026-11/manifest.json',
          Buffer.from(`${bucket.get('evidence/2026-11/manifest.json')} `),
        ),
    ],
  ])('is made where what is there %s', async (_, change) => {
    const bucket = bucketOf(LOOKS);
    await made(bucket);
    await change(bucket);
    expect((await made(bucket)).written).toContain('evidence/2026-11/manifest.sig.json');
    expect((await verified(bucket, 'evidence/2026-11')).faults).toEqual([]);
  });

  test('tells what of the history could not be read, in the log and the pack', async () => {
    const bucket = bucketOf(LOOKS);
    const [[name = ''] = []] = bucket;
    bucket.set(name.replace(/[0-9a-f]{64}/, 'x'), Buffer.from('PAR1 this is none PAR1'));
    const { folder, said } = await made(bucket);
    expect(said).toContain('not read of the history');
    expect((await verified(bucket, folder)).manifest?.refused.count).toBe(1);
  });

  test('ends with what to do, and without a signature, where the time is not enough', async () => {
    const bucket = bucketOf(LOOKS);
    let left = 600_000;
    const slow = {
      ...historyIn(bucket),
      read: async (name: string) => {
        left = 1000;
        return bucket.get(name) ?? 'it is gone';
      },
    };
    await expect(made(bucket, { history: slow, remainingMillis: () => left })).rejects.toThrow(
      'the history of 2026-11 is too large for this function: make packs of it by account, Region or week',
    );
    expect([...bucket.keys()]).not.toContain('evidence/2026-11/manifest.sig.json');
  });

  test.each(['2026-12', '2027-01', '2026-13', '2026-1', '../keys', ''])(
    'of %j is refused, in the first days of December 2026',
    async (month) => {
      const bucket = bucketOf(LOOKS);
      await expect(made(bucket, { month })).rejects.toThrow(
        'is no month that is over: write it as {"month":"2026-11"}',
      );
      expect([...bucket.keys()].filter((key) => key.startsWith('evidence'))).toEqual([]);
    },
  );

  test.each([
    ['2026-12-01T00:00:00.000Z', 'evidence/2026-11'],
    ['2027-01-01T06:10:00.000Z', 'evidence/2026-12'],
    ['2028-03-31T23:59:59.999Z', 'evidence/2028-02'],
  ])('is at %s in %s', async (at, folder) => {
    const bucket = bucketOf(LOOKS);
    expect(await made(bucket, { at })).toMatchObject({ folder });
    const { manifest, faults } = await verified(bucket, folder);
    expect({ faults, to: manifest?.period.to }).toEqual({
      faults: [],
      to: expect.stringMatching(/-(?:30|31|29)$/),
    });
  });
});
