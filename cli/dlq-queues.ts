import type { HeldLetter, Replayed } from '../shared/aws/keep/dead-letters.ts';
import type { AccountChoice, ConnectedAccount } from '../shared/aws/read/live-account.ts';
import { DEAD_LETTER_QUEUES, type DeadLettersOf } from '../shared/domain/dead-letter-queues.ts';
import { stackNames } from '../shared/domain/deployment-names.ts';
import { homeIn, stackPrefixOfForwarder } from '../shared/events/forwarded-regions.ts';
import { UsageError } from './errors.ts';

export type DlqOptions = AccountChoice & {
  of?: DeadLettersOf;
  queueUrl?: string;
  to?: string;
  stack: string;
};

/** The dead-letter queue, and the queue from which its messages came. */
export type DeadLetterQueues = {
  deadLetters: string;
  count: () => Promise<{ visible: number; inFlight: number }>;
  each: (most: number, use: (letter: HeldLetter) => Promise<boolean>) => Promise<void>;
  replay: (letter: HeldLetter) => Promise<{ outcome: Replayed; error?: unknown }>;
};

/**
 * Finds the queues: by the given URLs, else by the outputs of the stack.
 * @throws {UsageError} if the stack or a queue cannot be found.
 */
export const openQueues = async (
  options: DlqOptions,
  { replays = false } = {},
): Promise<DeadLetterQueues> => {
  const [{ connectAccount }, { makeSqsClient }, letters, { clientConfig }] = await Promise.all([
    import('../shared/aws/read/live-account.ts'),
    import('../shared/aws/keep/queue-calls.ts'),
    import('../shared/aws/keep/dead-letters.ts'),
    import('../shared/aws/read/clients.ts'),
  ]);
  for (const url of [options.queueUrl, options.to])
    if (url !== undefined && !/^https?:\/\/[^\s/]+\/\S+$/.test(url))
      throw new UsageError(`${JSON.stringify(url)} is not the URL of a queue`);
  const account = await connectAccount(options);
  const { of = 'events', stack } = options;
  const { output, source } = DEAD_LETTER_QUEUES[of];
  const needsStack = options.queueUrl === undefined || (replays && options.to === undefined);
  const outputs = needsStack ? await outputsOf(account, stack) : new Map<string, string>();
  const from = options.queueUrl ?? outputNamed(outputs, output, stack, '--queue-url');
  const target = replays
    ? await sourceOf(account, { given: options.to, outputs, source, stack })
    : { url: '', region: account.scope.region };
  if (from === target.url)
    throw new UsageError('the dead-letter queue and the queue of its messages are the same');
  const client = makeSqsClient(clientConfig(account.options));
  const to = {
    client: makeSqsClient(clientConfig({ ...account.options, region: target.region })),
    url: target.url,
  };
  return {
    deadLetters: from,
    count: () => reaching(from, () => letters.countMessages(client, from)),
    each: (most, use) => reaching(from, () => letters.eachDeadLetter(client, from, most, use)),
    replay: (letter) => letters.replay({ from: { client, url: from }, to }, letter),
  };
};

/**
 * Where messages came from, with its Region. What a stack that forwards events could not send, it could not send to the home Region,
 * which its description tells.
 */
const sourceOf = async (
  account: ConnectedAccount,
  {
    given,
    outputs,
    source,
    stack,
  }: { given: string | undefined; outputs: ReadonlyMap<string, string>; source: string; stack: string },
): Promise<{ url: string; region: string }> => {
  const { region } = account.scope;
  const url = given ?? outputs.get(source);
  if (url !== undefined) return { url, region };
  const { findStack } = await import('../shared/aws/deployment/stack-outputs.ts');
  const found = await findStack(account.options, stack);
  const home = found && 'description' in found ? homeIn(found.description) : undefined;
  if (home === undefined) return { url: outputNamed(outputs, source, stack, '--to'), region };
  const { main } = stackNames(stackPrefixOfForwarder(stack));
  const atHome = {
    ...account,
    options: { ...account.options, region: home },
    scope: { ...account.scope, region: home },
  };
  return { url: outputNamed(await outputsOf(atHome, main), source, main, '--to'), region: home };
};

const outputsOf = async (
  { options, scope }: ConnectedAccount,
  stack: string,
): Promise<ReadonlyMap<string, string>> => {
  const { readStackOutputs } = await import('../shared/aws/deployment/stack-outputs.ts');
  const outputs = await readStackOutputs(options, stack);
  if (outputs.ok) return outputs.value;
  const where = `account ${scope.account}, Region ${scope.region}`;
  throw new UsageError(`the stack ${stack} cannot be read in ${where}: ${outputs.unread.message}`);
};

const outputNamed = (
  outputs: ReadonlyMap<string, string>,
  name: string,
  stack: string,
  option: string,
): string => {
  const value = outputs.get(name);
  if (!value) throw new UsageError(`the stack ${stack} has no output ${name}: name the queue with ${option}`);
  return value;
};

/** Turns AWS's answer about a missing or forbidden queue into a message for the user. */
const reaching = async <T>(queueUrl: string, run: () => Promise<T>): Promise<T> => {
  const { accessError } = await import('../shared/aws/read/access-error.ts');
  try {
    return await run();
  } catch (error) {
    const plain = accessError(error);
    if (plain) throw plain;
    if (!(error instanceof Error) || !('$metadata' in error)) throw error;
    throw new UsageError(`the queue ${queueUrl}: ${error.message} (${error.name})`, { cause: error });
  }
};
