import { access, constants, mkdir, stat, writeFile } from 'node:fs/promises';
import { dirname, resolve as resolvePath } from 'node:path';
import type { Config } from '../shared/config/schema.ts';
import { DESCRIBED_CONTROLS, describedControl } from '../shared/controls/texts.ts';
import type { Finding } from '../shared/domain/finding.ts';
import type { Scope } from '../shared/domain/scope.ts';
import { toAsff } from '../shared/outputs/formats/asff.ts';
import { toCsv } from '../shared/outputs/formats/csv.ts';
import { toJunit } from '../shared/outputs/formats/junit.ts';
import { toMarkdown } from '../shared/outputs/formats/markdown.ts';
import { toOcsf } from '../shared/outputs/formats/ocsf.ts';
import { toOscal } from '../shared/outputs/formats/oscal.ts';
import type { Results } from '../shared/outputs/formats/results.ts';
import { toSarif } from '../shared/outputs/formats/sarif.ts';
import { toTable } from '../shared/outputs/formats/table.ts';
import type { PlaceOf } from '../shared/outputs/places/evidence-places.ts';
import type { Sources } from '../shared/outputs/report/sources.ts';
import { suggestion } from '../shared/text/suggestion.ts';
import { VERSION } from '../shared/version.ts';
import { fileProblem, UsageError } from './errors.ts';

/** One output of a run: a format, and the file it goes to (stdout without one). */
export type Output = { format: string; file?: string };

/** What every format is made from. */
export type OutputData = {
  results: Results;
  scope: Scope;
  color: boolean;
  /** For the page: whose prefixes tell the teams, and what it shows beside the findings. */
  config?: Config;
  sources?: Sources;
  /** The texts that were linted, by the paths that the findings name. */
  files?: ReadonlyMap<string, string>;
  /** Where in files the evidence stands. */
  placeOf?: PlaceOf;
};

/** What only one command or format needs is loaded when it is asked for: to load it all takes longer than to lint. */
const FORMATS: Readonly<Record<string, (report: OutputData, toFile: boolean) => string | Promise<string>>> = {
  table: ({ results, color, files, placeOf }, toFile) =>
    toTable(results, {
      width: toFile ? 120 : process.stdout.columns || 100,
      color: color && !toFile,
      ...(files && placeOf && { placeOf }),
    }),
  json: ({ results }) => `${JSON.stringify(results, null, 2)}\n`,
  sarif: ({ results, placeOf }) =>
    toSarif(results, { controls: describedControl, version: VERSION, ...(placeOf && { placeOf }) }),
  csv: ({ results }) => toCsv(results),
  md: ({ results }) => toMarkdown(results),
  junit: ({ results }) => toJunit(results),
  html: async ({ results, config, sources }) => {
    const { toHtml } = await import('../shared/outputs/report/report.tsx');
    return toHtml(results, {
      controls: describedControl,
      ...(config && { config }),
      ...(sources && { sources }),
    });
  },
  asff: ({ results, scope }) =>
    `${JSON.stringify(
      results.findings.filter(isSent).map((finding) => asff(finding, scope)),
      null,
      2,
    )}\n`,
  ocsf: ({ results, scope }) =>
    toOcsf(results, { controls: describedControl, version: VERSION, partition: scope.partition }),
  oscal: ({ results, files }) =>
    toOscal(results, {
      controls: DESCRIBED_CONTROLS.filter(({ lint }) => lint || !files),
      version: VERSION,
    }),
};

/** What Security Hub would be sent: nothing that is suppressed or does not apply. */
const isSent = ({ status, suppression }: Finding): boolean => status !== 'NOT_APPLICABLE' && !suppression;

const asff = (finding: Finding, scope: Scope) =>
  toAsff(finding, {
    scope,
    control: describedControl(finding.control),
    productVersion: VERSION,
    updatedAt: finding.lastObservedAt,
    recordState: finding.status === 'PASSED' ? 'ARCHIVED' : 'ACTIVE',
  });

