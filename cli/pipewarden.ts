import './small-heap.ts';

import { Argument, Command, CommanderError, Option } from 'commander';
import type { Config } from '../shared/config/schema.ts';
import { CONTROLS } from '../shared/controls/index.ts';
import { DESCRIBED_CONTROLS } from '../shared/controls/texts.ts';
import type { Finding } from '../shared/domain/finding.ts';
import type { Scope } from '../shared/domain/scope.ts';
import { controlList, controlPage, controlsJson } from '../shared/outputs/pages/control-page.ts';
import { eventPlace, lintedPlaces, type PlaceOf } from '../shared/outputs/places/evidence-places.ts';
import type { Sources } from '../shared/outputs/report/sources.ts';
import { VERSION } from '../shared/version.ts';
import { type Asked, formatOption, type Output, outputsOf, tableOrJson } from './asked-outputs.ts';
import {
  auditDeclared,
  checkDeclared,
  type DeclaredOptions,
  isOfDeclared,
  withDeclared,
} from './audit-declared.ts';
import { auditDiff, checkDiff } from './audit-diff.ts';
import {
  type AuditInputOptions,
  checkAuditInput,
  countsOf,
  scopesOf,
  withAuditInput,
} from './audit-input.ts';
import { auditRun } from './audit-run.ts';
import { placesIn, sourcesOf } from './audited-sources.ts';
import { readBaseline, sinceBaseline } from './baseline.ts';
import { completionScript, SHELLS, type Shell } from './completion.ts';
import { type ComplianceOptions, checkCompliance, complianceIn, withCompliance } from './compliance.ts';
import {
  type AppliedConfig,
  appliedConfig,
  configOfFiles,
  configurationPlaces,
  configurationText,
  requireConfig,
} from './config.ts';
import { controlNamed } from './control-named.ts';
import { readDeclared } from './declared-sources.ts';
import { type DefinitionFile, FILE_SCOPE, fileSources, namedPipeline } from './definition-file.ts';
import { searchDefinitions } from './definition-folder.ts';
import { addDeploy } from './deploy.ts';
import { addDestroy } from './destroy.ts';
import { addDiff } from './diff.ts';
import { addDlq } from './dlq.ts';
import { refuseDoubled } from './doubled-options.ts';
import { errorText, isExpected, UsageError } from './errors.ts';
import { addEvidence } from './evidence.ts';
import { exitStatus, exitText, failOnOption, type Threshold, UNREAD, type Unread } from './exit-status.ts';
import { addExplainDenied } from './explain-denied.ts';
import { readEventFiles } from './files.ts';
import { addFix, fixArguments } from './fix.ts';
import { addGenerate } from './generate.ts';
import { addGraph } from './graph.ts';
import { addIndex } from './index-command.ts';
import { addInit } from './init.ts';
import { LINT_CONTROLS, lintedResources, lintRun, readDefinitions } from './lint.ts';
import { lintDiff } from './lint-diff.ts';
import { addMcp } from './mcp.ts';
import { addMembers } from './members.ts';
import { addNotify } from './notify.ts';
import { FORMAT_NAMES, prepareFiles, writeOutputs, writeStdout, writeText } from './output.ts';
import { messageText, type Progress, progressOn } from './progress.ts';
import { addReport } from './report.ts';
import { addRestore } from './restore.ts';
import { type JudgedRun, resultsOfRun } from './run-results.ts';
import { type Selection, type SelectionOptions, selectionOf, withSelection } from './selection.ts';
import { addSimulate } from './simulate.ts';
import { addSnapshot } from './snapshot.ts';
import { addWhoCan } from './who-can.ts';

type ReportOptions = SelectionOptions & {
  config?: string;
  requireConfig?: boolean;
  failOn: Threshold;
  unread: Unread;
  all?: boolean;
  full?: boolean;
  quiet?: boolean;
  color: boolean;
};
type AuditOptions = ReportOptions &
  AuditInputOptions &
  DeclaredOptions &
  ComplianceOptions & { diff?: string };

/**
 * The values of `--format` and `-o` in the order of the command line, because a file belongs to the format beside it.
 */
const asked: Asked[] = [];

