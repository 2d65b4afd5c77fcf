import { isObject, type Json, member } from '../../json/json.ts';
import { parseJson } from '../../json/json-text.ts';

/**
 * A policy document, which AWS gives as a text. One that is no JSON stays a text, as it is for the reader of policies
 * to say what is wrong with it; undefined for what cannot be a document at all.
 */
export const policyDocument = (source: Json | undefined): Json | undefined => {
  if (typeof source !== 'string') return isObject(source) ? source : undefined;
  const parsed = parseJson(source);
  if (!parsed.ok) return source === '' ? undefined : source;
  return isObject(parsed.value) ? parsed.value : undefined;
};

/** The document in the output of `get-bucket-policy` or `get-key-policy`, or the bare document. */
export const policyIn = (output: Json): Json | undefined =>
  member(output, 'Statement') === undefined ? policyDocument(member(output, 'Policy')) : output;
