import { readFile } from 'node:fs/promises';
import { LineCounter, isMap, isNode, isPair, isScalar, parseDocument } from 'yaml';
import { type Config, type ConfigIssue, checkConfig } from './schema.ts';

/** Configuration files larger than this are refused: nobody writes one by hand. */
const MAX_BYTES = 1024 * 1024;

/** A configuration that cannot be used. Its message lists every problem as `file:line:column: what`. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/**
 * The configuration of a YAML (or JSON) file.
 * @throws {ConfigError} where the file cannot be read, is not YAML, or says something that the schema does not know.
 */
export const loadConfig = async (path: string, knownControls: readonly string[]): Promise<Config> => {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new ConfigError(`${path}: the configuration cannot be read (${error.code ?? error.message})`, { cause: error });
  });
  return parseConfig(text, path, knownControls);
};

/**
 * The configuration of a text; `path` names it in messages.
 * @throws {ConfigError}
 */
export const parseConfig = (text: string, path: string, knownControls: readonly string[]): Config => {
  if (text.length > MAX_BYTES) throw new ConfigError(`${path}: the configuration is larger than ${MAX_BYTES} bytes`);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const report = (offset: number, message: string) => {
    const { line, col } = lines.linePos(offset);
    return `${path}:${line}:${col}: ${message}`;
  };
  if (document.errors.length > 0) {
    throw new ConfigError(document.errors.map(({ pos, message }) => report(pos[0], message)).join('\n'));
  }
  const checked = checkConfig(document.toJS({ maxAliasCount: 20 }) ?? {}, knownControls);
  if (checked.ok) return checked.config;
  const problems = checked.issues.map((issue) => {
    const { offset, shown } = locate(document, issue);
    return report(offset, `${shown}${issue.message}`);
  });
  throw new ConfigError(problems.join('\n'));
};

/** Where an issue stands in the document: at the key for a key that should not be there, else at the value. */
const locate = (
  document: ReturnType<typeof parseDocument>,
  { path, isKey }: ConfigIssue,
): { offset: number; shown: string } => {
  const shown = path.length > 0 ? `${path.map((key, i) => (typeof key === 'number' ? `[${key}]` : `${i > 0 ? '.' : ''}${key}`)).join('')}: ` : '';
  for (let depth = path.length; depth >= 0; depth--) {
    const node = document.getIn(path.slice(0, depth), true);
    if (isKey && depth === path.length) {
      const parent = document.getIn(path.slice(0, -1), true) ?? document.contents;
      const pair = isMap(parent) ? parent.items.find((item) => isScalar(item.key) && item.key.value === path.at(-1)) : undefined;
      if (isPair(pair) && isNode(pair.key) && pair.key.range) return { offset: pair.key.range[0], shown };
    }
    if (isNode(node) && node.range) return { offset: node.range[0], shown };
  }
  return { offset: 0, shown };
};
