import { type Counts, HOURS_A_MONTH } from './cost-counts.ts';
import { cost } from './cost-prices.ts';

/** A size of what is watched. Pipelines, principals (roles and users) and buckets are those of all accounts and Regions together. */
export type Size = {
  name: string;
  accounts: number;
  regions: number;
  pipelines: number;
  principals: number;
  buckets: number;
  /** How often each pipeline runs in a day. */
  runsADay: number;
};

export const SIZES: readonly Size[] = [
  { name: 'small', accounts: 1, regions: 1, pipelines: 10, principals: 30, buckets: 3, runsADay: 1 },
  { name: 'middle', accounts: 1, regions: 2, pipelines: 100, principals: 200, buckets: 10, runsADay: 1 },
  { name: 'big', accounts: 1, regions: 2, pipelines: 1000, principals: 500, buckets: 50, runsADay: 1 },
  {
    name: 'organization',
    accounts: 50,
    regions: 4,
    pipelines: 1000,
    principals: 2500,
    buckets: 200,
    runsADay: 1,
  },
];

/**
 * What is taken for granted of a run and of the work that it makes. `measured` numbers are of docs/operations.md and of the benches;
 * `AWS` numbers are of the page beside them; the rest is `assumed`.
 */
export const QUANTITIES = {
  stepsARun: { is: 10, by: 'assumed', means: 'steps of a run' },
  eventsAStep: { is: 6, by: 'assumed', means: 'events of a step that rules match' },
  eventKb: { is: 3, by: 'assumed', means: 'KB of an event' },
  eventsABatch: {
    is: 5,
    by: 'assumed',
    means: 'events that share an invocation (the queue hands out up to ten)',
  },
  secondsABatch: {
    is: 1,
    by: 'assumed',
    means: 'seconds of such an invocation; warm it computes for some 10 ms an event, and waits for AWS',
  },
  changed: { is: 0.01, by: 'assumed', means: 'findings that change for each event' },
  readUnitsALook: { is: 2, by: 'measured', means: 'read units of a look' },
  writeUnitsABatch: { is: 1, by: 'measured', means: 'write units to note what a batch has handled' },
  writeUnitsAChange: {
    is: 5,
    by: 'measured',
    means: 'write units of a changed finding, until it is delivered',
  },
  writeUnitsASwept: {
    is: 3,
    by: 'assumed',
    means: 'write units of a swept resource: its state and its part of the index',
  },
  logKb: { is: 1.1, by: 'measured', means: 'KB of logs for each message' },
  storedKb: { is: 10, by: 'assumed', means: 'KB of a resource in the table: state, findings, index' },
  compressed: {
    is: 0.15,
    by: 'unconfirmed',
    means: 'part of its size that a stored log has (AWS compresses, and names no ratio)',
  },
  listSeconds: {
    is: 5,
    by: 'assumed',
    means: 'seconds that the sweep function takes for an account without anything',
  },
  listedASecond: { is: 25, by: 'assumed', means: 'resources that it lists in a second besides' },
  inventorySeconds: {
    is: 10,
    by: 'assumed',
    means: 'seconds that an inventory takes for an account without anything',
  },
  inventoriedASecond: {
    is: 10,
    by: 'measured',
    means: 'pipelines that it reads in a second besides, which is its pace',
  },
  waitSeconds: { is: 20, by: 'measured', means: 'seconds between two questions for the index' },
  longPolls: {
    is: 5,
    by: 'AWS',
    means:
      'connections by which Lambda polls a queue (https://aws.amazon.com/blogs/aws/aws-lambda-adds-amazon-simple-queue-service-to-supported-event-sources/)',
  },
  pollSeconds: {
    is: 20,
    by: 'unconfirmed',
    means:
      'seconds that each of these polls waits: SQS allows no more, and AWS does not say what Lambda uses',
  },
  tracedASecond: {
    is: 1,
    by: 'AWS',
    means:
      'traces a second that X-Ray always takes (https://docs.aws.amazon.com/xray/latest/devguide/xray-console-sampling.html)',
  },
  tracedOfRest: { is: 0.05, by: 'AWS', means: 'part of what is more that it traces (the same page)' },
  keyMinutes: {
    is: 5,
    by: 'unconfirmed',
    means:
      'minutes for which DynamoDB keeps a data key for each function (https://docs.aws.amazon.com/kms/latest/developerguide/services-dynamodb.html)',
  },
  expressMb: {
    is: 64,
    by: 'AWS',
    means:
      'MB of an express execution, of which AWS bills chunks (https://aws.amazon.com/step-functions/pricing/)',
  },
  archiveDays: { is: 30, by: 'measured', means: 'days that archives keep events' },
  gatheredSeconds: {
    is: 300,
    by: 'measured',
    means: 'seconds for which records of the history are gathered',
  },
  secondsAFileBatch: { is: 2, by: 'assumed', means: 'seconds in which what was gathered is written' },
  filesASweep: { is: 5, by: 'assumed', means: 'files of the history that a sweep of an account leads to' },
  fileKb: { is: 0.7, by: 'measured', means: 'KB of a look with twelve verdicts in the history' },
  packKb: { is: 4.3, by: 'measured', means: 'KB of such a look in an evidence pack' },
  packSecondsALook: {
    is: 0.0006,
    by: 'assumed',
    means: 'seconds that a pack takes for a look; half of it was measured, without S3',
  },
  partMb: { is: 8, by: 'measured', means: 'MB of a part of a large file' },
  keptMonths: { is: 12, by: 'assumed', means: 'months of files and packs whose storage is counted' },
} as const satisfies Record<
  string,
  { is: number; by: 'assumed' | 'measured' | 'AWS' | 'unconfirmed'; means: string }
