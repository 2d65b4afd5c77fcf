/** The shells that the commands in remedies and pages are for, as it is said beside them. */
export const COMMAND_SHELLS = 'sh, bash or zsh';

/** What ends a text in single quotes; PowerShell takes the typographic ones for them as well. */
const SINGLE_QUOTES = /['\u2018-\u201b]/g;

/** Not `=` or `@` in front: zsh makes a path of `=ls`, and PowerShell a variable of `@a`. */
const BARE = /^[\w./][\w./:=@%+-]*$/;

/**
 * A text as one word of a command for sh, bash and zsh: names come from outside. A single quote stands in double quotes
 * between two texts in single quotes, and not behind a backslash: PowerShell does not know `'\''`, and would run what
 * follows it. There a word with a single quote becomes several, but nothing of it is run.
 */
export const shellText = (text: string): string => (BARE.test(text) ? text : shellQuoted(text));

/** As `shellText`, in quotes whatever the text. */
export const shellQuoted = (text: string): string =>
  `'${text.replace(SINGLE_QUOTES, (quote) => `'"${quote}"'`)}'`;

/** A value's JSON as one word of a command; no single quote is in it, so that PowerShell 7.3 or later reads the same word. */
export const shellJson = (value: unknown): string => {
  const json = JSON.stringify(value).replace(
    SINGLE_QUOTES,
    (quote) => `\\u${quote.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return `'${json}'`;
};
