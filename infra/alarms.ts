import { Duration } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  MathExpression,
  Metric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { Rule } from 'aws-cdk-lib/aws-events';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { overdueHours } from '../shared/config/sweep-schedule.ts';
import { INTAKE_BUS } from '../shared/domain/member-roles.ts';
import type { Base } from './base.ts';
import { unanswered } from './heartbeats.ts';
import { type AlarmSpec, historyFailures, hookUnjudged, ownAlarms, SWEEP_COMPLETED } from './own-alarms.ts';
import type { QueuePair } from './queues.ts';

/** What is watched besides the queues. */
export type Watched = {
  auditor: LambdaFunction;
  deliverer: LambdaFunction;
  sweeper: LambdaFunction;
  reporter: LambdaFunction;
  inventory: LambdaFunction;
  /** Missing where stacks are not judged before they are deployed. */
  hook?: LambdaFunction | undefined;
  /** Missing where no history is kept. */
  historian?: LambdaFunction | undefined;
  /** Missing where no evidence packs are made. */
  packer?: LambdaFunction | undefined;
  machine: StateMachine;
  rules: readonly Rule[];
  /** The rules on the intake of members’ events. */
  membersRules: readonly Rule[];
  /** Where the deliverer answers heartbeats. */
  heartbeats: Queue;
};

/** Every alarm, as data. */
const alarmSpecs = (
  {
    settings,
    requests,
    retries,
    inventories,
    history,
  }: Pick<Base, 'settings' | 'requests' | 'retries' | 'inventories' | 'history'>,
  {
    auditor,
    deliverer,
    sweeper,
    reporter,
    inventory,
    hook,
    historian,
    packer,
    machine,
    rules,
    membersRules,
    heartbeats,
  }: Watched,
): AlarmSpec[] => {
  const minute = { period: Duration.minutes(1), statistic: 'Maximum' };
  const five = { period: Duration.minutes(5), statistic: 'Sum' };
  const functions = {
    Audit: auditor,
    Deliver: deliverer,
    Sweep: sweeper,
    Report: reporter,
    Inventory: inventory,
    ...(hook && { Hook: hook }),
    ...(historian && { History: historian }),
    ...(packer && { Evidence: packer }),
  };
  return [
    {
      id: 'DeadLetters',
      description: 'An event could not be audited: a message is in the dead-letter queue',
      metric: requests.deadLetters.metricApproximateNumberOfMessagesVisible(minute),
      threshold: 1,
    },
    {
      id: 'EventsUnsent',
      description: 'EventBridge could send an event neither to the queue nor to the dead letters: it is lost',
      metric: lostBy(rules),
      threshold: 1,
    },
    // An alarm of its own, because the expression of an alarm takes ten metrics.
    ...(membersRules.length > 0
      ? [
          {
            id: 'MembersEventsUnsent',
            description:
              'EventBridge could send an event of a member neither to the queue nor to the dead letters: it is lost',
            metric: lostBy(membersRules, INTAKE_BUS),
            threshold: 1,
          },
        ]
      : []),
    unanswered(heartbeats),
    {
      id: 'RequestsOld',
      description: 'The oldest message has waited for half an hour: the auditor is behind, or does not run',
      metric: requests.queue.metricApproximateAgeOfOldestMessage(minute),
      threshold: 30 * 60,
      periods: 5,
    },
    {
      // What is held back comes again as a new message after a quarter of an hour at most; a message that sinks refuse again and again is not
      // counted from its third receipt on: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
      id: 'DeliveryRetriesOld',
      description:
        'What must be delivered again has waited for half an hour: the deliverer is behind, or does not read its queue',
      metric: retries.queue.metricApproximateAgeOfOldestMessage(minute),
      threshold: 30 * 60,
      periods: 5,
    },
    {
      // Five tries of a listing that is stopped each time take 80 minutes, and nothing else of the account is handed out meanwhile.
      id: 'InventoriesOld',
      description:
        'An account has waited for two hours to be listed: the inventory function is behind, or does not read its queue',
      metric: inventories.queue.metricApproximateAgeOfOldestMessage(minute),
      threshold: 2 * 60 * 60,
      periods: 5,
    },
    {
      id: 'DeliveryDeadLetters',
      description: 'A change of a finding could not be delivered in ten tries',
      metric: retries.deadLetters.metricApproximateNumberOfMessagesVisible(minute),
      threshold: 1,
    },
    {
      id: 'InventoryDeadLetters',
      description:
        'An account could not be listed in five tries: looks at its roles list all of it, or wait and end in the dead letters',
      metric: inventories.deadLetters.metricApproximateNumberOfMessagesVisible(minute),
      threshold: 1,
    },
    {
      id: 'DeliveryLate',
      description:
        'The stream of the findings table is read half an hour late: nobody is told of changes meanwhile',
      metric: deliverer.metric('IteratorAge', { period: Duration.minutes(5), statistic: 'Maximum' }),
      threshold: 30 * 60 * 1000,
      periods: 2,
    },
    ...Object.entries(functions).flatMap(([name, each]): AlarmSpec[] => [
      {
        id: `${name}Errors`,
        description: `The ${name.toLowerCase()} function failed as a whole`,
        metric: each.metricErrors(five),
        threshold: 1,
        periods: name === 'Audit' || name === 'Deliver' ? 3 : 1,
      },
      {
        id: `${name}Throttles`,
        description: `The ${name.toLowerCase()} function was throttled: it was needed more often at once than it may run`,
        metric: each.metricThrottles(five),
        threshold: 1,
        // A hub starts the lists of many accounts at once, which wait for each other.
        periods:
          name === 'Audit' || name === 'Deliver' || (name === 'Sweep' && settings.members !== undefined)
            ? 6
            : 1,
      },
    ]),
    ...ownAlarms(),
    ...(hook ? [hookUnjudged()] : []),
    ...(history ? historyAlarms(history) : []),
    {
      id: 'SweepFailed',
      description: 'A sweep failed, was stopped or took too long',
      metric: new MathExpression({
        expression: 'FILL(failed, 0) + FILL(stopped, 0) + FILL(late, 0)',
        usingMetrics: {
          failed: machine.metricFailed(five),
          stopped: machine.metricAborted(five),
          late: machine.metricTimedOut(five),
        },
        period: Duration.minutes(5),
        label: 'failed sweeps',
      }),
      threshold: 1,
    },
    {
      id: 'SweepOverdue',
      description: 'No sweep has been completed for twice the interval of its schedule',
      metric: new MathExpression({
        // Whoever may put metrics can forge the first, and not the second, which comes a second later.
        expression: 'IF(FILL(completed, 0) < 1 || FILL(succeeded, 0) < 1, 1, 0)',
        usingMetrics: {
          completed: SWEEP_COMPLETED,
          succeeded: machine.metricSucceeded({ period: Duration.hours(1), statistic: 'Sum' }),
        },
        period: Duration.hours(1),
        label: 'hours without a sweep',
      }),
      threshold: 1,
      periods: overdueHours(settings.sweepSchedule),
      silence: 'bad',
    },
  ];
};

