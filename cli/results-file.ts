import { parseJson } from '../shared/json/json-text.ts';
import { parseResults, type Results } from '../shared/outputs/formats/results.ts';
import { UsageError } from './errors.ts';
import { readEach, readText } from './files.ts';

const MOST_ISSUES = 5;

/**
 * The results of a run, as `--format json` wrote them.
 * @throws {UsageError} with line and column where the file is not JSON, or the places that are not as in results.
 */
export const readResultsFile = async (path: string): Promise<Results> => {
  const json = parseJson(await readText(path, 'results'));
  if (!json.ok) {
    const { line, column, fault, message } = json.error;
    throw new UsageError(`${path}:${line}:${column}: ${fault}: ${message}`);
  }
  const parsed = parseResults(json.value);
  if (parsed.ok) return parsed.results;
  const issues = parsed.issues
    .slice(0, MOST_ISSUES)
    .map(({ path: at, message }) => `/${at.join('/')}: ${message}`);
  const left = parsed.issues.length - issues.length;
  throw new UsageError(
    [
      `${path}: these are no results of version 1.0 (made with --format json):`,
      ...issues,
      ...(left > 0 ? [`and ${left} more`] : []),
    ].join('\n'),
  );
};

/**
 * The results of several files.
 * @throws {UsageError} naming everything that is wrong with any of them.
 */
export const readResultsFiles = async (paths: readonly string[]): Promise<[Results, ...Results[]]> => {
  const [first, ...others] = await readEach(paths, readResultsFile);
  if (!first) throw new UsageError('no results were given');
  return [first, ...others];
};
