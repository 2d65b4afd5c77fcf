import { type Command, Option } from 'commander';
import type { HeldLetter } from '../shared/aws/keep/dead-letters.ts';
import { DEAD_LETTER_QUEUES } from '../shared/domain/dead-letter-queues.ts';
import type { DeadLetter } from '../shared/events/dead-letter.ts';
import { deadLetterTable } from '../shared/outputs/pages/dead-letter-table.ts';
import { counted } from '../shared/text/counted.ts';
import { visibleText } from '../shared/text/visible-text.ts';
import { formatOption, tableOrJson } from './asked-outputs.ts';
import { type DeadLetterQueues, type DlqOptions, openQueues } from './dlq-queues.ts';
import { prepareFiles, writeStdout, writeText } from './output.ts';
import { progressOn } from './progress.ts';

type ListOptions = DlqOptions & { format?: 'table' | 'json'; output?: string; quiet?: boolean };
type ReplayOptions = DlqOptions & { id?: string[]; dryRun?: boolean; to?: string; quiet?: boolean };

/** More messages than anyone reads; the list then says that there may be more. */
const MOST_LISTED = 10_000;

const withQueueOptions = (command: Command): Command =>
  command
    .addOption(
      new Option('--of <what>', 'what was put aside (default: events)').choices(
        Object.keys(DEAD_LETTER_QUEUES),
      ),
    )
    .option('--queue-url <url>', "the dead-letter queue (default: the stack's)")
    .option(
      '--stack <name>',
      'the stack whose outputs name the queues, also one that forwards events, in its Region',
      'Pipewarden',
    )
    .option('--profile <name>', 'the AWS profile')
    .option('--region <region>', 'the AWS Region')
    .option('--quiet', 'no messages on stderr');

/** Adds the command `dlq`. */
export const addDlq = (program: Command): void => {
  const dlq = program
    .command('dlq')
    .description('list the messages that could not be handled, or have them handled again');
  withQueueOptions(
    dlq.command('list').description('list the messages in the dead-letter queue, with the reasons'),
  )
    .addOption(formatOption('table'))
    .option('-o, --output <file>', 'the output file (default: stdout)')
    .addHelpText(
      'after',
      `
Examples:
  pipewarden dlq list
  pipewarden dlq list --of deliveries
  pipewarden dlq list --stack PipewardenIamEvents --region us-east-1
  pipewarden dlq list --region eu-west-1 --format json | jq '.messages[].reason'

No message is removed. Messages that another process holds at the moment (a replay, another list) are counted on stderr.`,
    )
    .action(list);
  withQueueOptions(
    dlq
      .command('replay')
      .description(
        'send messages again to the queue that they came from, and then remove them from the dead letters',
      ),
  )
    .option('--id <ids...>', 'only the messages with these ids, as `dlq list` shows them')
    .option('--to <url>', "the queue that they came from (default: the stack's)")
    .option('--dry-run', 'say what would be sent, and send nothing')
    .addHelpText(
      'after',
      `
Examples:
  pipewarden dlq replay --dry-run
  pipewarden dlq replay --id 3aac3222-580e-4f99-bc05-d5445a0676b6
  pipewarden dlq replay --of inventories --profile audit --region eu-west-1

Exit status: 0 all were replayed, 2 wrong usage or no access to the queues, 3 some were not replayed; each is named.`,
    )
    .action(replayAll);
};

const list = async (options: ListOptions): Promise<void> => {
  await prepareFiles([options.output]);
  const progress = progressOn(process.stderr, options.quiet ?? false);
  const queues = await openQueues(options);
  const letters: DeadLetter[] = [];
  const { inFlight } = await queues.count();
  await queues.each(
    MOST_LISTED,
    async ({ body: _body, receiptHandle: _handle, visibleAt: _at, group: _group, ...letter }) => {
      letters.push(letter);
      return false;
    },
  );
  letters.sort((one, other) => (one.failedAt < other.failedAt ? -1 : 1));
  const document = { schemaVersion: '1.0', queueUrl: queues.deadLetters, messages: letters };
  const text =
    tableOrJson(options, 'table') === 'json'
      ? `${JSON.stringify(document, null, 2)}\n`
      : deadLetterTable(letters);
  await writeText(text, options.output);
  if (letters.length >= MOST_LISTED) progress.say(`there may be more than these ${MOST_LISTED}`);
  if (inFlight > 0) progress.say(`${inFlight} held by another process at the moment, and not listed`);
  progress.say(counted(letters.length, 'message'));
};

const replayAll = async (options: ReplayOptions): Promise<void> => {
  const progress = progressOn(process.stderr, options.quiet ?? false);
  const queues = await openQueues(options, { replays: true });
  const wanted = options.id === undefined ? undefined : new Set(options.id);
  const isDry = options.dryRun ?? false;
  const { visible, inFlight } = await queues.count();
  let replayed = 0;
  let failed = 0;
  // At most as many as there were at the start: a message that fails again comes back, and would be replayed endlessly.
  await queues.each(Math.max(visible, wanted?.size ?? 0) + inFlight, async (letter) => {
    if (wanted && !wanted.delete(letter.id)) return false;
    const isReplayed = isDry ? await tell('would be replayed', letter) : await replayOne(letter, queues);
    if (isReplayed) replayed++;
    else failed++;
    return isReplayed && !isDry;
  });
  for (const id of wanted ?? []) await writeStdout(`not found  ${id}\n`);
  progress.say(
    `${replayed} ${isDry ? 'would be replayed' : 'replayed'}, ${failed} failed, ${wanted?.size ?? 0} not found`,
  );
  if (inFlight > 0) progress.say(`${inFlight} held by another process at the start`);
  if (failed > 0 || (wanted?.size ?? 0) > 0) process.exitCode = 3;
};

const replayOne = async (letter: HeldLetter, queues: DeadLetterQueues): Promise<boolean> => {
  const { outcome, error } = await queues.replay(letter);
  await tell(outcome, letter, error);
  return outcome === 'replayed';
};

const tell = async (
  what: string,
  { id, eventName = '-', resource = '-' }: DeadLetter,
  error?: unknown,
): Promise<boolean> => {
  const why = error === undefined ? '' : `  ${error instanceof Error ? error.message : String(error)}`;
  await writeStdout(`${visibleText(`${what}  ${id}  ${eventName}  ${resource}${why}`)}\n`);
  return true;
};
