import {
  type Alias,
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  LineCounter,
  parseDocument,
  visit,
} from 'yaml';
import { positionOf, type TextPosition } from '../json/json-text.ts';
import { excessIn, type YamlLimits } from '../json/yaml-excess.ts';
import { checkConfig } from './check-config.ts';
import type { ConfigIssue } from './config-issue.ts';
import { pathOf, pathText, plainKey } from './config-parts.ts';
import type { FileConfig } from './schema.ts';

/** The largest configuration file, in characters. Nobody writes a larger one by hand. */
const MAX_CONFIG = 1024 * 1024;

/**
 * A configuration of ten thousand lines has half as many words and signs. For each alias the parser searches the file from its
 * beginning.
 */
const LIMITS: YamlLimits = { tokens: 100_000, aliases: 100, brackets: 64 };

/** The largest number of problems in one message. A file of another kind has thousands. */
const MAX_PROBLEMS = 20;

/** A configuration that cannot be used. The message lists each problem as `file:line:column: what`. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/**
 * The configuration in a YAML (or JSON) text. `path` names the file in messages.
 * @throws {ConfigError} where the text is not YAML, or contains something that the schema does not know.
 */
export const parseConfig = (text: string, path: string, knownControls: readonly string[]): FileConfig => {
  if (text.length > MAX_CONFIG)
    throw new ConfigError(`${path}: the configuration is larger than ${MAX_CONFIG} bytes`);
  const excess = excessIn(text, LIMITS);
  if (excess) {
    const { line, column } = positionOf(text, excess.offset);
    throw new ConfigError(`${path}:${line}:${column}: ${excess.message}`);
  }
  const { lines, document } = read(text);
  const refuse = (
    problems: readonly { offset: number; message: string }[],
    all = problems.length,
  ): ConfigError => {
    const shown = problems.slice(0, MAX_PROBLEMS).map(({ offset, message }) => {
      const { line, col } = lines.linePos(offset);
      return `${path}:${line}:${col}: ${message}`;
    });
    const more = all - shown.length;
    return new ConfigError([...shown, ...(more > 0 ? [`${path}: and ${more} more`] : [])].join('\n'));
  };
  if (document.errors.length > 0) {
    const unquoted = document.errors.find(({ pos }) => text.slice(pos[0] - 1, pos[0] + 1) === '${');
    if (unquoted) throw refuse([{ offset: unquoted.pos[0] - 1, message: UNQUOTED }]);
    throw refuse(
      document.errors.map(({ pos, code, message }) => ({
        offset: pos[0],
        message:
          code === 'MULTIPLE_DOCS'
            ? 'a second document begins here; one is expected'
            : message.startsWith('Maximum call stack')
              ? 'it is nested too deeply'
              : message,
      })),
    );
  }
  const doubled = doubledKey(document, lines);
  if (doubled) throw refuse([doubled]);
  const converted = toValue(document);
  if ('problem' in converted) throw refuse([converted.problem]);
  const checked = checkConfig(converted.value, knownControls);
  if (checked.ok) return checked.config;
  const told = checked.issues.slice(0, MAX_PROBLEMS).map((issue) => {
    const { offset, shown } = locate(document, issue);
    return { offset, message: `${shown}${issue.message}` };
  });
  throw refuse(told, checked.issues.length);
};

const read = (text: string) => {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: false, // which takes 1 and "1" for two keys; see doubledKey
    resolveKnownTags: false,
    logLevel: 'error',
  });
  return { lines, document };
};

/** Where issues of a valid configuration are in its text, each as `file:line:column: key: what`. */
export const placedIssues = (text: string, path: string, issues: readonly ConfigIssue[]): string[] => {
  const { lines, document } = read(text);
  return issues.map((issue) => {
    const { offset, shown } = locate(document, issue);
    const { line, col } = lines.linePos(offset);
    return `${path}:${line}:${col}: ${shown}${issue.message}`;
  });
};

/**
 * Where places of a valid configuration are in its text, such as `suppressions[0].resource`; where there is nothing, that in which it
 * would be. Undefined where the text has no such key at its top.
 */
export const positionsIn = (text: string): ((place: string) => TextPosition | undefined) => {
  const { lines, document } = read(text);
  return (place) => {
    const path = pathOf(place);
    if (document.getIn(path.slice(0, 1), true) === undefined) return undefined;
    const { line, col } = lines.linePos(locate(document, { path, message: '' }).offset);
    return { line, column: col };
  };
};

/** YAML takes the bracket of a variable for the beginning of a map, in a list or map that is written in brackets. */
const UNQUOTED = 'a text with ${account} needs quotes here, such as "arn:aws:iam::${account}:role/x"';

type YamlDocument = ReturnType<typeof parseDocument>;

/**
 * The first key that occurs twice in its map. Keys are compared as the parsed value has them: `1`, `"1"` and an alias
 * of the text `1` are the same key, and the last one would hide the others.
 */
const doubledKey = (
  document: YamlDocument,
  lines: LineCounter,
): { offset: number; message: string } | undefined => {
  let problem: { offset: number; message: string } | undefined;
  visit(document, {
    Map: (_, map) => {
      const seen = new Map<string, number>();
      for (const { key } of map.items) {
        const offset = isNode(key) ? (key.range?.[0] ?? 0) : 0;
        const scalar = isAlias(key) ? key.resolve(document) : key;
        if (!isScalar(scalar)) problem ??= { offset, message: 'a key must be a text' };
        const name = isScalar(scalar) ? String(scalar.value ?? '') : '';
        const before = seen.get(name);
        if (before !== undefined) {
          const { line, col } = lines.linePos(before);
          const message = `the key ${plainKey(name)} stands twice in one map, first at line ${line}, column ${col}; keep one of the two`;
          problem ??= { offset, message };
        }
        seen.set(name, offset);
      }
      return problem ? visit.BREAK : undefined;
    },
  });
  return problem;
};

/**
 * The document’s value, or where an alias names nothing or expands to too much. Only this conversion finds such
 * aliases.
 */
const toValue = (
  document: YamlDocument,
): { value: unknown } | { problem: { offset: number; message: string } } => {
  try {
    return { value: document.toJS({ maxAliasCount: 20 }) ?? {} };
  } catch (error) {
    const aliases: Alias[] = [];
    visit(document, { Alias: (_, alias) => void aliases.push(alias) });
    const at = aliases.find((alias) => !alias.resolve(document)) ?? aliases[0];
    const message = error instanceof Error ? error.message : String(error);
    return { problem: { offset: at?.range?.[0] ?? 0, message } };
  }
};

/** Where an issue is in the document: at the key, where the key itself is wrong; else at the value. */
const locate = (document: YamlDocument, { path, isKey }: ConfigIssue): { offset: number; shown: string } => {
  const shown = path.length > 0 ? `${pathText(path)}: ` : '';
  for (let depth = path.length; depth >= 0; depth--) {
    const node = document.getIn(path.slice(0, depth), true);
    if (isKey && depth === path.length) {
      const parent = document.getIn(path.slice(0, -1), true) ?? document.contents;
      const pair = isMap(parent)
        ? parent.items.find((item) => isScalar(item.key) && String(item.key.value) === path.at(-1))
        : undefined;
      if (isPair(pair) && isNode(pair.key) && pair.key.range) return { offset: pair.key.range[0], shown };
    }
    if (isNode(node) && node.range) return { offset: node.range[0], shown };
  }
  return { offset: 0, shown };
};
