// Made by `npm run generate` from the files of shared/controls.

/** The ids of all controls, for those who need no control. */
export const CONTROL_IDS = [
  'definition-valid',
  'evidence-readable',
  'exceptions-scoped',
  'execution-role-administrator',
  'execution-role-job-permissions',
  'execution-role-least-privilege',
  'execution-role-passes-step-roles',
  'execution-role-protected',
  'execution-role-trust',
  'image-bucket-cors',
  'image-bucket-known',
  'job-name-prefix',
  'job-prefix-length',
  'job-role-as-declared',
  'json-get-access',
  'managed-pipeline-role',
  'pass-role-allowed',
  'pass-role-scoped',
  'pipeline-access-scoped',
  'pipeline-inputs-protected',
  'pipeline-job-prefix',
  'pipeline-shared',
  'prefix-collision',
  'prefix-policy-enforced',
  'scope-covered',
  'scp-exception-protected',
  'scp-exception-unique',
  'scp-json-get-exception',
  'step-isolation',
  'step-role-authorised',
  'step-role-data-access',
  'trail-logging',
  'version-alias-kept',
  'version-floor-enforced',
  'version-floor-kept',
] as const;

/** The id of a control of this version. */
export type ControlId = (typeof CONTROL_IDS)[number];
