const HIDDEN = /\p{RGI_Emoji}|([[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}]--[ ]])/gv;

const SHORT_ESCAPES: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * The text with everything that has no glyph of its own, or that moves what stands around it, as an escape that JSON
 * would read back: control characters, line ends, text direction marks, zero-width and odd spaces, lone surrogates.
 */
export const visibleText = (text: string): string =>
  text.replace(HIDDEN, (match, hidden?: string) =>
    hidden === undefined ? match : (SHORT_ESCAPES[hidden] ?? hidden.split('').map(escapedCodeUnit).join('')),
  );

const escapedCodeUnit = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
