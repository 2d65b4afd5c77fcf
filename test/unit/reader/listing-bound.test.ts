import { expect, test } from '@jest/globals';
import { rememberingTooLarge, tooLargeToList } from '../../../shared/reader/listing-bound.ts';
import { found } from '../../../shared/reader/read-result.ts';
import { memoryReader } from '../../support/builders/memory-reader.ts';

const TOO_LARGE = tooLargeToList('ListPipelines', 'pipelines in the Region', '200');
const NOW = Date.parse('2026-11-24T10:00:00.000Z');

/** A reader whose listing of pipelines answers what `given` holds, and the minutes that have passed. */
const world = () => {
  const given = { answer: TOO_LARGE, minutes: 0, asked: 0 };
  const { reader } = memoryReader({ identities: {} });
  const listPipelines = async () => {
    given.asked++;
    return given.answer;
  };
  const now = () => new Date(NOW + given.minutes * 60_000);
  return { given, reader: rememberingTooLarge({ ...reader, listPipelines }, now) };
};

test('that a listing is too large is remembered for a quarter of an hour', async () => {
  const { given, reader } = world();
  expect(await reader.listPipelines()).toEqual(TOO_LARGE);
  given.minutes = 14.9;
  expect(await reader.listPipelines()).toEqual(TOO_LARGE);
  expect(given.asked).toBe(1);
  given.minutes = 15;
  await reader.listPipelines();
  expect(given.asked).toBe(2);
});

test('other answers are not remembered, and each listing is remembered by itself', async () => {
  const { given, reader } = world();
  await reader.listPipelines();
  expect(await reader.readIdentities()).toMatchObject({ ok: true });
  given.minutes = 20;
  given.answer = found([]) as never;
  for (const _ of [1, 2]) expect(await reader.listPipelines()).toEqual(found([]));
  expect(given.asked).toBe(3);
});
