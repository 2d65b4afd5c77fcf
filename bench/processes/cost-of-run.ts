import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { startChild } from './children.ts';
import { rounded } from './figures.ts';
import { inCheckout } from './servers.ts';

/** What a process cost from its start to its end: user and system time, and the highest resident size (VmHWM), Linux only. */
export type Cost = { cpuSeconds: number; peakMiB: number };

export type CostOfRun = Cost & { status: number; stdout: string; stderr: string };

/** More of an output than that is not kept. */
const MAX_KEPT = 100_000;

/** Runs a program of ours in a Node.js of its own, to its end. */
export const costOfRun = async (
  program: string,
  args: string[],
  nodeFlags: string[] = [],
): Promise<CostOfRun> => {
  const meter = pathToFileURL(inCheckout('bench/processes/cost-of-process.mjs')).href;
  const child = startChild(process.execPath, [...nodeFlags, `--import=${meter}`, program, ...args], {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  const [stdout, stderr, cost] = [1, 2, 3].map((fd) => textOf(child.stdio[fd] as Readable));
  const [status] = await once(child, 'close');
  const text = await cost;
  if (!text)
    throw new Error(
      `${program} ${args.join(' ')} ended with status ${status}: ${(await stderr)?.slice(-2000)}`,
    );
  const { cpuSeconds, peakMiB } = JSON.parse(text) as Cost;
  return {
    cpuSeconds: rounded(cpuSeconds),
    peakMiB: Math.round(peakMiB),
    status,
    stdout: (await stdout) ?? '',
    stderr: (await stderr) ?? '',
  };
};

const textOf = async (stream: Readable): Promise<string> => {
  let text = '';
  for await (const chunk of stream) if (text.length < MAX_KEPT) text += chunk;
  return text;
};

/** The most of each, of several runs. */
export const worstOf = (costs: readonly Cost[]): Cost => ({
  cpuSeconds: Math.max(...costs.map(({ cpuSeconds }) => cpuSeconds)),
  peakMiB: Math.max(...costs.map(({ peakMiB }) => peakMiB)),
});
