import { execFile, execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { describeWith } from '../support/jest/tools.ts';
import { pythonProgram } from '../support/python/python-env.ts';
import { buildWheel, installWheel, pythonEnvironment } from '../support/python/python-package.ts';

const ROOT = join(import.meta.dirname, '../..');
const TESTS = join(ROOT, 'test/python');
/** The SDK takes ten seconds to import on a busy machine, and the tests start the command sixty times. */
const PATIENCE_MILLIS = 900_000;

type Ended = { status: number | null; output: string };

const pytest = (python: string, sdk: string, files: readonly string[]): Promise<Ended> =>
  new Promise((resolve) => {
    const args = ['-m', 'pytest', '-q', '-p', 'no:cacheprovider', '--import-mode=importlib', ...files];
    const child = execFile(
      python,
      args,
      { cwd: TESTS, env: pythonEnvironment({ PIPEWARDEN_TESTED_SDK: sdk, PYTHONPATH: TESTS }) },
      (_error, stdout, stderr) => resolve({ status: child.exitCode, output: `${stdout}\n${stderr}` }),
    );
  });

const filesOf = (wheel: string): string[] =>
  execFileSync(pythonProgram('pytest', 'python'), ['-m', 'zipfile', '-l', wheel], { encoding: 'utf8' })
    .split('\n')
    .slice(1)
    .flatMap((line) => line.split(/\s+/)[0] || []);

describeWith('the SageMaker SDK and pytest', 'the Python package', () => {
  let folder: string;
  let wheel: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pipewarden-wheel-'));
    wheel = await buildWheel(join(folder, 'wheel'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('is built to the same bytes each time', async () => {
    const again = await buildWheel(join(folder, 'again'));
    expect((await readFile(again)).equals(await readFile(wheel))).toBe(true);
  });

  test('holds the command, the licences and nothing that the command does not need', () => {
    const names = filesOf(wheel);
    const kinds = new Set(
      names.map((name) =>
        name.replace(/\/[\w-]+-[A-Z0-9]{8}\.mjs$/, '/*.mjs').replace(/\/_[a-z]+\.py$/, '/_*.py'),
      ),
    );
    expect([...kinds].sort()).toEqual([
      'pipewarden-0.1.0.dist-info/METADATA',
      'pipewarden-0.1.0.dist-info/RECORD',
      'pipewarden-0.1.0.dist-info/WHEEL',
      'pipewarden-0.1.0.dist-info/licenses/LICENSE',
      'pipewarden-0.1.0.dist-info/licenses/THIRD-PARTY-LICENSES.txt',
      'pipewarden/_*.py',
      'pipewarden/__init__.py',
      'pipewarden/command/chunks/*.mjs',
      'pipewarden/command/config.schema.json',
      'pipewarden/command/pipewarden.mjs',
      'pipewarden/py.typed',
    ]);
  });

  test(
    'holds licences that an Apache-2.0 package may carry, and no GPL',
    async () => {
      const python = await installWheel(wheel, join(folder, 'plain'), []);
      const text = execFileSync(
        python,
        [
          '-c',
          'import importlib.metadata as m; print("\\n".join(f.read_text() for f in m.files("pipewarden") if "licenses" in f.parts))',
        ],
        { encoding: 'utf8' },
      );
      expect(text).toContain('Apache License');
      expect(text).toMatch(/^commander \d/m);
      expect(text).not.toMatch(/GNU (?:AFFERO |LESSER )?GENERAL PUBLIC LICENSE/i);
    },
    PATIENCE_MILLIS,
  );

  // All files run beside SDK 2. What depends on the SDK runs beside SDK 3 as well.
  test.each([
    ['sdk2', ['.']],
    ['sdk3', ['test_sdk.py']],
  ] as const)(
    'keeps its tests beside %s',
    async (sdk, files) => {
      const python = await installWheel(wheel, join(folder, sdk), [sdk, 'pytest']);
      const { status, output } = await pytest(python, sdk, files);
      expect(status === 0 ? '' : output).toBe('');
      expect(output).toMatch(/^\d+ passed/m);
    },
    PATIENCE_MILLIS,
  );
});
