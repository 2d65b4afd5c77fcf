import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { App } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { type AuditStackProps, auditStack } from '../../../infra/audit-stack.ts';
import { EVENT_PATTERNS } from '../../../infra/event-patterns.ts';

let assetFolder: string;
let template: Template;

const synthesise = (over: Partial<AuditStackProps> = {}): Template =>
  Template.fromStack(
    auditStack(new App(), 'Test', {
      assetFolder,
      configFile: 'pipewarden.json',
      reads: [
        {
          action: 'iam:GetRole',
          resource: 'arn:${AWS::Partition}:iam::${AWS::AccountId}:role/*',
          reason: 'its path',
        },
        { action: 's3:GetBucketCORS', resource: 'arn:${AWS::Partition}:s3:::*', reason: 'its rules' },
        { action: 's3:GetBucketTagging', resource: 'arn:${AWS::Partition}:s3:::*', reason: 'its tags' },
      ],
      ...over,
    }),
  );

beforeAll(() => {
  assetFolder = mkdtempSync(join(tmpdir(), 'pipewarden-asset-'));
  writeFileSync(
    join(assetFolder, 'index.mjs'),
    'export const handler = async () => ({ batchItemFailures: [] });',
  );
  template = synthesise();
});
afterAll(() => rmSync(assetFolder, { recursive: true }));

type Statement = { Action: string | string[]; Effect: string; Resource: unknown };

/** Every statement of the policies that are attached to the function's role. */
const roleStatements = (): Statement[] =>
  Object.values(template.findResources('AWS::IAM::Policy')).flatMap(
    ({ Properties }) => Properties.PolicyDocument.Statement as Statement[],
  );
const actionsOf = ({ Action }: Statement): string[] => [Action].flat();

describe('the rules', () => {
  test.each(EVENT_PATTERNS)(
    '$id sends to the queue, and to the dead letters what cannot be sent',
    ({ id, pattern }) => {
      const rules = template.findResources('AWS::Events::Rule', { Properties: { EventPattern: pattern } });
      expect(Object.keys(rules)).toEqual([expect.stringMatching(new RegExp(`^${id}[0-9A-F]{8}$`))]);
      const [rule] = Object.values(rules);
      expect(rule?.Properties.Targets).toEqual([
        {
          Id: 'Target0',
          Arn: { 'Fn::GetAtt': [logicalId('AWS::SQS::Queue', 'Requests'), 'Arn'] },
          DeadLetterConfig: { Arn: { 'Fn::GetAtt': [logicalId('AWS::SQS::Queue', 'DeadLetters'), 'Arn'] } },
        },
      ]);
    },
  );

  test('match the operations on pipelines, jobs, buckets, principals and policies, of those services only', () => {
    const details = EVENT_PATTERNS.flatMap(({ pattern }) => pattern.detail ?? []);
    const named = details.flatMap(({ eventSource, eventName }) =>
      eventName.map((name) => [eventSource.join(), name]),
    );
    expect(named).toEqual(
      expect.arrayContaining([
        ['sagemaker.amazonaws.com', 'CreatePipeline'],
        ['sagemaker.amazonaws.com', 'UpdatePipeline'],
        ['sagemaker.amazonaws.com', 'UpdatePipelineVersion'],
        ['sagemaker.amazonaws.com', 'StartPipelineExecution'],
        ['sagemaker.amazonaws.com', 'DeletePipeline'],
        ['sagemaker.amazonaws.com', 'CreateTrainingJob'],
        ['sagemaker.amazonaws.com', 'CreateAutoMLJobV2'],
        ['s3.amazonaws.com', 'PutBucketCors'],
        ['s3.amazonaws.com', 'DeleteBucketCors'],
        ['s3.amazonaws.com', 'PutBucketPolicy'],
        ['s3.amazonaws.com', 'DeleteBucketPolicy'],
        ['s3.amazonaws.com', 'PutBucketTagging'],
        ['s3.amazonaws.com', 'DeleteBucketTagging'],
        ['s3.amazonaws.com', 'DeleteBucket'],
        ['iam.amazonaws.com', 'CreateRole'],
        ['iam.amazonaws.com', 'DeleteRole'],
        ['iam.amazonaws.com', 'PutRolePolicy'],
        ['iam.amazonaws.com', 'UpdateAssumeRolePolicy'],
        ['iam.amazonaws.com', 'AddUserToGroup'],
        ['iam.amazonaws.com', 'AttachGroupPolicy'],
        ['iam.amazonaws.com', 'SetDefaultPolicyVersion'],
        ['organizations.amazonaws.com', 'AttachPolicy'],
        ['organizations.amazonaws.com', 'MoveAccount'],
      ]),
    );
    expect(details.map(({ eventSource }) => eventSource)).toEqual([
      ['sagemaker.amazonaws.com'],
      ['s3.amazonaws.com'],
      ['iam.amazonaws.com'],
      ['organizations.amazonaws.com'],
    ]);
  });

  test('match the state changes of executions, steps and jobs, and none of what is no job', () => {
    const [states, ...others] = EVENT_PATTERNS.filter(({ pattern }) => !pattern.detail);
    expect(others).toEqual([]);
    expect(states?.pattern.source).toEqual(['aws.sagemaker']);
    expect(states?.pattern['detail-type']).toEqual([
      'SageMaker Model Building Pipeline Execution Status Change',
      'SageMaker Model Building Pipeline Execution Step Status Change',
      'SageMaker Training Job State Change',
      'SageMaker Processing Job State Change',
      'SageMaker Transform Job State Change',
      'SageMaker HyperParameter Tuning Job State Change',
      'SageMaker Model Package State Change',
      'SageMaker Model State Change',
      'SageMaker Ground Truth Labeling Job State Change',
      'SageMaker Model Card Export Job State Change',
    ]);
  });

  test('say in few enough words for EventBridge what they are for', () => {
    for (const { reason } of EVENT_PATTERNS) expect(reason.length).toBeLessThanOrEqual(512);
  });

  test('fit into the 2,048 characters that EventBridge allows for a pattern', () => {
    for (const { pattern } of EVENT_PATTERNS)
      expect(JSON.stringify(pattern).length).toBeLessThanOrEqual(2048);
  });

  test('listen to nothing that the auditor itself causes', () => {
    expect(EVENT_PATTERNS.flatMap(({ pattern }) => pattern.source)).not.toContain('aws.securityhub');
  });
});

