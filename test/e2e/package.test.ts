import { execFile } from 'node:child_process';
import { globSync, lstatSync, readFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { bundledPackages } from '../../scripts/licences.ts';
import {
  DEFINITION_RULES,
  definitionOf,
  inFolder,
  ROOT,
  type Run,
  trainStep,
} from '../support/commands/cli.ts';
import { describeWith } from '../support/jest/tools.ts';
import { NODES, pathWithNode } from '../support/nodes/other-nodes.ts';

const MAX_BYTES = 6_500_000;

let made: string;
let tarball: string;
let packed: { files: { path: string }[]; unpackedSize: number };

beforeAll(async () => {
  made = await mkdtemp(join(tmpdir(), 'pipewarden-package-'));
  const { stdout } = await promisify(execFile)(
    'npm',
    ['pack', '--json', '--ignore-scripts', '--pack-destination', made],
    { cwd: ROOT },
  );
  const [{ filename, ...rest }] = JSON.parse(stdout);
  packed = rest;
  tarball = join(made, filename);
});

afterAll(() => rm(made, { recursive: true, force: true }));

const call = (
  program: string,
  args: readonly string[],
  cwd: string,
  env: Record<string, string>,
): Promise<Run> =>
  new Promise((resolve) => {
    const child = execFile(program, [...args], { cwd, env, maxBuffer: 2 ** 26 }, (_error, stdout, stderr) =>
      resolve({ status: child.exitCode, stdout, stderr }),
    );
  });

const bytesIn = (folder: string): number =>
  globSync('**/*', { cwd: folder }).reduce((sum, path) => sum + lstatSync(join(folder, path)).size, 0);

describe('the package', () => {
  test('holds the command, its texts and the licences of what is bundled, and nothing else', () => {
    const paths = packed.files.map(({ path }) => path);
    expect(paths).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'dist/cli/pipewarden.mjs']));
    expect(
      paths.filter(
        (path) =>
          !/^(?:dist\/cli\/(?:pipewarden|chunks\/[\w-]+)\.mjs|dist\/cli\/THIRD-PARTY-LICENSES\.txt|dist\/cli\/config\.schema\.json|dist\/cli\/[\w-]+\.wasm|dist\/cli\/cdk\.(?:cjs|d\.cts)|LICENSE|README\.md|CHANGELOG\.md|package\.json)$/.test(
            path,
          ),
      ),
    ).toEqual([]);
    expect(packed.unpackedSize).toBeLessThan(MAX_BYTES);
  });

  test('asks for no other package, and runs nothing when it is installed', () => {
    const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Record<string, object>;
    expect(manifest.name).toBe('@pipewarden/cli');
    for (const kind of ['dependencies', 'optionalDependencies', 'peerDependencies'])
      expect(manifest[kind]).toBeUndefined();
    expect(Object.keys(manifest.scripts ?? {})).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/^(?:pre|post)?(?:install|prepare)$/)]),
    );
  });

  test('names every bundled package with its licence', () => {
    const { inputs } = JSON.parse(readFileSync(join(ROOT, 'dist/cli/meta.json'), 'utf8'));
    const text = readFileSync(join(ROOT, 'dist/cli/THIRD-PARTY-LICENSES.txt'), 'utf8');
    const names = bundledPackages(Object.keys(inputs)).map((path) => {
      const { name, version, license } = JSON.parse(readFileSync(join(ROOT, path, 'package.json'), 'utf8'));
      return `${name} ${version} (${license})\n`;
    });
    expect(names.length).toBeGreaterThan(20);
    expect(names.filter((line) => !text.includes(line))).toEqual([]);
  });
});

describeWith('Node 20, 22 and 24', 'the installed package', () => {
  describe.each(NODES)('on Node %d', (major) => {
    let folder: string;
    let installed: Run;
    const env = () => ({
      PATH: [join(folder, 'node_modules/.bin'), pathWithNode(major)].join(':'),
      HOME: join(folder, 'home'),
      AWS_EC2_METADATA_DISABLED: 'true',
    });
    const pipewarden = (...args: string[]) => call('pipewarden', args, folder, env());

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), `pipewarden-node${major}-`));
      await mkdir(join(folder, 'home'));
      await cp(join(ROOT, 'examples'), join(folder, 'examples'), { recursive: true });
      // Offline: whatever it asked a registry for would be an error.
      installed = await call('npm', ['install', '--offline', '--engine-strict', tarball], folder, env());
    });
    afterAll(() => rm(folder, { recursive: true, force: true }));

    test('is all that an installation brings, without a warning', async () => {
      expect(installed).toMatchObject({ status: 0, stderr: '' });
      expect((await readdir(join(folder, 'node_modules'))).filter((name) => !name.startsWith('.'))).toEqual([
        '@pipewarden',
      ]);
      expect(bytesIn(join(folder, 'node_modules/@pipewarden/cli'))).toBeLessThan(MAX_BYTES);
    });

    test('audits the example account and its events', async () => {
      const account = ['--snapshot', 'examples/account', '--config', 'examples/pipewarden.yaml'];
      const outcome = ['--fail-on', 'none', '--unread', 'ok', '--quiet', '--format', 'json'];
      const whole = await pipewarden('audit', ...account, ...outcome);
      expect(whole).toMatchObject({ status: 0, stderr: '' });
      const events = await pipewarden('audit', ...account, '--events', 'examples/events', ...outcome);
      expect(events).toMatchObject({ status: 0, stderr: '' });
      for (const { stdout } of [whole, events]) expect(JSON.parse(stdout).findings.length).toBeGreaterThan(5);
    });

    test('lints a definition, and explains the control that found something', async () => {
      const files = {
        'pipewarden.yaml': DEFINITION_RULES,
        'p.json': definitionOf(trainStep('fraud-train', 'admin')),
      };
      await inFolder(files, async (cwd) => {
        const linted = await call('pipewarden', ['lint', 'p.json', '--quiet'], cwd, env());
        expect(linted).toMatchObject({ status: 1, stdout: expect.stringContaining('step-role-authorised') });
      });
      expect(await pipewarden('explain', 'step-role-authorised')).toMatchObject({
        status: 0,
        stdout: expect.stringContaining('## Remediation'),
        stderr: '',
      });
    });

    test('says what deploy needs, and nothing about the age of Node', async () => {
      const credentials = { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' };
      const unreachable = { AWS_ENDPOINT_URL: 'http://127.0.0.1:9', AWS_MAX_ATTEMPTS: '1' };
      const deployed = await call('pipewarden', ['deploy', '--region', 'eu-west-1'], folder, {
        ...env(),
        ...credentials,
      });
      expect(deployed).toMatchObject({ status: 2, stderr: expect.stringContaining('npm ci') });
      const live = await call('pipewarden', ['audit', '--live', '--region', 'eu-west-1'], folder, {
        ...env(),
        ...credentials,
        ...unreachable,
      });
      expect(live.status).toBe(2);
      expect(live.stderr).not.toMatch(/warning|deprecat|Node\.js|node >=/i);
    });

    test('is what npm install -g links from a checkout', async () => {
      const prefix = join(folder, 'global');
      const linked = await call(
        'npm',
        ['install', '-g', '.', '--offline', '--prefix', prefix, '--engine-strict'],
        ROOT,
        env(),
      );
      expect(linked).toMatchObject({ status: 0, stderr: '' });
      const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
      expect(await call(join(prefix, 'bin/pipewarden'), ['--version'], folder, env())).toEqual({
        status: 0,
        stdout: `${version}\n`,
        stderr: '',
      });
    });
  });
});
