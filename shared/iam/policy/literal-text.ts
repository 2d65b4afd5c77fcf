/** Escapes wildcards and variables, so that a policy matches the text literally. */
export const literalText = (text: string): string =>
  text.replaceAll(/\$(?=\{)|[*?]/g, (character) => `\${${character}}`);
