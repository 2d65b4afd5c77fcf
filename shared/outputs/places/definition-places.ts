import { member } from '../../json/json.ts';
import { jsonRanges } from '../../json/json-ranges.ts';
import { parseJson, positionOf, type TextPosition } from '../../json/json-text.ts';

/** Where a value begins and ends in a file. Without `end`, the value itself is missing and this is its container. */
export type TextRange = TextPosition & { end?: TextPosition };

/**
 * Where the values of JSON pointers into a definition stand in the definition’s file. In the output of `aws sagemaker
 * describe-pipeline` the definition is a string, so that positions account for its escapes.
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

/** A function from an offset in a string’s value to the offset in the text. The string’s first quote is at `start`. */
const rawOffsets = (text: string, start: number): ((offset: number) => number) => {
  const lengths = (at: number) => (text[at] !== '\\' ? 1 : text[at + 1] === 'u' ? 6 : 2);
  return (offset) => {
    let at = start + 1;
    for (let left = offset; left > 0; left--) at += lengths(at);
    return at;
  };
};
