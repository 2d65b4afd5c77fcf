import { isObject, type Json, type JsonObject, member, pointerToken } from '../../json/json.ts';
import type { Origin, SourceFile } from '../declared.ts';
import { below } from './evaluation.ts';
import { isTemplateFile, type TemplateFile } from './template-text.ts';
import { MAX_NESTING } from './yaml-template.ts';

/** The texts of a loop’s collection; undefined where they are unknown. */
export type CollectionOf = (collection: Json, origin: Origin) => readonly string[] | undefined;

/** What loops make of a template, with a file in which its pointers have their places. */
export type Unrolled = { tree: Json; file: SourceFile; problems: { origin: Origin; message: string }[] };

const LOOP = 'Fn::ForEach::';
/** The most values that loops may make. */
const MAX_VALUES = 200_000;

export const hasLoops = (text: string): boolean => text.includes(LOOP);

export const isLoop = (key: string): boolean => key.startsWith(LOOP);

/**
 * A template in which what loops repeat is written out. A loop whose collection is unknown makes what is unknown: it stays, and is told.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-foreach.html
 */
export const unrolled = (source: Json, file: SourceFile, collectionOf: CollectionOf): Unrolled => {
  const moved = new Map<string, string>();
  const problems: Unrolled['problems'] = [];
  let values = 0;
  const tell = (pointer: string, message: string): void =>
    void problems.push({ origin: { file, pointer }, message });

  /** `from` is the pointer in the source, `to` that in what is made. */
  const walk = (value: Json, from: string, to: string, depth: number): Json => {
    values++;
    if (typeof value !== 'object' || value === null || depth > MAX_NESTING) return value;
    if (Array.isArray(value))
      return value.map((each, index) => walk(each, `${from}/${index}`, `${to}/${index}`, depth + 1));
    const members = Object.entries(value);
    if (!members.some(([key]) => isLoop(key))) {
      const made = members.map(([key, each]): [string, Json] => {
        const token = pointerToken(key);
        return [key, walk(each, `${from}/${token}`, `${to}/${token}`, depth + 1)];
      });
      // What holds no loop stays the object that it is.
      return made.every(([key, each]) => each === member(value, key)) ? value : Object.fromEntries(made);
    }
    return Object.fromEntries(
      members.flatMap(([key, each]) => {
        const at = `${from}/${pointerToken(key)}`;
        return isLoop(key) ? repeated(key, each, at, to, depth) : [made(key, each, at, to, depth)];
      }),
    );
  };

  const made = (key: string, value: Json, from: string, to: string, depth: number): [string, Json] => {
    const own = `${to}/${pointerToken(key)}`;
    if (own !== from) moved.set(own, from);
    return [key, walk(value, from, own, depth + 1)];
  };

  const repeated = (key: string, loop: Json, from: string, to: string, depth: number): [string, Json][] => {
    const [identifier, collection, body] = Array.isArray(loop) ? loop : [];
    const isRight = typeof identifier === 'string' && collection !== undefined && isObject(body);
    if (!isRight)
      tell(from, 'the loop is not an identifier, a collection and a map; what it makes is unknown');
    const items = isRight ? collectionOf(collection, below({ file, pointer: from }, 1)) : undefined;
    if (isRight && !items) tell(from, 'the collection of the loop is unknown; what it makes is not judged');
    if (!isRight || !items) return [[key, loop]];
    return items.flatMap((item) =>
      Object.entries(body).flatMap(([name, value]): [string, Json][] => {
        if (values > MAX_VALUES) return [];
        const own = `${from}/2/${pointerToken(name)}`;
        const filled = replaced(value, identifier, item, 0);
        values += filled.size;
        if (values > MAX_VALUES)
          tell(from, `loops make more than ${MAX_VALUES} values; the rest is not judged`);
        return isLoop(name)
          ? repeated(name, filled.value, own, to, depth + 1)
          : [made(inText(name, identifier, item), filled.value, own, to, depth)];
      }),
    );
  };
  return { tree: walk(source, '', '', 0), file: movedFile(file, moved), problems };
};

/** A value with an item in place of the loop’s identifier, and how many values it holds. */
const replaced = (
  value: Json,
  identifier: string,
  item: string,
  depth: number,
): { value: Json; size: number } => {
  if (typeof value === 'string') return { value: inText(value, identifier, item), size: 1 };
  if (typeof value !== 'object' || value === null || depth > MAX_NESTING) return { value, size: 1 };
  if (Array.isArray(value)) {
    const made = value.map((each) => replaced(each, identifier, item, depth + 1));
    return { value: made.map((each) => each.value), size: sizeOf(made) };
  }
  if (member(value, 'Ref') === identifier && Object.keys(value).length === 1) return { value: item, size: 1 };
  const made = Object.entries(value).map(
    ([key, each]) => [inText(key, identifier, item), replaced(each, identifier, item, depth + 1)] as const,
  );
  return {
    value: Object.fromEntries(made.map(([key, each]) => [key, each.value])) as JsonObject,
    size: sizeOf(made.map(([, each]) => each)),
  };
};

const sizeOf = (made: readonly { size: number }[]): number => made.reduce((sum, { size }) => sum + size, 1);

/** `${Name}` is the item, `&{Name}` its letters and digits alone. */
const inText = (text: string, identifier: string, item: string): string =>
  text.includes(`{${identifier}}`)
    ? text
        .replaceAll(`\${${identifier}}`, () => item)
        .replaceAll(`&{${identifier}}`, () => item.replace(/[^A-Za-z0-9]/g, ''))
    : text;

/** A file in which pointers into what loops made have the places of what the loops repeat. */
const movedFile = (file: SourceFile, moved: ReadonlyMap<string, string>): SourceFile => {
  const back = (pointer: string): string => {
    for (let end = pointer.length; end > 0; end = pointer.lastIndexOf('/', end - 1)) {
      const from = moved.get(pointer.slice(0, end));
      if (from !== undefined) return `${from}${pointer.slice(end)}`;
    }
    return pointer;
  };
  const places: SourceFile['places'] = (pointers) => {
    const wanted = [...pointers].map((pointer) => [pointer, back(pointer)] as const);
    const found = file.places(wanted.map(([, from]) => from));
    return new Map(wanted.map(([pointer, from]) => [pointer, found.get(from) ?? { line: 1, column: 1 }]));
  };
  if (!isTemplateFile(file)) return { path: file.path, places };
  const written: TemplateFile = {
    path: file.path,
    places,
    placesInTexts: (wanted) =>
      file.placesInTexts(wanted.map(({ pointer, offset }) => ({ pointer: back(pointer), offset }))),
  };
  return written;
};
