import { access } from 'node:fs/promises';
import { ConfigError, parseConfig } from '../shared/config/parse-config.ts';
import { type Config, DEFAULT_CONFIG } from '../shared/config/schema.ts';
import { CONTROLS } from '../shared/controls/index.ts';
import { UsageError } from './errors.ts';
import { readText } from './files.ts';

export const DEFAULT_FILE = 'pipewarden.yaml';

/**
 * The configuration of `--config`, else of pipewarden.yaml if it exists, else the safe defaults.
 * @throws {UsageError} if a named file is missing, or a file is not valid.
 */
export const configOf = async (file: string | undefined): Promise<Config> => {
  if (file === undefined) {
    const exists = await access(DEFAULT_FILE).then(
      () => true,
      () => false,
    );
    if (!exists) return DEFAULT_CONFIG;
  }
  const path = file ?? DEFAULT_FILE;
  return configIn(await readText(path, 'configuration'), path);
};

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
