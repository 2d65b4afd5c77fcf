import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { roleArn } from '../support/builders/events.ts';
import {
  CLEAN,
  DEFINITION_RULES,
  definitionOf,
  inFolder,
  resultsOf,
  run,
  trainStep,
} from '../support/commands/cli.ts';
import { commitAll } from '../support/commands/git.ts';

const BAD = definitionOf(trainStep('churn', 'steps/train'));
const GOOD = definitionOf(trainStep('fraud-train', 'steps/train'));
/** The role is told only when the pipeline is started. */
const OPEN = {
  ...definitionOf({
    Name: 'Train',
    Type: 'Training',
    Arguments: { TrainingJobName: 'fraud-train', RoleArn: { Get: 'Parameters.Role' } },
  }),
  Parameters: [{ Name: 'Role', Type: 'String' }],
};
const LAX = { version: 1, prefixes: [{ prefix: 'churn' }], roles: { steps: [roleArn('steps/*')] } };

const accepted = (resource: string) => ({
  ...DEFINITION_RULES,
  suppressions: [
    { control: 'pipeline-job-prefix', resource, reason: 'PLAT-1: moves in spring', expires: '2099-12-31' },
  ],
});

describe('the configuration of a linted file', () => {
  const files = {
    'pipewarden.yaml': DEFINITION_RULES,
    'team/pipelines/bad.json': BAD,
    'docs/readme.md': '#',
  };
  const from = (folder: string, path: string, isRepository = true) =>
    inFolder(files, async (cwd) => {
      if (isRepository) commitAll(cwd);
      return (await run(['lint', path, '--quiet'], { cwd: join(cwd, folder) })).status;
    });

  test.each([
    ['the root', '.', 'team/pipelines/bad.json'],
    ['its own folder', 'team/pipelines', 'bad.json'],
    ['another folder of the repository', 'docs', '../team/pipelines/bad.json'],
  ])('is the repository’s, seen from %s', async (_, folder, path) => {
    expect(await from(folder, path)).toBe(1);
  });

  test('is the repository’s for whoever stands outside of it', async () => {
    const repository = { 'repo/pipewarden.yaml': DEFINITION_RULES, 'repo/pipelines/bad.json': BAD };
    await inFolder(repository, async (cwd) => {
      commitAll(join(cwd, 'repo'));
      expect((await run(['lint', 'repo/pipelines/bad.json', '--quiet'], { cwd })).status).toBe(1);
    });
  });

  test('is not taken from above the repository, which may be anybody’s', async () => {
    await inFolder({ 'pipewarden.yaml': LAX, 'repo/bad.json': BAD }, async (cwd) => {
      commitAll(join(cwd, 'repo'));
      const { status, stdout } = await run(['lint', 'bad.json', '--format', 'json'], {
        cwd: join(cwd, 'repo'),
      });
      expect(status).toBe(0);
      expect(resultsOf({ stdout }).invocation?.configuration).not.toHaveProperty('path');
    });
  });

  test('is the working directory’s where the file’s own repository has none', async () => {
    const both = { 'work/pipewarden.yaml': DEFINITION_RULES, 'repo/bad.json': BAD };
    await inFolder(both, async (cwd) => {
      commitAll(join(cwd, 'repo'));
      expect((await run(['lint', '../repo/bad.json', '--quiet'], { cwd: join(cwd, 'work') })).status).toBe(1);
    });
  });

  test('is the nearest one, whichever folder the command starts in', async () => {
    const nested = {
      'pipewarden.yaml': DEFINITION_RULES,
      'churn/pipewarden.yaml': LAX,
      'churn/bad.json': BAD,
    };
    await inFolder(nested, async (cwd) => {
      commitAll(cwd);
      expect((await run(['lint', 'churn/bad.json', '--quiet'], { cwd })).status).toBe(0);
      expect((await run(['lint', 'bad.json', '--quiet'], { cwd: join(cwd, 'churn') })).status).toBe(0);
    });
  });

  test('must be one: files with different ones are refused, unless --config names one', async () => {
    const nested = {
      'pipewarden.yaml': DEFINITION_RULES,
      'good.json': GOOD,
      'churn/pipewarden.yaml': LAX,
      'churn/bad.json': BAD,
    };
    await inFolder(nested, async (cwd) => {
      commitAll(cwd);
      const { status, stderr } = await run(['lint', 'good.json', 'churn/bad.json'], { cwd });
      expect(status).toBe(2);
      expect(stderr).toContain('pipewarden.yaml, churn/pipewarden.yaml');
      const named = ['--config', 'pipewarden.yaml', '--quiet'];
      expect((await run(['lint', 'good.json', 'churn/bad.json', ...named], { cwd })).status).toBe(1);
    });
  });

  test.each([
    ['a laxer one that a change puts nearer', { 'pipewarden.yaml': DEFINITION_RULES }],
    ['the stricter one that a change takes away', { 'churn/pipewarden.yaml': DEFINITION_RULES }],
  ])('--diff also judges by what was there before %s', async (_, before) => {
    await inFolder({ ...before, 'churn/readme.md': '#' }, async (cwd) => {
      const base = commitAll(cwd);
      await rm(join(cwd, 'churn/pipewarden.yaml'), { force: true });
      if ('pipewarden.yaml' in before)
        await writeFile(join(cwd, 'churn/pipewarden.yaml'), JSON.stringify(LAX));
      await writeFile(join(cwd, 'churn/bad.json'), JSON.stringify(BAD));
      const done = await run(['lint', 'churn/bad.json', '--diff', base, '--quiet'], { cwd });
      expect(done.status).toBe(1);
    });
  });
});