/** The alarms of a deployment that keeps a history. */
const historyAlarms = ({ queue, deadLetters }: QueuePair): AlarmSpec[] => {
  const minute = { period: Duration.minutes(1), statistic: 'Maximum' };
  return [
    {
      id: 'HistoryOld',
      description:
        'Records of the history have waited for an hour: the history function is behind, or does not read its queue',
      metric: queue.metricApproximateAgeOfOldestMessage(minute),
      threshold: 60 * 60,
      periods: 5,
    },
    {
      id: 'HistoryDeadLetters',
      description:
        'Records of the history could not be kept in five tries: evidence is missing until they are replayed',
      metric: deadLetters.metricApproximateNumberOfMessagesVisible(minute),
      threshold: 1,
    },
    historyFailures(),
  ];
};

const MISSING = {
  good: TreatMissingData.NOT_BREACHING,
  bad: TreatMissingData.BREACHING,
  'as before': TreatMissingData.IGNORE,
} as const;

/** Each alarm tells the alert topic when it begins and when it ends. */
export const alarms = (base: Base, watched: Watched): Alarm[] => {
  const { stack, state } = base;
  const action = new SnsAction(Topic.fromTopicArn(stack, 'Alerts', state.alertTopicArn));
  return alarmSpecs(base, watched).map(
    ({ id, description, metric, threshold, periods = 1, of = periods, isLeast, silence }) => {
      const alarm = new Alarm(stack, `${id}Alarm`, {
        alarmName: `${stack.stackName}-${id}`,
        alarmDescription: description,
        metric,
        threshold,
        evaluationPeriods: periods,
        ...(of < periods && { datapointsToAlarm: of }),
        comparisonOperator: isLeast
          ? ComparisonOperator.LESS_THAN_THRESHOLD
          : ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        treatMissingData: MISSING[silence ?? 'good'],
      });
      alarm.addAlarmAction(action);
      alarm.addOkAction(action);
      return alarm;
    },
  );
};

/** How many events the rules of a bus have lost; of the default bus, if none is named. */
const lostBy = (rules: readonly Rule[], bus?: string): MathExpression =>
  new MathExpression({
    expression: rules.map((_, index) => `FILL(r${index}, 0)`).join(' + '),
    usingMetrics: Object.fromEntries(rules.map((rule, index) => [`r${index}`, unsent(rule, bus)])),
    period: Duration.minutes(5),
    label: 'events lost',
  });

const unsent = (rule: Rule, bus: string | undefined): Metric =>
  new Metric({
    namespace: 'AWS/Events',
    metricName: 'InvocationsFailedToBeSentToDlq',
    dimensionsMap: ruleDimensions(rule, bus),
    statistic: 'Sum',
    period: Duration.minutes(5),
  });

/**
 * The dimensions of a rule’s metrics.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html
 */
export const ruleDimensions = ({ ruleName }: Rule, bus: string | undefined): Record<string, string> => ({
  ...(bus !== undefined && { EventBusName: bus }),
  RuleName: ruleName,
});
