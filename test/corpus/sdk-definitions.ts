import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { isPythonEnvReady, type PythonEnvName, pythonProgram } from '../support/python/python-env.ts';

/** A definition written by the real SageMaker Python SDK, and the expectations of its case. */
export type SdkDefinition = {
  name: string;
  sdk: '2' | '3';
  definitionText: string;
  prefixed: boolean;
  /** The types of its steps, in document order. */
  stepTypes: string[];
  /** The expected base job names by step; a step that is missing here has none. */
  baseNames: Record<string, string>;
  stepRoles: 'shared' | 'own' | 'parameter';
  jsonGet: boolean;
};

const generators = {
  sdk2: 'definitions.py',
  sdk3: 'definitions_v3.py',
} as const satisfies Partial<Record<PythonEnvName, string>>;
type Sdk = keyof typeof generators;

const here = import.meta.dirname;
const cache = join(here, '../../out/corpus');

/**
 * All definitions of both SDKs. They are made once, and read from `out/corpus` until a generator or a pinned version
 * changes.
 */
export const sdkDefinitions = async (): Promise<SdkDefinition[]> => {
  const made = await Promise.all((Object.keys(generators) as Sdk[]).map(definitionsOf));
  return made.flat();
};

const definitionsOf = async (sdk: Sdk): Promise<SdkDefinition[]> => {
  const folder = join(cache, `${sdk}-${hashOfSources()}`);
  if (!existsSync(folder)) await generate(sdk, folder);
  return readdirSync(folder)
    .sort()
    .map((file) => {
      const { definition, ...about } = JSON.parse(readFileSync(join(folder, file), 'utf8'));
      return { ...about, definitionText: definition };
    });
};

/**
 * Another process may do the same, so each writes into a folder beside it, and the first to finish renames its
 * folder.
 */
const generate = async (sdk: Sdk, folder: string): Promise<void> => {
  if (!isPythonEnvReady(sdk)) {
    throw new Error(
      `.venv/${sdk} is missing or stale: the contract tests make it (npm run test:contract), with Python 3.11 or newer and its venv module`,
    );
  }
  const beside = `${folder}.${process.pid}`;
  mkdirSync(beside, { recursive: true });
  try {
    await promisify(execFile)(pythonProgram(sdk, 'python'), ['-B', join(here, generators[sdk]), beside]);
    if (!existsSync(folder)) renameSync(beside, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
  } finally {
    rmSync(beside, { recursive: true, force: true });
  }
};

const hashOfSources = (): string => {
  const hash = createHash('sha256');
  for (const file of readdirSync(here, { recursive: true, encoding: 'utf8' }).sort()) {
    if (/\.(py|txt|ipynb)$/.test(file)) hash.update(`${file}\0`).update(readFileSync(join(here, file)));
  }
  return hash.digest('hex').slice(0, 16);
};
