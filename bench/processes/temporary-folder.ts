import { mkdtempSync, rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = mkdtempSync(join(tmpdir(), 'pipewarden-bench-'));
process.on('exit', () => rmSync(root, { recursive: true, force: true }));

/** Makes an empty folder that is removed when this process ends. */
export const temporaryFolder = (): Promise<string> => mkdtemp(join(root, 'run-'));
