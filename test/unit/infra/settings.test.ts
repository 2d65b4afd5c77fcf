import { describe, expect, test } from '@jest/globals';
import { boundaryOf, concurrencyOf, configured, featuresOf, tagsOf } from '../../../infra/settings.ts';
import { overdueHours } from '../../../shared/config/sweep-schedule.ts';

describe('the settings that the configuration decides', () => {
  test('are the defaults without a configuration', () => {
    expect(configured({ version: 1 })).toEqual({
      secretArns: [],
      topicArns: [],
      findingsGoTo: 'member',
      resolvesWorkflow: false,
      regions: [],
      sweepSchedule: 'rate(6 hours)',
      reportSchedules: ['cron(0 6 ? * MON *)'],
    });
  });

  test('contain every secret and topic that alerts name, wherever they stand', () => {
    const secret = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:slack-AbCdEf';
    const parameter = 'arn:aws:ssm:eu-west-1:111122223333:parameter/team/slack';
    const topic = 'arn:aws:sns:eu-west-1:111122223333:team';
    const config = {
      version: 1,
      roles: { creators: ['arn:aws:sns:eu-west-1:111122223333:not-told'] },
      alerts: {
        slack: { secret },
        routes: [{ match: { team: 'a' }, slack: parameter, topicArn: topic }, { topicArn: topic }],
      },
      securityHub: { resolveWorkflow: true },
      organization: { regions: ['eu-west-1', 'eu-central-1'] },
      sweep: { schedule: 'rate(1 day)' },
      reports: { schedule: ['cron(0 8 * * ? *)', 'cron(0 8 ? * MON *)'] },
    };
    expect(configured(config)).toEqual({
      slackSecretArn: secret,
      secretArns: [secret, parameter],
      topicArns: [topic],
      findingsGoTo: 'member',
      resolvesWorkflow: true,
      regions: ['eu-west-1', 'eu-central-1'],
      sweepSchedule: 'rate(1 day)',
      reportSchedules: ['cron(0 8 * * ? *)', 'cron(0 8 ? * MON *)'],
    });
    for (const findings of ['member', 'hub', 'off'])
      expect(configured({ securityHub: { findings } }).findingsGoTo).toBe(findings);
    expect(configured({ reports: { schedule: 'rate(1 day)' } }).reportSchedules).toEqual(['rate(1 day)']);
  });
});

test.each([
  ['rate(6 hours)', 13],
  ['rate(1 hour)', 3],
  ['rate(30 minutes)', 2],
  ['rate(1 day)', 49],
  ['rate(7 days)', 168],
  ['cron(0 6 * * ? *)', 49],
])('a sweep at %s is overdue after %i hours', (schedule, hours) => {
  expect(overdueHours(schedule)).toBe(hours);
});

test('reserved concurrency is a number that SQS takes, or none', () => {
  expect(concurrencyOf(undefined)).toBe(10);
  expect(concurrencyOf('none')).toBeNull();
  expect(concurrencyOf('5')).toBe(5);
  for (const wrong of ['1', '2.5', 'many', '', '1001']) expect(() => concurrencyOf(wrong)).toThrow(/from 2/);
});

test('a permissions boundary is a name, perhaps with a path', () => {
  for (const right of [undefined, 'Boundary', 'team/security/Boundary_1'])
    expect(boundaryOf(right)).toBe(right);
  for (const wrong of [
    '',
    '/Boundary',
    'a b',
    'arn:aws:iam::111122223333:policy/Boundary',
    '${AWS::AccountId}',
  ])
    expect(() => boundaryOf(wrong)).toThrow(/name of a managed policy/);
});

test('tags are keys and values', () => {
  expect(tagsOf(undefined)).toEqual([]);
  expect(tagsOf('team=ml, cost = a=b')).toEqual([
    ['team', 'ml'],
    ['cost', 'a=b'],
  ]);
  for (const wrong of ['team', '=ml']) expect(() => tagsOf(wrong)).toThrow(/KEY=VALUE/);
});

describe('archives and tracing', () => {
  const none = { archives: undefined, tracing: undefined };
  test.each([
    ['eu-west-1', none, true, true],
    ['us-gov-west-1', none, true, true],
    ['ap-east-2', none, false, true],
    ['cn-north-1', none, true, false],
    ['eu-west-1', { ...none, archives: 'none' }, false, true],
    ['eu-west-1', { ...none, tracing: 'none' }, true, false],
  ])('in %s, with %j', (region, options, hasArchives, isTraced) => {
    expect(featuresOf(region, options)).toEqual({ hasArchives, isTraced });
  });

  test('an option of another value is refused', () => {
    expect(() => featuresOf('eu-west-1', { ...none, archives: 'no' })).toThrow(
      'archives can be none, or left out; it is no',
    );
  });
});
