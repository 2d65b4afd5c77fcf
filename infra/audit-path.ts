import { Duration } from 'aws-cdk-lib';
import { EventSourceMapping, type Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { Base } from './base.ts';
import { calledOnlyBy, functionFor } from './function.ts';
import { intake } from './intake.ts';
import { acknowledgeQueueSource, allowRules, queuePair } from './queues.ts';
import { auditedEvents, purges } from './rules.ts';

const AUDIT_TIMEOUT = Duration.seconds(60);
/** After this many attempts a message is put aside. */
const MAX_RECEIVES = 5;

/** The queues of audit requests. They are made before everything that sends to them. */
export const requestQueues = ({ stack }: Pick<Base, 'stack'>) =>
  queuePair(stack, {
    id: 'Requests',
    deadLetterId: 'DeadLetters',
    maxReceives: MAX_RECEIVES,
    timeout: AUDIT_TIMEOUT,
  });

/** The path from the rules through the queue and the auditor to the findings table. */
export const auditPath = (base: Base) => {
  const { stack, settings, state, common, requests, members } = base;
  const rules = auditedEvents(stack, requests, settings);
  const membersRules = settings.members ? intake(base, settings.members) : [];
  const { retries, inventories } = base;
  const queues = [requests, retries, inventories, ...(base.history ? [base.history] : [])].flatMap(
    ({ queue, deadLetters }) => [queue, deadLetters],
  );
  const ofEvents = [...rules, ...membersRules];
  for (const [target, senders] of [
    [requests.queue, ofEvents],
    [requests.deadLetters, [...ofEvents, purges(stack, queues, requests.deadLetters, settings)]],
  ] as const)
    allowRules(
      target,
      senders.map(({ ruleArn }) => ruleArn),
    );
  const auditor: LambdaFunction = functionFor(stack, 'Audit', settings, {
    description: 'Looks at the resource of an event, and stores its findings',
    memorySize: 256,
    timeout: AUDIT_TIMEOUT,
    role: base.roleOf('audit'),
    logGroup: base.logs.Audit,
    reserved: settings.reservedConcurrency ?? 0,
    failures: 'Its messages come from a queue, which itself puts failed messages aside',
    environment: {
      ...common,
      FINDINGS_TABLE: state.findings.name,
      DEAD_LETTER_QUEUE_URL: requests.deadLetters.queueUrl,
      MAX_RECEIVES: String(MAX_RECEIVES),
      INVENTORY_QUEUE_URL: base.inventories.queue.queueUrl,
      ...members,
      ...base.tellsHistory,
      REQUESTS_QUEUE_URL: requests.queue.queueUrl,
      EVENT_SOURCES: requests.queue.queueArn,
    },
  });
  calledOnlyBy('Audit', auditor, settings);
  const source = new EventSourceMapping(stack, 'AuditRequests', {
    target: auditor,
    eventSourceArn: requests.queue.queueArn,
    batchSize: 10,
    reportBatchItemFailures: true,
    // Without this limit Lambda takes more messages than the function can run, and throttled ones become dead letters.
    maxConcurrency: settings.maximumConcurrency,
  });
  acknowledgeQueueSource(source);
  return { auditor, rules, membersRules };
};
