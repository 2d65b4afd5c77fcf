import { seeded } from '../../test/support/builders/seeded.ts';
import { startDynamodbLocal } from '../../test/support/emulators/dynamodb-local.ts';
import { streamAt } from '../../test/support/emulators/findings-table.ts';
import { createFindingsTable } from '../accounts/account.ts';
import { eventBatches } from '../accounts/events.ts';
import { HUB_ACCOUNTS, HUB_REGIONS, PIPELINES, stepJobEvent } from '../accounts/hub.ts';
import { type HubStandIn, startHubStandIn } from '../accounts/hub-standin.ts';
import { REGION } from '../accounts/training-job.ts';
import { percentile, rounded } from '../processes/figures.ts';
import { queueUrl, startFunction, TABLE } from '../processes/hub-functions.ts';
import type { MeasuredProcess } from '../processes/measured-process.ts';
import { inLambda, simulate } from '../processes/queue-simulation.ts';

type Line = Record<string, unknown>;
/** How long an invocation took here, and how much CPU of it. */
type Taken = { events: number; wallMs: number; cpuMs: number };

const LATENCY_MS = 30;
const EVENTS_PER_SECOND = 50;
const MINUTES = 10;
/** The memory of both functions, and the settings of their sources (`infra/audit-path.ts`, `infra/delivery.ts`). */
const MEMORY_MIB = 256;
const AUDIT = { instances: 10, batch: 10 };
const DELIVER = { instances: 1, batch: 25, windowMs: 1_000 };
const TIMEOUT_MS = 60_000;
/** From the bus of a member over the bus of the hub into the queue; and how often Lambda asks a stream. */
const HOPS_MS = 1_000;
const STREAM_POLL_MS = 250;

/** Of so many jobs, one has a name that breaks the prefixes. */
const EVERY = 10;
const SAMPLES = { warmUp: 10, ofOne: 60, ofTen: 30 };

/** Events of jobs all over the hub. What changes of pipelines and roles cost is measured apart (`hub-event`). */
const eventAt = (index: number, random: () => number): object => {
  const account = HUB_ACCOUNTS[Math.floor(random() * HUB_ACCOUNTS.length)] ?? '';
  const region = HUB_REGIONS[Math.floor(random() * HUB_REGIONS.length)] ?? REGION;
  const pipeline = Math.floor(random() * (PIPELINES - 1));
  return stepJobEvent({ account, region }, pipeline, index, index % EVERY === 0);
};

/**
 * What 50 events a second over 500 accounts cost, and how long a finding takes to Security Hub. Samples are handled by the bundled
 * functions against a stand-in for AWS; the ten minutes are simulated with the times of the samples.
 */
export const measureHubLoad = async (bundles: string, print: (line: Line) => void): Promise<void> => {
  const dynamodb = await startDynamodbLocal();
  const standIn = await startHubStandIn({ dynamodb: dynamodb.endpoint, latencyMs: LATENCY_MS });
  const env = {
    EXTERNAL_ID: 'bench',
    INVENTORY_QUEUE_URL: queueUrl('inventories.fifo'),
    DELIVERY_RETRIES_URL: queueUrl('retries'),
  };
  const start = (name: string) =>
    startFunction(bundles, name, { endpoint: standIn.endpoint, memoryMiB: MEMORY_MIB, env });
  await createFindingsTable(dynamodb.endpoint, TABLE);
  const audit = start('audit');
  let deliver: MeasuredProcess | undefined;
  try {
    const audited = await auditSamples(audit, standIn);
    deliver = start('deliver');
    const delivered = await deliverSamples(deliver, standIn, dynamodb.endpoint);
    const seconds = simulatedSeconds(audited, delivered);
    print({
      case: 'hub-load',
      accounts: HUB_ACCOUNTS.length,
      eventsPerSecond: EVENTS_PER_SECOND,
      minutes: MINUTES,
      sampledEvents: sum(audited.warm, 'events'),
      failures: audited.failures + delivered.failures,
      lost: delivered.lost,
      cpuMsPerEvent: rounded(cpuPerEvent(audited.warm.filter(({ events }) => events > 1))),
      cpuMsPerEventBatch1: rounded(cpuPerEvent(audited.warm.filter(({ events }) => events === 1))),
      callsPerEvent: rounded(audited.callsPerEvent),
      deliverCpuMsPerFinding: rounded(sum(delivered.warm, 'cpuMs') / delivered.findings),
      ...seconds,
      auditRssMiB: await audit.peakRssMiB(),
      deliverRssMiB: await deliver.peakRssMiB(),
    });
  } finally {
    for (const each of [audit, deliver]) await each?.stop();
    await standIn.stop();
    await dynamodb.stop();
  }
};

const sum = (taken: readonly Taken[], field: keyof Taken): number =>
  taken.reduce((total, each) => total + each[field], 0);
const cpuPerEvent = (taken: readonly Taken[]): number => sum(taken, 'cpuMs') / sum(taken, 'events');

/** Handles batches, each by itself. */
const sample = async (handler: MeasuredProcess, batches: readonly { Records: unknown[] }[]) => {
  const taken: Taken[] = [];
  let failures = 0;
  for (const batch of batches) {
    const run = await handler.run([batch]);
    failures += run.failures;
    taken.push(run);
  }
  return { taken, failures };
};

