import { isObject, type Json, member } from '../../json/json.ts';
import { parseJson } from '../../json/json-text.ts';

/**
 * A policy document, which AWS gives as a text. A text that is not JSON is returned as it is, because `readPolicy` says
 * what is wrong with it. Undefined for a value that cannot be a document.
 */
export const policyDocument = (source: Json | undefined): Json | undefined => {
  if (typeof source !== 'string') return isObject(source) ? source : undefined;
  const parsed = parseJson(source);
  if (!parsed.ok) return source === '' ? undefined : source;
  return isObject(parsed.value) ? parsed.value : undefined;
};

/**
 * The policy in the output of `get-bucket-policy` or `get-key-policy`, or in a file that holds nothing but the policy.
 */
export const policyIn = (output: Json): Json | undefined =>
  member(output, 'Statement') === undefined ? policyDocument(member(output, 'Policy')) : output;