const withReportOptions = (command: Command): Command =>
  withSelection(command)
    .option(
      '--config <file>',
      'the configuration (default: the nearest pipewarden.yaml in the git repository)',
    )
    .option('--require-config', 'refuse to run (with 2) where no configuration is found')
    .addOption(
      new Option('--format <format>', 'the output format; may be repeated, each with its own -o')
        .choices(FORMAT_NAMES)
        .argParser((format: string) => {
          asked.push({ format });
        }),
    )
    .option(
      '-o, --output <file>',
      'the file for the format beside it, or whose ending tells the format (default: stdout)',
      (file) => {
        asked.push({ file });
      },
    )
    .addOption(failOnOption('exit with 1 if an open finding has at least this severity'))
    .addOption(
      new Option('--unread <how>', 'whether evidence that could not be read fails the run (with 3), or is ok')
        .choices(UNREAD)
        .default('fail'),
    )
    .option('--all', 'also list verdicts that passed or do not apply')
    .option('--full', 'in a table: all evidence, and remedies with their commands and how to undo them')
    .option('--quiet', 'no progress on stderr')
    .option('--no-color', 'no colours');

const program = new Command('pipewarden')
  .description(
    'Audits Amazon SageMaker Pipelines: execution and step roles, job prefixes, versions, CORS of image buckets, and SCPs.',
  )
  .version(VERSION)
  .exitOverride()
  .configureOutput({
    outputError: (text, write) => write(messageText(`pipewarden: ${text.replace(/^error: /, '').trimEnd()}`)),
  })
  .showSuggestionAfterError()
  .addHelpText(
    'after',
    `
Examples:
  pipewarden audit --snapshot examples/account --events examples/events
  pipewarden lint pipeline.json
  pipewarden explain job-prefix-length

Exit status: 0 nothing at or above --fail-on, 1 findings at or above it, 2 wrong usage or unreadable input,
3 finished, but some evidence could not be read (0 with --unread ok).`,
  );

withReportOptions(
  withCompliance(
    withDeclared(
      withAuditInput(
        program
          .command('audit')
          .description(
            'audit accounts (snapshot folders, or live), or templates and plans before they are deployed',
          ),
      ),
    ),
  ),
)
  .option(
    '--diff <commit>',
    'only findings that the templates did not have at that commit of their git repository',
  )
  .addHelpText(
    'after',
    `
Examples:
  pipewarden audit --snapshot examples/account
  pipewarden audit --live --region eu-west-1 --events trail/2026/11/20
  pipewarden audit --regions eu-west-1,us-east-1 --accounts 111122223333,444455556666
  pipewarden audit --organization --format json -o results.json
  pipewarden audit --template template.yaml --snapshot examples/account
  pipewarden audit --template template.yaml --diff origin/main
  pipewarden audit --template cdk.out --format sarif -o audit.sarif
  pipewarden audit --plan tfplan --live
  pipewarden audit --snapshot examples/account --compliance eu-ai-act --format csv -o eu-ai-act.csv
  pipewarden audit --live --format json -o results.json --format html -o report.html --fail-on critical`,
  )
  .action(async (options: AuditOptions) => {
    if (options.diff !== undefined) checkDiff(options);
    if (isOfDeclared(options)) return auditOfDeclared(options);
    checkDeclared(options);
    checkAuditInput(options, '; of what is not deployed yet, --template FILE or --plan FILE');
    const applied = await appliedConfig(options.config);
    if (options.requireConfig) requireConfig(applied);
    // Refuses wrong names before anything is read.
    checkCompliance(options, selectionOf(options, CONTROLS, applied.config));
    const outputs = outputsOf(asked, FORMAT_NAMES);
    await prepareFiles(outputs.map(({ file }) => file));
    const progress = progressOn(process.stderr, options.quiet ?? false);
    const all = (options.all ?? false) || options.compliance !== undefined;
    const { input, judged, selection, own } = await auditRun({ ...options, all }, applied, progress);
    const { accounts } = input;
    const sources = hasFormat(outputs, 'html') ? await sourcesOf(accounts, judged.findings) : undefined;
    const inSnapshot = hasFormat(outputs, 'sarif') ? await placesIn(accounts, judged.findings) : undefined;
    const placeOf: PlaceOf = (finding) => eventPlace(finding) ?? inSnapshot?.(finding);
    const last = await report(judged, scopesOf(input), { ...options, selection }, outputs, {
      ...applied,
      ...(own && { own }),
      placeOf,
      ...(sources && { sources }),
      fixBy: fixArguments(outputs, options),
    });
    sayWhere(outputs, progress, judged.by.startedAt);
    last.forEach(progress.say);
  });

