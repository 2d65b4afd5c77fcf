import { type Command, Option } from 'commander';
import { type DenialExplanation, explainDenial } from '../shared/audit/explain-denial.ts';
import { CONTROLS } from '../shared/controls/index.ts';
import { type Denial, denialsIn } from '../shared/events/denial.ts';
import { accountEvidence } from '../shared/facts/account-evidence.ts';
import type { Reader } from '../shared/reader/reader.ts';
import { visibleText } from '../shared/text/visible-text.ts';
import { tableOrJson } from './asked-outputs.ts';
import { snapshotReader } from './audit.ts';
import { type AppliedConfig, configOf, configOfAccount } from './config.ts';
import { UsageError } from './errors.ts';
import { readText, STDIN } from './files.ts';
import { prepareFiles, writeText } from './output.ts';
import { progressOn } from './progress.ts';
import { simulationText } from './simulate-text.ts';

type Options = {
  snapshot?: string;
  live?: boolean;
  profile?: string;
  region?: string;
  config?: string;
  format?: 'json' | 'table';
  output?: string;
  quiet?: boolean;
};

/** Adds the command `explain-denied`. */
export const addExplainDenied = (program: Command): void => {
  program
    .command('explain-denied')
    .description(
      'why AWS denied a request: the step that asked, the statement that denies or what is missing',
    )
    .argument('<file>', 'a denied CloudTrail record, or a text with the error message; - is stdin')
    .option('--snapshot <dir>', 'a snapshot folder')
    .option('--live', 'the account of the credentials')
    .option('--profile <name>', 'with --live: the AWS profile')
    .option('--region <region>', 'with --live: the AWS Region')
    .option('--config <file>', 'the configuration (default: pipewarden.yaml, where there is one)')
    .addOption(
      new Option(
        '--format <format>',
        'the output format (default: table, or what the ending of -o tells)',
      ).choices(['json', 'table']),
    )
    .option('-o, --output <file>', 'where it goes; stdout without it')
    .option('--quiet', 'no messages on stderr')
    .addHelpText(
      'after',
      `
The policy that it gives allows the denied request and nothing else, and was tried on the policies that were read and
against the controls of the configuration. It gives none where a Deny stands against the request, where a control would
fail because of it, or where it cannot know.

Examples:
  pipewarden explain-denied record.json --snapshot examples/account
  aws sagemaker list-pipeline-execution-steps --pipeline-execution-arn ARN | pipewarden explain-denied - --live

Exit status: 0 explained, 2 wrong usage, or no denied request in the input, 3 something could not be known (see the notes).`,
    )
    .action(explainDenied);
};

const explainDenied = async (path: string, options: Options): Promise<void> => {
  const { snapshot, live, profile, region, output, quiet } = options;
  if ((snapshot === undefined) === !live) throw new UsageError('give either --snapshot DIR or --live');
  if (!live && (profile ?? region) !== undefined)
    throw new UsageError('--profile and --region go with --live: a snapshot says itself where it is from');
  const applied = await configOf(options.config, quiet);
  await prepareFiles([output]);
  const name = path === STDIN.argument ? STDIN.name : path;
  const denials = deniedIn(await readText(name, 'policy'), name);
  const reader =
    snapshot === undefined
      ? await (await import('../shared/aws/read/live-account.ts')).openAccount(options)
      : await snapshotReader(snapshot);
  const answers = await explainDenials(denials, reader, applied);
  progressOn(process.stderr, quiet ?? false).say(`denied requests: ${answers.length}`);
  const text =
    tableOrJson(options, 'table') === 'json'
      ? JSON.stringify({ denied: answers }, null, 2)
      : answers.map(answerText).join('\n\n');
  await writeText(`${text}\n`, output);
  if (answers.some(({ explanation }) => !explanation || explanation.decision === 'Unknown'))
    process.exitCode = 3;
};

/**
 * The denied requests in a text, which is called `name` in messages.
 * @throws {UsageError} if there is none.
 */
export const deniedIn = (text: string, name: string): Denial[] => {
  const denials = denialsIn(text, name);
  if (denials.length > 0) return denials;
  throw new UsageError(
    `${visibleText(name)}: holds no denied request: neither a record with an AccessDenied error nor a message “User: … is not authorized to perform: …”`,
  );
};

/** Explains denied requests, one after the other, by the policies that the reader gives. */
export const explainDenials = async (
  denials: readonly Denial[],
  reader: Reader,
  applied: AppliedConfig,
): Promise<DenialExplanation[]> => {
  const { config } = await configOfAccount(applied, reader);
  const evidence = accountEvidence(reader, config);
  const context = { reader, evidence, config, controls: CONTROLS, now: () => new Date() };
  const answers: DenialExplanation[] = [];
  for (const denial of denials) answers.push(await explainDenial(denial, context));
  return answers;
};

/** The answer for a person. Names in it are hostile, so that each line shows what is invisible. */
const answerText = ({
  denied,
  principalArn,
  steps,
  executionId,
  explanation,
  policy,
  notes,
}: DenialExplanation): string => {
  const { action = 'an action that is not told', resource = 'a resource that is not told' } = denied;
  const lines = [
    `${principalArn ?? denied.principal ?? 'a caller who is not told'}: ${action} on ${resource}`,
    `  AWS says: ${saidText(denied)}`,
    ...(executionId === undefined ? [] : [`  execution: ${executionId}`]),
    ...steps.map(
      ({ pipeline, step, pointer }) => `  step: ${step} of pipeline ${pipeline.name} (${pointer})`,
    ),
    ...notes.map((note) => `  ${note}`),
  ].map(visibleText);
  const decided = explanation
    ? [simulationText({ ...explanation, problems: [] }).replaceAll(/^/gm, '  ')]
    : [];
  const proposed = policy
    ? [
        visibleText(`  a policy for this request alone, to be put on ${principalArn ?? ''}:`),
        JSON.stringify(policy, null, 2),
      ]
    : [];
  return [...lines, ...decided, ...proposed].join('\n');
};

const saidText = ({ said, layer, policyArn }: DenialExplanation['denied']): string =>
  `${said}${layer === undefined ? '' : ` (${layer})`}${policyArn === undefined ? '' : `: ${policyArn}`}`;
