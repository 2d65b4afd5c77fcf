import { setTimeout as sleep } from 'node:timers/promises';
import type { Finding } from '../../shared/domain/finding.ts';
import { seeded, shuffled } from '../support/builders/seeded.ts';
import { malformedMessage, type Phase, phasesOf } from './account.ts';
import type { ChannelMessage } from './channel-messages.ts';
import type { FaultCounts } from './gateway.ts';
import { loseIndexes } from './index-losses.ts';
import type { Message } from './queue-server.ts';
import { type Faults, type System, startSystem, type ToldAt } from './system.ts';
import type { World } from './world.ts';

/** Faults of the messages themselves, as shares of all messages. */
export type Disorder = { duplicates: number; malformed: number; isShuffled: boolean };

/** The result of a run after everything was delivered, and its duration. */
export type RunOutcome = {
  messages: number;
  events: number;
  /** The bodies of malformed messages. */
  malformed: readonly string[];
  /** Open findings by id, complete except for event ids and times. */
  open: Map<string, string>;
  /** Those before a sweep at the end, without those on accounts. */
  openBefore: Map<string, string>;
  securityHub: Map<string, string>;
  told: readonly ToldAt[];
  /** The messages that killed deliverers had sent but not yet noted as sent. */
  lost: readonly ChannelMessage[];
  deadLetters: readonly Pick<Message, 'id' | 'body' | 'attributes' | 'invocation'>[];
  /**
   * The body of a request for each time that its queue heard no answer, and the id of its event for each time that its function
   * heard none of the dead-letter queue.
   */
  unanswered: readonly string[];
  undelivered: number;
  /** What the deliverer and the inventory have put aside. */
  otherDeadLetters: number;
  /** The accounts of which a sweep at the end was not complete. */
  unswept: readonly string[];
  faults: FaultCounts;
  /** The accounts whose reader roles were refused for a while. */
  refused: readonly string[];
  roleFaults: { denied: number; throttled: number };
  /** Items of indexes. */
  indexItemsLost: number;
  kills: { audit: number; deliver: number; inventory: number };
  calls: number;
  seconds: number;
  /** Milliseconds from sending an event to its result on the bus, ascending. */
  latencies: number[];
  /** How often the functions logged each error, by message. */
  errors: Map<string, number>;
};

/** `isSwept`: whether a sweep ends the run. */
export type RunOptions = {
  name: string;
  events: number;
  disorder: Disorder;
  faults: Faults;
  isSwept: boolean;
};

/** Sends this many events, evenly over this many seconds, to a system with empty tables. */
export const runBurst = async (
  world: World,
  { events, seconds: over, faults }: { events: number; seconds: number; faults: Faults },
  say: (text: string) => void,
): Promise<Pick<RunOutcome, 'seconds' | 'latencies' | 'undelivered'>> => {
  const phase = phasesOf(3 * events, world.accounts.executions)[1];
  if (phase) {
    await world.accounts.change(phase.state);
    await world.accounts.tellJobs(phase.events);
  }
  const system = await startSystem(world, 'burst', faults);
  try {
    const sent = (phase?.events ?? []).slice(0, events);
    const sentAt = new Map<string, number>();
    const startedAt = Date.now();
    for (const [index, event] of sent.entries()) {
      await sleep(Math.max(0, startedAt + (index * over * 1000) / sent.length - Date.now()));
      system.requests.send(JSON.stringify(event));
      sentAt.set((event as { detail: { eventID: string } }).detail.eventID, Date.now());
    }
    await system.drained(say);
    const seconds = (Date.now() - startedAt) / 1000;
    const { latencies, undelivered } = await outcomeOf(system, sentAt);
    return { seconds, latencies, undelivered };
  } finally {
    await system.stop();
  }
};

/** Takes the accounts through their phases; each phase is completely delivered before the next begins. */
export const runPhases = async (
  world: World,
  options: RunOptions,
  say: (text: string) => void,
): Promise<RunOutcome> => {
  const { name, events, disorder, faults, isSwept } = options;
  const phases = phasesOf(events, world.accounts.executions);
  const [first] = phases;
  if (first) await world.accounts.change(first.state);
  const system = await startSystem(world, name, faults);
  const sentAt = new Map<string, number>();
  const startedAt = Date.now();
  let messages = 0;
  let indexItemsLost = 0;
  const malformed: string[] = [];
  const random = seeded(faults.seed + 200);
  try {
    for (const [index, phase] of phases.entries()) {
      await world.accounts.change(phase.state);
      await world.accounts.tellJobs(phase.events);
      const sent = messagesOf(phase, disorder, seeded(faults.seed + 100 + index), malformed.length);
      messages += sent.messages.length;
      malformed.push(...sent.malformed);
      for (const { body, eventId } of sent.messages) {
        system.requests.send(body);
        if (eventId !== undefined) sentAt.set(eventId, Date.now());
      }
      await system.left(sent.messages.length / 2);
      if (faults.losesIndexes) indexItemsLost += await loseIndexes(system.tables, index, random);
      await system.drained(say);
      say(`${name}: phase ${index + 1} of ${phases.length} is done\n`);
    }
    const seconds = (Date.now() - startedAt) / 1000;
    const of = phases.reduce((sum, phase) => sum + phase.events.length, 0);
    const open = await openIn(system);
    const openBefore = new Map([...open].filter(([, { resource }]) => resource.type !== 'account').map(said));
    const swept = isSwept ? await system.sweep('at-the-end') : new Map<string, string>();
    await system.drained(say);
    return {
      ...(await outcomeOf(system, sentAt)),
      openBefore,
      unswept: [...swept].flatMap(([account, until]) => (until ? [] : [account])),
      refused: faults.roles.flatMap(({ account, role, kind }) =>
        role === 'reader' && kind === 'denied' ? [account] : [],
      ),
      messages,
      events: of,
      malformed,
      indexItemsLost,
      seconds,
    };
  } finally {
    await system.stop();
  }
};

