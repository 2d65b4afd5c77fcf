import { constants } from 'node:fs';
import { lstat, mkdtemp, open, readdir, realpath, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { visibleText } from '../shared/text/visible-text.ts';
import { fileProblem, UsageError } from './errors.ts';

/** A repository as its folders tell it: its working tree, its git directory, and the one that all working trees share. */
export type Repository = { root: string; gitDir: string; commonDir: string };

/**
 * The repository that a folder is in, without asking git, which would read the settings of a repository that may be a stranger’s.
 * Undefined for a folder in none.
 * https://git-scm.com/docs/gitrepository-layout
 * @throws {UsageError} for a `.git` that is neither a folder nor a file which leads to one.
 */
export const repositoryAround = async (folder: string): Promise<Repository | undefined> => {
  const start = await realpath(folder).catch((error: unknown) => {
    throw fileProblem(folder, error);
  });
  for (let root = start; ; root = dirname(root)) {
    const path = join(root, '.git');
    const info = await lstat(path).catch(() => undefined);
    if (info) return repositoryAt(root, path, info.isFile());
    if (dirname(root) === root) return undefined;
  }
};

/** How the file `.git` of a second working tree or a submodule begins. */
const LEADS_TO = 'gitdir: ';

const repositoryAt = async (root: string, path: string, isFile: boolean): Promise<Repository> => {
  const [first = ''] = isFile ? ((await smallFile(path)) ?? '').split('\n') : [];
  const named = first.startsWith(LEADS_TO) ? first.slice(LEADS_TO.length) : undefined;
  if (isFile && named === undefined) throw notLocal(path);
  const gitDir = named === undefined ? path : localPath(root, named.trim(), path);
  const common = (await smallFile(join(gitDir, 'commondir')))?.trim();
  const commonDir = common === undefined ? gitDir : localPath(gitDir, common, join(gitDir, 'commondir'));
  for (const dir of [gitDir, commonDir])
    if (!(await stat(dir).catch(() => undefined))?.isDirectory()) throw notLocal(path);
  return { root, gitDir: await realpath(gitDir), commonDir: await realpath(commonDir) };
};

const notLocal = (path: string): UsageError =>
  new UsageError(`${visibleText(path)}: it leads to no git directory on this machine`);

/** A path in another machine’s name would be asked for over the network. */
const localPath = (from: string, path: string, of: string): string => {
  if (/^(?:\\\\|\/\/)/.test(path)) throw notLocal(of);
  return isAbsolute(path) ? path : resolve(from, path);
};

const MAX_SMALL = 1024 * 1024;

/** The text of a small regular file; undefined where there is none. Pipes and devices are not opened: they may never end. */
const smallFile = async (path: string): Promise<string | undefined> => {
  const info = await stat(path).catch(() => undefined);
  if (!info?.isFile() || info.size > MAX_SMALL) return undefined;
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(MAX_SMALL), 0, MAX_SMALL, 0);
    return buffer.subarray(0, bytesRead).toString('utf8');
  } finally {
    await handle.close();
  }
};

/** Settings that say how objects and references are written. Of the repository’s settings, nothing else is read. */
const FORMATS = ['objectFormat = sha256', 'refStorage = reftable'] as const;

const formatsIn = (config: string): string[] => {
  const lines = new Set(config.split('\n').map((line) => line.toLowerCase().replace(/[\s"]/g, '')));
  return FORMATS.filter((setting) => lines.has(setting.toLowerCase().replaceAll(' ', '')));
};

/** What of a git directory tells of its commits: folders, and files. Settings, hooks, attributes and grafts do not. */
const SHARED_FOLDERS = ['refs', 'logs', 'reftable', 'objects'];
const SHARED_FILES = ['packed-refs', 'shallow'];

/**
 * Makes a git directory of our own that has the objects and references of a repository and none of its settings: no filters,
 * hooks, monitors, remotes or included files. Whoever asks removes it.
 * @throws {UsageError} for a repository whose objects are on another machine.
 */
export const makeCleanGitDir = async ({ gitDir, commonDir }: Repository): Promise<string> => {
  await refuseRemoteAlternates(commonDir);
  const dir = await mkdtemp(join(tmpdir(), 'pipewarden-git-')).catch((error: unknown) => {
    throw fileProblem(tmpdir(), error, 'written');
  });
  try {
    const config = (await smallFile(join(commonDir, 'config'))) ?? '';
    const formats = formatsIn(config);
    const extensions = formats.length > 0 ? ['[extensions]', ...formats] : [];
    const version = `repositoryFormatVersion = ${formats.length > 0 ? 1 : 0}`;
    await writeFile(join(dir, 'config'), ['[core]', version, 'bare = true', ...extensions, ''].join('\n'));
    await writeFile(join(dir, 'HEAD'), (await smallFile(join(gitDir, 'HEAD'))) ?? 'ref: refs/heads/none\n');
    for (const name of SHARED_FOLDERS) await linkFolder(join(commonDir, name), join(dir, name));
    for (const name of SHARED_FILES) await linkFile(join(commonDir, name), join(dir, name));
    for (const name of await indexFiles(gitDir)) await linkFile(join(gitDir, name), join(dir, name));
    return dir;
  } catch (error) {
    await removeCleanGitDir(dir);
    throw error;
  }
};

/** Removes such a directory; what its links lead to stays. */
export const removeCleanGitDir = (dir: string): Promise<void> => rm(dir, { recursive: true, force: true });

/** The index, and the one that it may share most of its entries with. */
const indexFiles = async (gitDir: string): Promise<string[]> =>
  (await readdir(gitDir).catch(() => [])).filter((name) =>
    /^(?:index|sharedindex\.[0-9a-f]{40,64})$/.test(name),
  );

/** A junction needs no rights on Windows, and is an ordinary link elsewhere. */
const linkFolder = async (from: string, to: string): Promise<void> => {
  if ((await stat(from).catch(() => undefined))?.isDirectory()) await symlink(from, to, 'junction');
};

const linkFile = async (from: string, to: string): Promise<void> => {
  if ((await stat(from).catch(() => undefined))?.isFile()) await symlink(from, to, 'file');
};

/** Objects of another folder on this machine are fine; those of another machine would be asked for over the network. */
const refuseRemoteAlternates = async (commonDir: string): Promise<void> => {
  const path = join(commonDir, 'objects/info/alternates');
  const lines = ((await smallFile(path)) ?? '').split('\n');
  for (const line of lines) if (/^"?(?:\\\\|\/\/)/.test(line.trim())) throw notLocal(path);
};

/** The path of a file in its repository, written with `/`. */
export const pathInRepository = ({ root }: Repository, folder: string, name: string): string =>
  [...relative(root, folder).split(sep), name].filter(Boolean).join('/');
