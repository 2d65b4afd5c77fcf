import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { creationEvent, jobsToSend } from '../accounts/events.ts';
import { ACCOUNT, type Job, REGION } from '../accounts/training-job.ts';
import type { World } from '../accounts/world.ts';
import { runToEnd } from '../processes/children.ts';
import { callsPerEvent, rounded, throughput } from '../processes/figures.ts';
import { type MeasuredProcess, startMeasured } from '../processes/measured-process.ts';
import { awsEnvironment, inCheckout } from '../processes/servers.ts';
import { temporaryFolder } from '../processes/temporary-folder.ts';
import { type CustodianMode, custodianPolicy } from '../rivals/custodian-policy.ts';
import { custodianPrograms } from '../rivals/custodian-programs.ts';
import { type ColdStart, coldStart, coldStartFigures } from './cold-start.ts';

const WARM_UP_EVENTS = 3;
const MEASURED_EVENTS = 300;
const MAX_SECONDS = 10;
const COUNTED_EVENTS = 10;
const COLD_STARTS = 5;

/** The folder with the configuration that Custodian packs into its Lambda function. */
const packPolicy = async (mode: CustodianMode): Promise<string> => {
  const folder = await temporaryFolder();
  const config = { 'execution-options': { account_id: ACCOUNT }, policies: [custodianPolicy(mode, folder)] };
  await writeFile(join(folder, 'config.json'), JSON.stringify(config));
  return folder;
};

const withCustodian = async <T>(
  mode: CustodianMode,
  endpoint: string,
  use: (subject: MeasuredProcess) => Promise<T>,
): Promise<T> => {
  const subject = startMeasured(
    custodianPrograms.python,
    [inCheckout('bench/rivals/custodian.py'), await packPolicy(mode)],
    { ...awsEnvironment(endpoint), C7N_DEBUG_EVENT: 'no' },
  );
  try {
    return await use(subject);
  } finally {
    await subject.stop();
  }
};

/** Sends events one by one straight to moto until the time is up, then a few through the counting proxy. */
export const measureCustodian = async (world: World, mode: 'event' | 'condition', violating: boolean) => {
  const storedJobs = world.account.jobs.length;
  const jobs = jobsToSend(world.account.jobs, violating);
  const { listMs } = await world.account.emulatorTimes();
  const { run, rssMiB } = await withCustodian(mode, world.motoUrl, async (subject) => {
    await subject.run(jobs.slice(0, WARM_UP_EVENTS).map(creationEvent));
    const run = await subject.run(
      jobs.slice(WARM_UP_EVENTS).slice(0, MEASURED_EVENTS).map(creationEvent),
      MAX_SECONDS,
    );
    return { run, rssMiB: await subject.peakRssMiB() };
  });
  return {
    case: violating ? 'custodian-violations' : 'custodian',
    mode,
    storedJobs,
    batch: 1,
    ...throughput([run]),
    ...(await countCalls(world, mode, jobs)),
    rssMiB,
    emulatorListMs: listMs,
    ...(mode === 'event' && {
      note: 'moto answers ListTrainingJobs in one page, which favours Custodian; calls are counted with the 100 a page of AWS',
    }),
  };
};

const countCalls = (world: World, mode: CustodianMode, jobs: readonly Job[]) =>
  withCustodian(mode, world.proxies.custodian.url, async (subject) => {
    await world.proxies.custodian.takeCalls();
    await subject.run([creationEvent(jobs[0] as Job)]);
    const cold = callsPerEvent(await world.proxies.custodian.takeCalls(), 1);
    const counted = jobs.slice(20, 20 + COUNTED_EVENTS);
    await subject.run(counted.map(creationEvent));
    const calls = await world.proxies.custodian.takeCalls();
    const warm = callsPerEvent(calls, counted.length);
    return {
      readsPerEventCold: cold.reads,
      readsPerEventWarm: warm.reads,
      writesPerEvent: warm.writes,
      callsPerEventWarm: warm.operations,
      flagged: {
        expected: counted.filter(({ authorised }) => !authorised).length,
        found: calls['securityhub.BatchImportFindings'] ?? 0,
      },
    };
  });

/** Runs `custodian run` over all stored jobs, as a user starts it: timed straight to moto, then counted. */
export const measurePull = async (world: World) => {
  const folder = await temporaryFolder();
  const policyFile = join(folder, 'policy.json');
  await writeFile(policyFile, JSON.stringify({ policies: [custodianPolicy('pull', folder)] }));
  const run = async (endpoint: string): Promise<number> => {
    const start = performance.now();
    await runToEnd(
      custodianPrograms.custodian,
      ['run', '--quiet', '--cache-period', '0', '--region', REGION, '--output-dir', folder, policyFile],
      { env: { ...awsEnvironment(endpoint), HOME: folder }, stdio: ['ignore', 'ignore', 2] },
    );
    return performance.now() - start;
  };
  const wallMs = await run(world.motoUrl);
  await world.proxies.custodian.takeCalls();
  await run(world.proxies.custodian.url);
  const calls = callsPerEvent(await world.proxies.custodian.takeCalls(), 1);
  return {
    case: 'custodian-pull',
    storedJobs: world.account.jobs.length,
    runMs: rounded(wallMs),
    readsPerRun: calls.reads,
    writesPerRun: calls.writes,
    callsPerRun: calls.operations,
  };
};

export const measureCustodianColdStart = async (world: World) => {
  const starts: ColdStart[] = [];
  for (const job of world.account.jobs.slice(0, COLD_STARTS)) {
    starts.push(
      await withCustodian('event', world.motoUrl, (subject) => coldStart(subject, [creationEvent(job)])),
    );
  }
  return { case: 'cold-start', of: 'custodian', ...coldStartFigures(starts) };
};
