/**
 * The writing calls of IAM that lead to no look, by the reason why they can change no verdict. All others are in
 * `AUDITED_SERVICES`. A test demands one decision for each writing action of AWS’s service reference.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagement.html
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_Operations.html
 */
export const UNAUDITED_IAM_CALLS = {
  'it is no call, but a permission that other calls ask for': ['PassRole'],
  'the new policy is attached to nobody yet': ['CreatePolicy'],
  'the group has neither users nor policies': ['CreateGroup', 'DeleteGroup'],
  'the instance profile holds no role': ['CreateInstanceProfile', 'DeleteInstanceProfile'],
  'IAM deletes the role later, of which no record tells, and only AWS could use it': [
    'DeleteServiceLinkedRole',
  ],
  'no control reads how a role is described or how long its sessions last': [
    'UpdateRole',
    'UpdateRoleDescription',
  ],
  'no control reads the tags of anything but users, roles and buckets': [
    ...['TagInstanceProfile', 'TagMFADevice', 'TagOpenIDConnectProvider', 'TagPolicy', 'TagSAMLProvider'],
    ...['TagServerCertificate', 'UntagInstanceProfile', 'UntagMFADevice', 'UntagOpenIDConnectProvider'],
    ...['UntagPolicy', 'UntagSAMLProvider', 'UntagServerCertificate'],
  ],
  'controls ask who may get credentials of others, not who has some': [
    ...['ChangePassword', 'CreateAccessKey', 'CreateLoginProfile', 'CreateServiceSpecificCredential'],
    ...['CreateVirtualMFADevice', 'DeactivateMFADevice', 'DeleteAccessKey', 'DeleteAccountPasswordPolicy'],
    ...['DeleteCloudFrontPublicKey', 'DeleteLoginProfile', 'DeleteSSHPublicKey', 'DeleteServerCertificate'],
    ...['DeleteServiceSpecificCredential', 'DeleteSigningCertificate', 'DeleteVirtualMFADevice'],
    ...['EnableMFADevice', 'ResetServiceSpecificCredential', 'ResyncMFADevice', 'UpdateAccessKey'],
    ...[
      'UpdateAccountPasswordPolicy',
      'UpdateCloudFrontPublicKey',
      'UpdateLoginProfile',
      'UpdateSSHPublicKey',
    ],
    ...['UpdateServerCertificate', 'UpdateServiceSpecificCredential', 'UpdateSigningCertificate'],
    ...[
      'UploadCloudFrontPublicKey',
      'UploadSSHPublicKey',
      'UploadServerCertificate',
      'UploadSigningCertificate',
    ],
  ],
  'controls read whom a trust policy names, whether that identity provider exists or not': [
    ...['AddClientIDToOpenIDConnectProvider', 'CreateOpenIDConnectProvider', 'CreateSAMLProvider'],
    ...['DeleteOpenIDConnectProvider', 'DeleteSAMLProvider', 'RemoveClientIDFromOpenIDConnectProvider'],
    ...['UpdateOpenIDConnectProviderThumbprint', 'UpdateSAMLProvider'],
  ],
  'what is delegated ends by itself and is in no policy of a user or role': [
    ...['AcceptDelegationRequest', 'AssociateDelegationRequest', 'CreateDelegationRequest'],
    ...['RejectDelegationRequest', 'SendDelegationToken'],
  ],
  'no policy of a user or role hangs on this setting of the account': [
    ...['CreateAccountAlias', 'DeleteAccountAlias', 'DisableOrganizationsRootCredentialsManagement'],
    ...['DisableOrganizationsRootSessions', 'DisableOutboundWebIdentityFederation'],
    ...['EnableOrganizationsRootCredentialsManagement', 'EnableOrganizationsRootSessions'],
    ...['EnableOutboundWebIdentityFederation', 'PutAccountProperties', 'SetSTSRegionalEndpointStatus'],
    ...['SetSecurityTokenServicePreferences', 'UpdateAccountEmailAddress', 'UpdateAccountName'],
  ],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** Why a call of IAM changes no verdict; undefined for a call that is audited or only reads. The name may be hostile. */
export const whyUnaudited = (operation: string): string | undefined =>
  Object.entries<readonly string[]>(UNAUDITED_IAM_CALLS).find(([, calls]) => calls.includes(operation))?.[0];
