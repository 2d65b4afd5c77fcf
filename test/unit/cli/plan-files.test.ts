import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { readPlanFile } from '../../../cli/plan-files.ts';

const root = mkdtempSync(join(tmpdir(), 'pipewarden-plans-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const write = (path: string, text: string): void => {
  mkdirSync(join(root, path, '..'), { recursive: true });
  writeFileSync(join(root, path), text);
};

write('outside.txt', 'secret');
write('repository/.git/HEAD', '');
write('repository/modules/roles/main.tf', '# roles');
write('repository/env/plan.json', '{}');
write('repository/env/main.tf', '# env');
symlinkSync(join(root, 'outside.txt'), join(root, 'repository/env/link.txt'));
write('alone/plan.json', '{}');
write('alone/main.tf', '# alone');
write('wide.json', '');
writeFileSync(join(root, 'wide.json'), Buffer.from('\ufeff{"a":1}', 'utf16le'));

describe('a plan file', () => {
  test('comes with the sources beside it, and those of modules in the same repository', async () => {
    const { folder, bytes } = await readPlanFile(join(root, 'repository/env/plan.json'));
    expect(new TextDecoder().decode(bytes)).toBe('{}');
    expect([...(folder?.list('') ?? [])].toSorted()).toEqual(['link.txt', 'main.tf', 'plan.json']);
    expect(folder?.text('main.tf')).toBe('# env');
    expect(folder?.list('../modules/roles')).toEqual(['main.tf']);
    expect(folder?.text('../modules/roles/main.tf')).toBe('# roles');
  });

  test.each([
    ['repository/env/plan.json', '../../outside.txt'],
    ['repository/env/plan.json', 'link.txt'],
    ['repository/env/plan.json', '/etc/hostname'],
    ['repository/env/plan.json', '..'],
    ['repository/env/plan.json', 'none.tf'],
    ['alone/plan.json', '../outside.txt'],
  ])('%s reads nothing of %s', async (plan, file) => {
    const { folder } = await readPlanFile(join(root, plan));
    expect(folder?.text(file)).toBeUndefined();
  });

  test('with a folder that nothing may be read outside of, comes with the sources in it alone', async () => {
    const { folder } = await readPlanFile(
      join(root, 'repository/env/plan.json'),
      join(root, 'repository/env'),
    );
    expect(folder?.text('main.tf')).toBe('# env');
    expect(folder?.text('../modules/roles/main.tf')).toBeUndefined();
    expect(folder?.list('../modules/roles')).toEqual([]);
  });

  test('that Windows PowerShell wrote is read as others are', async () => {
    const { bytes } = await readPlanFile(join(root, 'wide.json'));
    expect(new TextDecoder().decode(bytes)).toBe('{"a":1}');
  });

  test('brings the grammar of HCL', async () => {
    const { grammar } = await readPlanFile(join(root, 'alone/plan.json'));
    const { engine, language } = await grammar();
    // WebAssembly begins with these bytes. https://webassembly.github.io/spec/core/binary/modules.html
    for (const bytes of [engine, language]) expect([...bytes.subarray(0, 4)]).toEqual([0, 0x61, 0x73, 0x6d]);
  });

  test('that is not there is told', async () => {
    await expect(readPlanFile(join(root, 'none.json'))).rejects.toThrow('there is no such file');
  });
});