>;

/** A quantity by its name. */
export const q = (name: keyof typeof QUANTITIES): number => QUANTITIES[name].is;

export const DAYS_A_MONTH = HOURS_A_MONTH / 24;
const SECONDS_A_MONTH = HOURS_A_MONTH * 3600;
export const KB_A_GB = 1024 * 1024;

/** How many of so many executions in a month are traced, if they come one after the other. */
export const traced = (executions: number): number => {
  const always = Math.min(executions, SECONDS_A_MONTH * q('tracedASecond'));
  return always + (executions - always) * q('tracedOfRest');
};

/** Requests in a month to a queue in which nothing is. */
export const idlePolls = (): number => (q('longPolls') * SECONDS_A_MONTH) / q('pollSeconds');

export type Line = { part: string; dollars: number };

/** The work of a month: resources, those that sweeps look at, events, batches, findings that change, and sweeps of an account. */
export const workOf = ({ sweeps, starts }: Pick<Counts, 'sweeps' | 'starts'>, size: Size) => {
  const resources = size.pipelines + size.principals + size.buckets;
  const swept = (resources + size.accounts) * sweeps;
  const events = size.pipelines * size.runsADay * DAYS_A_MONTH * q('stepsARun') * q('eventsAStep');
  return {
    resources,
    swept,
    events,
    // What a schedule starts comes alone, at most.
    batches: (events + swept) / q('eventsABatch') + starts,
    // A heartbeat is noted, so that the deliverer answers it, and nobody else is told.
    changes: (events + swept) * q('changed'),
    accountSweeps: sweeps * size.accounts,
  };
};

/** The GB-seconds of so many seconds of a function. */
export const gigabyteSecondsOf =
  ({ memoryMb }: Pick<Counts, 'memoryMb'>) =>
  (name: string, seconds: number): number =>
    ((memoryMb[name] ?? 0) / 1024) * seconds;

