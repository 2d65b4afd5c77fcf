import { setTimeout as sleep } from 'node:timers/promises';
import { seeded } from '../../test/support/builders/seeded.ts';
import { startDynamodbLocal } from '../../test/support/emulators/dynamodb-local.ts';
import { createFindingsTable } from '../accounts/account.ts';
import { eventBatches } from '../accounts/events.ts';
import { HUB_ACCOUNTS, HUB_REGIONS, PIPELINES } from '../accounts/hub.ts';
import { type HubStandIn, SWEEPS, startHubStandIn } from '../accounts/hub-standin.ts';
import { rounded } from '../processes/figures.ts';
import { queueUrl, startFunction, TABLE } from '../processes/hub-functions.ts';
import type { MeasuredProcess } from '../processes/measured-process.ts';
import { inLambda, simulate } from '../processes/queue-simulation.ts';

type Line = Record<string, unknown>;
type Taken = { wallMs: number; cpuMs: number };
type Swept = { key: string; count: number; until: string };

const LATENCY_MS = 30;
/** So many accounts are really swept, side by side and in real time; the others are simulated with their times. */
const SAMPLED = HUB_ACCOUNTS.slice(1, 3);
/** The settings of the functions and of the state machine (`infra`). */
const MEMORY_MIB = { sweep: 512, audit: 256, inventory: 1536 };
const AUDIT = { instances: 10, batch: 10 };
const SWEEP_INSTANCES = 10;
const INVENTORY_INSTANCES = 10;
const ACCOUNTS_AT_ONCE = 40;
const PAUSE_MS = 6_000;
/** So long the state machine waits before it asks whether the index is there. */
const WAIT_MS = 20_000;
const BACKOFF = { firstMs: 10_000, rate: 1.2, mostMs: 60_000 };
const TIMEOUT_MS = { sweep: 15 * 60_000, audit: 60_000 };

/**
 * A sweep of 500 accounts with 50 pipelines in each of 4 Regions. The first step runs for all accounts. Some accounts are swept in real time:
 * listed, inventoried, sent in tens and looked at by the bundled functions. The rest of the sweep is simulated with their times.
 */
export const measureHubSweep = async (bundles: string, print: (line: Line) => void): Promise<void> => {
  const dynamodb = await startDynamodbLocal();
  const standIn = await startHubStandIn({ dynamodb: dynamodb.endpoint, latencyMs: LATENCY_MS });
  await createFindingsTable(dynamodb.endpoint, TABLE);
  const env = {
    EXTERNAL_ID: 'bench',
    SWEEP_BUCKET: SWEEPS,
    INVENTORY_QUEUE_URL: queueUrl('inventories.fifo'),
    DELIVERY_RETRIES_URL: queueUrl('retries'),
  };
  const start = (name: keyof typeof MEMORY_MIB) =>
    startFunction(bundles, name, {
      endpoint: standIn.endpoint,
      memoryMiB: MEMORY_MIB[name],
      env: { ...env, ...(name !== 'audit' && { BENCH_TIMEOUT_MS: String(TIMEOUT_MS.sweep) }) },
    });
  const sweepers = SAMPLED.map(() => start('sweep'));
  const inventories = SAMPLED.map(() => start('inventory'));
  const audit = start('audit');
  try {
    const [first] = sweepers;
    const { count: accounts } = await answered<Swept>(first, { sweepId: 'bench', accounts: true });
    const sampled = await Promise.all(
      SAMPLED.map((account, index) =>
        sweepOne(account, { sweep: sweepers[index], audit, inventory: inventories[index], standIn }),
      ),
    );
    const messages = sampled.map(({ swept }) => swept.count);
    print({
      case: 'hub-sweep',
      accounts,
      pipelines: accounts * HUB_REGIONS.length * PIPELINES,
      sampledAccounts: SAMPLED.length,
      messagesPerAccount: Math.max(...messages),
      failures: sampled.reduce((total, { failures }) => total + failures, 0),
      listSeconds: rounded(Math.max(...sampled.map(({ listMs }) => listMs)) / 1000),
      inventorySeconds: rounded(Math.max(...sampled.map(({ inventoryMs }) => inventoryMs)) / 1000),
      cpuMsPerLook: rounded(cpuPerLook(sampled)),
      callsPerAccount: Math.max(...SAMPLED.map((account) => standIn.asked.get(account)?.length ?? 0)),
      callsPerSecondMost: rounded(busiest(standIn, 10_000) / 10),
      callsInOneSecondMost: busiest(standIn, 1_000),
      ...simulated(sampled, accounts),
      sweepRssMiB: await mostRss(sweepers),
      auditRssMiB: await audit.peakRssMiB(),
      inventoryRssMiB: await mostRss(inventories),
    });
  } finally {
    for (const each of [...sweepers, ...inventories, audit]) await each.stop();
    await standIn.stop();
    await dynamodb.stop();
  }
};

const answered = async <T>(handler: MeasuredProcess | undefined, event: object): Promise<T> => {
  const run = await handler?.run([event], TIMEOUT_MS.sweep / 1000);
  return run?.answers?.[0] as T;
};

