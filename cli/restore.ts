import type { Command } from 'commander';
import type { AccountChoice } from '../shared/aws/read/live-account.ts';
import { counted } from '../shared/text/counted.ts';
import { visibleText } from '../shared/text/visible-text.ts';
import { deployedOutput } from './deployed-outputs.ts';
import { UsageError } from './errors.ts';
import { writeStdout } from './output.ts';

type RestoreOptions = AccountChoice & { table?: string; stateStack: string; dryRun?: boolean };

/** Adds the command `restore`. */
export const addRestore = (program: Command): void => {
  program
    .command('restore')
    .description('copy lost findings from a restored table back into the table of the deployment')
    .argument('<restored-table>', 'the table that DynamoDB has restored')
    .option('--table <name>', "the findings table (default: the stack's)")
    .option('--state-stack <name>', 'the stack whose outputs name the table', 'PipewardenState')
    .option('--profile <name>', 'the AWS profile')
    .option('--region <region>', 'the home Region of the deployment')
    .option('--dry-run', 'only count what would be copied')
    .addHelpText(
      'after',
      `
Examples:
  pipewarden restore pipewarden-restored --region eu-west-1 --dry-run
  pipewarden restore pipewarden-restored --region eu-west-1

Nothing that is in the table is changed. docs/operations.md says under Restoring how DynamoDB makes the restored table.

Exit status: 0 copied or nothing to copy, 2 wrong usage or no access to a table.`,
    )
    .action(restore);
};

const restore = async (from: string, options: RestoreOptions): Promise<void> => {
  const [{ connectAccount }, { dynamodbOf }, { restoreItems }] = await Promise.all([
    import('../shared/aws/read/live-account.ts'),
    import('../shared/aws/keep/table-client.ts'),
    import('../shared/aws/keep/restore-items.ts'),
  ]);
  const connected = await connectAccount(options);
  const to =
    options.table ?? (await deployedOutput(connected, options.stateStack, 'FindingsTable', '--table'));
  if (from === to)
    throw new UsageError(`${visibleText(from)} is the table of the deployment: name the restored one`);
  const isDry = options.dryRun ?? false;
  const client = dynamodbOf(connected.options);
  try {
    const { restored, there, expired, derived } = await restoreItems(client, {
      from,
      to,
      now: new Date(),
      isDry,
    });
    await writeStdout(
      `${counted(restored, 'item')} ${isDry ? 'would be copied' : 'copied'}, ${there} there already, ${expired} over, ${derived} that sweeps make anew\n`,
    );
  } catch (error) {
    if (!(error instanceof Error) || !('$metadata' in error)) throw error;
    const { region } = connected.scope;
    const isAbsent = error.name === 'ResourceNotFoundException';
    throw new UsageError(
      `from ${visibleText(from)} into ${visibleText(to)}: ${visibleText(error.message)} (${error.name})${isAbsent ? `; are both in ${region}? aws dynamodb list-tables --region ${region} names its tables` : ''}`,
      { cause: error },
    );
  } finally {
    client.destroy();
  }
};
