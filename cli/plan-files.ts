import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import type { Grammar } from '../shared/declared/hcl/parse-hcl.ts';
import type { PlanInput } from '../shared/declared/terraform/read-plan.ts';
import type { Folder } from '../shared/declared/terraform/source-files.ts';
import { MAX_BYTES, noteRead } from './bounded-file.ts';
import { readWhole, STDIN } from './files.ts';
import { isInside } from './root-folder.ts';

/**
 * A plan of Terraform or OpenTofu, with the folder that it lies in: a plan in JSON leaves out what its sources say. `-` is stdin, for
 * `terraform show -json PLAN | pipewarden audit --plan -`, whose folder is the present one.
 * @throws {UsageError} where the file cannot be read, or is too large.
 */
export const readPlanFile = async (path: string, within?: string): Promise<PlanInput> => {
  const isStdin = path === STDIN.argument;
  const name = isStdin ? STDIN.name : path;
  return {
    path: name,
    bytes: await readWhole(name, 'plan'),
    grammar,
    folder: sourceFolder(isStdin ? '.' : dirname(path), within),
  };
};

/**
 * The folder of a plan’s sources. Modules may lie beside it, so that files of the same Git repository are read (or of the folder `within`), and no others; nor
 * those to which a link leads out of it.
 */
const sourceFolder = (path: string, within: string | undefined): Folder => {
  const base = realPathOf(path) ?? resolve(path);
  const root = within ?? repositoryOf(base) ?? base;
  const located = (below: string): string | undefined => {
    const real = realPathOf(resolve(base, below));
    return real !== undefined && isInside(root, real) ? real : undefined;
  };
  return {
    path,
    list: (folder) => {
      const real = located(folder);
      if (real === undefined) return [];
      try {
        return readdirSync(real);
      } catch {
        return [];
      }
    },
    text: (file) => {
      const real = located(file);
      return real === undefined ? undefined : sourceText(real);
    },
  };
};

const realPathOf = (path: string): string | undefined => {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
};

/** The folder around a folder that is a Git repository. */
const repositoryOf = (folder: string): string | undefined => {
  for (let at = folder; ; at = dirname(at)) {
    if (realPathOf(join(at, '.git')) !== undefined) return at;
    if (dirname(at) === at) return undefined;
  }
};

const sourceText = (path: string): string | undefined => {
  try {
    const info = statSync(path);
    if (!info.isFile() || info.size > MAX_BYTES.source) return undefined;
    noteRead(info);
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path));
  } catch {
    return undefined;
  }
};

/** The built command has the grammar beside it; in a checkout it is in its packages. */
const grammar = async (): Promise<Grammar> => {
  const [engine, language] = await Promise.all([
    wasm('web-tree-sitter', 'web-tree-sitter.wasm'),
    wasm('@tree-sitter-grammars/tree-sitter-hcl', 'tree-sitter-hcl.wasm'),
  ]);
  return { engine, language };
};

const wasm = (of: string, name: string): Promise<Uint8Array> =>
  readFile(
    import.meta.url.endsWith('.mjs')
      ? new URL(`../${name}`, import.meta.url)
      : createRequire(import.meta.url).resolve(`${of}/${name}`),
  );
