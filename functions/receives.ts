import type { SQSRecord } from 'aws-lambda';

/** How often the queue has delivered a message, this time included. */
export const receivesOf = ({ attributes }: Partial<Pick<SQSRecord, 'attributes'>>): number =>
  Number(attributes?.ApproximateReceiveCount) || 1;
