import { startDynamodbLocal } from '../../test/support/emulators/dynamodb-local.ts';
import { createFindingsTable } from '../accounts/account.ts';
import { type AwsStandIn, startAwsStandIn } from '../accounts/aws-standin.ts';
import { changeEvent, eventBatches } from '../accounts/events.ts';
import { type ScaleAccount, scaleAccount } from '../accounts/scale-account.ts';
import { ACCOUNT, REGION } from '../accounts/training-job.ts';
import { callsPerEvent, rounded } from '../processes/figures.ts';
import { queueUrl, startFunction, TABLE } from '../processes/hub-functions.ts';

type Line = Record<string, unknown>;

const LARGE = { roles: 5000, pipelines: 1000, buckets: 200, teams: 142 } as const;
const SIZES = [{ roles: 100, pipelines: 100, buckets: 200, teams: 28 }, LARGE] as const;
/** What one call of AWS takes. */
const LATENCY_MS = 30;
const EVENTS = 5;

/**
 * What an event costs in a small and in a large account, without an index and with one: the calls and the CPU of all looks that it leads
 * to, against a stand-in for AWS with latency; and an inventory whose pages are slow and fail. Events of a large account without an
 * index wait for it.
 */
export const measureHub = async (bundles: string, print: (line: Line) => void): Promise<void> => {
  for (const size of SIZES) {
    const account = scaleAccount(size, { account: ACCOUNT, region: REGION });
    await withAccount(account, size.pipelines, {}, async (world) => {
      for (const isIndexed of [false, true]) {
        if (isIndexed) print({ case: 'hub-inventory', ...shown(size), ...(await inventory(bundles, world)) });
        for (const [kind, of] of Object.entries(kindsOf(account, isIndexed))) {
          const about = { index: isIndexed, ...shown(size) };
          const { failures, ...line } = await measureEvents(bundles, world, of);
          const isWaiting = !isIndexed && size === LARGE;
          print({
            case: 'hub-event',
            kind,
            ...about,
            [isWaiting ? 'waiting' : 'failures']: failures,
            ...line,
          });
          const followed = world.standIn.takeMessages();
          if (followed.length > 0)
            print({ case: 'hub-following', ...about, ...(await measureFollowing(bundles, world, followed)) });
        }
      }
    });
  }
  const account = scaleAccount(
    { roles: 5000, pipelines: 1, buckets: 1, teams: 1 },
    { account: ACCOUNT, region: REGION },
  );
  await withAccount(account, 1, { pageMs: 1200, failsEvery: 10 }, async (world) => {
    print({
      case: 'hub-slow-pages',
      pages: 50,
      pageMs: 1200,
      failsEvery: 10,
      ...(await inventory(bundles, world)),
    });
  });
};

const shown = ({ roles, pipelines }: { roles: number; pipelines: number }) => ({ roles, pipelines });

type World = { standIn: AwsStandIn };

const withAccount = async (
  account: ScaleAccount,
  pipelines: number,
  behaviour: { pageMs?: number; failsEvery?: number },
  use: (world: World) => Promise<void>,
): Promise<void> => {
  const dynamodb = await startDynamodbLocal();
  await createFindingsTable(dynamodb.endpoint, TABLE);
  const standIn = await startAwsStandIn(account, {
    pipelines,
    config: { ...account.config, versionFloors: [] },
    dynamodb: dynamodb.endpoint,
    behaviour: { latencyMs: LATENCY_MS, ...behaviour },
  });
  try {
    await use({ standIn });
  } finally {
    await standIn.stop();
    await dynamodb.stop();
  }
};

type Kind = { eventAt: (index: number) => object; isSettled: boolean };

/**
 * The first change of a role leads to looks at all that hang on it, in an account with an index, too; a later one only if it is one on
 * which somebody hangs.
 */
const kindsOf = (account: ScaleAccount, isIndexed: boolean): Record<string, Kind> => {
  const used = account.roles.filter(({ arn }) => arn.includes(':role/pipelines/'));
  const role = (index: number) =>
    changeEvent('iam', 'PutRolePolicy', {
      roleName: used[index % used.length]?.name ?? '',
      policyName: 'Jobs',
      policyDocument: '{}',
    });
  const pipeline = (index: number) => {
    const { name, roleArn, definitionText } = account.pipelineAt(index);
    return changeEvent('sagemaker', 'UpdatePipeline', {
      pipelineName: name,
      pipelineDefinition: definitionText,
      roleArn,
    });
  };
  return {
    role: { eventAt: role, isSettled: false },
    ...(isIndexed && { 'role, again': { eventAt: role, isSettled: true } }),
    pipeline: { eventAt: pipeline, isSettled: false },
  };
};