describe('the queue', () => {
  test('puts a message aside after five attempts, and waits six times as long as the function may run', () => {
    template.hasResourceProperties('AWS::SQS::Queue', {
      RedrivePolicy: {
        deadLetterTargetArn: { 'Fn::GetAtt': [logicalId('AWS::SQS::Queue', 'DeadLetters'), 'Arn'] },
        maxReceiveCount: 5,
      },
      VisibilityTimeout: 360,
      SqsManagedSseEnabled: true,
    });
  });

  test('keeps dead letters for 14 days, and raises an alarm at the first', () => {
    template.hasResourceProperties('AWS::SQS::Queue', {
      MessageRetentionPeriod: 1_209_600,
      RedrivePolicy: Match.absent(),
    });
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: 'ApproximateNumberOfMessagesVisible',
      Threshold: 1,
      AlarmActions: [{ Ref: logicalId('AWS::SNS::Topic', 'Alerts') }],
      Dimensions: [
        {
          Name: 'QueueName',
          Value: { 'Fn::GetAtt': [logicalId('AWS::SQS::Queue', 'DeadLetters'), 'QueueName'] },
        },
      ],
    });
  });

  test('feeds the function, which fails single messages', () => {
    template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      BatchSize: 10,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: Match.absent(),
    });
  });

  test.each(['AWS::SQS::QueuePolicy', 'AWS::SNS::TopicPolicy'])(
    '%s refuses what is not encrypted',
    (type) => {
      for (const { Properties } of Object.values(template.findResources(type))) {
        expect(Properties.PolicyDocument.Statement).toContainEqual(
          expect.objectContaining({
            Effect: 'Deny',
            Condition: { Bool: { 'aws:SecureTransport': 'false' } },
          }),
        );
      }
      expect(Object.keys(template.findResources(type))).toHaveLength(
        type === 'AWS::SQS::QueuePolicy' ? 2 : 1,
      );
    },
  );
});

