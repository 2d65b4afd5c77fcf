import { existsSync } from 'node:fs';
import { mkdir, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import {
  CLEAN,
  definitionOf,
  described,
  type Files,
  inFolder,
  resultsOf,
  run,
  trainStep,
} from '../support/commands/cli.ts';
import { commitAll, git } from '../support/commands/git.ts';

const CONFIG = CLEAN['pipewarden.yaml'] as { roles: object };
const good = trainStep('fraud-train', 'steps/train', 'Good');
const badRole = (name: string) => trainStep('fraud-train', 'admin', name);
const badPrefix = (name: string) => trainStep('other', 'steps/train', name);
const old = definitionOf(good, badRole('Old'));

const write = async (folder: string, files: Files): Promise<void> => {
  for (const [path, content] of Object.entries(files))
    await writeFile(join(folder, path), typeof content === 'string' ? content : JSON.stringify(content));
};

/** What lint tells of a change, and of what was there: the files at a commit, and those that are changed in it. */
const introduced = (
  before: Files,
  after: Files | ((folder: string) => Promise<unknown>),
  paths: readonly string[] = ['a.json'],
  args: readonly string[] = [],
) =>
  inFolder({ 'pipewarden.yaml': CONFIG, ...before }, async (cwd) => {
    const base = commitAll(cwd);
    await (typeof after === 'function' ? after(cwd) : write(cwd, after));
    const ran = await run(['lint', ...paths, '--diff', base, '--format', 'json', ...args], { cwd });
    const told = resultsOf(ran).findings.map(({ control, resource, subject }) => [
      control,
      resource.arn,
      subject,
    ]);
    return {
      told,
      status: ran.status,
      known: Number(/^(\d+) more open at [0-9a-f]+ already\n$/.exec(ran.stderr)?.[1]),
    };
  });

const NEW_ROLE = ['step-role-authorised', 'a.json', 'New'];

describe('lint --diff', () => {
  test('what was there is not told, wherever it has moved in the file', async () => {
    const text = JSON.stringify(definitionOf(good, good, badRole('Old')), null, 4);
    expect(await introduced({ 'a.json': old }, { 'a.json': text })).toEqual({
      told: [],
      status: 0,
      known: 1,
    });
  });

  test('a step that breaks a rule is told, and one that broke it before is not', async () => {
    const changed = definitionOf(badRole('New'), good, badRole('Old'));
    expect(await introduced({ 'a.json': old }, { 'a.json': changed })).toEqual({
      told: [NEW_ROLE],
      status: 1,
      known: 1,
    });
  });

  test('another breach of the same step is told', async () => {
    const changed = definitionOf(good, trainStep('other', 'admin', 'Old'));
    expect(await introduced({ 'a.json': old }, { 'a.json': changed })).toEqual({
      told: [['pipeline-job-prefix', 'a.json', 'Old']],
      status: 1,
      known: 1,
    });
  });

  test('of one finding for many steps only the new steps are told', async () => {
    const bare = (...names: string[]) =>
      definitionOf(...names.map((name) => trainStep(undefined, 'steps/train', name)));
    await inFolder({ 'pipewarden.yaml': CONFIG, 'a.json': bare('A', 'B') }, async (cwd) => {
      const base = commitAll(cwd);
      await write(cwd, { 'a.json': bare('C', 'A', 'B') });
      const [only] = resultsOf(
        await run(['lint', 'a.json', '--diff', base, '--format', 'json'], { cwd }),
      ).findings;
      expect(only?.evidence.map(({ at }) => at)).toEqual(['/Steps/0/Arguments/TrainingJobName']);
    });
  });

  test('a breach that grew worse is told', async () => {
    const retried = (base: string) =>
      definitionOf({
        ...trainStep(base, 'steps/train', 'New'),
        RetryPolicies: [{ ExceptionType: ['Step.THROTTLING'], MaxAttempts: 20 }],
      });
    const before = { 'a.json': retried(`fraud-train-${'x'.repeat(26)}`) };
    const { told } = await introduced(before, { 'a.json': retried(`fraud-train-${'x'.repeat(27)}`) });
    expect(told).toEqual([['job-prefix-length', 'a.json', 'New']]);
  });

  test('all of a new file is told, and nothing of a renamed one but what was changed in it', async () => {
    const change = async (cwd: string) => {
      await mkdir(join(cwd, 'moved'));
      await rename(join(cwd, 'a.json'), join(cwd, 'moved/b.json'));
      const text = JSON.stringify(definitionOf(good, badRole('Old'), badPrefix('New')), null, 1);
      await write(cwd, { 'moved/b.json': text, 'c.json': old });
      git(cwd, 'add', '--all');
    };
    const before = { 'a.json': JSON.stringify(old, null, 1) };
    expect((await introduced(before, change, ['moved/b.json', 'c.json'])).told.toSorted()).toEqual([
      ['pipeline-job-prefix', 'moved/b.json', 'New'],
      ['step-role-authorised', 'c.json', 'Old'],
    ]);
  });

  test.each(['./a.json', 'sub/../a.json', 'link/a.json'])(
    '%s is the file that git knows as a.json',
    async (path) => {
      const change = async (cwd: string) => {
        await mkdir(join(cwd, 'sub'));
        await symlink('.', join(cwd, 'link'));
      };
      expect(await introduced({ 'a.json': old }, change, [path])).toEqual({ told: [], status: 0, known: 1 });
    },
  );

  test('a file that was no definition had no findings', async () => {
    const { told } = await introduced({ 'a.json': '{' }, { 'a.json': old });
    expect(told).toEqual([['step-role-authorised', 'a.json', 'Old']]);
  });

  test('a change of the configuration introduces what breaks its rules then', async () => {
    const stricter = { ...CONFIG, roles: { ...CONFIG.roles, steps: [] } };
    const { told } = await introduced({ 'a.json': definitionOf(good) }, { 'pipewarden.yaml': stricter });
    expect(told).toEqual([['step-role-authorised', 'a.json', 'Good']]);
  });

  test('a first configuration is held against the definitions of both sides', async () => {
    await inFolder({ 'a.json': old }, async (cwd) => {
      const base = commitAll(cwd);
      await write(cwd, { 'pipewarden.yaml': CONFIG });
      const ran = await run(['lint', 'a.json', '--diff', base, '--format', 'json'], { cwd });
      expect(resultsOf(ran).findings).toEqual([]);
    });
  });

  test('programs that the repository names for a comparison are not run', async () => {
    await inFolder(
      { 'pipewarden.yaml': CONFIG, 'a.json': old, '.gitattributes': '* diff=evil' },
      async (cwd) => {
        const base = commitAll(cwd);
        await rename(join(cwd, 'a.json'), join(cwd, 'b.json'));
        await write(cwd, { 'a.json': old });
        for (const key of ['diff.evil.command', 'diff.evil.textconv', 'diff.external', 'core.fsmonitor'])
          git(cwd, 'config', key, `touch ${join(cwd, 'pwned')}; false`);
        await run(['lint', 'a.json', 'b.json', '--diff', base], { cwd });
        expect(existsSync(join(cwd, 'pwned'))).toBe(false);
        git(cwd, 'diff', base);
        expect(existsSync(join(cwd, 'pwned'))).toBe(true);
      },
    );
  });

  test.each([
    ['no-such', 'git knows no such commit (a shallow clone lacks the older ones: fetch it)'],
    ['--output=pwned', 'git knows no such commit (a shallow clone lacks the older ones: fetch it)'],
  ])('%s is no commit', async (ref, message) => {
    await inFolder({ 'a.json': old }, async (cwd) => {
      commitAll(cwd);
      expect(await run(['lint', 'a.json', `--diff=${ref}`], { cwd })).toEqual({
        status: 2,
        stdout: '',
        stderr: `pipewarden: --diff ${ref}: ${message}\n`,
      });
      expect(git(cwd, 'status', '--porcelain')).toBe('');
    });
  });

  test('outside of a repository, and of what is piped in, git knows nothing', async () => {
    await inFolder({ 'a.json': old }, async (cwd) => {
      expect((await run(['lint', 'a.json', '--diff', 'HEAD'], { cwd })).stderr).toBe(
        'pipewarden: --diff HEAD: . is in no git repository\n',
      );
      const piped = await run(['lint', '-', '--diff', 'HEAD'], { cwd, stdin: JSON.stringify(old) });
      expect(piped).toMatchObject({ status: 2, stderr: expect.stringContaining('--diff goes with files') });
    });
  });
});

describe('lint -', () => {
  const lint = (stdin: string, ...args: string[]) =>
    inFolder({ 'pipewarden.yaml': CONFIG, '-': '{' }, (cwd) => run(['lint', '-', ...args], { cwd, stdin }));

  test.each([
    ['a definition', JSON.stringify(old)],
    ['a describe-pipeline output', JSON.stringify(described('fraud', old))],
  ])('%s that is piped in is judged', async (_, text) => {
    const ran = await lint(text, '--format', 'json');
    expect(ran.status).toBe(1);
    expect(resultsOf(ran).findings).toMatchObject([{ resource: { arn: '<stdin>' }, subject: 'Old' }]);
  });

  test('SARIF names its place', async () => {
    const log = JSON.parse((await lint(JSON.stringify(old, null, 2), '--format', 'sarif')).stdout);
    expect(log.runs[0].results[0].locations[0].physicalLocation).toEqual({
      artifactLocation: { uri: '%3Cstdin%3E' },
      region: { startLine: 17, startColumn: 20, endLine: 17, endColumn: 58 },
    });
  });

  test.each([
    ['', '<stdin>:1:1: not a pipeline definition: '],
    ['{', '<stdin>:1:2: not a pipeline definition: '],
  ])('%j is no definition', async (text, message) => {
    const { status, stdout, stderr } = await lint(text);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(message);
  });
});
