import { expect, test } from '@jest/globals';
import { CONTROLS } from '../../../../shared/controls/index.ts';
import { bySystem, SYSTEM_TITLES, systemOf } from '../../../../shared/outputs/report/systems.ts';

test('every control belongs to one of the six systems, but the one on the audit itself', () => {
  const others = CONTROLS.filter(({ id }) => systemOf(id) === SYSTEM_TITLES.at(-1)).map(({ id }) => id);
  expect(others).toEqual(['evidence-readable']);
});

test('bySystem keeps the systems in their order, empty ones too', () => {
  const groups = bySystem([{ control: 'version-floor-kept' }, { control: 'step-isolation' }]);
  expect(groups.map(([title, entries]) => [title.slice(0, 2), entries.length])).toEqual([
    ['1.', 0],
    ['2.', 1],
    ['3.', 0],
    ['4.', 0],
    ['5.', 1],
    ['6.', 0],
    ['Th', 0],
  ]);
});
