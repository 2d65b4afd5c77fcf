#!/usr/bin/env node
import module from 'node:module';
import { join } from 'node:path';
import { isMainThread } from 'node:worker_threads';

// To compile a megabyte takes a tenth of a second, in each thread: it is kept beside the built command, where that may
// be written to. Sources have no place for it.
if (import.meta.url.endsWith('.mjs'))
  module.enableCompileCache?.(join(import.meta.dirname, '.compile-cache'));

if (isMainThread) await import('./pipewarden.ts');
else await import('./audit-thread.ts');
