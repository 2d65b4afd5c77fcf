import { parseJson } from '../shared/json/json-text.ts';
import type { Results } from '../shared/outputs/formats/results.ts';
import { parseResults } from '../shared/outputs/formats/results-schema.ts';
import { isAwsCalls, shellsOf } from '../shared/text/shell-text.ts';
import { visibleText } from '../shared/text/visible-text.ts';
import { UsageError } from './errors.ts';
import { readEach, readText } from './files.ts';

const MOST_ISSUES = 5;

/**
 * Reads the results of a run, as `--format json` wrote them.
 * @throws {UsageError} with line and column if the file is not JSON, or with the places that do not fit the schema.
 */
export const readResultsFile = async (path: string): Promise<Results> => {
  const json = parseJson(await readText(path, 'results'));
  if (!json.ok) {
    const { line, column, fault, message } = json.error;
    throw new UsageError(`${visibleText(path)}:${line}:${column}: ${fault}: ${message}`);
  }
  const parsed = parseResults(json.value);
  if (parsed.ok) return withoutOtherCommands(parsed.results);
  const issues = parsed.issues
    .slice(0, MOST_ISSUES)
    .map(({ path: at, message }) => `/${at.join('/')}: ${message}`);
  const left = parsed.issues.length - issues.length;
  throw new UsageError(
    [
      `${visibleText(path)}: not results of version 2.0 or 1.0, as --format json writes them:`,
      ...issues,
      ...(left > 0 ? [`and ${left} more`] : []),
    ].join('\n'),
  );
};

/**
 * The results without commands that are no calls of the AWS CLI alone: Pipewarden writes none, and a person pastes what the results of
 * somebody else say.
 */
const withoutOtherCommands = (results: Results): Results => ({
  ...results,
  findings: results.findings.map((finding) => {
    const { patch = '', undo, text } = finding.remediation;
    const isPlain =
      (shellsOf(patch) === undefined || isAwsCalls(patch)) && (undo === undefined || isAwsCalls(undo));
    return isPlain ? finding : { ...finding, remediation: { text: `${text} ${LEFT_OUT}` } };
  }),
});

const LEFT_OUT = '(The command in these results is left out: it is more than calls of the AWS CLI.)';

/**
 * Reads the results of several files.
 * @throws {UsageError} naming the problems of all files together.
 */
export const readResultsFiles = async (paths: readonly string[]): Promise<[Results, ...Results[]]> => {
  const [first, ...others] = await readEach(paths, readResultsFile);
  if (!first) throw new UsageError('no results were given');
  return [first, ...others];
};
