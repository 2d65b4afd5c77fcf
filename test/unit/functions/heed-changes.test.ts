import { expect, test } from '@jest/globals';
import { type ChangeMark, heedChanges } from '../../../functions/audit/heed-changes.ts';
import { type CachedReader, cachedReader } from '../../../shared/facts/cached-reader.ts';
import { found } from '../../../shared/facts/read.ts';
import type { Reader } from '../../../shared/facts/reader.ts';

/** An account whose bucket's policy says how often it was changed, as instances of the function with a mark in common see it. */
const world = () => {
  let changes = 0;
  let word = 0;
  const mark: ChangeMark = {
    read: async () => String(word),
    renew: async () => {
      word++;
    },
  };
  const reader = { getBucketPolicy: async () => found(String(changes)) } as unknown as Reader;
  return {
    change: () => {
      changes++;
    },
    instance: (own: ChangeMark = mark) => {
      const cached: CachedReader = cachedReader(reader, { now: () => new Date(0) });
      const { reader: heeding, forget } = heedChanges(cached, own);
      return {
        begin: forget,
        policy: async () => {
          const read = await heeding.getBucketPolicy('data');
          return read.ok ? read.value : 'not read';
        },
      };
    },
  };
};

const BUCKET = { type: 'bucket', name: 'data' } as const;

test('an instance that is told of a change has all others read anew, from their next batch on', async () => {
  const { change, instance } = world();
  const [one, other] = [instance(), instance()];
  await Promise.all([one.begin([]), other.begin([])]);
  expect([await one.policy(), await other.policy()]).toEqual(['0', '0']);
  change();
  await one.begin([BUCKET]);
  expect([await one.policy(), await other.policy()]).toEqual(['1', '0']);
  await other.begin([]);
  expect(await other.policy()).toBe('1');
});

test('what is cached stays while nobody tells of a change, or only of what is never cached', async () => {
  const { change, instance } = world();
  const [one, other] = [instance(), instance()];
  await one.begin([]);
  expect(await one.policy()).toBe('0');
  change();
  await other.begin([{ type: 'pipeline', name: 'fraud' }]);
  await one.begin([]);
  expect(await one.policy()).toBe('0');
});

test('what cannot be told counts as changed', async () => {
  const { change, instance } = world();
  const one = instance({ read: () => Promise.reject(new Error('throttled')), renew: async () => {} });
  await one.begin([]);
  expect(await one.policy()).toBe('0');
  change();
  await one.begin([]);
  expect(await one.policy()).toBe('1');
});

test('a change that cannot be told to the others is not taken for told', async () => {
  const { instance } = world();
  const one = instance({ read: async () => '', renew: () => Promise.reject(new Error('throttled')) });
  await expect(one.begin([BUCKET])).rejects.toThrow('throttled');
});
