import { describe, expect, test } from '@jest/globals';
import {
  alertTopicArnOf,
  boundaryOf,
  concurrencyOf,
  configured,
  featuresOf,
  keyArnOf,
  memoryOf,
  retentionOf,
  tagsOf,
  vpcOf,
} from '../../../infra/settings.ts';
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

describe('concurrency', () => {
  test.each([
    [undefined, undefined, 10, 10],
    ['5', undefined, 5, 5],
    ['20', '8', 20, 8],
    ['none', undefined, null, 5],
    ['none', '50', null, 50],
    [undefined, '10', 10, 10],
  ])('reserved %s, at most %s', (reserved, maximum, reservedConcurrency, maximumConcurrency) => {
    expect(concurrencyOf({ reserved, maximum })).toEqual({ reservedConcurrency, maximumConcurrency });
  });

  test('is a number that SQS takes', () => {
    for (const wrong of ['1', '2.5', 'many', '', '1001', '1e2']) {
      expect(() => concurrencyOf({ reserved: wrong, maximum: undefined })).toThrow(/from 2 to 1000/);
      expect(() => concurrencyOf({ reserved: 'none', maximum: wrong })).toThrow(/from 2 to 1000/);
    }
    expect(() => concurrencyOf({ reserved: undefined, maximum: 'none' })).toThrow(/from 2 to 1000/);
  });

  test('is not larger than what is reserved', () => {
    expect(() => concurrencyOf({ reserved: undefined, maximum: '11' })).toThrow(
      'maximumConcurrency (11) must not be larger than reservedConcurrency (10)',
    );
  });
});

test('memory is of the functions that there are, in megabytes that Lambda takes', () => {
  expect(memoryOf(undefined)).toEqual({});
  expect(memoryOf('audit=512, inventory=3008')).toEqual({ Audit: 512, Inventory: 3008 });
  for (const [wrong, said] of [
    ['audit', /KEY=VALUE/],
    ['auditor=512', /no function auditor/],
    ['__proto__=512', /no function __proto__/],
    ['audit=127', /memory=audit must be a whole number of MB from 128 to 10240; it is 127/],
    ['audit=1e3', /it is 1e3/],
    ['audit=10241', /it is 10241/],
  ] as const)
    expect(() => memoryOf(wrong)).toThrow(said);
});

test('logs are kept for a number of days that CloudWatch Logs takes', () => {
  expect([undefined, '30', '3653'].map(retentionOf)).toEqual([365, 30, 3653]);
  for (const wrong of ['', '2', '366', 'never', '30.0']) expect(() => retentionOf(wrong)).toThrow(/it is/);
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

test('a key and a topic are those of the home Region', () => {
  const key = 'arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';
  const topic = 'arn:aws:sns:eu-west-1:111122223333:alerts';
  for (const right of [undefined, key, key.replace('1234abcd', 'mrk-1234')])
    expect(keyArnOf(right, 'eu-west-1')).toBe(right);
  for (const right of [undefined, topic, topic.replace('111122223333', '444455556666')])
    expect(alertTopicArnOf(right, 'eu-west-1')).toBe(right);
  for (const wrong of [
    '',
    'alias/ours',
    topic,
    key.replace('key/', 'alias/'),
    key.replace('eu-west', 'us-west'),
    `${key}/x`,
  ])
    expect(() => keyArnOf(wrong, 'eu-west-1')).toThrow(
      /--key-arn must be an ARN such as arn:aws:kms:eu-west-1:/,
    );
  for (const wrong of ['alerts', key, `${topic}.fifo`, `${topic}:0a1b`, topic.replace('aws', 'aws-cn')])
    expect(() => alertTopicArnOf(wrong, 'eu-west-1')).toThrow(/--alert-topic-arn must be an ARN such as/);
  expect(keyArnOf(key.replace('aws', 'aws-cn').replace('eu-west-1', 'cn-north-1'), 'cn-north-1')).toMatch(
    /^arn:aws-cn/,
  );
});

test('a VPC is subnets and security groups, as many as Lambda takes', () => {
  const [subnet, group] = ['subnet-0123456789abcdef0', 'sg-01234567'];
  expect(vpcOf({ subnets: undefined, securityGroups: undefined })).toEqual({});
  expect(vpcOf({ subnets: `${subnet}, subnet-01234567`, securityGroups: group })).toEqual({
    subnets: [subnet, 'subnet-01234567'],
    securityGroups: [group],
  });
  for (const [subnets, securityGroups, said] of [
    [subnet, undefined, /given together/],
    [undefined, group, /given together/],
    [group, group, /--subnets must be ids such as subnet-0123456789abcdef0; there is sg-01234567/],
    [subnet, 'sg-1', /--security-groups must be ids such as sg-/],
    [Array(17).fill(subnet).join(','), group, /--subnets takes at most 16 ids/],
    [subnet, Array(6).fill(group).join(','), /--security-groups takes at most 5 ids/],
  ] as const)
    expect(() => vpcOf({ subnets, securityGroups })).toThrow(said);
});

test('tags are keys and values', () => {
  expect(tagsOf(undefined)).toEqual([]);
  expect(tagsOf('team=ml, cost = a=b')).toEqual([
    ['team', 'ml'],
    ['cost', 'a=b'],
  ]);
  for (const wrong of ['team', '=ml']) expect(() => tagsOf(wrong)).toThrow(/KEY=VALUE/);
});

describe('archives, tracing, policies of functions and the events of IAM', () => {
  const none = { archives: undefined, tracing: undefined, iamEvents: undefined, functionPolicies: undefined };
  test.each([
    ['eu-west-1', none, true, true, true],
    ['eu-west-1', { ...none, iamEvents: 'none' }, true, true, true],
    ['us-gov-west-1', none, true, true, false],
    ['ap-east-2', none, false, true, true],
    ['me-central-1', none, true, true, false],
    ['cn-north-1', none, true, false, false],
    ['eu-west-1', { ...none, archives: 'none' }, false, true, true],
    ['eu-west-1', { ...none, tracing: 'none' }, true, false, true],
    ['eu-west-1', { ...none, functionPolicies: 'none' }, true, true, false],
  ])('in %s, with %j', (region, options, hasArchives, isTraced, hasFunctionPolicies) => {
    const hasIamEvents = options.iamEvents === undefined;
    expect(featuresOf(region, options)).toEqual({ hasArchives, isTraced, hasIamEvents, hasFunctionPolicies });
  });

  test('an option of another value is refused', () => {
    expect(() => featuresOf('eu-west-1', { ...none, archives: 'no' })).toThrow(
      'archives can be none, or left out; it is no',
    );
  });
});
