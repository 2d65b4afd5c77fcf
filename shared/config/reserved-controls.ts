/**
 * The ids of controls that a configuration may name although this version does not have them yet: one file serves
 * several versions, and a name that is right must not be refused.
 */
export const RESERVED_CONTROLS = [
  'pass-role-allowed',
  'pass-role-scoped',
  'execution-role-trust',
  'execution-role-passes-step-roles',
  'execution-role-job-permissions',
  'json-get-access',
  'execution-role-least-privilege',
  'step-isolation',
  'step-role-data-access',
  'image-bucket-known',
  'prefix-policy-enforced',
  'version-floor-enforced',
  'version-floor-kept',
  'scp-json-get-exception',
  'scp-exception-unique',
  'scp-exception-protected',
] as const;
