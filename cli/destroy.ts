import type { Command } from 'commander';
import pLimit from 'p-limit';
import type { KeptResource } from '../shared/aws/deployment/kept-resources.ts';
import { type StackNames, stackNames } from '../shared/domain/deployment-names.ts';
import { unreadText } from '../shared/domain/gap.ts';
import { partitionOfRegion, REGIONS } from '../shared/domain/regions.ts';
import { type FoundStack, forwarderNames, homeIn } from '../shared/events/forwarded-regions.ts';
import type { Read } from '../shared/reader/read-result.ts';
import { listed } from '../shared/text/listed.ts';
import { shellText } from '../shared/text/shell-text.ts';
import { confirmed } from './confirm.ts';
import { UsageError } from './errors.ts';
import { keptLines } from './kept-commands.ts';
import { messageText } from './progress.ts';

type DestroyOptions = {
  profile?: string;
  region?: string;
  stackPrefix?: string;
  stateStack?: string;
  dryRun?: boolean;
};

/** Adds the command `destroy`. */
export const addDestroy = (program: Command): void => {
  program
    .command('destroy')
    .description('remove a deployment, but not its findings, reports and subscriptions')
    .option('--profile <name>', 'the AWS profile')
    .option('--region <region>', 'the home Region of the deployment')
    .option('--stack-prefix <text>', 'what the names of its stacks begin with')
    .option('--state-stack <name>', 'its stack with what is kept, where that has another prefix')
    .option('--dry-run', 'only say what would be removed')
    .addHelpText(
      'after',
      `
Examples:
  pipewarden destroy --profile audit --region eu-west-1 --dry-run
  pipewarden destroy --profile audit --region eu-west-1

It asks before it removes anything. First the stacks of members go, then those that forward events, then the functions.

Exit status: 0 removed or nothing to remove, 2 not confirmed, or a stack cannot be removed.`,
    )
    .action(async (options: DestroyOptions) => {
      const { connectAccount } = await import('../shared/aws/read/live-account.ts');
      const { findStack } = await import('../shared/aws/deployment/stack-outputs.ts');
      const { deleteStack } = await import('../shared/aws/deployment/delete-stack.ts');
      const { options: client, scope } = await connectAccount(options);
      const { account, region: home } = scope;
      const { stackPrefix, stateStack } = options;
      const names = stackNames(stackPrefix, stateStack);
      say(`account ${account}, home Region ${home}`);
      const deployment = await findDeployment(
        home,
        (region, stack) => findStack({ ...client, region, maxAttempts: 3 }, stack),
        { names, stackPrefix },
      );
      for (const line of destroyPlan(deployment, home, names)) say(line);
      const { readKeptResources } = await import('../shared/aws/deployment/kept-resources.ts');
      for (const stack of [
        ...deployment.stacks.filter((each) => each.stack === names.main),
        ...(deployment.hasState ? [{ region: home, stack: names.state }] : []),
      ])
        for (const line of keptPlan(stack, await readKeptResources(client, stack.stack), names)) say(line);
      if (deployment.stacks.length === 0 || options.dryRun) return;
      const isWanted = await confirmed(`Remove ${namesOf(deployment.stacks)}?`, {
        input: process.stdin,
        output: process.stderr,
      });
      if (!isWanted) throw new UsageError('nothing was removed: a person must say yes, in a terminal');
      await removeInOrder(
        deployment.stacks,
        ({ region, stack }) => deleteStack({ ...client, region }, stack),
        say,
      );
      say(`removed; ${names.state} (${home}) stays`);
    });
};

type DeployedStack = { region: string; stack: string };

/** The stacks of a deployment that can be removed, in the order in which they go; and where AWS did not tell whether there is one. */
export type FoundDeployment = {
  stacks: DeployedStack[];
  hasState: boolean;
  unknown: (DeployedStack & { why: string })[];
};

/** How many Regions are asked at the same time. */
const CONCURRENCY = 8;

/**
 * Finds the stacks of the deployment with that home Region. Stacks that forward events are looked for in all Regions, because the
 * configuration may have named more Regions once; one that forwards to another home Region belongs to another deployment.
 */
