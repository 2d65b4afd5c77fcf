import { lstat, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readEventFile } from '../shared/events/event-file.ts';
import { type RecordedBuilder, recordedBuilder } from '../shared/events/recorded-uses.ts';
import type { ReadEvents } from '../shared/requests/audit-request.ts';
import { visibleText } from '../shared/text/visible-text.ts';
import { boundedBytes, type FileKind, readBytes, readBytesInFolder } from './bounded-file.ts';
import { fileProblem, UsageError } from './errors.ts';
import { filesInFolder, hiddenText } from './event-folder.ts';

/** Windows PowerShell's `>` writes UTF-16. It is converted here, so that no other reader has to know. */
const asUtf8 = (bytes: Uint8Array): Uint8Array =>
  bytes[0] === 0xff && bytes[1] === 0xfe
    ? new TextEncoder().encode(new TextDecoder('utf-16le').decode(bytes))
    : bytes;

/** The argument for stdin, and the name that findings and messages use for it. */
export const STDIN = { argument: '-', name: '<stdin>' } as const;

/**
 * Everything on stdin.
 * @throws {UsageError}
 */
const readStdin = async (kind: FileKind): Promise<Uint8Array> => {
  try {
    return await boundedBytes(process.stdin, STDIN.name, kind);
  } catch (error) {
    throw error instanceof UsageError ? error : fileProblem(STDIN.name, error);
  }
};

/**
 * All bytes of a file or of stdin. Text is in UTF-8.
 * @throws {UsageError}
 */
export const readWhole = async (path: string, kind: FileKind): Promise<Uint8Array> =>
  asUtf8(path === STDIN.name ? await readStdin(kind) : await readBytes(path, kind));

/**
 * The text of a file or of stdin.
 * @throws {UsageError}
 */
export const readText = async (path: string, kind: FileKind): Promise<string> =>
  textIn(await readWhole(path, kind), path);

/**
 * The text that a file holds.
 * @throws {UsageError}
 */
export const textIn = (bytes: Uint8Array, path: string): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new UsageError(`${visibleText(path)}: cannot be read: it is not text (UTF-8 or UTF-16)`, {
      cause: error,
    });
  }
};

/** A file of events that the user named, or a file in a named folder. */
type EventFilePath = { path: string; read: () => Promise<Uint8Array> };

type EventFiles = { files: EventFilePath[]; problems: string[] };

/** Tells a person who watches. */
type Say = (message: string) => void;

/**
 * The files of the arguments. A folder stands for all files in it.
 * @throws {UsageError} for a folder without files, because an audit of nothing would look clean.
 */
const expand = async (paths: readonly string[], say: Say): Promise<EventFiles> => {
  const lists = await Promise.all(
    paths.map(async (path): Promise<EventFiles> => {
      const isFolder = await stat(path).then(
        (info) => info.isDirectory(),
        () => false,
      );
      if (!isFolder) return { files: [{ path, read: () => readBytes(path, 'events') }], problems: [] };
      const { files, problems, hidden } = await filesInFolder(path);
      for (const text of hiddenText(hidden)) say(text);
      if (files.length + problems.length === 0)
        throw new UsageError(`${visibleText(path)}: there is no file in this folder`);
      return {
        files: files.map((file) => ({ path: file, read: () => readBytesInFolder(file, 'events') })),
        problems,
      };
    }),
  );
  return { files: lists.flatMap(({ files }) => files), problems: lists.flatMap(({ problems }) => problems) };
};

/**
 * The events of one file; `recorded` takes what its CloudTrail records show.
 * @throws {UsageError} with line and column where the file is not JSON.
 */
const eventsOf = async ({ path, read }: EventFilePath, recorded: RecordedBuilder): Promise<ReadEvents> => {
  const bytes = asUtf8(await read());
  if (bytes.length === 0) throw new UsageError(`${visibleText(path)}: cannot be read: the file is empty`);
  const file = readEventFile(bytes, path, recorded.add);
  if (file.ok) {
    for (const { at, reason } of file.events.unreadable) recorded.addUnread(`${at}: ${reason}`);
    return file.events;
  }
  const { fault, line, column, message } = file.error;
  const kind = fault === 'not JSON' ? 'not JSON, nor JSON lines' : fault;
  throw new UsageError(`${visibleText(path)}:${line}:${column}: ${kind}: ${message}`);
};

/**
 * The events of all files; `recorded` takes what their CloudTrail records show, and `say` is told what is left out.
 * @throws {UsageError} naming every file that cannot be read, with line and column where it is not JSON.
 */
export const readEventFiles = async (
  paths: readonly string[],
  recorded: RecordedBuilder = recordedBuilder(),
  say: Say = () => {},
): Promise<ReadEvents> => {
  const { files, problems } = await expand(paths, say);
  const read: ReadEvents[] = [];
  for (const file of files) {
    try {
      read.push(await eventsOf(file, recorded));
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

/** The folder of a snapshot for CloudTrail records. */
const RECORDS = ['cloudtrail', 'events'] as const;

/**
 * Passes the CloudTrail records of a snapshot to `recorded`, file by file. What cannot be read is returned, so that it
 * becomes findings: an audit without a file of records is still an audit. `say` is told what is left out.
 */
export const readSnapshotRecords = async (
  dir: string,
  recorded: RecordedBuilder,
  say: Say = () => {},
): Promise<ReadEvents['unreadable']> => {
  const folder = join(dir, ...RECORDS);
  const unreadable: ReadEvents['unreadable'] = [];
  const refuse = (at: string, reason: string): void => {
    recorded.addUnread(reason);
    unreadable.push({ at, reason, excerpt: '' });
  };
  if (!(await lstat(folder).catch(() => undefined))) return [];
  try {
    const real = await realpath(folder).catch(() => undefined);
    if (real !== join(await realpath(dir), ...RECORDS))
      throw new UsageError(`${visibleText(folder)}: cannot be read: it is a link`);
    const { files, problems, hidden } = await filesInFolder(folder);
    for (const text of hiddenText(hidden)) say(text);
    for (const problem of problems) refuse(folder, problem);
    for (const path of files) {
      try {
        const read = () => readBytesInFolder(path, 'events');
        unreadable.push(...(await eventsOf({ path, read }, recorded)).unreadable);
      } catch (error) {
        if (!(error instanceof UsageError)) throw error;
        refuse(path, error.message);
      }
    }
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    refuse(folder, error.message);
  }
  return unreadable;
};

/**
 * Reads each path once.
 * @throws {UsageError} naming the problems of all paths together.
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
