import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';

const children = new Set<ChildProcess>();

/** Starts a child process that ends when this process ends, in whatever way. */
export const startChild = (command: string, args: string[], options: SpawnOptions): ChildProcess => {
  const child = spawn(command, args, options);
  children.add(child);
  child.once('close', () => children.delete(child));
  return child;
};

export const stopChild = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'close');
  child.kill('SIGKILL');
  await ended;
};

const killAll = (): void => {
  for (const child of children) child.kill('SIGKILL');
};

process.on('exit', killAll);
for (const [signal, status] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  process.once(signal, () => process.exit(status));
}

/** Runs a command to its end, with its output on our stderr. */
export const runToEnd = async (
  command: string,
  args: string[],
  options: SpawnOptions = {},
): Promise<void> => {
  const child = startChild(command, args, { stdio: ['ignore', 2, 2], ...options });
  const [status] = await once(child, 'close');
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with status ${status}`);
};