export const findDeployment = async (
  home: string,
  find: (region: string, stack: string) => Promise<FoundStack>,
  { names = stackNames(), stackPrefix }: { names?: StackNames; stackPrefix?: string | undefined } = {},
): Promise<FoundDeployment> => {
  const partition = partitionOfRegion(home);
  const regions = REGIONS.filter((region) => region !== home && partitionOfRegion(region) === partition);
  const asked: (DeployedStack & { isForwarder?: true })[] = [
    { region: home, stack: names.members },
    ...regions.flatMap((region) =>
      Object.values(forwarderNames(region, home, stackPrefix)).map((stack) => ({
        region,
        stack,
        isForwarder: true as const,
      })),
    ),
    { region: home, stack: names.main },
    { region: home, stack: names.state },
  ];
  const answers = await pLimit(CONCURRENCY).map(asked, async (each) => ({
    ...each,
    found: await find(each.region, each.stack),
  }));
  const there = answers.flatMap(({ region, stack, isForwarder, found }) =>
    found && 'description' in found && (!isForwarder || homeIn(found.description) === home)
      ? [{ region, stack }]
      : [],
  );
  return {
    stacks: there.filter(({ stack }) => stack !== names.state),
    hasState: there.some(({ stack }) => stack === names.state),
    unknown: answers.flatMap(({ region, stack, found }) =>
      found && 'unknown' in found ? [{ region, stack, why: found.unknown }] : [],
    ),
  };
};

/** What the plan says: what goes, in which order, and what stays. */
export const destroyPlan = (
  { stacks, hasState, unknown }: FoundDeployment,
  home: string,
  names: StackNames = stackNames(),
): string[] => {
  const removed: Readonly<Record<string, string>> = {
    [names.members]: 'the StackSets, and with them the roles and rules in all members',
    [names.main]:
      'queues with what waits in them, rules, archives, functions, sweeps, alarms and dashboard; the logs stay',
  };
  const elsewhere = [...new Set(unknown.flatMap(({ region }) => (region === home ? [] : region)))];
  return [
    ...unknown
      .filter(({ region }) => region === home)
      .map(({ stack, region, why }) => `whether there is ${stack} (${region}) cannot be asked (${why})`),
    ...(elsewhere.length > 0
      ? [`not asked for stacks that forward events: ${listed(elsewhere)} (a Region that is off has none)`]
      : []),
    ...(stacks.length === 0
      ? [`nothing to remove: no stack of a deployment in ${home} was found`]
      : stacks.map(
          ({ stack, region }, index) =>
            `${index + 1}. ${stack} (${region}) is removed: ${removed[stack] ?? 'rules that forward events here'}`,
        )),
    ...(stacks.some(({ stack }) => stack === names.members)
      ? [
          'stacks that were deployed with commands, such as those of the management account, stay: remove them there, as docs/operations.md says under Members',
        ]
      : []),
    ...(hasState
      ? [`${names.state} (${home}) stays, with the findings table, buckets, key, alert topic and bus`]
      : []),
  ];
};

/** What stays of a stack that is removed, and how it goes when nobody needs it any more. */
export const keptPlan = (
  { region, stack }: DeployedStack,
  kept: Read<readonly KeptResource[]>,
  { state }: Pick<StackNames, 'state'>,
): string[] => {
  if (!kept.ok) return [`what stays of ${stack} (${region}) cannot be asked (${unreadText(kept.unread)})`];
  if (kept.value.length === 0) return [];
  const removal =
    stack === state
      ? `; to remove it when nobody needs it any more: aws cloudformation delete-stack --region ${region} --stack-name ${shellText(stack)}, and then`
      : ', to be removed when nobody needs it any more:';
  return [`what stays of ${stack} (${region})${removal}`, ...keptLines(kept.value, region)];
};

/**
 * Removes the stacks one after the other.
 * @throws {UsageError} at the first that cannot be removed; the following ones stay, because those before use them.
 */
export const removeInOrder = async (
  stacks: readonly DeployedStack[],
  remove: (stack: DeployedStack) => Promise<string | undefined>,
  tell: (message: string) => void,
): Promise<void> => {
  for (const [index, each] of stacks.entries()) {
    const { stack, region } = each;
    tell(`removing ${stack} (${region})`);
    const failure = await remove(each);
    if (failure === undefined) continue;
    const rest = stacks.slice(index + 1);
    throw new UsageError(
      `${stack} (${region}) cannot be removed: ${failure}; its events in CloudFormation say why${rest.length > 0 ? `; ${namesOf(rest)} stays until it is gone: run pipewarden destroy again` : ''}`,
    );
  }
};

const namesOf = (stacks: readonly DeployedStack[]): string =>
  listed(
    stacks.map(({ stack, region }) => `${stack} (${region})`),
    stacks.length,
  );

const say = (message: string): void => void process.stderr.write(messageText(message));
