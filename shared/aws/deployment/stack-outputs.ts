import { CloudFormationClient, DescribeStacksCommand, type Stack } from '@aws-sdk/client-cloudformation';
import type { FoundStack } from '../../events/forwarded-regions.ts';
import { found, notRead, type Read } from '../../reader/read-result.ts';
import { call } from '../read/call.ts';
import { type ClientOptions, clientConfig } from '../read/clients.ts';
import { namingActions } from '../read/naming-actions.ts';

/** The outputs of a deployed stack, such as the URLs of its queues. */
export const readStackOutputs = async (
  options: ClientOptions,
  stack: string,
): Promise<Read<ReadonlyMap<string, string>>> => {
  const described = await describeStack(options, stack);
  if (!described.ok) return described;
  const outputs = (described.value.Outputs ?? []).map(
    ({ OutputKey = '', OutputValue = '' }): [string, string] => [OutputKey, OutputValue],
  );
  return found(new Map(outputs));
};

/**
 * A deployed stack; undefined where there is none.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStacks.html
 */
export const findStack = async (options: ClientOptions, stack: string): Promise<FoundStack> => {
  try {
    const described = await describeStack(options, stack);
    if (described.ok) return { description: described.value.Description ?? '' };
    const { code, message } = described.unread;
    return message.includes('does not exist') ? undefined : { unknown: `${code}: ${message}` };
  } catch (error) {
    return { unknown: error instanceof Error ? error.message : String(error) };
  }
};

const describeStack = async (options: ClientOptions, stack: string): Promise<Read<Stack>> => {
  const name = 'DescribeStacks';
  const client = namingActions('cloudformation', new CloudFormationClient(clientConfig(options)));
  try {
    const output = await call(name, () => client.send(new DescribeStacksCommand({ StackName: stack })));
    if (!output.ok) return output;
    const [described] = output.value.Stacks ?? [];
    return described ? found(described) : notRead(name, 'Incomplete', `the answer holds no stack ${stack}`);
  } finally {
    client.destroy();
  }
};
