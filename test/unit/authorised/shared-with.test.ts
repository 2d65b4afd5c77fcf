import { describe, expect, test } from '@jest/globals';
import { isSharedWith } from '../../../shared/authorised/shared-with.ts';
import { checkConfig } from '../../../shared/config/check-config.ts';

const UNIT = 'arn:aws:organizations::999988887777:ou/o-acme/ou-1abc-data';

describe('sharedWith', () => {
  test.each<[string, string, boolean]>([
    ['444455556666', '444455556666', true],
    ['444455556666', 'arn:aws:iam::444455556666:root', true],
    ['arn:aws:iam::444455556666:root', '444455556666', true],
    ['444455556666', 'arn:aws:iam::444455556666:user/ana', true],
    ['arn:aws:iam::444455556666:role/ci*', 'arn:aws:iam::444455556666:role/ci-1', true],
    ['arn:aws:iam::444455556666:role/ci*', '444455556666', false],
    ['444455556666', '444455556667', false],
    ['444455556666', UNIT, false],
    [UNIT, UNIT, true],
    ['arn:aws:organizations::999988887777:organization/o-acme', UNIT, true],
    ['arn:aws:organizations::999988887777:organization/o-other', UNIT, false],
    [UNIT, 'arn:aws:organizations::999988887777:organization/o-acme', false],
    ['scheduler.amazonaws.com', 'scheduler.amazonaws.com', true],
  ])('%s stands for %s: %s', (named, principal, expected) => {
    expect(isSharedWith(principal, 'fraud', { sharedWith: [named] })).toBe(expected);
    const entry = { principals: [named], pipelines: ['fraud'] };
    expect(isSharedWith(principal, 'fraud', { sharedWith: [entry] })).toBe(expected);
    expect(isSharedWith(principal, 'churn', { sharedWith: [entry] })).toBe(false);
  });

  test('that is missing names nobody', () => {
    expect(isSharedWith('444455556666', 'fraud', {})).toBe(false);
  });

  test.each([
    444455556666,
    '*',
    '4444*',
    'arn:aws:s3:::x',
    'arn:aws:iam::*:root',
    'arn:aws:iam::4444*:role/x',
    'arn:aws:organizations::*:organization/*',
    'acme',
    '',
    { principals: [] },
    { pipelines: ['x'] },
  ])('refuses %j', (entry) => {
    expect(checkConfig({ version: 1, sharedWith: [entry] }, []).ok).toBe(false);
  });

  test.each(['444455556666', UNIT, 'arn:aws:iam::444455556666:role/*', 'scheduler.amazonaws.com'])(
    'takes %s',
    (principal) => {
      const sharedWith = [principal, { principals: [principal], pipelines: ['fraud-*'] }];
      expect(checkConfig({ version: 1, sharedWith }, []).ok).toBe(true);
    },
  );
});
