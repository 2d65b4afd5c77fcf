import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { delaySeconds, FOR_INDEX } from '../../functions/audit/dead-letter.ts';
import { deployables, deployment, settingsFor } from '../support/templates/synthesised.ts';

const files = deployables();
afterAll(files.remove);

const made = deployment(settingsFor(files));
const state = Template.fromStack(made.state.stack);
const main = Template.fromStack(made.pipewarden);
const iamStack = made.forwarding.get('us-east-1');
const iam = iamStack && Template.fromStack(iamStack);

type Properties = Record<string, unknown>;
type Kept = { Type: string; DeletionPolicy?: string; UpdateReplacePolicy?: string; DependsOn?: string[] };
const resources = (template: Template, type: string): [id: string, properties: Properties][] =>
  Object.entries(template.findResources(type)).map(([id, { Properties = {} }]) => [id, Properties]);

/** Hashes of what is packed change with the code, and say nothing about the stacks. */
const withoutHashes = (template: Template): unknown =>
  JSON.parse(JSON.stringify(template.toJSON()).replaceAll(/[0-9a-f]{64}\.(zip|json)/g, 'HASH.$1'));

describe('the templates are as they were', () => {
  test('PipewardenState', () => expect(withoutHashes(state)).toMatchSnapshot());
  test('Pipewarden', () => expect(withoutHashes(main)).toMatchSnapshot());
  test('PipewardenIamEvents', () => expect(iam && withoutHashes(iam)).toMatchSnapshot());
});

test('resources with data keep their logical ids, as another id would replace them', () => {
  const ids = (template: Template, ...types: string[]) =>
    types.flatMap((type) => resources(template, type).map(([id]) => id)).toSorted();
  expect(
    ids(
      state,
      'AWS::DynamoDB::GlobalTable',
      'AWS::KMS::Key',
      'AWS::SNS::Topic',
      'AWS::S3::Bucket',
      'AWS::Events::EventBus',
    ),
  ).toMatchInlineSnapshot(`
[
  "AccessLogs8B620ECA",
  "AlertKeyC50D0A1D",
  "Alerts91F83244",
  "BusEA82B648",
  "ConfigurationsE6E06CD7",
  "DataKey17AFBB84",
  "Findings172CF60E",
  "IdempotencyC15CBC33",
  "Reports65402A0A",
  "Sweeps771A043B",
]
`);
  expect(ids(main, 'AWS::SQS::Queue', 'AWS::Logs::LogGroup')).toMatchInlineSnapshot(`
[
  "AuditLogA5B7094E",
  "DeadLettersBBF8BAAB",
  "DeliverLogF202C830",
  "DeliveryDeadLettersB0889D5D",
  "DeliveryRetries502E5B5E",
  "Heartbeats740CD8B8",
  "Inventories19250ADE",
  "InventoryDeadLetters0671BFCB",
  "InventoryLog4FE32B4E",
  "ReportLogDE6AD3EA",
  "RequestsC42AC379",
  "SweepLog1EABA1B4",
  "SweepMachineLogCFC10EAC",
]
`);
});

test('a message waits for an index as long as the queue hands out an inventory that fails', () => {
  const queue = (name: string) => {
    const { VisibilityTimeout, RedrivePolicy } =
      resources(main, 'AWS::SQS::Queue').find(([id]) => id.startsWith(name))?.[1] ?? {};
    const { maxReceiveCount } = RedrivePolicy as { maxReceiveCount: number };
    return { seconds: VisibilityTimeout as number, maxReceiveCount };
  };
  const [requests, inventories] = [queue('Requests'), queue('Inventories')];
  const waits = Array.from({ length: requests.maxReceiveCount - 1 }, (_, index) =>
    delaySeconds(index + 1, FOR_INDEX, () => 0.5),
  ).reduce((sum, seconds) => sum + seconds, 0);
  expect(inventories.seconds * inventories.maxReceiveCount).toBeGreaterThan(0);
  expect(waits).toBeGreaterThanOrEqual(inventories.seconds * inventories.maxReceiveCount);
});

