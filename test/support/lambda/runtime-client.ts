import { execFile } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';

const VERSION = '4.0.2';
const folder = join(import.meta.dirname, '../../../.venv/runtime-client');
const stamp = join(folder, '.version');

/**
 * The program with which Lambda runs a Node.js handler in a container image; the managed runtime uses a similar one.
 */
export const RUNTIME_CLIENT = join(folder, 'node_modules/aws-lambda-ric/index.mjs');

export const isRuntimeClientReady = (): boolean => {
  try {
    return readFileSync(stamp, 'utf8') === VERSION;
  } catch {
    return false;
  }
};

const run = promisify(execFile);

/** Native modules are compiled with headers, which an installed Node has beside it and the Node from npm lacks. */
const nodeHeaders = (): string | undefined =>
  (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'node'))
    .filter((node) => existsSync(node))
    .map((node) => join(dirname(realpathSync(node)), '..'))
    .find((prefix) => existsSync(join(prefix, 'include/node/node_api.h')));

/**
 * Installs `.venv/runtime-client` for the present Node. It is not a dependency of the package, because it compiles
 * curl and a native module, which `npm ci` should not have to do.
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
    const headers = nodeHeaders();
    await run('npm', ['install', '--no-audit', '--no-fund', `aws-lambda-ric@${VERSION}`], {
      cwd: made,
      // Otherwise node-gyp would download the headers.
      env: { ...process.env, ...(headers !== undefined && { npm_config_nodedir: headers }) },
      maxBuffer: 64 * 1024 * 1024,
    });
    writeFileSync(join(made, '.version'), VERSION);
    // Replaced in one step, because another run may be doing the same.
    rmSync(folder, { recursive: true, force: true });
    renameSync(made, folder);
  } finally {
    rmSync(made, { recursive: true, force: true });
  }
  process.stderr.write('.venv/runtime-client is ready.\n');
};
