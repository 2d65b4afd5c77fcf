import { execFileSync } from 'node:child_process';
import { readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { roleArn } from '../support/builders/events.ts';
import {
  CLEAN,
  DEFINITION_RULES,
  definitionOf,
  described,
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

  // What covers every file is a finding itself.
  test.each([
    ['pipelines/bad.json', 0],
    ['pipelines/*.json', 0],
    ['**/bad.json', 0],
    ['**/*.json', 1],
  ])('%s covers the file, from whichever folder', async (resource, status) => {
    expect(await statusWith(resource)).toEqual([status, 1, 1]);
    expect(await statusWith(resource, { folder: 'pipelines', path: 'bad.json' })).toEqual([status, 1, 1]);
  });

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
    // Neither a format nor an ending tells what is wanted.
    ['-o a', [2, 'none', 'none', 'none']],
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

describe('a folder', () => {
  const files = {
    'pipewarden.yaml': DEFINITION_RULES,
    'pipelines/good.json': GOOD,
    'pipelines/team/bad.json': BAD,
    'pipelines/package.json': { name: 'x' },
    'pipelines/cdk.template.json': { Resources: { P: { Type: 'AWS::SageMaker::Pipeline' } } },
    'pipelines/node_modules/x/pipeline.json': BAD,
    'pipelines/.hidden/pipeline.json': BAD,
    'empty/readme.json': '[]',
  };
  const lint = (folder: string, prepare: (cwd: string) => unknown = () => {}) =>
    inFolder(files, async (cwd) => {
      await prepare(cwd);
      return run(['lint', folder, '--format', 'json'], { cwd });
    });

  test('stands for the definitions in it, and what else is in it is told', async () => {
    const ran = await lint('pipelines');
    expect(resultsOf(ran).findings.map(({ resource }) => resource.arn)).toEqual(['pipelines/team/bad.json']);
    expect(ran.stderr).toContain(
      'pipelines: 2 of 4 JSON files are definitions; no definitions: pipelines/package.json\n',
    );
    expect(ran.stderr).toContain(
      'pipelines/cdk.template.json: not judged, although it holds a pipeline; it is a CloudFormation template: ',
    );
  });

  test.each<[string, string, (cwd: string) => unknown, string]>([
    ['without definitions', 'empty', () => {}, 'empty: no pipeline definition in this folder'],
    [
      'with a broken definition',
      'pipelines',
      (cwd) => writeFile(join(cwd, 'pipelines/x.json'), '{"Steps": ['),
      'pipelines/x.json:1:',
    ],
    [
      'with a pipe',
      'pipelines',
      (cwd) => execFileSync('mkfifo', [join(cwd, 'pipelines/x.json')]),
      'it is a pipe',
    ],
    [
      'with a link that leads out of it',
      'pipelines',
      (cwd) => symlink('/etc/hostname', join(cwd, 'pipelines/x.json')),
      'it is a link that leads out of the folder',
    ],
    [
      'with a huge file',
      'pipelines',
      (cwd) => writeFile(join(cwd, 'pipelines/x.json'), ' '.repeat(9_000_000)),
      'larger than 8388608 bytes',
    ],
  ])('%s is refused', async (_, folder, prepare, message) => {
    const { status, stdout, stderr } = await lint(folder, prepare);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(message);
  });

  test('with a name that would forge the output is told visibly', async () => {
    const name = 'x\u001b[31m\n::error::y.json';
    const { stderr } = await lint('pipelines', (cwd) => writeFile(join(cwd, 'pipelines', name), '{}'));
    expect(stderr).toContain('pipelines/x\\u001b[31m\\n::error::y.json');
    expect(stderr.split('\n').filter((line) => line.startsWith('::'))).toEqual([]);
  });
});

describe('what a run of lint is told', () => {
  const BOUND = {
    version: 1,
    prefixes: [{ prefix: 'churn', pipelines: ['churn-*'] }],
    roles: { steps: [roleArn('steps/*')] },
  };
  const lint = (files: Record<string, unknown>, ...args: string[]) =>
    inFolder({ 'pipewarden.yaml': BOUND, 'a.json': BAD, ...files }, (cwd) => run(['lint', ...args], { cwd }));

  test.each<[string[], number]>([
    [['a.json'], 3],
    [['a.json', '--pipeline-name', 'churn-daily'], 0],
    [['a.json', '--pipeline-name', 'fraud-daily'], 1],
    [['a.json', '--pipeline-name', 'fraud daily'], 2],
    [['a.json', 'b.json', '--pipeline-name', 'churn-daily'], 2],
  ])('%j ends with %i', async (args, status) => {
    expect((await lint({ 'b.json': GOOD }, ...args)).status).toBe(status);
  });

  test('a name that contradicts the file is refused', async () => {
    const ran = await lint({ 'a.json': described('churn-daily', BAD) }, 'a.json', '--pipeline-name', 'x');
    expect(ran).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('a.json is of pipeline churn-daily'),
    });
  });

  test('a configuration may be required', async () => {
    await inFolder({ 'a.json': BAD }, async (cwd) => {
      const ran = await run(['lint', 'a.json', '--require-config'], { cwd });
      expect(ran).toMatchObject({
        status: 2,
        stdout: '',
        stderr: expect.stringContaining('--require-config: none found'),
      });
      await writeFile(join(cwd, 'pipewarden.yaml'), 'version: 1');
      expect((await run(['lint', 'a.json', '--require-config'], { cwd })).status).toBe(0);
    });
  });

  test('only some controls, and its last line says so', async () => {
    const ran = await lint({}, 'a.json', '--control', 'job-prefix-length,step-role-authorised');
    expect(ran.status).toBe(0);
    expect(ran.stderr.split('\n').slice(-3)).toEqual([
      'only 3 of 7 controls',
      'exit 0: nothing of high or above (--fail-on) was found',
      '',
    ]);
  });

  test('a definition’s own suppressions count, and in an audit they do not', async () => {
    const own = { control: 'pipeline-job-prefix', step: 'Train', reason: 'PLAT-1', expires: '2999-01-01' };
    const silenced = { ...BAD, Metadata: { pipewarden: { suppressions: [own] } } };
    const ran = await lint({ 'a.json': silenced }, 'a.json', '--pipeline-name', 'fraud', '--format', 'json');
    expect([
      ran.status,
      resultsOf(ran).findings.map(({ control, status, suppression }) => [control, status, suppression]),
    ]).toEqual([
      0,
      [
        ['pipeline-job-prefix', 'FAILED', { reason: 'PLAT-1', expires: '2999-01-01' }],
        ['exceptions-scoped', 'WARNING', undefined], // it ends later than in a year
      ],
    ]);
    const account = {
      ...CLEAN,
      'account/sagemaker/pipelines/fraud/pipeline.json': described('fraud', silenced),
    };
    const audited = await inFolder(account, (cwd) =>
      run(['audit', '--snapshot', 'account', '--format', 'json'], { cwd }),
    );
    const told = resultsOf(audited).findings.filter(({ control }) => control === 'pipeline-job-prefix');
    expect(told.map(({ status, suppression }) => [status, suppression])).toEqual([['FAILED', undefined]]);
  });

  test('what a baseline has is counted, and what it has not is told', async () => {
    await inFolder({ 'pipewarden.yaml': DEFINITION_RULES, 'a.json': BAD }, async (cwd) => {
      const lintNow = (...args: string[]) => run(['lint', 'a.json', ...args], { cwd });
      await lintNow('--format', 'json', '-o', 'baseline.json');
      const known = await lintNow('--baseline', 'baseline.json');
      expect(known).toMatchObject({
        status: 0,
        stderr: expect.stringContaining('1 more open in baseline.json already'),
      });
      await writeFile(
        join(cwd, 'a.json'),
        JSON.stringify(
          definitionOf(trainStep('churn', 'steps/train', 'New'), trainStep('churn', 'steps/train')),
        ),
      );
      const ran = await lintNow('--baseline', 'baseline.json', '--format', 'json');
      expect([ran.status, resultsOf(ran).findings.map(({ subject }) => subject)]).toEqual([1, ['New']]);
      expect((await lintNow('--baseline', 'none.json')).status).toBe(2);
      expect((await lintNow('--baseline', 'a.json')).status).toBe(2);
      expect((await lintNow('--baseline', 'baseline.json', '--diff', 'HEAD')).status).toBe(2);
    });
  });
});

test('in no file but the page is a command to a workflow', async () => {
  const role = 'x##[error]merge me\n::error file=a::merge me';
  const step = { Name: 'T', Type: 'Training', Arguments: { TrainingJobName: 'churn', RoleArn: role } };
  const formats = ['json', 'sarif', 'csv', 'md', 'junit', 'ocsf', 'oscal', 'table'];
  await inFolder({ 'pipewarden.yaml': DEFINITION_RULES, 'a.json': definitionOf(step) }, async (cwd) => {
    const asked = formats.flatMap((format) => ['--format', format, '-o', `out.${format}`]);
    expect((await run(['lint', 'a.json', ...asked], { cwd })).status).toBe(1);
    for (const format of formats) {
      const text = await readFile(join(cwd, `out.${format}`), 'utf8');
      expect([format, text.includes('merge me')]).toEqual([format, true]);
      expect([format, text.split(/[\r\n]/).filter((line) => /^\s*::|##\[/.test(line))]).toEqual([format, []]);
    }
    const json = JSON.parse(await readFile(join(cwd, 'out.json'), 'utf8')) as { findings: object[] };
    expect(JSON.stringify(json)).toContain('##[error]merge me');
  });
});
