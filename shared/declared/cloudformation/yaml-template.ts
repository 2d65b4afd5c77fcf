import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type ParsedNode,
  parseDocument,
  type Scalar,
  type YAMLMap,
} from 'yaml';
import { type Json, pointerToken } from '../../json/json.ts';
import type { TextPosition } from '../../json/json-text.ts';
import { excessIn, type YamlLimits } from '../../json/yaml-excess.ts';

/** CloudFormation takes templates of up to 1 MB, which hold a third as many words and signs. */
const LIMITS: YamlLimits = { tokens: 500_000, aliases: 10_000, brackets: 200 };

/** How many values a template may hold once its aliases are put in. */
const MAX_VALUES = 500_000;

/** How deep values may be nested. Definitions of pipelines that are written as objects take a third of it. */
export const MAX_NESTING = 100;

/** In place of a value that the template gives twice, or that is nested too deeply. It is this value itself, so that no input can hold it. */
export const UNREADABLE: Json = {};

/** A file of another kind has thousands. */
const MAX_PROBLEMS = 100;

type YamlProblem = { pointer: string; message: string };

/** The values of a template, or why there are none. */
export type YamlTree =
  | { ok: true; tree: Json; problems: YamlProblem[] }
  | { ok: false; error: TextPosition & { message: string } };

/**
 * The values of a YAML text, with CloudFormation’s short forms (`!Ref x`) in their long form (`{Ref: x}`). Of plain words, only those are
 * numbers that lose nothing by it: `0123` is an account’s beginning rather than an octal number, and `2012-10-17` a text. Of a key that stands
 * twice in a map, the value is unreadable, because readers differ in which they take.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-formats.html
 */
export const yamlTree = (text: string): YamlTree => {
  const excess = excessIn(text, LIMITS);
  const lines = new LineCounter();
  const refuse = (offset: number, message: string): YamlTree => {
    const { line, col } = lines.linePos(offset);
    return { ok: false, error: { line: Math.max(line, 1), column: Math.max(col, 1), message } };
  };
  if (excess) {
    for (let at = text.indexOf('\n'); at >= 0 && at < excess.offset; at = text.indexOf('\n', at + 1))
      lines.addNewLine(at + 1);
    return refuse(excess.offset, excess.message);
  }
  const document = parsed(text, lines);
  const [error] = document.errors;
  if (error) return refuse(error.pos[0], messageOf(error));
  const problems: YamlProblem[] = [];
  const tell = (pointer: string, message: string): void => {
    if (problems.length < MAX_PROBLEMS) problems.push({ pointer, message });
  };
  const anchors: Anchors = new Map();
  let values = 0;
  const convert = (node: Node | null | undefined, pointer: string, depth: number): Json => {
    if (++values > MAX_VALUES) throw new Excess('its aliases make it too large');
    if (node === null || node === undefined) return null;
    if (depth > MAX_NESTING) {
      tell(pointer, `it is nested deeper than ${MAX_NESTING} levels`);
      return UNREADABLE;
    }
    if (isAlias(node)) {
      const target = anchors.get(node.source);
      if (target) return convert(target, pointer, depth + 1);
      tell(pointer, 'its alias names nothing that stands before it');
      return UNREADABLE;
    }
    if ('anchor' in node && node.anchor) anchors.set(node.anchor, node);
    const short = shortForm(node);
    if (short === undefined) return plain(node, pointer, depth);
    return { [short]: plain(node, `${pointer}/${pointerToken(short)}`, depth) };
  };
  const plain = (node: Node, pointer: string, depth: number): Json => {
    if (isScalar(node)) return scalarValue(node);
    if (isSeq(node))
      return node.items.map((item, index) => convert(item as Node, `${pointer}/${index}`, depth + 1));
    if (isMap(node)) return object(node, pointer, depth);
    return UNREADABLE;
  };
  const object = (map: YAMLMap, pointer: string, depth: number): Json => {
    const members = new Map<string, Json>();
    const merged: [string, Json][] = [];
    for (const { key, value } of map.items) {
      const name = keyOf(key, anchors);
      if (name === undefined) {
        tell(pointer, 'a key of it is no text');
        return UNREADABLE;
      }
      if (name === MERGE && isAliases(value)) {
        for (const each of isSeq(value) ? value.items : [value]) {
          const from = convert(each as Node, pointer, depth + 1);
          if (typeof from === 'object' && from !== null && !Array.isArray(from))
            merged.push(...Object.entries(from));
        }
        continue;
      }
      const at = `${pointer}/${pointerToken(name)}`;
      const isDoubled = members.has(name);
      if (isDoubled) tell(at, 'its key stands twice; keep one of the two');
      const made = convert(value as Node, at, depth + 1);
      members.set(name, isDoubled ? UNREADABLE : made);
    }
    for (const [name, value] of merged) if (!members.has(name)) members.set(name, value);
    return Object.fromEntries(members);
  };
  try {
    return { ok: true, tree: convert(document.contents, '', 0), problems };
  } catch (thrown) {
    if (thrown instanceof Excess) return refuse(0, thrown.message);
    throw thrown;
  }
};

