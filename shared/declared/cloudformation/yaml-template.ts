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

const offsetOf = (root: Node | null, tokens: readonly string[], anchors: Anchors): number => {
  let node: unknown = root;
  let offset = startOf(root) ?? 0;
  for (let at = 0; at < tokens.length; at++) {
    if (isAlias(node)) node = anchors.get(node.source);
    const token = tokens[at] ?? '';
    if (isCollection(node) || isScalar(node)) if (shortForm(node) === token) continue;
    if (isSeq(node)) node = node.items[Number(token)];
    else if (isMap(node)) {
      const pair = pairNamed(node, token, anchors);
      if (!pair) return offset;
      offset = startOf(pair.key) ?? offset;
      node = pair.value;
      // In a block, a person looks for the key of what is written below it.
      if (isCollection(node) && !node.flow) continue;
    } else return offset;
    if (node === undefined) return offset;
    offset = startOf(node) ?? offset;
  }
  return offset;
};

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