test('each schedule of reports tells its function which schedule it is', () => {
  const reportSchedules = ['cron(0 6 * * ? *)', 'rate(7 days)'];
  const { pipewarden } = deployment(settingsFor(files, { reportSchedules }));
  const told = resources(Template.fromStack(pipewarden), 'AWS::Scheduler::Schedule').flatMap(
    ([, { ScheduleExpression, Target }]) =>
      reportSchedules.includes(String(ScheduleExpression)) ? (Target as { Input: string }).Input : [],
  );
  expect(told).toEqual(reportSchedules.map((schedule) => JSON.stringify({ schedule })));
});

test('resources with data outlive their stack, and the table refuses to be deleted', () => {
  const kept = state.toJSON() as { Resources: Record<string, { Type: string; DeletionPolicy?: string }> };
  const lost = Object.entries(kept.Resources)
    .filter(([id, { DeletionPolicy }]) => !DeletionPolicy?.startsWith('Retain') && !/Policy/.test(id))
    .map(([id]) => id.replace(/[0-9A-F]{8}$/, ''));
  expect(lost).toEqual(['Idempotency', 'Alerts', 'Bus']);
  state.hasResourceProperties('AWS::DynamoDB::GlobalTable', {
    KeySchema: [
      { AttributeName: 'pk', KeyType: 'HASH' },
      { AttributeName: 'sk', KeyType: 'RANGE' },
    ],
    StreamSpecification: { StreamViewType: 'NEW_IMAGE' },
    TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
  });
});

test('resources with data go with a stack that could not be made, but for nothing else', () => {
  const all = [state, main, ...(iam ? [iam] : [])].flatMap((template) =>
    Object.entries(template.toJSON().Resources as Record<string, Kept>),
  );
  const kept = all.filter(([, { DeletionPolicy }]) => DeletionPolicy?.startsWith('Retain'));
  expect(kept.length).toBeGreaterThan(9);
  for (const [id, { DeletionPolicy, UpdateReplacePolicy }] of kept)
    expect([id, DeletionPolicy, UpdateReplacePolicy]).toEqual([id, 'RetainExceptOnCreate', 'Retain']);
});

test('the table that refuses to be deleted is made after all else of its stack, whose failure it would hinder', () => {
  const { Resources } = state.toJSON() as { Resources: Record<string, Kept> };
  const [table, ...rest] = Object.entries(Resources).toSorted(
    ([one], [other]) => Number(other.startsWith('Findings')) - Number(one.startsWith('Findings')),
  );
  expect(table?.[1].Type).toBe('AWS::DynamoDB::GlobalTable');
  // It names the key.
  const before = rest.filter(([, { Type }]) => Type !== 'AWS::KMS::Key').map(([id]) => id);
  expect(table?.[1].DependsOn?.toSorted()).toEqual(before.toSorted());
});

/** All rules but the one that puts purges of queues among the dead letters. */
const rulesOfEvents = () =>
  resources(main, 'AWS::Events::Rule').filter(([id]) => !id.startsWith('QueuePurges'));

