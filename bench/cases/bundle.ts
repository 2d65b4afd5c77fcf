import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** The modules that a module loads when it is imported: itself, and what it imports statically, in the same folder. */
const loadedModules = async (path: string, seen = new Set<string>()): Promise<Set<string>> => {
  if (seen.has(path)) return seen;
  seen.add(path);
  const source = await readFile(path, 'utf8');
  for (const [, specifier = ''] of source.matchAll(/(?:from|import)\s*["'](\.\.?\/[^"']+\.mjs)["']/g)) {
    await loadedModules(join(dirname(path), specifier), seen);
  }
  return seen;
};

const totalBytes = async (paths: Iterable<string>): Promise<number> => {
  const sizes = await Promise.all([...paths].map(async (path) => (await stat(path)).size));
  return sizes.reduce((sum, size) => sum + size, 0);
};

/**
 * The sizes of what Lambda loads at a start, and of the whole package, which also contains lazily loaded modules but
 * not the build's own meta.json.
 */
export const measureBundle = async (entry: string) => {
  const bytes = await totalBytes(await loadedModules(entry));
  const names = await readdir(dirname(entry), { recursive: true, withFileTypes: true });
  const files = names
    .filter(({ name }) => name.endsWith('.mjs'))
    .map((name) => join(name.parentPath, name.name));
  const folderBytes = await totalBytes(files);
  return { case: 'bundle', bytes, megabytes: Math.round(bytes / 1e4) / 100, folderBytes };
};
