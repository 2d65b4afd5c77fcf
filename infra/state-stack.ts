import { Aws, CfnOutput, Duration, RemovalPolicy, Stack, type StackProps, Validations } from 'aws-cdk-lib';
import { AttributeType, StreamViewType, TableEncryptionV2, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { stateBuckets } from './buckets.ts';

/** What the system keeps, by what the other stack needs of it. */
export type State = {
  stack: Stack;
  keyArn: string;
  findings: { name: string; arn: string; streamArn: string };
  idempotency: { name: string; arn: string };
  alertTopicArn: string;
  bus: { name: string; arn: string };
  sweepBucket: { name: string; arn: string };
  reportBucket: { name: string; arn: string };
};

/** What outlives the rest: removing or replacing the other stack loses no finding, report or subscription. */
export const stateStack = (
  scope: Construct,
  id: string,
  {
    alarmPrefix,
    ...props
  }: StackProps & { /** How the names of the alarms begin that may be told. */ alarmPrefix: string },
): State => {
  const stack = new Stack(scope, id, props);
  const key = dataKey(stack);

  const findings = new TableV2(stack, 'Findings', {
    partitionKey: { name: 'pk', type: AttributeType.STRING },
    sortKey: { name: 'sk', type: AttributeType.STRING },
    timeToLiveAttribute: 'expiresAt',
    dynamoStream: StreamViewType.NEW_IMAGE,
    encryption: TableEncryptionV2.customerManagedKey(key),
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    deletionProtection: true,
    removalPolicy: RemovalPolicy.RETAIN,
  });
  // Hashes of event ids: nothing that a key of one's own would keep from anyone.
  const idempotency = new TableV2(stack, 'Idempotency', {
    partitionKey: { name: 'id', type: AttributeType.STRING },
    timeToLiveAttribute: 'expiration',
    removalPolicy: RemovalPolicy.DESTROY,
  });
  Validations.of(idempotency).acknowledge({
    id: 'AwsSolutions-DDB3',
    reason:
      'What it holds is worth nothing after a day: an event handled twice finds the state of the first time',
  });

  const alerts = new Topic(stack, 'Alerts', { enforceSSL: true, masterKey: key });
  alerts.addToResourcePolicy(
    new PolicyStatement({
      sid: 'AlarmsOfThisSystem',
      actions: ['sns:Publish'],
      principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
      resources: [alerts.topicArn],
      conditions: {
        StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID },
        ArnLike: {
          'aws:SourceArn': `arn:${Aws.PARTITION}:cloudwatch:${Aws.REGION}:${Aws.ACCOUNT_ID}:alarm:${alarmPrefix}*`,
        },
      },
    }),
  );
  const bus = new EventBus(stack, 'Bus', {
    eventBusName: 'pipewarden',
    description: 'Pipewarden Finding Opened, Changed and Resolved, for others to build on',
  });
  const { sweeps, reports } = stateBuckets(stack, key);

  new CfnOutput(stack, 'AlertTopicArn', { value: alerts.topicArn });
  new CfnOutput(stack, 'EventBusName', { value: bus.eventBusName });
  new CfnOutput(stack, 'FindingsTable', { value: findings.tableName });
  new CfnOutput(stack, 'ReportBucket', { value: reports.bucketName });
  return {
    stack,
    keyArn: key.keyArn,
    findings: { name: findings.tableName, arn: findings.tableArn, streamArn: findings.tableStreamArn ?? '' },
    idempotency: { name: idempotency.tableName, arn: idempotency.tableArn },
    alertTopicArn: alerts.topicArn,
    bus: { name: bus.eventBusName, arn: bus.eventBusArn },
    sweepBucket: { name: sweeps.bucketName, arn: sweeps.bucketArn },
    reportBucket: { name: reports.bucketName, arn: reports.bucketArn },
  };
};

/**
 * The key of findings, reports, alerts and logs. The queues have none: a key that is disabled or whose policy is changed would
 * blind the auditor, as EventBridge could put its events neither into the queue nor among the dead letters.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
 */
const dataKey = (stack: Stack): Key => {
  const key = new Key(stack, 'DataKey', {
    description: 'Pipewarden: findings, reports, alerts and logs',
    enableKeyRotation: true,
    pendingWindow: Duration.days(30),
    removalPolicy: RemovalPolicy.RETAIN,
  });
  key.addToResourcePolicy(
    new PolicyStatement({
      sid: 'LogsOfThisAccount',
      actions: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:DescribeKey'],
      principals: [new ServicePrincipal(`logs.${Aws.REGION}.${Aws.URL_SUFFIX}`)],
      resources: ['*'],
      conditions: {
        ArnLike: {
          'kms:EncryptionContext:aws:logs:arn': `arn:${Aws.PARTITION}:logs:${Aws.REGION}:${Aws.ACCOUNT_ID}:log-group:*`,
        },
      },
    }),
  );
  key.addToResourcePolicy(
    new PolicyStatement({
      sid: 'AlarmsToTheTopic',
      actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
      principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
      resources: ['*'],
      conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
    }),
  );
  return key;
};
