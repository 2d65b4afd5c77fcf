import type { PolicyText } from '../domain/role-change.ts';

/** Calls of IAM that give permissions to somebody. No step of a pipeline needs one of them. */
const GIVING = [
  'iam:AcquireRole',
  'iam:AddUserToGroup',
  'iam:AttachGroupPolicy',
  'iam:AttachRolePolicy',
  'iam:AttachUserPolicy',
  'iam:CreateAccessKey',
  'iam:CreateLoginProfile',
  'iam:CreatePolicyVersion',
  'iam:CreateRole',
  'iam:CreateUser',
  'iam:DeleteRolePermissionsBoundary',
  'iam:PutGroupPolicy',
  'iam:PutRolePermissionsBoundary',
  'iam:PutRolePolicy',
  'iam:PutUserPolicy',
  'iam:SetDefaultPolicyVersion',
  'iam:UpdateAssumeRolePolicy',
  'iam:UpdateLoginProfile',
] as const;

/** The policy that keeps its holder from giving permissions to anybody, and from acting under these roles. */
export const administratorGuardrail = (roles: readonly string[]): PolicyText => ({
  Version: '2012-10-17',
  Statement: [
    { Sid: 'GiveNoPermissions', Effect: 'Deny', Action: GIVING, Resource: ['*'] },
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
