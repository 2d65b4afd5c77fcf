import type { AwsClients } from '../shared/aws/read/aws-clients.ts';
import type { AccountChoice } from '../shared/aws/read/live-account.ts';
import { visibleText } from '../shared/text/visible-text.ts';
import { UsageError } from './errors.ts';

/** The clients of AWS with the credentials and the Region that the user names. */
export const clientsOf = async ({ profile, region }: AccountChoice): Promise<AwsClients> => {
  const [{ connectAccount }, { awsClients }] = await Promise.all([
    import('../shared/aws/read/live-account.ts'),
    import('../shared/aws/read/clients.ts'),
  ]);
  const { options } = await connectAccount({
    ...(profile !== undefined && { profile }),
    ...(region !== undefined && { region }),
  });
  return awsClients(options);
};

/**
 * Whatever AWS refuses is told as it says it: it is nothing of this program.
 * @throws {UsageError} in place of an error of the AWS SDK.
 */
export const tellingRefusals = async <T>(run: () => Promise<T>): Promise<T> => {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof Error) || !('$metadata' in error)) throw error;
    throw new UsageError(`AWS answers: ${visibleText(error.message)} (${error.name})`, { cause: error });
  }
};
