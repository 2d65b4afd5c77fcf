import { execFile } from 'node:child_process';
import { realpath } from 'node:fs/promises';
import { devNull } from 'node:os';
import { basename, dirname, posix } from 'node:path';
import { promisify } from 'node:util';
import { visibleText } from '../shared/text/visible-text.ts';
import { MAX_BYTES } from './bounded-file.ts';
import {
  makeCleanGitDir,
  pathInRepository,
  type Repository,
  removeCleanGitDir,
  repositoryAround,
} from './clean-git-dir.ts';
import { UsageError } from './errors.ts';

/** Large, because git lists every file of a commit when it searches for renames. */
const MAX_OUTPUT = 64 * 1024 * 1024;

/**
 * Settings of our own for each call. The git directory has no others; these hold if it ever had, and for git’s defaults: the
 * commit graph and the index of packs are written by whoever made the repository.
 */
const OWN_SETTINGS = [
  'core.fsmonitor=false',
  'core.hooksPath=/dev/null',
  'core.attributesFile=/dev/null',
  'core.commitGraph=false',
  'core.multiPackIndex=false',
  'protocol.allow=never',
];

/** A pipe among the objects would keep git waiting for ever. */
const MAX_MILLISECONDS = 120_000;

/**
 * The environment for git, without variables that could lead git elsewhere (hooks set GIT_DIR and GIT_EXEC_PATH), and without the
 * settings of the system and of the user, which may name programs for any repository. Git takes no locks, asks nobody, replaces no
 * objects and fetches nothing.
 * https://git-scm.com/docs/git#_environment_variables
 */
const environment = (gitDir: string): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^GIT_/i.test(name))),
  GIT_ALLOW_PROTOCOL: 'none',
  GIT_ATTR_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: devNull,
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_SYSTEM: devNull,
  GIT_DIR: gitDir,
  GIT_NO_LAZY_FETCH: '1',
  GIT_NO_REPLACE_OBJECTS: '1',
  GIT_OPTIONAL_LOCKS: '0',
  GIT_TERMINAL_PROMPT: '0',
  LC_ALL: 'C',
});

/** Runs git on a git directory of our own, in that directory, where no working tree is. */
const git = async (gitDir: string, args: readonly string[], maxBuffer = MAX_OUTPUT): Promise<string> => {
  const own = OWN_SETTINGS.flatMap((setting) => ['-c', setting]);
  const { stdout } = await promisify(execFile)(
    'git',
    ['--no-pager', '--literal-pathspecs', ...own, ...args],
    { cwd: gitDir, maxBuffer, env: environment(gitDir), timeout: MAX_MILLISECONDS },
  );
  return stdout;
};

/** The files of a repository at a commit. */
export type FilesAt = {
  /**
   * A file's text at the commit, also under an old name if the file was renamed since; undefined if it did not exist. `isLinked`: where
   * a link to another file of the repository stood, the text is that file’s.
   * @throws {UsageError} if git does not know the commit, or the file is in no repository.
   */
  textAt: (path: string, isLinked?: 'by links') => Promise<string | undefined>;
  /** The root of the file's repository; undefined for a file outside any repository. */
  repositoryOf: (path: string) => Promise<string | undefined>;
};

/** A repository at the commit: our own git directory for it, and the files that were renamed since, by their new names. */
type DiffBase = { dir: string; commit: string; renames: () => Promise<Map<string, string>> };

/**
 * Runs a body that reads files as they were at a commit. Git works on directories of our own, which have the objects and
 * references of the repositories and none of their settings, so that it runs no program that a repository names, and fetches
 * nothing.
 */
