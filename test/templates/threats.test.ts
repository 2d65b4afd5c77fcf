import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Template } from 'aws-cdk-lib/assertions';
import { ROUTES, resourcesOf, templates } from '../support/templates/templates.ts';

let stacks: ReturnType<typeof templates>;
let all: Template[];
beforeAll(() => {
  stacks = templates();
  all = Object.values(stacks);
});

type Statement = {
  Effect: 'Allow' | 'Deny';
  Action: string | string[];
  Principal?: unknown;
  Resource?: unknown;
  Condition?: Record<string, Record<string, unknown>>;
};

const statementsOf = (type: string, property = 'PolicyDocument'): Statement[] =>
  resourcesOf(all, type).flatMap(
    ({ properties }) => (properties[property] as { Statement: Statement[] } | undefined)?.Statement ?? [],
  );
const allowedBy = (type: string): Statement[] =>
  statementsOf(type).filter(({ Effect }) => Effect === 'Allow');
const isService = ({ Principal }: Statement): boolean =>
  typeof Principal === 'object' && Principal !== null && Object.keys(Principal).join() === 'Service';
const condition = ({ Condition = {} }: Statement, key: string): unknown =>
  Object.values(Condition).flatMap((keys) => (key in keys ? [keys[key]] : []))[0];

test('each function knows by a checksum which configuration was deployed with it', () => {
  const variables = resourcesOf(all, 'AWS::Lambda::Function').flatMap(({ properties }) => {
    const { Variables = {} } = (properties.Environment ?? {}) as { Variables?: Record<string, unknown> };
    return 'CONFIG_KEY' in Variables ? [Variables] : [];
  });
  expect(variables.length).toBeGreaterThanOrEqual(5);
  const sums = variables.map(({ CONFIG_SHA256 }) => CONFIG_SHA256);
  expect(new Set(sums).size).toBe(1);
  expect(sums[0]).toMatch(/^[0-9a-f]{64}$/);
  for (const each of variables)
    if ('ORGANIZATION_POLICIES_KEY' in each) expect(each).toHaveProperty('ORGANIZATION_POLICIES_SHA256');
});

test('copies of the configuration are in a bucket of the deployment that keeps versions and what was in force', () => {
  const [bucket, ...others] = resourcesOf(all, 'AWS::S3::Bucket').filter(({ id }) =>
    id.startsWith('Configurations'),
  );
  expect(others).toEqual([]);
  expect(bucket?.properties).toMatchObject({
    VersioningConfiguration: { Status: 'Enabled' },
    PublicAccessBlockConfiguration: {
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    },
    LifecycleConfiguration: { Rules: [expect.not.objectContaining({ ExpirationInDays: expect.anything() })] },
  });
  const allowed = allowedBy('AWS::S3::BucketPolicy').filter(({ Resource }) =>
    JSON.stringify(Resource).includes('Configurations'),
  );
  expect(allowed).toEqual([]);
});

