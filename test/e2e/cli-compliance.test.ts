import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { FRAMEWORK_IDS } from '../../shared/frameworks/ids.ts';
import { inFolder, ROOT, run } from '../support/commands/cli.ts';

const SOURCE = [
  ...['--snapshot', join(ROOT, 'examples/account'), '--events', join(ROOT, 'examples/events')],
  ...['--config', join(ROOT, 'examples/pipewarden.yaml'), '--quiet'],
];

describe('--compliance', () => {
  test('shows what an audit tells of a framework, in each format, and changes no exit status', async () => {
    await inFolder({}, async (cwd) => {
      const plain = await run(['audit', ...SOURCE], { cwd });
      const outputs = ['json', 'csv', 'md', 'html'].flatMap((format) => [
        '--format',
        format,
        '-o',
        `out.${format}`,
      ]);
      const asked = await run(
        ['audit', ...SOURCE, '--compliance', 'nist-800-53', ...outputs, '--format', 'table'],
        { cwd },
      );
      expect(asked.status).toBe(plain.status);
      expect(asked.stdout).toContain(
        'NIST 800-53 AC-6  Nobody has more rights than the task needs\n  FAILED\n',
      );
      const fileOf = (format: string) => readFile(join(cwd, `out.${format}`), 'utf8');
      const results = JSON.parse(await fileOf('json'));
      expect(results.compliance.framework.id).toBe('nist-800-53');
      expect(results.findings.filter(({ status }: { status: string }) => status === 'PASSED')).toEqual([]);
      const statuses = new Map<string, string>(
        results.compliance.requirements.map(({ id, status }: { id: string; status: string }) => [id, status]),
      );
      // No trail is in the snapshot, and only a hub tells what it covers.
      expect([statuses.get('AC-6'), statuses.get('AU-12'), statuses.get('CA-7')]).toEqual([
        'failed',
        'not-judged',
        'unread',
      ]);
      expect(await fileOf('csv')).toContain('"NIST 800-53","AC-6",');
      expect(await fileOf('md')).toContain('### NIST 800\\-53');
      expect(await fileOf('html')).toContain('<h2 id="compliance">');

      const report = await run(['report', '--in', 'out.json', '--compliance', 'hipaa', '-o', 'page.html'], {
        cwd,
      });
      expect(report.status).toBe(0);
      const page = await readFile(join(cwd, 'page.html'), 'utf8');
      expect(page).toMatch(/<h2 id="compliance"><bdi>HIPAA<\/bdi><\/h2>/);
    });
  });

  test('names the frameworks where it is asked for another one', async () => {
    const { status, stdout, stderr } = await run(['audit', ...SOURCE, '--compliance', 'pci-dss']);
    expect([status, stdout]).toEqual([2, '']);
    for (const id of FRAMEWORK_IDS) expect(stderr).toContain(id);
  });

  test('is refused for a part of the findings', async () => {
    const { status, stderr } = await run([
      ...['audit', ...SOURCE, '--compliance', 'hipaa', '--severity', 'high'],
    ]);
    expect(status).toBe(2);
    expect(stderr).toContain('leave out --resource, --team and --severity');
  });
});
