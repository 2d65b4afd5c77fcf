import type { Command } from 'commander';
import type { Finding } from '../shared/domain/finding.ts';
import { findingName, findingsNamed } from '../shared/outputs/formats/finding-name.ts';
import { toFix } from '../shared/outputs/formats/fix.ts';
import { byUrgency, type Results } from '../shared/outputs/formats/results.ts';
import { listed } from '../shared/text/listed.ts';
import { shellText } from '../shared/text/shell-text.ts';
import { suggestion } from '../shared/text/suggestion.ts';
import type { Output } from './asked-outputs.ts';
import { auditAccounts } from './audit-accounts.ts';
import {
  type AuditInputOptions,
  checkAuditInput,
  isLive,
  openAuditInput,
  scopesOf,
  withAuditInput,
} from './audit-input.ts';
import { appliedConfig, configOfFiles, configurationText } from './config.ts';
import { namedPipeline } from './definition-file.ts';
import { searchDefinitions } from './definition-folder.ts';
import { UsageError } from './errors.ts';
import { STDIN } from './files.ts';
import { LINT_CONTROLS, lint, readDefinitions } from './lint.ts';
import { writeStdout } from './output.ts';
import { progressOn } from './progress.ts';
import { readResultsFile } from './results-file.ts';

type FixOptions = AuditInputOptions & {
  in?: string;
  config?: string;
  quiet?: boolean;
  pipelineName?: string;
  account?: string;
};

/** Adds the command `fix`, which prints all that is known of how to mend one finding. */
export const addFix = (program: Command): void => {
  withAuditInput(
    program
      .command('fix')
      .description(
        'print the whole remedy of one finding: its evidence, its command, what that changes, its undo',
      ),
  )
    .argument(
      '<id>',
      'the finding, as the table names it, such as pass-role-scoped/3f2a9c1b; or its whole id',
    )
    .argument('[files...]', 'the pipeline definitions that lint found it in, or folders of them')
    .option('--in <file>', 'results that --format json wrote')
    .option('--pipeline-name <name>', 'with the file of a definition: its pipeline, as lint takes it')
    .option('--account <account>', 'with the file of a definition: its account, as lint takes it')
    .option('--config <file>', 'the configuration, as audit and lint take it')
    .option('--quiet', 'no progress on stderr')
    .addHelpText(
      'after',
      `
Examples:
  pipewarden fix pass-role-scoped/3f2a9c1b --in out/results.json
  pipewarden fix execution-role-trust/0b7e44d2 --snapshot examples/account
  pipewarden fix pipeline-job-prefix/9d31c5aa pipeline.json

Nothing is changed: the command is printed, and its undo beside it. Findings of one cause are printed together.
Exit status: 0 printed, 2 wrong usage, or there is no such finding (it may be mended).`,
    )
    .action(async (name: string, files: string[], options: FixOptions) => {
      const { account, region, findings } = await findingsOf(files, options);
      const found = theFindings(findings, name);
      await writeStdout(toFix(found, { account, region }, { width: process.stdout.columns || 100 }));
    });
};

type Found = Pick<Results, 'account' | 'region' | 'scopes'> & { findings: readonly Finding[] };

const findingsOf = async (files: readonly string[], options: FixOptions): Promise<Found> => {
  const { in: results, snapshot, config } = options;
  const live = isLive(options) || undefined;
  const sources = [results, snapshot, live, files[0]].filter((source) => source !== undefined);
  if (sources.length !== 1)
    throw new UsageError(
      'say where the finding is: --in FILE (results that --format json wrote), --snapshot DIR, --live, or the files of lint',
    );
  const progress = progressOn(process.stderr, options.quiet ?? false);
  if (results !== undefined) {
    const read = await readResultsFile(results);
    progress.say(`results of ${read.generatedAt}: what was changed since is not part of the remedy`);
    return read;
  }
  if (files.length > 0) {
    const { paths } = await searchDefinitions(files);
    const applied = configOfFiles(await appliedConfig(config, paths), options.account);
    progress.say(configurationText(applied, LINT_CONTROLS));
    const findings = lint(namedPipeline(await readDefinitions(paths), options.pipelineName), applied);
    return { account: '', region: '', findings: findings.toSorted(byUrgency) };
  }
  checkAuditInput(options);
  const applied = await appliedConfig(config);
  const input = await openAuditInput(options, applied.config.organization, progress);
  const { findings, scope: run } = await auditAccounts(input, applied, progress);
  const [{ account, region }] = scopesOf(input);
  const scopes = run.scopes && { scopes: run.scopes };
  return { account, region, ...scopes, findings: findings.toSorted(byUrgency) };
};

/** The finding of this name, and after it the others of its cause. */
const theFindings = (findings: readonly Finding[], name: string): [Finding, ...Finding[]] => {
  const [found, ...others] = findingsNamed(findings, name);
  const [control = ''] = name.replace(/^pipewarden\//, '').split('/');
  if (!found) {
    const controls = [...new Set(findings.map((finding) => finding.control))];
    const known = controls.includes(control) ? '' : suggestion(control, controls);
    throw new UsageError(
      `there is no finding ${JSON.stringify(name)}${known}: the table of audit or lint names each, and one that is mended is gone`,
    );
  }
  if (others.length > 0)
    throw new UsageError(
      `${JSON.stringify(name)} means several findings: ${listed([found, ...others].map(findingName))}`,
    );
  const ofCause = found.cause === undefined ? [] : findings.filter(({ cause }) => cause === found.cause);
  return [found, ...ofCause.filter((other) => other !== found)];
};

/** More arguments than these are no help in a table. */
const LONGEST_ARGUMENTS = 200;

/**
 * The arguments with which `fix` finds the findings of a run again, as one reads them in a shell: its results file, if
 * there is one, else what was audited; nothing where that is too long, or was stdin.
 */
export const fixArguments = (
  outputs: readonly Output[],
  {
    config,
    pipelineName,
    account,
    ...input
  }: AuditInputOptions &
    Pick<FixOptions, 'config' | 'pipelineName' | 'account'> & { files?: readonly string[] },
): string => {
  const results = outputs.find(({ format, file }) => format === 'json' && file !== undefined)?.file;
  const { files = [], snapshot = [], live, events = [], profile, region } = input;
  const { regions, accounts, roleArn, externalId, organization, organizationPolicies } = input;
  const option = (name: string, ...values: readonly (string | undefined)[]) =>
    values[0] === undefined ? [] : [name, ...values.map((value) => shellText(value ?? ''))];
  const words =
    results === undefined
      ? [
          ...snapshot.flatMap((dir) => option('--snapshot', dir)),
          ...(live ? ['--live'] : []),
          ...option('--profile', profile),
          ...option('--region', region),
          ...option('--regions', regions?.join(',')),
          ...option('--accounts', accounts?.join(',')),
          ...option('--role-arn', roleArn),
          ...option('--external-id', externalId),
          ...(organization ? ['--organization'] : []),
          ...option('--organization-policies', organizationPolicies),
          ...option('--events', ...events),
          ...option('--config', config),
          ...option('--pipeline-name', pipelineName),
          ...option('--account', account),
          // A file may be called --config=x.json.
          ...(files.some((file) => file.startsWith('-')) ? ['--'] : []),
          ...files.map(shellText),
        ]
      : ['--in', shellText(results)];
  const text = words.join(' ');
  return text.length > LONGEST_ARGUMENTS || files.includes(STDIN.argument) ? '' : text;
};
