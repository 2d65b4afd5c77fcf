import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Read } from '../../../shared/reader/read-result.ts';
import type { Reader } from '../../../shared/reader/reader.ts';
import { openSnapshot } from '../../../shared/reader/snapshot/reader.ts';

export const ACCOUNT = '111122223333';
export const role = (name: string) => `arn:aws:iam::${ACCOUNT}:role/${name}`;
export const IDENTITY = { UserId: 'U', Account: ACCOUNT, Arn: role('auditor'), Region: 'eu-west-1' };

let made: string[] = [];

/** Removes all folders of a test; for `afterEach`. */
export const removeFolders = async (): Promise<void> => {
  for (const dir of made) await rm(dir, { recursive: true });
  made = [];
};

/** Makes a folder of files; contents that are not text are written as JSON. */
export const folderOf = async (files: Record<string, unknown>): Promise<string> => {
  const dir = await mkdtemp(join(tmpdir(), 'pipewarden-snapshot-'));
  made.push(dir);
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(dir, path)), { recursive: true });
    const isRaw = typeof content === 'string' || content instanceof Uint8Array;
    await writeFile(join(dir, path), isRaw ? content : JSON.stringify(content));
  }
  return dir;
};

export const snapshotOf = async (files: Record<string, unknown>): Promise<Reader> => {
  const opened = await openSnapshot(await folderOf({ 'caller-identity.json': IDENTITY, ...files }));
  if (!opened.ok) throw new Error(opened.unread.message);
  return opened.value;
};

export const unreadOf = <T>(read: Read<T>) => {
  if (read.ok) throw new Error(`it was read: ${JSON.stringify(read.value)}`);
  return read.unread;
};