export const FORMAT_NAMES = Object.keys(FORMATS);

/**
 * The outputs that the arguments ask for: each `-o` belongs to the `--format` before it, and a table goes to stdout
 * where nothing else was asked for.
 * @throws {UsageError} for an unknown format, or two outputs for stdout.
 */
export const outputsOf = (asked: readonly ({ format: string } | { file: string })[]): Output[] => {
  const outputs: Output[] = [];
  for (const entry of asked) {
    if ('format' in entry) {
      if (!Object.hasOwn(FORMATS, entry.format)) {
        throw new UsageError(
          `there is no format ${JSON.stringify(entry.format)}${suggestion(entry.format, FORMAT_NAMES)}\nformats: ${FORMAT_NAMES.join(', ')}`,
        );
      }
      outputs.push({ format: entry.format });
      continue;
    }
    const last = outputs.at(-1);
    if (last?.file !== undefined)
      throw new UsageError(`-o ${entry.file}: name the --format of this file before it`);
    if (last) last.file = entry.file;
    else outputs.push({ format: 'table', file: entry.file });
  }
  if (outputs.length === 0) return [{ format: 'table' }];
  if (outputs.filter(({ file }) => file === undefined).length > 1) {
    throw new UsageError('only one format can go to stdout; give the others a file with -o');
  }
  const files = outputs.flatMap(({ file }) => file ?? []);
  const twice = files.find((file, index) => files.slice(0, index).some((other) => isSamePath(file, other)));
  if (twice !== undefined) throw new UsageError(`-o ${twice}: two formats would go to this file`);
  return outputs;
};

const isSamePath = (one: string, other: string): boolean => resolvePath(one) === resolvePath(other);

/**
 * Makes the folders of the files, and sees whether the files can be written, so that this is not found out when the
 * work is done.
 * @throws {UsageError}
 */
export const prepareFiles = async (files: readonly (string | undefined)[]): Promise<void> => {
  for (const file of files) {
    if (file === undefined) continue;
    try {
      if (file === '') throw Object.assign(new Error('no file is named'), { code: 'ENOENT' });
      await mkdir(dirname(file), { recursive: true });
      const existing = await stat(file).catch(() => undefined);
      if (existing?.isDirectory()) throw Object.assign(new Error('a folder'), { code: 'EISDIR' });
      await access(existing ? file : dirname(file), constants.W_OK);
    } catch (error) {
      throw fileProblem(file, error, 'written');
    }
  }
};

/**
 * Writes each output to its file or to stdout; one that cannot be written keeps no other from it.
 * @throws {UsageError} naming every output that could not be written.
 */
export const writeOutputs = async (outputs: readonly Output[], report: OutputData): Promise<void> => {
  const problems: string[] = [];
  for (const { format, file } of outputs) {
    try {
      await writeText((await FORMATS[format]?.(report, file !== undefined)) ?? '', file);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      problems.push(error.message);
    }
  }
  if (problems.length > 0) throw new UsageError(problems.join('\n'));
};

/**
 * Writes a text to a file, made with its folder, or to stdout.
 * @throws {UsageError} where the file cannot be written.
 */
export const writeText = async (text: string, file: string | undefined): Promise<void> => {
  if (file === undefined) return writeStdout(text);
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  } catch (error) {
    throw fileProblem(file, error, 'written');
  }
};

/**
 * Waits until the text is out: a process that ends at once would cut what a pipe has not taken yet. A reader that left
 * has what it wanted, and the verdict, which is the exit status, is the same without it.
 * @throws {UsageError} where stdout cannot be written for any other reason.
 */
export const writeStdout = (text: string): Promise<void> =>
  new Promise((resolve, reject) => {
    process.stdout.write(text, (error) => {
      const hasLeft = error && 'code' in error && error.code === 'EPIPE';
      if (error && !hasLeft) reject(fileProblem('stdout', error, 'written'));
      else resolve();
    });
  });
