import { Duration } from 'aws-cdk-lib';
import { type IMetric, MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch';

/** One alarm. docs/operations.md says for each id what to do. */
export type AlarmSpec = {
  id: string;
  description: string;
  metric: IMetric;
  threshold: number;
  periods?: number;
  /** How many of the periods must be over the threshold; all, where it is missing. */
  of?: number;
  /** Set where the metric is to reach the threshold, and the alarm begins below it. */
  isLeast?: true;
  /** What missing data means: `bad` = something is wrong, `as before` = no change; without `silence`, all is well. */
  silence?: 'bad' | 'as before';
};

/** A metric that the functions or the sweep write themselves. */
export const ownMetric = (metricName: string, period = Duration.minutes(5)): Metric =>
  new Metric({
    namespace: 'Pipewarden',
    metricName,
    // Powertools writes this dimension.
    dimensionsMap: { service: 'pipewarden' },
    statistic: 'Sum',
    period,
  });

export const SWEEP_COMPLETED = new Metric({
  namespace: 'Pipewarden',
  metricName: 'SweepCompleted',
  statistic: 'Sum',
  period: Duration.hours(1),
});

const QUARTER = Duration.minutes(15);

/** A refused delivery is tried again after 30 seconds, then later each time, at most after a quarter of an hour. */
const LASTING = { periods: 3, of: 2 };

/**
 * A metric of ours in an alarm. Whoever may put metrics can add values to it, also negative ones, which would make a sum smaller; the largest
 * value stays.
 */
const alarming = (metricName: string, period?: Duration): Metric =>
  ownMetric(metricName, period).with({ statistic: 'Maximum' });

/** The alarm of a deployment with a hook. */
export const hookUnjudged = (): AlarmSpec => ({
  id: 'HookUnjudged',
  description: 'The hook could not judge a stack or resource before it was deployed',
  metric: alarming('HooksUnjudged'),
  threshold: 1,
});

/** The alarm of a deployment that keeps a history. */
export const historyFailures = (): AlarmSpec => ({
  id: 'HistoryFailures',
  description: 'The queue of the history refused changes, or could not be reached',
  metric: alarming('HistoryFailures', QUARTER),
  threshold: 1,
  ...LASTING,
});

/** The alarms on metrics that the functions write themselves. */
export const ownAlarms = (): AlarmSpec[] => [
  {
    id: 'SecurityHubFailures',
    description: 'Security Hub refused findings, or could not be reached',
    metric: alarming('SecurityHubFailures', QUARTER),
    threshold: 1,
    ...LASTING,
  },
  {
    id: 'ChannelFailures',
    description: 'A topic, a Slack channel or the bus refused a change, or could not be reached',
    metric: new MathExpression({
      expression: 'FILL(sns, 0) + FILL(slack, 0) + FILL(amazonq, 0) + FILL(bus, 0)',
      usingMetrics: {
        sns: alarming('SNSFailures', QUARTER),
        slack: alarming('SlackFailures', QUARTER),
        amazonq: alarming('AmazonQFailures', QUARTER),
        bus: alarming('EventBridgeFailures', QUARTER),
      },
      period: QUARTER,
      label: 'alerts not taken',
    }),
    threshold: 1,
    ...LASTING,
  },
  {
    id: 'RecordsUnreadable',
    description: 'An event could not be understood: it is in the dead-letter queue, and a finding reports it',
    metric: alarming('RecordsUnreadable'),
    threshold: 1,
  },
  {
    id: 'CallsRefused',
    description:
      'Somebody has called a function directly, with messages that come from no queue or stream of this deployment',
    metric: alarming('CallsRefused'),
    threshold: 1,
  },
  {
    id: 'TrailNotLogging',
    description: 'CloudTrail does not log the calls that the auditor needs: only sweeps find breaches',
    metric: alarming('TrailNotLogging', Duration.hours(1)),
    threshold: 1,
    silence: 'as before',
  },
  {
    id: 'TrailUnread',
    description: 'AWS does not tell whether CloudTrail logs the calls that the auditor needs',
    metric: alarming('TrailUnread', Duration.hours(1)),
    threshold: 1,
    silence: 'as before',
  },
  {
    id: 'EventsNotArriving',
    description:
      'A sweep found events of a service in a Region, none of which had arrived: a rule or forwarder is gone or disabled, or no trail logs them',
    metric: alarming('EventsNotArriving', Duration.hours(1)),
    threshold: 1,
    silence: 'as before',
  },
  {
    id: 'SweepGaps',
    description: 'The last sweep could not list or look up everything: a finding on the account says what',
    metric: alarming('SweepGaps', Duration.hours(1)),
    threshold: 1,
    silence: 'as before',
  },
];
