import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { commentSuppression } from '../../../shared/config/comment-suppressions.ts';

const read = (text: string) => commentSuppression(text, ['pass-role-scoped']);
const GOOD = { control: 'pass-role-scoped', reason: 'PLAT-1: moves', expires: '2027-03-01' };

describe('a suppression in a comment', () => {
  test.each([
    ['pipewarden:ignore pass-role-scoped until 2027-03-01: PLAT-1: moves', GOOD],
    [
      'pipewarden:ignore pass-role-scoped step Train-* until 2027-03-01:PLAT-1: moves',
      { ...GOOD, step: 'Train-*' },
    ],
    [
      'pipewarden:ignore pass-role-scoped, step Train, until 2027-03-01 : PLAT-1: moves',
      { ...GOOD, step: 'Train' },
    ],
  ])('%s', (text, suppression) => {
    expect(read(text)).toEqual(suppression);
  });

  test.each([
    ['pipewarden:ignore', 'does not begin as'],
    ['see pipewarden:ignore pass-role-scoped until 2027-03-01: x', 'does not begin as'],
    ['pipewarden:skip=pass-role-scoped:x', 'does not begin as'],
    ['pipewarden: ignore pass-role-scoped until 2027-03-01: x', 'does not begin as'],
    ['pipewarden:ignore pass-role-scoped: x', 'no “until YYYY-MM-DD”'],
    ['pipewarden:ignore pass-role-scoped for good: x', 'no “until YYYY-MM-DD”'],
    ['pipewarden:ignore pass-role-scoped other until 2027-03-01: x', 'no “until YYYY-MM-DD”'],
    ['pipewarden:ignore pass-role-scoped until 2027-03-01', 'no reason'],
    ['pipewarden:ignore pass-role-scoped until 2027-03-01: ', 'no reason'],
    ['pipewarden:ignore pass-role-scoped until 2027-02-30: x', '2027-02-30; expected: a date'],
    ['pipewarden:ignore pass-role-scope until 2027-03-01: x', 'no control "pass-role-scope"'],
    ['pipewarden:ignore * until 2027-03-01: x', 'no control "*"'],
    [`pipewarden:ignore pass-role-scoped until 2027-03-01: ${'x'.repeat(5000)}`, 'longer than'],
  ])('%s is refused with the reason', (text, wrong) => {
    expect(read(text)).toEqual({ wrong: expect.stringContaining(wrong) });
  });

  test.each(['this is judged by pipewarden: see its page', 'pipewarden:', ''])(
    'is not in “%s”, which asks for none',
    (text) => {
      expect(read(text)).toBeUndefined();
    },
  );

  test('of any form never throws, and suppresses nothing without its parts', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(read(`pipewarden:ignore ${text}`)).not.toHaveProperty('control');
      }),
    );
  });
});
