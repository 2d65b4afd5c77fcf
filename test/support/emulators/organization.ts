import {
  AttachPolicyCommand,
  CreateAccountCommand,
  CreateOrganizationalUnitCommand,
  CreateOrganizationCommand,
  CreatePolicyCommand,
  ListRootsCommand,
  MoveAccountCommand,
  type OrganizationsClient,
} from '@aws-sdk/client-organizations';

/** An organization in an emulator: its root, a unit below it and another one in that one, and an account in each unit. */
export type MadeOrganization = {
  root: string;
  units: { ml: string; below: string };
  /** `three` is in the root itself. */
  accounts: { one: string; two: string; three: string };
  /** The SCP of the unit `ml`, and the one that the account `two` has. */
  policies: { ofUnit: string; ofAccount: string };
};

const NO_S3 = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Deny', Action: 's3:*', Resource: '*' }],
};
const NO_KMS = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Deny', Action: 'kms:*', Resource: '*' }],
};

/** Makes the organization through the API, with the credentials of what becomes the management account. */
export const makeOrganization = async (client: OrganizationsClient): Promise<MadeOrganization> => {
  await client.send(new CreateOrganizationCommand({ FeatureSet: 'ALL' }));
  const { Roots: [{ Id: root = '' } = {}] = [] } = await client.send(new ListRootsCommand({}));
  const unit = async (Name: string, ParentId: string): Promise<string> => {
    const made = await client.send(new CreateOrganizationalUnitCommand({ Name, ParentId }));
    return made.OrganizationalUnit?.Id ?? '';
  };
  const ml = await unit('ml', root);
  const below = await unit('below', ml);
  const account = async (name: string, parent: string): Promise<string> => {
    const { CreateAccountStatus } = await client.send(
      new CreateAccountCommand({ AccountName: name, Email: `${name}@example.com` }),
    );
    const AccountId = CreateAccountStatus?.AccountId ?? '';
    if (parent !== root)
      await client.send(
        new MoveAccountCommand({ AccountId, SourceParentId: root, DestinationParentId: parent }),
      );
    return AccountId;
  };
  const policy = async (Name: string, document: object, TargetId: string): Promise<string> => {
    const Content = JSON.stringify(document);
    const Type = 'SERVICE_CONTROL_POLICY';
    const made = await client.send(new CreatePolicyCommand({ Name, Type, Description: 'x', Content }));
    const PolicyId = made.Policy?.PolicySummary?.Id ?? '';
    await client.send(new AttachPolicyCommand({ PolicyId, TargetId }));
    return PolicyId;
  };
  const accounts = {
    one: await account('one', ml),
    two: await account('two', below),
    three: await account('three', root),
  };
  return {
    root,
    units: { ml, below },
    accounts,
    policies: {
      ofUnit: await policy('no-s3', NO_S3, ml),
      ofAccount: await policy('no-kms', NO_KMS, accounts.two),
    },
  };
};
