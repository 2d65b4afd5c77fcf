import {
  closeSync,
  constants,
  type Dirent,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  realpathSync,
  type Stats,
} from 'node:fs';
import { isAbsolute, join, relative, sep } from 'node:path';
import { isNativeError } from 'node:util/types';
import { isObject, type Json, member } from '../../json/json.ts';
import { isDense } from '../../json/json-density.ts';
import { parseJson, type TextError } from '../../json/json-text.ts';
import { cut } from '../../text/cut.ts';
import { shellText } from '../../text/shell-text.ts';
import { ABSENT, found, NOT_IN_SNAPSHOT, notRead, type Read } from '../read-result.ts';

/** The codes of `Unread` for snapshots, besides those that every reader has. */
export const MALFORMED = 'Malformed';
export const UNREADABLE = 'Unreadable';
const TOO_LARGE = 'TooLarge';
export const INVALID_NAME = 'InvalidName';

/** The largest file that is read, in bytes. A pipeline’s definition has at most a megabyte. */
const MAX_BYTES = 8 * 1024 * 1024;

/** The longest file name that common file systems allow. */
const MAX_NAME_LENGTH = 255;

/** A file of the snapshot: its path in segments, the AWS CLI command that makes it, and its own size limit in bytes. */
export type SnapshotFile = { path: readonly string[]; madeBy: string; maxBytes?: number };

/** The path for messages: relative to the snapshot, with `/` on every system. Names that are too long are cut. */
export const pathOf = ({ path }: Pick<SnapshotFile, 'path'>): string =>
  path.map((name) => (name.length > MAX_NAME_LENGTH ? cut(name, 101) : name)).join('/');

/** The file as JSON. A file with `{"absent": true}` is a gap with the code `Absent`. */
export const readJson = async (root: string, file: SnapshotFile): Promise<Read<Json>> => {
  const text = await readText(root, file);
  return text.ok ? jsonOf(file, text.value) : text;
};

/** A file’s text as JSON. `{"absent": true}` is a gap with the code `Absent`. */
export const jsonOf = (file: SnapshotFile, text: string): Read<Json> => {
  const parsed = parseJson(text);
  if (!parsed.ok) return malformed(file, parsed.error);
  if (isObject(parsed.value) && member(parsed.value, 'absent') === true) {
    return notRead(pathOf(file), ABSENT, `${pathOf(file)} says that there is none`);
  }
  return found(parsed.value);
};

/** The gap for a file that has a wrong content, with its line and column. */
export const malformed = (file: SnapshotFile, { line, column, message }: TextError): Read<never> =>
  notRead(pathOf(file), MALFORMED, `${pathOf(file)}:${line}:${column}: ${message}`);

/** A problem of a whole file, at its first character. */
export const atTop = (message: string): TextError => ({ line: 1, column: 1, message });

/** The given value where the file says that AWS has none. A file that could not be read stays a gap. */
export const ifAbsent = <T>(read: Read<T>, value: T): Read<T> =>
  !read.ok && read.unread.code === ABSENT ? found(value) : read;

/** The file’s text. It may be UTF-8, or UTF-16, which `>` writes in Windows PowerShell. */
export const readText = async (root: string, file: SnapshotFile): Promise<Read<string>> => {
  const bytes = readFileOf(root, file, (opened) => readFileSync(opened));
  return bytes.ok ? textOf(file, bytes.value) : bytes;
};

/** The first bytes of a file, and whether the file has no more. */
export const readStart = async (
  root: string,
  file: SnapshotFile,
  maxBytes: number,
): Promise<Read<{ bytes: Uint8Array; isWhole: boolean }>> =>
  readFileOf(root, file, (opened, { size }) => {
    const buffer = Buffer.alloc(Math.min(size + 1, maxBytes));
    const bytesRead = readSync(opened, buffer);
    return { bytes: buffer.subarray(0, bytesRead), isWhole: bytesRead === size };
  });

/**
 * Opens a file and reads it, after checking that it is a file inside the snapshot and not too large. The calls are
 * synchronous: for small files, worker threads would take four times as long.
 */
const readFileOf = <T>(
  root: string,
  file: SnapshotFile,
  read: (opened: number, info: Stats) => T,
): Read<T> => {
  const path = pathOf(file);
  if (!file.path.every(isFileName)) {
    return notRead(path, INVALID_NAME, `${JSON.stringify(path)} cannot be the path of a file in a snapshot`);
  }
  let opened: number | undefined;
  try {
    const real = realpathSync.native(join(root, ...file.path));
    if (!isInside(root, real))
      return notRead(path, UNREADABLE, `${path} is a link that leads out of the snapshot`);
    opened = openSync(real, constants.O_RDONLY | constants.O_NONBLOCK);
    const info = fstatSync(opened);
    const maxBytes = file.maxBytes ?? MAX_BYTES;
    if (!info.isFile()) return notRead(path, UNREADABLE, `${path} is not a file`);
    if (info.size > maxBytes) {
      return notRead(path, TOO_LARGE, `${path} has ${info.size} bytes; at most ${maxBytes} are read`);
    }
    return found(read(opened, info));
  } catch (error) {
    return unreadFile(file, error);
  } finally {
    if (opened !== undefined) closeSync(opened);
  }
};

