import type { PolicyText } from '../domain/role-change.ts';

/** The condition key that names the service to which a role is passed. */
export const PASSED_TO_SERVICE = 'iam:PassedToService';
export const SAGEMAKER = 'sagemaker.amazonaws.com';

/** The policy that keeps its holder from passing other roles than these patterns mean, and to other services. */
export const passingGuardrail = (roles: readonly string[], services: readonly string[]): PolicyText => ({
  Version: '2012-10-17',
  Statement: [
    { Sid: 'AuthorisedRolesAlone', Effect: 'Deny', Action: ['iam:PassRole'], NotResource: roles },
    {
      Sid: 'ToTheseServicesAlone',
      Effect: 'Deny',
      Action: ['iam:PassRole'],
      Resource: ['*'],
      Condition: { StringNotEquals: { [PASSED_TO_SERVICE]: services } },
    },
  ],
});
