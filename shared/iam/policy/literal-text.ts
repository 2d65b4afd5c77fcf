/** A text that policies take as it is, though it holds their wildcards or the beginning of a variable. */
export const literalText = (text: string): string =>
  text.replaceAll(/\$(?=\{)|[*?]/g, (character) => `\${${character}}`);