export const withFilesAt = async <T>(ref: string, body: (files: FilesAt) => Promise<T>): Promise<T> => {
  const bases = new Map<string, Promise<DiffBase>>();
  const dirs: string[] = [];
  const open = async (repository: Repository): Promise<DiffBase> => {
    const dir = await makeCleanGitDir(repository);
    dirs.push(dir);
    return openBase(dir, ref);
  };
  const baseOf = (repository: Repository): Promise<DiffBase> => {
    const base = bases.get(repository.gitDir) ?? open(repository);
    bases.set(repository.gitDir, base);
    return base;
  };
  const files: FilesAt = {
    textAt: async (path, isLinked) => {
      const repository = await repositoryAround(dirname(path));
      if (!repository)
        throw new UsageError(`--diff ${ref}: ${visibleText(dirname(path))} is in no git repository`);
      const { dir, commit, renames } = await baseOf(repository);
      const name = pathInRepository(repository, await realpath(dirname(path)), basename(path));
      const read = (each: string) => entryAt(dir, commit, each, ref);
      const textOf = (each: string) => textIn(read, each, isLinked ? MAX_LINKS : 0);
      const same = await textOf(name);
      if (same !== undefined) return same;
      const old = (await renames()).get(name);
      return old === undefined ? undefined : textOf(old);
    },
    repositoryOf: async (path) => (await repositoryAround(dirname(path)).catch(() => undefined))?.root,
  };
  try {
    return await body(files);
  } finally {
    await Promise.allSettled(bases.values());
    for (const dir of dirs) await removeCleanGitDir(dir);
  }
};

const openBase = async (dir: string, ref: string): Promise<DiffBase> => {
  const asked = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`];
  const commit = await git(dir, asked).catch((error: unknown) => {
    throw new UsageError(`--diff ${ref}: ${reasonOf(error)}`, { cause: error });
  });
  const renamed: { found?: Promise<Map<string, string>> } = {};
  return {
    dir,
    commit: commit.trimEnd(),
    renames: () => (renamed.found ??= renamesSince(dir, commit.trimEnd())),
  };
};

/** A regular file or a link at a commit; a link’s text is the path that it leads to. */
type Entry = { text: string; isLink: boolean };

/** A chain of more links is a circle, or nothing that anybody follows. */
const MAX_LINKS = 8;

/** The text of the file at a path, over so many links that stay in the repository; undefined where there is none. */
const textIn = async (
  read: (name: string) => Promise<Entry | undefined>,
  name: string,
  links: number,
): Promise<string | undefined> => {
  const entry = await read(name);
  if (!entry?.isLink) return entry?.text;
  const target = posix.join(posix.dirname(name), entry.text);
  const isInside = !posix.isAbsolute(entry.text) && !/^\.\.(?:\/|$)/.test(target);
  return links > 0 && isInside ? textIn(read, target, links - 1) : undefined;
};

/** What stands at a path of a commit; undefined for nothing, a folder and a submodule. */
const entryAt = async (
  dir: string,
  commit: string,
  name: string,
  ref: string,
): Promise<Entry | undefined> => {
  try {
    const entry = await git(dir, ['ls-tree', '-z', '--full-tree', commit, '--', name]);
    const [, mode, id] = /^(100\d{3}|120000) blob ([0-9a-f]{40,64})\t/.exec(entry) ?? [];
    if (id === undefined) return undefined;
    const text = await git(dir, ['cat-file', 'blob', id], MAX_BYTES.definition);
    return { text, isLink: mode === '120000' };
  } catch (error) {
    throw new UsageError(
      `--diff ${ref}: what ${visibleText(name)} was there cannot be read: ${reasonOf(error)}; a partial clone that you trust fetches it by \`git show\``,
      { cause: error },
    );
  }
};

const reasonOf = (error: unknown): string => {
  const { code, stderr, killed } = error as { code?: unknown; stderr?: string; killed?: boolean };
  if (code === 'ENOENT') return 'git is not installed';
  if (code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') return 'it is too large';
  if (killed) return `git did not answer in ${MAX_MILLISECONDS / 1000} seconds`;
  return stderr?.trim() || 'git knows no such commit (a shallow clone lacks the older ones: fetch it)';
};

/**
 * The old names of renamed files, by their new names. The commit is compared with the index, not with the working
 * tree, because git reads working-tree files through filters that the repository names.
 */
const renamesSince = async (dir: string, commit: string): Promise<Map<string, string>> => {
  const options = [
    '--cached',
    '--no-relative',
    '--no-ext-diff',
    '--no-textconv',
    '--name-status',
    '-M',
    '-z',
  ];
  const compared = await git(dir, ['diff-index', ...options, '--diff-filter=R', commit, '--']);
  const parts = compared.split('\0');
  const renames = new Map<string, string>();
  for (let at = 0; at + 2 < parts.length; at += 3) renames.set(parts[at + 2] ?? '', parts[at + 1] ?? '');
  return renames;
};
