/**
 * Where a value stands in its JSON text, in UTF-16 units. Not `exact`: the value is missing, and this is its container.
 */
export type JsonRange = { start: number; end: number; exact: boolean };

/** The tokens of all wanted pointers as a tree, and where each value was found (-1: not found). */
type WantedPointers = { children: Map<string, WantedPointers>; start: number; end: number };

/** A container that is being read. `wanted` is undefined where no pointer leads into it. */
type OpenContainer = { isList: boolean; index: number; key: string; wanted: WantedPointers | undefined };

/**
 * Where the values of JSON pointers (RFC 6901) stand in a text that `JSON.parse` accepts. One walk finds all. A pointer
 * to a missing value gives the nearest container. Of members with the same name the last one counts, as for
 * `JSON.parse`. Nesting of any depth is fine.
 */
export const jsonRanges = (text: string, pointers: Iterable<string>): Map<string, JsonRange> => {
  const root = wantedOf();
  const all = [...pointers];
  for (const pointer of all) want(root, tokensOf(pointer));
  walk(text, root);
  return new Map(all.map((pointer) => [pointer, rangeOf(root, tokensOf(pointer))]));
};

const wantedOf = (): WantedPointers => ({ children: new Map(), start: -1, end: -1 });

const tokensOf = (pointer: string): string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));

const want = (root: WantedPointers, tokens: readonly string[]): void => {
  let wanted = root;
  for (const token of tokens) {
    const child = wanted.children.get(token) ?? wantedOf();
    wanted.children.set(token, child);
    wanted = child;
  }
};

const rangeOf = (root: WantedPointers, tokens: readonly string[]): JsonRange => {
  let { start, end, children } = root;
  for (const [index, token] of tokens.entries()) {
    const child = children.get(token);
    if (!child || child.start < 0) return { start, end, exact: index === tokens.length };
    ({ start, end, children } = child);
  }
  return { start, end, exact: true };
};

/** A second member of the same name replaces the first, and everything that was found inside the first. */
const forget = (wanted: WantedPointers): void => {
  const stack = [wanted];
  for (let each = stack.pop(); each; each = stack.pop()) {
    if (each.start < 0) continue;
    each.start = -1;
    each.end = -1;
    for (const child of each.children.values()) stack.push(child);
  }
};

const SCALAR_END = /[\s,\]}]|$/g;
const SPACE = /\s*/y;

const walk = (text: string, root: WantedPointers): void => {
  const stack: OpenContainer[] = [];
  let at = 0;
  while (at < text.length) {
    SPACE.lastIndex = at;
    SPACE.exec(text);
    at = SPACE.lastIndex;
    const character = text[at];
    const open = stack.at(-1);
    if (character === undefined) return;
    if (character === ',' || character === ':') {
      if (character === ',' && open) open.index++;
      at++;
    } else if (character === ']' || character === '}') {
      at++;
      const closed = stack.pop();
      if (closed?.wanted) closed.wanted.end = at;
    } else if (open && !open.isList && character === '"' && isKey(text, at)) {
      const end = stringEnd(text, at);
      if (open.wanted) open.key = JSON.parse(text.slice(at, end));
      at = end;
    } else {
      const wanted = open ? childOf(open) : root;
      if (wanted) {
        forget(wanted);
        wanted.start = at;
      }
      if (character === '[' || character === '{') {
        stack.push({ isList: character === '[', index: 0, key: '', wanted });
        at++;
      } else {
        at = character === '"' ? stringEnd(text, at) : scalarEnd(text, at);
        if (wanted) wanted.end = at;
      }
    }
  }
};

const childOf = ({ wanted, isList, index, key }: OpenContainer): WantedPointers | undefined =>
  wanted?.children.get(isList ? String(index) : key);

/** A string is the name of a member where `{` or `,` comes before it. */
const isKey = (text: string, at: number): boolean => {
  let before = at - 1;
  while (before >= 0 && /\s/.test(text[before] ?? '')) before--;
  return text[before] === '{' || text[before] === ',';
};

const stringEnd = (text: string, at: number): number => {
  let end = at + 1;
  while (end < text.length && text[end] !== '"') end += text[end] === '\\' ? 2 : 1;
  return end + 1;
};

const scalarEnd = (text: string, at: number): number => {
  SCALAR_END.lastIndex = at;
  return SCALAR_END.exec(text)?.index ?? text.length;
};
