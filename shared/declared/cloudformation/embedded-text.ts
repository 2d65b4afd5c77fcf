import { isObject, type Json } from '../../json/json.ts';
import { jsonRanges } from '../../json/json-ranges.ts';
import { parseJson, type TextPosition } from '../../json/json-text.ts';
import type { Origin, SourceFile } from '../declared.ts';
import { NO_VALUE, type Piece, UNKNOWN, type Value } from './evaluation.ts';
import { spelled, withReferences } from './expressions.ts';
import type { Resource } from './resource.ts';
import type { StackScene } from './scene.ts';
import { isTemplateFile, jsonFile, lastUpTo } from './template-text.ts';

/**
 * A property that is an object or the JSON text of one. Of a text the object is given, whose places are those of the text in the template, as far
 * as it is written there. A text that is no JSON of an object is given as it is, because whoever judges it says what is wrong.
 */
export const jsonProperty = (
  resource: Resource,
  scene: StackScene,
  ...path: [string, ...string[]]
): Value => {
  const own = resource.property(...path);
  if (!own) return NO_VALUE;
  const origin: Origin = {
    file: resource.properties.file,
    pointer: [resource.properties.pointer, ...path].join('/'),
  };
  const found = spelled(own, origin, scene);
  const pieces = 'pieces' in found ? found.pieces : undefined;
  const length = pieces?.reduce((sum, { text }) => sum + text.length, 0) ?? 0;
  if (!scene.spend(length, origin)) return UNKNOWN;
  const value =
    'pieces' in found ? withReferences(found.pieces.map(({ text }) => text).join(''), scene) : found.value;
  if (typeof value !== 'string') return value;
  // Dynamic references in the text were replaced, so that its pieces no longer tell where its parts stand.
  return objectIn(
    value,
    pieces && length === value.length ? pieces : [{ text: value, origin }],
    origin,
    scene,
  );
};

const objectIn = (text: string, pieces: readonly Piece[], origin: Origin, scene: StackScene): Json => {
  const { texts } = scene.stack;
  const known = texts.get(origin.pointer);
  if (known?.text === text) return known.value;
  const value = parsedObject(text, { file: inTemplate(text, pieces, origin.file), pointer: '' }, scene);
  texts.set(origin.pointer, { text, value });
  return value;
};

/** The object of a JSON file beside a template. A text that is no JSON of an object is given as it is. */
export const objectInFile = ({ path, text }: { path: string; text: string }, scene: StackScene): Json => {
  const { texts } = scene.stack;
  const key = `file ${path}`;
  const value =
    texts.get(key)?.value ?? parsedObject(text, { file: jsonFile(path, text), pointer: '' }, scene);
  texts.set(key, { text, value });
  return value;
};

const parsedObject = (text: string, origin: Origin, scene: StackScene): Json => {
  const parsed = parseJson(text);
  if (!parsed.ok || !isObject(parsed.value)) return text;
  scene.note(parsed.value, origin, true);
  return parsed.value;
};

/** The places of a JSON text that is put together in a template. */
const inTemplate = (text: string, pieces: readonly Piece[], file: SourceFile): SourceFile => ({
  path: file.path,
  places: (pointers) => {
    const starts: number[] = [];
    let length = 0;
    for (const piece of pieces) {
      starts.push(length);
      length += piece.text.length;
    }
    const wanted = [...jsonRanges(text, pointers)].map(([pointer, { start }]) => {
      const at = Math.max(start, 0);
      const index = lastUpTo(starts, at);
      return { pointer, piece: pieces[index], within: at - (starts[index] ?? 0) };
    });
    const written = wanted.map(({ piece, within }) => ({
      pointer: piece?.origin.pointer ?? '',
      offset: (piece?.offset ?? 0) + within,
    }));
    const exact = isTemplateFile(file) ? file.placesInTexts(written) : [];
    const coarse = file.places(wanted.flatMap(({ piece }) => piece?.origin.pointer ?? []));
    return new Map(
      wanted.map(({ pointer, piece }, index): [string, TextPosition] => {
        const own = piece?.offset === undefined ? coarse.get(piece?.origin.pointer ?? '') : exact[index];
        return [pointer, own ?? { line: 1, column: 1 }];
      }),
    );
  },
});
