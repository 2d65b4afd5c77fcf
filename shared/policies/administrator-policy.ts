import type { PolicyText } from '../domain/role-change.ts';
import { OF_BUCKET_POLICIES } from '../iam/policy/bucket-policy-calls.ts';

/**
 * Calls of IAM by which somebody gets permissions, or acts as somebody else. No step of a pipeline needs one of them. Whoever
 * judges such calls takes them from here, so that the policy denies what is judged.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
 */
export const GIVING = [
  'iam:AcquireRole',
  'iam:AddClientIDToOpenIDConnectProvider',
  'iam:AddUserToGroup',
  'iam:AttachGroupPolicy',
  'iam:AttachRolePolicy',
  'iam:AttachUserPolicy',
  'iam:CreateAccessKey',
  'iam:CreateGroup',
  'iam:CreateLoginProfile',
  'iam:CreateOpenIDConnectProvider',
  'iam:CreatePolicyVersion',
  'iam:CreateRole',
  'iam:CreateSAMLProvider',
  'iam:CreateUser',
  'iam:DeleteGroupPolicy',
  'iam:DeleteRolePermissionsBoundary',
  'iam:DeleteRolePolicy',
  'iam:DeleteUserPermissionsBoundary',
  'iam:DeleteUserPolicy',
  'iam:DetachGroupPolicy',
  'iam:DetachRolePolicy',
  'iam:DetachUserPolicy',
  'iam:PutGroupPolicy',
  'iam:PutRolePermissionsBoundary',
  'iam:PutRolePolicy',
  'iam:PutUserPermissionsBoundary',
  'iam:PutUserPolicy',
  'iam:RemoveUserFromGroup',
  'iam:SetDefaultPolicyVersion',
  'iam:TagRole',
  'iam:TagUser',
  'iam:UntagRole',
  'iam:UntagUser',
  'iam:UpdateAssumeRolePolicy',
  'iam:UpdateLoginProfile',
  'iam:UpdateOpenIDConnectProviderThumbprint',
  'iam:UpdateSAMLProvider',
] as const;

/** One of these calls. */
export type GivingCall = (typeof GIVING)[number];

const GIVING_ELSEWHERE = [
  'ecr:SetRepositoryPolicy',
  'glue:PutResourcePolicy',
  'iam:AddRoleToInstanceProfile',
  'iam:DeleteRole',
  'iam:EnableMFADevice',
  'iam:DeactivateMFADevice',
  'kms:PutKeyPolicy',
  'lambda:AddPermission',
  'ram:CreateResourceShare',
  's3:PutAccountPublicAccessBlock',
  's3:PutBucketAcl',
  's3:PutBucketOwnershipControls',
  's3:PutBucketPublicAccessBlock',
  'sagemaker:PutModelPackageGroupPolicy',
  'secretsmanager:PutResourcePolicy',
  'sns:AddPermission',
  'sqs:AddPermission',
];

/**
 * Whether a call changes what somebody else may do: a person decides who may make it, and no pipeline needs it. AWS names the
 * access level of such calls “Permissions management”.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_understand-policy-summary-access-level-summaries.html
 */
export const givesPermissions = (action: string): boolean =>
  GIVING_CALLS.has(action.toLowerCase()) || /^(?:organizations|sso|account):/i.test(action);

const GIVING_CALLS: ReadonlySet<string> = new Set(
  [...GIVING, ...OF_BUCKET_POLICIES, ...GIVING_ELSEWHERE].map((action) => action.toLowerCase()),
);

/** The policy that keeps its holder from giving permissions to anybody, and from acting under these roles. */
export const administratorGuardrail = (roles: readonly string[]): PolicyText => ({
  Version: '2012-10-17',
  Statement: [
    GIVE_NOTHING,
    ...(roles.length > 0
      ? [
          {
            Sid: 'ActUnderNoAdministrator',
            Effect: 'Deny' as const,
            Action: ['iam:PassRole', 'sts:AssumeRole'],
            Resource: roles,
          },
        ]
      : []),
  ],
});

/** The policy that keeps its holder from changing roles, policies, and who may use buckets. */
export const changesGuardrail = (): PolicyText => ({
  Version: '2012-10-17',
  Statement: [
    GIVE_NOTHING,
    { Sid: 'ChangeNoBucketPolicy', Effect: 'Deny', Action: OF_BUCKET_POLICIES, Resource: ['*'] },
  ],
});

const GIVE_NOTHING = {
  Sid: 'GiveNoPermissions',
  Effect: 'Deny',
  Action: GIVING,
  Resource: ['*'],
} as const;
