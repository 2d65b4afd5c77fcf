import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { readEventFile } from '../shared/events/event-file.ts';
import type { ReadEvents } from '../shared/requests/audit-request.ts';
import { fileProblem, UsageError } from './errors.ts';

/** Larger files are refused before they are read. */
const MAX_BYTES = 512 * 1024 * 1024;

/**
 * A file's bytes.
 * @throws {UsageError}
 */
const readBytes = async (path: string): Promise<Uint8Array> => {
  try {
    if ((await stat(path)).size > MAX_BYTES)
      throw new UsageError(`${path}: cannot be read: it is larger than ${MAX_BYTES} bytes`);
    return asUtf8(await readFile(path));
  } catch (error) {
    throw error instanceof UsageError ? error : fileProblem(path, error);
  }
};

/** Windows PowerShell's `>` writes UTF-16, which no reader after this one has to know. */
const asUtf8 = (bytes: Uint8Array): Uint8Array =>
  bytes[0] === 0xff && bytes[1] === 0xfe
    ? new TextEncoder().encode(new TextDecoder('utf-16le').decode(bytes))
    : bytes;

/** The argument that stands for stdin, and the name by which its findings are known. */
export const STDIN = { argument: '-', name: '<stdin>' } as const;

/**
 * What is piped in.
 * @throws {UsageError}
 */
const readStdin = async (): Promise<Uint8Array> => {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of process.stdin) {
      bytes += chunk.length;
      if (bytes > MAX_BYTES)
        throw new UsageError(`${STDIN.name}: cannot be read: it is larger than ${MAX_BYTES} bytes`);
      chunks.push(chunk);
    }
  } catch (error) {
    throw error instanceof UsageError ? error : fileProblem(STDIN.name, error);
  }
  return asUtf8(Buffer.concat(chunks));
};

/**
 * A file's text, or that of stdin.
 * @throws {UsageError}
 */
export const readText = async (path: string): Promise<string> => {
  const bytes = path === STDIN.name ? await readStdin() : await readBytes(path);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new UsageError(`${path}: cannot be read: it is not text (UTF-8 or UTF-16)`, { cause: error });
  }
};

/**
 * The files of the arguments: a folder stands for the files in it and below it, as CloudTrail puts its log files in a
 * folder for each day, in order of their paths.
 * @throws {UsageError} for a folder without any, as an audit of nothing would look clean.
 */
const expand = async (paths: readonly string[]): Promise<string[]> => {
  const lists = await Promise.all(
    paths.map(async (path) => {
      const entries = await readdir(path, { withFileTypes: true, recursive: true }).catch(() => undefined);
      if (!entries) return [path];
      const files = entries
        .filter((entry) => !entry.isDirectory())
        .map(({ parentPath, name }) => join(parentPath, name))
        .filter(
          (file) =>
            !relative(path, file)
              .split(sep)
              .some((part) => part.startsWith('.')),
        )
        .toSorted();
      if (files.length === 0) throw new UsageError(`${path}: there is no file in this folder`);
      return files;
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
      const bytes = await readBytes(path);
      if (bytes.length === 0) throw new UsageError(`${path}: cannot be read: the file is empty`);
      const file = readEventFile(bytes, path);
      if (file.ok) read.push(file.events);
      else {
        const { fault, line, column, message } = file.error;
        const kind = fault === 'not JSON' ? 'not JSON, nor JSON lines' : fault;
        problems.push(`${path}:${line}:${column}: ${kind}: ${message}`);
      }
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

/**
 * What is read of each of these paths, each once.
 * @throws {UsageError} naming everything that is wrong with any of them.
 */
export const readEach = async <T>(
  paths: readonly string[],
  read: (path: string) => Promise<T>,
): Promise<T[]> => {
  const problems: string[] = [];
  const found: T[] = [];
  for (const path of new Set(paths)) {
    try {
      found.push(await read(path));
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      problems.push(error.message);
    }
  }
  if (problems.length > 0) throw new UsageError(problems.join('\n'));
  return found;
};
