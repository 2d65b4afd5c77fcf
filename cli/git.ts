import { execFile } from 'node:child_process';
import { basename, dirname } from 'node:path';
import { promisify } from 'node:util';
import { UsageError } from './errors.ts';

const MAX_BYTES = 64 * 1024 * 1024;

/** Git in a folder. A repository may name programs that git would run while it compares: none is wanted here. */
const git = async (folder: string, ...args: string[]): Promise<string> => {
  const own = ['-C', folder, '-c', 'core.fsmonitor=false', '--literal-pathspecs'];
  const { stdout } = await promisify(execFile)('git', [...own, ...args], { maxBuffer: MAX_BYTES });
  return stdout;
};

/** A commit as seen from a folder: where the folder is in the repository, and which files were renamed since. */
type Base = { commit: string; prefix: string; renames: () => Promise<Map<string, string>> };

/**
 * Reads files as they were at a commit, where a file that was renamed since has its old name; undefined for one that was
 * not there.
 * @throws {UsageError} where git does not know the commit, or the file is in no repository.
 */
export const filesAt = (ref: string): ((path: string) => Promise<string | undefined>) => {
  const bases = new Map<string, Promise<Base>>();
  const baseOf = (folder: string): Promise<Base> => {
    const base = bases.get(folder) ?? openBase(folder, ref);
    bases.set(folder, base);
    return base;
  };
  return async (path) => {
    const folder = dirname(path);
    const { commit, prefix, renames } = await baseOf(folder);
    const name = prefix + basename(path);
    const blob = (at: string) => git(folder, 'cat-file', 'blob', `${commit}:${at}`).catch(() => undefined);
    const same = await blob(name);
    if (same !== undefined) return same;
    const old = (await renames()).get(name);
    return old === undefined ? undefined : blob(old);
  };
};

const openBase = async (folder: string, ref: string): Promise<Base> => {
  const commit = await git(
    folder,
    'rev-parse',
    '--verify',
    '--quiet',
    '--end-of-options',
    `${ref}^{commit}`,
  ).catch((error: unknown) => {
    throw new UsageError(`--diff ${ref}: ${reasonOf(error, folder)}`, { cause: error });
  });
  const prefix = await git(folder, 'rev-parse', '--show-prefix');
  const renamed: { found?: Promise<Map<string, string>> } = {};
  return {
    commit: commit.trimEnd(),
    prefix: prefix.replace(/\n$/, ''),
    renames: () => (renamed.found ??= renamesSince(folder, commit.trimEnd())),
  };
};

const reasonOf = (error: unknown, folder: string): string => {
  const { code, stderr } = error as { code?: unknown; stderr?: string };
  if (code === 'ENOENT') return 'git is not installed';
  if (stderr?.includes('not a git repository')) return `${folder} is in no git repository`;
  return stderr?.trim() || 'git knows no such commit (a shallow clone lacks the older ones: fetch it)';
};

/** The old names of the files of the working tree that git takes for renamed, by their new names. */
const renamesSince = async (folder: string, commit: string): Promise<Map<string, string>> => {
  const options = [
    '--no-relative',
    '--no-ext-diff',
    '--no-textconv',
    '--name-status',
    '-M',
    '-z',
    '--diff-filter=R',
  ];
  const parts = (await git(folder, 'diff', ...options, commit, '--')).split('\0');
  const renames = new Map<string, string>();
  for (let at = 0; at + 2 < parts.length; at += 3) renames.set(parts[at + 2] ?? '', parts[at + 1] ?? '');
  return renames;
};
