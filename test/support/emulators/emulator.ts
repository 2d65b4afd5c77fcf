import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createConnection } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

/** A program that listens on a port, in a process of its own. */
export type Emulator = {
  /** What it has written so far, both streams together. */
  log(): readonly string[];
  stop(): Promise<void>;
};

export type EmulatorOptions = { env?: Record<string, string>; cwd?: string; port: number };

const START_MILLIS = 60_000;

/** Starts a program with nothing but PATH and what is given in its environment, and waits until its port answers. */
export const startEmulator = async (
  [program = '', ...args]: readonly string[],
  { env = {}, cwd, port }: EmulatorOptions,
): Promise<Emulator> => {
  const child = spawn(program, args, {
    ...(cwd !== undefined && { cwd }),
    env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own: what it starts itself goes with it.
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

/** Stops a process and all that it has started; also when the tests end without having said so. */
const stopper = (child: ChildProcess): (() => Promise<void>) => {
  const kill = (signal: NodeJS.Signals): void => {
    if (child.pid === undefined) return;
    try {
      process.kill(-child.pid, signal);
    } catch {
      // it has gone by itself
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
