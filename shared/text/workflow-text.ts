/**
 * A text for a log that a CI service reads for commands: GitHub obeys `::name::` at the start of a line and `##[name]`
 * anywhere, Azure DevOps `##vso[…]`, TeamCity `##teamcity[…]`. The first character of each is written as an escape: one that
 * means the same in JSON and in XML, and is only seen elsewhere.
 * https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
 */
export const withoutWorkflowCommands = (text: string): string => {
  const { hash, colon } = /^\s*</.test(text) ? IN_MARKUP : ELSEWHERE;
  return text
    .replace(/##(?=\[|vso\[|teamcity\[)/gi, `${hash}#`)
    .split(/([\r\n\u0085\u2028\u2029])/)
    .map((line) => (BEGINS_COMMAND.test(line) ? line.replace(':', colon) : line))
    .join('');
};

/** The runner leaves out white space of any kind before a command, and others leave out invisible characters. */
const BEGINS_COMMAND = /^[\s\p{C}]*::/u;

const IN_MARKUP = { hash: '&#35;', colon: '&#58;' };
const ELSEWHERE = { hash: '\\u0023', colon: '\\u003a' };