/** Audits what templates and plans declare. */
const auditOfDeclared = async (options: AuditOptions): Promise<void> => {
  checkDeclared(options);
  const applied = await appliedConfig(options.config, [
    ...(options.template ?? []),
    ...(options.plan === undefined ? [] : [options.plan]),
  ]);
  if (options.requireConfig) requireConfig(applied);
  const selection = selectionOf(options, CONTROLS, applied.config);
  checkCompliance(options, selection);
  const outputs = outputsOf(asked, FORMAT_NAMES);
  if (hasFormat(outputs, 'asff'))
    throw new UsageError(
      '--template and --plan have no format asff: Security Hub accepts only findings of what an account has',
    );
  await prepareFiles(outputs.map(({ file }) => file));
  const progress = progressOn(process.stderr, options.quiet ?? false);
  const judging = {
    controls: selection.controls,
    all: (options.all ?? false) || options.compliance !== undefined || selection.texts.length > 0,
  };
  const { diff: ref } = options;
  const compared =
    ref === undefined ? undefined : await auditDiff(options, applied, { ref, ...judging }, progress);
  if (compared) progress.say(`${compared.known} more open at ${ref} already`);
  if (compared?.notCompared) progress.say(compared.notCompared);
  const run =
    compared ?? (await auditDeclared(options, await readDeclared(options), applied, judging, progress));
  const { judged, scopes, placeOf } = run;
  const last = await report(judged, scopes, { ...options, selection }, outputs, {
    ...applied,
    placeOf,
    files: new Map(),
    fixBy: fixArguments(outputs, options),
  });
  sayWhere(outputs, progress, judged.by.startedAt);
  last.forEach(progress.say);
};

withReportOptions(
  program.command('lint').description('judge pipeline definitions in files, before they are uploaded'),
)
  .argument(
    '<files...>',
    'pipeline definitions, outputs of `aws sagemaker describe-pipeline`, or folders, which are searched; - is stdin',
  )
  .option('--pipeline-name <name>', 'the pipeline that the definition is for, which prefixes may be bound to')
  .option(
    '--account <account>',
    'the account that the definition is for, where the configuration differs by account: its number, or its path in the organization, o-…/r-…/ou-…/111122223333',
  )
  .option(
    '--diff <commit>',
    'only findings that the files did not have at that commit of their git repository',
  )
  .option('--baseline <file>', 'only findings that these earlier results (--format json) do not have')
  .addHelpText(
    'after',
    `
Examples:
  pipewarden lint pipeline.json --config pipewarden.yaml
  pipewarden lint pipelines --diff origin/main --format sarif -o lint.sarif
  pipewarden lint pipeline.json --pipeline-name fraud-daily --control pipeline-job-prefix
  pipewarden lint pipelines --format json -o baseline.json; pipewarden lint pipelines --baseline baseline.json
  python pipeline.py | pipewarden lint -`,
  )
  .action(async (named: string[], options: LintOptions) => {
    const by = { command: 'lint' as const, startedAt: new Date() };
    const { diff: ref, baseline } = options;
    if (ref !== undefined && baseline !== undefined)
      throw new UsageError('--diff and --baseline both say what is known already: give one of them');
    const { paths, remarks } = await searchDefinitions(named);
    const applied = await appliedConfig(options.config, paths);
    if (options.requireConfig) requireConfig(applied);
    const outputs = outputsOf(asked, FORMAT_NAMES);
    if (outputs.some(({ format }) => format === 'asff'))
      throw new UsageError(
        'lint has no format asff: Security Hub accepts only findings of an account, and a file belongs to no account',
      );
    await prepareFiles(outputs.map(({ file }) => file));
    const definitions = namedPipeline(await readDefinitions(paths), options.pipelineName);
    const known = baseline === undefined ? undefined : await readBaseline(baseline);
    const judging = configOfFiles(applied, options.account);
    const selection = selectionOf(options, LINT_CONTROLS, applied.config, {
      own: judging.config,
      isOfFiles: true,
      pipelineIn: pipelinesByPath(definitions),
    });
    const progress = progressOn(process.stderr, options.quiet ?? false);
    for (const remark of remarks) progress.say(remark);
    const { controls } = selection;
    progress.say(configurationText(judging, controls));
    const run =
      ref === undefined
        ? lintRun(definitions, judging, controls)
        : await lintDiff(definitions, applied, { ref, controls, account: options.account });
    const compared = known ? sinceBaseline(run.findings, known) : undefined;
    if ('known' in run) progress.say(`${run.known} more open at ${ref} already`);
    if ('notCompared' in run && run.notCompared) progress.say(run.notCompared);
    if (compared) progress.say(`${compared.known} more open in ${baseline} already`);
    const files = new Map(definitions.map(({ path, text }) => [path, text]));
    const findings = compared?.findings ?? run.findings;
    const since = ref !== undefined ? ('commit' as const) : known ? ('baseline' as const) : undefined;
    const judged = {
      scope: { mode: 'files' as const },
      resources: lintedResources(definitions),
      looks: [],
      ...run,
      findings,
      by,
      ...(since && { since }),
    };
    const last = await report(judged, [FILE_SCOPE], { ...options, selection }, outputs, {
      ...applied,
      files,
      placeOf: lintedPlaces(files, findings),
      ...(hasFormat(outputs, 'html') && { sources: fileSources(definitions) }),
      fixBy: fixArguments(outputs, {
        files: paths,
        ...(options.pipelineName !== undefined && { pipelineName: options.pipelineName }),
        ...(options.account !== undefined && { account: options.account }),
        ...(options.config !== undefined && { config: options.config }),
      }),
    });
    last.forEach(progress.say);
  });