describe('access to topics, queues and roles:', () => {
  const policiesOf = (template: Template, type: string) =>
    resources(template, type).map(
      ([, { PolicyDocument }]) => (PolicyDocument as { Statement: Properties[] }).Statement,
    );

  test.each([
    ['the queues', main, 'AWS::SQS::QueuePolicy', 7],
    ['the topic', state, 'AWS::SNS::TopicPolicy', 1],
    ['the buckets', state, 'AWS::S3::BucketPolicy', 4],
  ] as const)('%s refuse unencrypted requests', (_, template, type, count) => {
    const policies = policiesOf(template, type);
    expect(policies).toHaveLength(count);
    for (const statements of policies) {
      expect(statements).toContainEqual(
        expect.objectContaining({
          Effect: 'Deny',
          Condition: expect.objectContaining({ Bool: { 'aws:SecureTransport': 'false' } }),
        }),
      );
    }
  });

  test('only the rules of the stack may send to a queue, each named', () => {
    const arnsOf = (rules: ReturnType<typeof resources>) =>
      rules.map(([id]) => ({ 'Fn::GetAtt': [id, 'Arn'] }));
    const [ofEvents, all] = [arnsOf(rulesOfEvents()), arnsOf(resources(main, 'AWS::Events::Rule'))];
    const allows = policiesOf(main, 'AWS::SQS::QueuePolicy')
      .flat()
      .filter(({ Effect }) => Effect === 'Allow');
    expect(allows).toHaveLength(2);
    for (const allow of allows) {
      const isOfDeadLetters = JSON.stringify(allow.Resource).includes('DeadLetters');
      expect(allow).toMatchObject({
        Action: 'sqs:SendMessage',
        Principal: { Service: 'events.amazonaws.com' },
        Condition: {
          ArnEquals: { 'aws:SourceArn': isOfDeadLetters ? expect.arrayContaining(all) : ofEvents },
          StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
        },
      });
    }
  });

  test('services are let in for this account alone', () => {
    const statements = [
      ...policiesOf(main, 'AWS::SQS::QueuePolicy'),
      ...policiesOf(state, 'AWS::SNS::TopicPolicy'),
      ...resources(state, 'AWS::KMS::Key').map(
        ([, { KeyPolicy }]) => (KeyPolicy as { Statement: Properties[] }).Statement,
      ),
    ].flat() as { Effect: string; Principal: { Service?: unknown }; Condition?: object }[];
    const services = statements.filter(({ Effect, Principal }) => Effect === 'Allow' && Principal.Service);
    expect(services).toHaveLength(5);
    for (const { Condition } of services)
      expect(JSON.stringify(Condition)).toMatch(/aws:SourceAccount|aws:logs:arn/);
  });
});

describe('the path of an event', () => {
  test('every rule sends to the queue, and what cannot be sent to the dead-letter queue', () => {
    for (const [, { Targets }] of rulesOfEvents()) {
      expect(Targets).toEqual([
        expect.objectContaining({
          Arn: { 'Fn::GetAtt': [expect.stringMatching(/^Requests/), 'Arn'] },
          DeadLetterConfig: { Arn: { 'Fn::GetAtt': [expect.stringMatching(/^DeadLetters/), 'Arn'] } },
        }),
      ]);
    }
  });

  test('what a rule matches is archived for 30 days', () => {
    const patterns = (of: ReturnType<typeof resources>) =>
      of.map(([, { EventPattern }]) => JSON.stringify(EventPattern)).toSorted();
    expect(patterns(resources(main, 'AWS::Events::Archive'))).toEqual(patterns(rulesOfEvents()));
    for (const [, { RetentionDays }] of resources(main, 'AWS::Events::Archive'))
      expect(RetentionDays).toBe(30);
  });

  test('patterns fit into the 2,048 characters that EventBridge allows, and reasons into its 512', () => {
    for (const [, { EventPattern, Description }] of resources(main, 'AWS::Events::Rule')) {
      expect(JSON.stringify(EventPattern).length).toBeLessThanOrEqual(2048);
      expect(String(Description).length).toBeLessThanOrEqual(512);
    }
  });

  test('the stream wakes the deliverer for news alone, one batch of a shard at a time', () => {
    main.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      ParallelizationFactor: 1,
      BisectBatchOnFunctionError: true,
      FilterCriteria: {
        Filters: [
          {
            Pattern:
              '{"eventName":["INSERT","MODIFY"],"dynamodb":{"NewImage":{"undelivered":{"N":[{"exists":true}]}}}}',
          },
        ],
      },
      DestinationConfig: {
        OnFailure: {
          Destination: {
            'Fn::GetAtt': [findId('AWS::SQS::Queue', 'DeliveryDeadLetters'), 'Arn'],
          },
        },
      },
    });
  });

  const findId = (type: string, construct: string): string =>
    resources(main, type)
      .map(([id]) => id)
      .find((id) => new RegExp(`^${construct}[0-9A-F]{8}$`).test(id)) ?? '';

  test('events of IAM and Organizations are forwarded to the home Region', () => {
    const targets = resources(iam ?? main, 'AWS::Events::Rule').map(([, { Targets }]) => Targets);
    expect(targets).toHaveLength(2);
    expect(JSON.stringify(targets)).toContain(':events:eu-west-1:');
    expect(deployment(settingsFor(files), { region: 'us-east-1' }).forwarding.size).toBe(0);
    expect(deployment(settingsFor(files, { hasIamEvents: false })).forwarding.size).toBe(0);
  });

  test('a sweep expects events of IAM where they come to the deployment', () => {
    const expects = (region: string, options: Parameters<typeof settingsFor>[1]): boolean =>
      !JSON.stringify(
        Template.fromStack(deployment(settingsFor(files, options), { region }).pipewarden),
      ).includes('GLOBAL_EVENTS');
    expect(expects('eu-west-1', {})).toBe(true);
    expect(expects('eu-west-1', { hasIamEvents: false })).toBe(false);
    expect(expects('us-east-1', { hasIamEvents: false })).toBe(true);
    expect(expects('eu-west-1', { hasIamEvents: false, regions: ['us-east-1'] })).toBe(true);
  });
});

