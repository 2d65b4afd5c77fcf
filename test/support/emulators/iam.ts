import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { REGION } from '../builders/events.ts';
import type { roleDetails } from '../commands/cli.ts';

/** Makes roles from their entries in a snapshot. */
export const createRoles = async (
  endpoint: string,
  roles: readonly ReturnType<typeof roleDetails>[],
): Promise<void> => {
  const iam = new IAMClient({
    endpoint,
    region: REGION,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  for (const { RoleName, Path, AssumeRolePolicyDocument, RolePolicyList } of roles) {
    await iam.send(
      new CreateRoleCommand({
        RoleName,
        Path,
        AssumeRolePolicyDocument: JSON.stringify(AssumeRolePolicyDocument),
      }),
    );
    for (const { PolicyName, PolicyDocument } of RolePolicyList)
      await iam.send(
        new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument: JSON.stringify(PolicyDocument) }),
      );
  }
  iam.destroy();
};
