import { setTimeout as sleep } from 'node:timers/promises';
import pLimit from 'p-limit';
import { ACCOUNT, REGION } from '../support/builders/events.ts';
import { seeded } from '../support/builders/seeded.ts';
import { type PlayedSweep, playSweep } from '../support/lambda/play-sweep.ts';
import { startCloudTrail } from '../support/standins/cloudtrail.ts';
import { type SecurityHubs, startSecurityHubs } from '../support/standins/security-hubs.ts';
import { startSlack } from '../support/standins/slack.ts';
import { startSts } from '../support/standins/sts.ts';
import { ACCOUNTS, REGIONS } from './account.ts';
import type { ChannelMessage } from './channel-messages.ts';
import { type Gateway, type Rates, startGateway } from './gateway.ts';
import { FUNCTION_MILLIS, type FunctionName, type Killing, type Process, startProcess } from './processes.ts';
import { type Message, type Queue, type QueueSettings, startQueueServer } from './queue-server.ts';
import { type RoleFault, type RoleFaults, roleFaults } from './role-faults.ts';
import { queueSource, streamSource } from './sources.ts';
import { createTables, type Tables } from './tables.ts';
import { ASSETS, BUS, clientFor, SWEEPS, type World } from './world.ts';

export type Faults = {
  seed: number;
  rates: Rates;
  kills: Record<'audit' | 'deliver' | 'inventory', Killing>;
  roles: readonly RoleFault[];
  /** Whether indexes lose items in the middle of each phase. */
  losesIndexes: boolean;
};

/** A message to a channel, and its time. */
export type ToldAt = ChannelMessage & { at: number };

/** A hub of three accounts in two Regions: the system around its functions, with several processes and the requested faults. */
export type System = {
  requests: Queue;
  deadLetters(): readonly Message[];
  /** The body of a request for each of its deliveries that ended without an answer to the queue. */
  unanswered: readonly string[];
  /** What the deliverer and the inventory have put aside. */
  otherDeadLetters(): readonly Message[];
  told: readonly ToldAt[];
  securityHubs: SecurityHubs;
  roleFaults: RoleFaults['counts'];
  tables: Tables;
  gateways: readonly Gateway[];
  processes: Record<FunctionName, readonly Process[]>;
  /** Resolves when at most so many requests are left. */
  left(most: number): Promise<void>;
  /** Resolves when nothing is left to do; rejects if work is left but nothing happens any more. */
  drained(say: (text: string) => void): Promise<void>;
  /** Sweeps all accounts; the requests for looks are in the queue then. */
  sweep(sweepId: string): Promise<PlayedSweep>;
  stop(): Promise<void>;
};

/** The factor by which delays of queues pass faster; the functions are not sped up. */
const TIME_SCALE = 20;
/** Longer than any message waits by itself: 15 minutes pass in 45 seconds. */
const STALLED_MILLIS = 600_000;
const QUIET_MILLIS = 600;
/**
 * A change is lost that is undelivered after its stream had nothing more so often, and nothing else happened meanwhile. On a
 * busy machine that takes longer.
 */
const LOST_TAKES = 12;
const PROGRESS_MILLIS = 15_000;

/** The listing of an account is over by then: of a few roles and pipelines, even on a busy machine. */
const INVENTORY_SECONDS = 10;

/** A deployment may have ten. With several, others go on while one waits to retry a call. */
export const AUDIT_PROCESSES = 6;
/** The first processes: both deliverers and two auditors. */
const KILLED_PROCESSES = 4;
const SWEEP_PROCESSES = ACCOUNTS.length;
const EXTERNAL_ID = '0a1b2c3d-4e5f';

