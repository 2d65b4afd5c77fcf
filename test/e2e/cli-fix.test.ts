import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { definitionOf, inFolder, resultsOf, run, trainStep } from '../support/commands/cli.ts';

const AUDIT = ['--snapshot', 'examples/account', '--config', 'examples/pipewarden.yaml'];

/** The commands that a table names for what it leaves out. */
const fixCommands = (table: string): string[][] =>
  [...table.matchAll(/^ +fix +pipewarden (fix .*)$/gm)].map(([, command = '']) => command.split(' '));

describe('pipewarden fix', () => {
  test('prints for each finding what the table leaves out, with the arguments that the table names', async () => {
    const table = await run(['audit', ...AUDIT, '--quiet']);
    const { findings } = resultsOf(await run(['audit', ...AUDIT, '--quiet', '--format', 'json']));
    const commands = fixCommands(table.stdout);
    expect(commands.length).toBeGreaterThan(3);
    expect(table.stdout).not.toContain('aws iam ');
    for (const command of commands) {
      const { status, stdout } = await run([...command, '--quiet']);
      expect(status).toBe(0);
      const [control, digest] = (command[1] ?? '').split('/');
      const finding = findings.find(({ id }) => id.startsWith(`pipewarden/${control}/${digest}`));
      const { patch, undo } = finding?.remediation ?? {};
      expect(stdout).toContain(finding?.title.slice(0, 20));
      if (patch?.startsWith('aws '))
        expect(stdout.split('\n')).toEqual(expect.arrayContaining([patch, undo]));
    }
  });

  test('reads the results that the same run wrote, and says of when they are', async () => {
    await inFolder({}, async (folder) => {
      const file = join(folder, 'results.json');
      const table = await run([
        'audit',
        ...AUDIT,
        '--quiet',
        '--format',
        'table',
        '--format',
        'json',
        '-o',
        file,
      ]);
      const [command = []] = fixCommands(table.stdout);
      expect(command.slice(2)).toEqual(['--in', file]);
      const { status, stdout, stderr } = await run(command);
      expect(status).toBe(0);
      expect(stdout).toContain('remedy    ');
      expect(stderr).toMatch(/^results of \d{4}-.*Z: what was changed since is not part of the remedy\n$/);
    });
  });

  test('finds what lint found in files', async () => {
    const files = {
      'pipewarden.yaml':
        'version: 1\nroles: { steps: ["arn:aws:iam::111122223333:role/steps/*"] }\nprefixes: []\n',
      'pipeline.json': definitionOf(trainStep('fraud-train', 'admin')),
    };
    await inFolder(files, async (cwd) => {
      const { findings } = resultsOf(
        await run(['lint', 'pipeline.json', '--format', 'json', '--quiet'], { cwd }),
      );
      const finding = findings.find(({ control }) => control === 'step-role-authorised');
      const { status, stdout } = await run(['fix', finding?.id ?? '', 'pipeline.json', '--quiet'], { cwd });
      expect(status).toBe(0);
      expect(stdout).toContain('step-role-authorised  ');
    });
  });

  test.each([
    [['pass-role-scoped/ffffffffffff'], /there is no finding "pass-role-scoped\/ffffffffffff"/],
    [['pass-role-scopd/0'], /did you mean "pass-role-scoped"\?/],
    [['pass-role-scoped/0', '--live'], /say where the finding is/],
  ])('%j is refused', async (args, message) => {
    const { status, stdout, stderr } = await run(['fix', ...args, ...AUDIT, '--quiet']);
    expect([status, stdout, stderr]).toEqual([2, '', expect.stringMatching(message)]);
  });
});
