import { expect, test } from '@jest/globals';
import type { Finding } from '../../../shared/domain/finding.ts';
import { isAllOlder, isOvertaken, lacksChange } from '../../../shared/findings/evidence-time.ts';
import { aFinding } from '../../support/builders/finding.ts';

const at = (second: number): number => Date.UTC(2026, 10, 24, 10) + second * 1000;
const dated = (second: number, readAt?: Record<string, number>) => ({
  observedAt: new Date(at(second)).toISOString(),
  ...(readAt && {
    readAt: Object.fromEntries(Object.entries(readAt).map(([kind, each]) => [kind, at(each)])),
  }),
});

// The event happened in second 10.
test.each<[title: string, look: ReturnType<typeof dated>, state: ReturnType<typeof dated>, boolean]>([
  ['is older than it as a whole', dated(5), dated(8), true],
  ['was read after it, as the look was not', dated(5), dated(12), false],
  [
    'kept a copy of the role from before it, while the look has read the role since',
    dated(14, { role: 14, roster: 2 }),
    dated(15, { role: 7, roster: 15 }),
    true,
  ],
  [
    'read the role since, and the look has overtaken it in what the event did not change',
    dated(14, { role: 11, roster: 2 }),
    dated(15, { role: 12, roster: 1 }),
    false,
  ],
  [
    'kept something from before it that the look kept too',
    dated(14, { role: 11, organization: 4 }),
    dated(15, { role: 12, organization: 3 }),
    false,
  ],
])('a state that %s may lack the change of an event: %#', (_, look, state, expected) => {
  expect([isOvertaken(look, state), lacksChange(look, state, at(10))]).toEqual([true, expected]);
});

test('evidence is older where all of it is from before the other, however much there is', () => {
  const of = (second: number) => aFinding({ evidenceAt: new Date(at(second)).toISOString() });
  const ofConfiguration = aFinding({
    ...of(9),
    resource: { type: 'configuration', arn: 'pipewarden.yaml' },
  });
  expect(isAllOlder([of(1), of(2), ofConfiguration], [of(3), of(4)])).toBe(true);
  expect(isAllOlder([of(1), of(3)], [of(2), of(4)])).toBe(false);
  expect([isAllOlder([], [of(2)]), isAllOlder([of(1)], [ofConfiguration])]).toEqual([false, false]);
  expect(isAllOlder(Array<Finding>(150_000).fill(of(1)), [of(3)])).toBe(true);
});
