import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ private: true, allowScripts: { 'aws-lambda-ric': true } }),
  );
  const npm = ['install', '--no-audit', '--no-fund', '--save-exact'];
  await run('npm', [...npm, `aws-lambda-ric@${VERSION}`], {
    cwd: folder,
    maxBuffer: 64 * 1024 * 1024,
  });
  writeFileSync(stamp, VERSION);
  process.stderr.write('.venv/runtime-client is ready.\n');
};