describe('a suppression of a linted file', () => {
  const statusWith = (resource: string, { folder = '.', path = 'pipelines/bad.json' } = {}) =>
    inFolder({ 'pipewarden.yaml': accepted(resource), 'pipelines/bad.json': BAD }, async (cwd) => {
      commitAll(cwd);
      const done = await run(['lint', path, '--format', 'json', '--quiet'], { cwd: join(cwd, folder) });
      const { summary, findings } = resultsOf(done);
      return [done.status, summary.suppressed, findings.filter(({ suppression }) => suppression).length];
    });

  test.each(['pipelines/bad.json', 'pipelines/*.json', '**/bad.json', '**/*.json'])(
    '%s covers the file, from whichever folder',
    async (resource) => {
      expect(await statusWith(resource)).toEqual([0, 1, 1]);
      expect(await statusWith(resource, { folder: 'pipelines', path: 'bad.json' })).toEqual([0, 1, 1]);
    },
  );

  test.each(['other/*.json', 'pipelines/bad.json/*.json', 'PIPELINES/bad.json'])(
    '%s does not',
    async (resource) => {
      expect(await statusWith(resource)).toEqual([1, 0, 0]);
    },
  );

  test('does not cover an ARN of the account, whatever the file is called', async () => {
    const rules = {
      ...(CLEAN['pipewarden.yaml'] as object),
      prefixes: [{ prefix: 'x' }],
      suppressions: accepted('**/*.json').suppressions,
    };
    await inFolder({ ...CLEAN, 'pipewarden.yaml': rules }, async (cwd) => {
      const done = await run(['audit', '--snapshot', 'account', '--format', 'json', '--quiet'], { cwd });
      expect(resultsOf(done).summary.suppressed).toBe(0);
    });
  });
});