type LintOptions = ReportOptions & {
  diff?: string;
  baseline?: string;
  pipelineName?: string;
  account?: string;
};

/** The pipeline of a finding on a file, where it is told. */
const pipelinesByPath = (
  definitions: readonly DefinitionFile[],
): ((finding: Finding) => string | undefined) => {
  const names = new Map(definitions.map(({ path, pipeline }) => [path, pipeline.name]));
  return ({ resource }) => names.get(resource.arn);
};

program
  .command('events')
  .description('print the audit requests that events lead to, as JSON; reads nothing from AWS')
  .argument('<files...>', 'CloudTrail or EventBridge events: JSON, JSON lines, log files, .gz')
  .option('-o, --output <file>', 'the output file (default: stdout)')
  .option('--quiet', 'no progress on stderr')
  .addHelpText(
    'after',
    `
Examples:
  pipewarden events examples/events
  pipewarden events trail.json.gz --quiet | jq '.unreadable'`,
  )
  .action(async (files: string[], options: { output?: string; quiet?: boolean }) => {
    await prepareFiles([options.output]);
    const progress = progressOn(process.stderr, options.quiet ?? false);
    const events = await readEventFiles(files, undefined, progress.say);
    progress.say(countsOf(events));
    await writeText(`${JSON.stringify(events, null, 2)}\n`, options.output);
    if (events.unreadable.length > 0) process.exitCode = 3;
  });

addInit(program);
addExplainDenied(program);
addFix(program);
addSnapshot(program);
addReport(program);
addEvidence(program);
addDiff(program);
addGraph(program);
addSimulate(program);
addWhoCan(program);
addDlq(program);
addMembers(program);
addIndex(program);
addMcp(program);
addGenerate(program);
addNotify(program);
addDeploy(program);
addDestroy(program);
addRestore(program);

program
  .command('controls')
  .description('list all controls')
  .addOption(formatOption('table'))
  .option('-o, --output <file>', 'the output file (default: stdout)')
  .addHelpText(
    'after',
    `
Examples:
  pipewarden controls
  pipewarden controls --format json | jq -r '.controls[] | select(.severity == "HIGH").id'`,
  )
  .action(async (options: { format?: 'table' | 'json'; output?: string }) => {
    await prepareFiles([options.output]);
    const isJson = tableOrJson(options, 'table') === 'json';
    await writeText(isJson ? controlsJson(DESCRIBED_CONTROLS) : controlList(CONTROLS), options.output);
  });

