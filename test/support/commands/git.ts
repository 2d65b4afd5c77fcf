import { execFileSync } from 'node:child_process';

const AUTHOR = { GIT_AUTHOR_NAME: 'ana', GIT_AUTHOR_EMAIL: 'ana@acme.example' };
const COMMITTER = { GIT_COMMITTER_NAME: 'ana', GIT_COMMITTER_EMAIL: 'ana@acme.example' };

/** Git without any settings of whoever runs the tests. */
export const git = (folder: string, ...args: string[]): string =>
  execFileSync('git', ['-C', folder, ...args], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH, GIT_CONFIG_NOSYSTEM: '1', HOME: '/nonexistent', ...AUTHOR, ...COMMITTER },
  }).trimEnd();

/** All files of a folder as a commit, in a repository that is made where there is none; its id. */
export const commitAll = (folder: string): string => {
  git(folder, 'init', '--quiet');
  git(folder, 'add', '--all');
  git(folder, 'commit', '--quiet', '--allow-empty', '--message', 'change');
  return git(folder, 'rev-parse', 'HEAD');
};
