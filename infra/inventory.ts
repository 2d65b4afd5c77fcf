import { Duration } from 'aws-cdk-lib';
import { EventSourceMapping, type Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { Base } from './base.ts';
import { calledOnlyBy, functionFor } from './function.ts';
import { acknowledgeQueueSource, queuePair } from './queues.ts';

const TIMEOUT = Duration.minutes(15);
/** So many accounts are listed at the same time; a sweep of a hub waits for each of its accounts. */
const CONCURRENCY = { alone: 2, hub: 10 };

/** The queues of accounts to list. One account is listed once at a time. */
export const inventoryQueues = ({ stack }: Pick<Base, 'stack'>) =>
  queuePair(stack, {
    id: 'Inventories',
    deadLetterId: 'InventoryDeadLetters',
    maxReceives: 5,
    timeout: TIMEOUT,
    isInOrder: true,
    // A listing that was stopped goes on soon: nothing else of the account is handed out meanwhile.
    visibility: TIMEOUT.plus(Duration.minutes(1)),
  });

/** The path from a wish for an inventory to the index of the account in the findings table. */
export const inventoryPath = (base: Base): LambdaFunction => {
  const { stack, settings, state, common, members, inventories } = base;
  const concurrency = settings.members ? CONCURRENCY.hub : CONCURRENCY.alone;
  const inventory = functionFor(stack, 'Inventory', settings, {
    description: 'Lists the users, roles and pipelines of an account for its index',
    memorySize: 1536,
    timeout: TIMEOUT,
    role: base.roleOf('inventory'),
    logGroup: base.logs.Inventory,
    reserved: concurrency,
    failures: 'Its messages come from a queue, which itself puts failed messages aside',
    environment: {
      ...common,
      ...members,
      FINDINGS_TABLE: state.findings.name,
      EVENT_SOURCES: inventories.queue.queueArn,
    },
  });
  calledOnlyBy('Inventory', inventory, settings);
  const source = new EventSourceMapping(stack, 'InventoryRequests', {
    target: inventory,
    eventSourceArn: inventories.queue.queueArn,
    batchSize: 1,
    maxConcurrency: concurrency,
  });
  acknowledgeQueueSource(source);
  return inventory;
};
