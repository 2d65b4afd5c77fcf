import type { Command } from 'commander';
import type { AccountChoice } from '../shared/aws/read/live-account.ts';
import { visibleText } from '../shared/text/visible-text.ts';
import { formatOption, tableOrJson } from './asked-outputs.ts';
import { deployedOutput } from './deployed-outputs.ts';
import { UsageError } from './errors.ts';
import { prepareFiles, writeText } from './output.ts';
import { progressOn } from './progress.ts';

type IndexOptions = AccountChoice & { account?: string; quiet?: boolean };
type ShowOptions = IndexOptions & {
  table?: string;
  stateStack: string;
  format?: 'table' | 'json';
  output?: string;
};
type RebuildOptions = IndexOptions & { queueUrl?: string; stack: string };

const withAccountOptions = (command: Command): Command =>
  command
    .option('--account <id>', 'the account of the index (default: that of the credentials)')
    .option('--profile <name>', 'the AWS profile of the deployment’s account')
    .option('--region <region>', 'the home Region of the deployment')
    .option('--quiet', 'no messages on stderr');

/** Adds the command `index`. */
export const addIndex = (program: Command): void => {
  const index = program
    .command('index')
    .description('tell of the index that the deployed auditor keeps of an account, or have it made anew');
  withAccountOptions(index.command('show').description('tell what the index holds, and of when it is'))
    .option('--table <name>', "the findings table (default: the stack's)")
    .option('--state-stack <name>', 'the stack whose outputs name the table', 'PipewardenState')
    .addOption(formatOption('table'))
    .option('-o, --output <file>', 'the output file (default: stdout)')
    .addHelpText(
      'after',
      `
Examples:
  pipewarden index show
  pipewarden index show --account 444455556666 --format json

Exit status: 0 there is an index, 2 wrong usage or no access to the table, 3 there is none.`,
    )
    .action(show);
  withAccountOptions(
    index.command('rebuild').description('ask the inventory function to list the account again'),
  )
    .option('--queue-url <url>', "the queue of inventories (default: the stack's)")
    .option('--stack <name>', 'the stack whose outputs name the queue', 'Pipewarden')
    .addHelpText(
      'after',
      `
Examples:
  pipewarden index rebuild
  pipewarden index rebuild --account 444455556666

Looks go on meanwhile. \`pipewarden index show\` tells when the new index is there.`,
    )
    .action(rebuild);
};

const accountOf = ({ account }: IndexOptions, own: string): string => {
  const asked = account ?? own;
  if (!/^\d{12}$/.test(asked))
    throw new UsageError(`${JSON.stringify(asked)} is no account: the number of an account has 12 digits`);
  return asked;
};

const show = async (options: ShowOptions): Promise<void> => {
  await prepareFiles([options.output]);
  const [{ connectAccount }, { dynamodbOf }, { dynamodbIndex }, { countIn }] = await Promise.all([
    import('../shared/aws/read/live-account.ts'),
    import('../shared/aws/keep/table-client.ts'),
    import('../shared/aws/keep/dynamodb-index.ts'),
    import('../shared/facts/inventory.ts'),
  ]);
  const connected = await connectAccount(options);
  const account = accountOf(options, connected.scope.account);
  const table =
    options.table ?? (await deployedOutput(connected, options.stateStack, 'FindingsTable', '--table'));
  const store = dynamodbIndex({ client: dynamodbOf(connected.options), table, account });
  const [head, counts] = await Promise.all([store.head(), countIn(store)]).catch((error: unknown) => {
    if (!(error instanceof Error) || !('$metadata' in error)) throw error;
    throw new UsageError(`the table ${visibleText(table)}: ${visibleText(error.message)} (${error.name})`, {
      cause: error,
    });
  });
  const { unlisted = {} } = counts;
  const at = (time: number): string => new Date(time).toISOString();
  const told = {
    schemaVersion: '1.0',
    account,
    listed: head && {
      principals: at(head.principals),
      pipelines: Object.fromEntries(
        Object.entries(head.pipelines).flatMap(([region, time]) =>
          Object.hasOwn(unlisted, region) ? [] : [[region, at(time)]],
        ),
      ),
    },
    ...counts,
  };
  const lines = [
    `account     ${account}`,
    head ? `users and roles  ${counts.principals}, listed ${at(head.principals)}` : NONE,
    ...Object.entries(told.listed?.pipelines ?? {}).map(
      ([region, time]) => `pipelines   of ${visibleText(region)} listed ${time}`,
    ),
    ...Object.entries(unlisted).map(
      ([region, why]) => `pipelines   of ${visibleText(region)} not listed: ${visibleText(why)}`,
    ),
    ...(head ? [`pipelines   ${counts.pipelines}`] : []),
  ];
  const text =
    tableOrJson(options, 'table') === 'json' ? `${JSON.stringify(told, null, 2)}\n` : `${lines.join('\n')}\n`;
  await writeText(text, options.output);
  if (!head) process.exitCode = 3;
};

const NONE = 'no index yet: until an inventory has been made, looks list the account, or wait if it is large';

const rebuild = async (options: RebuildOptions): Promise<void> => {
  const [{ connectAccount }, { makeSqsClient }, { askForInventory }, { clientConfig }] = await Promise.all([
    import('../shared/aws/read/live-account.ts'),
    import('../shared/aws/keep/queue-calls.ts'),
    import('../shared/aws/keep/inventory-request.ts'),
    import('../shared/aws/read/clients.ts'),
  ]);
  const connected = await connectAccount(options);
  const account = accountOf(options, connected.scope.account);
  const queueUrl =
    options.queueUrl ?? (await deployedOutput(connected, options.stack, 'InventoryQueueUrl', '--queue-url'));
  const client = makeSqsClient(clientConfig(connected.options));
  await askForInventory({ client, queueUrl }, { account }, new Date()).catch((error: unknown) => {
    if (!(error instanceof Error) || !('$metadata' in error)) throw error;
    throw new UsageError(
      `the queue ${visibleText(queueUrl)}: ${visibleText(error.message)} (${error.name})`,
      {
        cause: error,
      },
    );
  });
  progressOn(process.stderr, options.quiet ?? false).say(
    `asked for an inventory of the account ${account}; pipewarden index show tells when it was made`,
  );
};
