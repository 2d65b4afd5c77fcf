import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createConnection } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

/** A program that listens on a port, in a process of its own. */
export type Emulator = {
  /** Everything that it has written so far, to stdout and stderr. */
  log(): readonly string[];
  stop(): Promise<void>;
};

export type EmulatorOptions = { env?: Record<string, string>; cwd?: string; port: number };

const START_MILLIS = 600_000;

/** Starts a program whose environment is only PATH and `env`, and waits until its port answers. */
export const startEmulator = async (
  [program = '', ...args]: readonly string[],
  { env = {}, cwd, port }: EmulatorOptions,
): Promise<Emulator> => {
  const child = spawn(program, args, {
    ...(cwd !== undefined && { cwd }),
    env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A process group of its own, so that its child processes are stopped with it.
    detached: true,
  });
  const log: string[] = [];
  let failure: Error | undefined;
  child.once('error', (error) => {
    failure = error;
  });
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on('line', (line) => log.push(line));
  const stop = stopper(child);
  const until = Date.now() + START_MILLIS;
  while (!(await answers(port))) {
    if (failure || child.exitCode !== null || Date.now() > until) {
      await stop();
      throw new Error(`${program} does not answer on port ${port}:\n${log.join('\n')}`, { cause: failure });
    }
    await sleep(50);
  }
  return { log: () => log, stop };
};

/** Stops a process and its child processes, also if the tests end without asking for it. */
const stopper = (child: ChildProcess): (() => Promise<void>) => {
  const kill = (signal: NodeJS.Signals): void => {
    if (child.pid === undefined) return;
    try {
      process.kill(-child.pid, signal);
    } catch {
      // the process has already ended
    }
  };
  const killNow = () => kill('SIGKILL');
  process.once('exit', killNow);
  return async () => {
    process.removeListener('exit', killNow);
    if (child.pid === undefined) return;
    const hasExited = child.exitCode !== null || child.signalCode !== null;
    const exited = hasExited ? undefined : once(child, 'exit');
    kill('SIGTERM');
    await Promise.race([exited, sleep(5_000, undefined, { ref: false })]);
    killNow();
    await exited;
  };
};

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = createConnection({ port, host: '127.0.0.1' });
    const end = (is: boolean) => {
      socket.destroy();
      resolve(is);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });
