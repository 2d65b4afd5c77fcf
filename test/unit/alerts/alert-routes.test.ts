import { describe, expect, test } from '@jest/globals';
import { alertChannels, type FindingPlaces, routesFor } from '../../../shared/alerts/alert-routes.ts';
import { checkConfig } from '../../../shared/config/check-config.ts';
import type { Alerts, FileConfig } from '../../../shared/config/schema.ts';
import type { Finding, Severity } from '../../../shared/domain/finding.ts';
import { aFinding } from '../../support/builders/finding.ts';

const secret = (name: string) => `arn:aws:secretsmanager:eu-west-1:111122223333:secret:${name}`;
const topic = (name: string) => `arn:aws:sns:eu-west-1:111122223333:${name}`;
const defaults = { topicArn: topic('all'), slackSecretArn: secret('deployed') };

const on = (resource: string, severity: Severity = 'HIGH', control = 'step-isolation'): Finding =>
  aFinding({
    control,
    severity,
    resource: { type: 'pipeline', arn: `arn:aws:sagemaker:eu-west-1:111122223333:${resource}` },
  });

const alerts: Alerts = {
  slack: { secret: secret('main') },
  chatbotTopicArn: topic('chat'),
  teams: { vision: { prefixes: ['vision'], resources: ['arn:aws:s3:::vision-*'] } },
  routes: [
    { match: { prefix: 'fraud' }, slack: { secret: secret('fraud') } },
    {
      match: { team: 'vision', severity: 'low' },
      slack: { secret: secret('vision') },
      topicArn: topic('vision'),
    },
    { match: { control: 'image-bucket-cors' }, topicArn: topic('cors') },
    { match: { prefix: 'fraud', severity: 'critical' }, slack: { secret: secret('duty') } },
  ],
};

const names = (finding: Finding, config: Alerts | undefined = alerts): string[] =>
  routesFor(finding, config, defaults).map(({ kind, arn }) => `${kind}:${arn.split(':').at(-1)}`);

describe('routesFor', () => {
  test.each<[string, Finding, string[]]>([
    [
      'what no route is for goes to the defaults',
      on('pipeline/sales'),
      ['slack:main', 'sns:all', 'amazon-q:chat'],
    ],
    ['but not below the minimum', on('pipeline/sales', 'MEDIUM'), []],
    [
      'a route replaces the default of its kind',
      on('pipeline/fraud-train'),
      ['slack:fraud', 'sns:all', 'amazon-q:chat'],
    ],
    ['a prefix ends at a dash', on('pipeline/fraudster'), ['slack:main', 'sns:all', 'amazon-q:chat']],
    ['letter case is no matter', on('pipeline/FRAUD-x'), ['slack:fraud', 'sns:all', 'amazon-q:chat']],
    [
      'an execution is under its pipeline',
      on('pipeline/fraud/execution/abc'),
      ['slack:fraud', 'sns:all', 'amazon-q:chat'],
    ],
    [
      'all routes that match',
      on('pipeline/fraud', 'CRITICAL'),
      ['slack:fraud', 'slack:duty', 'sns:all', 'amazon-q:chat'],
    ],
    ['a route has a minimum of its own', on('pipeline/vision-a', 'LOW'), ['slack:vision', 'sns:vision']],
    [
      'by control',
      on('pipeline/sales', 'HIGH', 'image-bucket-cors'),
      ['slack:main', 'sns:cors', 'amazon-q:chat'],
    ],
  ])('%s', (_what, finding, expected) => {
    expect(names(finding)).toEqual(expected);
  });

  test('what the configuration excepts goes to the default as well, whatever the configuration says of alerts', () => {
    const of = (severity: Severity): Finding => aFinding({ control: 'exceptions-scoped', severity });
    const route = { match: { control: 'exceptions-scoped' }, topicArn: topic('nobody') };
    const away: Alerts = { minimumSeverity: 'critical', routes: [route] };
    expect(names(of('HIGH'), away)).toEqual(['slack:deployed', 'sns:all']);
    expect(names(of('CRITICAL'), away)).toEqual(['slack:deployed', 'sns:all', 'sns:nobody']);
    expect(names(of('MEDIUM'), { minimumSeverity: 'low' })).toEqual([]);
  });

  test("a team is known by its resources' ARNs too", () => {
    const bucket = aFinding({
      severity: 'LOW',
      resource: { type: 'bucket', arn: 'arn:aws:s3:::vision-images' },
    });
    expect(names(bucket)).toEqual(['slack:vision', 'sns:vision']);
  });

  test('without a configuration, the deployment decides', () => {
    expect(names(on('pipeline/a'), {})).toEqual(['slack:deployed', 'sns:all']);
    expect(routesFor(on('pipeline/a'))).toEqual([]);
  });
});

describe('routes by account, organizational unit and team', () => {
  const [DEV, PROD] = ['ou-ab12-11111111', 'ou-ab12-22222222'];
  const inDev = `o-a1b2c3d4e5/r-ab12/${DEV}/`;
  const config: FileConfig = {
    version: 1,
    teams: [
      { name: 'vision', pipelines: ['vision-*'] },
      { name: 'platform', organizationalUnits: [PROD] },
    ],
  };
  const byPlace: Alerts = {
    routes: [
      { match: { account: '111122223333' }, topicArn: topic('account') },
      { match: { organizationalUnit: DEV }, topicArn: topic('dev') },
      { match: { organizationalUnit: 'r-ab12', severity: 'critical' }, topicArn: topic('root') },
      { match: { team: 'vision', account: '444455556666' }, topicArn: topic('elsewhere') },
      { match: { team: 'vision' }, slack: { secret: secret('vision') } },
      { match: { team: 'platform' }, slack: { secret: secret('platform') } },
    ],
  };
  const namesAt = (finding: Finding, place: ReturnType<FindingPlaces['placeOf']>): string[] =>
    routesFor(finding, byPlace, defaults, { config, placeOf: () => place }).map(
      ({ kind, arn }) => `${kind}:${arn.split(':').at(-1)}`,
    );
  const account = '111122223333';

  test('take what is in them, and nothing else', () => {
    expect(namesAt(on('pipeline/vision-a'), { account, path: inDev })).toEqual([
      'slack:vision',
      'sns:account',
      'sns:dev',
    ]);
    expect(namesAt(on('pipeline/x', 'CRITICAL'), { account: '777788889999', path: inDev })).toEqual([
      'slack:deployed',
      'sns:dev',
      'sns:root',
    ]);
    expect(namesAt(on('pipeline/x'), { account: '777788889999', path: null })).toEqual([
      'slack:deployed',
      'sns:all',
    ]);
  });

  const told = (
    finding: Finding,
    place: ReturnType<FindingPlaces['placeOf']>,
    targets: Partial<typeof defaults> = defaults,
  ) =>
    routesFor(finding, byPlace, targets, { config, placeOf: () => place }).map(({ kind, arn, note }) => [
      `${kind}:${arn.split(':').at(-1)}`,
      note,
    ]);
  const NOTE =
    'The organizational unit of account 777788889999 is not known, so that a route by unit or team could not be followed.';

  test('go to the default with a note where the unit of the account is not known, so that nobody misses an alert', () => {
    expect(told(on('pipeline/x'), { account: '777788889999' })).toEqual([
      ['slack:deployed', NOTE],
      ['sns:all', NOTE],
    ]);
    expect(told(on('pipeline/vision-a'), {}).map(([name, note]) => [name, note !== undefined])).toEqual([
      ['slack:vision', false],
      ['sns:all', true],
    ]);
  });

  test('reach the default also where it would not be told of such a severity', () => {
    const routes = [{ match: { organizationalUnit: DEV, severity: 'low' as const }, topicArn: topic('dev') }];
    const places = { config, placeOf: () => ({ account: '777788889999' }) };
    expect(routesFor(on('pipeline/x', 'LOW'), { routes }, defaults, places)).toEqual([
      { kind: 'sns', arn: defaults.topicArn, note: NOTE },
    ]);
  });

  test('are followed with a note where there is no default of their kind', () => {
    expect(told(on('pipeline/x'), { account: '777788889999' }, {})).toEqual([
      ['slack:platform', NOTE],
      ['sns:dev', NOTE],
    ]);
  });
});

describe('alertChannels', () => {
  test('names each target once, and the defaults by their kind alone', () => {
    expect(alertChannels(alerts, defaults).map(({ name }) => name)).toEqual([
      'Slack',
      `Slack ${secret('fraud')}`,
      `Slack ${secret('vision')}`,
      `Slack ${secret('duty')}`,
      'SNS',
      `SNS ${topic('vision')}`,
      `SNS ${topic('cors')}`,
      'Amazon Q',
    ]);
  });

  test('each channel wants the findings that are routed to it', () => {
    const wanting = alertChannels(alerts, defaults).filter(({ wants }) =>
      wants(on('pipeline/vision', 'LOW')),
    );
    expect(wanting.map(({ arn }) => arn)).toEqual([secret('vision'), topic('vision')]);
  });

  test('a route to the default target is that channel', () => {
    const routes = [{ match: { severity: 'low' as const }, slack: { secret: secret('main') } }];
    const [slack, ...others] = alertChannels({ slack: { secret: secret('main') }, routes });
    expect(others).toEqual([]);
    expect(slack?.wants(on('pipeline/a', 'LOW'))).toBe(true);
  });
});

describe('the schema of alerts', () => {
  const messages = (value: object): string[] => {
    const checked = checkConfig({ version: 1, alerts: value }, ['step-isolation']);
    return checked.ok ? [] : checked.issues.map(({ path, message }) => `${path.join('.')} ${message}`);
  };

  test('accepts every field', () => {
    expect(
      messages({
        ...alerts,
        routes: alerts.routes?.slice(0, 2),
        slack: { secret: 'arn:aws:ssm:eu-west-1:111122223333:parameter/pipewarden/slack' },
        quietHours: { from: '22:00', to: '07:00', timezone: 'Europe/Berlin', exceptSeverity: 'critical' },
        digest: { minutes: 15 },
      }),
    ).toEqual([]);
  });

  test.each<[string, object, RegExp]>([
    [
      'a URL in place of a secret',
      { slack: { secret: 'https://hooks.slack.com/services/x' } },
      /not the ARN of a secret/,
    ],
    ['the secret of another service', { slack: { secret: topic('a') } }, /not the ARN of a secret/],
    ['a FIFO topic', { chatbotTopicArn: topic('a.fifo') }, /not the ARN of a topic/],
    ['a pattern of topics', { chatbotTopicArn: topic('*') }, /not the ARN of a topic/],
    ['a route to nowhere', { routes: [{ match: {} }] }, /leads nowhere/],
    ['an unknown team', { routes: [{ match: { team: 'x' }, topicArn: topic('a') }] }, /not among teams/],
    [
      "an object's own member as a team",
      { routes: [{ match: { team: 'toString' }, topicArn: topic('a') }] },
      /not among teams/,
    ],
    [
      'an unknown control',
      { routes: [{ match: { control: 'step-isolatoin' }, topicArn: topic('a') }] },
      /^alerts\.routes\.0\.match\.control there is no control .* did you mean "step-isolation"/,
    ],
    [
      'an unknown time zone',
      { quietHours: { from: '22:00', to: '07:00', timezone: 'Berlin' } },
      /not a time zone/,
    ],
    ['25 o’clock', { quietHours: { from: '25:00', to: '07:00', timezone: 'UTC' } }, /not a time of day/],
    [
      'quiet hours of no length',
      { quietHours: { from: '07:00', to: '07:00', timezone: 'UTC' } },
      /begin when they end/,
    ],
  ])('refuses %s', (_what, value, expected) => {
    expect(messages(value)).toEqual([expect.stringMatching(expected)]);
  });
});
