import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Entries, Entry } from '../../../../shared/account-index/entries.ts';
import { packPart, unpackPart } from '../../../../shared/aws/keep/packed-part.ts';
import type { Json } from '../../../../shared/json/json.ts';

const KINDS = ['groups', 'bucket-pipelines', 'whole-pipelines'] as const;

const entries = fc
  .dictionary(
    fc
      .tuple(fc.constantFrom('a', 'b', 'c\n', ''), fc.constantFrom('', ' p', ' q'))
      .map((parts) => parts.join('')),
    fc.record({ asOf: fc.nat(), value: fc.jsonValue() }),
  )
  .map((told) => new Map(Object.entries(told)) as Map<string, Entry>);

const said = (told: Entries): [string, number, Json][] =>
  [...told]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, { asOf, value }]) => [key, asOf, value]);

test.each(KINDS)('a part of %s tells what was packed', (kind) =>
  fc.assert(
    fc.asyncProperty(entries, async (told) => {
      const part = (await packPart(kind, told)) ?? Buffer.of();
      const unpacked = unpackPart(kind, part);
      expect(unpacked?.left.size).toBe(0);
      expect(said(unpacked?.entries ?? new Map())).toEqual(JSON.parse(JSON.stringify(said(told))));
    }),
  ),
);

test('what is not asked for stays packed, and is packed again with what is', () =>
  fc.assert(
    fc.asyncProperty(entries, fc.subarray(['a', 'b', 'c\n', '']), async (told, asked) => {
      const kind = 'bucket-pipelines';
      const isMeant = (first: string): boolean => asked.includes(first);
      const part = (await packPart(kind, told)) ?? Buffer.of();
      const some = unpackPart(kind, part, { isMeant });
      const meant = new Map([...told].filter(([key]) => isMeant(key.split(' ')[0] ?? '')));
      expect(said(some?.entries ?? new Map())).toEqual(JSON.parse(JSON.stringify(said(meant))));
      const again = (await packPart(kind, some?.entries ?? new Map(), some?.left)) ?? Buffer.of();
      const whole = unpackPart(kind, again)?.entries ?? new Map();
      expect(said(whole)).toEqual(JSON.parse(JSON.stringify(said(told))));
    }),
  ));

test('what was not packed here tells nothing', () => {
  const broken = fc.oneof(
    fc.uint8Array(),
    fc.string().map((text) => Buffer.from(text)),
    fc
      .tuple(fc.jsonValue(), fc.string())
      .map(([head, rest]) => Buffer.from(`${JSON.stringify(head)}\n${rest}x`)),
    fc
      .tuple(fc.array(fc.tuple(fc.string(), fc.integer(), fc.integer()), { minLength: 1 }), fc.string())
      .map(([head, rest]) => Buffer.from(`${JSON.stringify(head)}\n${rest}`)),
  );
  fc.assert(
    fc.property(broken, (part) => {
      expect(unpackPart('whole-pipelines', part)).toBeUndefined();
    }),
  );
});
