import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const VERSION = '4.0.2';
const folder = join(import.meta.dirname, '../../.venv/runtime-client');
const stamp = join(folder, '.version');

/** What Lambda runs a Node.js handler with in a container image; the managed runtime's own is a sibling of it. */
export const RUNTIME_CLIENT = join(folder, 'node_modules/aws-lambda-ric/index.mjs');

export const isRuntimeClientReady = (): boolean => {
  try {
    return readFileSync(stamp, 'utf8') === VERSION;
  } catch {
    return false;
  }
};

const run = promisify(execFile);

/**
 * Makes `.venv/runtime-client`, for the Node that runs this. No dependency of the package: it compiles curl and a
 * native module, which is nothing that a newcomer's `npm ci` should have to do.
 * https://github.com/aws/aws-lambda-nodejs-runtime-interface-client
 */
export const ensureRuntimeClient = async (): Promise<void> => {
  if (isRuntimeClientReady()) return;
  for (const program of ['cmake', 'make', 'g++']) await run(program, ['--version']);
  process.stderr.write('Making .venv/runtime-client (once, about two minutes)…\n');
  const made = `${folder}-${process.pid}`;
  mkdirSync(made, { recursive: true });
  try {
    const allowScripts = { 'aws-lambda-ric': true };
    writeFileSync(join(made, 'package.json'), JSON.stringify({ private: true, allowScripts }));
    await run('npm', ['install', '--no-audit', '--no-fund', `aws-lambda-ric@${VERSION}`], {
      cwd: made,
      maxBuffer: 64 * 1024 * 1024,
    });
    writeFileSync(join(made, '.version'), VERSION);
    // At once, as a run beside this one may be at the same.
    rmSync(folder, { recursive: true, force: true });
    renameSync(made, folder);
  } finally {
    rmSync(made, { recursive: true, force: true });
  }
  process.stderr.write('.venv/runtime-client is ready.\n');
};
