import { access, constants, mkdir, stat, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { FileConfig } from '../shared/config/schema.ts';
import { DESCRIBED_CONTROLS, describedControl } from '../shared/controls/texts.ts';
import { parseArn } from '../shared/domain/arn.ts';
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
import { visibleText } from '../shared/text/visible-text.ts';
import { withoutWorkflowCommands } from '../shared/text/workflow-text.ts';
import { VERSION } from '../shared/version.ts';
import type { Output } from './asked-outputs.ts';
import { wasRead } from './bounded-file.ts';
import { fileProblem, UsageError } from './errors.ts';

/** What every format is made from. */
export type OutputData = {
  results: Results;
  scope: Scope;
  color: boolean;
  /**
   * For the HTML report: the configuration, whose prefixes tell the teams, and the sources of pictures and excerpts.
   */
  config?: FileConfig;
  sources?: Sources;
  /** The texts of linted files, by the paths that findings name. */
  files?: ReadonlyMap<string, string>;
  /** Finds where in a file the evidence of a finding stands. */
  placeOf?: PlaceOf;
  /** For the table: whether it leaves nothing out, and the arguments with which `fix` finds the findings again. */
  isFull?: boolean;
  fixBy?: string;
};

/**
 * Modules for a single command or format are imported when needed: importing all of them takes longer than a lint
 * run.
 */
const FORMATS: Readonly<Record<string, (report: OutputData, toFile: boolean) => string | Promise<string>>> = {
  table: ({ results, color, files, placeOf, isFull = false, fixBy = '' }, toFile) =>
    toTable(results, {
      isFull,
      fixBy,
      width: toFile ? 120 : process.stdout.columns || 100,
      color: color && !toFile,
      ...(files && placeOf && { placeOf }),
    }),
  json: ({ results }) => `${JSON.stringify(results, null, 2)}\n`,
  sarif: ({ results, placeOf }) =>
    toSarif(results, { controls: describedControl, version: VERSION, ...(placeOf && { placeOf }) }),
  csv: ({ results }) => toCsv(results),
  md: ({ results }) => toMarkdown(results),
  junit: ({ results, placeOf }) => toJunit(results, placeOf),
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
      results.findings.filter(isSent).map((finding) => asff(finding, scopeOf(finding, results, scope))),
      null,
      2,
    )}\n`,
  ocsf: ({ results, scope }) =>
    toOcsf(results, { controls: describedControl, version: VERSION, partition: scope.partition }),
  oscal: ({ results }) => toOscal(results, { controls: DESCRIBED_CONTROLS, version: VERSION }),
};

/** Whether Security Hub would get the finding: not if it is suppressed or does not apply. */
const isSent = ({ status, suppression }: Finding): boolean => status !== 'NOT_APPLICABLE' && !suppression;

/** The account and Region of a finding: what an account has once for all Regions is told in the first of them. */
const scopeOf = ({ account, resource }: Finding, { scopes = [] }: Results, scope: Scope): Scope => {
  if (account === undefined) return scope;
  const regions = scopes.flatMap((each) => (each.account === account ? each.region : []));
  const inArn = parseArn(resource.arn)?.region;
  const region = regions.find((each) => each === inArn) ?? regions[0] ?? scope.region;
  return { ...scope, account, region };
};

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
 * Makes the folders of the files and checks that the files can be written, so that a run does not fail only at its
 * end.
 * @throws {UsageError}
 */
export const prepareFiles = async (files: readonly (string | undefined)[]): Promise<void> => {
  for (const file of files) {
    if (file === undefined) continue;
    try {
      if (file === '') throw Object.assign(new Error('no file is named'), { code: 'ENOENT' });
      await makeFolder(dirname(file));
      if (!(await stat(dirname(file))).isDirectory())
        throw Object.assign(new Error('a file'), { code: 'ENOTDIR' });
      const existing = await stat(file).catch(() => undefined);
      if (existing?.isDirectory()) throw Object.assign(new Error('a folder'), { code: 'EISDIR' });
      await access(existing ? file : dirname(file), constants.W_OK);
    } catch (error) {
      throw fileProblem(file, error, 'written');
    }
  }
};

/**
 * Makes a folder and those above it. Node’s own way never ends where a folder exists in which none can be made, as in `/proc`:
 * https://github.com/nodejs/node/issues/31177
 */
const makeFolder = async (folder: string): Promise<void> => {
  const missing: string[] = [];
  for (let each = resolve(folder); each !== dirname(each) && !(await isThere(each)); each = dirname(each))
    missing.push(each);
  for (const each of missing.reverse())
    await mkdir(each).catch((error: unknown) => {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    });
};

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/**
 * Writes each output to its file or to stdout. A failing output does not stop the others.
 * @throws {UsageError} naming every output that could not be written.
 */
export const writeOutputs = async (outputs: readonly Output[], report: OutputData): Promise<void> => {
  const problems: string[] = [];
  for (const { format, file } of outputs) {
    try {
      const text = (await FORMATS[format]?.(report, file !== undefined)) ?? '';
      // A workflow may show a file in its log. In the page, an escape would change the script that its policy admits.
      await writeText(format === 'html' ? text : withoutWorkflowCommands(text), file);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      problems.push(error.message);
    }
  }
  if (problems.length > 0) throw new UsageError(problems.join('\n'));
};

/**
 * Writes a text to a file (and makes its folder) or to stdout.
 * @throws {UsageError} if the file cannot be written.
 */
export const writeText = async (text: string, file: string | undefined): Promise<void> => {
  if (file === undefined) return writeStdout(text);
  try {
    await makeFolder(dirname(file));
    const existing = await stat(file).catch(() => undefined);
    if (existing && wasRead(existing))
      throw new UsageError(
        `${visibleText(file)}: cannot be written: this run has read it, and its content would be lost`,
      );
    await writeFile(file, text);
  } catch (error) {
    throw error instanceof UsageError ? error : fileProblem(file, error, 'written');
  }
};

/**
 * Waits until the text is written, because ending the process would cut what a pipe has not taken yet. A closed pipe
 * is no error: its reader has seen enough, and the exit status stays the same. What is written may land in the log of a
 * workflow, which obeys commands in it.
 * @throws {UsageError} if stdout cannot be written for another reason.
 */
export const writeStdout = (text: string): Promise<void> =>
  new Promise((resolve, reject) => {
    process.stdout.write(withoutWorkflowCommands(text), (error) => {
      const hasLeft = error && 'code' in error && error.code === 'EPIPE';
      if (error && !hasLeft) reject(fileProblem('stdout', error, 'written'));
      else resolve();
    });
  });
