import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  type Entry,
  existing,
  merged,
  PARTS_OF,
  partOf,
  relisted,
} from '../../../shared/account-index/entries.ts';

const keys = ['role/a', 'role/b', 'user/c'];
const write = fc.record({
  key: fc.constantFrom(...keys),
  asOf: fc.integer({ min: 1, max: 6 }),
  value: fc.constantFrom(null, 'one', 'two'),
});
type Write = { key: string; asOf: number; value: string | null };

const one = ({ key, asOf, value }: Write) => new Map<string, Entry>([[key, { asOf, value }]]);

const after = (writes: readonly Write[]): Map<string, Entry> =>
  writes.reduce((known, each) => merged(known, one(each)), new Map<string, Entry>());

const sorted = (entries: ReadonlyMap<string, Entry>) => [...entries].toSorted(([a], [b]) => (a < b ? -1 : 1));

test('the order of writes, and writes that come again, make no difference', () => {
  fc.assert(
    fc.property(
      fc
        .array(write, { maxLength: 12 })
        .chain((writes) =>
          fc.tuple(
            fc.constant(writes),
            fc.shuffledSubarray([...writes, ...writes], { minLength: writes.length * 2 }),
          ),
        ),
      ([writes, shuffled]) => {
        expect(sorted(after(shuffled))).toEqual(sorted(after(writes)));
      },
    ),
  );
});

test('of each thing the newest answer stays', () => {
  fc.assert(
    fc.property(fc.array(write, { minLength: 1, maxLength: 12 }), (writes) => {
      for (const [key, { asOf }] of after(writes))
        expect(asOf).toBe(Math.max(...writes.filter((each) => each.key === key).map((each) => each.asOf)));
    }),
  );
});

test('a listing drops what it does not hold, and keeps what was read since it began', () => {
  const known = new Map<string, Entry>([
    ['gone', { asOf: 3, value: 'old' }],
    ['made since', { asOf: 12, value: 'new' }],
    ['deleted since', { asOf: 12, value: null }],
    ['changed', { asOf: 3, value: 'old' }],
  ]);
  const listed = new Map<string, Entry>([
    ['deleted since', { asOf: 10, value: 'old' }],
    ['changed', { asOf: 10, value: 'new' }],
  ]);
  expect(existing(relisted(known, listed, 10))).toEqual([
    ['changed', 'new'],
    ['made since', 'new'],
  ]);
});

test('ARNs that differ in a number are spread over the parts', () => {
  const parts = Array.from({ length: 1000 }, (_, index) =>
    partOf('whole-pipelines', `arn:aws:sagemaker:eu-west-1:111122223333:pipeline/p-${index}`),
  );
  expect(Math.min(...parts)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...parts)).toBeLessThan(PARTS_OF['whole-pipelines']);
  expect(new Set(parts).size).toBeGreaterThan(200);
});
