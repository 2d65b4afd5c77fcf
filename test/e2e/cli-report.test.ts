import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { aFinding } from '../support/builders/finding.ts';
import { definitionOf, described, inFolder, ROOT, run, trainStep } from '../support/commands/cli.ts';
import { resultsOf } from '../support/pages/report-page.ts';

const on = (day: number, findings: Parameters<typeof resultsOf>[0]) =>
  resultsOf(findings, { generatedAt: `2026-11-${day}T08:00:00.000Z` });
const NEW = aFinding({ id: 'new', severity: 'HIGH' });
const KNOWN = aFinding({ id: 'known', severity: 'CRITICAL' });
const RUNS = {
  'old.json': on(20, [KNOWN, aFinding({ id: 'mended' })]),
  'new.json': on(24, [KNOWN, NEW]),
  'other.json': resultsOf([], { account: '444455556666' }),
};

describe('report', () => {
  test('makes a page of several runs, with what changed', async () => {
    await inFolder(RUNS, async (cwd) => {
      const args = [
        'report',
        '--in',
        'new.json',
        'old.json',
        '-o',
        'out/report.html',
        '--title',
        'Our pipelines',
      ];
      expect(await run(args, { cwd })).toEqual({
        status: 0,
        stdout: '',
        stderr:
          'configuration: none found (pipewarden.yaml in the folder or above it, up to the root of the repository), so that safe defaults apply\n',
      });
      const page = await readFile(join(cwd, 'out/report.html'), 'utf8');
      expect(page).toContain('<h1>Our pipelines</h1>');
      expect(page).toContain('1 new, 1 mended, 1 still open');
    });
  });

  test('draws the pipelines of a snapshot, and shows the statements that the evidence names', async () => {
    await inFolder({}, async (folder) => {
      const results = join(folder, 'results.json');
      const [snapshot, config] = [join(ROOT, 'examples/account'), join(ROOT, 'examples/pipewarden.yaml')];
      const source = ['--snapshot', snapshot, '--config', config];
      await run(['audit', ...source, '--format', 'json', '-o', results, '--quiet']);
      const { stdout } = await run(['report', '--in', results, ...source]);
      expect(stdout).toContain('Steps of pipeline fraud-weekly');
      expect(stdout).toContain('<pre class="excerpt">');
    });
  });

  test('says what is wrong with each file', async () => {
    const files = { 'a.json': '{', 'b.json': { schemaVersion: '3.0', summary: [] }, ...RUNS };
    await inFolder(files, async (cwd) => {
      const { status, stderr } = await run(['report', '--in', 'a.json', 'b.json', 'c.json', 'new.json'], {
        cwd,
      });
      expect(status).toBe(2);
      expect(stderr).toContain('a.json:1:2: not JSON');
      expect(stderr).toContain('b.json: not results of version 2.0 or 1.0');
      expect(stderr).toContain('\n/schemaVersion: must be 2.0, and is the text "3.0"\n');
      expect(stderr).toContain('\n/generatedAt: is missing; expected a text\n');
      expect(stderr).toContain('\n/summary: must be keys with values, and is a list\n');
      expect(stderr).toContain('c.json: cannot be read: there is no such file');
    });
  });
});

describe('diff', () => {
  const diff = (...args: string[]) => inFolder(RUNS, (cwd) => run(['diff', ...args], { cwd }));

  test('shows what is new and mended, and ignores known findings in the exit status', async () => {
    const { status, stdout } = await diff('old.json', 'new.json', '--fail-on', 'critical');
    expect(status).toBe(0);
    expect(stdout).toContain(
      '1 new, 0 not looked at before, 1 mended, 0 gone, 0 changed, 0 unread, 0 not judged, 1 still open',
    );
    expect((await diff('old.json', 'new.json')).status).toBe(1);
    expect((await diff('new.json', 'old.json')).status).toBe(0);
  });

  test('writes JSON for programs', async () => {
    const { stdout } = await diff('old.json', 'new.json', '--format', 'json');
    expect(JSON.parse(stdout)).toMatchObject({
      new: [{ id: 'new' }],
      mended: [{ id: 'mended' }],
      stillOpen: ['known'],
    });
  });

  test('refuses to compare an account with linted files', async () => {
    const linted = { ...RUNS['old.json'], account: '', region: '' };
    await inFolder({ ...RUNS, 'lint.json': linted }, async (cwd) => {
      const { status, stderr } = await run(['diff', 'old.json', 'lint.json'], { cwd });
      expect(status).toBe(2);
      expect(stderr).toContain('and lint.json about no account, but files (lint)');
    });
  });

  test('refuses to compare two accounts', async () => {
    const { status, stderr } = await diff('old.json', 'other.json');
    expect(status).toBe(2);
    expect(stderr).toContain(
      'old.json is about account 111122223333 in eu-west-1, and other.json about account 444455556666',
    );
  });
});

describe('graph', () => {
  const files = {
    'a.json': definitionOf(trainStep('x'.repeat(39), 'steps/train')),
    'described.json': described('fraud', definitionOf(trainStep('fraud-train', 'steps/train'))),
  };

  test('draws a definition with the findings of lint, and a described pipeline with its name and role', async () => {
    await inFolder(files, async (cwd) => {
      const { status, stdout } = await run(['graph', 'a.json'], { cwd });
      expect(status).toBe(0);
      expect(stdout).toContain('Steps of pipeline a<');
      expect(stdout).toContain('✗ job-prefix-length');
      expect(await run(['graph', 'described.json', '-o', 'x.svg'], { cwd })).toMatchObject({
        status: 0,
        stdout: '',
      });
      const svg = await readFile(join(cwd, 'x.svg'), 'utf8');
      expect(svg).toContain('Steps of pipeline fraud<');
      expect(svg).toContain('role fraud');
    });
  });

  test('says where a file is not a definition', async () => {
    await inFolder({ 'a.json': '[]' }, async (cwd) => {
      expect(await run(['graph', 'a.json'], { cwd })).toMatchObject({ status: 2, stdout: '' });
    });
  });
});
