import { member } from '../../json/json.ts';
import { jsonRanges } from '../../json/json-ranges.ts';
import { parseJson, positionOf, type TextPosition } from '../../json/json-text.ts';

/** From where to where a value stands in a file; only the beginning where the value itself is not there. */
export type TextRange = TextPosition & { end?: TextPosition };

/**
 * Where the values of a definition's JSON pointers stand in the file that it was read from. In the output of
 * `aws sagemaker describe-pipeline` the definition is the text of a string, whose escapes are counted as they are
 * written.
 */
export const definitionPlaces = (file: string, pointers: Iterable<string>): Map<string, TextRange> => {
  const parsed = parseJson(file);
  if (!parsed.ok) return new Map();
  const embedded = member(parsed.value, 'PipelineDefinition');
  const string =
    typeof embedded === 'string'
      ? jsonRanges(file, ['/PipelineDefinition']).get('/PipelineDefinition')
      : undefined;
  const definition = string && typeof embedded === 'string' ? embedded : file;
  const inFile = string ? rawOffsets(file, string.start) : (offset: number) => offset;
  const ranges = [...jsonRanges(definition, pointers)].toSorted(
    ([, one], [, other]) => one.start - other.start,
  );
  return new Map(
    ranges.map(([pointer, { start, end, exact }]) => [
      pointer,
      { ...positionOf(file, inFile(start)), ...(exact && { end: positionOf(file, inFile(end)) }) },
    ]),
  );
};

/** From an offset in a string's value to one in the text that the string (whose quote is at `start`) is written in. */
const rawOffsets = (text: string, start: number): ((offset: number) => number) => {
  const lengths = (at: number) => (text[at] !== '\\' ? 1 : text[at + 1] === 'u' ? 6 : 2);
  return (offset) => {
    let at = start + 1;
    for (let left = offset; left > 0; left--) at += lengths(at);
    return at;
  };
};
