import type { Random } from '../support/builders/seeded.ts';
import { type Call, type Fault, startFaultProxy } from '../support/emulators/fault-proxy.ts';
import type { SecurityHubs } from '../support/standins/security-hubs.ts';
import type { SlackStandIn } from '../support/standins/slack.ts';
import { faultFor } from './aws-faults.ts';
import { type ChannelMessage, toldBy } from './channel-messages.ts';

/** How often each fault happens, as a share from 0 to 1. */
export type Rates = {
  throttled: number;
  failed: number;
  /** The share of state writes before which another auditor writes. */
  conflicts: number;
  /** The share of findings that Security Hub refuses. */
  refused: number;
  /** The share of calls that Slack answers with 429. */
  slackBusy: number;
};

export const NO_FAULTS: Rates = { throttled: 0, failed: 0, conflicts: 0, refused: 0, slackBusy: 0 };

export type Upstreams = {
  moto: string;
  dynamodb: string;
  queues: string;
  sts: string;
  cloudTrail: string;
  securityHubs: SecurityHubs;
  slack: SlackStandIn;
  /** The fault of a call to assume a role that cannot be assumed for a while. */
  roleFault(call: Call): Fault | undefined;
  /** Writes to an item as another auditor would. */
  interfere(key: object): Promise<void>;
};

export type FaultCounts = Record<keyof Rates, number>;

/** Everything that a function's process sends and receives. */
export type Gateway = {
  endpoint: string;
  counts: FaultCounts;
  calls(): number;
  /** The messages that killed processes had sent but not yet noted as sent. */
  lost(): readonly ChannelMessage[];
  /** Runs `kill` at a call that is this many calls ahead, before or after its answer; `isCounted`: of which calls. */
  killAt(calls: number, kill: () => void, isCounted: (call: Call) => boolean): void;
  /** Says that a new process calls from now on. */
  restarted(): void;
  stop(): Promise<void>;
};

/** Starts a gateway for one process: all calls of its function pass through it, to any service. */
export const startGateway = async (
  upstreams: Upstreams,
  rates: Rates,
  random: Random,
  onTold: (told: ChannelMessage) => void,
): Promise<Gateway> => {
  const counts: FaultCounts = { throttled: 0, failed: 0, conflicts: 0, refused: 0, slackBusy: 0 };
  const happens = (kind: keyof Rates): boolean => {
    const does = random() < rates[kind];
    if (does) counts[kind]++;
    return does;
  };
  let calls = 0;
  let end:
    | { left: number; isAfter: boolean; kill: () => void; isCounted: (call: Call) => boolean }
    | undefined;
  let unnoted: ChannelMessage[] = [];
  const lost: ChannelMessage[] = [];
  /** Unanswered calls, also of ended processes: what such a process had sent still arrives. */
  const underWay = new Set<Call>();
  const orphans = new WeakSet<Call>();
  let isDead = false;

  const killWhenDue = (): void => {
    if (!end || end.left > 0) return;
    const { kill } = end;
    end = undefined;
    isDead = true;
    for (const call of underWay) orphans.add(call);
    lost.push(...unnoted);
    unnoted = [];
    kill();
  };

  const proxy = await startFaultProxy({
    upstreamOf: ({ service, operation }) => {
      if (service === 'dynamodb') return upstreams.dynamodb;
      if (service === 'sqs') return upstreams.queues;
      if (service === 'sts') return upstreams.sts;
      if (service === 'cloudtrail') return upstreams.cloudTrail;
      if (service === 'securityhub') return upstreams.securityHubs.endpoint;
      return operation.includes('/api/chat.') ? new URL(upstreams.slack.apiUrl).origin : upstreams.moto;
    },
    before: async (call) => {
      const { service, operation, body } = call;
      underWay.add(call);
      if (isDead) orphans.add(call);
      if (service === 'securityhub') {
        const { Findings = [] } = JSON.parse(body) as { Findings?: { Id: string }[] };
        for (const { Id } of Findings)
          if (happens('refused')) for (const hub of upstreams.securityHubs.all()) hub.failNext({ id: Id });
      }
      if (operation.includes('/api/chat.') && happens('slackBusy')) upstreams.slack.throttleNext(1, 1);
      const key = service === 'dynamodb' && operation === 'PutItem' ? stateKey(body) : undefined;
      if (key && happens('conflicts')) await upstreams.interfere(key);
      if (!end?.isAfter) killWhenDue();
    },
    after: (call, status) => {
      const { service, operation, body } = call;
      underWay.delete(call);
      if (status < 300) {
        const told = toldBy(service, operation, body);
        for (const each of told) onTold(each);
        (orphans.has(call) ? lost : unnoted).push(...told);
        if (service === 'dynamodb') unnoted = unnoted.filter((each) => !isNote(each, operation, body));
      }
      killWhenDue();
    },
  });
  proxy.fail((call: Call): Fault | undefined => {
    calls++;
    if (end?.isCounted(call)) end.left--;
    if (calls % 500 === 0) proxy.take(); // the bodies of a whole run would fill the memory
    const barred = upstreams.roleFault(call);
    if (barred) return barred;
    if (happens('throttled')) return faultFor(call, 'throttled');
    return happens('failed') ? faultFor(call, 'failed') : undefined;
  });
  return {
    endpoint: proxy.endpoint,
    counts,
    calls: () => calls,
    lost: () => lost,
    killAt: (left, kill, isCounted) => {
      end = { left, isAfter: random() < 0.5, kill, isCounted };
    },
    restarted: () => {
      isDead = false;
    },
    stop: proxy.stop,
  };
};

/** The key of a resource's state in a write; undefined for other items. */
const stateKey = (body: string): object | undefined => {
  const { Item, ConditionExpression } = JSON.parse(body) as {
    Item?: { pk?: object; sk?: { S?: string } };
    ConditionExpression?: string;
  };
  return Item?.pk && Item.sk?.S === 'state' && ConditionExpression ? { pk: Item.pk, sk: Item.sk } : undefined;
};

/**
 * Whether a write notes that a finding was told: a channel's memory of an alert, or the deliverer's state for the
 * bus.
 */
const isNote = ({ channel, of, arn }: ChannelMessage, operation: string, body: string): boolean => {
  if (channel === 'bus')
    return (
      operation === 'PutItem' &&
      body.includes('"delivering"') &&
      body.includes(`"resource#${arn?.toLowerCase()}"`)
    );
  const id = channel === 'SNS' ? `alert#${of}` : 'alert#';
  return operation === 'BatchWriteItem' && body.includes(id) && body.includes(`"${channel}"`);
};
