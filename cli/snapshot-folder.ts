import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Unread } from '../shared/domain/gap.ts';
import type { Read } from '../shared/reader/read-result.ts';
import { isFileName } from '../shared/reader/snapshot/files.ts';
import { fileProblem, UsageError } from './errors.ts';

/** A folder into which a snapshot is written, and what could not be read for it. */
export type SnapshotFolder = {
  /**
   * Writes a file.
   * @throws {UsageError} if the file cannot be written.
   */
  write: (path: readonly string[], content: unknown) => Promise<void>;
  /** Writes an answer. An unread answer is noted or, if its code is `absentCode`, written as absent. */
  writeRead: (path: readonly string[], read: Read<unknown>, absentCode?: string) => Promise<void>;
  makeFolder: (...path: string[]) => Promise<void>;
  note: (path: string, unread: Unread) => void;
  unread: () => readonly (Unread & { path: string })[];
  files: () => number;
};

/**
 * Opens a folder, which must be empty or new: files of another snapshot would be taken for part of this one.
 * @throws {UsageError}
 */
export const openFolder = async (dir: string): Promise<SnapshotFolder> => {
  try {
    await mkdir(dir, { recursive: true });
    if ((await readdir(dir)).length > 0)
      throw new UsageError(`${dir}: is not empty: name a new folder, or empty this one`);
  } catch (error) {
    throw error instanceof UsageError ? error : fileProblem(dir, error, 'written');
  }
  const unread: (Unread & { path: string })[] = [];
  let files = 0;
  const note: SnapshotFolder['note'] = (path, reason) => void unread.push({ ...reason, path });
  const write: SnapshotFolder['write'] = async (path, content) => {
    const shown = path.join('/');
    if (!path.every(isFileName))
      return note(shown, { call: 'write', code: 'InvalidName', message: 'no file can be named so' });
    const file = join(dir, ...path);
    try {
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, `${JSON.stringify(content, null, 4)}\n`, { flag: 'wx' });
      files++;
    } catch (error) {
      throw fileProblem(file, error, 'written');
    }
  };
  return {
    write,
    writeRead: async (path, read, absentCode) => {
      if (read.ok) return write(path, read.value);
      if (read.unread.code === absentCode) return write(path, { absent: true });
      note(path.join('/'), read.unread);
    },
    makeFolder: async (...path) => {
      await mkdir(join(dir, ...path), { recursive: true }).catch((error: unknown) => {
        throw fileProblem(join(dir, ...path), error, 'written');
      });
    },
    note,
    unread: () => unread,
    files: () => files,
  };
};
