import { describe, expect, test } from '@jest/globals';
import { checkCompliance, complianceIn, newestRuns } from '../../../cli/compliance.ts';
import type { Results } from '../../../shared/outputs/formats/results.ts';
import { resultsWith } from '../../support/builders/results.ts';

const on = (day: number, account: string, changes: Partial<Results> = {}): Results => ({
  ...resultsWith([], account),
  generatedAt: `2026-11-${day}T08:00:00.000Z`,
  ...changes,
});
const [A, B] = ['111122223333', '444455556666'];

describe('the runs that a view is of', () => {
  test('are the newest of each account', () => {
    const [old, newer, other] = [on(20, A), on(24, A), on(21, B)];
    expect(newestRuns([newer, other, old])).toEqual([newer, other]);
  });

  test('do not overlap, as an older one would speak for what a newer one found', () => {
    const scopes = [A, B].map((account) => ({ account, region: 'eu-west-1' }));
    expect(() => newestRuns([on(20, `${A}, ${B}`, { scopes }), on(24, A)])).toThrow(
      /^--compliance: several runs are about 111122223333 eu-west-1, .* give runs that do not overlap$/,
    );
  });
});

test('a view of a part of the findings is refused', () => {
  expect(() => checkCompliance({ compliance: 'hipaa' }, { told: { severity: 'high' } })).toThrow(
    '--compliance tells of all that the run judges: leave out --resource, --team and --severity',
  );
  checkCompliance({ compliance: 'hipaa' }, { told: {} });
  checkCompliance({}, { told: { severity: 'high' } });
});

test('no view is made where none is asked for', async () => {
  expect(await complianceIn([on(24, A)], {})).toBeUndefined();
  expect(await complianceIn([on(24, A)], { compliance: 'hipaa' })).toMatchObject({
    framework: { id: 'hipaa' },
  });
});