class Excess extends Error {}

type Anchors = Map<string, Node>;
const MERGE = '<<';

const parsed = (text: string, lineCounter: LineCounter): Document.Parsed<ParsedNode> =>
  parseDocument(text, {
    lineCounter,
    prettyErrors: false,
    uniqueKeys: false,
    // Each plain word stays a text, of which `scalarValue` makes a value.
    schema: 'failsafe',
    // `silent` would also keep quiet about a second document.
    logLevel: 'error',
  });

const messageOf = ({ code, message }: { code: string; message: string }): string => {
  if (code === 'MULTIPLE_DOCS') return 'a second document begins here; one is expected';
  return message.startsWith('Maximum call stack') ? 'it is nested too deeply' : message;
};

/** `Ref` of `!Ref`, `Fn::Sub` of `!Sub`; undefined for a value without a tag of CloudFormation. */
const shortForm = ({ tag }: Node & { tag?: string }): string | undefined => {
  const [, name] = /^!([A-Za-z0-9:]+)$/.exec(tag ?? '') ?? [];
  if (name === undefined) return undefined;
  return name === 'Ref' || name === 'Condition' ? name : `Fn::${name}`;
};

const TRUE = /^(?:true|True|TRUE|yes|Yes|YES|on|On|ON)$/;
const FALSE = /^(?:false|False|FALSE|no|No|NO|off|Off|OFF)$/;
const NULL = /^(?:|~|null|Null|NULL)$/;
const NUMBER = /^[-+]?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?$/;

/** https://yaml.org/type/ (YAML 1.1) */
const scalarValue = ({ value, type, tag, source }: Scalar): Json => {
  const text = typeof value === 'string' ? value : (source ?? '');
  if (type !== 'PLAIN' || (tag !== undefined && tag !== null)) return text;
  if (NULL.test(text)) return null;
  if (TRUE.test(text)) return true;
  if (FALSE.test(text)) return false;
  const number = NUMBER.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(number) && Math.abs(number) <= Number.MAX_SAFE_INTEGER ? number : text;
};

const keyOf = (key: unknown, anchors: Anchors): string | undefined => {
  const node = isAlias(key) ? anchors.get(key.source) : key;
  return isScalar(node) ? (typeof node.value === 'string' ? node.value : (node.source ?? '')) : undefined;
};

const isAliases = (value: unknown): boolean =>
  isAlias(value) || (isSeq(value) && value.items.every((item) => isAlias(item)));

/**
 * Where the values of pointers into the tree of a YAML text stand: in a block, at the key; in a list or in brackets, at the value. Of a missing
 * value, the place of the nearest container.
 */
export const yamlPlaces = (text: string, pointers: Iterable<string>): Map<string, TextPosition> => {
  const lines = new LineCounter();
  const { contents } = parsed(text, lines);
  const anchors: Anchors = new Map();
  anchorsIn(contents, anchors);
  return new Map(
    [...pointers].map((pointer) => {
      const { line, col } = lines.linePos(offsetOf(contents, tokensOf(pointer), anchors));
      return [pointer, { line: Math.max(line, 1), column: Math.max(col, 1) }];
    }),
  );
};

const tokensOf = (pointer: string): string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));

/** All anchors; of several with one name the last, which is seldom another. */
const anchorsIn = (root: Node | null, anchors: Anchors): void => {
  const left: unknown[] = [root];
  for (let node = left.pop(); node !== undefined; node = left.pop()) {
    if (isCollection(node) || isScalar(node)) {
      if (node.anchor) anchors.set(node.anchor, node);
    }
    if (isMap(node)) for (const { key, value } of node.items) left.push(key ?? undefined, value ?? undefined);
    if (isSeq(node)) left.push(...node.items.filter((item) => item !== null));
  }
};

const offsetOf = (root: Node | null, tokens: readonly string[], anchors: Anchors): number =>
  found(root, tokens, anchors).offset;