type Functions = {
  sweep: MeasuredProcess | undefined;
  audit: MeasuredProcess;
  inventory: MeasuredProcess | undefined;
  standIn: HubStandIn;
};

/** Does what the state machine and the queues do for one account. */
const sweepOne = async (account: string, { sweep, audit, inventory, standIn }: Functions) => {
  const input = { sweepId: 'bench', account };
  const listed = await sweep?.run([input], TIMEOUT_MS.sweep / 1000);
  const swept = listed?.answers?.[0] as Swept;
  const [wish] = standIn.takeMessages(`inventories.fifo ${account}`);
  const inventoried = await inventory?.run([{ Records: [{ body: wish }] }], TIMEOUT_MS.sweep / 1000);
  const looks: Taken[] = [];
  let failures = 0;
  for (const batch of eventBatches(JSON.parse(standIn.objectAt(swept.key)) as object[], AUDIT.batch)) {
    const pause = sleep(PAUSE_MS);
    const run = await audit.run([batch]);
    failures += run.failures;
    looks.push(run);
    await pause;
  }
  await sweep?.run([{ ...input, finished: swept.until }]);
  return { swept, listMs: listed?.wallMs ?? 0, inventoryMs: inventoried?.wallMs ?? 0, looks, failures };
};

/** The most calls that an account got within a span of time. */
const busiest = ({ asked }: HubStandIn, spanMs: number): number =>
  Math.max(
    ...SAMPLED.flatMap((account) => {
      const times = asked.get(account) ?? [];
      let first = 0;
      return times.map((time, index) => {
        while ((times[first] ?? time) <= time - spanMs) first++;
        return index - first + 1;
      });
    }),
  );

const mostRss = async (processes: readonly MeasuredProcess[]): Promise<number> =>
  Math.max(...(await Promise.all(processes.map(async (each) => (await each.peakRssMiB()) ?? 0))));

type Sampled = Awaited<ReturnType<typeof sweepOne>>;

const cpuPerLook = (sampled: readonly Sampled[]): number => {
  const looks = sampled.flatMap((each) => each.looks);
  const messages = sampled.reduce((total, { swept }) => total + swept.count, 0);
  return looks.reduce((total, { cpuMs }) => total + cpuMs, 0) / messages;
};

/** The whole sweep, with the times of the sampled accounts. */
const simulated = (sampled: readonly Sampled[], accounts: number) => {
  const random = seeded(3);
  const oneOf = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  const arrivals: number[] = [];
  const running: number[] = [];
  /** When each instance of the inventory function is free. */
  const listings = Array.from({ length: INVENTORY_INSTANCES }, () => 0);
  let waiting = Array.from({ length: Math.min(ACCOUNTS_AT_ONCE, accounts) }, () => ({ at: 0, attempt: 0 }));
  let begun = waiting.length;
  let sweptAt = 0;
  while (waiting.length > 0) {
    waiting = waiting.toSorted((one, other) => one.at - other.at);
    const [next] = waiting.splice(0, 1);
    if (!next) break;
    const { at, attempt } = next;
    if (running.filter((end) => end > at).length >= SWEEP_INSTANCES) {
      // Lambda refuses the call, and the state machine tries again later.
      const { firstMs, rate, mostMs } = BACKOFF;
      waiting.push({ at: at + random() * Math.min(mostMs, firstMs * rate ** attempt), attempt: attempt + 1 });
      continue;
    }
    const { listMs, inventoryMs, swept } = oneOf(sampled);
    running.push(at + listMs);
    const listing = listings.reduce(
      (least, free, index) => (free < (listings[least] ?? 0) ? index : least),
      0,
    );
    const listedAt = Math.max(listings[listing] ?? 0, at + listMs) + inventoryMs;
    listings[listing] = listedAt;
    const sentAt = at + listMs + Math.ceil((listedAt - at - listMs) / WAIT_MS) * WAIT_MS;
    const batches = Math.ceil(swept.count / AUDIT.batch);
    for (let message = 0; message < swept.count; message++)
      arrivals.push(sentAt + Math.floor(message / AUDIT.batch) * PAUSE_MS);
    const done = sentAt + batches * PAUSE_MS;
    sweptAt = Math.max(sweptAt, done);
    if (begun++ < accounts) waiting.push({ at: done, attempt: 0 });
  }
  const looks = sampled.flatMap((each) => each.looks);
  const { doneAt, longestMs } = simulate(
    arrivals.toSorted((one, other) => one - other),
    { ...AUDIT, takes: (events) => (inLambda(oneOf(looks), MEMORY_MIB.audit) * events) / AUDIT.batch },
  );
  const endsAt = doneAt.reduce((most, at) => Math.max(most, at), sweptAt);
  return {
    simulatedHours: rounded(endsAt / 3_600_000),
    simulatedMessages: arrivals.length,
    // A batch that Lambda ends comes again, and in the end is put aside.
    simulatedDeadLetters: longestMs < TIMEOUT_MS.audit ? 0 : arrivals.length,
  };
};
