import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { fromNodeProviderChain } from '@aws-sdk/credential-providers';
import { clientConfig } from '../read/clients.ts';
import { namingActions } from '../read/naming-actions.ts';

/** The SSM parameter in which the CDK notes that it has prepared a Region of an account. */
const PARAMETER = '/cdk-bootstrap/hnb659fds/version';

/**
 * Whether the CDK has prepared a Region. `unknown` where AWS does not answer; the Region may then be prepared.
 * https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-env.html
 */
export const isBootstrapped = async ({
  profile,
  region,
}: {
  profile?: string;
  region: string;
}): Promise<{ answer: 'yes' | 'no' } | { answer: 'unknown'; reason: string }> => {
  const credentials = fromNodeProviderChain(profile === undefined ? {} : { profile });
  const client = namingActions('ssm', new SSMClient(clientConfig({ credentials, region })));
  try {
    await client.send(new GetParameterCommand({ Name: PARAMETER }));
    return { answer: 'yes' };
  } catch (error) {
    const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) };
    return name === 'ParameterNotFound'
      ? { answer: 'no' }
      : { answer: 'unknown', reason: `${name}: ${message}` };
  } finally {
    client.destroy();
  }
};
