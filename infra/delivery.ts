import { Duration } from 'aws-cdk-lib';
import type { Rule } from 'aws-cdk-lib/aws-events';
import { EventSourceMapping, FilterCriteria, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import type { Base } from './base.ts';
import { calledOnlyBy, functionFor } from './function.ts';
import { answersOf } from './heartbeats.ts';
import { acknowledgeQueueSource, queuePair } from './queues.ts';

const TIMEOUT = Duration.seconds(60);

/**
 * Wakes the function for news only. An item has `undelivered` only where an auditor wrote it; a deliverer writes
 * `delivering`.
 */
const HAS_NEWS = {
  eventName: ['INSERT', 'MODIFY'],
  dynamodb: { NewImage: { undelivered: { N: [{ exists: true }] } } },
};

export const deliveryQueues = ({ stack }: Pick<Base, 'stack'>) =>
  queuePair(stack, {
    id: 'DeliveryRetries',
    deadLetterId: 'DeliveryDeadLetters',
    maxReceives: 10,
    timeout: TIMEOUT,
  });

/**
 * The path from the findings table through its stream to the sinks. What a sink refuses comes again through the retry
 * queue. A heartbeat is answered that all `rules` have sent.
 */
export const delivery = (base: Base, rules: readonly Rule[]) => {
  const { stack, settings, state, common, retries, heartbeats, members } = base;
  const role = base.roleOf('deliver');
  answersOf(heartbeats, role);
  const deliverer = functionFor(stack, 'Deliver', settings, {
    description: 'Tells Security Hub, the topic, Slack and the bus what changed about findings',
    memorySize: 256,
    timeout: TIMEOUT,
    role,
    logGroup: base.logs.Deliver,
    reserved: 10,
    failures: 'Its records come from a stream and a queue, each of which puts failed records aside',
    environment: {
      ...common,
      FINDINGS_TABLE: state.findings.name,
      ALERT_TOPIC_ARN: state.alertTopicArn,
      EVENT_BUS_NAME: state.bus.name,
      DELIVERY_RETRIES_URL: retries.queue.queueUrl,
      HEARTBEATS_URL: heartbeats.queueUrl,
      EVENT_SOURCES: [state.findings.streamArn, retries.queue.queueArn].join(','),
      HEARTBEAT_RULES: rules.map(({ ruleArn }) => ruleArn).join(','),
      ...members,
      ...base.tellsHistory,
    },
  });
  calledOnlyBy('Deliver', deliverer, settings);
  new EventSourceMapping(stack, 'DeliverChanges', {
    target: deliverer,
    eventSourceArn: state.findings.streamArn,
    startingPosition: StartingPosition.TRIM_HORIZON,
    batchSize: 25,
    maxBatchingWindow: Duration.seconds(1),
    // One batch of a shard at a time, so that the changes of a resource are delivered in their order.
    parallelizationFactor: 1,
    bisectBatchOnError: true,
    reportBatchItemFailures: true,
    retryAttempts: 5,
    maxRecordAge: Duration.hours(20),
    filters: [FilterCriteria.filter(HAS_NEWS)],
    onFailure: { bind: () => ({ destination: retries.deadLetters.queueArn }) },
  });
  const source = new EventSourceMapping(stack, 'DeliverRetries', {
    target: deliverer,
    eventSourceArn: retries.queue.queueArn,
    // A large batch, because what a digest held back becomes one message only if it comes in one batch.
    batchSize: 50,
    maxBatchingWindow: Duration.seconds(10),
    reportBatchItemFailures: true,
    maxConcurrency: 2,
  });
  acknowledgeQueueSource(source);
  return { deliverer };
};
