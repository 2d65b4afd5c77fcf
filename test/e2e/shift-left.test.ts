import { execFile } from 'node:child_process';
import { globSync } from 'node:fs';
import { cp, rm, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { expect, test } from '@jest/globals';
import {
  DEFINITION_RULES,
  definitionOf,
  type Files,
  inFolder,
  ROOT,
  type Run,
  trainStep,
} from '../support/commands/cli.ts';
import { commitAll, git } from '../support/commands/git.ts';
import { describeWith } from '../support/jest/tools.ts';
import { pythonProgram } from '../support/python/python-env.ts';

const call = (
  program: string,
  args: readonly string[],
  cwd: string,
  env: Record<string, string>,
): Promise<Run> =>
  new Promise((resolve) => {
    const paths = [join(cwd, 'node_modules/.bin'), dirname(process.execPath), process.env.PATH];
    const options = { cwd, env: { PATH: paths.join(delimiter), ...env } };
    const child = execFile(program, [...args], options, (_error, stdout, stderr) =>
      resolve({ status: child.exitCode, stdout, stderr }),
    );
  });

describeWith('pre-commit', 'the pre-commit hook', () => {
  const good = definitionOf(trainStep('fraud-train', 'steps/train'));
  const bad = definitionOf(trainStep('fraud-train', 'admin'));

  /** The hook as pre-commit installs it from our repository, with the command already built. */
  const precommit = (
    files: Files,
    more: { id?: string; args?: string[]; files?: string; types?: string[] } = {},
  ): Promise<Run> =>
    inFolder({}, async (ours) => {
      for (const path of ['.pre-commit-hooks.yaml', 'scripts/pipewarden.sh', 'dist/cli'])
        await cp(join(ROOT, path), join(ours, path), { recursive: true });
      const rev = commitAll(ours);
      const hooks = [{ id: 'pipewarden-lint', ...more }];
      const wanted = {
        ...files,
        'pipewarden.yaml': DEFINITION_RULES,
        '.pre-commit-config.yaml': { repos: [{ repo: ours, rev, hooks }] },
      };
      return inFolder(wanted, async (folder) => {
        git(folder, 'init', '--quiet');
        git(folder, 'add', '--all');
        const home = join(ours, 'cache');
        try {
          return await call(pythonProgram('precommit', 'pre-commit'), ['run', '--verbose'], folder, {
            PRE_COMMIT_HOME: home,
            HOME: home,
          });
        } finally {
          await rm(home, { recursive: true, force: true });
        }
      });
    });

  test('stops a commit with a definition that breaks a rule, and names what breaks it', async () => {
    const { status, stdout } = await precommit({ 'fraud pipeline.json': bad, 'good-pipeline.json': good });
    expect(status).toBe(1);
    expect(stdout).toContain('pipewarden lint');
    expect(stdout).toMatch(/step-role-authorised[\s\S]*fraud pipeline\.json › Train/);
  });

  test('takes a file with a name like an option as a file', async () => {
    const named = { '--config=pipeline.json': bad, '--help-pipeline.json': good, '-pipeline.json': good };
    const { status, stdout } = await precommit(named);
    expect(status).toBe(1);
    expect(stdout).toMatch(/step-role-authorised[\s\S]*--config=pipeline\.json › Train/);
  });

  test('judges templates, and takes names like options for templates', async () => {
    const template = JSON.stringify({
      Resources: {
        Pipeline: {
          Type: 'AWS::SageMaker::Pipeline',
          Properties: {
            PipelineName: 'fraud',
            RoleArn: 'arn:aws:iam::111122223333:role/admin',
            PipelineDefinition: { PipelineDefinitionBody: JSON.stringify(bad) },
          },
        },
      },
    });
    const { status, stdout } = await precommit(
      { '--config=template.json': template, 'good-pipeline.json': good },
      { id: 'pipewarden-audit' },
    );
    expect(status).toBe(1);
    expect(stdout).toMatch(/step-role-authorised[\s\S]*--config=template\.json:/);
    const asked = await precommit(
      { 'rules.yaml': DEFINITION_RULES, 'template.json': template },
      {
        id: 'pipewarden-audit',
        args: ['--config', 'rules.yaml', '--fail-on', 'none', '--unread', 'ok', '--template', '--'],
      },
    );
    expect([asked.status, asked.stdout]).toEqual([0, expect.stringContaining('step-role-authorised')]);
  });

  test('takes a file that is called - as a file, and not as the standard input', async () => {
    const { status, stdout } = await precommit({ '-': bad }, { files: '^-$', types: ['file'] });
    expect([status, stdout]).toEqual([1, expect.stringMatching(/step-role-authorised[\s\S]*- › Train/)]);
  });

  test('takes options of the user before a --, and refuses options without a --', async () => {
    const files = { 'rules.yaml': DEFINITION_RULES, 'a -- pipeline.json': good };
    const asked = await precommit(files, { args: ['--config', 'rules.yaml', '--'] });
    expect(asked.stdout).toContain('5 evaluated');
    const { status, stdout } = await precommit(files, { args: ['--config', 'rules.yaml'] });
    expect([status, stdout]).toEqual([1, expect.stringContaining('end the args of the hook with "--"')]);
  });

  test('is made from the sources by its first run, which keeps nothing else, and later runs only start it', async () => {
    await inFolder(
      { 'pipewarden.yaml': DEFINITION_RULES, 'good-pipeline.json': good, 'ours/.keep': '' },
      async (folder) => {
        const ours = join(folder, 'ours/pipewarden');
        git(folder, 'clone', '--quiet', ROOT, ours);
        const rev = git(ours, 'rev-parse', 'HEAD');
        const config = { repos: [{ repo: ours, rev, hooks: [{ id: 'pipewarden-lint' }] }] };
        await writeFile(join(folder, '.pre-commit-config.yaml'), JSON.stringify(config));
        await writeFile(join(folder, '.gitignore'), 'ours/\n');
        commitAll(folder);
        const home = join(folder, 'ours/home');
        // The registry of npm is reached as the machine is set up for it.
        const env = { ...(process.env as Record<string, string>), PRE_COMMIT_HOME: home };
        const ran = [];
        for (const _ of ['first', 'next']) {
          const program = pythonProgram('precommit', 'pre-commit');
          ran.push(await call(program, ['run', '--all-files', '--verbose'], folder, env));
        }
        expect(ran).toEqual([
          { status: 0, stdout: expect.stringContaining('added '), stderr: expect.anything() },
          { status: 0, stdout: expect.not.stringContaining('added '), stderr: expect.anything() },
        ]);
        const kept = globSync('*/node_modules', { cwd: home });
        expect([kept, globSync('*/dist/cli/pipewarden.mjs', { cwd: home }).length]).toEqual([[], 1]);
      },
    );
  });

  test('lets other commits pass, and looks at no other files', async () => {
    const { status, stdout } = await precommit({
      'pipeline.json': good,
      'other.json': bad,
      'pipeline.yaml': 'a: 1',
    });
    expect(stdout).toContain('Passed');
    expect(status).toBe(0);
  });
});
