import { Aws, Duration, type Stack, Validations } from 'aws-cdk-lib';
import { Archive, EventBus, type EventPattern, Rule, type RuleProps, Schedule } from 'aws-cdk-lib/aws-events';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { EVENT_PATTERNS, type RulePattern, rulePattern } from './event-patterns.ts';
import type { QueuePair } from './queues.ts';
import type { Settings } from './settings.ts';

type RuleSettings = Pick<Settings, 'hasArchives' | 'eventSourcePrefix'>;

type Bus = NonNullable<RuleProps['eventBus']>;

/** EventBridge tries for a day. Events that it could not send by then are in the dead-letter queue. */
const MAX_AGE = Duration.days(1);

/**
 * When each rule sends a heartbeat: at one time, so that one batch has several of them. A rule that is disabled, deleted or without its
 * target sends none, and AWS alone makes events of its source.
 * https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html
 */
const HEARTBEAT = Schedule.cron({ minute: '17' });

/**
 * For each pattern a rule on the default bus into the queue, for events of the stack’s own account. Each also sends heartbeats, which
 * rules on other buses cannot.
 */
export const auditedEvents = (stack: Stack, queues: QueuePair, settings: RuleSettings): Rule[] => {
  const bus = EventBus.fromEventBusArn(
    stack,
    'DefaultBus',
    `arn:${Aws.PARTITION}:events:${Aws.REGION}:${Aws.ACCOUNT_ID}:event-bus/default`,
  );
  return EVENT_PATTERNS.map((audited) =>
    archivedRule(stack, queues, settings, {
      id: audited.id,
      description: audited.reason,
      archived: bus,
      schedule: HEARTBEAT,
      eventPattern: patternIn(rulePattern(audited, stack.account), settings.eventSourcePrefix),
    }),
  );
};

/**
 * A rule for calls that purge one of the queues, of which nothing else tells: it puts the record of the call, which says who made it, among
 * the dead letters, whose alarm rings. A URL has several forms; all end with the name of the queue.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-logging-using-cloudtrail.html
 */
export const purges = (
  stack: Stack,
  queues: readonly IQueue[],
  deadLetters: IQueue,
  { eventSourcePrefix }: Pick<Settings, 'eventSourcePrefix'>,
): Rule => {
  const rule = new Rule(stack, 'QueuePurges', {
    description: 'Somebody has purged a queue: what waited in it is lost until the next sweep',
    eventPattern: {
      account: [stack.account],
      source: [`${eventSourcePrefix ?? ''}aws.sqs`],
      detailType: ['AWS API Call via CloudTrail'],
      detail: {
        eventSource: ['sqs.amazonaws.com'],
        eventName: ['PurgeQueue'],
        errorCode: [{ exists: false }],
        requestParameters: { queueUrl: queues.map(({ queueName }) => ({ suffix: `/${queueName}` })) },
      },
    },
    targets: [{ bind: () => ({ arn: deadLetters.queueArn }) }],
  });
  Validations.of(rule).acknowledge({
    id: 'Serverless-EventBusDLQ',
    reason: 'It sends to the dead-letter queue itself',
  });
  return rule;
};

/** For each pattern a rule on the intake into the queue. The policy of the bus says whose events come there. */
export const membersEvents = (stack: Stack, queues: QueuePair, bus: Bus, settings: RuleSettings): Rule[] =>
  EVENT_PATTERNS.map(({ id, reason, pattern }) =>
    archivedRule(stack, queues, settings, {
      id: `Members${id}`,
      description: reason,
      archived: bus,
      eventBus: bus,
      eventPattern: patternIn(pattern, settings.eventSourcePrefix),
    }),
  );

/** A rule into the queue, and where there are archives one of the matching events, from which they can be replayed. */
const archivedRule = (
  stack: Stack,
  { queue, deadLetters }: QueuePair,
  { hasArchives }: RuleSettings,
  {
    id,
    archived,
    eventPattern,
    ...props
  }: RuleProps & { id: string; archived: Bus; description: string; eventPattern: EventPattern },
): Rule => {
  if (hasArchives)
    new Archive(stack, `${id}Archive`, {
      sourceEventBus: archived,
      description: props.description,
      eventPattern,
      retention: Duration.days(30),
    });
  return new Rule(stack, id, {
    ...props,
    eventPattern,
    targets: [
      {
        bind: () => ({
          arn: queue.queueArn,
          deadLetterConfig: { arn: deadLetters.queueArn },
          retryPolicy: { maximumEventAgeInSeconds: MAX_AGE.toSeconds(), maximumRetryAttempts: 185 },
        }),
      },
    ],
  });
};

/** A pattern in the CDK’s form. The prefix is for tests only. */
export const patternIn = (
  { 'detail-type': detailType, source, ...pattern }: RulePattern,
  eventSourcePrefix = '',
): EventPattern => {
  return {
    ...pattern,
    source: source.map((each) => `${eventSourcePrefix}${each}`),
    detailType: [...detailType],
  };
};