describe('functions', () => {
  test('run on Node 24 on arm64, encrypted logs for a year', () => {
    const functions = resources(main, 'AWS::Lambda::Function');
    expect(functions).toHaveLength(5);
    for (const [, properties] of functions)
      expect(properties).toMatchObject({
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        TracingConfig: { Mode: 'Active' },
      });
    for (const [, properties] of resources(main, 'AWS::Logs::LogGroup')) {
      expect(properties).toMatchObject({ RetentionInDays: 365 });
      expect(properties).toHaveProperty('KmsKeyId');
    }
  });

  test('the auditor is never handed more messages than its reserved concurrency takes', () => {
    const scaled = (template: Template) =>
      resources(template, 'AWS::Lambda::EventSourceMapping').map(([, { ScalingConfig }]) => ScalingConfig);
    const reserved = (template: Template) =>
      resources(template, 'AWS::Lambda::Function').map(
        ([, { ReservedConcurrentExecutions }]) => ReservedConcurrentExecutions,
      );
    expect(scaled(main)).toContainEqual({ MaximumConcurrency: 10 });
    expect(reserved(main)).toEqual([10, 10, 1, 2, 1]);
    const none = Template.fromStack(deployment(settingsFor(files, { reservedConcurrency: null })).pipewarden);
    expect(reserved(none)).toEqual([undefined, undefined, undefined, undefined, undefined]);
    expect(scaled(none)).toContainEqual({ MaximumConcurrency: 10 });
    const fewer = Template.fromStack(deployment(settingsFor(files, { maximumConcurrency: 4 })).pipewarden);
    expect(scaled(fewer)).toContainEqual({ MaximumConcurrency: 4 });
    expect(reserved(fewer)).toEqual(reserved(main));
  });

  test('have the memory, and their logs the days, that the deployment says', () => {
    const told = (template: Template) => ({
      memory: resources(template, 'AWS::Lambda::Function').map(([, { MemorySize }]) => MemorySize),
      days: new Set(
        resources(template, 'AWS::Logs::LogGroup').map(([, { RetentionInDays }]) => RetentionInDays),
      ),
    });
    expect(told(main)).toEqual({ memory: [256, 256, 512, 1536, 1024], days: new Set([365]) });
    const over = { memory: { Audit: 512, Inventory: 3008 }, logRetentionDays: 30 };
    expect(told(Template.fromStack(deployment(settingsFor(files, over)).pipewarden))).toEqual({
      memory: [512, 256, 512, 3008, 1024],
      days: new Set([30]),
    });
  });

  test('in China use the key by services of either name', () => {
    const { pipewarden } = deployment(settingsFor(files, { isTraced: false }), { region: 'cn-north-1' });
    const viaIn = (template: Template): unknown[] => {
      const values: unknown[] = [];
      JSON.stringify(template.toJSON(), (key, value) => {
        if (key === 'kms:ViaService') values.push(value);
        return value;
      });
      return values;
    };
    const joined = (...parts: unknown[]) => ({ 'Fn::Join': ['', parts] });
    const [REGION_OF, SUFFIX] = [{ Ref: 'AWS::Region' }, { Ref: 'AWS::URLSuffix' }];
    const inAny = viaIn(main) as { 'Fn::Join': [string, [string, ...unknown[]]] }[];
    expect(new Set(inAny.map((value) => value['Fn::Join'][1][0]))).toEqual(
      new Set(['dynamodb.', 's3.', 'sns.']),
    );
    expect(viaIn(Template.fromStack(pipewarden))).toEqual(
      inAny.map(({ 'Fn::Join': [, [service]] }) => [
        joined(service, REGION_OF, '.amazonaws.com'),
        joined(service, REGION_OF, '.', SUFFIX),
      ]),
    );
  });

  test('sources and endpoints of tests reach rules and functions', () => {
    const template = Template.fromStack(
      deployment(
        settingsFor(files, { eventSourcePrefix: 'test.', environment: { AWS_ENDPOINT_URL_S3: 'http://s3' } }),
      ).pipewarden,
    );
    for (const [, { EventPattern }] of resources(template, 'AWS::Events::Rule'))
      expect((EventPattern as { source: string[] }).source[0]).toMatch(/^test\.aws\./);
    template.allResourcesProperties('AWS::Lambda::Function', {
      Environment: { Variables: Match.objectLike({ AWS_ENDPOINT_URL_S3: 'http://s3' }) },
    });
  });
});

