import { Aws, CfnOutput, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Rule } from 'aws-cdk-lib/aws-events';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { alertTopic } from './alert-topic.ts';
import { EVENT_PATTERNS } from './event-patterns.ts';
import { permissions } from './permissions.ts';
import { acknowledgeLast, allowRules } from './queues.ts';
import { roleFor } from './roles.ts';
import { patternIn } from './rules.ts';

/** The only Region in which IAM and Organizations send their events. */
export const IAM_EVENTS_REGION = 'us-east-1';

/**
 * Forwards the events of IAM and Organizations to the default bus of the home Region, where the rules are.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cross-region.html
 */
export const iamEventsStack = (
  scope: Construct,
  id: string,
  {
    homeRegion,
    eventSourcePrefix,
    ...props
  }: StackProps & { homeRegion: string; eventSourcePrefix?: string },
): Stack => {
  const stack = new Stack(scope, id, props);
  const homeBus = `arn:${Aws.PARTITION}:events:${homeRegion}:${Aws.ACCOUNT_ID}:event-bus/default`;
  const role = roleFor(stack, 'ForwardEventsRole', {
    name: 'forwardEvents',
    service: 'events.amazonaws.com',
    table: permissions({ secretArns: [], topicArns: [], resolvesWorkflow: false }),
    places: { HomeBus: homeBus },
  });
  const deadLetters = new Queue(stack, 'DeadLetters', {
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
    retentionPeriod: Duration.days(14),
  });
  acknowledgeLast(deadLetters);
  const rules = EVENT_PATTERNS.filter(({ isGlobal }) => isGlobal).map(
    (audited) =>
      new Rule(stack, audited.id, {
        description: audited.reason,
        eventPattern: patternIn(stack, audited, eventSourcePrefix),
        targets: [{ bind: () => ({ arn: homeBus, role, deadLetterConfig: { arn: deadLetters.queueArn } }) }],
      }),
  );
  allowRules(
    deadLetters,
    rules.map(({ ruleArn }) => ruleArn),
  );

  // An alarm can only use topics of its own Region.
  const alarmName = `${stack.stackName}-DeadLetters`;
  const alerts = alertTopic(stack, alarmName);
  new Alarm(stack, 'DeadLettersAlarm', {
    alarmName,
    alarmDescription: 'An event of IAM or Organizations could not be forwarded to the home Region',
    metric: deadLetters.metricApproximateNumberOfMessagesVisible({
      period: Duration.minutes(1),
      statistic: 'Maximum',
    }),
    threshold: 1,
    evaluationPeriods: 1,
    comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    treatMissingData: TreatMissingData.NOT_BREACHING,
  }).addAlarmAction(new SnsAction(alerts));

  new CfnOutput(stack, 'AlertTopicArn', { value: alerts.topicArn });
  new CfnOutput(stack, 'DeadLetterQueueUrl', { value: deadLetters.queueUrl });
  return stack;
};
