import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import pLimit from 'p-limit';
import { startChild, stopChild } from './children.ts';

/** Figures of one run; latencies are per invocation. `importMs` is that of the process's start. */
export type Run = {
  importMs: number;
  events: number;
  failures: number;
  wallMs: number;
  cpuMs: number;
  /** User and system time since the process’s start. */
  processCpuMs: number;
  latenciesMs: number[];
  /** What each invocation of a handler has answered; Custodian answers nothing. */
  answers?: object[];
};

export type MeasuredProcess = {
  /** The time of the start, on `performance.now()`'s clock. */
  startedAt: number;
  run(batches: readonly unknown[], maxSeconds?: number): Promise<Run>;
  /** The highest resident size so far (VmHWM), in MiB; undefined where there is no /proc. */
  peakRssMiB(): Promise<number | undefined>;
  stop(): Promise<void>;
};

/** How many events one message holds: hundreds in one line would dominate the measured process's memory. */
const EVENTS_IN_MESSAGE = 10;

/** How many invocations go into one message. An invocation of the handler has a batch of records, one of Custodian an event. */
const invocationsIn = (batches: readonly unknown[]): number => {
  const [first] = batches as readonly { Records?: readonly unknown[] }[];
  return Math.max(1, Math.floor(EVENTS_IN_MESSAGE / (first?.Records?.length ?? 1)));
};

const together = (a: Run, b: Run): Run => ({
  importMs: a.importMs,
  events: a.events + b.events,
  failures: a.failures + b.failures,
  wallMs: a.wallMs + b.wallMs,
  cpuMs: a.cpuMs + b.cpuMs,
  processCpuMs: b.processCpuMs,
  latenciesMs: [...a.latenciesMs, ...b.latenciesMs],
  answers: [...(a.answers ?? []), ...(b.answers ?? [])],
});

/**
 * Starts handler-process.mjs or custodian.py. Its stdout is dropped, because logs cost a Lambda function only the
 * write.
 */
export const startMeasured = (command: string, args: string[], env: NodeJS.ProcessEnv): MeasuredProcess => {
  const startedAt = performance.now();
  const child = startChild(command, args, { env, stdio: ['pipe', 'ignore', 'pipe', 'pipe'] });
  let stderrTail = '';
  child.stderr?.on('data', (chunk) => {
    stderrTail = (stderrTail + chunk).slice(-4000);
  });
  const replies = createInterface({ input: child.stdio[3] as Readable });
  const ended = once(child, 'close').then(([status]) => {
    throw new Error(`${args[0]} ended with status ${status}\n${stderrTail}`);
  });
  ended.catch(() => {});
  /** A process answers one request after the other. */
  const oneByOne = pLimit(1);
  const run = async (batches: readonly unknown[], maxSeconds: number): Promise<Run> => {
    const runs: Run[] = [];
    const chunk = invocationsIn(batches);
    let left = maxSeconds;
    for (let from = 0; from < batches.length && left > 0; from += chunk) {
      const reply = once(replies, 'line');
      const request = { batches: batches.slice(from, from + chunk), maxSeconds: left };
      child.stdin?.write(`${JSON.stringify(request)}\n`);
      const [line] = await Promise.race([reply, ended]);
      const run: Run = JSON.parse(line);
      left -= run.wallMs / 1000;
      runs.push(run);
    }
    return runs.reduce(together);
  };
  return {
    startedAt,
    run: (batches, maxSeconds = 60) => oneByOne(() => run(batches, maxSeconds)),
    peakRssMiB: async () => {
      const status = await readFile(`/proc/${child.pid}/status`, 'utf8').catch(() => '');
      const kib = /^VmHWM:\s+(\d+) kB/m.exec(status)?.[1];
      return kib === undefined ? undefined : Math.round(Number(kib) / 102.4) / 10;
    },
    stop: () => stopChild(child),
  };
};
