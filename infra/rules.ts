import { Aws, Duration, type Stack } from 'aws-cdk-lib';
import { Archive, EventBus, type EventPattern, Rule } from 'aws-cdk-lib/aws-events';
import { type AuditedEvents, EVENT_PATTERNS, rulePattern } from './event-patterns.ts';
import { allowRules, type QueuePair } from './queues.ts';

/** EventBridge tries for a day. Events that it could not send by then are in the dead-letter queue. */
const MAX_AGE = Duration.days(1);

/** For each pattern a rule into the queue, and an archive of the matching events, from which they can be replayed. */
export const auditedEvents = (
  stack: Stack,
  { queue, deadLetters }: QueuePair,
  eventSourcePrefix?: string,
): Rule[] => {
  const defaultBus = EventBus.fromEventBusArn(
    stack,
    'DefaultBus',
    `arn:${Aws.PARTITION}:events:${Aws.REGION}:${Aws.ACCOUNT_ID}:event-bus/default`,
  );
  const rules = EVENT_PATTERNS.map((audited) => {
    const eventPattern = patternIn(stack, audited, eventSourcePrefix);
    new Archive(stack, `${audited.id}Archive`, {
      sourceEventBus: defaultBus,
      description: audited.reason,
      eventPattern,
      retention: Duration.days(30),
    });
    return new Rule(stack, audited.id, {
      description: audited.reason,
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
  });
  for (const target of [queue, deadLetters])
    allowRules(
      target,
      rules.map(({ ruleArn }) => ruleArn),
    );
  return rules;
};

/** The pattern of a stack’s rule in the CDK’s form. The prefix is for tests only. */
export const patternIn = (stack: Stack, audited: AuditedEvents, eventSourcePrefix = ''): EventPattern => {
  const { 'detail-type': detailType, source, ...pattern } = rulePattern(audited, stack.account);
  return {
    ...pattern,
    source: source.map((each) => `${eventSourcePrefix}${each}`),
    detailType: [...detailType],
  };
};
