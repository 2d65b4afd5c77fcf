import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ReadEvents } from '../shared/events/audit-request.ts';
import { readEventFile } from '../shared/events/event-file.ts';
import { fileProblem, UsageError } from './errors.ts';

/** Larger files are refused before they are read. */
const MAX_BYTES = 512 * 1024 * 1024;

/**
 * A file's bytes.
 * @throws {UsageError}
 */
export const readBytes = async (path: string): Promise<Uint8Array> => {
  try {
    if ((await stat(path)).size > MAX_BYTES)
      throw new UsageError(`${path}: cannot be read: it is larger than ${MAX_BYTES} bytes`);
    return await readFile(path);
  } catch (error) {
    throw error instanceof UsageError ? error : fileProblem(path, error);
  }
};

/** The files of the arguments: a folder stands for the files in it, in order of their names. */
const expand = async (paths: readonly string[]): Promise<string[]> => {
  const lists = await Promise.all(
    paths.map(async (path) => {
      const entries = await readdir(path, { withFileTypes: true }).catch(() => undefined);
      if (!entries) return [path];
      return entries
        .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
        .map(({ name }) => join(path, name))
        .toSorted();
    }),
  );
  return lists.flat();
};

/**
 * The events of all the files.
 * @throws {UsageError} naming every file that cannot be read, with line and column where it is not JSON.
 */
export const readEventFiles = async (paths: readonly string[]): Promise<ReadEvents> => {
  const problems: string[] = [];
  const read: ReadEvents[] = [];
  for (const path of await expand(paths)) {
    try {
      const file = readEventFile(await readBytes(path), path);
      if (file.ok) read.push(file.events);
      else
        problems.push(
          `${path}:${file.error.line}:${file.error.column}: not JSON, nor JSON lines: ${file.error.message}`,
        );
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      problems.push(error.message);
    }
  }
  if (problems.length > 0) throw new UsageError(problems.join('\n'));
  return {
    requests: read.flatMap(({ requests }) => requests),
    ignored: read.flatMap(({ ignored }) => ignored),
    unreadable: read.flatMap(({ unreadable }) => unreadable),
  };
};
