import { setTimeout as sleep } from 'node:timers/promises';
import { ACCOUNT, REGION } from '../support/builders/events.ts';
import { type SecurityHubStandIn, startSecurityHub } from '../support/standins/security-hub.ts';
import { startSlack } from '../support/standins/slack.ts';
import type { ChannelMessage } from './channel-messages.ts';
import { type Gateway, type Rates, startGateway } from './gateway.ts';
import { FUNCTION_MILLIS, type Killing, type Process, startProcess } from './processes.ts';
import { type Message, type Queue, startQueueServer } from './queue-server.ts';
import { seeded } from './seeded.ts';
import { queueSource, streamSource } from './sources.ts';
import { createTables, type Tables } from './tables.ts';
import { ASSETS, BUS, clientFor, type World } from './world.ts';

export type Faults = { seed: number; rates: Rates; kills: { audit: Killing; deliver: Killing } };

/** A message to a channel, and its time. */
export type ToldAt = ChannelMessage & { at: number };

/** The deployed system around its two functions, with several processes of each and the requested faults. */
export type System = {
  requests: Queue;
  deadLetters(): readonly Message[];
  /** The id of a request for each of its deliveries that ended without an answer to the queue. */
  unanswered: readonly string[];
  deliveryDeadLetters(): readonly Message[];
  told: readonly ToldAt[];
  securityHub: SecurityHubStandIn;
  tables: Tables;
  gateways: readonly Gateway[];
  processes: Record<'audit' | 'deliver', readonly Process[]>;
  /** Resolves when nothing is left to do; rejects if work is left but nothing happens any more. */
  drained(say: (text: string) => void): Promise<void>;
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

/** A deployment may have ten. With several, others go on while one waits to retry a call. */
export const AUDIT_PROCESSES = 6;
/** The first processes: both deliverers and two auditors. */
const KILLED_PROCESSES = 4;

export const startSystem = async (world: World, name: string, faults: Faults): Promise<System> => {
  const { seed, rates, kills } = faults;
  const queues = await startQueueServer(TIME_SCALE);
  const visibilityTimeout = FUNCTION_MILLIS / 1000 + 1;
  const pair = (queue: string, aside: string, maxReceives: number) => ({
    deadLetters: queues.queue(aside),
    queue: queues.queue(queue, { visibilityTimeout, deadLetters: { name: aside, maxReceives } }),
  });
  const requests = pair('requests', 'dead-letters', 5);
  const retries = pair('retries', 'delivery-dead-letters', 10);
  const securityHub = await startSecurityHub({ account: ACCOUNT, region: REGION });
  const slack = await startSlack();
  const tables = await createTables(clientFor(world.dynamodb), name);
  const told: ToldAt[] = [];
  const { moto, dynamodb } = world;
  const { interfere } = tables;
  const upstreams = { moto, dynamodb, queues: queues.endpoint, securityHub, slack, interfere };
  const gateways: Gateway[] = [];
  const start = async (kind: 'audit' | 'deliver', index: number): Promise<Process> => {
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
    };
    const killing = index <= KILLED_PROCESSES ? kills[kind] : { within: 0, times: 0 };
    return startProcess(kind, environment, gateway, killing, random);
  };
  const [onStream, onRetries] = [await start('deliver', 1), await start('deliver', 2)];
  const audit: Process[] = [];
  for (let index = 3; index < 3 + AUDIT_PROCESSES; index++) audit.push(await start('audit', index));
  const arn = (queue: string) => `arn:aws:sqs:${REGION}:${ACCOUNT}:${queue}`;
  const stream = streamSource(tables.readStream, onStream, (records) => {
    retries.deadLetters.send(JSON.stringify(records));
  });
  const unanswered: string[] = [];
  const onUnanswered = (id: string) => unanswered.push(id);
  const sources = [
    ...audit.map((process) =>
      queueSource(requests.queue, process, { batch: 10, arn: arn('requests'), onUnanswered }),
    ),
    stream,
    queueSource(retries.queue, onRetries, { batch: 50, arn: arn('retries'), onUnanswered: () => {} }),
  ];
  const deliver = [onStream, onRetries];
  const isIdle = (): boolean =>
    [requests, retries].every(({ queue }) => queue.messages().length === 0) && stream.isIdle();
  return {
    requests: requests.queue,
    deadLetters: () => requests.deadLetters.messages(),
    unanswered,
    deliveryDeadLetters: () => retries.deadLetters.messages(),
    told,
    securityHub,
    tables,
    gateways,
    processes: { audit, deliver },
    drained: async (say) => {
      const left = (): string => {
        const [request, retry] = [requests, retries].map(({ queue }) => queue.messages().length);
        return `${request} requests and ${retry} retries are left`;
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
    stop: async () => {
      for (const source of sources) await source.stop();
      for (const process of [...audit, ...deliver]) await process.stop();
      await Promise.all([...gateways, queues, securityHub, slack].map((each) => each.stop()));
      tables.stop();
    },
  };
};