test('every alarm tells the topic, and has a line in docs/operations.md', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/operations.md'), 'utf8');
  for (const [, { AlarmName, AlarmActions, AlarmDescription }] of resources(main, 'AWS::CloudWatch::Alarm')) {
    expect(AlarmActions).toEqual([
      { 'Fn::GetStackOutput': { StackName: 'PipewardenState', OutputName: 'AlertTopicArn' } },
    ]);
    expect(AlarmDescription).toMatch(/\w/);
    expect(page).toContain(`\`${String(AlarmName).replace('Pipewarden-', '')}\``);
  }
});

test('every resource that can be tagged has the tags', () => {
  const { pipewarden } = deployment(settingsFor(files), { tags: [['team', 'ml']] });
  for (const [, { Tags }] of resources(Template.fromStack(pipewarden), 'AWS::SQS::Queue'))
    expect(Tags).toEqual([
      { Key: 'Application', Value: 'pipewarden' },
      { Key: 'team', Value: 'ml' },
    ]);
});

describe('cdk-nag', () => {
  test('has no complaint that is not acknowledged with a reason', () => {
    const { app } = deployment(settingsFor(files));
    expect(() => app.synth()).not.toThrow();
    const acknowledged = app.node
      .findAll()
      .flatMap(({ node }) => node.metadata)
      .filter(({ type }) => type === 'aws:cdk:acknowledged-rules')
      .flatMap(({ data }) => Object.entries(data as Record<string, string>));
    for (const [, reason] of acknowledged) expect(reason.length).toBeGreaterThan(15);
    expect(new Set(acknowledged.map(([id]) => id.replace(/^\w+::|\[.*/g, '')))).toMatchInlineSnapshot(`
Set {
  "AwsSolutions-DDB3",
  "Serverless-SQSRedrivePolicy",
  "AwsSolutions-SQS3",
  "Serverless-EventBusDLQ",
  "AwsSolutions-IAM5",
  "Serverless-LambdaStarPermissions",
  "Serverless-LambdaDLQ",
  "Serverless-LambdaEventSourceMappingDestination",
}
`);
  });

  test('stops a synthesis with a complaint', () => {
    const { app, pipewarden } = deployment(settingsFor(files));
    new Bucket(pipewarden, 'Open');
    expect(() => app.synth()).toThrow(/server access logs/);
  });
});

test('the policies of the organization are a file of the functions that judge or list, if they are given', () => {
  const given = Template.fromStack(
    deployment(settingsFor(files, { organizationPolicies: files.organizationPolicies })).pipewarden,
  );
  const variable = { Environment: { Variables: { ORGANIZATION_POLICIES_KEY: Match.anyValue() } } };
  for (const name of ['Audit', 'Sweep', 'Inventory'])
    given.hasResourceProperties('AWS::Lambda::Function', {
      ...variable,
      Role: { 'Fn::GetAtt': [Match.stringLikeRegexp(`^${name}Role`), 'Arn'] },
    });
  given.hasOutput('OrganizationPoliciesAsOf', { Value: files.organizationPolicies.asOf });
  expect(main.findOutputs('OrganizationPoliciesAsOf')).toEqual({});
  expect(JSON.stringify(main.toJSON())).not.toContain('ORGANIZATION_POLICIES_KEY');
});
