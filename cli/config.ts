import { access, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { configurationOf } from '../shared/audit/run-scope.ts';
import { ConfigError, parseConfig } from '../shared/config/parse-config.ts';
import { type Config, DEFAULT_CONFIG } from '../shared/config/schema.ts';
import { CONTROLS } from '../shared/controls/index.ts';
import type { Control } from '../shared/judging/control.ts';
import { listed } from '../shared/text/listed.ts';
import { visibleText } from '../shared/text/visible-text.ts';
import { UsageError } from './errors.ts';
import { readText, STDIN } from './files.ts';
import { progressOn } from './progress.ts';

export const DEFAULT_FILE = 'pipewarden.yaml';

/** A configuration, and the path of its file; without a file, the safe defaults apply. `isNamed`: by `--config`. */
export type AppliedConfig = { config: Config; file: string | undefined; isNamed?: boolean };

/** What is said where there is no configuration. */
const NONE_FOUND = `none found (${DEFAULT_FILE} in the folder or above it, up to the root of the repository)`;

/** One line that says which configuration is used and, where controls judge, how many of them cannot by it. */
export const configurationText = ({ config, file }: AppliedConfig, controls: readonly Control[]): string => {
  const { controlsOff } = configurationOf(controls, config);
  const waiting = controlsOff.filter(({ why }) => why === 'not-configured').map(({ control }) => control);
  const named = file === undefined ? `${NONE_FOUND}, so that safe defaults apply` : visibleText(file);
  const verb =
    waiting.length === 0 ? 'all can judge' : `${waiting.length} cannot judge (${listed(waiting, 4)})`;
  const judging = controls.length === 0 ? '' : `; of ${controls.length} controls ${verb}`;
  return `configuration: ${named}${judging}`;
};

/**
 * Refuses a run without a configuration file.
 * @throws {UsageError}
 */
export const requireConfig = ({ file }: AppliedConfig): void => {
  if (file === undefined)
    throw new UsageError(
      `--require-config: ${NONE_FOUND}: write one with pipewarden init, or name one with --config`,
    );
};

/**
 * The configuration of `--config`; else the nearest pipewarden.yaml, from the working directory up to the root of its
 * git repository; else the safe defaults. Which one it is, is said on stderr, unless `quiet`.
 * @throws {UsageError} if a named file is missing, or a file is not valid.
 */
export const configOf = async (file: string | undefined, quiet = false): Promise<Config> => {
  const applied = await appliedConfig(file);
  progressOn(process.stderr, quiet).say(configurationText(applied, []));
  return applied.config;
};

/**
 * The configuration that applies to the files, and where it is from. Each file gets the pipewarden.yaml that is nearest
 * to the file, so that a file has the same verdicts from every working directory; if there is none, the one of the
 * working directory.
 * @throws {UsageError} if a named file is missing, a file is not valid, or the files have different configurations.
 */
export const appliedConfig = async (
  named: string | undefined,
  files: readonly string[] = [],
): Promise<AppliedConfig> => {
  const file = named ?? (await nearestOfAll(files));
  if (file === undefined) return { config: DEFAULT_CONFIG, file };
  // One that is found may be anybody's: a pipe of that name would be waited for for ever.
  if (named === undefined && !(await stat(file)).isFile())
    throw new UsageError(`${visibleText(file)}: cannot be read: it is no file`);
  const config = configIn(await readText(file, 'configuration'), file);
  return { config, file, isNamed: named !== undefined };
};

const nearestOfAll = async (files: readonly string[]): Promise<string | undefined> => {
  const own = await nearestConfig('.');
  const folders = [...new Set(files.map((file) => (file === STDIN.argument ? '.' : dirname(file))))];
  if (folders.length === 0) return own;
  const found = await Promise.all(folders.map(async (folder) => (await nearestConfig(folder)) ?? own));
  const [first, other] = [...new Set(found)];
  if (new Set(found).size > 1)
    throw new UsageError(
      `the files have different configurations (${visibleText(first ?? 'none')}, ${visibleText(other ?? 'none')}): lint them in separate runs, or name one with --config`,
    );
  return first;
};

const nearestConfig = async (folder: string): Promise<string | undefined> => {
  for (const path of await configPlaces(folder)) if (await exists(path)) return path;
  return undefined;
};

/**
 * Where the configuration of a folder may be, nearest first: in the folder, or above it up to the root of its git
 * repository. Folders above the repository belong to somebody else, and so do those above a folder in no repository.
 */
export const configPlaces = async (folder: string): Promise<string[]> => {
  const places: string[] = [];
  for (let each = resolve(folder); ; each = dirname(each)) {
    places.push(relative('.', join(each, DEFAULT_FILE)));
    if (await exists(join(each, '.git'))) return places;
    if (dirname(each) === each) return places.slice(0, 1);
  }
};

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/**
 * Parses a configuration.
 * @throws {UsageError} if it is not valid.
 */
export const configIn = (text: string, path: string): Config => {
  try {
    return parseConfig(
      text,
      path,
      CONTROLS.map(({ id }) => id),
    );
  } catch (error) {
    throw error instanceof ConfigError ? new UsageError(error.message, { cause: error }) : error;
  }
};
