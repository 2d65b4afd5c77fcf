/** A text that policies take as it is, though it holds their wildcards or the beginning of a variable. */
export const literalText = (text: string): string =>
  text.replaceAll(/\$(?=\{)|[*?]/g, (character) => `\${${character}}`);

/** The one text that a pattern means; undefined where it has wildcards. */
export const onlyText = (pattern: string): string | undefined => {
  const rest = pattern.replaceAll(ESCAPED, '');
  return /[*?]/.test(rest) ? undefined : pattern.replaceAll(ESCAPED, '$1');
};

const ESCAPED = /\$\{([*?$])\}/g;
