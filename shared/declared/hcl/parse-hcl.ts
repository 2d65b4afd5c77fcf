import { Language, type Node, Parser } from 'web-tree-sitter';
import { pointerToken } from '../../json/json.ts';
import { jsonRanges } from '../../json/json-ranges.ts';
import { positionOf as positionIn, type TextPosition } from '../../json/json-text.ts';
import type { Origin, SourceFile } from '../declared.ts';
import { notesIn } from './notes.ts';
import {
  type Block,
  type Body,
  type Expression,
  type HclFile,
  type Operator,
  SPLAT,
  type TemplatePart,
} from './syntax.ts';

/** The WebAssembly of tree-sitter and of its grammar of HCL. */
export type Grammar = { engine: Uint8Array; language: Uint8Array };

/** Parses a text of HCL; `path` is what places name. Never throws. */
export type ParseHcl = (path: string, text: string) => HclFile;

/** A longer text is not parsed. */
const MAX_LENGTH = 4_000_000;

/** How deep expressions and blocks may lie in each other. */
const MAX_DEPTH = 200;

/** How often tree-sitter may ask whether to go on, which it does every hundred operations or so. */
const MAX_STEPS = 200_000;

/** The parser of HCL. `mark`: which comments are kept. https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md */
export const hclParser = async ({ engine, language }: Grammar, mark?: string): Promise<ParseHcl> => {
  await Parser.init({ wasmBinary: engine });
  const parser = new Parser();
  parser.setLanguage(await Language.load(language));
  return (path, text) => {
    if (text.length > MAX_LENGTH) return unparsed(path, `it is longer than ${MAX_LENGTH} characters`);
    let steps = 0;
    try {
      const tree = parser.parse(text, null, { progressCallback: () => ++steps > MAX_STEPS });
      if (!tree) {
        parser.reset();
        return unparsed(path, 'it is too intricate to be parsed');
      }
      try {
        return converted(path, text, tree.rootNode, mark);
      } finally {
        tree.delete();
      }
    } catch (error) {
      parser.reset();
      return unparsed(
        path,
        `it cannot be parsed: ${error instanceof Error ? error.message : 'no reason told'}`,
      );
    }
  };
};

const unparsed = (path: string, message: string): HclFile => {
  const source: SourceFile = {
    path,
    places: (pointers) => new Map([...pointers].map((pointer) => [pointer, { line: 1, column: 1 }])),
  };
  return {
    source,
    body: { attributes: new Map(), blocks: [] },
    notes: [],
    problems: [{ file: source, pointer: '', message }],
  };
};

/** What is known while a file is converted. */
type Conversion = {
  text: string;
  source: SourceFile;
  /** Where the value of each pointer stands. */
  places: Map<string, TextPosition>;
  /** JSON that is written as a heredoc, by the pointers of its values: with signs of JSON in place of what is interpolated. */
  documents: Map<string, { offset: number; raw: string }>;
  problems: (Origin & { message: string })[];
};

const converted = (path: string, text: string, root: Node, mark: string | undefined): HclFile => {
  const places = new Map<string, TextPosition>([['', { line: 1, column: 1 }]]);
  const documents = new Map<string, { offset: number; raw: string }>();
  const inDocument = (pointer: string, around: string): TextPosition | undefined => {
    const { offset, raw } = documents.get(around) ?? { offset: 0, raw: undefined };
    const range = raw && jsonRanges(raw, [pointer.slice(around.length)]).get(pointer.slice(around.length));
    return range ? positionIn(text, offset + range.start) : undefined;
  };
  const source: SourceFile = {
    path,
    places: (pointers) =>
      new Map([...pointers].map((pointer) => [pointer, nearest(places, pointer, inDocument)])),
  };
  const conversion: Conversion = { text, source, places, documents, problems: [] };
  const body = bodyOf(
    named(root).find(({ type }) => type === 'body'),
    '',
    conversion,
    0,
  );
  if (root.hasError) reportErrors(root, conversion);
  const notes = mark ? notesIn(text, root, mark) : [];
  const blocks = new Map(body.blocks.map((block) => [places.get(block.origin.pointer)?.line, block]));
  return {
    source,
    body,
    notes: notes.map(({ text: said, index, position, row }) => {
      const on = row === undefined ? undefined : blocks.get(row + 1);
      return { text: said, origin: originOf(`/@${index}`, position, conversion), ...(on && { on }) };
    }),
    problems: conversion.problems,
  };
};

