import type { Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { isAbsolute, join, relative, sep } from 'node:path';
import { listed as shortList } from '../shared/text/listed.ts';
import { visibleText } from '../shared/text/visible-text.ts';
import { fileProblem } from './errors.ts';

/** CloudTrail's own folders are nine deep. The bound ends folders that contain themselves, for example by a mount. */
const MAX_DEPTH = 32;
/** A trail that writes a file every five minutes has about this many in a year. */
const MAX_ENTRIES = 120_000;

/**
 * The files in a folder and its subfolders, in the order of their paths; the entries that cannot be read; and the hidden
 * ones, whose names begin with a dot, which are left out.
 */
export type Folder = { files: string[]; problems: string[]; hidden: string[] };

/**
 * Lists the files of a folder; CloudTrail has a folder for each day. A link
 * counts if it leads to a file inside the folder. Links that lead elsewhere, and entries that are not files, are
 * problems.
 * @throws {UsageError} if a folder cannot be listed.
 */
export const filesInFolder = async (root: string): Promise<Folder> => {
  const top = await realpath(root).catch((error: unknown) => {
    throw fileProblem(root, error);
  });
  const files: string[] = [];
  const problems: string[] = [];
  const hidden: string[] = [];
  const pending = [{ folder: root, depth: 0 }];
  let entries = 0;
  for (let next = pending.pop(); next; next = pending.pop()) {
    const { folder, depth } = next;
    for (const entry of await listed(folder)) {
      const path = join(folder, entry.name);
      if (++entries > MAX_ENTRIES)
        return {
          files: [],
          problems: [`${root}: cannot be read: it has more than ${MAX_ENTRIES} files and folders`],
          hidden: [],
        };
      if (entry.name.startsWith('.')) {
        hidden.push(path);
        continue;
      }
      if (!entry.isDirectory()) {
        const problem = await problemOf(path, entry, top);
        if (problem === undefined) files.push(path);
        else problems.push(`${visibleText(path)}: cannot be read: ${problem}`);
      } else if (depth < MAX_DEPTH) pending.push({ folder: path, depth: depth + 1 });
      else
        problems.push(
          `${visibleText(path)}: cannot be read: it is deeper than ${MAX_DEPTH} folders in ${root}`,
        );
    }
  }
  return { files: files.toSorted(), problems, hidden: hidden.toSorted() };
};

/** Says which entries were left out, the first of them by name; nothing where there are none. */
export const hiddenText = (hidden: readonly string[]): string[] =>
  hidden.length === 0
    ? []
    : [`not read, as their names begin with a dot: ${shortList(hidden.map(visibleText), MAX_TOLD)}`];

const MAX_TOLD = 5;

const listed = async (folder: string): Promise<Dirent[]> => {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    throw fileProblem(folder, error);
  }
};

/** Why an entry of a folder is not read; undefined for a file, and for a link to a file in the folder. */
export const problemOf = async (path: string, entry: Dirent, top: string): Promise<string | undefined> => {
  if (entry.isFile()) return undefined;
  if (!entry.isSymbolicLink()) return 'it is a pipe, a socket or a device';
  const real = await realpath(path).catch(() => undefined);
  if (real === undefined) return 'it is a link that leads nowhere';
  const way = relative(top, real);
  if (way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way))
    return 'it is a link that leads out of the folder';
  return (await stat(real)).isFile() ? undefined : 'it is a link to what is no file';
};
