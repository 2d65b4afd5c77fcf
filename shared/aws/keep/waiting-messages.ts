import { found, type Read } from '../../reader/read-result.ts';
import { accessAsUnread } from '../read/access-error.ts';
import { call } from '../read/call.ts';
import { type ClientOptions, clientConfig } from '../read/clients.ts';
import { countMessages } from './dead-letters.ts';
import { makeSqsClient } from './queue-calls.ts';

/**
 * How many messages a queue holds, for whoever asks before a deployment.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html
 */
export const waitingMessages = async (options: ClientOptions, queueUrl: string): Promise<Read<number>> => {
  const name = 'GetQueueAttributes';
  const client = makeSqsClient(clientConfig({ ...options, maxAttempts: 3, requestMillis: 5000 }));
  try {
    const read = await call(name, () => countMessages(client, queueUrl));
    return read.ok ? found(read.value.visible + read.value.inFlight) : read;
  } catch (error) {
    return accessAsUnread(name, error);
  } finally {
    client.destroy();
  }
};
