import { cut } from './cut.ts';

const HIDDEN = /\p{RGI_Emoji}|([[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}]--[ ]])/gv;

const SHORT_ESCAPES: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * The text with an escape, as JSON reads it, for each character that has no glyph or moves the text around it: control
 * characters, line ends, text direction marks, zero-width and unusual spaces, lone surrogates.
 */
export const visibleText = (text: string): string =>
  text.replace(HIDDEN, (match, hidden?: string) =>
    hidden === undefined ? match : (SHORT_ESCAPES[hidden] ?? hidden.split('').map(escapedCodeUnit).join('')),
  );

const escapedCodeUnit = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;

const MAX_NAME = 100;

/** The beginning of a name that somebody else has chosen, as visible text. */
export const visibleName = (name: string): string => visibleText(cut(name, MAX_NAME));
