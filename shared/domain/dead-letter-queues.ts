/**
 * The dead-letter queues of a deployment, by what was put aside in them: the output of its stack that tells the URL, and the output that
 * tells where the messages came from. A test holds the list to the templates.
 */
export const DEAD_LETTER_QUEUES = {
  events: { output: 'DeadLetterQueueUrl', source: 'RequestsQueueUrl' },
  deliveries: { output: 'DeliveryDeadLetterQueueUrl', source: 'DeliveryRetriesQueueUrl' },
  history: { output: 'HistoryDeadLetterQueueUrl', source: 'HistoryQueueUrl' },
  inventories: { output: 'InventoryDeadLetterQueueUrl', source: 'InventoryQueueUrl' },
} as const;

export type DeadLettersOf = keyof typeof DEAD_LETTER_QUEUES;
