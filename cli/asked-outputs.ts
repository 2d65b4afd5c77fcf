import { resolve as resolvePath } from 'node:path';
import { Option } from 'commander';
import { suggestion } from '../shared/text/suggestion.ts';
import { visibleText } from '../shared/text/visible-text.ts';
import { UsageError } from './errors.ts';

/** One output of a run: a format, and its file (stdout without a file). */
export type Output = { format: string; file?: string };

/** One `--format` or one `-o` of the command line. */
export type Asked = { format: string } | { file: string };

/** The formats that the ending of a file may mean, the usual one first. */
const ENDINGS: readonly (readonly [ending: string, ...formats: string[]])[] = [
  ['.asff.json', 'asff'],
  ['.ocsf.json', 'ocsf'],
  ['.oscal.json', 'oscal'],
  ['.sarif.json', 'sarif'],
  ['.sarif', 'sarif'],
  ['.json', 'json', 'asff', 'ocsf', 'oscal', 'sarif'],
  ['.csv', 'csv'],
  ['.md', 'md'],
  ['.markdown', 'md'],
  ['.xml', 'junit'],
  ['.html', 'html'],
  ['.htm', 'html'],
  ['.txt', 'table', 'csv', 'md'],
];

const formatsByEnding = (file: string): string[] => {
  const [, ...formats] = ENDINGS.find(([ending]) => file.toLowerCase().endsWith(ending)) ?? [];
  return formats;
};

/**
 * The outputs that the arguments ask for, in the order of the formats. A file and the format beside it belong together,
 * in either order; a file without a format gets the one that its ending tells. Without arguments, a table goes to stdout.
 * @throws {UsageError} for an unknown format, a file whose format nobody tells, and two outputs for stdout or one file.
 */
export const outputsOf = (asked: readonly Asked[], known: readonly string[]): Output[] => {
  for (const entry of asked)
    if ('format' in entry && !known.includes(entry.format))
      throw new UsageError(
        `there is no format ${JSON.stringify(entry.format)}${suggestion(entry.format, known)}\nformats: ${known.join(', ')}`,
      );
  const formatOfFile = pairsOf(asked);
  const outputs = asked.flatMap((entry, index): Output[] => {
    if ('file' in entry)
      return formatOfFile.has(index) ? [] : [{ format: formatByEnding(entry.file), file: entry.file }];
    const [at] = [...formatOfFile].find(([, format]) => format === index) ?? [];
    const pair = at === undefined ? undefined : asked[at];
    return [{ format: entry.format, ...(pair && 'file' in pair && { file: pair.file }) }];
  });
  if (outputs.length === 0) return [{ format: 'table' }];
  if (outputs.filter(({ file }) => file === undefined).length > 1)
    throw new UsageError('only one format can go to stdout; give the others a file with -o');
  const files = outputs.flatMap(({ file }) => file ?? []);
  const twice = files.find((file, index) => files.slice(0, index).some((other) => isSamePath(file, other)));
  if (twice !== undefined)
    throw new UsageError(`-o ${visibleText(twice)}: two formats would go to this file`);
  return outputs;
};

/** Of each file that has a format, the index of the file and that of the format. */
const pairsOf = (asked: readonly Asked[]): Map<number, number> => {
  const pairs = new Map<number, number>();
  const isFree = (format: number) => ![...pairs.values()].includes(format);
  const pair = (step: 1 | -1, fits: (file: string, format: string) => boolean): void => {
    for (const [index, entry] of asked.entries()) {
      const beside = asked[index + step];
      if (!('file' in entry) || pairs.has(index) || !beside || !('format' in beside)) continue;
      if (isFree(index + step) && fits(entry.file, beside.format)) pairs.set(index, index + step);
    }
  };
  const isReversed = asked.every((entry, index) => (index % 2 === 0 ? 'file' : 'format') in entry);
  if (isReversed && asked.length % 2 === 0) pair(1, () => true);
  const isTold = (file: string, format: string) => formatsByEnding(file).includes(format);
  pair(-1, isTold);
  pair(1, isTold);
  pair(-1, () => true);
  pair(1, () => true);
  for (const [file, format] of pairs) if (format > file) refuseOther(asked[file], asked[format]);
  return pairs;
};

/** With the file before its format, an ending that tells another format may mean that the two do not belong together. */
const refuseOther = (before: Asked | undefined, after: Asked | undefined): void => {
  if (!before || !('file' in before) || !after || !('format' in after)) return;
  const told = formatsByEnding(before.file);
  if (told.length === 0 || told.includes(after.format)) return;
  throw new UsageError(
    `-o ${visibleText(before.file)}: its ending tells ${told[0]}, and the format behind it is ${after.format}: give each file its format, as in --format ${told[0]} -o ${visibleText(before.file)}`,
  );
};

const formatByEnding = (file: string): string => {
  const [format] = formatsByEnding(file);
  if (format !== undefined) return format;
  throw new UsageError(
    `-o ${visibleText(file) || '""'}: neither a --format nor its ending tells the format of this file; give each file its format, as in --format json -o ${visibleText(file) || 'FILE'}`,
  );
};

/** The option for the format of a command that writes a table or JSON; the usual one comes first. */
export const formatOption = (usual: 'table' | 'json'): Option =>
  new Option(
    '--format <format>',
    `the output format (default: ${usual}, or what the ending of -o tells)`,
  ).choices(usual === 'table' ? ['table', 'json'] : ['json', 'table']);

/**
 * The format of a command that has two: the one that is asked for, else the one that the ending of the file tells, else
 * the usual one.
 */
export const tableOrJson = (
  { format, output }: { format?: 'table' | 'json'; output?: string | undefined },
  usual: 'table' | 'json',
): 'table' | 'json' => {
  if (format !== undefined) return format;
  const told = output === undefined ? [] : formatsByEnding(output);
  return told.includes('json') ? 'json' : told.includes('table') ? 'table' : usual;
};

/** Endings of pictures and pages, none of which a command makes that makes another. */
const OTHER_ENDINGS = ['.svg', '.png', '.jpg', '.jpeg', '.gif', '.pdf'];

/**
 * Refuses a file whose ending tells something else than what a command writes: HTML or SVG.
 * @throws {UsageError}
 */
export const refuseOtherEnding = (file: string | undefined, ending: '.html' | '.svg'): void => {
  if (file === undefined) return;
  const [told] = [...ENDINGS.map(([each]) => each), ...OTHER_ENDINGS].filter((each) =>
    file.toLowerCase().endsWith(each),
  );
  if (told === undefined || told === ending || (ending === '.html' && told === '.htm')) return;
  throw new UsageError(
    `-o ${visibleText(file)}: its ending is ${told}, and what is written is ${ending.slice(1).toUpperCase()}; name a file that ends in ${ending}`,
  );
};

const isSamePath = (one: string, other: string): boolean => resolvePath(one) === resolvePath(other);