const nearest = (
  places: ReadonlyMap<string, TextPosition>,
  pointer: string,
  inDocument: (pointer: string, around: string) => TextPosition | undefined,
): TextPosition => {
  for (let at = pointer; at !== ''; at = at.slice(0, at.lastIndexOf('/'))) {
    const place = places.get(at);
    if (place) return (at === pointer ? undefined : inDocument(pointer, at)) ?? place;
  }
  return { line: 1, column: 1 };
};

const MAX_PROBLEMS = 20;

const reportErrors = (root: Node, conversion: Conversion): void => {
  const left = [root];
  for (let node = left.pop(); node; node = left.pop()) {
    if (conversion.problems.length >= MAX_PROBLEMS) return;
    if (node.isError || node.isMissing) {
      const pointer = `/syntax/${node.startIndex}`;
      conversion.places.set(pointer, positionOf(node));
      const message = 'this is not HCL as Terraform reads it; what stands here is not judged';
      conversion.problems.push({ file: conversion.source, pointer, message });
    } else if (node.hasError) left.push(...children(node).toReversed());
  }
};

const positionOf = ({ startPosition: { row, column } }: Node): TextPosition => ({
  line: row + 1,
  column: column + 1,
});

const children = (node: Node): Node[] => node.children.filter((each) => each !== null);
const named = (node: Node): Node[] =>
  node.namedChildren.filter((each) => each !== null && each.type !== 'comment') as Node[];

const originAt = (pointer: string, node: Node, conversion: Conversion): Origin =>
  originOf(pointer, positionOf(node), conversion);

const originOf = (pointer: string, position: TextPosition, { places, source }: Conversion): Origin => {
  if (!places.has(pointer)) places.set(pointer, position);
  return { file: source, pointer };
};

const bodyOf = (node: Node | undefined, pointer: string, conversion: Conversion, depth: number): Body => {
  const attributes = new Map<string, Expression>();
  const blocks: Block[] = [];
  const counts = new Map<string, number>();
  for (const child of node ? named(node) : []) {
    if (child.type === 'attribute') {
      const [name, value] = named(child);
      if (!name) continue;
      const own = `${pointer}/${pointerToken(name.text)}`;
      const origin = originAt(own, child, conversion);
      attributes.set(name.text, value ? expressionOf(value, origin, conversion, depth + 1) : broken(origin));
    } else if (child.type === 'block') {
      const [type, ...rest] = named(child);
      if (!type || depth > MAX_DEPTH) continue;
      const labels = rest
        .filter(({ type: kind }) => kind === 'string_lit' || kind === 'identifier')
        .map((label) => (label.type === 'identifier' ? label.text : literalText(label, conversion)));
      const head = [pointer, type.text, ...labels.map(pointerToken)].join('/');
      const count = counts.get(head) ?? 0;
      counts.set(head, count + 1);
      const own = labels.length > 0 && count === 0 ? head : `${head}/${count}`;
      const origin = originAt(own, child, conversion);
      const inner = rest.find(({ type: kind }) => kind === 'body');
      blocks.push({ type: type.text, labels, body: bodyOf(inner, own, conversion, depth + 1), origin });
    }
  }
  return { attributes, blocks };
};

const broken = (origin: Origin, why = 'this expression cannot be parsed'): Expression => ({
  kind: 'broken',
  origin,
  why,
});

/** The inner text of a quoted template that has no parts but literals. */
const literalText = (node: Node, { text }: Conversion): string =>
  unescaped(text.slice(node.startIndex + 1, node.endIndex - 1));

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\' };

