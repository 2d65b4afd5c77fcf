import { Aws, Duration, RemovalPolicy, Stack, type StackProps, Validations } from 'aws-cdk-lib';
import { AttributeType, StreamViewType, TableEncryptionV2, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { FINDINGS_BUS } from '../shared/domain/deployment-names.ts';
import { alertTopic } from './alert-topic.ts';
import { stateBuckets } from './buckets.ts';
import { hubRoleArnEnd } from './roles.ts';
import type { Settings } from './settings.ts';
import { signingKey } from './signing-key.ts';
import { toldOtherStacks } from './told-outputs.ts';

/** What the state stack tells the other stack. */
export type ToldState = {
  stack: Stack;
  keyArn: string;
  /** The key of the topic that is made, if one is. */
  alertKeyArn: string | undefined;
  findings: { name: string; arn: string; streamArn: string };
  alertTopicArn: string;
  bus: { name: string; arn: string };
  sweepBucket: { name: string; arn: string };
  reportBucket: { name: string; arn: string };
  configurationBucket: { name: string; arn: string };
  /** Missing where no history is kept. */
  historyBucket?: { name: string; arn: string };
  /** Missing where no evidence packs are made. */
  signingKeyArn?: string;
};

/**
 * The stack with everything that must outlive the rest. Removing or replacing the other stack loses no finding, report
 * or subscription.
 */
export const stateStack = (
  scope: Construct,
  id: string,
  {
    mainStack,
    settings,
    ...props
  }: StackProps & {
    /** The name of the stack with the functions, with which the names of its alarms and roles begin. */
    mainStack: string;
    settings: Pick<Settings, 'keyArn' | 'alertTopicArn' | 'history' | 'evidence' | 'rolePath' | 'rolePrefix'>;
  },
): ToldState => {
  const { keyArn, alertTopicArn, history } = settings;
  const stack = new Stack(scope, id, props);
  const key = keyArn === undefined ? dataKey(stack) : Key.fromKeyArn(stack, 'DataKey', keyArn);

  const findings = new TableV2(stack, 'Findings', {
    partitionKey: { name: 'pk', type: AttributeType.STRING },
    sortKey: { name: 'sk', type: AttributeType.STRING },
    timeToLiveAttribute: 'expiresAt',
    dynamoStream: StreamViewType.NEW_IMAGE,
    encryption: TableEncryptionV2.customerManagedKey(key),
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    deletionProtection: true,
    removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
  });
  // No function uses this table any more. It and its exports stay as long as the other exports do.
  const idempotency = new TableV2(stack, 'Idempotency', {
    partitionKey: { name: 'id', type: AttributeType.STRING },
    timeToLiveAttribute: 'expiration',
    removalPolicy: RemovalPolicy.DESTROY,
  });
  Validations.of(idempotency).acknowledge({
    id: 'AwsSolutions-DDB3',
    reason:
      'Its items are useless after a day: an event that is handled twice finds the state of the first time',
  });

  const topicKey = keyArn !== undefined ? key : alertTopicArn === undefined ? alertKey(stack) : undefined;
  const alerts = alertTopicArn === undefined ? alertTopic(stack, `${mainStack}-*`, topicKey) : undefined;
  const bus = new EventBus(stack, 'Bus', {
    eventBusName: FINDINGS_BUS,
    description:
      'Pipewarden Finding Opened, Changed, Resolved, Closed and Not Judged, for others to build on',
  });
  const { sweeps, reports, configurations, history: kept } = stateBuckets(stack, key, history);
  const signs =
    settings.evidence === undefined
      ? undefined
      : signingKey(stack, hubRoleArnEnd(settings, { mainStack, title: 'Evidence', region: stack.region }));
  // The table comes last, because it refuses to be deleted, also where a stack that could not be made is taken back. It names the
  // key, and the topic its own.
  const first = [findings, key, topicKey];
  findings.node.addDependency(
    ...stack.node.children.filter((child) => first.every((each) => each !== child)),
  );

  const told = (name: string, value: string) => toldOtherStacks(stack, name, value);
  told('IdempotencyTable', idempotency.tableName);
  told('IdempotencyTableArn', idempotency.tableArn);
  return {
    stack,
    keyArn: keyArn ?? told('DataKeyArn', key.keyArn),
    alertKeyArn: keyArn ?? (topicKey && told('AlertKeyArn', topicKey.keyArn)),
    findings: {
      name: told('FindingsTable', findings.tableName),
      arn: told('FindingsTableArn', findings.tableArn),
      streamArn: told('FindingsStreamArn', findings.tableStreamArn ?? ''),
    },
    alertTopicArn: alerts ? told('AlertTopicArn', alerts.topicArn) : (alertTopicArn ?? ''),
    bus: { name: told('EventBusName', bus.eventBusName), arn: told('EventBusArn', bus.eventBusArn) },
    sweepBucket: {
      name: told('SweepBucket', sweeps.bucketName),
      arn: told('SweepBucketArn', sweeps.bucketArn),
    },
    reportBucket: {
      name: told('ReportBucket', reports.bucketName),
      arn: told('ReportBucketArn', reports.bucketArn),
    },
    configurationBucket: {
      name: told('ConfigurationBucket', configurations.bucketName),
      arn: told('ConfigurationBucketArn', configurations.bucketArn),
    },
    ...(kept && {
      historyBucket: {
        name: told('HistoryBucket', kept.bucketName),
        arn: told('HistoryBucketArn', kept.bucketArn),
      },
    }),
    ...(signs && { signingKeyArn: told('SigningKeyArn', signs.keyArn) }),
  };
};

/**
 * The key of findings, reports and logs. The queues do not use it: if somebody disabled the key or changed its
 * policy, EventBridge could deliver events neither to the queue nor to the dead-letter queue, and the auditor would be
 * blind.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
 */
const dataKey = (stack: Stack): Key => {
  const key = ownKey(stack, 'DataKey', 'Pipewarden: findings, reports and logs');
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
  return key;
};

/** The key of the alert topic: an alarm that somebody has disabled the key of the data reaches people all the same. */
const alertKey = (stack: Stack): Key => {
  const key = ownKey(stack, 'AlertKey', 'Pipewarden: alerts');
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

const ownKey = (stack: Stack, id: string, description: string): Key =>
  new Key(stack, id, {
    description,
    enableKeyRotation: true,
    pendingWindow: Duration.days(30),
    removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
  });
