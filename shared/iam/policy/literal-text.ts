/** Escapes wildcards and variables, so that a policy matches the text literally. */
export const literalText = (text: string): string =>
  text.replaceAll(/\$(?=\{)|[*?]/g, (character) => `\${${character}}`);

/** The one text that a pattern means; undefined where it has wildcards. */
export const onlyText = (pattern: string): string | undefined => {
  const rest = pattern.replaceAll(ESCAPED, '');
  return /[*?]/.test(rest) ? undefined : pattern.replaceAll(ESCAPED, '$1');
};

const ESCAPED = /\$\{([*?$])\}/g;