/** https://developer.hashicorp.com/terraform/language/expressions/strings#escape-sequences */
const unescaped = (raw: string): string =>
  raw.replaceAll(
    /\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([nrt"\\]))|\$\$\{|%%\{/g,
    (whole, short?: string, long?: string, letter?: string) => {
      if (letter !== undefined) return ESCAPES[letter] ?? whole;
      const code = Number.parseInt(short ?? long ?? '', 16);
      if (Number.isNaN(code)) return whole.slice(1);
      return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    },
  );

/** In a heredoc a backslash means itself. */
const unescapedHeredoc = (raw: string): string => raw.replaceAll(/\$\$\{|%%\{/g, (whole) => whole.slice(1));

/**
 * The expression of a node. A place of its own have elements of lists and members of objects: what a function is given has the place
 * of its call, so that what stands in `jsonencode({…})` is found by the pointer into the document.
 */
const expressionOf = (node: Node, origin: Origin, conversion: Conversion, depth: number): Expression => {
  if (depth > MAX_DEPTH) return broken(origin, 'this expression is nested too deeply to be evaluated');
  const inner = (child: Node | undefined): Expression =>
    child ? expressionOf(child, origin, conversion, depth + 1) : broken(origin);
  if (node.isError || node.isMissing) return broken(origin);
  const parts = named(node);
  switch (node.type) {
    case 'expression':
    case 'operation':
    case 'collection_value':
    case 'for_expr':
    case 'template_expr':
    case 'parenthesized_expression':
      return traversed(parts, origin, conversion, depth);
    case 'literal_value':
      return inner(parts[0]);
    case 'string_lit':
      return { kind: 'literal', origin, value: literalText(node, conversion) };
    case 'numeric_lit':
      return { kind: 'literal', origin, value: Number(node.text) };
    case 'bool_lit':
      return { kind: 'literal', origin, value: node.text === 'true' };
    case 'null_lit':
      return { kind: 'literal', origin, value: null };
    case 'variable_expr':
      return { kind: 'name', origin, name: node.text };
    case 'quoted_template':
      return template(node, { origin, conversion, depth, plain: unescaped });
    case 'heredoc_template':
      return heredoc(node, origin, conversion, depth);
    case 'object':
      return objectOf(parts, origin, conversion, depth);
    case 'tuple': {
      const items = parts.filter(({ type }) => type === 'expression' || type === 'ERROR');
      return {
        kind: 'tuple',
        origin,
        items: items.map((item, index) =>
          expressionOf(item, originAt(`${origin.pointer}/${index}`, item, conversion), conversion, depth + 1),
        ),
      };
    }
    case 'function_call': {
      const list = parts.find(({ type }) => type === 'function_arguments');
      const given = list ? named(list) : [];
      return {
        kind: 'call',
        origin,
        own: originAt(`${origin.pointer}/@${node.startIndex}`, node, conversion),
        name: parts[0]?.text ?? '',
        parameters: given.filter(({ type }) => type !== 'ellipsis').map(inner),
        isExpanded: given.some(({ type }) => type === 'ellipsis'),
      };
    }
    case 'conditional':
      return {
        kind: 'conditional',
        origin,
        condition: inner(parts[0]),
        whenTrue: inner(parts[1]),
        whenFalse: inner(parts[2]),
      };
    case 'unary_operation':
      return {
        kind: 'unary',
        origin,
        operator: children(node)[0]?.type === '!' ? '!' : '-',
        operand: traversed(parts, origin, conversion, depth),
      };
    case 'binary_operation':
      return binaryOf(node, origin, conversion, depth);
    case 'for_tuple_expr':
    case 'for_object_expr':
      return forOf(node.type === 'for_object_expr', parts, origin, conversion, depth);
    default:
      return broken(origin, 'this kind of expression is not evaluated');
  }
};

/** An expression and the attributes, indexes and splats that follow it. */
const traversed = (
  parts: readonly Node[],
  origin: Origin,
  conversion: Conversion,
  depth: number,
): Expression => {
  const [first, ...rest] = parts;
  if (!first) return broken(origin);
  return steps(expressionOf(first, origin, conversion, depth + 1), rest, origin, conversion, depth);
};

const steps = (
  start: Expression,
  parts: readonly Node[],
  origin: Origin,
  conversion: Conversion,
  depth: number,
): Expression => {
  let at = start;
  for (const [index, part] of parts.entries()) {
    if (index > MAX_DEPTH) return broken(origin, 'this expression is nested too deeply to be evaluated');
    const inside = part.type === 'index' || part.type === 'splat' ? named(part)[0] : undefined;
    if (part.type === 'get_attr') {
      at = { kind: 'attribute', origin, of: at, name: named(part)[0]?.text ?? '' };
    } else if (inside?.type === 'new_index') {
      at = { kind: 'index', origin, of: at, key: traversed(named(inside), origin, conversion, depth + 1) };
    } else if (inside?.type === 'legacy_index') {
      const digits = inside.text.slice(1).trim();
      at = { kind: 'index', origin, of: at, key: { kind: 'literal', origin, value: Number(digits) } };
    } else if (inside?.type === 'full_splat' || inside?.type === 'attr_splat') {
      const element: Expression = { kind: 'name', origin, name: SPLAT };
      at = {
        kind: 'splat',
        origin,
        of: at,
        each: steps(element, named(inside), origin, conversion, depth + 1),
      };
    } else return broken(origin);
  }
  return at;
};

const OPERATORS: ReadonlySet<string> = new Set<Operator>([
  '+',
  '-',
  '*',
  '/',
  '%',
  '==',
  '!=',
  '<',
  '<=',
  '>',
  '>=',
  '&&',
  '||',
]);
const isOperator = (text: string): text is Operator => OPERATORS.has(text);

const binaryOf = (node: Node, origin: Origin, conversion: Conversion, depth: number): Expression => {
  const all = children(node).filter(({ type }) => type !== 'comment' && type !== '(' && type !== ')');
  const at = all.findIndex(({ type }) => isOperator(type));
  const operator = all[at]?.type ?? '';
  if (!isOperator(operator)) return broken(origin);
  const side = (nodes: readonly Node[]): Expression => traversed(nodes, origin, conversion, depth);
  return { kind: 'binary', origin, operator, left: side(all.slice(0, at)), right: side(all.slice(at + 1)) };
};

const objectOf = (
  parts: readonly Node[],
  origin: Origin,
  conversion: Conversion,
  depth: number,
): Expression => ({
  kind: 'object',
  origin,
  entries: parts
    .filter(({ type }) => type === 'object_elem')
    .map((element): readonly [Expression, Expression] => {
      const [keyNode, valueNode] = named(element);
      const found = keyNode && expressionOf(keyNode, origin, conversion, depth + 1);
      // A name that stands alone is the key itself.
      const key: Expression =
        found?.kind === 'name' && !keyNode?.text.startsWith('(')
          ? { kind: 'literal', origin, value: found.name }
          : (found ?? broken(origin));
      const token = key.kind === 'literal' ? pointerToken(String(key.value)) : undefined;
      const at = token === undefined ? origin : originAt(`${origin.pointer}/${token}`, element, conversion);
      return [key, valueNode ? expressionOf(valueNode, at, conversion, depth + 1) : broken(at)];
    }),
});

const namesIn = (intro: Node): { key?: string; value: string; of: Node | undefined } => {
  const parts = named(intro);
  const names = parts.filter(({ type }) => type === 'identifier').map(({ text }) => text);
  const of = parts.find(({ type }) => type === 'expression');
  const [first = '', second] = names;
  return second === undefined ? { value: first, of } : { key: first, value: second, of };
};

const forOf = (
  isObject: boolean,
  parts: readonly Node[],
  origin: Origin,
  conversion: Conversion,
  depth: number,
): Expression => {
  const intro = parts.find(({ type }) => type === 'for_intro');
  const results = parts.filter(({ type }) => type === 'expression');
  const when = parts.find(({ type }) => type === 'for_cond');
  const name = isObject ? results[0] : undefined;
  const result = isObject ? results[1] : results[0];
  if (!intro || !result) return broken(origin);
  const { of, ...names } = namesIn(intro);
  const inner = (node: Node | undefined): Expression =>
    node ? expressionOf(node, origin, conversion, depth + 1) : broken(origin);
  return {
    kind: 'for',
    origin,
    ...names,
    of: inner(of),
    ...(name && { name: inner(name) }),
    result: inner(result),
    ...(when && { condition: inner(named(when)[0]) }),
    isGrouped: parts.some(({ type }) => type === 'ellipsis'),
  };
};

/** How the parts of a template are read. */
type TemplateReading = {
  origin: Origin;
  conversion: Conversion;
  depth: number;
  plain: (raw: string) => string;
};

const simplified = (parts: readonly TemplatePart[], origin: Origin): Expression => {
  const [only] = parts;
  if (parts.length === 0) return { kind: 'literal', origin, value: '' };
  if (parts.length === 1 && typeof only === 'string') return { kind: 'literal', origin, value: only };
  // A template of one interpolation is the value itself, of whatever type.
  if (parts.length === 1 && typeof only === 'object' && only.kind !== 'if' && only.kind !== 'each')
    return only;
  return { kind: 'template', origin, parts };
};

const template = (node: Node, reading: TemplateReading): Expression => {
  const all = children(node);
  const from = all[0]?.endIndex ?? node.startIndex;
  const to = all.at(-1)?.startIndex ?? node.endIndex;
  return simplified(templateParts(all.slice(1, -1), from, to, reading), reading.origin);
};

/**
 * The parts of a template between two offsets. The literals are taken from the text, because the tree leaves out white space at their
 * ends. `~` takes away the white space beside a part.
 */
const templateParts = (
  nodes: readonly Node[],
  from: number,
  to: number,
  reading: TemplateReading,
): TemplatePart[] => {
  const { conversion, plain, depth } = reading;
  const parts: TemplatePart[] = [];
  let at = from;
  let isStripped = false;
  const literal = (end: number, stripEnd: boolean): void => {
    let raw = conversion.text.slice(at, end);
    if (isStripped) raw = raw.trimStart();
    if (stripEnd) raw = raw.trimEnd();
    if (raw !== '') parts.push(plain(raw));
  };
  const inner = { ...reading, depth: depth + 1 };
  for (const node of nodes) {
    const isDirective = node.type === 'template_directive';
    if (!isDirective && node.type !== 'template_interpolation') continue;
    const { start, end } = strips(conversion.text, node);
    literal(node.startIndex, start);
    const isWhole = node.startIndex === from && node.endIndex === to;
    const own = { ...inner, origin: placeOfPart(node, isWhole, inner) };
    parts.push(isDirective ? directive(named(node)[0], inner) : interpolation(node, own));
    at = node.endIndex;
    isStripped = end;
  }
  literal(to, false);
  return parts;
};

const strips = (text: string, node: Node): { start: boolean; end: boolean } => ({
  start: text[node.startIndex + 2] === '~',
  end: text[node.endIndex - 2] === '~',
});

const interpolation = (node: Node, { origin, conversion, depth }: TemplateReading): Expression => {
  const inside = named(node).find(({ type }) => type === 'expression');
  return inside ? expressionOf(inside, origin, conversion, depth) : broken(origin);
};

/** An interpolation has a place of its own, unless it is the whole template. */
const placeOfPart = (node: Node, isWhole: boolean, { origin, conversion }: TemplateReading): Origin =>
  isWhole ? origin : originAt(`${origin.pointer}/@${node.startIndex}`, node, conversion);

/** `%{ if }` and `%{ for }`. https://developer.hashicorp.com/terraform/language/expressions/strings#directives */
const directive = (node: Node | undefined, reading: TemplateReading): TemplatePart => {
  const { origin, conversion, depth } = reading;
  if (!node || depth > MAX_DEPTH) return broken(origin);
  const all = children(node);
  const marks = all.filter(({ type }) =>
    /^template_(?:if_intro|else_intro|if_end|for_start|for_end)$/.test(type),
  );
  const between = (first: Node | undefined, second: Node | undefined): TemplatePart[] => {
    if (!first || !second) return [];
    const inside = all.filter(
      ({ startIndex, endIndex }) => startIndex >= first.endIndex && endIndex <= second.startIndex,
    );
    const { text } = conversion;
    const from = strips(text, first).end ? first.endIndex + spaceAt(text, first.endIndex) : first.endIndex;
    const parts = templateParts(inside, from, second.startIndex, reading);
    const last = parts.at(-1);
    if (strips(text, second).start && typeof last === 'string') parts.splice(-1, 1, last.trimEnd());
    return parts;
  };
  const [intro, middle, end] = marks;
  const expression = intro && named(intro).find(({ type }) => type === 'expression');
  if (!intro || !expression) return broken(origin);
  const value = expressionOf(expression, origin, conversion, depth);
  if (node.type === 'template_if') {
    const hasElse = middle?.type === 'template_else_intro';
    return {
      kind: 'if',
      condition: value,
      whenTrue: between(intro, middle),
      whenFalse: hasElse ? between(middle, end) : [],
    };
  }
  if (node.type !== 'template_for') return broken(origin);
  const { of: _, ...names } = namesIn(intro);
  return { kind: 'each', ...names, of: value, parts: between(intro, middle) };
};

const spaceAt = (text: string, at: number): number => {
  let end = at;
  while (/\s/.test(text[end] ?? '')) end++;
  return end - at;
};

/** A template in which each part is a number, which JSON may have in a text and in place of a value. */
const withoutParts = (text: string, nodes: readonly Node[], from: number, to: number): string => {
  let raw = '';
  let at = from;
  for (const { type, startIndex, endIndex } of nodes) {
    if (type !== 'template_interpolation' && type !== 'template_directive') continue;
    raw +=
      text.slice(at, startIndex) + (type === 'template_directive' ? ' ' : '1').repeat(endIndex - startIndex);
    at = endIndex;
  }
  return raw + text.slice(at, to);
};

/** `<<-` takes away the indentation that all lines have. https://developer.hashicorp.com/terraform/language/expressions/strings#indented-heredocs */
const heredoc = (node: Node, origin: Origin, conversion: Conversion, depth: number): Expression => {
  const all = children(node);
  const marks = all.filter(({ type }) => type === 'heredoc_identifier');
  const [first, last] = [marks[0], marks.at(-1)];
  if (!first || !last || first === last) return broken(origin);
  const from = conversion.text.indexOf('\n', first.endIndex - 1) + 1;
  const to = conversion.text.lastIndexOf('\n', last.startIndex) + 1;
  const reading: TemplateReading = { origin, conversion, depth, plain: unescapedHeredoc };
  if (/^\s*[[{]/.test(conversion.text.slice(from, from + 200)))
    conversion.documents.set(origin.pointer, {
      offset: from,
      raw: withoutParts(conversion.text, all, from, to),
    });
  const parts = templateParts(all, from, Math.max(from, to), reading);
  const isIndented = all[0]?.type === 'heredoc_start' && conversion.text.startsWith('<<-', node.startIndex);
  return simplified(isIndented ? unindented(parts) : parts, origin);
};

const unindented = (parts: readonly TemplatePart[]): TemplatePart[] => {
  let isLineStart = true;
  let least = Number.POSITIVE_INFINITY;
  for (const part of parts) {
    if (typeof part !== 'string') {
      if (isLineStart) least = 0;
      isLineStart = false;
      continue;
    }
    for (const [index, line] of part.split('\n').entries()) {
      if (index > 0) isLineStart = true;
      if (isLineStart && line.trim() !== '') least = Math.min(least, line.length - line.trimStart().length);
      isLineStart = false;
    }
    isLineStart = part.endsWith('\n');
  }
  if (!Number.isFinite(least) || least === 0) return [...parts];
  let starts = true;
  return parts.map((part) => {
    if (typeof part !== 'string') {
      starts = false;
      return part;
    }
    const lines = part.split('\n');
    const cut = lines
      .map((line, index) => (index > 0 || starts ? line.slice(Math.min(least, spaceAt(line, 0))) : line))
      .join('\n');
    starts = part.endsWith('\n');
    return cut;
  });
};
