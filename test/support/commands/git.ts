import { execFileSync } from 'node:child_process';

const AUTHOR = { GIT_AUTHOR_NAME: 'ana', GIT_AUTHOR_EMAIL: 'ana@acme.example' };
const COMMITTER = { GIT_COMMITTER_NAME: 'ana', GIT_COMMITTER_EMAIL: 'ana@acme.example' };

/** Runs git without any settings of the person who runs the tests. */
export const git = (folder: string, ...args: string[]): string =>
  execFileSync('git', ['-C', folder, ...args], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH, GIT_CONFIG_NOSYSTEM: '1', HOME: '/nonexistent', ...AUTHOR, ...COMMITTER },
  }).trimEnd();

/** Commits all files of a folder, and makes a repository if there is none. Returns the commit's id. */
export const commitAll = (folder: string): string => {
  git(folder, 'init', '--quiet');
  git(folder, 'add', '--all');
  git(folder, 'commit', '--quiet', '--allow-empty', '--message', 'change');
  return git(folder, 'rev-parse', 'HEAD');
};
