import { Buffer } from 'node:buffer';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { packRecords } from '../../../shared/history/pack-records.ts';
import type { HistoryRecord, LookRecord } from '../../../shared/history/records.ts';
import { unpackRecords } from '../../../shared/history/unpack-records.ts';
import { aChange, aLook, anyRecord, aVerdict, aWatch } from '../../support/builders/history.ts';
import { seeded } from '../../support/builders/seeded.ts';

/** What SQS takes: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html */
const SQS_BYTES = 1024 * 1024;

const sent = (records: readonly HistoryRecord[]): HistoryRecord[] => {
  const bodies = packRecords(records);
  for (const body of bodies) expect(Buffer.byteLength(body)).toBeLessThanOrEqual(SQS_BYTES);
  return bodies.flatMap(unpackRecords);
};

describe('messages to the history', () => {
  test('give back the records in their order', () => {
    fc.assert(
      fc.property(fc.array(anyRecord, { maxLength: 10 }), (records) => {
        expect(sent(records)).toEqual(records);
      }),
    );
  });

  test('are none for no record, and one for many small ones', () => {
    expect(packRecords([])).toEqual([]);
    expect(packRecords(Array.from({ length: 200 }, () => aLook()))).toHaveLength(1);
  });

  test('hold half a surrogate pair as a character, so that a file gives back what was sent', () => {
    expect(sent([aWatch({ because: 'a\ud800b' })])).toEqual([aWatch({ because: 'a\ufffdb' })]);
  });

  /** Text that gzip makes no shorter and that has three bytes a character. */
  const noise = (characters: number): string => {
    const random = seeded(7);
    return Array.from({ length: characters }, () =>
      String.fromCharCode(0x4e00 + Math.floor(random() * 20_000)),
    ).join('');
  };
  const long = (pieces: number) => {
    const found = noise(1000);
    return Array.from({ length: pieces }, (_, index) => ({ at: `/${index}`, found, expected: found }));
  };

  test('split a look with more verdicts than a message holds into several looks, and lose no verdict', () => {
    const verdicts = Array.from({ length: 300 }, (_, index) =>
      aVerdict({ id: String(index), evidence: long(3) }),
    );
    const looks = sent([aLook({ verdicts })]) as LookRecord[];
    expect(looks.length).toBeGreaterThan(1);
    expect(looks.flatMap((look) => look.verdicts)).toEqual(verdicts);
    expect(looks.flatMap(({ notJudged }) => notJudged)).toEqual(aLook().notJudged);
    for (const { at, resource } of looks)
      expect({ at, resource }).toEqual({ at: aLook().at, resource: aLook().resource });
  });

  test.each([
    ['verdict', aLook({ verdicts: [aVerdict({ evidence: long(130) })] })],
    ['change', aChange({ finding: { ...aChange().finding, evidence: long(130) } })],
  ])('cut the evidence of a single %s that no message holds, and say so', (_, record) => {
    const [kept] = sent([record]);
    const evidence =
      kept?.kind === 'look' ? kept.verdicts[0]?.evidence : kept?.kind === 'change' && kept.finding.evidence;
    const places = (evidence || []).map(({ at }) => at);
    expect([places[0], places.length, places.at(-1)]).toEqual([
      '/0',
      21,
      'sha256 of evidence that is too long to keep',
    ]);
  });

  test('cut why a sweep is incomplete, where that is longer than a message', () => {
    const [record] = sent([aWatch({ watched: 'sweep-incomplete', because: noise(400_000) })]);
    expect(record).toMatchObject({ because: expect.stringMatching(/…$/) });
  });

  test('of records that cannot be cut so far are an error, and never a silent loss', () => {
    expect(() => packRecords([aWatch({ version: noise(400_000) })])).toThrow('cannot be cut');
  });
});

describe('a message that somebody else has sent', () => {
  const gzipped = (text: string) => gzipSync(text).toString('base64');
  test.each([
    ['no gzip', 'bm90IGd6aXA=', 'incorrect header check'],
    ['no JSON', gzipped('{'), 'record 1 of the message is not JSON'],
    [
      'an unknown member',
      gzipped(JSON.stringify({ ...aWatch(), colour: 'red' })),
      'record 1 of the message is wrong',
    ],
    ['a Region that is a path', gzipped(JSON.stringify(aWatch({ region: '../x' }))), 'wrong at /region'],
    ['an account that is a path', gzipped(JSON.stringify(aWatch({ account: '1/2' }))), 'wrong at /account'],
    [
      'a time with microseconds',
      gzipped(JSON.stringify(aWatch({ at: '2026-11-24T04:00:00.000001Z' }))),
      'wrong at /at',
    ],
    ['a bomb', gzipped(' '.repeat(50_000_000)), 'Cannot create a Buffer larger than'],
    ['more than SQS takes', 'A'.repeat(SQS_BYTES + 1), 'the message has 1048577 characters'],
  ])('%s is an error that says what is wrong', (_, body, says) => {
    expect(() => unpackRecords(body)).toThrow(says);
  });
});
