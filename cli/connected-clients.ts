import type { AwsClients } from '../shared/aws/read/aws-clients.ts';
import type { AccountChoice } from '../shared/aws/read/live-account.ts';

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
