import { access, lstat, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { isNativeError } from 'node:util/types';
import { notConfiguredIn } from '../shared/audit/run-scope.ts';
import { ACCOUNT_UNKNOWN, configFor } from '../shared/config/config-for.ts';
import { ConfigError, parseConfig, positionsIn } from '../shared/config/parse-config.ts';
import { type Config, DEFAULT_CONFIG, type FileConfig } from '../shared/config/schema.ts';
import { CONTROLS } from '../shared/controls/index.ts';
import type { Unread } from '../shared/domain/gap.ts';
import { accountConfig } from '../shared/facts/account-config.ts';
import type { Control } from '../shared/judging/control.ts';
import { once } from '../shared/memo.ts';
import type { PlaceOf } from '../shared/outputs/places/evidence-places.ts';
import type { Reader } from '../shared/reader/reader.ts';
import { listed } from '../shared/text/listed.ts';
import { visibleText } from '../shared/text/visible-text.ts';
import { fileProblem, UsageError } from './errors.ts';
import { readText, STDIN } from './files.ts';
import { progressOn } from './progress.ts';

export const DEFAULT_FILE = 'pipewarden.yaml';

/** A configuration, and the path and text of its file; without a file, the safe defaults apply. `isNamed`: by `--config`. */
export type AppliedConfig = {
  config: FileConfig;
  file: string | undefined;
  text?: string;
  isNamed?: boolean;
};

/** What of a configuration one account, or the linted files, are judged by. `whole`: what the file says for all accounts, where that is more. */
export type JudgingConfig = AppliedConfig & { config: Config; whole?: FileConfig };

/**
 * What of the configuration the reader’s account is judged by.
 * @throws {UsageError} where it hangs on organizational units, and nothing tells those of the account.
 */
export const configOfAccount = async (
  applied: AppliedConfig,
  reader: Pick<Reader, 'scope' | 'readOwnOrganization'>,
): Promise<JudgingConfig> => {
  const read = await accountConfig(applied.config, reader);
  if (!read.ok) throw undecided(applied, read.unread, UNITS_ADVICE);
  return { ...applied, config: read.value, whole: applied.config };
};

/** An account’s number, which may be the end of its path in the organization. */
const ACCOUNT = /^(?:(o-.*\/))?(\d{12})\/?$/;

/**
 * What of the configuration linted files are judged by. `account` is the number of the account that they are for, or its path in
 * the organization, which ends with the number.
 * @throws {UsageError} where the configuration hangs on the account, and this does not tell it.
 */
export const configOfFiles = (applied: AppliedConfig, account: string | undefined): JudgingConfig => {
  const [, path, id] = ACCOUNT.exec(account ?? '') ?? [];
  if (account !== undefined && id === undefined)
    throw new UsageError(`--account ${account}: is not the number of an account; ${ACCOUNT_FORMS}`);
  // Any partition, because files are in none.
  const read = configFor(applied.config, { account: id ?? '', partition: '*', path });
  if (read.ok) return { ...applied, config: read.value, whole: applied.config };
  const advice = read.unread.code === ACCOUNT_UNKNOWN ? 'give --account' : 'give its path too';
  throw undecided(applied, read.unread, `${advice}: ${ACCOUNT_FORMS}`);
};

const ACCOUNT_FORMS =
  'expected --account 111122223333, or with its path in the organization --account o-…/r-…/ou-…/111122223333';

const UNITS_ADVICE =
  'audit with credentials that may call organizations:DescribeOrganization and organizations:DescribeAccount, or name the account in accounts of the configuration';

const undecided = ({ file }: AppliedConfig, { call, message }: Unread, advice: string): UsageError =>
  new UsageError(`${visibleText(file ?? DEFAULT_FILE)}: ${call}: ${message}: ${advice}`);

/** What is said where there is no configuration. */
const NONE_FOUND = `none found (${DEFAULT_FILE} in the folder or above it, up to the root of the repository)`;

/** One line that says which configuration is used, and how many controls cannot judge by it. */
export const configurationText = ({ config, file }: JudgingConfig, controls: readonly Control[]): string => {
  const lacking = new Set(notConfiguredIn(controls, config).flatMap((each) => each.controls));
  const waiting = controls.flatMap(({ id }) => (lacking.has(id) ? id : []));
  const verb =
    waiting.length === 0 ? 'none lacks its list' : `${waiting.length} cannot judge (${listed(waiting, 4)})`;
  const judging = `; of ${controls.length} controls ${verb}`;
  return `${configurationPlace({ file })}${judging}`;
};

/** One line that says which configuration is used. */
export const configurationPlace = ({ file }: Pick<AppliedConfig, 'file'>): string =>
  `configuration: ${file === undefined ? `${NONE_FOUND}, so that safe defaults apply` : visibleText(file)}`;

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
export const configOf = async (file: string | undefined, quiet = false): Promise<AppliedConfig> => {
  const applied = await appliedConfig(file);
  progressOn(process.stderr, quiet).say(configurationPlace(applied));
  return applied;
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
  if (named === undefined) await requireFile(file);
  const text = await readText(file, 'configuration');
  return { config: configIn(text, file), file, text, isNamed: named !== undefined };
};

const unreadable = (path: string, why: string): UsageError =>
  new UsageError(`${visibleText(path)}: cannot be read: ${why}`);

/** A link that leads nowhere is there all the same: without it, laxer rules of another folder would apply unnoticed. */
const requireFile = async (path: string): Promise<void> => {
  const found = await stat(path).catch((error: unknown) => {
    const leadsNowhere = isNativeError(error) && 'code' in error && error.code === 'ENOENT';
    throw leadsNowhere ? unreadable(path, 'it is a link that leads nowhere') : fileProblem(path, error);
  });
  if (!found.isFile()) throw unreadable(path, 'it is no file');
};

/**
 * The configuration that applies to these files where none is named.
 * @throws {UsageError} if the files have different ones.
 */
export const nearestOfAll = async (files: readonly string[]): Promise<string | undefined> => {
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
  for (const path of await configPlaces(folder)) if (await isNamedThere(path)) return path;
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

const isNamedThere = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  );

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/**
 * Parses a configuration.
 * @throws {UsageError} if it is not valid.
 */
export const configIn = (text: string, path: string): FileConfig => {
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

/** Where the evidence of findings on the configuration stands in its file. */
export const configurationPlaces = ({
  file = DEFAULT_FILE,
  text,
}: Pick<AppliedConfig, 'file' | 'text'>): PlaceOf => {
  const positions = once(() => (text === undefined ? undefined : positionsIn(text)));
  return ({ evidence }) => ({
    path: file,
    regions: evidence.flatMap(({ at }) => {
      const position = positions()?.(at);
      return position ? { ...position, at } : [];
    }),
  });
};
