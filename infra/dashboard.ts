import { Duration } from 'aws-cdk-lib';
import {
  type Alarm,
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IMetric,
  type IWidget,
  LogQueryVisualizationType,
  LogQueryWidget,
  Metric,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { Rule } from 'aws-cdk-lib/aws-events';
import { INTAKE_BUS } from '../shared/domain/member-roles.ts';
import { CLOSING_KINDS } from '../shared/findings/state.ts';
import { ruleDimensions, type Watched } from './alarms.ts';
import type { Base } from './base.ts';
import { ownMetric, SWEEP_COMPLETED } from './own-alarms.ts';

/** The dashboard: from incoming events to deliveries, and the state of each part on the way. */
export const dashboard = (base: Base, watched: Watched, all: Alarm[]): Dashboard => {
  const { stack, requests, retries, logs } = base;
  const { auditor, deliverer, sweeper, reporter, inventory, hook, historian, packer, machine } = watched;
  const functions = [auditor, deliverer, sweeper, reporter, inventory, hook, historian, packer].filter(
    (each) => each !== undefined,
  );
  const minutes = { period: Duration.minutes(5) };
  return new Dashboard(stack, 'Dashboard', {
    // Dashboards are one for all Regions of an account, which may have a deployment in each.
    dashboardName: `${stack.stackName}-${stack.region}`,
    defaultInterval: Duration.days(1),
    widgets: [
      [new AlarmStatusWidget({ title: 'Alarms', alarms: all, width: 24, height: 4 })],
      [
        graph(
          'Findings',
          ['opened', 'changed', ...CLOSING_KINDS].map((kind) => ownMetric(`Findings_${kind}`)),
        ),
        graph('Messages', [ownMetric('Messages'), ownMetric('MessagesFailed')]),
        graph('Events by rule', [
          ...watched.rules.map((rule) => matched(rule)),
          ...watched.membersRules.map((rule) => matched(rule, INTAKE_BUS)),
        ]),
      ],
      [
        graph(
          'Waiting',
          [requests.queue, requests.deadLetters, retries.queue, retries.deadLetters].map((queue) =>
            queue.metricApproximateNumberOfMessagesVisible({ ...minutes, label: queue.node.id }),
          ),
        ),
        graph('Oldest message (s)', [
          requests.queue.metricApproximateAgeOfOldestMessage({ ...minutes, label: 'Requests' }),
          retries.queue.metricApproximateAgeOfOldestMessage({ ...minutes, label: 'DeliveryRetries' }),
        ]),
        graph('Stream read late by (ms)', [
          deliverer.metric('IteratorAge', { ...minutes, statistic: 'Maximum' }),
        ]),
      ],
      [
        graph(
          'Duration, p99 (ms)',
          functions.map((each) => each.metricDuration({ ...minutes, statistic: 'p99', label: each.node.id })),
        ),
        graph(
          'Errors',
          functions.map((each) => each.metricErrors({ ...minutes, label: each.node.id })),
        ),
        graph('Sweeps', [
          SWEEP_COMPLETED,
          machine.metricFailed(minutes),
          machine.metricTime({ ...minutes, statistic: 'Maximum' }),
        ]),
      ],
      [
        graph('Not delivered', [
          ...['SecurityHub', 'SNS', 'Slack', 'AmazonQ', 'EventBridge'].map((sink) =>
            ownMetric(`${sink}Failures`),
          ),
          ownMetric('DeliveriesRetried'),
        ]),
        graph('Found by sweeps', [ownMetric('SweepMessages'), ownMetric('SweepGaps')]),
        graph('Put aside', [ownMetric('MessagesDeadLettered'), ownMetric('RecordsUnreadable')]),
      ],
      [
        new LogQueryWidget({
          title: 'Messages that come again',
          width: 24,
          height: 6,
          view: LogQueryVisualizationType.TABLE,
          logGroupNames: [logs.Audit.logGroupName, logs.Deliver.logGroupName],
          queryLines: [
            'fields @timestamp, correlation_id, message, error.message',
            'filter level = "ERROR"',
            'sort @timestamp desc',
            'limit 20',
          ],
        }),
      ],
    ],
  });
};

const graph = (title: string, left: IMetric[]): IWidget =>
  new GraphWidget({ title, left, width: 8, height: 6 });

const matched = (rule: Rule, bus?: string): IMetric =>
  new Metric({
    namespace: 'AWS/Events',
    metricName: 'MatchedEvents',
    dimensionsMap: ruleDimensions(rule, bus),
    statistic: 'Sum',
    period: Duration.minutes(5),
    label: rule.node.id,
  });
