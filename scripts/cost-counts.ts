import { intervalHours } from '../shared/config/sweep-schedule.ts';
import { isObject, type Json, member } from '../shared/json/json.ts';

/** A template of CloudFormation, as the CDK makes it. */
export type Template = { Resources: Record<string, Resource> };
type Resource = { Type: string; Properties?: Record<string, Json> };

/** What in a deployment’s templates costs something, in numbers. */
export type Counts = {
  keys: number;
  secrets: number;
  dashboards: number;
  alarmMetrics: number;
  /** The names of the metrics of its own that alarms and dashboards show. */
  ownMetrics: readonly string[];
  /** Functions that poll a queue, by the kind of queue. */
  pollers: { standard: number; fifo: number };
  archives: number;
  functions: number;
  memoryMb: Readonly<Record<string, number>>;
  logDays: number;
  /** How often schedules, and rules with one, start something in a month, sweeps apart: heartbeats for the most part. */
  starts: number;
  sweeps: number;
  sweep: SweepSteps;
  isTraced: boolean;
};

/** How many transitions a sweep without faults makes. */
export type SweepSteps = {
  once: number;
  /** For each account, where a sweep goes over accounts. */
  account: number;
  /** For each wait for an index. */
  wait: number;
  /** How many seconds an execution for ten messages pauses. */
  pauseSeconds: number;
};

export const HOURS_A_MONTH = 730;

/** Resources for which AWS takes nothing while nothing happens, and what is counted of which elsewhere. */
const FREE = new Set([
  // What is asked of it costs.
  'AWS::Athena::NamedQuery',
  'AWS::Athena::WorkGroup',
  'AWS::CloudFormation::CustomResource',
  // What it calls costs.
  'AWS::CloudFormation::LambdaHook',
  'AWS::CloudFormation::StackSet',
  'AWS::Events::EventBus',
  'AWS::Events::EventBusPolicy',
  'AWS::Events::Rule',
  // AWS takes something from a million objects of its catalogue on.
  'AWS::Glue::Database',
  'AWS::Glue::Table',
  'AWS::IAM::Policy',
  'AWS::IAM::Role',
  'AWS::KMS::Alias',
  'AWS::Lambda::EventInvokeConfig',
  'AWS::Lambda::Permission',
  'AWS::Lambda::ResourcePolicy',
  // What is in it costs.
  'AWS::DynamoDB::GlobalTable',
  'AWS::Logs::LogGroup',
  'AWS::S3::Bucket',
  'AWS::S3::BucketPolicy',
  'AWS::SNS::Topic',
  'AWS::SNS::TopicPolicy',
  'AWS::SQS::Queue',
  'AWS::SQS::QueuePolicy',
]);
const COUNTED = new Set([
  'AWS::CloudWatch::Alarm',
  'AWS::CloudWatch::Dashboard',
  'AWS::Events::Archive',
  'AWS::KMS::Key',
  'AWS::Lambda::EventSourceMapping',
  'AWS::Lambda::Function',
  'AWS::Scheduler::Schedule',
  'AWS::SecretsManager::Secret',
  'AWS::StepFunctions::StateMachine',
]);

/**
 * Counts what costs in the templates of one account.
 * @throws {Error} where a template has a resource of which nobody has said what it costs.
 */