export const startSystem = async (world: World, name: string, faults: Faults): Promise<System> => {
  const { seed, rates, kills } = faults;
  const queues = await startQueueServer(TIME_SCALE);
  const visibilityTimeout = FUNCTION_MILLIS / 1000 + 1;
  const pair = (queue: string, aside: string, maxReceives: number, more: Partial<QueueSettings> = {}) => ({
    deadLetters: queues.queue(aside),
    queue: queues.queue(queue, { visibilityTimeout, ...more, deadLetters: { name: aside, maxReceives } }),
  });
  const requests = pair('requests', 'dead-letters', 5);
  const retries = pair('retries', 'delivery-dead-letters', 10);
  const inventories = pair('inventories', 'inventory-dead-letters', 5, {
    isInOrder: true,
    visibilityTimeout: INVENTORY_SECONDS,
  });
  const securityHubs = await startSecurityHubs(
    ACCOUNTS.flatMap((account) => REGIONS.map((region) => ({ account, region }))),
  );
  const sts = await startSts(world.moto, { externalId: EXTERNAL_ID });
  const history = await startCloudTrail(world.moto);
  const slack = await startSlack();
  const tables = await createTables(clientFor(world.dynamodb), name);
  const told: ToldAt[] = [];
  const { moto, dynamodb } = world;
  const { interfere } = tables;
  const roles = roleFaults(faults.roles);
  const upstreams = {
    moto,
    dynamodb,
    queues: queues.endpoint,
    sts: sts.endpoint,
    cloudTrail: history.endpoint,
    securityHubs,
    slack,
    interfere,
    roleFault: roles.faultOf,
  };
  const gateways: Gateway[] = [];
  let started = 0;
  const start = async (kind: FunctionName): Promise<Process> => {
    const index = ++started;
    const random = seeded(seed + index);
    const gateway = await startGateway(upstreams, rates, random, (each) =>
      told.push({ ...each, at: Date.now() }),
    );
    gateways.push(gateway);
    const { endpoint } = gateway;
    const urlOf = (queue: string) => queues.urlOf(queue).replace(queues.endpoint, endpoint);
    const apiUrl = `${endpoint}/api/`;
    const environment = {
      AWS_REGION: REGION,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_ENDPOINT_URL: endpoint,
      FINDINGS_TABLE: tables.findings,
      CONFIG_BUCKET: ASSETS,
      CONFIG_KEY: await world.configFor({ token: slack.token, apiUrl }),
      POWERTOOLS_SERVICE_NAME: 'pipewarden',
      POWERTOOLS_METRICS_NAMESPACE: 'Pipewarden',
      POWERTOOLS_LOG_LEVEL: 'WARN',
      DEAD_LETTER_QUEUE_URL: urlOf('dead-letters'),
      ALERT_TOPIC_ARN: world.topicArn,
      EVENT_BUS_NAME: BUS,
      DELIVERY_RETRIES_URL: urlOf('retries'),
      INVENTORY_QUEUE_URL: urlOf('inventories'),
      REQUESTS_QUEUE_URL: urlOf('requests'),
      SWEEP_BUCKET: SWEEPS,
      EXTERNAL_ID,
    };
    const isKilled = kind === 'inventory' || index <= KILLED_PROCESSES;
    const killing = isKilled && kind !== 'sweep' ? kills[kind] : { within: 0, times: 0 };
    return startProcess(kind, environment, gateway, killing, random);
  };
  const [onStream, onRetries] = [await start('deliver'), await start('deliver')];
  const audit: Process[] = [];
  while (audit.length < AUDIT_PROCESSES) audit.push(await start('audit'));
  const inventory = await start('inventory');
  const sweepers: Process[] = [];
  const arn = (queue: string) => `arn:aws:sqs:${REGION}:${ACCOUNT}:${queue}`;
  const stream = streamSource(tables.readStream, onStream, (records) => {
    retries.deadLetters.send(JSON.stringify(records));
  });
  const unanswered: string[] = [];
  const onUnanswered = (body: string) => unanswered.push(body);
  const sources = [
    ...audit.map((process) =>
      queueSource(requests.queue, process, { batch: 10, arn: arn('requests'), onUnanswered }),
    ),
    stream,
    queueSource(retries.queue, onRetries, { batch: 50, arn: arn('retries'), onUnanswered: () => {} }),
    queueSource(inventories.queue, inventory, {
      batch: 1,
      arn: arn('inventories'),
      onUnanswered: () => {},
    }),
  ];
  const deliver = [onStream, onRetries];
  const isIdle = (): boolean =>
    [requests, retries, inventories].every(({ queue }) => queue.messages().length === 0) && stream.isIdle();
  /** Each process handles one event at a time. */
  const oneOf = (processes: readonly Process[]) => {
    const free = [...processes];
    const limit = pLimit(processes.length);
    return (event: object): Promise<object> =>
      limit(async () => {
        const process = free.pop() as Process;
        try {
          return await process.invoke(event);
        } finally {
          free.push(process);
        }
      });
  };
  return {
    requests: requests.queue,
    deadLetters: () => requests.deadLetters.messages(),
    unanswered,
    otherDeadLetters: () => [retries, inventories].flatMap(({ deadLetters }) => deadLetters.messages()),
    told,
    securityHubs,
    roleFaults: roles.counts,
    tables,
    gateways,
    processes: { audit, deliver, inventory: [inventory], sweep: sweepers },
    left: async (most) => {
      while (requests.queue.messages().length > most) await sleep(10);
    },
    drained: async (say) => {
      const left = (): string => {
        const [request, retry, listing] = [requests, retries, inventories].map(
          ({ queue }) => queue.messages().length,
        );
        return `${request} requests, ${retry} retries and ${listing} inventories are left`;
      };
      const calls = (): number => gateways.reduce((sum, gateway) => sum + gateway.calls(), 0);
      let [quietSince, saidAt, called] = [Date.now(), Date.now(), { at: Date.now(), calls: calls() }];
      let takes = stream.emptyTakes();
      for (;;) {
        await sleep(50);
        const now = Date.now();
        if (!isIdle()) [quietSince, takes] = [now, stream.emptyTakes()];
        const isOver = now - quietSince > QUIET_MILLIS && (await tables.undelivered()) === 0;
        if (isOver || stream.emptyTakes() - takes > LOST_TAKES) return;
        if (calls() > called.calls) called = { at: now, calls: calls() };
        if (now - called.at > STALLED_MILLIS) throw new Error(`not drained: ${left()}`);
        if (now - saidAt > PROGRESS_MILLIS) {
          say(`${name}: ${left()}\n`);
          saidAt = now;
        }
      }
    },
    sweep: async (sweepId) => {
      while (sweepers.length < SWEEP_PROCESSES) sweepers.push(await start('sweep'));
      return playSweep(sweepId, {
        invoke: oneOf(sweepers),
        read: world.readSwept,
        send: async (_, messages) => {
          for (const each of messages) requests.queue.send(JSON.stringify(each));
        },
      });
    },
    stop: async () => {
      for (const source of sources) await source.stop();
      for (const process of [...audit, ...deliver, inventory, ...sweepers]) await process.stop();
      await Promise.all([...gateways, queues, securityHubs, sts, history, slack].map((each) => each.stop()));
      tables.stop();
    },
  };
};
