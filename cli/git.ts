import { execFile } from 'node:child_process';
import { basename, dirname } from 'node:path';
import { promisify } from 'node:util';
import { MAX_BYTES } from './bounded-file.ts';
import { UsageError } from './errors.ts';

/** Large, because git lists every file of a commit when it searches for renames. */
const MAX_OUTPUT = 64 * 1024 * 1024;

/** Settings by which a repository could make git run a program or fetch: hooks, monitors, servers. */
const OWN_SETTINGS = [
  'core.fsmonitor=false',
  'core.hooksPath=/dev/null',
  'core.attributesFile=/dev/null',
  'protocol.allow=never',
  'submodule.recurse=false',
  'diff.ignoreSubmodules=all',
];

/**
 * The environment for git, without variables that could lead git elsewhere (hooks set GIT_DIR and GIT_EXEC_PATH). Git
 * takes no locks, asks nobody, replaces no objects and fetches nothing, because the repository may come from a
 * stranger and its “remote” may be a program.
 * https://git-scm.com/docs/git#_environment_variables
 */
const environment = (): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^GIT_/i.test(name))),
  GIT_ALLOW_PROTOCOL: 'none',
  GIT_ATTR_NOSYSTEM: '1',
  GIT_NO_LAZY_FETCH: '1',
  GIT_NO_REPLACE_OBJECTS: '1',
  GIT_OPTIONAL_LOCKS: '0',
  GIT_TERMINAL_PROMPT: '0',
  LC_ALL: 'C',
});

/**
 * Runs git in a folder. Callers use only commands that read objects and the index, because these run no filters of
 * the working tree.
 */
const git = async (folder: string, args: readonly string[], maxBuffer = MAX_OUTPUT): Promise<string> => {
  const own = OWN_SETTINGS.flatMap((setting) => ['-c', setting]);
  const { stdout } = await promisify(execFile)(
    'git',
    ['-C', folder, '--no-pager', '--literal-pathspecs', ...own, ...args],
    { maxBuffer, env: environment() },
  );
  return stdout;
};

/** A commit as seen from a folder: the folder's path in the repository, and the files that were renamed since. */
type DiffBase = { commit: string; prefix: string; renames: () => Promise<Map<string, string>> };

/** The files of a repository at a commit. */
export type FilesAt = {
  /**
   * A file's text at the commit, also under an old name if the file was renamed since; undefined if it did not exist.
   * @throws {UsageError} if git does not know the commit, or the file is in no repository.
   */
  textAt: (path: string) => Promise<string | undefined>;
  /** The git directory of the file's repository; undefined for a file outside any repository. */
  repositoryOf: (path: string) => Promise<string | undefined>;
};

/** Reads files as they were at a commit. Runs no program that a repository names, and fetches nothing. */
export const filesAt = (ref: string): FilesAt => {
  const bases = new Map<string, Promise<DiffBase>>();
  const baseOf = (folder: string): Promise<DiffBase> => {
    const base = bases.get(folder) ?? openBase(folder, ref);
    bases.set(folder, base);
    return base;
  };
  return {
    textAt: async (path) => {
      const folder = dirname(path);
      const { commit, prefix, renames } = await baseOf(folder);
      const name = prefix + basename(path);
      const same = await blobAt(folder, commit, name, ref);
      if (same !== undefined) return same;
      const old = (await renames()).get(name);
      return old === undefined ? undefined : blobAt(folder, commit, old, ref);
    },
    repositoryOf: (path) => repositoryOf(dirname(path)).catch(() => undefined),
  };
};

const repositoryOf = async (folder: string): Promise<string> =>
  withoutLineEnd(await git(folder, ['rev-parse', '--absolute-git-dir']));

const openBase = async (folder: string, ref: string): Promise<DiffBase> => {
  const asked = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`];
  const commit = await git(folder, asked).catch((error: unknown) => {
    throw new UsageError(`--diff ${ref}: ${reasonOf(error, folder)}`, { cause: error });
  });
  const prefix = await git(folder, ['rev-parse', '--show-prefix']);
  const renamed: { found?: Promise<Map<string, string>> } = {};
  return {
    commit: commit.trimEnd(),
    prefix: withoutLineEnd(prefix),
    renames: () => (renamed.found ??= renamesSince(folder, commit.trimEnd())),
  };
};

const withoutLineEnd = (text: string): string => text.replace(/\n$/, '');

/** The text of a regular file at a commit; undefined for links, folders and submodules. */
const blobAt = async (
  folder: string,
  commit: string,
  name: string,
  ref: string,
): Promise<string | undefined> => {
  try {
    const entry = await git(folder, ['ls-tree', '-z', '--full-tree', commit, '--', name]);
    const [, id] = /^100\d{3} blob ([0-9a-f]{40,64})\t/.exec(entry) ?? [];
    return id === undefined ? undefined : await git(folder, ['cat-file', 'blob', id], MAX_BYTES.definition);
  } catch (error) {
    throw new UsageError(
      `--diff ${ref}: what ${name} was there cannot be read: ${reasonOf(error, folder)}; where the clone is a partial one, \`git show\` of it fetches it`,
      { cause: error },
    );
  }
};

const reasonOf = (error: unknown, folder: string): string => {
  const { code, stderr } = error as { code?: unknown; stderr?: string };
  if (code === 'ENOENT') return 'git is not installed';
  if (code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') return 'it is too large';
  if (stderr?.includes('not a git repository')) return `${folder} is in no git repository`;
  return stderr?.trim() || 'git knows no such commit (a shallow clone lacks the older ones: fetch it)';
};

/**
 * The old names of renamed files, by their new names. The commit is compared with the index, not with the working
 * tree, because git reads working-tree files through filters that the repository names.
 */
const renamesSince = async (folder: string, commit: string): Promise<Map<string, string>> => {
  const options = [
    '--cached',
    '--no-relative',
    '--no-ext-diff',
    '--no-textconv',
    '--name-status',
    '-M',
    '-z',
  ];
  const compared = await git(folder, ['diff-index', ...options, '--diff-filter=R', commit, '--']);
  const parts = compared.split('\0');
  const renames = new Map<string, string>();
  for (let at = 0; at + 2 < parts.length; at += 3) renames.set(parts[at + 2] ?? '', parts[at + 1] ?? '');
  return renames;
};
