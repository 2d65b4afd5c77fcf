import { realpath, stat } from 'node:fs/promises';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { visibleText } from '../shared/text/visible-text.ts';
import { fileProblem, UsageError } from './errors.ts';
import { STDIN } from './files.ts';

/**
 * The real path of a folder that nothing may be read outside of.
 * @throws {UsageError} if it is not a folder.
 */
export const rootFolder = async (path: string): Promise<string> => {
  const { real, info } = await found(path);
  if (!info.isDirectory()) throw new UsageError(`${visibleText(path)}: is a file, and a folder was expected`);
  return real;
};

/**
 * The path, from the root, of a file or folder in it, with all links followed. Paths that leave the root are refused before anything is
 * asked of the file system, so that nobody learns what is there. `what` goes before the path in messages.
 * @throws {UsageError} if it leaves the root, is not there, or is neither a file nor a folder.
 */
export const pathInRoot = async (root: string, path: string, what = ''): Promise<string> => {
  if (!isInside(root, resolve(root, path)))
    throw new UsageError(
      `${what}${visibleText(path)}: is outside of the root ${visibleText(root)}: name a path in it, or start the server with another --root`,
    );
  const { real, info } = await found(resolve(root, path), path);
  if (!isInside(root, real))
    throw new UsageError(
      `${what}${visibleText(path)}: is a link that leads out of the root ${visibleText(root)}: name a path in it, or start the server with another --root`,
    );
  if (!info.isFile() && !info.isDirectory())
    throw new UsageError(`${visibleText(path)}: cannot be read: it is a pipe, a socket or a device`);
  const inRoot = relative(root, real) || '.';
  // Readers take these two names for stdin, which is the client’s.
  const isStdin = inRoot === STDIN.argument || inRoot === STDIN.name;
  return isStdin ? `.${sep}${inRoot}` : inRoot;
};

const found = async (path: string, named = path) => {
  try {
    const real = await realpath(path);
    return { real, info: await stat(real) };
  } catch (error) {
    throw fileProblem(named, error);
  }
};

/** Whether a path is a folder or something in it. */
export const isInside = (root: string, path: string): boolean => {
  const way = relative(root, path);
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
};
