import type { ConfigPath } from './config-issue.ts';
import type { FileConfig } from './schema.ts';

type Override = NonNullable<FileConfig['overrides']>[number];

/** The top of a configuration, or one of its overrides, and its place in the file. */
export type ConfigPart = { path: ConfigPath; part: Override | FileConfig; isOverride: boolean };

/** The top of a configuration and its overrides, whose keys mean the same. */
export const partsOf = (config: FileConfig): ConfigPart[] => [
  { path: [], part: config, isOverride: false },
  ...(config.overrides ?? []).map((part, index) => ({ path: ['overrides', index], part, isOverride: true })),
];

/** A place in the configuration as a person writes it: `overrides[0].suppressions[2].resource`. */
export const pathText = (path: ConfigPath): string =>
  path
    .map((key, index) => (typeof key === 'number' ? `[${key}]` : `${index > 0 ? '.' : ''}${plainKey(key)}`))
    .join('');

/** The place that a text of {@link pathText} is of. */
export const pathOf = (text: string): ConfigPath => {
  const path: ConfigPath = [];
  const part = /\[(\d+)\]|\.?("(?:[^"\\]|\\.)*"|[\w-]+)/y;
  for (let found = part.exec(text); found; found = part.exec(text)) {
    const [, index, key = ''] = found;
    path.push(index !== undefined ? Number(index) : key.startsWith('"') ? (JSON.parse(key) as string) : key);
  }
  return path;
};

/** A key for a message: in quotes where it has unusual characters. */
export const plainKey = (key: string): string => (/^[\w.-]+$/.test(key) ? key : JSON.stringify(key));