export const textOf = (file: SnapshotFile, bytes: Uint8Array): Read<string> => {
  if (isDense(bytes))
    return notRead(pathOf(file), TOO_LARGE, `${pathOf(file)} holds more values than any output of AWS`);
  if (bytes.length === 0) {
    const advice = `\`${file.madeBy}\` failed; where its error says that there is none, write {"absent": true}`;
    return malformed(file, { line: 1, column: 1, message: `the file is empty: ${advice}` });
  }
  const encoding = bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : 'utf-8';
  try {
    return found(new TextDecoder(encoding, { fatal: true }).decode(bytes));
  } catch {
    return malformed(file, { line: 1, column: 1, message: 'it is neither UTF-8 nor UTF-16 text' });
  }
};

const unreadFile = (file: SnapshotFile, error: unknown): Read<never> => {
  const path = pathOf(file);
  const code = systemCode(error);
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return notRead(path, NOT_IN_SNAPSHOT, `${path} is not in the snapshot; \`${file.madeBy}\` makes it`);
  }
  return notRead(path, UNREADABLE, `${path} cannot be read (${code})`);
};

/** The names of the folders or files in a folder, sorted, without hidden ones; none where the folder does not exist. */
export const namesIn = async (
  root: string,
  path: readonly string[],
  wanted: 'folders' | 'files',
): Promise<Read<string[]>> => {
  const shown = path.join('/');
  try {
    const real = realpathSync.native(join(root, ...path));
    if (!isInside(root, real))
      return notRead(shown, UNREADABLE, `${shown} is a link that leads out of the snapshot`);
    const entries = readdirSync(real, { withFileTypes: true });
    const unwanted = (entry: Dirent): boolean =>
      wanted === 'folders' ? entry.isFile() : entry.isDirectory();
    const names = entries.filter((entry) => !unwanted(entry)).map(({ name }) => name);
    return found(names.filter((name) => isFileName(name) && !name.startsWith('.')).toSorted());
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ENOENT') {
      return notRead(
        shown,
        NOT_IN_SNAPSHOT,
        `the snapshot has no folder ${shown}; an empty folder says that there are none`,
      );
    }
    return notRead(shown, UNREADABLE, `${shown} cannot be listed (${code})`);
  }
};

/** The code of a file system error. Any other error is a defect of ours and is thrown. */
export const systemCode = (error: unknown): string => {
  const code = isNativeError(error) && 'code' in error ? error.code : undefined;
  if (typeof code === 'string' && !code.startsWith('ERR_')) return code;
  throw error;
};

/**
 * Whether a name from outside can be one segment of a path: it does not leave its folder, and no file system or
 * terminal acts on its characters.
 */
export const isFileName = (name: string): boolean =>
  name !== '' && name !== '.' && name !== '..' && name.length <= MAX_NAME_LENGTH && !UNSAFE.test(name);

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
const UNSAFE = /[/\\\u0000-\u001f\u007f]/;

const isInside = (root: string, path: string): boolean => {
  const way = relative(root, path);
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
};

/** A resource of the snapshot: the name in its path, and the names in its file. */
export type SnapshotEntry = { pathName: string; names: readonly string[] };

/**
 * The entry with a name: first by what its file says, then by its path. Exact matches come before matches without case,
 * because a name may come from an older ARN, which SageMaker lower-cased.
 */
export const entryNamed = <E extends SnapshotEntry>(entries: readonly E[], name: string): E | undefined =>
  entries.find(({ names }) => names.includes(name)) ??
  entries.find(({ names }) => names.some((each) => isSameName(each, name))) ??
  entries.find(({ pathName }) => pathName === name) ??
  entries.find(({ pathName }) => isSameName(pathName, name));

export const isSameName = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/** Each name once; of names that differ only in case, the first. */
export const distinctNames = (names: readonly string[]): string[] => {
  const byName = new Map<string, string>();
  for (const name of names) if (!byName.has(name.toLowerCase())) byName.set(name.toLowerCase(), name);
  return [...byName.values()];
};

/** A file about a bucket, as `aws s3api get-bucket-<noun>` writes it. */
export const bucketFile = (bucket: string, name: string, noun: string): SnapshotFile => ({
  path: ['s3', bucket, name],
  madeBy: `aws s3api get-bucket-${noun} --bucket ${shellText(bucket)}`,
});
