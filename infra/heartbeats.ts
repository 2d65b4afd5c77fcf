import { Duration, type Stack } from 'aws-cdk-lib';
import { AnyPrincipal, Effect, type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { AlarmSpec } from './own-alarms.ts';
import { acknowledgeLast } from './queues.ts';

/**
 * The queue in which the deliverer answers heartbeats. Nobody reads it: that a message was sent is a metric of AWS, which nobody else
 * can write, and unlike those of most services it has zeros where nothing is sent.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
 */
export const heartbeatQueue = (stack: Stack): Queue => {
  const queue = new Queue(stack, 'Heartbeats', {
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
    retentionPeriod: Duration.minutes(1),
  });
  acknowledgeLast(queue, 'Nobody reads it: an alarm counts what is sent to it');
  return queue;
};

/** Nobody but the role may send an answer, whatever his own policies allow. */
export const answersOf = (queue: Queue, { roleArn }: IRole): void => {
  queue.addToResourcePolicy(
    new PolicyStatement({
      sid: 'TheDelivererAlone',
      effect: Effect.DENY,
      actions: ['sqs:SendMessage'],
      principals: [new AnyPrincipal()],
      resources: [queue.queueArn],
      conditions: { ArnNotEquals: { 'aws:PrincipalArn': roleArn } },
    }),
  );
};

/** One heartbeat may be lost. Until the first one the queue has no metrics, or zeros for less than an hour. */
export const unanswered = (queue: Queue): AlarmSpec => ({
  id: 'HeartbeatMissing',
  description:
    'No heartbeat has come through rules, queue, auditor, table and deliverer for three hours: a part of the path is switched off or fails',
  metric: queue.metricNumberOfMessagesSent({ period: Duration.hours(1), statistic: 'Sum' }),
  threshold: 1,
  isLeast: true,
  periods: 3,
  silence: 'as before',
});
