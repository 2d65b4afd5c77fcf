import type { PolicyText } from '../domain/role-change.ts';

/** The condition key that names the service to which a role is passed. */
export const PASSED_TO_SERVICE = 'iam:PassedToService';
export const SAGEMAKER = 'sagemaker.amazonaws.com';

/**
 * The policy that keeps its holder from passing other roles than these patterns mean to the services, and all authorised roles
 * to services besides them and those that the roles trust. What it does not name, it leaves: roles of other services are
 * passed to these as before. `except` are roles that the patterns match and do not mean.
 */
export const passingGuardrail = (
  roles: readonly string[],
  services: readonly string[],
  trusted: readonly string[],
  { except = [], authorised = roles }: { except?: readonly string[]; authorised?: readonly string[] } = {},
): PolicyText => ({
  Version: '2012-10-17',
  Statement: [
    {
      Sid: 'AuthorisedRolesAlone',
      Effect: 'Deny',
      Action: ['iam:PassRole'],
      NotResource: roles,
      Condition: { StringEqualsIfExists: { [PASSED_TO_SERVICE]: services } },
    },
    ...(except.length > 0
      ? [
          {
            Sid: 'NoRolesOfOtherTeams',
            Effect: 'Deny' as const,
            Action: ['iam:PassRole'],
            Resource: except,
            Condition: { StringEqualsIfExists: { [PASSED_TO_SERVICE]: services } },
          },
        ]
      : []),
    {
      Sid: 'ToTheseServicesAlone',
      Effect: 'Deny',
      Action: ['iam:PassRole'],
      Resource: authorised,
      Condition: { StringNotEquals: { [PASSED_TO_SERVICE]: [...new Set([...services, ...trusted])] } },
    },
  ],
});
