import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { afterAll, describe, expect, test } from '@jest/globals';
import { Template } from 'aws-cdk-lib/assertions';
import { connectSinks } from '../../functions/deliver/sinks.ts';
import { failureMetric } from '../../functions/deliver/tell-sinks.ts';
import { metricsInSources } from '../../scripts/own-metrics.ts';
import { processMemory } from '../../shared/alerts/alerting.ts';
import { ACCOUNT, deployables, deployment, REGION, settingsFor } from '../support/templates/synthesised.ts';

const files = deployables();
afterAll(files.remove);
const template = Template.fromStack(deployment(settingsFor(files)).pipewarden);

type Watched = { name: string; dimensions: Record<string, string> };
type AlarmMetric = {
  Namespace?: string;
  MetricName?: string;
  Dimensions?: { Name: string; Value: string }[];
};

const watchedOf = ({ Namespace, MetricName = '', Dimensions = [] }: AlarmMetric): Watched[] =>
  Namespace === 'Pipewarden'
    ? [
        {
          name: MetricName,
          dimensions: Object.fromEntries(Dimensions.map(({ Name, Value }) => [Name, Value])),
        },
      ]
    : [];

/** What alarms watch in the namespace, alone or in an expression. */
const ofAlarms = Object.values(template.findResources('AWS::CloudWatch::Alarm')).flatMap(({ Properties }) => [
  ...watchedOf(Properties),
  ...((Properties.Metrics ?? []) as { MetricStat?: { Metric: AlarmMetric } }[]).flatMap(({ MetricStat }) =>
    MetricStat ? watchedOf(MetricStat.Metric) : [],
  ),
]);

/** What the dashboard shows: there a metric is a list of namespace, name, and names and values of dimensions. */
const ofDashboard = Object.values(template.findResources('AWS::CloudWatch::Dashboard')).flatMap(
  ({ Properties }) =>
    [
      ...JSON.stringify(Properties).matchAll(/\[\\"Pipewarden\\",\\"(\w+)\\"(?:,\\"(\w+)\\",\\"(\w+)\\")?/g),
    ].map(
      ([, name = '', dimension, value = '']): Watched => ({
        name,
        dimensions: dimension === undefined ? {} : { [dimension]: value },
      }),
    ),
);

const SINKS = connectSinks(
  { ALERT_TOPIC_ARN: `arn:aws:sns:${REGION}:${ACCOUNT}:alerts`, EVENT_BUS_NAME: 'pipewarden' },
  {
    scope: { account: ACCOUNT, region: REGION, partition: 'aws' },
    config: {
      version: 1,
      alerts: {
        slack: { secret: `arn:aws:secretsmanager:${REGION}:${ACCOUNT}:secret:slack` },
        chatbotTopicArn: `arn:aws:sns:${REGION}:${ACCOUNT}:chat`,
        routes: [{ match: {}, slack: { secret: `arn:aws:ssm:${REGION}:${ACCOUNT}:parameter/slack` } }],
      },
    },
    paths: { learn: async () => {}, pathOf: () => undefined },
    memory: processMemory(),
    onLeft: async () => {},
    now: () => new Date(),
  },
).map(({ name }) => name);

/** The names of the metrics that the functions send. */
const SENT = new Set([...metricsInSources(), ...SINKS.map(failureMetric)]);

/** What the state machine sends by itself, without dimensions. */
const OF_MACHINE = [
  ...JSON.stringify(template.findResources('AWS::StepFunctions::StateMachine')).matchAll(
    /\[\{(?:\\+")MetricName(?:\\+"):(?:\\+")(\w+)(?:\\+"),(?:\\+")Value/g,
  ),
].map(([, name]) => name);

/** The metric as a function with the environment of the template writes it into its log. */
const written = (name: string): Watched & { namespace: string } => {
  const [{ Properties } = { Properties: {} }] = Object.values(
    template.findResources('AWS::Lambda::Function'),
  );
  const { POWERTOOLS_METRICS_NAMESPACE: namespace, POWERTOOLS_SERVICE_NAME: serviceName } =
    Properties.Environment.Variables;
  const metrics = new Metrics({ namespace, serviceName });
  metrics.addMetric(name, MetricUnit.Count, 1);
  const line = metrics.serializeMetrics();
  const [directive] = line._aws.CloudWatchMetrics;
  const dimensions = (directive?.Dimensions[0] ?? []).map((each) => [each, String(line[each])]);
  return { name, namespace: directive?.Namespace ?? '', dimensions: Object.fromEntries(dimensions) };
};

describe('the watched metrics', () => {
  test('are in alarms and on the dashboard', () => {
    expect(ofAlarms.map(({ name }) => name)).toContain('SlackFailures');
    expect(ofDashboard.map(({ name }) => name)).toContain('DeliveriesRetried');
    expect(SENT.size).toBeGreaterThan(15);
  });

  test.each([
    ['alarms', ofAlarms],
    ['the dashboard', ofDashboard],
  ])('in %s are sent by somebody, with the same dimensions', (_by, watched) => {
    for (const { name, dimensions } of watched) {
      if (name === 'SweepCompleted') {
        expect([dimensions, OF_MACHINE]).toEqual([{}, [name]]);
      } else {
        expect([...SENT]).toContain(name);
        expect({ name, dimensions, namespace: 'Pipewarden' }).toEqual(written(name));
      }
    }
  });

  test('in alarms cannot be made smaller by whoever adds values', () => {
    const own = Object.values(template.findResources('AWS::CloudWatch::Alarm')).flatMap(({ Properties }) =>
      [
        { ...Properties, Stat: Properties.Statistic },
        ...((Properties.Metrics ?? []) as { MetricStat?: { Metric: AlarmMetric; Stat: string } }[]).map(
          ({ MetricStat }) => ({ ...MetricStat?.Metric, Stat: MetricStat?.Stat }),
        ),
      ].filter(({ Namespace, MetricName }) => Namespace === 'Pipewarden' && MetricName !== 'SweepCompleted'),
    );
    expect(own.length).toBeGreaterThan(8);
    for (const { MetricName, Stat } of own) expect([MetricName, Stat]).toEqual([MetricName, 'Maximum']);
  });

  test('that tell of a sweep are believed only if the state machine has succeeded in the same hour', () => {
    const [{ Properties } = { Properties: {} }] = Object.values(
      template.findResources('AWS::CloudWatch::Alarm', {
        Properties: { AlarmName: 'Pipewarden-SweepOverdue' },
      }),
    );
    const metrics = Properties.Metrics as { Expression?: string; MetricStat?: { Metric: AlarmMetric } }[];
    expect(metrics.flatMap(({ MetricStat }) => MetricStat?.Metric ?? [])).toMatchObject([
      { Namespace: 'Pipewarden', MetricName: 'SweepCompleted' },
      { Namespace: 'AWS/States', MetricName: 'ExecutionsSucceeded' },
    ]);
    expect(metrics[0]?.Expression).toBe('IF(FILL(completed, 0) < 1 || FILL(succeeded, 0) < 1, 1, 0)');
  });

  test('are shared by channels of one kind', () => {
    expect(new Set(SINKS.map(failureMetric))).toEqual(
      new Set([
        'SecurityHubFailures',
        'SNSFailures',
        'SlackFailures',
        'AmazonQFailures',
        'EventBridgeFailures',
      ]),
    );
    expect(SINKS.length).toBeGreaterThan(5);
  });
});
