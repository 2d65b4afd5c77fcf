import type { Json } from '../../json/json.ts';
import { jsonRanges } from '../../json/json-ranges.ts';
import { type JsonError, parseJson, type TextPosition } from '../../json/json-text.ts';
import type { DeclaredProblem, SourceFile } from '../declared.ts';
import { yamlPlaces, yamlTree } from './yaml-template.ts';

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
  if (json?.ok)
    return {
      file: { path, places: (pointers) => jsonPlaces(text, pointers) },
      tree: json.value,
      problems: [],
    };
  const yaml = yamlTree(text);
  if (!yaml.ok) return refused(path, json && path.endsWith('.json') ? json.error : yaml.error);
  const file: SourceFile = { path, places: (pointers) => yamlPlaces(text, pointers) };
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

/** Where the values of pointers stand in a JSON text. */
export const jsonPlaces = (text: string, pointers: Iterable<string>): Map<string, TextPosition> => {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return new Map(
    [...jsonRanges(text, pointers)].map(([pointer, { start }]) => {
      const line = lastUpTo(starts, Math.max(start, 0));
      return [pointer, { line: line + 1, column: Math.max(start, 0) - (starts[line] ?? 0) + 1 }];
    }),
  );
};

/** The index of the last of the rising numbers that is not above a number. */
const lastUpTo = (rising: readonly number[], limit: number): number => {
  let [low, high] = [0, rising.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((rising[middle] ?? 0) <= limit) low = middle;
    else high = middle - 1;
  }
  return low;
};