describe('who may put something into the auditor', () => {
  test('a queue takes messages of single rules of this system, and of nobody else', () => {
    const allowed = allowedBy('AWS::SQS::QueuePolicy');
    const ruleIds = resourcesOf(all, 'AWS::Events::Rule').map(({ id }) => id);
    expect(allowed.length).toBeGreaterThan(0);
    for (const statement of allowed) {
      expect(statement.Principal).toEqual({ Service: 'events.amazonaws.com' });
      const sources = [condition(statement, 'aws:SourceArn')].flat() as { 'Fn::GetAtt'?: string[] }[];
      for (const source of sources) expect(ruleIds).toContain(source['Fn::GetAtt']?.[0]);
    }
  });

  test('a topic takes messages of this account’s alarms, and of nobody else without a right of its own', () => {
    for (const statement of allowedBy('AWS::SNS::TopicPolicy')) {
      expect(statement.Principal).toEqual({ Service: 'cloudwatch.amazonaws.com' });
      expect(statement.Action).toBe('sns:Publish');
      expect(condition(statement, 'aws:SourceAccount')).toEqual({ Ref: 'AWS::AccountId' });
    }
  });

  test('no policy of a resource lets everybody in', () => {
    const types = [
      'SQS::QueuePolicy',
      'SNS::TopicPolicy',
      'S3::BucketPolicy',
      'SecretsManager::ResourcePolicy',
    ];
    for (const type of types)
      for (const statement of allowedBy(`AWS::${type}`)) expect(isService(statement)).toBe(true);
  });

  test('nobody else may put events on a bus or call a function', () => {
    expect(resourcesOf(all, 'AWS::Events::EventBusPolicy')).toEqual([]);
    for (const { properties } of resourcesOf(all, 'AWS::Lambda::Permission')) {
      expect(properties.Principal).toMatch(/\.amazonaws\.com$/);
      expect(properties.SourceArn).toBeDefined();
    }
  });

  test('nobody in the account may call a function that only a queue, a stream or the sweep hands something', () => {
    const policies = resourcesOf([stacks.pipewarden], 'AWS::Lambda::ResourcePolicy');
    const idOf = (value: unknown) => (value as { 'Fn::GetAtt': [string, string] })['Fn::GetAtt'][0];
    const denied = policies.map(({ properties }) => {
      const { Statement: statements } = properties.PolicyDocument as { Statement: Statement[] };
      expect(statements).toHaveLength(1);
      const [{ Effect, Action, Resource, Principal, Condition = {} } = {} as Statement] = statements;
      const roles = Condition.ArnNotEquals?.['aws:PrincipalArn'] as unknown[];
      expect({ Effect, Action, Resource, Condition }).toEqual({
        Effect: 'Deny',
        Action: 'lambda:InvokeFunction',
        Resource: properties.ResourceArn,
        Condition: {
          Null: { 'aws:PrincipalArn': 'false' },
          ArnNotEquals: { 'aws:PrincipalArn': roles },
        },
      });
      // Lambda itself is no principal of the account.
      expect(Principal).toEqual({
        AWS: {
          'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':iam::', { Ref: 'AWS::AccountId' }, ':root']],
        },
      });
      return [idOf(Resource), ...roles.map(idOf)].map((id) => id.replace(/(Function|Role)\w{8}$/, ''));
    });
    expect(denied.toSorted()).toEqual([
      ['Audit', 'Audit'],
      ['Deliver', 'Deliver'],
      ['Inventory', 'Inventory'],
      ['Sweep', 'Sweep', 'SweepMachine'],
    ]);
  });

  test('a function that a queue or stream hands something knows which ones', () => {
    const sources = new Map<string, unknown[]>();
    for (const { properties } of resourcesOf([stacks.pipewarden], 'AWS::Lambda::EventSourceMapping')) {
      const of = JSON.stringify(properties.FunctionName);
      sources.set(of, [...(sources.get(of) ?? []), properties.EventSourceArn]);
    }
    expect(sources.size).toBe(3);
    for (const { id, properties } of resourcesOf([stacks.pipewarden], 'AWS::Lambda::Function')) {
      const { Variables } = properties.Environment as { Variables: Record<string, unknown> };
      const told = JSON.stringify(Variables.EVENT_SOURCES ?? '');
      const own = sources.get(JSON.stringify({ Ref: id })) ?? [];
      for (const source of own) expect(told).toContain(JSON.stringify(source));
      expect(told === '""').toBe(own.length === 0);
    }
  });

  test('what is not encrypted on its way is refused', () => {
    for (const type of ['SQS::QueuePolicy', 'SNS::TopicPolicy', 'S3::BucketPolicy'])
      for (const { properties } of resourcesOf(all, `AWS::${type}`))
        expect((properties.PolicyDocument as { Statement: Statement[] }).Statement).toContainEqual(
          expect.objectContaining({
            Effect: 'Deny',
            Condition: { Bool: { 'aws:SecureTransport': 'false' } },
          }),
        );
  });
});

