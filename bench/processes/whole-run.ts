import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { startChild } from './children.ts';
import { median, rounded } from './figures.ts';

/** A run of a program from start to end, with its peak resident memory (VmHWM, Linux only). */
export type WholeRun = { seconds: number; peakRssMiB: number; stdout: string };

const LOOK_EVERY_MS = 20;

/** Runs a program to its end. Any exit status other than the expected ones is an error. */
export const wholeRun = async (
  command: string,
  args: string[],
  { env, statuses = [0] }: { env?: NodeJS.ProcessEnv; statuses?: readonly number[] } = {},
): Promise<WholeRun> => {
  const started = performance.now();
  const child = startChild(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...(env && { env }) });
  let stdout = '';
  let stderrTail = '';
  child.stdout?.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    stderrTail = (stderrTail + chunk).slice(-2000);
  });
  let peakKib = 0;
  const watch = setInterval(async () => {
    const status = await readFile(`/proc/${child.pid}/status`, 'utf8').catch(() => '');
    peakKib = Math.max(peakKib, Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0));
  }, LOOK_EVERY_MS);
  const [status] = await once(child, 'close');
  clearInterval(watch);
  const seconds = (performance.now() - started) / 1000;
  if (!statuses.includes(status)) throw new Error(`${command} ended with status ${status}\n${stderrTail}`);
  return { seconds, peakRssMiB: Math.round(peakKib / 1024), stdout };
};

/** The median time of several runs, and their largest memory. */
export const middleOf = (runs: readonly WholeRun[]): { seconds: number; peakRssMiB: number } => ({
  seconds: rounded(median(runs.map(({ seconds }) => seconds))),
  peakRssMiB: Math.max(...runs.map(({ peakRssMiB }) => peakRssMiB)),
});
