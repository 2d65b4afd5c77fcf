import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startChild } from './children.ts';
import { rounded } from './figures.ts';
import { scaleAccount } from './scale-account.ts';
import { writeSnapshot } from './scale-snapshot.ts';
import { inCheckout } from './servers.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** The built command on a snapshot of so many pipelines of 10 steps, 500 roles and 200 buckets, as a process of its own. */
export const measureScale = async (pipelines: number): Promise<Record<string, unknown>> => {
  const folder = await temporaryFolder();
  const size = { pipelines, roles: 500, buckets: 200 };
  const account = scaleAccount(size);
  await writeSnapshot(folder, account, pipelines);
  const results = join(folder, 'results.json');
  const started = performance.now();
  const child = startChild(
    process.execPath,
    [
      inCheckout('dist/cli/pipewarden.mjs'),
      ...['audit', '--snapshot', folder, '--config', join(folder, 'pipewarden.json')],
      ...['--format', 'json', '-o', results, '--fail-on', 'none', '--quiet'],
    ],
    { stdio: ['ignore', 'ignore', 2] },
  );
  let peakKib = 0;
  const watch = setInterval(async () => {
    const status = await readFile(`/proc/${child.pid}/status`, 'utf8').catch(() => '');
    peakKib = Math.max(peakKib, Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0));
  }, 20);
  const [status] = await once(child, 'close');
  clearInterval(watch);
  const seconds = (performance.now() - started) / 1000;
  if (status !== 0) throw new Error(`the audit of ${pipelines} pipelines ended with status ${status}`);
  const { summary, findings } = JSON.parse(await readFile(results, 'utf8')) as {
    summary: { evaluated: number };
    findings: unknown[];
  };
  return {
    ...size,
    seconds: rounded(seconds),
    peakRssMiB: Math.round(peakKib / 1024),
    evaluated: summary.evaluated,
    findings: findings.length,
  };
};
