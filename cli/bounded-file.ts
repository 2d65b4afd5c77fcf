import { constants, type Stats } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { isDense } from '../shared/json/json-density.ts';
import { visibleText } from '../shared/text/visible-text.ts';
import { fileProblem, UsageError } from './errors.ts';

/**
 * The largest files that are read, in bytes. Each bound is several times AWS's own, because JSON may escape every
 * character.
 */
export const MAX_BYTES = {
  definition: 8 * 1024 * 1024,
  template: 8 * 1024 * 1024,
  configuration: 4 * 1024 * 1024,
  policy: 4 * 1024 * 1024,
  organization: 8 * 1024 * 1024,
  events: 128 * 1024 * 1024,
  results: 512 * 1024 * 1024,
  plan: 256 * 1024 * 1024,
  source: 4 * 1024 * 1024,
  key: 64 * 1024,
  history: 64 * 1024 * 1024,
} as const;

export type FileKind = keyof typeof MAX_BYTES;

/**
 * Reads a file that the user named. Named pipes are allowed, because shells pass one for `<(…)`; devices are not,
 * because they may never end.
 * @throws {UsageError} if the file is too large (before reading it) or not a file.
 */
export const readBytes = async (path: string, kind: FileKind): Promise<Uint8Array> =>
  readOpened(path, kind, (info) => info.isFile() || info.isFIFO());

/**
 * Reads a file from a folder that the user named. Pipes, sockets and devices in the folder are refused.
 * @throws {UsageError}
 */
export const readBytesInFolder = async (path: string, kind: FileKind): Promise<Uint8Array> =>
  readOpened(path, kind, (info) => info.isFile());

/** The files that this run has read, by what tells them apart under each of their names. */
const readFiles = new Set<string>();

const identityOf = ({ dev, ino }: Stats): string => `${dev} ${ino}`;

/** Notes that this run has read a file. */
export const noteRead = (info: Stats): void => void readFiles.add(identityOf(info));

/** Whether this run has read the file, so that a result in its place would destroy what it is about. */
export const wasRead = (info: Stats): boolean => readFiles.has(identityOf(info));

const readOpened = async (
  path: string,
  kind: FileKind,
  isReadable: (info: Stats) => boolean,
): Promise<Uint8Array> => {
  let handle: FileHandle | undefined;
  try {
    const info = await stat(path);
    if (info.isDirectory())
      throw new UsageError(`${visibleText(path)}: cannot be read: it is a folder, and a file was expected`);
    if (!isReadable(info))
      throw new UsageError(`${visibleText(path)}: cannot be read: it is a pipe, a socket or a device`);
    if (info.size > MAX_BYTES[kind]) throw tooLarge(path, kind);
    // Non-blocking, because a pipe may have replaced the file meanwhile, and opening a pipe can wait forever.
    handle = await open(path, info.isFile() ? constants.O_RDONLY | constants.O_NONBLOCK : constants.O_RDONLY);
    if (info.isFile()) noteRead(info);
    return await boundedBytes(handle.createReadStream({ autoClose: false }), path, kind);
  } catch (error) {
    throw error instanceof UsageError ? error : fileProblem(path, error);
  } finally {
    await handle?.close();
  }
};

/**
 * All bytes of a stream, up to the bound for this kind of file.
 * @throws {UsageError} as soon as the stream is longer.
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
  // Files of events and of a history are exempt: they are bounded record by record, and may be compressed.
  if (kind !== 'events' && kind !== 'history' && isDense(whole))
    throw new UsageError(`${visibleText(name)}: cannot be read: it holds more values than any such file`);
  return whole;
};

const tooLarge = (name: string, kind: FileKind): UsageError =>
  new UsageError(`${visibleText(name)}: cannot be read: it is larger than ${MAX_BYTES[kind]} bytes`);
