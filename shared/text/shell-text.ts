/** A text as one word of a shell command: names come from outside. */
export const shellText = (text: string): string =>
  /^[\w./:=@%+-]+$/.test(text) && !text.startsWith('-') ? text : `'${text.replaceAll("'", "'\\''")}'`;
