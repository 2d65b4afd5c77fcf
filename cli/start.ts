#!/usr/bin/env node
import module from 'node:module';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { nodeProblem } from './node-version.ts';

/** Every path is read from the working directory, which another process may have removed. */
const folderProblem = (): string | undefined => {
  try {
    process.cwd();
    return undefined;
  } catch {
    return 'the working directory is not there any more: change to another one';
  }
};

const problem = nodeProblem(process.versions.node) ?? folderProblem();
if (problem !== undefined) {
  // An older Node would fail at the first import below, with a page of code and with the status of findings.
  process.stderr.write(`pipewarden: ${problem}\n`);
  process.exit(2);
}

// Compiling a megabyte takes a tenth of a second, so the compiled code is cached beside the built command, if that folder
// can be written. Running from sources has no such folder.
if (import.meta.url.endsWith('.mjs'))
  module.enableCompileCache?.(join(import.meta.dirname, '.compile-cache'));

// The SDK would repeat on every call that it will leave Node 20 one day. engines in package.json says on what the command runs.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

// Since Node 24, Maglev compiles what runs often. TurboFan compiles it once more, which takes a seventh of the CPU of an audit of
// 1,000 pipelines and a tenth of its memory, and is still no gain with 10,000.
if (Number.parseInt(process.versions.node, 10) >= 24) setFlagsFromString('--no-opt');

await import('./pipewarden.ts');