program
  .command('explain')
  .description("show a control's page: what it judges, how, and how to mend a finding")
  .addArgument(
    new Argument('[control]', 'the id of a control; without it, all controls are listed')
      .choices(CONTROLS.map(({ id }) => id))
      .argParser((id: string) => id), // not checked by commander, so that a misspelt id gets a suggestion
  )
  .addHelpText('after', '\nExample:\n  pipewarden explain job-prefix-length')
  .action(async (id: string | undefined) => {
    if (id === undefined) return writeStdout(controlList(CONTROLS));
    await writeStdout(controlPage(controlNamed(id)));
  });

program
  .command('completion')
  .description('print the script by which a shell completes this command')
  .addArgument(new Argument('<shell>', 'the shell that will run the script').choices(SHELLS))
  .addHelpText(
    'after',
    `
Examples:
  pipewarden completion fish | source        # in ~/.config/fish/config.fish
  eval "$(pipewarden completion bash)"       # in ~/.bashrc
  source <(pipewarden completion zsh)        # in ~/.zshrc, behind compinit`,
  )
  .action((shell: Shell) => writeStdout(completionScript(program, shell)));

/** Writes the outputs, and returns the last lines for a person: what the run was narrowed to, and what its exit status means. */
const report = async (
  judged: JudgedRun,
  scopes: readonly [Scope, ...Scope[]],
  { selection, ...options }: ReportOptions & ComplianceOptions & { selection: Selection },
  outputs: Output[],
  shown: AppliedConfig & {
    /** What of the configuration the account is judged by. Its teams are those that work there. */
    own?: Config;
    placeOf: PlaceOf;
    sources?: Sources;
    files?: ReadonlyMap<string, string>;
    fixBy: string;
  },
): Promise<string[]> => {
  const [scope] = scopes;
  const { whole, listed } = resultsOfRun(judged, scopes, selection, shown, options.all);
  const compliance = await complianceIn([{ ...whole, findings: judged.findings }], options);
  const results = { ...listed, ...(compliance && { compliance }) };
  const color = options.color && !process.env.NO_COLOR && process.stdout.isTTY === true;
  const inConfiguration = configurationPlaces(shown);
  const placeOf: PlaceOf = (finding) =>
    finding.resource.type === 'configuration' ? inConfiguration(finding) : shown.placeOf(finding);
  const config = shown.own ?? shown.config;
  await writeOutputs(outputs, {
    results,
    scope,
    color,
    ...shown,
    config,
    placeOf,
    isFull: options.full ?? false,
  });
  process.exitCode = exitStatus(whole, options);
  return [
    ...(selection.texts.length > 0 ? [`only ${selection.texts.join('; ')}`] : []),
    exitText(whole, options),
  ];
};

const hasFormat = (outputs: readonly Output[], wanted: string): boolean =>
  outputs.some(({ format }) => format === wanted);

const sayWhere = (outputs: readonly Output[], progress: Progress, startedAt: Date): void => {
  for (const { format, file } of outputs) if (file) progress.say(`${format}: ${file}`);
  progress.say(`done in ${((Date.now() - startedAt.valueOf()) / 1000).toFixed(1)} s`);
};

/** Messages quote names from files, which might otherwise move the cursor or colour the terminal. */
const complain = (message: string): void => {
  process.stderr.write(messageText(`pipewarden: ${message}`));
};

process.stdout.on('error', () => {}); // each write handles its own error
process.stderr.on('error', () => {}); // nobody reads stderr any more; the exit status still tells the result

/** Each file and format of a report is meant, and so is each value of an option that collects them. */
refuseDoubled(program, (command, option) => {
  const has = (name: string) => command.options.some((each) => each.attributeName() === name);
  const of = (...names: readonly string[]) => names.includes(option.attributeName());
  return (
    (has('failOn') && command.name() !== 'diff' && of('format', 'output', 'control', 'skip', 'resource')) ||
    (has('externalId') && of('snapshot', 'regions', 'accounts', 'parameter'))
  );
});

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else {
    complain(errorText(error));
    if (process.env.PIPEWARDEN_DEBUG && !isExpected(error))
      process.stderr.write(`${error instanceof Error ? error.stack : ''}\n`);
    process.exitCode = 2;
  }
}
