import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cp, symlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { inFolder, ROOT } from '../support/commands/cli.ts';

type Instruction = { name: string; rest: string };

/** The instructions of the Dockerfile, by stage. It uses neither continued lines nor parser directives. */
const stages = (): Instruction[][] => {
  const lines = readFileSync(join(ROOT, 'Dockerfile'), 'utf8').split('\n');
  const all: Instruction[][] = [];
  for (const line of lines.filter((each) => each !== '' && !each.startsWith('#'))) {
    const [, name = '', rest = ''] = /^([A-Z]+) (.+)$/.exec(line) ?? [];
    if (name === 'FROM') all.push([]);
    all.at(-1)?.push({ name, rest });
  }
  return all;
};

const [build = [], image = []] = stages();
const restOf = (stage: readonly Instruction[], name: string): string[] =>
  stage.filter((each) => each.name === name).map(({ rest }) => rest);

describe('the Dockerfile', () => {
  test('begins with the exact Node that the tests run on', () => {
    const { devDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    const tag = `node:${devDependencies.node}-alpine`;
    expect([restOf(build, 'FROM'), restOf(image, 'FROM'), stages().length]).toEqual([
      [`${tag} AS build`],
      [tag],
      2,
    ]);
  });

  test('makes an image that runs the command alone, and not as root', () => {
    expect(restOf(image, 'USER')).toEqual(['node']);
    expect(restOf(image, 'ENTRYPOINT').map((words) => JSON.parse(words))).toEqual([
      ['node', '/opt/pipewarden/pipewarden.mjs'],
    ]);
    const names = image.map(({ name }) => name);
    expect(names.slice(names.indexOf('USER'))).not.toEqual(expect.arrayContaining(['RUN', 'COPY']));
  });

  test('builds the command from the files that it copies', async () => {
    await inFolder({}, async (folder) => {
      const install = 'npm ci --workspace bundle --ignore-scripts --no-audit --no-fund';
      expect(restOf(build, 'RUN')).toContain(install);
      const ignored = readFileSync(join(ROOT, '.dockerignore'), 'utf8').split('\n');
      for (const { name, rest } of build) {
        if (name === 'COPY') {
          const paths = rest.split(' ');
          const to = join(folder, paths.pop() ?? '');
          for (const path of paths) {
            expect(ignored).toContain(`!${path.split('/')[0]}`);
            const isFolder = path.endsWith('/');
            await cp(join(ROOT, path), isFolder ? to : join(to, basename(path)), { recursive: true });
          }
        }
        if (name !== 'RUN') continue;
        if (rest === install) {
          await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
          continue;
        }
        const { status, stderr } = spawnSync('sh', ['-c', rest], { cwd: folder, encoding: 'utf8' });
        expect([status, stderr]).toEqual([0, '']);
      }
      const command = join(folder, 'dist/cli/pipewarden.mjs');
      const { stdout } = spawnSync(process.execPath, [command, '--version'], { encoding: 'utf8' });
      expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    });
  });

  // Few machines that run tests have docker, so that its absence is no fault of theirs.
  if (spawnSync('docker', ['info'], { stdio: 'ignore' }).status !== 0) return;

  test('is built and run where docker is', () => {
    const docker = (...args: string[]) => spawnSync('docker', args, { cwd: ROOT, encoding: 'utf8' });
    expect(docker('build', '--quiet', '--tag', 'pipewarden-test', '.').status).toBe(0);
    expect(docker('run', '--rm', 'pipewarden-test', '--version').stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect(docker('run', '--rm', '--entrypoint', 'id', 'pipewarden-test', '-u').stdout).not.toBe('0\n');
  });
});
