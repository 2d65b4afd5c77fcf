import { Aws, CfnOutput, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Rule } from 'aws-cdk-lib/aws-events';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { DEAD_LETTER_QUEUES } from '../shared/domain/dead-letter-queues.ts';
import { alertTopic } from './alert-topic.ts';
import { type AuditedEvents, rulePattern } from './event-patterns.ts';
import { permissions } from './permissions.ts';
import { acknowledgeLast, allowRules } from './queues.ts';
import { hubRoleNaming, roleFor, serviceOfAccount } from './roles.ts';
import { patternIn } from './rules.ts';
import type { Settings } from './settings.ts';

/**
 * Forwards events of its Region to the default bus of the home Region, where the rules are. An event keeps its own `account` and
 * `region`. It is forwarded once: EventBridge sends an event that a bus got from another bus to no third one.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cross-region.html
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-bus-to-bus.html
 */
export const forwardingStack = (
  scope: Construct,
  id: string,
  {
    homeRegion,
    patterns,
    settings,
    ...props
  }: StackProps & {
    homeRegion: string;
    patterns: readonly AuditedEvents[];
    settings: Pick<Settings, 'rolePath' | 'rolePrefix' | 'eventSourcePrefix'>;
  },
): Stack => {
  const stack = new Stack(scope, id, props);
  const homeBus = `arn:${Aws.PARTITION}:events:${homeRegion}:${Aws.ACCOUNT_ID}:event-bus/default`;
  const role = roleFor(stack, 'ForwardEventsRole', {
    name: 'forwardEvents',
    ...hubRoleNaming(settings, `Events-${stack.region}-${homeRegion}`),
    assumedBy: serviceOfAccount('events.amazonaws.com'),
    table: permissions({
      secretArns: [],
      topicArns: [],
      findingsGoTo: 'off',
      isTraced: true,
      partition: 'aws',
      resolvesWorkflow: false,
      otherRegions: [],
      hasMembers: false,
      hasOrganizationPolicies: false,
    }),
    places: { HomeBus: homeBus },
  });
  const deadLetters = new Queue(stack, 'DeadLetters', {
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
    retentionPeriod: Duration.days(14),
  });
  acknowledgeLast(deadLetters);
  const rules = patterns.map(
    (audited) =>
      new Rule(stack, audited.id, {
        description: audited.reason,
        eventPattern: patternIn(rulePattern(audited, stack.account), settings.eventSourcePrefix),
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
    alarmDescription: patterns.every(({ isGlobal }) => isGlobal)
      ? 'An event of IAM or Organizations could not be forwarded to the home Region'
      : 'An event could not be forwarded to the home Region',
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
  new CfnOutput(stack, DEAD_LETTER_QUEUES.events.output, { value: deadLetters.queueUrl });
  return stack;
};