type Sent = { body: string; eventId?: string };

const messagesOf = (
  { events }: Phase,
  { duplicates, malformed, isShuffled }: Disorder,
  random: () => number,
  malformedBefore: number,
): { messages: Sent[]; malformed: string[] } => {
  // Duplicates and malformed messages are shares of all messages, not of the events.
  const all = events.length / (1 - duplicates - malformed);
  // Events are dated when they are sent, not when they were made.
  const eventTime = new Date().toISOString();
  const good = events.map((event): Sent => {
    const { detail, ...rest } = event as { detail: { eventID: string } };
    const body = JSON.stringify({ ...rest, time: eventTime, detail: { ...detail, eventTime } });
    return { body, eventId: detail.eventID };
  });
  const twice = shuffled(good, random).slice(0, Math.round(all * duplicates));
  const bad = Array.from({ length: Math.round(all * malformed) }, (_, index) => ({
    body: malformedMessage(malformedBefore + index),
  }));
  const messages = [...good, ...twice, ...bad];
  return {
    messages: isShuffled ? shuffled(messages, random) : messages,
    malformed: bad.map(({ body }) => body),
  };
};

type Rest = Omit<
  RunOutcome,
  'messages' | 'events' | 'malformed' | 'indexItemsLost' | 'openBefore' | 'unswept' | 'refused' | 'seconds'
>;

const openIn = async ({ tables }: System): Promise<Map<string, Finding>> =>
  new Map(
    [...(await tables.states()).values()].flatMap((state) =>
      Object.values(state.open).map((finding): [string, Finding] => [finding.id, finding]),
    ),
  );

const said = ([id, finding]: [string, Finding]): [string, string] => [id, saying(finding)];

const outcomeOf = async (system: System, sentAt: ReadonlyMap<string, number>): Promise<Rest> => {
  const { tables, told, securityHubs, gateways, processes } = system;
  const first = new Map<string, number>();
  for (const { eventId, at } of told) {
    const sent = eventId === undefined ? undefined : sentAt.get(eventId);
    if (eventId !== undefined && sent !== undefined && !first.has(eventId)) first.set(eventId, at - sent);
  }
  const all = Object.values(processes).flat();
  const kills = (of: readonly { kills(): number }[]) => of.reduce((sum, process) => sum + process.kills(), 0);
  const errors = new Map<string, number>();
  const notHeard = all.flatMap((process) =>
    process
      .log()
      .flatMap(({ message, correlation_id: id }) =>
        message === 'the dead-letter queue did not take a message' ? String(id) : [],
      ),
  );
  for (const line of all.flatMap((process) => process.log())) {
    if (line.level !== 'ERROR' && line.level !== 'WARN') continue;
    const error = line.error as { name?: string; message?: string } | undefined;
    const text = `${line.message}: ${error?.name ?? ''}`;
    errors.set(text, (errors.get(text) ?? 0) + 1);
  }
  return {
    open: new Map([...(await openIn(system))].map(said)),
    securityHub: new Map(
      securityHubs.all().flatMap((hub) =>
        [...hub.findings()].map(([id, finding]): [string, string] => {
          const { RecordState, Compliance } = finding as {
            RecordState?: string;
            Compliance?: { Status?: string };
          };
          return [id, `${RecordState} ${Compliance?.Status}`];
        }),
      ),
    ),
    told,
    lost: processes.deliver.flatMap((process) => process.lost()),
    deadLetters: system.deadLetters(),
    unanswered: [...system.unanswered, ...notHeard],
    undelivered: await tables.undelivered(),
    otherDeadLetters: system.otherDeadLetters().length,
    faults: sumOf(gateways.map(({ counts }) => counts)),
    roleFaults: system.roleFaults,
    kills: {
      audit: kills(processes.audit),
      deliver: kills(processes.deliver),
      inventory: kills(processes.inventory),
    },
    calls: gateways.reduce((sum, gateway) => sum + gateway.calls(), 0),
    latencies: [...first.values()].toSorted((one, other) => one - other),
    errors,
  };
};

const saying = ({ resource, control, status, severity, subject, evidence, suppression }: Finding): string =>
  JSON.stringify({
    type: resource.type,
    arn: resource.arn,
    control,
    status,
    severity,
    subject,
    suppression,
    evidence: evidence.map(({ at, found, expected }) => JSON.stringify([at, found, expected])).toSorted(),
  });

const sumOf = (counts: readonly FaultCounts[]): FaultCounts =>
  counts.reduce(
    (sum, one) => ({
      throttled: sum.throttled + one.throttled,
      failed: sum.failed + one.failed,
      conflicts: sum.conflicts + one.conflicts,
      refused: sum.refused + one.refused,
      slackBusy: sum.slackBusy + one.slackBusy,
    }),
    { throttled: 0, failed: 0, conflicts: 0, refused: 0, slackBusy: 0 },
  );
