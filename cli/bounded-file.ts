import { constants, type Stats } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { isDense } from '../shared/json/json-signs.ts';
import { fileProblem, UsageError } from './errors.ts';

/** How many bytes of each kind of file are read: several times what AWS takes, as JSON may escape each character. */
export const MAX_BYTES = {
  definition: 8 * 1024 * 1024,
  configuration: 4 * 1024 * 1024,
  policy: 4 * 1024 * 1024,
  organization: 8 * 1024 * 1024,
  events: 128 * 1024 * 1024,
  results: 512 * 1024 * 1024,
} as const;

export type FileKind = keyof typeof MAX_BYTES;

/**
 * A file's bytes. A pipe that somebody names is read as well, as shells make one of `<(…)`; a device never ends.
 * @throws {UsageError} for one that is too large, before it is read, and for what is no file.
 */
export const readBytes = async (path: string, kind: FileKind): Promise<Uint8Array> =>
  readOpened(path, kind, (info) => info.isFile() || info.isFIFO());

/**
 * The bytes of a file that nobody named but a folder: a pipe, a socket or a device in it is none.
 * @throws {UsageError}
 */
export const readBytesInFolder = async (path: string, kind: FileKind): Promise<Uint8Array> =>
  readOpened(path, kind, (info) => info.isFile());

const readOpened = async (
  path: string,
  kind: FileKind,
  isReadable: (info: Stats) => boolean,
): Promise<Uint8Array> => {
  let handle: FileHandle | undefined;
  try {
    const info = await stat(path);
    if (info.isDirectory())
      throw new UsageError(`${path}: cannot be read: it is a folder, and a file was expected`);
    if (!isReadable(info))
      throw new UsageError(`${path}: cannot be read: it is a pipe, a socket or a device`);
    if (info.size > MAX_BYTES[kind]) throw tooLarge(path, kind);
    // A pipe that took the file's place since would be waited for without end.
    handle = await open(path, info.isFile() ? constants.O_RDONLY | constants.O_NONBLOCK : constants.O_RDONLY);
    return await boundedBytes(handle.createReadStream({ autoClose: false }), path, kind);
  } catch (error) {
    throw error instanceof UsageError ? error : fileProblem(path, error);
  } finally {
    await handle?.close();
  }
};

/**
 * What a stream gives, as far as that kind of file may be.
 * @throws {UsageError} once it gives more.
 */
export const boundedBytes = async (
  stream: AsyncIterable<Uint8Array>,
  name: string,
  kind: FileKind,
): Promise<Uint8Array> => {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of stream) {
    bytes += chunk.length;
    if (bytes > MAX_BYTES[kind]) throw tooLarge(name, kind);
    chunks.push(chunk);
  }
  const whole = Buffer.concat(chunks);
  // Events say more about themselves, and may be packed.
  if (kind !== 'events' && isDense(whole))
    throw new UsageError(`${name}: cannot be read: it holds more values than any such file`);
  return whole;
};

const tooLarge = (name: string, kind: FileKind): UsageError =>
  new UsageError(`${name}: cannot be read: it is larger than ${MAX_BYTES[kind]} bytes`);
