import { expect, test } from '@jest/globals';
import { CONTROLS } from '../../../../shared/controls/index.ts';
import { bySystem } from '../../../../shared/outputs/report/systems.ts';

test('bySystem lists all systems in their order, and findings of unknown controls under the audit itself', () => {
  const entries = [{ control: 'version-floor-kept' }, { control: 'step-isolation' }, { control: 'of old' }];
  const groups = bySystem(entries, (id) => CONTROLS.find((control) => control.id === id)?.system);
  expect(groups.map(([title, of]) => [title, of.map(({ control }) => control)])).toEqual([
    ['1. Execution roles', []],
    ['2. Step roles', ['step-isolation']],
    ['3. CORS of image buckets', []],
    ['4. Job prefixes', []],
    ['5. Pipeline versions', ['version-floor-kept']],
    ['6. Service control policies', []],
    ['The audit itself', ['of old']],
  ]);
});