describe('exit status 3', () => {
  const files = { 'pipewarden.yaml': DEFINITION_RULES, 'open.json': OPEN, 'bad.json': BAD };
  test.each<[string[], number]>([
    [[], 3],
    [['--unread', 'fail'], 3],
    [['--unread', 'ok'], 0],
    [['--unread', 'ok', '--fail-on', 'none'], 0],
    [['bad.json', '--unread', 'ok'], 1],
    [['--unread', 'sometimes'], 2],
  ])('with %j it is %i', async (more, status) => {
    await inFolder(files, async (cwd) => {
      const done = await run(['lint', 'open.json', ...more, '--quiet'], { cwd });
      expect(done.status).toBe(status);
    });
  });

  test('the finding stays NOT_AVAILABLE where its status is waived, for audit as well', async () => {
    await inFolder({ ...CLEAN, 'account/s3/acme-images/cors.json': '{' }, async (cwd) => {
      const asked = ['audit', '--snapshot', 'account', '--format', 'json', '--quiet'];
      const strict = await run(asked, { cwd });
      const waived = await run([...asked, '--unread', 'ok'], { cwd });
      expect([strict.status, waived.status]).toEqual([3, 0]);
      expect(resultsOf(waived).summary.notAvailable).toBe(resultsOf(strict).summary.notAvailable);
    });
  });
});

describe('-o beside its --format', () => {
  const kindOf = (text: string): string =>
    text.startsWith('{') ? 'json' : text.startsWith('"id"') ? 'csv' : text === '' ? 'none' : 'table';
  const written = (args: string[]) =>
    inFolder({ 'pipewarden.yaml': DEFINITION_RULES, 'good.json': GOOD }, async (cwd) => {
      const { status, stdout } = await run(['lint', 'good.json', '--quiet', ...args], { cwd });
      const textOf = (name: string) => readFile(join(cwd, name), 'utf8').catch(() => '');
      return [status, kindOf(stdout), kindOf(await textOf('a')), kindOf(await textOf('b'))];
    });

  test.each<[string, unknown[]]>([
    ['--format json -o a', [0, 'none', 'json', 'none']],
    ['-o a --format json', [0, 'none', 'json', 'none']],
    ['-o a', [0, 'none', 'table', 'none']],
    ['-o a --format json -o b --format csv', [0, 'none', 'json', 'csv']],
    ['--format json -o a -o b --format csv', [0, 'none', 'json', 'csv']],
    ['-o a --format json --format csv', [0, 'csv', 'json', 'none']],
    ['-o a --format json --format csv -o b', [0, 'none', 'json', 'csv']],
    ['-o a --format json -o b', [2, 'none', 'none', 'none']],
    ['-o a -o b --format json', [2, 'none', 'none', 'none']],
    ['--format json -o a -o b', [2, 'none', 'none', 'none']],
    ['--format json --format csv', [2, 'none', 'none', 'none']],
  ])('%s', async (args, expected) => {
    expect(await written(args.split(' '))).toEqual(expected);
  });
});

describe('what results say of themselves', () => {
  const headOf = (rules: object, more: string[] = []) =>
    inFolder({ ...CLEAN, 'pipewarden.yaml': rules }, async (cwd) => {
      const asked = ['audit', '--snapshot', 'account', '--format', 'json', '--quiet', '--all'];
      return resultsOf(await run([...asked, ...more], { cwd }));
    });
  const rules = CLEAN['pipewarden.yaml'] as object;

  test('the tool, the caller, the configuration and what each pass rests on', async () => {
    const { tool, invocation, findings } = await headOf(rules);
    expect(tool).toEqual({ name: 'pipewarden', version: expect.stringMatching(/^\d/) });
    expect(invocation).toMatchObject({
      command: 'audit',
      caller: roleArn('auditor'),
      configuration: { path: 'pipewarden.yaml' },
    });
    const passed = findings.filter(({ status }) => status === 'PASSED');
    expect(passed.length).toBeGreaterThan(10);
    expect(passed.filter(({ evidence }) => evidence.length === 0)).toEqual([]);
  });

  test.each<[string, object]>([
    ['a suppression', accepted('a.json')],
    ['a severity', { ...rules, controls: { 'step-isolation': { severity: 'low' } } }],
    ['a prefix', { ...rules, prefixes: [{ prefix: 'churn' }] }],
  ])('two configurations that differ by %s have different digests', async (_, other) => {
    const [one, two] = [await headOf(rules), await headOf(other)];
    expect(one.invocation?.configuration.digest).not.toBe(two.invocation?.configuration.digest);
  });
});