describe('what the auditor itself may do', () => {
  const statements = (): Statement[] => [
    ...statementsOf('AWS::IAM::Policy'),
    ...resourcesOf(all, 'AWS::IAM::Role').flatMap(({ properties }) =>
      ((properties.Policies ?? []) as { PolicyDocument: { Statement: Statement[] } }[]).flatMap(
        ({ PolicyDocument }) => PolicyDocument.Statement,
      ),
    ),
  ];
  const actions = (): string[] => statements().flatMap(({ Action }) => Action);

  test('it changes nothing that it audits, passes no role and takes none over', () => {
    const services = /^(sagemaker|iam|sts|organizations|ec2|cloudtrail):/;
    const audited = actions().filter((action) => services.test(action));
    for (const action of audited) expect(action).toMatch(/^[a-z0-9]+:(Describe|Get|List|Lookup)\w*$/);
    expect(actions().filter((action) => /^s3:(Put|Delete)(Bucket|Encr|Lifecycle)/.test(action))).toEqual([]);
  });

  test('no action is a pattern, and no managed policy adds any', () => {
    expect(actions().filter((action) => action.includes('*'))).toEqual([]);
    for (const { properties } of resourcesOf(all, 'AWS::IAM::Role'))
      expect(properties.ManagedPolicyArns).toBeUndefined();
  });

  test('its roles are for services alone, and those that act for others only for this account', () => {
    for (const { properties } of resourcesOf(all, 'AWS::IAM::Role')) {
      const { Statement: trust } = properties.AssumeRolePolicyDocument as { Statement: Statement[] };
      for (const statement of trust) {
        expect(isService(statement)).toBe(true);
        const { Service } = statement.Principal as { Service: unknown };
        // Lambda names no source when it assumes a function's role.
        if (Service !== 'lambda.amazonaws.com')
          expect(condition(statement, 'aws:SourceAccount')).toEqual({ Ref: 'AWS::AccountId' });
      }
    }
  });

  test('it reads no secret but those that the configuration names', () => {
    const reads = statements().filter(({ Action }) =>
      [Action].flat().some((action) => /^(secretsmanager|ssm):/.test(action)),
    );
    expect(reads.length).toBeGreaterThan(0);
    for (const { Action, Resource } of reads)
      expect([Action, Resource]).toEqual(['secretsmanager:GetSecretValue', ROUTES.secretArn]);
  });

  test('it publishes to its own topic and to those that the configuration names', () => {
    const [own] = resourcesOf(all, 'AWS::SNS::Topic');
    const places = statements()
      .filter(({ Action }) => [Action].flat().includes('sns:Publish'))
      .flatMap(({ Resource }) => Resource)
      .filter((place) => place !== ROUTES.topicArn);
    expect(own).toBeDefined();
    expect(places.length).toBeGreaterThan(0);
    for (const place of places) expect(JSON.stringify(place)).toMatch(/Alert/);
  });

  test('no environment of a function holds a secret', () => {
    const functions = resourcesOf(all, 'AWS::Lambda::Function');
    expect(functions.length).toBeGreaterThan(0);
    for (const { properties } of functions)
      expect(JSON.stringify(properties.Environment)).not.toMatch(/hooks\.slack|xox[a-z]-|\{\{resolve:/);
  });
});

describe('what is kept', () => {
  test('findings outlive their stack, cannot be deleted with their table, and can be restored', () => {
    const kept = all.flatMap((template) =>
      Object.values(template.findResources('AWS::DynamoDB::GlobalTable')).filter(
        ({ DeletionPolicy, UpdateReplacePolicy }) =>
          DeletionPolicy === 'RetainExceptOnCreate' && UpdateReplacePolicy === 'Retain',
      ),
    );
    expect(kept).toHaveLength(1);
    expect(kept[0]?.Properties.Replicas).toEqual([
      expect.objectContaining({
        DeletionProtectionEnabled: true,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      }),
    ]);
  });

  test('what each rule matches is archived, to be replayed after an outage', () => {
    const { pipewarden } = stacks;
    const patternsOf = (type: string) =>
      resourcesOf([pipewarden], type).map(({ properties }) => JSON.stringify(properties.EventPattern));
    const archived = patternsOf('AWS::Events::Archive');
    // That somebody has purged a queue lies among the dead letters.
    const matched = patternsOf('AWS::Events::Rule').filter((pattern) => !pattern.includes('PurgeQueue'));
    expect(matched.length).toBeGreaterThan(0);
    expect(archived).toHaveLength(matched.length);
  });

  test('what cannot be handled is kept for two weeks, and the first of it raises an alarm', () => {
    const queues = resourcesOf(all, 'AWS::SQS::Queue');
    // Nobody reads the answers to heartbeats.
    const last = queues.filter(
      ({ id, properties }) => properties.RedrivePolicy === undefined && !id.startsWith('Heartbeats'),
    );
    expect(last.length).toBeGreaterThan(0);
    const alarms = JSON.stringify(resourcesOf(all, 'AWS::CloudWatch::Alarm'));
    for (const { id, properties } of last) {
      expect(properties.MessageRetentionPeriod).toBe(14 * 24 * 60 * 60);
      expect(alarms).toContain(`{"Fn::GetAtt":["${id}","QueueName"]}`);
    }
  });
});

test('a purge of any queue is put among the dead letters, whatever form its URL has', () => {
  const { pipewarden } = stacks;
  const [rule, ...others] = resourcesOf([pipewarden], 'AWS::Events::Rule').filter(({ id }) =>
    id.startsWith('QueuePurges'),
  );
  expect(others).toEqual([]);
  const text = JSON.stringify(rule?.properties.EventPattern);
  expect(rule?.properties.EventPattern).toMatchObject({
    source: ['aws.sqs'],
    detail: { eventName: ['PurgeQueue'] },
  });
  for (const { id } of resourcesOf([pipewarden], 'AWS::SQS::Queue')) {
    const suffix = `{"suffix":{"Fn::Join":["",["/",{"Fn::GetAtt":["${id}","QueueName"]}]]}}`;
    expect([id, text.includes(suffix)]).toEqual([id, !id.startsWith('Heartbeats')]);
  }
  const deadLetters = (rule?.properties.Targets as { Arn: object }[] | undefined)?.[0]?.Arn;
  expect(JSON.stringify(deadLetters)).toContain('DeadLetters');
  const lets = allowedBy('AWS::SQS::QueuePolicy').filter((statement) =>
    JSON.stringify(statement.Condition).includes(`"${rule?.id}"`),
  );
  expect(lets.map(({ Resource }) => Resource)).toEqual([deadLetters]);
});

describe('a flood', () => {
  test('is handled at the pace that is reserved, and leaves the account’s other functions alone', () => {
    for (const { properties } of resourcesOf(all, 'AWS::Lambda::Function').filter(
      ({ id }) => !id.startsWith('Custom'),
    ))
      expect(properties.ReservedConcurrentExecutions).toBeGreaterThan(0);
    const mappings = resourcesOf(all, 'AWS::Lambda::EventSourceMapping').filter(
      ({ properties }) => properties.FunctionResponseTypes !== undefined && properties.ScalingConfig,
    );
    expect(mappings.length).toBeGreaterThan(0);
    for (const { properties } of mappings)
      expect(properties.ScalingConfig).toEqual({ MaximumConcurrency: expect.any(Number) });
  });

  test('raises an alarm before messages grow too old', () => {
    const read = resourcesOf(all, 'AWS::Lambda::EventSourceMapping').flatMap(({ properties }) => {
      const [queue] = (properties.EventSourceArn as { 'Fn::GetAtt'?: string[] })['Fn::GetAtt'] ?? [];
      return queue === undefined ? [] : [queue];
    });
    const watched = resourcesOf(all, 'AWS::CloudWatch::Alarm').flatMap(({ properties }) =>
      properties.MetricName === 'ApproximateAgeOfOldestMessage'
        ? (properties.Dimensions as { Value: { 'Fn::GetAtt': [string, string] } }[]).map(
            ({ Value }) => Value['Fn::GetAtt'][0],
          )
        : [],
    );
    expect(read).toHaveLength(3);
    expect(watched.toSorted()).toEqual(read.toSorted());
  });
});
