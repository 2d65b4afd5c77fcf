import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Session } from './sandbox-run.ts';

const ROOT = join(import.meta.dirname, '..');

/** The command of this checkout is told its profile already; a session has no profile. */
export const withProfile = (command: readonly string[], profile: string | undefined): readonly string[] =>
  command[0] === 'aws' && profile !== undefined ? [...command, '--profile', profile] : command;

/**
 * Runs a command in a folder. It is in a group of processes of its own, so that who presses Ctrl-C stops the run and no command in its
 * middle. After so many minutes it is ended, and has no status.
 */
export const runCommand = (
  command: readonly string[],
  {
    profile,
    folder,
    atMostMinutes,
    session,
    env = process.env,
  }: {
    profile: string | undefined;
    folder: string;
    atMostMinutes: number;
    session?: Session | undefined;
    env?: NodeJS.ProcessEnv;
  },
): Promise<{ status: number | undefined; stdout: string; stderr: string }> =>
  new Promise((resolve) => {
    const [program = '', ...words] = withProfile(command, session ? undefined : profile);
    const options = { cwd: folder, env: { ...env, ...session }, detached: true } as const;
    const child: ChildProcess =
      program === 'pipewarden'
        ? spawn(process.execPath, [join(ROOT, 'dist/cli/pipewarden.mjs'), ...words], {
            ...options,
            stdio: ['inherit', 'pipe', 'inherit'],
          })
        : spawn(program, [...words, '--output', 'json'], { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    let isLate = false;
    const late = setTimeout(() => {
      isLate = true;
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGTERM');
    }, atMostMinutes * 60_000);
    child.stdout?.on('data', (data: Buffer) => {
      stdout += data.toString('utf8');
    });
    child.stderr?.on('data', (data: Buffer) => {
      stderr += data.toString('utf8');
      process.stderr.write(data);
    });
    const end = (status: number | undefined): void => {
      clearTimeout(late);
      resolve({ status, stdout, stderr });
    };
    child.on('error', (error) => {
      stderr += `${program}: ${error.message}\n`;
      process.stderr.write(`${program}: ${error.message}\n`);
      end(127);
    });
    child.on('close', (status) => end(isLate ? undefined : (status ?? 1)));
  });
