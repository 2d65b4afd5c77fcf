import type { Json } from '../../json/json.ts';
import { jsonRanges } from '../../json/json-ranges.ts';
import { type JsonError, parseJson, type TextPosition } from '../../json/json-text.ts';
import type { DeclaredProblem, SourceFile } from '../declared.ts';
import { yamlPlaces, yamlPlacesInTexts, yamlTree } from './yaml-template.ts';

/** A character of a text in a template: the pointer of the text, and the character’s place in its value, in UTF-16 units. */
export type InText = { pointer: string; offset: number };

/** A template’s file, in which also the characters of texts have places. */
export type TemplateFile = SourceFile & { placesInTexts: (wanted: readonly InText[]) => TextPosition[] };

export const isTemplateFile = (file: SourceFile): file is TemplateFile => 'placesInTexts' in file;

/** A template’s values, with what is wrong in its text. Without `tree`, nothing of it could be read. */
export type TemplateText = { file: SourceFile; tree?: Json; problems: readonly DeclaredProblem[] };

/** CloudFormation takes templates of up to 1 MB; those of the CDK are larger before it shortens them. */
const MAX_TEXT = 8 * 1024 * 1024;

/** Reads the text of a template, JSON or YAML. Never throws. */
export const readTemplateText = (path: string, text: string): TemplateText => {
  if (text.length > MAX_TEXT)
    return refused(path, { line: 1, column: 1, message: `it is larger than ${MAX_TEXT} characters` });
  const isJson = text.trimStart().startsWith('{');
  const json = isJson ? parseJson(text) : undefined;
  if (json?.ok) return { file: jsonFile(path, text), tree: json.value, problems: [] };
  const yaml = yamlTree(text);
  if (!yaml.ok) return refused(path, json && path.endsWith('.json') ? json.error : yaml.error);
  const file: TemplateFile = {
    path,
    places: (pointers) => yamlPlaces(text, pointers),
    placesInTexts: (wanted) => yamlPlacesInTexts(text, wanted),
  };
  return { file, tree: yaml.tree, problems: yaml.problems.map((problem) => ({ file, ...problem })) };
};

const refused = (
  path: string,
  { line, column, message }: TextPosition & Pick<JsonError, 'message'>,
): TemplateText => {
  const file: SourceFile = {
    path,
    places: (pointers) => new Map([...pointers].map((pointer) => [pointer, { line, column }])),
  };
  return { file, problems: [{ file, pointer: '', message: `the template cannot be read: ${message}` }] };
};

/** A file that holds a JSON text. */
export const jsonFile = (path: string, text: string): SourceFile & Pick<TemplateFile, 'placesInTexts'> => ({
  path,
  places: (pointers) => {
    const positionAt = positions(text);
    return new Map(
      [...jsonRanges(text, pointers)].map(([pointer, { start }]) => [
        pointer,
        positionAt(Math.max(start, 0)),
      ]),
    );
  },
  placesInTexts: (wanted) => {
    const positionAt = positions(text);
    const ranges = jsonRanges(
      text,
      wanted.map(({ pointer }) => pointer),
    );
    return wanted.map(({ pointer, offset }) => {
      const start = Math.max(ranges.get(pointer)?.start ?? 0, 0);
      return positionAt(text[start] === '"' ? escapedOffset(text, start + 1, offset) : start);
    });
  },
});

/** Where a character of a string stands in its JSON text: from the first one’s place, over as many as `count` tells. */
const escapedOffset = (text: string, start: number, count: number): number => {
  let at = start;
  for (let left = count; left > 0 && at < text.length; left--)
    at += text[at] !== '\\' ? 1 : text[at + 1] === 'u' ? 6 : 2;
  return at;
};

/** The positions of the characters of a text. */
const positions = (text: string): ((offset: number) => TextPosition) => {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return (offset) => {
    const line = lastUpTo(starts, offset);
    return { line: line + 1, column: offset - (starts[line] ?? 0) + 1 };
  };
};

/** The index of the last of rising numbers that is not above a number. */
export const lastUpTo = (rising: readonly number[], limit: number): number => {
  let [low, high] = [0, rising.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((rising[middle] ?? 0) <= limit) low = middle;
    else high = middle - 1;
  }
  return low;
};
