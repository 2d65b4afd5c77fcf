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
    .split(/([\r\n])/)
    .map((line) => (/^[ \t]*::[\w-]/.test(line) ? line.replace(':', colon) : line))
    .join('');
};

const IN_MARKUP = { hash: '&#35;', colon: '&#58;' };
const ELSEWHERE = { hash: '\\u0023', colon: '\\u003a' };
