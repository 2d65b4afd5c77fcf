import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { inlineSuppressions } from '../../../shared/config/inline-suppressions.ts';

const GOOD = { control: 'step-isolation', reason: 'moves in spring', expires: '2027-03-31' };
const read = (suppressions: unknown) =>
  inlineSuppressions({ Steps: [], Metadata: { pipewarden: { suppressions } } } as never, ['step-isolation']);

describe('suppressions in a definition', () => {
  test('have a control, a reason and an end, and perhaps a step', () => {
    expect(read([GOOD, { ...GOOD, step: 'Train' }])).toEqual({
      suppressions: [GOOD, { ...GOOD, step: 'Train' }],
      mistakes: [],
    });
  });

  test('may be JSON in a text, as the metadata of the published schema are', () => {
    const readText = (pipewarden: unknown) =>
      inlineSuppressions({ Steps: [], Metadata: { pipewarden } } as never, ['step-isolation']);
    const text = JSON.stringify({ suppressions: [GOOD] });
    expect(readText(text)).toEqual({ suppressions: [GOOD], mistakes: [] });
    for (const wrong of [
      `${text}}`,
      '{"suppressions": [{}]}',
      '{"suppressions": {}}',
      '{"suppresions": []}',
      [],
    ]) {
      const { suppressions, mistakes } = readText(wrong);
      expect(suppressions).toEqual([]);
      expect(mistakes[0]).toMatchObject({ certainty: 'sure', pointer: '/Metadata/pipewarden' });
    }
    for (const note of ['reviewed in May', '', null, { owner: 'fraud' }])
      expect(readText(note)).toEqual({ suppressions: [], mistakes: [] });
  });

  const { reason: _, ...withoutReason } = GOOD;
  test.each<[string, unknown, string]>([
    ['no list', { 0: GOOD }, ''],
    ['no object', ['step-isolation'], '/0'],
    ['no reason', [withoutReason], '/0'],
    ['an empty reason', [{ ...GOOD, reason: ' ' }], '/0'],
    ['no such control', [{ ...GOOD, control: 'step-isolatio' }], '/0/control'],
    ['every control', [{ ...GOOD, control: '*' }], '/0/control'],
    ['no date', [{ ...GOOD, expires: 'never' }], '/0/expires'],
    ['no day of the calendar', [{ ...GOOD, expires: '2027-02-30' }], '/0/expires'],
    ['a number', [{ ...GOOD, expires: 2027 }], '/0'],
    ['a resource', [{ ...GOOD, resource: '*' }], '/0/resource'],
    [
      'a field of prototypes',
      [JSON.parse(`{"__proto__":1,${JSON.stringify(GOOD).slice(1)}`)],
      '/0/__proto__',
    ],
  ])('with %s suppress nothing, and are told', (_, written, place) => {
    const { suppressions, mistakes } = read(written);
    expect(suppressions).toEqual([]);
    expect(mistakes[0]).toMatchObject({
      certainty: 'sure',
      pointer: `/Metadata/pipewarden/suppressions${place}`,
    });
  });

  test('of any other form never throw, and suppress nothing', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (any) => {
        expect(read(any).suppressions).toEqual([]);
        expect(inlineSuppressions({ Metadata: any } as never, ['step-isolation']).suppressions).toEqual([]);
      }),
    );
  });
});
