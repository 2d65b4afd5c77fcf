import { CfnOutput, Duration, Fn, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { AttributeType, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { type EventPattern, Rule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { FactAction } from '../shared/facts/facts.ts';
import { EVENT_PATTERNS, rulePattern } from './event-patterns.ts';

export type AuditStackProps = StackProps & {
  /** The folder with the bundled handler, and the configuration beside it. */
  assetFolder: string;
  /** The configuration's file name in that folder. */
  configFile: string;
  reads: readonly FactAction[];
  /** At least 2, and never more messages in flight than that; without it, what the account has left. */
  reservedConcurrency?: number;
  logRetention?: RetentionDays;
};

const TIMEOUT = Duration.seconds(60);

/** Events → queue → auditor → findings table, Security Hub and topic, with a dead-letter queue that raises an alarm. */
export const auditStack = (scope: Construct, id: string, props: AuditStackProps): Stack => {
  const stack = new Stack(scope, id, props);

  const alerts = new Topic(stack, 'Alerts', { enforceSSL: true });
  const { queue, deadLetters } = queues(stack);
  alarmOn(deadLetters, alerts, stack);
  for (const events of EVENT_PATTERNS) {
    const { 'detail-type': detailType, ...pattern } = rulePattern(events, stack.account);
    new Rule(stack, events.id, {
      description: events.reason,
      eventPattern: { ...pattern, source: [...pattern.source], detailType: [...detailType] } as EventPattern,
      targets: [new SqsQueue(queue, { deadLetterQueue: deadLetters })],
    });
  }

  const findings = new TableV2(stack, 'Findings', {
    partitionKey: { name: 'pk', type: AttributeType.STRING },
    timeToLiveAttribute: 'expiresAt',
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    removalPolicy: RemovalPolicy.RETAIN,
  });
  const idempotency = new TableV2(stack, 'Idempotency', {
    partitionKey: { name: 'id', type: AttributeType.STRING },
    timeToLiveAttribute: 'expiration',
    removalPolicy: RemovalPolicy.DESTROY,
  });

  const logGroup = new LogGroup(stack, 'AuditLog', {
    retention: props.logRetention ?? RetentionDays.ONE_YEAR,
    removalPolicy: RemovalPolicy.RETAIN,
  });
  const role = new Role(stack, 'AuditRole', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
  logGroup.grantWrite(role);
  findings.grant(role, 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:DeleteItem');
  idempotency.grant(
    role,
    'dynamodb:GetItem',
    'dynamodb:PutItem',
    'dynamodb:UpdateItem',
    'dynamodb:DeleteItem',
  );
  alerts.grantPublish(role);
  role.addToPolicy(
    new PolicyStatement({
      actions: ['securityhub:BatchImportFindings'],
      resources: [
        Fn.sub(
          'arn:${AWS::Partition}:securityhub:${AWS::Region}:${AWS::AccountId}:product/${AWS::AccountId}/default',
        ),
      ],
    }),
  );
  for (const [resource, reads] of Map.groupBy(props.reads, (read) => read.resource)) {
    const actions = reads.map(({ action }) => action);
    role.addToPolicy(new PolicyStatement({ actions, resources: [Fn.sub(resource)] }));
  }

  const auditor = new LambdaFunction(stack, 'Auditor', {
    description: 'Looks at what an event is about, and tells what changed about its findings',
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    code: Code.fromAsset(props.assetFolder, { exclude: ['*.map', 'meta.json'] }),
    handler: 'index.handler',
    memorySize: 256,
    timeout: TIMEOUT,
    role,
    logGroup,
    ...(props.reservedConcurrency === undefined
      ? {}
      : { reservedConcurrentExecutions: props.reservedConcurrency }),
    environment: {
      FINDINGS_TABLE: findings.tableName,
      IDEMPOTENCY_TABLE: idempotency.tableName,
      ALERT_TOPIC_ARN: alerts.topicArn,
      PIPEWARDEN_CONFIG_FILE: props.configFile,
      POWERTOOLS_SERVICE_NAME: 'pipewarden',
      POWERTOOLS_METRICS_NAMESPACE: 'Pipewarden',
      // A bundled dependency still calls url.parse(); each cold start would log a warning.
      NODE_OPTIONS: '--disable-warning=DEP0169',
    },
  });
  auditor.addEventSource(
    new SqsEventSource(queue, {
      batchSize: 10,
      reportBatchItemFailures: true,
      // Without it the pollers outrun the function, and throttled messages end among the dead letters.
      ...(props.reservedConcurrency === undefined ? {} : { maxConcurrency: props.reservedConcurrency }),
    }),
  );

  new CfnOutput(stack, 'AlertTopicArn', { value: alerts.topicArn });
  new CfnOutput(stack, 'DeadLetterQueueUrl', { value: deadLetters.queueUrl });
  return stack;
};

/** Encrypted by SQS itself: EventBridge may not use the AWS managed KMS key of SQS. */
const queues = (stack: Stack): { queue: Queue; deadLetters: Queue } => {
  const security = { encryption: QueueEncryption.SQS_MANAGED, enforceSSL: true };
  const deadLetters = new Queue(stack, 'DeadLetters', { ...security, retentionPeriod: Duration.days(14) });
  const queue = new Queue(stack, 'Requests', {
    ...security,
    retentionPeriod: Duration.days(4),
    // Six times the function's timeout, as Lambda advises for its retries of throttled batches.
    visibilityTimeout: Duration.seconds(6 * TIMEOUT.toSeconds()),
    deadLetterQueue: { queue: deadLetters, maxReceiveCount: 5 },
  });
  return { queue, deadLetters };
};

const alarmOn = (deadLetters: Queue, alerts: Topic, stack: Stack): void => {
  const alarm = new Alarm(stack, 'DeadLettersAlarm', {
    alarmDescription: 'An event could not be audited: a message lies in the dead-letter queue',
    metric: deadLetters.metricApproximateNumberOfMessagesVisible({
      period: Duration.minutes(1),
      statistic: 'Maximum',
    }),
    threshold: 1,
    evaluationPeriods: 1,
    comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    treatMissingData: TreatMissingData.NOT_BREACHING,
  });
  alarm.addAlarmAction(new SnsAction(alerts));
  alerts.grantPublish(
    new ServicePrincipal('cloudwatch.amazonaws.com', {
      conditions: { StringEquals: { 'aws:SourceAccount': stack.account } },
    }),
  );
};
