import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { isObject, member } from '../../json/json.ts';
import type { TextError } from '../../json/json-text.ts';
import type { CorsRule } from '../reader.ts';
import { corsRules } from './cors.ts';

const parser = new XMLParser({ ignoreAttributes: true, parseTagValue: false, removeNSPrefix: true });

/**
 * The rules of S3’s XML document (`<CORSConfiguration>`), or what is wrong with the document and where. A document type
 * is refused, because its entities could make a small text huge.
 */
export const corsRulesOfXml = (
  text: string,
): { ok: true; value: CorsRule[] } | { ok: false; error: TextError } => {
  if (/<!DOCTYPE/i.test(text)) return malformed('a document type is not accepted');
  const valid = XMLValidator.validate(text);
  if (valid !== true) return malformed(valid.err.msg, valid.err.line, valid.err.col);
  const root = member(parse(text), 'CORSConfiguration');
  const rules = root === '' || isObject(root) ? corsRules({ CORSConfiguration: root }) : undefined;
  return rules
    ? { ok: true, value: rules }
    : malformed('it is not a CORSConfiguration with CORSRule elements');
};

const parse = (text: string): unknown => {
  try {
    return parser.parse(text);
  } catch {
    return undefined;
  }
};

const malformed = (message: string, line = 1, column = 1): { ok: false; error: TextError } => ({
  ok: false,
  error: { line, column, message },
});