export const countsOf = (templates: readonly Template[]): Counts => {
  const all = templates.flatMap(({ Resources }) => Object.entries(Resources));
  const unknown = all.find(([, { Type }]) => !FREE.has(Type) && !COUNTED.has(Type));
  if (unknown)
    throw new Error(`what does ${unknown[1].Type} (${unknown[0]}) cost? Say it in scripts/cost-counts.ts`);
  const of = (type: string) =>
    all.flatMap(([id, { Type, Properties = {} }]) => (Type === type ? [{ id, properties: Properties }] : []));
  const queues = new Map(
    of('AWS::SQS::Queue').map(({ id, properties }) => [id, properties.FifoQueue === true]),
  );
  const polled = of('AWS::Lambda::EventSourceMapping').flatMap(({ properties }) => {
    const isFifo = queues.get(idIn(properties.EventSourceArn));
    return isFifo === undefined ? [] : [isFifo];
  });
  const machines = new Map(
    of('AWS::StepFunctions::StateMachine').map(({ id, properties }) => [id, definitionOf(properties)]),
  );
  const schedules = [
    ...of('AWS::Scheduler::Schedule'),
    ...of('AWS::Events::Rule').filter(({ properties }) => properties.ScheduleExpression !== undefined),
  ].map(({ properties }) => ({
    starts: HOURS_A_MONTH / hoursBetween(String(properties.ScheduleExpression)),
    isSweep: machines.has(idIn(member(properties.Target ?? null, 'Arn') ?? null)),
  }));
  const startsOf = (isWanted: boolean): number =>
    sum(schedules.flatMap(({ starts, isSweep }) => (isSweep === isWanted ? [starts] : [])));
  const alarms = of('AWS::CloudWatch::Alarm').map(({ properties }) => metricsOf(properties));
  const functions = of('AWS::Lambda::Function');
  const [machine] = machines.values();
  return {
    keys: of('AWS::KMS::Key').length,
    secrets: of('AWS::SecretsManager::Secret').length,
    dashboards: of('AWS::CloudWatch::Dashboard').length,
    alarmMetrics: sum(alarms.map(({ length }) => length)),
    ownMetrics: [
      ...new Set([
        ...alarms.flat().flatMap((metric) => (metric.Namespace === OWN ? [String(metric.MetricName)] : [])),
        ...of('AWS::CloudWatch::Dashboard').flatMap(({ properties }) =>
          [...JSON.stringify(properties).matchAll(/\[\\"Pipewarden\\",\\"(\w+)\\"/g)].map(
            ([, name = '']) => name,
          ),
        ),
      ]),
    ],
    pollers: {
      standard: polled.filter((isFifo) => !isFifo).length,
      fifo: polled.filter((isFifo) => isFifo).length,
    },
    archives: of('AWS::Events::Archive').length,
    functions: functions.length,
    memoryMb: Object.fromEntries(
      functions.map(({ id, properties }) => [
        id.replace(/Function[0-9A-F]{8}$/, ''),
        Number(properties.MemorySize ?? 128),
      ]),
    ),
    logDays: Math.max(
      0,
      ...of('AWS::Logs::LogGroup').map(({ properties }) => Number(properties.RetentionInDays ?? 0)),
    ),
    starts: startsOf(false),
    sweeps: startsOf(true),
    sweep: machine === undefined ? { once: 0, account: 0, wait: 0, pauseSeconds: 0 } : sweepStepsOf(machine),
    isTraced: functions.some(
      ({ properties }) => member(properties.TracingConfig ?? null, 'Mode') === 'Active',
    ),
  };
};

const OWN = 'Pipewarden';

const sum = (numbers: readonly number[]): number => numbers.reduce((one, other) => one + other, 0);

/** The hours between two times of a schedule; a cron expression that names no hour means each, and one that names a day of the month that alone. */
const hoursBetween = (expression: string): number => {
  if (/^cron\(\d+ \* /.test(expression)) return 1;
  return /^cron\(\d+ \d+ \d+ \* /.test(expression) ? HOURS_A_MONTH : intervalHours(expression);
};

/** The resource that `Ref` or `Fn::GetAtt` names; empty where it is another value. */
const idIn = (value: Json | undefined): string => {
  if (!isObject(value)) return '';
  const named = value.Ref ?? value['Fn::GetAtt'];
  return String(Array.isArray(named) ? named[0] : (named ?? ''));
};

/** The metrics of an alarm. An alarm of an expression costs what each of its metrics costs. */
const metricsOf = (properties: Record<string, Json>): Record<string, Json>[] =>
  Array.isArray(properties.Metrics)
    ? properties.Metrics.flatMap((each) => {
        const metric = member(member(each, 'MetricStat'), 'Metric');
        return isObject(metric) ? [metric] : [];
      })
    : [properties];

type State = {
  Type: string;
  Next?: string;
  Default?: string;
  Choices?: { Next: string }[];
  Seconds?: number;
  ItemProcessor?: Machine & { ProcessorConfig?: { ExecutionType?: string } };
};
type Machine = { StartAt: string; States: Record<string, State> };

/** The definition of a state machine. Places of which only the deployment knows are left out. */
const definitionOf = ({ DefinitionString }: Record<string, Json>): Machine => {
  const parts = isObject(DefinitionString) ? DefinitionString['Fn::Join'] : undefined;
  const pieces = Array.isArray(parts) && Array.isArray(parts[1]) ? parts[1] : [DefinitionString];
  return JSON.parse(pieces.map((piece) => (typeof piece === 'string' ? piece : 'place')).join(''));
};

const sweepStepsOf = (machine: Machine): SweepSteps => {
  const top = path(machine);
  const overAccounts = top.find(
    ({ ItemProcessor }) => ItemProcessor?.ProcessorConfig?.ExecutionType === 'STANDARD',
  );
  const account = overAccounts?.ItemProcessor && path(overAccounts.ItemProcessor);
  const sending = (account ?? top).find(
    ({ ItemProcessor }) => ItemProcessor?.ProcessorConfig?.ExecutionType === 'EXPRESS',
  );
  const waits = (account ?? top).filter(({ Type }) => Type === 'Wait').length > 0;
  return {
    once: top.length + 1,
    account: account ? account.length + 1 : 0,
    wait: waits ? WAIT_STEPS : 0,
    pauseSeconds: sum(
      sending?.ItemProcessor ? path(sending.ItemProcessor).map(({ Seconds = 0 }) => Seconds) : [],
    ),
  };
};

/** The wait, the question, and the choice that leads to the next wait. */
const WAIT_STEPS = 3;

const MOST_STATES = 100;

/**
 * The states that an execution without faults goes through. At a choice it takes the first way that is new and ends in no failure, so that
 * a loop is gone through once.
 */
const path = ({ StartAt, States }: Machine): State[] => {
  const seen = new Set<string>();
  const states: State[] = [];
  for (let name: string | undefined = StartAt; name !== undefined; ) {
    const state: State | undefined = States[name];
    if (state === undefined || states.length > MOST_STATES)
      throw new Error(`the state machine has no way to its end from ${name}`);
    seen.add(name);
    states.push(state);
    const ways: (string | undefined)[] = [
      ...(state.Choices ?? []).map(({ Next }) => Next),
      state.Default,
      state.Next,
    ];
    name = ways.find((way) => {
      const isFailure = way !== undefined && States[way]?.Type === 'Fail';
      return way !== undefined && !isFailure && (!seen.has(way) || States[way]?.Type === 'Choice');
    });
  }
  return states;
};
