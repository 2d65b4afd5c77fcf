import { asList, asText, type Json, memberAnyCase } from '../../json/json.ts';
import type { Tags } from '../reader.ts';

/**
 * Tags in any of their forms: `{TagSet: [{Key, Value}]}` (CLI), `{TagSet: {Tag: …}}` (the XML document, as CloudTrail
 * writes it in JSON), `{Tags: […]}`, or a bare list. Undefined for any other form.
 */
export const tagsOf = (document: unknown): Tags | undefined => {
  const list = Array.isArray(document) ? document : tagList(memberAnyCase(document, 'Tagging') ?? document);
  const pairs = list?.map((tag): [string | undefined, string] => [
    asText(memberAnyCase(tag, 'Key')),
    asText(memberAnyCase(tag, 'Value')) ?? '',
  ]);
  return pairs?.every((pair): pair is [string, string] => pair[0] !== undefined) ? new Map(pairs) : undefined;
};

const tagList = (document: unknown): Json[] | undefined => {
  const tags = memberAnyCase(document, 'TagSet') ?? memberAnyCase(document, 'Tags');
  if (tags === undefined) return undefined;
  if (tags === '') return [];
  const elements = memberAnyCase(tags, 'Tag');
  return asList(elements ?? tags);
};