/** What a deployment costs in a month, part by part, in dollars. `ownMetrics` is how many metrics of its own it may send. */
export const linesOf = (counts: Counts, size: Size, ownMetrics: number): Line[] => {
  const { sweep, sweeps } = counts;
  const isHub = size.accounts > 1;
  const { resources, swept, events, batches, changes, accountSweeps } = workOf(counts, size);
  // What comes from another Region, or from another account. All are alike.
  const home = 1 / (size.accounts * size.regions);
  const forwarded = events * (1 - home);
  const messages = events + swept + counts.starts;
  const deliveries = changes + counts.starts;
  const inventorySeconds = q('inventorySeconds') + size.pipelines / size.accounts / q('inventoriedASecond');
  const waits = Math.ceil(inventorySeconds / q('waitSeconds'));
  const sends = sweeps * Math.max(size.accounts, Math.ceil((resources + size.accounts) / 10));
  const gigabyteSeconds = gigabyteSecondsOf(counts);
  const eventGb = (messages * q('eventKb')) / KB_A_GB;
  const logGb = (messages * q('logKb')) / KB_A_GB;
  const storedGb = (resources * q('storedKb')) / KB_A_GB;
  const invocations = {
    audit: batches,
    deliver: deliveries,
    sweep: accountSweeps * (2 + waits),
    inventory: accountSweeps,
  };
  const line = (part: string, ...dollars: number[]): Line => ({
    part,
    dollars: dollars.reduce((one, other) => one + other, 0),
  });
  return [
    line('keys and secrets', cost('key', counts.keys), cost('secret', counts.secrets)),
    line('metrics in alarms', cost('alarmMetric', counts.alarmMetrics)),
    line('own metrics', cost('ownMetric', ownMetrics)),
    line('dashboard', cost('dashboard', counts.dashboards)),
    line(
      'polls of empty queues',
      cost('standardRequest', counts.pollers.standard * idlePolls()),
      cost('fifoRequest', counts.pollers.fifo * idlePolls()),
    ),
    line(
      'KMS requests',
      cost('keyRequest', (counts.functions * HOURS_A_MONTH * 60) / q('keyMinutes') + changes),
    ),
    line(
      'EventBridge',
      cost('busEvent', forwarded + changes),
      cost('schedule', counts.starts + sweeps),
      ...(counts.archives > 0
        ? [
            cost('archived', (events * q('eventKb')) / KB_A_GB),
            cost('archiveStored', (events * q('eventKb') * q('archiveDays')) / DAYS_A_MONTH / KB_A_GB),
          ]
        : []),
    ),
    // Sent one by one, by sweeps in tens; received and deleted in batches.
    line(
      'SQS',
      cost('standardRequest', events + 2 * counts.starts + swept / 10 + 2 * batches),
      cost('fifoRequest', 3 * accountSweeps),
    ),
    line(
      'Lambda',
      cost('invocation', invocations.audit + invocations.deliver + invocations.sweep + invocations.inventory),
      cost(
        'gigabyteSecond',
        gigabyteSeconds('Audit', batches * q('secondsABatch')) +
          gigabyteSeconds('Deliver', deliveries) +
          gigabyteSeconds(
            'Sweep',
            accountSweeps * (q('listSeconds') + waits + 1) + swept / q('listedASecond'),
          ) +
          gigabyteSeconds('Inventory', accountSweeps * inventorySeconds),
      ),
    ),
    line(
      'Step Functions',
      // One for each execution that a map starts, which AWS’s page leaves open.
      cost(
        'transition',
        sweeps * sweep.once +
          accountSweeps * (sweep.account + waits * sweep.wait) +
          sends +
          (isHub ? accountSweeps : 0),
      ),
      cost('expressRequest', sends),
      cost('expressGigabyteSecond', sends * (q('expressMb') / 1024) * (sweep.pauseSeconds + 1)),
    ),
    line(
      'DynamoDB',
      cost('readUnit', messages * q('readUnitsALook')),
      cost(
        'writeUnit',
        batches * q('writeUnitsABatch') + changes * q('writeUnitsAChange') + swept * q('writeUnitsASwept'),
      ),
      cost('tableStored', storedGb),
      cost('tableBackup', storedGb),
    ),
    line(
      'logs',
      cost('logIngested', logGb),
      cost('logStored', (logGb * q('compressed') * counts.logDays) / DAYS_A_MONTH),
    ),
    line(
      'X-Ray',
      counts.isTraced ? cost('trace', traced(batches) + traced(deliveries) + traced(accountSweeps * 2)) : 0,
    ),
    line(
      'S3',
      cost('objectPut', accountSweeps * 2 + sweeps),
      cost('objectGet', batches + accountSweeps * 2),
      cost('objectStored', (eventGb * swept) / Math.max(messages, 1)),
    ),
    line('Security Hub, SNS', cost('imported', changes), cost('published', changes), cost('mail', changes)),
  ];
};

/** The parts that cost the same whatever happens. */
export const AT_REST: readonly string[] = [
  'keys and secrets',
  'metrics in alarms',
  'own metrics',
  'dashboard',
  'polls of empty queues',
  'KMS requests',
];

/** What a million more events cost, in dollars. */
export const perMillionEvents = (counts: Counts, size: Size): number => {
  const perRun = size.pipelines * DAYS_A_MONTH * q('stepsARun') * q('eventsAStep');
  const totalOf = (runsADay: number) => total(linesOf(counts, { ...size, runsADay }, 0));
  return totalOf(1_000_000 / perRun) - totalOf(0);
};

/** The same with no pipeline, principal or bucket in it: what is paid for waiting, sweeps included. */
export const idle = (size: Size): Size => ({ ...size, pipelines: 0, principals: 0, buckets: 0 });

export const total = (lines: readonly Line[]): number => lines.reduce((sum, { dollars }) => sum + dollars, 0);
