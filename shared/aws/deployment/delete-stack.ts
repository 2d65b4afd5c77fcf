import {
  CloudFormationClient,
  DeleteStackCommand,
  waitUntilStackDeleteComplete,
} from '@aws-sdk/client-cloudformation';
import { type ClientOptions, clientConfig } from '../read/clients.ts';
import { namingActions } from '../read/naming-actions.ts';

/** StackSets of hundreds of accounts take long to go. */
const LONGEST_SECONDS = 4 * 60 * 60;

/**
 * Deletes a stack and waits until it is gone; why it is not, if it stays.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DeleteStack.html
 */
export const deleteStack = async (options: ClientOptions, StackName: string): Promise<string | undefined> => {
  const client = namingActions('cloudformation', new CloudFormationClient(clientConfig(options)));
  try {
    await client.send(new DeleteStackCommand({ StackName }));
    await waitUntilStackDeleteComplete(
      { client, maxWaitTime: LONGEST_SECONDS, minDelay: 2, maxDelay: 30 },
      { StackName },
    );
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    client.destroy();
  }
};