/** The value to which tokens lead, and where it stands; without a value, where the nearest container stands. */
const found = (
  root: Node | null,
  tokens: readonly string[],
  anchors: Anchors,
): { node: unknown; offset: number } => {
  let node: unknown = root;
  let offset = startOf(root) ?? 0;
  for (const token of tokens) {
    if (isAlias(node)) node = anchors.get(node.source);
    if ((isCollection(node) || isScalar(node)) && shortForm(node) === token) continue;
    if (isSeq(node)) node = node.items[Number(token)];
    else if (isMap(node)) {
      const pair = pairNamed(node, token, anchors);
      if (!pair) return { node: undefined, offset };
      offset = startOf(pair.key) ?? offset;
      node = pair.value;
      // In a block, a person looks for the key of what is written below it.
      if (isCollection(node) && !node.flow) continue;
    } else return { node: undefined, offset };
    if (node === undefined) return { node, offset };
    offset = startOf(node) ?? offset;
  }
  return { node: isAlias(node) ? anchors.get(node.source) : node, offset };
};

/** Where characters of texts in a YAML text stand: exactly in blocks, single lines and plain texts, else where the text begins. */
export const yamlPlacesInTexts = (
  text: string,
  wanted: readonly { pointer: string; offset: number }[],
): TextPosition[] => {
  const lines = new LineCounter();
  const { contents } = parsed(text, lines);
  const anchors: Anchors = new Map();
  anchorsIn(contents, anchors);
  return wanted.map(({ pointer, offset }) => {
    const at = found(contents, tokensOf(pointer), anchors);
    const { line, col } = lines.linePos(isScalar(at.node) ? inScalar(text, at.node, offset) : at.offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  });
};

/** The place, in the whole text, of a character of a scalar’s value. */
const inScalar = (text: string, { value, type, range }: Scalar, offset: number): number => {
  const [start, end] = range ?? [0, 0];
  const own = text.slice(start, end);
  if (typeof value !== 'string') return start;
  if (type === 'BLOCK_LITERAL') {
    const before = value.slice(0, offset).split('\n');
    const line = value.split('\n')[before.length - 1] ?? '';
    // The header is a line of its own.
    const sources = own.split('\n');
    const source = (sources[before.length] ?? '').replace(/\r$/, '');
    const above = sources.slice(0, before.length).reduce((sum, each) => sum + each.length + 1, 0);
    return start + above + Math.max(source.length - line.length, 0) + (before.at(-1) ?? '').length;
  }
  // The header is a line of its own.
  if (type === 'BLOCK_FOLDED') return start + unfolded(own, own.indexOf('\n') + 1, value.slice(0, offset));
  if (type === 'PLAIN') return start + unfolded(own, 0, value.slice(0, offset));
  if (own.trimEnd().includes('\n')) return start;
  if (type === 'QUOTE_SINGLE') return start + 1 + offset + (value.slice(0, offset).match(/'/g)?.length ?? 0);
  return type === 'QUOTE_DOUBLE' ? start + 1 + escapesUpTo(own.slice(1), offset) : start;
};

/** Where in a text, whose lines YAML folds, what comes after the beginning of its value stands: folding changes nothing but white space. */
const unfolded = (written: string, from: number, before: string): number => {
  let at = from;
  for (let left = before.replaceAll(/\s/g, '').length; left > 0 && at < written.length; at++)
    if (!/\s/.test(written[at] ?? '')) left--;
  while (/\s/.test(written[at] ?? '')) at++;
  return Math.min(at, written.length);
};

/** How long a double-quoted text is, as it is written, up to a character of its value. */
const escapesUpTo = (written: string, count: number): number => {
  let at = 0;
  for (let left = count; left > 0 && at < written.length; left--)
    at += written[at] !== '\\' ? 1 : (ESCAPES[written[at + 1] ?? ''] ?? 2);
  return at;
};
const ESCAPES: Readonly<Record<string, number>> = { x: 4, u: 6, U: 10 };

const pairNamed = (
  map: YAMLMap,
  name: string,
  anchors: Anchors,
): { key: unknown; value: unknown } | undefined => {
  const own = map.items.find(({ key }) => keyOf(key, anchors) === name);
  if (own) return own;
  for (const { key, value } of map.items) {
    if (keyOf(key, anchors) !== MERGE || !isAliases(value)) continue;
    for (const each of isSeq(value) ? value.items : [value]) {
      const from = isAlias(each) ? anchors.get(each.source) : undefined;
      const found = isMap(from)
        ? from.items.find(({ key: merged }) => keyOf(merged, anchors) === name)
        : undefined;
      if (found) return found;
    }
  }
  return undefined;
};

const startOf = (node: unknown): number | undefined =>
  isCollection(node) || isScalar(node) || isAlias(node) ? node.range?.[0] : undefined;
