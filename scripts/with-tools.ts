import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

/**
 * Usage: with-tools.ts COMMAND… Runs a command with the programs of tools/ on its PATH. They are no part of the root
 * package, because neither the example nor the tests on Node alone need them; where they are missing, they are installed.
 */

const tools = join(import.meta.dirname, '../tools');
const lock = join(tools, 'package-lock.json');
/** The lock that the installed programs come from. */
const installed = join(tools, 'node_modules/.installed-package-lock.json');

// The tools need the Node that runs this, which may be newer than the shell's.
const PATH = [join(tools, 'node_modules/.bin'), dirname(process.execPath), process.env.PATH].join(delimiter);

const call = (program: string, args: readonly string[]): number =>
  spawnSync(program, args, { stdio: 'inherit', env: { ...process.env, PATH } }).status ?? 1;

if (!existsSync(installed) || readFileSync(installed, 'utf8') !== readFileSync(lock, 'utf8')) {
  const status = call('npm', ['ci', '--prefix', tools, '--no-audit', '--no-fund']);
  if (status !== 0) process.exit(status);
  copyFileSync(lock, installed);
}

const [command = '', ...args] = process.argv.slice(2);
process.exitCode = call(command, args);
