/** The shells that the commands in remedies and pages are for. Each output says so beside its commands. */
export const COMMAND_SHELLS = 'sh, bash or zsh';

/** For which shells the patch of a remedy is, where it is a command and not a document: `for sh, bash or zsh`. */
export const shellsOf = (patch: string): string | undefined =>
  patch.trimStart().startsWith('aws ') ? `for ${COMMAND_SHELLS}` : undefined;

/** Characters that end a text in single quotes. PowerShell takes the typographic quotes for single quotes as well. */
const SINGLE_QUOTES = /['\u2018-\u201b]/g;

/** A first `=` or `@` is not allowed: zsh replaces `=ls` by a path, and PowerShell takes `@a` for a variable. */
const BARE = /^[\w./][\w./:=@%+-]*$/;

/**
 * A text as one word of a command for sh, bash and zsh. A single quote is written as `'"'"'` and not as `'\''`, because
 * PowerShell does not know the latter and would run what follows. In PowerShell the text then becomes several words,
 * but none of it is run.
 */
export const shellText = (text: string): string => (BARE.test(text) ? text : shellQuoted(text));

/** Like `shellText`, but always in quotes. */
export const shellQuoted = (text: string): string =>
  `'${text.replace(SINGLE_QUOTES, (quote) => `'"${quote}"'`)}'`;

/** A call of the AWS CLI whose words are bare or in single quotes, as `shellText` and `shellJson` write them. */
const CALL = /^aws(?: (?:[\w./:=@%+,-]|'[^'\u2018-\u201b]*'|"['\u2018-\u201b]")+)+$/;

/** Whether a text is nothing but calls of the AWS CLI, one a line: no shell runs anything else of it. */
export const isAwsCalls = (text: string): boolean =>
  text
    .trim()
    .split('\n')
    .every((line) => CALL.test(line));

/**
 * A value’s JSON as one word of a command. It contains no single quote, so that PowerShell 7.3 and later read the same
 * word.
 */
export const shellJson = (value: unknown): string => {
  const json = JSON.stringify(value).replace(
    SINGLE_QUOTES,
    (quote) => `\\u${quote.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return `'${json}'`;
};
