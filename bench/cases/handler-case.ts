import { fileURLToPath } from 'node:url';
import { eventBatches, jobsToSend, ownJobEvents, sqsBatches } from '../accounts/events.ts';
import { ACCOUNT, type Job, REGION } from '../accounts/training-job.ts';
import type { World } from '../accounts/world.ts';
import { callsPerEvent, throughput } from '../processes/figures.ts';
import { type MeasuredProcess, type Run, startMeasured } from '../processes/measured-process.ts';
import { awsEnvironment } from '../processes/servers.ts';
import { type ColdStart, coldStart, coldStartFigures } from './cold-start.ts';

const WARM_UP_JOBS = 40;
const WARM_UP_EVENTS = 200;
const MEASURED_EVENTS = 300;
const OWN_EVENTS = 1000;
const COLD_STARTS = 9;
const FUNCTION_ARN = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:bench-audit`;

const startHandler = async ({ account, bundle }: World, findingsTable: string, endpoint: string) => {
  return startMeasured(
    process.execPath,
    [fileURLToPath(import.meta.resolve('../processes/handler-process.mjs')), bundle, FUNCTION_ARN],
    {
      ...awsEnvironment(endpoint),
      FINDINGS_TABLE: findingsTable,
      CONFIG_BUCKET: account.config.bucket,
      CONFIG_KEY: account.config.key,
      AWS_LAMBDA_FUNCTION_NAME: 'bench-audit',
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '512',
      POWERTOOLS_SERVICE_NAME: 'pipewarden',
      POWERTOOLS_METRICS_NAMESPACE: 'Pipewarden',
      POWERTOOLS_LOG_LEVEL: 'INFO',
    },
  );
};

/** Runs a body with a fresh process of the function and an empty table. */
export const withHandler = async <T>(
  world: World,
  endpoint: string,
  use: (handler: MeasuredProcess, findingsTable: string) => Promise<T>,
): Promise<T> => {
  const findingsTable = await world.account.createTable();
  const handler = await startHandler(world, findingsTable, endpoint);
  try {
    return await use(handler, findingsTable);
  } finally {
    await handler.stop();
  }
};

/**
 * Measures throughput straight to moto. Then counts cold and warm calls through the proxy, with a fresh process each.
 */
export const measureHandler = async (world: World, batch: number, violating: boolean) => {
  const storedJobs = world.account.jobs.length;
  const jobs = jobsToSend(world.account.jobs, violating);
  const measuredJobs = jobs.slice(WARM_UP_JOBS, WARM_UP_JOBS + MEASURED_EVENTS);
  const rounds = measuredJobs.length < 200 ? 3 : 1;
  const runs: Run[] = [];
  const peaks: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const { run, peak } = await withHandler(world, world.motoUrl, async (handler) => {
      await warmUp(handler, jobs.slice(0, WARM_UP_JOBS), batch);
      return { run: await handler.run(sqsBatches(measuredJobs, batch)), peak: await handler.peakRssMiB() };
    });
    runs.push(run);
    peaks.push(peak ?? Number.NaN);
  }
  return {
    case: violating ? 'handler-violations' : 'handler',
    storedJobs,
    batch,
    ...throughput(runs),
    ...(await countCalls(world, jobs.slice(0, 60), batch)),
    rssMiB: Math.max(...peaks),
  };
};

const warmUp = async (handler: MeasuredProcess, jobs: readonly Job[], batch: number): Promise<void> => {
  for (let events = 0; events < WARM_UP_EVENTS; events += jobs.length) {
    await handler.run(sqsBatches(jobs, batch));
  }
};

const countCalls = (world: World, jobs: readonly Job[], batch: number) =>
  withHandler(world, world.proxies.handler.url, async (handler, findingsTable) => {
    await world.proxies.handler.takeCalls();
    const [first, ...others] = sqsBatches(jobs, batch);
    await handler.run([first]);
    const cold = callsPerEvent(await world.proxies.handler.takeCalls(), batch);
    await handler.run(others);
    const warm = callsPerEvent(await world.proxies.handler.takeCalls(), jobs.length - batch);
    const expected = jobs.filter(({ authorised }) => !authorised).length;
    return {
      readsPerEventCold: cold.reads,
      writesPerEventCold: cold.writes,
      readsPerEventWarm: warm.reads,
      writesPerEvent: warm.writes,
      callsPerEventWarm: warm.operations,
      flagged: {
        expected,
        found: await world.account.countFlagged(findingsTable, jobs),
      },
    };
  });

/**
 * Measures events of jobs whose records hold all that a verdict needs, in batches of ten: they cost no call but one that
 * asks for stored states, and the note of what was handled.
 */
export const measureOwnJobs = async (world: World) => {
  const BATCH = 10;
  const { run, peak } = await withHandler(world, world.motoUrl, async (handler) => {
    for (let round = 0; round < 2; round++)
      await handler.run(eventBatches(ownJobEvents(WARM_UP_EVENTS), BATCH));
    const run = await handler.run(eventBatches(ownJobEvents(OWN_EVENTS), BATCH));
    return { run, peak: await handler.peakRssMiB() };
  });
  const calls = await withHandler(world, world.proxies.handler.url, async (handler) => {
    await handler.run(eventBatches(ownJobEvents(BATCH), BATCH));
    await world.proxies.handler.takeCalls();
    await handler.run(eventBatches(ownJobEvents(5 * BATCH), BATCH));
    return callsPerEvent(await world.proxies.handler.takeCalls(), 5 * BATCH);
  });
  return {
    case: 'handler-own-jobs',
    batch: BATCH,
    ...throughput([run]),
    readsPerEventWarm: calls.reads,
    writesPerEvent: calls.writes,
    callsPerEventWarm: calls.operations,
    rssMiB: peak,
  };
};

/** The time from a process's start to the end of its first event; medians of fresh processes. */
export const measureColdStart = async (world: World) => {
  const starts: ColdStart[] = [];
  for (const job of world.account.jobs.slice(0, COLD_STARTS)) {
    starts.push(
      await withHandler(world, world.motoUrl, (handler) => coldStart(handler, sqsBatches([job], 1))),
    );
  }
  return { case: 'cold-start', of: 'handler', ...coldStartFigures(starts) };
};