/** The start of a process with its first batch. */
const started = async (handler: MeasuredProcess, batch: { Records: unknown[] }): Promise<Taken> => {
  const { events, processCpuMs } = await handler.run([batch]);
  return { events, wallMs: performance.now() - handler.startedAt, cpuMs: processCpuMs };
};

const countOf = ({ asked }: HubStandIn): number =>
  [...asked.values()].reduce((total, times) => total + times.length, 0);

const auditSamples = async (audit: MeasuredProcess, standIn: HubStandIn) => {
  const random = seeded(1);
  let index = 0;
  const batches = (count: number, size: number) =>
    eventBatches(
      Array.from({ length: count * size }, () => eventAt(index++, random)),
      size,
    );
  const [first, ...others] = batches(SAMPLES.warmUp, 10);
  if (!first) throw new Error('there is no batch to measure');
  const cold = await started(audit, first);
  const warmUp = await sample(audit, others);
  const before = countOf(standIn);
  const { taken, failures } = await sample(audit, [
    ...batches(SAMPLES.ofOne, 1),
    ...batches(SAMPLES.ofTen, 10),
  ]);
  const calls = countOf(standIn) - before;
  return {
    cold,
    warm: taken,
    failures: warmUp.failures + failures,
    callsPerEvent: calls / sum(taken, 'events'),
  };
};

/** Delivers what the looks have found, as the stream of the table would. `lost`: what Security Hub has not taken in the end. */
const deliverSamples = async (deliver: MeasuredProcess, standIn: HubStandIn, endpoint: string) => {
  const records = await streamAt(endpoint, REGION, TABLE);
  const batches = Array.from({ length: Math.ceil(records.length / DELIVER.batch) }, (_, index) => ({
    Records: records.slice(index * DELIVER.batch, (index + 1) * DELIVER.batch),
  }));
  const [first, ...others] = batches;
  if (!first) throw new Error('no look has found anything');
  const cold = await started(deliver, first);
  const { taken, failures } = await sample(deliver, others);
  const lost = (await streamAt(endpoint, REGION, TABLE)).length;
  return { cold, warm: taken, failures, findings: standIn.imported.size, lost };
};

/**
 * What a number of events takes. The CPU is drawn from samples. What an invocation waits for is the same for all of one size, so that the shortest
 * wait counts: others waited for a core of this machine, too.
 */
const drawn = (
  { cold, warm }: { cold: Taken; warm: readonly Taken[] },
  random: () => number,
): ((events: number, isFirst: boolean) => number) => {
  const sizes = [...new Set(warm.map(({ events }) => events))].toSorted((one, other) => one - other);
  return (events, isFirst) => {
    if (isFirst) return inLambda(cold, MEMORY_MIB);
    const size = sizes.find((each) => each >= events) ?? sizes.at(-1) ?? 1;
    const alike = warm.filter((each) => each.events === size);
    const waitMs = Math.min(...alike.map((each) => Math.max(0, each.wallMs - each.cpuMs)));
    // An invocation with fewer events waits as long, and computes less.
    const cpuMs = ((alike[Math.floor(random() * alike.length)] ?? cold).cpuMs * events) / size;
    return inLambda({ wallMs: waitMs + cpuMs, cpuMs }, MEMORY_MIB);
  };
};

/** The seconds from an event to Security Hub in ten minutes that are simulated, in which each tenth event leads to a finding. */
const simulatedSeconds = (
  audited: { cold: Taken; warm: readonly Taken[] },
  delivered: { cold: Taken; warm: readonly Taken[] },
) => {
  const random = seeded(2);
  const events: number[] = [];
  for (let at = 0; ; events.push(at)) {
    at -= (Math.log(1 - random()) * 1000) / EVENTS_PER_SECOND;
    if (at > MINUTES * 60_000) break;
  }
  const looks = simulate(
    events.map((at) => at + HOPS_MS),
    { ...AUDIT, takes: drawn(audited, random) },
  );
  const found = events
    .map((at, index) => ({ at, doneAt: looks.doneAt[index] ?? Number.NaN }))
    .filter((_, index) => index % EVERY === 0)
    .map(({ at, doneAt }) => ({ at, toldAt: doneAt + random() * STREAM_POLL_MS }))
    .toSorted((one, other) => one.toldAt - other.toldAt);
  const deliveries = simulate(
    found.map(({ toldAt }) => toldAt),
    { ...DELIVER, takes: drawn(delivered, random) },
  );
  const seconds = found.map(({ at }, index) => ((deliveries.doneAt[index] ?? Number.NaN) - at) / 1000);
  const longestMs = Math.max(looks.longestMs, deliveries.longestMs);
  return {
    simulatedEvents: events.length,
    simulatedLost: longestMs < TIMEOUT_MS ? events.length - looks.doneAt.length : events.length,
    toSecurityHubSecondsP50: rounded(percentile(seconds, 0.5)),
    toSecurityHubSecondsP99: rounded(percentile(seconds, 0.99)),
  };
};
