import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { CLEAN, type Files, inFolder, resultsOf, run } from '../support/commands/cli.ts';

const { 'pipewarden.yaml': _, ...ACCOUNT } = CLEAN;

test('init writes a configuration that audit accepts', async () => {
  await inFolder(ACCOUNT, async (cwd) => {
    const made = await run(['init', '--snapshot', 'account'], { cwd });
    expect(made).toMatchObject({ status: 0, stdout: '' });
    expect(made.stderr).toContain('written: pipewarden.yaml');
    const text = await readFile(join(cwd, 'pipewarden.yaml'), 'utf8');
    expect(text).toContain('  - prefix: fraud-train\n');
    const printed = await run(['init', '--snapshot', 'account', '-o', '-', '--quiet'], { cwd });
    expect(printed).toEqual({ status: 0, stdout: text, stderr: '' });
    const audited = await run(['audit', '--snapshot', 'account', '--format', 'json'], { cwd });
    const lacking = resultsOf(audited).findings.map(({ control, subject }) => [control, subject]);
    // The execution role may pass steps/*; the role steps/other exists and is not used. It may create pipelines-… jobs too,
    // so that its prefix is bound to no role.
    expect(lacking).toEqual([['pass-role-scoped', undefined]]);
  });
});

test('init leaves an existing file unchanged', async () => {
  await inFolder(CLEAN, async (cwd) => {
    const before = await readFile(join(cwd, 'pipewarden.yaml'), 'utf8');
    const refused = await run(['init', '--snapshot', 'account'], { cwd });
    expect(refused).toMatchObject({ status: 2, stdout: '' });
    expect(refused.stderr).toBe(
      'pipewarden: pipewarden.yaml: is there already, and is left as it is; give another file with -o, or - for stdout\n',
    );
    expect(await readFile(join(cwd, 'pipewarden.yaml'), 'utf8')).toBe(before);
  });
});

test('init names what it could not read, and ends with status 3', async () => {
  const files: Files = { ...ACCOUNT, 'account/sagemaker/pipelines/broken/pipeline.json': '{' };
  await inFolder(files, async (cwd) => {
    const { status, stdout, stderr } = await run(['init', '--snapshot', 'account', '-o', '-', '--quiet'], {
      cwd,
    });
    expect(status).toBe(3);
    expect(stderr).toContain('not read: pipeline broken: ');
    expect(stdout).toContain('# Not read: pipeline broken: ');
  });
});

test.each<[string, string[], string]>([
  ['no account', ['init'], 'give either --snapshot DIR or --live'],
  ['two', ['init', '--live', '--snapshot', 'account'], 'give either --snapshot DIR or --live'],
  ['a Region of a snapshot', ['init', '--snapshot', 'account', '--region', 'eu-west-1'], 'go with --live'],
  ['no such folder', ['init', '--snapshot', 'none'], 'none'],
])('init refuses wrong usage: %s', async (_title, args, message) => {
  await inFolder(ACCOUNT, async (cwd) => {
    const { status, stderr } = await run(args, { cwd });
    expect({ status, says: stderr.includes(message) }).toEqual({ status: 2, says: true });
  });
});
