import type { Command } from 'commander';
import type { AccountChoice, ConnectedAccount } from '../shared/aws/read/live-account.ts';
import { SWEEP_SCHEDULE } from '../shared/config/sweep-schedule.ts';
import { stackNames, stackPrefixIn } from '../shared/domain/deployment-names.ts';
import { unreadText } from '../shared/domain/gap.ts';
import { hubSuffix } from '../shared/domain/member-roles.ts';
import { memberTable } from '../shared/outputs/pages/member-table.ts';
import type { Read } from '../shared/reader/read-result.ts';
import {
  type CoveredMember,
  coveredMembers,
  type Members,
  type StackInstance,
} from '../shared/sweep/covered-members.ts';
import { counted } from '../shared/text/counted.ts';
import { shellText } from '../shared/text/shell-text.ts';
import { visibleText } from '../shared/text/visible-text.ts';
import { formatOption, tableOrJson } from './asked-outputs.ts';
import { appliedConfig } from './config.ts';
import { deployedOutput } from './deployed-outputs.ts';
import { UsageError } from './errors.ts';
import { prepareFiles, writeText } from './output.ts';
import { type Progress, progressOn } from './progress.ts';

type MembersOptions = AccountChoice & {
  config?: string;
  table?: string;
  stateStack: string;
  stack: string;
  format?: 'table' | 'json';
  output?: string;
  quiet?: boolean;
};

/** Adds the command `members`. */
export const addMembers = (program: Command): void => {
  program
    .command('members')
    .description('list the accounts and Regions that a hub watches: each covered, or why not and what to do')
    .option('-c, --config <file>', 'the configuration, for how often sweeps are due')
    .option('--table <name>', "the findings table (default: the stack's)")
    .option('--state-stack <name>', 'the stack whose outputs name the table', 'PipewardenState')
    .option(
      '--stack <name>',
      'the stack whose outputs name the state machine of sweeps; the StackSets have the same prefix',
      'Pipewarden',
    )
    .option('--profile <name>', 'the AWS profile of the hub’s account')
    .option('--region <region>', 'the home Region of the hub')
    .addOption(formatOption('table'))
    .option('-o, --output <file>', 'the output file (default: stdout)')
    .option('--quiet', 'no messages on stderr')
    .addHelpText(
      'after',
      `
Examples:
  pipewarden members
  pipewarden members --region eu-west-1 --format json | jq '.members[] | select(.isCovered | not)'

What is known of an account is from the last sweep, or from the last event of it that could not be looked at. The state of the
stack sets is told too, if the credentials may list their instances (cloudformation:ListStackInstances).

Exit status: 0 all are covered, 1 some are not, 2 wrong usage or no access to the table, 3 the hub has not swept yet, so that nothing is known.`,
    )
    .action(members);
};

const members = async (options: MembersOptions): Promise<void> => {
  await prepareFiles([options.output]);
  const progress = progressOn(process.stderr, options.quiet ?? false);
  const { config } = await appliedConfig(options.config);
  const { connectAccount } = await import('../shared/aws/read/live-account.ts');
  const account = await connectAccount(options);
  const known = await knownOf(account, options, progress);
  const listed = coveredMembers(known, {
    schedule: config.sweep?.schedule ?? SWEEP_SCHEDULE,
    now: new Date(),
  });
  const document = { schemaVersion: '1.0', hub: account.scope, members: listed };
  const text =
    tableOrJson(options, 'table') === 'json' ? `${JSON.stringify(document, null, 2)}\n` : memberTable(listed);
  await writeText(text, options.output);
  const uncovered = listed.filter(({ isCovered, isUnwatched }) => !isCovered && !isUnwatched);
  progress.say(
    listed.length === 0
      ? 'the hub has not swept yet, or it watches its own account only'
      : `${counted(listed.length, 'account and Region', 'accounts and Regions')}, ${uncovered.length} not covered`,
  );
  if (uncovered.length > 0) {
    process.exitCode = 1;
    await sayAgain(account, uncovered, options, progress);
  }
  if (listed.length === 0) process.exitCode = 3;
};

/** An input of more accounts is a sweep of nearly all. */
const MOST_AGAIN = 100;

/** Says how the accounts that are not covered are swept again. */
const sayAgain = async (
  { options, scope: { region } }: ConnectedAccount,
  uncovered: readonly CoveredMember[],
  { stack }: MembersOptions,
  progress: Progress,
): Promise<void> => {
  const { readStackOutputs } = await import('../shared/aws/deployment/stack-outputs.ts');
  const outputs = await readStackOutputs(options, stack);
  const machine = outputs.ok ? outputs.value.get('SweepMachineArn') : undefined;
  if (machine === undefined) return;
  const accounts = [...new Set(uncovered.map((each) => each.account))];
  const input = accounts.length > MOST_AGAIN ? {} : { accounts };
  progress.say(
    [
      'when the causes are mended, sweep them again:',
      `aws stepfunctions start-execution --region ${shellText(region)} --state-machine-arn ${shellText(machine)} --input ${shellText(JSON.stringify(input))}`,
    ].join('\n  '),
  );
};

const knownOf = async (
  account: ConnectedAccount,
  options: MembersOptions,
  progress: Progress,
): Promise<Members> => {
  const [{ listStackInstances }, { allCoverage }, { dynamodbOf }] = await Promise.all([
    import('../shared/aws/deployment/stack-instances.ts'),
    import('../shared/aws/keep/coverage.ts'),
    import('../shared/aws/keep/table-client.ts'),
  ]);
  const table =
    options.table ?? (await deployedOutput(account, options.stateStack, 'FindingsTable', '--table'));
  const client = dynamodbOf(account.options);
  const coverage = await allCoverage({ client, table }).catch((error: unknown) => {
    if (!(error instanceof Error) || !('$metadata' in error)) throw error;
    throw new UsageError(`the table ${visibleText(table)}: ${visibleText(error.message)} (${error.name})`, {
      cause: error,
    });
  });
  const suffix = hubSuffix(account.scope);
  const instancesOf = async (name: string): Promise<readonly StackInstance[] | undefined> => {
    const listed: Read<StackInstance[]> = await listStackInstances(account.options, `${name}-${suffix}`);
    if (listed.ok) return listed.value;
    progress.say(`the instances of ${name} are not told: ${visibleText(unreadText(listed.unread))}`);
    return undefined;
  };
  if (coverage.length === 0) return { coverage };
  const { memberRoles, memberRules } = stackNames(stackPrefixIn(options.stack));
  return {
    coverage,
    roles: await instancesOf(memberRoles),
    rules: await instancesOf(memberRules),
  };
};
