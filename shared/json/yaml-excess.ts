import { Lexer } from 'yaml';

/** How much of what makes the YAML parser slow a text may hold. */
export type YamlLimits = {
  /** Words and signs; those inside block scalars are one. */
  tokens: number;
  aliases: number;
  /** How deep brackets may be nested, because the parser calls itself for each. */
  brackets: number;
};

/**
 * Where a text exceeds one of the limits, or closes a bracket that it has not opened; undefined where it does not. The YAML parser would
 * take minutes for such a text, as it makes an error for each sign in a wrong place. Signs inside block scalars are text and do not count.
 */
export const excessIn = (
  text: string,
  limits: YamlLimits,
): { offset: number; message: string } | undefined => {
  let [offset, tokens, aliases, brackets] = [0, 0, 0, 0];
  let isScalarNext = false;
  for (const token of new Lexer().lex(text)) {
    const isText = isScalarNext;
    isScalarNext = token === SCALAR;
    if (token === SCALAR || token === DOCUMENT || token === FLOW_END) continue;
    if (++tokens > limits.tokens)
      return { offset, message: `there are more than ${limits.tokens} words and signs` };
    if (!isText && token.startsWith('*') && ++aliases > limits.aliases)
      return { offset, message: `there are more than ${limits.aliases} aliases` };
    if (!isText && (token === '[' || token === '{') && ++brackets > limits.brackets)
      return { offset, message: `brackets are nested deeper than ${limits.brackets}` };
    if (!isText && (token === ']' || token === '}') && --brackets < 0)
      return { offset, message: 'a bracket is closed that none has opened' };
    offset += token.length;
  }
  return undefined;
};

/**
 * Tokens that the lexer adds and that are not in the text: a scalar follows, a document begins, a flow collection ends.
 */
const [SCALAR, DOCUMENT, FLOW_END] = ['\u001f', '\u0002', '\u0018'];
