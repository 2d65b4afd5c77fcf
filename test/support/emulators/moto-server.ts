import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pythonProgram } from '../python/python-env.ts';

/**
 * Starts a fresh moto server on a free port of 127.0.0.1. Its credentials belong to that account, except those of a
 * role that was assumed in another account. `iamPage`: how many users, roles, groups and policies IAM lists at once; all without it.
 */
export const startMoto = async ({
  account = '123456789012',
  iamPage = 0,
} = {}): Promise<{ endpoint: string; stop(): Promise<void> }> => {
  const launcher = join(import.meta.dirname, 'moto_server.py');
  const server = spawn(
    pythonProgram('moto', 'python'),
    ['-B', launcher, account, String(iamPage), '-H', '127.0.0.1', '-p', '0'],
    { stdio: ['pipe', 'ignore', 'pipe'], env: { ...process.env, PYTHONUNBUFFERED: '1' } },
  );
  const exited = once(server, 'exit');
  const stop = async (): Promise<void> => {
    server.stdin.end();
    await exited;
  };
  const log: string[] = [];
  const endpoint = await new Promise<string>((resolve, reject) => {
    server.once('error', reject);
    server.once('exit', (code) => reject(new Error(`moto left with ${code}:\n${log.join('\n')}`)));
    const lines = createInterface(server.stderr).on('line', (line) => {
      log.push(line);
      const running = /Running on (http:\/\/127\.0\.0\.1:\d+)/.exec(line);
      if (!running?.[1]) return;
      resolve(running[1]);
      lines.close();
      server.stderr.resume();
    });
  });
  const answer = await fetch(`${endpoint}/moto-api/data.json`);
  await answer.body?.cancel();
  return { endpoint, stop };
};
