import { execFileSync } from 'node:child_process';
import { existsSync, globSync } from 'node:fs';
import { readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { ACTION, runAction } from '../support/commands/action.ts';
import {
  DEFINITION_RULES,
  definitionOf,
  type Files,
  inFolder,
  ROOT,
  trainStep,
} from '../support/commands/cli.ts';
import { commitAll, git } from '../support/commands/git.ts';
import { describeWith } from '../support/jest/tools.ts';

const good = definitionOf(trainStep('fraud-train', 'steps/train'));
const bad = definitionOf(trainStep('fraud-train', 'admin'));
const workspace: Files = { 'pipewarden.yaml': DEFINITION_RULES, 'p/good.json': good };

const act = (files: Files, inputs: Record<string, string>) =>
  inFolder({ ...workspace, ...files }, async (folder) => {
    const ran = await runAction(folder, inputs);
    const sarif = join(folder, ran.outputs['sarif-file'] ?? '');
    const log = ran.outputs['sarif-file'] ? JSON.parse(await readFile(sarif, 'utf8')) : undefined;
    const uris: string[] | undefined = log?.runs[0].results.map(
      ({
        locations: [location],
      }: {
        locations: [{ physicalLocation: { artifactLocation: { uri: string } } }];
      }) => decodeURIComponent(location.physicalLocation.artifactLocation.uri),
    );
    return { ...ran, uris };
  });

const UPLOAD = (file: string) => ({
  uses: expect.stringMatching(/^github\/codeql-action\/upload-sarif@[0-9a-f]{40}$/),
  with: { sarif_file: file, category: 'pipewarden' },
});

describeWith('git and bash', 'action.yml', () => {
  test('a definition without faults passes, and its SARIF goes to code scanning, where it closes open alerts', async () => {
    expect(await act({}, { files: 'p/*.json' })).toMatchObject({
      succeeded: true,
      outputs: { 'exit-status': '0', 'sarif-file': './pipewarden.sarif' },
      uris: [],
      uses: [UPLOAD('./pipewarden.sarif')],
      summary: expect.stringContaining('5 evaluated: 5 passed, 0 failed'),
    });
  });

  test('a breach fails the job, and its SARIF still goes to code scanning', async () => {
    const ran = await act({ 'p/q/bad one.json': bad }, { files: 'p/**/*.json\n' });
    expect(ran).toMatchObject({
      succeeded: false,
      outputs: { 'exit-status': '1' },
      uris: ['p/q/bad one.json'],
      uses: [UPLOAD('./pipewarden.sarif')],
    });
    expect(ran.summary).toContain('**`step-role-authorised`**');
    expect(ran.log).toContain('step-role-authorised');
  });

  const template = (role: string) => ({
    Resources: {
      Pipeline: {
        Type: 'AWS::SageMaker::Pipeline',
        Properties: {
          PipelineName: 'fraud',
          RoleArn: `arn:aws:iam::111122223333:role/${role}`,
          PipelineDefinition: { PipelineDefinitionBody: JSON.stringify(role === 'admin' ? bad : good) },
        },
      },
    },
  });

  test('templates are judged in place of definitions, whatever they are called', async () => {
    const files = { 't/--config=a.json': template('admin'), 't/b.json': template('steps/train') };
    const ran = await act(files, { templates: 't/*.json', unread: 'ok', 'fail-on': 'low' });
    expect(ran).toMatchObject({ succeeded: false, outputs: { 'exit-status': '1' } });
    expect(ran.uris).toContain('t/--config=a.json');
    const dashed = { '-a.json': template('admin') };
    const inRoot = await act(dashed, { templates: '*.json', unread: 'ok', 'fail-on': 'low' });
    expect(inRoot.uris).toContain('-a.json');
    expect(inRoot.outputs['exit-status']).toBe('1');
  });

  test.each([
    [{}, 'give one of the inputs files, templates and plan'],
    [{ files: 'p/*.json', plan: 'tfplan' }, 'give one of the inputs files, templates and plan'],
    [{ files: 'p/*.json', snapshot: 'p' }, 'the input snapshot goes with templates or plan'],
    [{ templates: 'p/*.json', diff: 'HEAD' }, 'the input diff goes with files'],
    [{ plan: 'none*.json' }, 'no file matches an entry of the input plan'],
  ])('the inputs %j are refused', async (inputs, message) => {
    const ran = await act({}, inputs);
    expect(ran).toMatchObject({ succeeded: false, outputs: { 'exit-status': '2' } });
    expect(ran.log).toContain(message);
  });

  test('threshold, configuration, folder and SARIF file are inputs, and the upload can be switched off', async () => {
    const files = { 'sub/bad.json': bad, 'sub/rules.yaml': DEFINITION_RULES };
    const inputs = {
      files: 'bad.json',
      config: 'rules.yaml',
      'fail-on': 'critical',
      'working-directory': 'sub',
    };
    expect(await act(files, { ...inputs, 'sarif-file': 'a b.sarif', upload: 'false' })).toMatchObject({
      succeeded: true,
      outputs: { 'exit-status': '0', 'sarif-file': 'sub/a b.sarif' },
      uris: ['bad.json'],
      uses: [],
    });
  });

  test('a tarball of the package runs in place of the action’s own version', async () => {
    await inFolder(workspace, async (folder) => {
      execFileSync('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], {
        cwd: ROOT,
        stdio: 'ignore',
      });
      const [version = ''] = globSync('*.tgz', { cwd: folder });
      const env = { npm_config_cache: join(folder, 'cache'), npm_config_offline: 'true' };
      const ran = await runAction(folder, { files: 'p/*.json', version }, env);
      expect(ran).toMatchObject({ succeeded: true, outputs: { 'exit-status': '0' } });
      expect(ran.log).toContain('added 1 package');
    });
  });

  test.each(['latest', '^1.0.0', '1', 'npm:other@1.0.0', '--registry=http://127.0.0.1'])(
    'the version %s is refused, as it may become another one',
    async (version) => {
      const ran = await act({}, { files: 'p/*.json', version });
      expect(ran).toMatchObject({ succeeded: false, outputs: { 'exit-status': '2' }, uses: [] });
      expect(ran.log).toContain('the version is no exact version');
    },
  );

  test('what could not be read passes where the input unread says so', async () => {
    const unknown = definitionOf({
      ...trainStep('fraud-train', 'steps/train'),
      Arguments: { TrainingJobName: 'fraud-train', RoleArn: { Get: 'Parameters.Role' } },
    });
    const files = { 'p/unknown.json': { ...unknown, Parameters: [{ Name: 'Role', Type: 'String' }] } };
    expect(await act(files, { files: 'p/*.json' })).toMatchObject({ outputs: { 'exit-status': '3' } });
    expect(await act(files, { files: 'p/*.json', unread: 'ok' })).toMatchObject({
      succeeded: true,
      outputs: { 'exit-status': '0' },
    });
  });

  test('with a commit, only newer findings are reported', async () => {
    await inFolder({ ...workspace, 'p/bad.json': bad }, async (folder) => {
      const base = commitAll(folder);
      expect(await runAction(folder, { files: 'p/*.json', diff: base })).toMatchObject({ succeeded: true });
      await writeFile(join(folder, 'p/good.json'), JSON.stringify(bad));
      expect(await runAction(folder, { files: 'p/*.json', diff: base })).toMatchObject({ succeeded: false });
      const unknown = await runAction(folder, { files: 'p/*.json', diff: 'f'.repeat(40) });
      expect(unknown).toMatchObject({ succeeded: false, outputs: { 'exit-status': '2' }, uses: [] });
    });
  });

  test('a commit that a shallow checkout lacks is fetched', async () => {
    await inFolder({ ...workspace, 'p/bad.json': bad }, async (origin) => {
      const base = commitAll(origin);
      await writeFile(join(origin, 'p/good.json'), JSON.stringify(good, null, 2));
      commitAll(origin);
      const checkout = join(origin, 'checkout');
      git(origin, 'clone', '--quiet', '--depth=1', `file://${origin}`, checkout);
      const ran = await runAction(checkout, { files: 'p/*.json', diff: base });
      expect(ran).toMatchObject({ succeeded: true, outputs: { 'exit-status': '0' } });
    });
  });

  test.each(['', '\n\n', 'no-such.json', 'p/*.json\nno-such-*.json'])(
    'that %j names no file is no pass',
    async (files) => {
      const ran = await act({}, { files });
      expect(ran).toMatchObject({ succeeded: false, uses: [], outputs: { 'sarif-file': '' } });
      expect(ran.log).toMatch(/^(::error::)?pipewarden: .*(no file|no such file)/m);
    },
  );

  test('no name or value in a definition becomes a command to the runner', async () => {
    const role = `x##[error]fine ${'a'.repeat(70)} ::stop-commands::x ${'a'.repeat(70)} ::add-matcher::m.json ##vso[task.complete]`;
    const files = { 'p/##[debug] bad.json': definitionOf(trainStep('fraud-train', role)) };
    const { log, succeeded } = await act(files, { files: 'p/*.json' });
    expect(succeeded).toBe(false);
    const [before = '', after = ''] = log.split(/^::stop-commands::[0-9a-f]{32}$/m);
    expect(before).not.toMatch(/^::/m);
    expect(after).toContain('step-role-authorised');
    expect(
      after
        .trimEnd()
        .split('\n')
        .filter((line) => /^\s*::|##\[|##vso\[/.test(line)),
    ).toEqual([expect.stringMatching(/^::[0-9a-f]{32}::$/)]);
  });

  test('no input is run as code or taken for an option', async () => {
    const hostile = [
      '$(touch pwned)',
      '`touch pwned`',
      '"; touch pwned; "',
      "'; touch pwned; '",
      '--help',
      '-',
    ];
    for (const text of hostile) {
      await inFolder(workspace, async (folder) => {
        for (const name of Object.keys(ACTION.inputs).filter((each) => each !== 'working-directory')) {
          await runAction(folder, { files: 'p/good.json', [name]: text });
          expect(existsSync(join(folder, 'pwned'))).toBe(false);
        }
      });
    }
  });

  test('a file may be named like an option or like code', async () => {
    const names = ['--help', '-x.json', '$(touch pwned).json', 'a;b.json', 'a[1].json'];
    const ran = await act(Object.fromEntries(names.map((name) => [name, bad])), { files: names.join('\n') });
    expect(ran.uris?.toSorted()).toEqual(names.toSorted());
  });

  test('a file that is called - is a file, and not the standard input', async () => {
    expect(await act({ '-': bad }, { files: '-' })).toMatchObject({
      uris: ['-'],
      outputs: { 'exit-status': '1' },
    });
  });

  test.each([
    ['no file matches', { files: 'no-such-*.json' }, /no file matches/],
    ['no file is named', { files: '\n' }, /names no file/],
    [
      'the SARIF file is a folder',
      { files: 'p/*.json', 'sarif-file': 'p' },
      /p: cannot be written: it is a folder/,
    ],
    [
      'the SARIF file is one that is linted',
      { files: 'p/*.json', 'sarif-file': 'p/good.json' },
      /p\/good\.json/,
    ],
    [
      'the version is a tarball that is not there',
      { files: 'p/*.json', version: 'no.tgz' },
      /\.tgz that is not there/,
    ],
    [
      'the version is a broken tarball',
      { files: 'p/*.json', version: '-broken.tgz' },
      /npm could not install/,
    ],
  ])('where %s, the status is 2, and not that of findings', async (_, inputs, log) => {
    const ran = await act({ '-broken.tgz': 'no tarball' }, inputs);
    expect(ran).toMatchObject({ succeeded: false, outputs: { 'exit-status': '2' }, uses: [] });
    expect(ran.log).toMatch(log);
  });

  test('a link in the place of the SARIF is replaced, and what it leads to stays as it is', () =>
    inFolder({ ...workspace, 'kept.txt': 'kept' }, async (folder) => {
      await symlink(join(folder, 'kept.txt'), join(folder, 'pipewarden.sarif'));
      expect(await runAction(folder, { files: 'p/*.json' })).toMatchObject({ succeeded: true });
      expect(await readFile(join(folder, 'kept.txt'), 'utf8')).toBe('kept');
      expect(JSON.parse(await readFile(join(folder, 'pipewarden.sarif'), 'utf8')).runs).toHaveLength(1);
    }));

  test('every input says what it is for, and is used', () => {
    const steps = JSON.stringify(ACTION.runs.steps);
    for (const [name, { description }] of Object.entries(ACTION.inputs)) {
      expect(description).not.toBe('');
      expect(steps).toContain(`inputs.${name}`);
    }
  });
});