/** A first event in a fresh process, and others in the same one; `isSettled`: each was handled once before. */
const measureEvents = async (bundles: string, world: World, { eventAt, isSettled }: Kind) => {
  const handler = startFunction(bundles, 'audit', {
    endpoint: world.standIn.endpoint,
    memoryMiB: 256,
    env: { REQUESTS_QUEUE_URL: REQUESTS, INVENTORY_QUEUE_URL: QUEUE },
  });
  try {
    if (isSettled) await handleAll(bundles, world, eventAt);
    world.standIn.take();
    const cold = await handler.run(eventBatches([eventAt(0)], 1));
    const coldCalls = callsPerEvent(world.standIn.take(), 1);
    const events = Array.from({ length: EVENTS }, (_, index) => eventAt(index + 1));
    const warm = await handler.run(eventBatches(events, 1));
    const calls = callsPerEvent(world.standIn.take(), EVENTS);
    return {
      failures: cold.failures + warm.failures,
      coldCpuMs: rounded(cold.processCpuMs),
      coldReads: coldCalls.reads,
      cpuMsPerEvent: rounded(warm.cpuMs / EVENTS),
      readsPerEvent: calls.reads,
      writesPerEvent: calls.writes,
      latencyMsMost: rounded(Math.max(...warm.latenciesMs, ...cold.latenciesMs)),
      rssMiB: await handler.peakRssMiB(),
      operations: calls.operations,
    };
  } finally {
    await handler.stop();
  }
};

/** The first looks to which the changes of roles led: each is a message, and ten of them are a batch. */
const FOLLOWED = 100;
const BATCH = 10;

const measureFollowing = async (bundles: string, world: World, messages: readonly string[]) => {
  const handler = startFunction(bundles, 'audit', {
    endpoint: world.standIn.endpoint,
    memoryMiB: 256,
    env: { INVENTORY_QUEUE_URL: QUEUE, REQUESTS_QUEUE_URL: REQUESTS },
  });
  try {
    world.standIn.take();
    const asked = messages.slice(0, FOLLOWED).map((body): object => JSON.parse(body));
    const run = await handler.run(eventBatches(asked, BATCH), 300);
    const calls = callsPerEvent(world.standIn.take(), asked.length);
    return {
      looks: asked.length,
      ofMessages: messages.length,
      failures: run.failures,
      cpuMsPerLook: rounded(run.processCpuMs / asked.length),
      readsPerLook: calls.reads,
      batchMsMost: rounded(Math.max(...run.latenciesMs)),
      rssMiB: await handler.peakRssMiB(),
    };
  } finally {
    await handler.stop();
  }
};

const handleAll = async (
  bundles: string,
  world: World,
  eventAt: (index: number) => object,
): Promise<void> => {
  const handler = startFunction(bundles, 'audit', {
    endpoint: world.standIn.endpoint,
    memoryMiB: 256,
    env: { INVENTORY_QUEUE_URL: QUEUE, REQUESTS_QUEUE_URL: REQUESTS },
  });
  try {
    await handler.run(
      eventBatches(
        Array.from({ length: EVENTS + 1 }, (_, index) => eventAt(index)),
        1,
      ),
    );
  } finally {
    await handler.stop();
  }
};

const QUEUE = queueUrl('inventories.fifo');
const REQUESTS = queueUrl('requests');
const MAX_INVOCATIONS = 20;

/** Runs the inventory function until its message succeeds, as the queue does. */
const inventory = async (bundles: string, world: World) => {
  world.standIn.take();
  const startedAt = performance.now();
  let invocations = 0;
  let cpuMs = 0;
  for (let isDone = false; !isDone && invocations < MAX_INVOCATIONS; ) {
    invocations++;
    const handler = startFunction(bundles, 'inventory', {
      endpoint: world.standIn.endpoint,
      memoryMiB: 1536,
    });
    try {
      const run = await handler.run([{ Records: [{ body: JSON.stringify({ account: ACCOUNT }) }] }], 600);
      cpuMs += run.processCpuMs;
      isDone = true;
    } catch {
      // The process ends with the error that Lambda would report, and the queue hands the message out again.
    } finally {
      await handler.stop();
    }
  }
  const calls = world.standIn.take();
  return {
    invocations,
    seconds: rounded((performance.now() - startedAt) / 1000),
    cpuMs: rounded(cpuMs),
    pagesAsked: calls['iam.GetAccountAuthorizationDetails'],
  };
};