describe('the function', () => {
  test('runs the bundle, and knows its tables, topic and configuration', () => {
    template.hasResourceProperties('AWS::Lambda::Function', {
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Handler: 'index.handler',
      MemorySize: 256,
      Timeout: 60,
      ReservedConcurrentExecutions: Match.absent(),
      Environment: {
        Variables: {
          FINDINGS_TABLE: { Ref: logicalId('AWS::DynamoDB::GlobalTable', 'Findings') },
          IDEMPOTENCY_TABLE: { Ref: logicalId('AWS::DynamoDB::GlobalTable', 'Idempotency') },
          ALERT_TOPIC_ARN: { Ref: logicalId('AWS::SNS::Topic', 'Alerts') },
          PIPEWARDEN_CONFIG_FILE: 'pipewarden.json',
          POWERTOOLS_SERVICE_NAME: 'pipewarden',
          POWERTOOLS_METRICS_NAMESPACE: 'Pipewarden',
          NODE_OPTIONS: '--disable-warning=DEP0169',
        },
      },
    });
  });

  test('is never handed more messages than its reserved concurrency takes', () => {
    const reserved = synthesise({ reservedConcurrency: 5 });
    reserved.hasResourceProperties('AWS::Lambda::Function', { ReservedConcurrentExecutions: 5 });
    reserved.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      ScalingConfig: { MaximumConcurrency: 5 },
    });
  });

  test('has a log that is kept for a year', () => {
    template.hasResource('AWS::Logs::LogGroup', {
      Properties: { RetentionInDays: 365 },
      DeletionPolicy: 'Retain',
    });
  });
});

describe('the role', () => {
  test('may do what the auditor does, and nothing else', () => {
    expect(roleStatements().flatMap(actionsOf).toSorted()).toEqual(
      [
        ...['logs:CreateLogStream', 'logs:PutLogEvents'],
        ...['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:DeleteItem'],
        ...['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem'],
        'sns:Publish',
        'securityhub:BatchImportFindings',
        ...['iam:GetRole', 's3:GetBucketCORS', 's3:GetBucketTagging'],
        ...[
          'sqs:ReceiveMessage',
          'sqs:ChangeMessageVisibility',
          'sqs:GetQueueUrl',
          'sqs:DeleteMessage',
          'sqs:GetQueueAttributes',
        ],
      ].toSorted(),
    );
  });

  test('has no wildcard for an action, none for every resource, and no managed policy', () => {
    for (const statement of roleStatements()) {
      expect(actionsOf(statement).filter((action) => action.includes('*'))).toEqual([]);
      expect([statement.Resource].flat()).not.toContain('*');
    }
    template.hasResourceProperties('AWS::IAM::Role', { ManagedPolicyArns: Match.absent() });
  });

  test('imports findings as the default product of its account', () => {
    const [statement] = roleStatements().filter((one) =>
      actionsOf(one).includes('securityhub:BatchImportFindings'),
    );
    expect(statement?.Resource).toEqual({
      'Fn::Sub':
        'arn:${AWS::Partition}:securityhub:${AWS::Region}:${AWS::AccountId}:product/${AWS::AccountId}/default',
    });
  });
});

describe('the tables', () => {
  test('findings are kept, can be restored, and forget what has expired', () => {
    template.hasResource('AWS::DynamoDB::GlobalTable', {
      DeletionPolicy: 'Retain',
      Properties: {
        KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
        TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
        Replicas: [
          Match.objectLike({ PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } }),
        ],
      },
    });
  });

  test('idempotency records expire', () => {
    template.hasResourceProperties('AWS::DynamoDB::GlobalTable', {
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      TimeToLiveSpecification: { AttributeName: 'expiration', Enabled: true },
    });
  });
});

test('what holds data keeps its logical id, since another one would replace it', () => {
  const stateful = [
    'AWS::DynamoDB::GlobalTable',
    'AWS::SQS::Queue',
    'AWS::SNS::Topic',
    'AWS::Logs::LogGroup',
  ];
  expect(stateful.flatMap((type) => Object.keys(template.findResources(type))).toSorted()).toEqual([
    'Alerts91F83244',
    'AuditLogA5B7094E',
    'DeadLettersBBF8BAAB',
    'Findings172CF60E',
    'IdempotencyC15CBC33',
    'RequestsC42AC379',
  ]);
});

/** The logical id of the resource of that type whose construct has that id. */
const logicalId = (type: string, constructId: string): string => {
  const found = Object.keys(template.findResources(type)).filter((id) =>
    new RegExp(`^${constructId}[0-9A-F]{8}$`).test(id),
  );
  const [id] = found;
  if (!id || found.length > 1) throw new Error(`${found.length} of ${type} are called ${constructId}`);
  return id;
};
