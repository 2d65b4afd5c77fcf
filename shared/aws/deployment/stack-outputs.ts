import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { found, notRead, type Read } from '../../reader/read-result.ts';
import { call } from '../read/call.ts';
import { type ClientOptions, clientConfig } from '../read/clients.ts';
import { namingActions } from '../read/naming-actions.ts';

/** The outputs of a deployed stack, such as the URLs of its queues. */
export const readStackOutputs = async (
  options: ClientOptions,
  stack: string,
): Promise<Read<ReadonlyMap<string, string>>> => {
  const name = 'DescribeStacks';
  const client = namingActions('cloudformation', new CloudFormationClient(clientConfig(options)));
  try {
    const output = await call(name, () => client.send(new DescribeStacksCommand({ StackName: stack })));
    if (!output.ok) return output;
    const [described] = output.value.Stacks ?? [];
    if (!described) return notRead(name, 'Incomplete', `the answer holds no stack ${stack}`);
    const outputs = (described.Outputs ?? []).map(
      ({ OutputKey = '', OutputValue = '' }): [string, string] => [OutputKey, OutputValue],
    );
    return found(new Map(outputs));
  } finally {
    client.destroy();
  }
};
