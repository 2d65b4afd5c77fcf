import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';

const LAMBDA = {
  awsRequestId: 'r',
  functionName: 'audit',
  memoryLimitInMB: '256',
  invokedFunctionArn: 'arn',
  functionVersion: '1',
  getRemainingTimeInMillis: () => 60_000,
} as Context;

/** Handles messages with these bodies as one batch. @throws where one of them would come again. */
export const handleBatch = async (
  batch: (event: SQSEvent, context: Context) => Promise<SQSBatchResponse>,
  bodies: readonly unknown[],
): Promise<void> => {
  const Records = bodies.map((body, index) => ({ messageId: String(index), body: JSON.stringify(body) }));
  const { batchItemFailures } = await batch({ Records } as SQSEvent, LAMBDA);
  if (batchItemFailures.length > 0)
    throw new Error(`${batchItemFailures.length} message(s) would come again`);
};
