import { constants } from 'node:fs';
import { lstat, mkdir, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { WriteFile } from '../shared/outputs/evidence/make-pack.ts';
import type { PackReader } from '../shared/outputs/evidence/verify-pack.ts';
import { visibleText } from '../shared/text/visible-text.ts';
import { fileProblem, UsageError } from './errors.ts';

/** More entries than any pack has: what is beyond is not looked at. */
const MOST_ENTRIES = 100;

/**
 * Makes a folder for a pack. One that holds something is refused, because a pack has no other files.
 * @throws {UsageError}
 */
export const packFolder = async (folder: string): Promise<WriteFile> => {
  try {
    await mkdir(folder, { recursive: true });
    if ((await readdir(folder)).length > 0)
      throw new UsageError(`${visibleText(folder)}: is not empty: name a new folder for the pack`);
  } catch (error) {
    throw error instanceof UsageError ? error : fileProblem(folder, error, 'written');
  }
  return async (name, pieces) => {
    const path = join(folder, name);
    try {
      const handle = await open(path, 'wx');
      try {
        // It writes all of each piece, also where the system takes only a part of it at once.
        await handle.writeFile(batched(pieces));
      } finally {
        await handle.close();
      }
    } catch (error) {
      throw isOfSystem(error) ? fileProblem(path, error, 'written') : error;
    }
  };
};

const isOfSystem = (error: unknown): boolean => error instanceof Error && 'syscall' in error;

/** Longer pieces, because each is written by a call of its own. */
async function* batched(pieces: AsyncIterable<string>): AsyncGenerator<string> {
  let held: string[] = [];
  let length = 0;
  for await (const piece of pieces) {
    held.push(piece);
    length += piece.length;
    if (length < 1_000_000) continue;
    yield held.join('');
    held = [];
    length = 0;
  }
  yield held.join('');
}

/**
 * A pack in a folder. Links, folders and devices in it are told, and never opened.
 * @throws {UsageError} where there is no folder.
 */
export const readPackFolder = async (folder: string): Promise<PackReader> => {
  const names = await readdir(folder).catch((error: unknown) => {
    throw fileProblem(folder, error);
  });
  if (!names.includes('manifest.json'))
    throw new UsageError(
      `${visibleText(folder)}: is no evidence pack: it has no manifest.json, as \`pipewarden evidence -o ${visibleText(folder)}\` makes it`,
    );
  const entries = await Promise.all(
    names.slice(0, MOST_ENTRIES).map(async (name) => {
      const info = await lstat(join(folder, name));
      return info.isFile()
        ? { name, size: info.size }
        : { name, problem: 'it is a link, a folder or a device, and a pack has plain files only' };
    }),
  );
  return {
    entries,
    read: async function* (name) {
      // Of what took the place of a file meanwhile, no link is followed and no pipe waited for.
      const handle = await open(
        join(folder, name),
        constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK,
      ).catch((error: unknown) => {
        throw fileProblem(join(folder, name), error);
      });
      try {
        yield* handle.createReadStream({ autoClose: false });
      } finally {
        await handle.close();
      }
    },
  };
};
