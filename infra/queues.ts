import { Aws, Duration, type Stack, Validations } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { EventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';

export type QueuePair = { queue: Queue; deadLetters: Queue };

/**
 * A queue and its dead-letter queue. SQS itself encrypts them (see `dataKey`). `isInOrder`: of each group, the queue hands out one
 * message at a time.
 */
export const queuePair = (
  stack: Stack,
  {
    id,
    deadLetterId,
    maxReceives,
    timeout,
    isInOrder = false,
    // Six times the function’s timeout, as Lambda advises for retries of throttled batches.
    visibility = Duration.seconds(6 * timeout.toSeconds()),
  }: {
    id: string;
    deadLetterId: string;
    maxReceives: number;
    timeout: Duration;
    isInOrder?: boolean;
    visibility?: Duration;
  },
): QueuePair => {
  const security = {
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
    ...(isInOrder && { fifo: true }),
  };
  const deadLetters = new Queue(stack, deadLetterId, { ...security, retentionPeriod: Duration.days(14) });
  acknowledgeLast(deadLetters);
  const queue = new Queue(stack, id, {
    ...security,
    retentionPeriod: Duration.days(4),
    visibilityTimeout: visibility,
    deadLetterQueue: { queue: deadLetters, maxReceiveCount: maxReceives },
  });
  return { queue, deadLetters };
};

/** A queue without a dead-letter queue. Of dead letters, the alarm on the depth calls a person. */
export const acknowledgeLast = (
  queue: Queue,
  reason = 'It is a dead-letter queue itself; an alarm reports its first message',
): void =>
  Validations.of(queue).acknowledge(
    { id: 'Serverless-SQSRedrivePolicy', reason },
    { id: 'AwsSolutions-SQS3', reason },
  );

export const acknowledgeQueueSource = (source: EventSourceMapping): void =>
  Validations.of(source).acknowledge({
    id: 'Serverless-LambdaEventSourceMappingDestination',
    reason: 'A queue as source takes no failure destination: failed messages go to its own dead-letter queue',
  });

/** Only the given rules may send to the queue: no other rule, and none of another account. */
export const allowRules = (queue: Queue, ruleArns: readonly string[]): void => {
  queue.addToResourcePolicy(
    new PolicyStatement({
      sid: 'RulesOfThisSystem',
      actions: ['sqs:SendMessage'],
      principals: [new ServicePrincipal('events.amazonaws.com')],
      resources: [queue.queueArn],
      conditions: {
        ArnEquals: { 'aws:SourceArn': [...ruleArns] },
        StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID },
      },
    }),
  );
};
