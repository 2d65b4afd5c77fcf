import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

/** The Nodes that the package runs on, each with an npm that its users have. */
const VERSIONS = {
  20: ['node@20.20.2', 'npm@10.9.9'],
  22: ['node@22.23.3', 'npm@10.9.9'],
  24: ['node@24.21.0', 'npm@11.21.2'],
} as const;

export const NODES = [20, 22, 24] as const;
type Major = (typeof NODES)[number];

const folderOf = (major: Major): string =>
  join(import.meta.dirname, '../../../node_modules/.cache/nodes', `${major}`);
const stampOf = (major: Major): string => join(folderOf(major), '.versions');
const wantedStamp = (major: Major): string => VERSIONS[major].join(' ');

const isReady = (major: Major): boolean =>
  existsSync(stampOf(major)) && readFileSync(stampOf(major), 'utf8') === wantedStamp(major);

export const areNodesReady = (): boolean => NODES.every(isReady);

/** Installs the Nodes from the registry of npm, once. Throws if it cannot be reached. */
export const ensureNodes = async (): Promise<void> => {
  for (const major of NODES) {
    if (isReady(major)) continue;
    const folder = folderOf(major);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    await promisify(execFile)(
      'npm',
      ['install', '--prefix', folder, '--no-audit', '--no-fund', ...VERSIONS[major]],
      { cwd: folder },
    );
    writeFileSync(stampOf(major), wantedStamp(major));
  }
};

/** A PATH on which `node` and `npm` are those of this major version, and nothing else of the machine but its system's programs. */
export const pathWithNode = (major: Major): string =>
  [join(folderOf(major), 'node_modules/.bin'), '/usr/bin', '/bin'].join(delimiter);
