// Made by `npm run generate` from the files of shared/controls.
import type { Control } from '../judging/control.ts';
import { control as definitionValid } from './definition-valid.ts';
import { control as evidenceReadable } from './evidence-readable.ts';
import { control as exceptionsScoped } from './exceptions-scoped.ts';
import { control as executionRoleAdministrator } from './execution-role-administrator.ts';
import { control as executionRoleJobPermissions } from './execution-role-job-permissions.ts';
import { control as executionRoleLeastPrivilege } from './execution-role-least-privilege.ts';
import { control as executionRolePassesStepRoles } from './execution-role-passes-step-roles.ts';
import { control as executionRoleProtected } from './execution-role-protected.ts';
import { control as executionRoleTrust } from './execution-role-trust.ts';
import { control as imageBucketCors } from './image-bucket-cors.ts';
import { control as imageBucketKnown } from './image-bucket-known.ts';
import { control as jobNamePrefix } from './job-name-prefix.ts';
import { control as jobPrefixLength } from './job-prefix-length.ts';
import { control as jobRoleAsDeclared } from './job-role-as-declared.ts';
import { control as jsonGetAccess } from './json-get-access.ts';
import { control as managedPipelineRole } from './managed-pipeline-role.ts';
import { control as passRoleAllowed } from './pass-role-allowed.ts';
import { control as passRoleScoped } from './pass-role-scoped.ts';
import { control as pipelineAccessScoped } from './pipeline-access-scoped.ts';
import { control as pipelineInputsProtected } from './pipeline-inputs-protected.ts';
import { control as pipelineJobPrefix } from './pipeline-job-prefix.ts';
import { control as pipelineShared } from './pipeline-shared.ts';
import { control as prefixCollision } from './prefix-collision.ts';
import { control as prefixPolicyEnforced } from './prefix-policy-enforced.ts';
import { control as scopeCovered } from './scope-covered.ts';
import { control as scpExceptionProtected } from './scp-exception-protected.ts';
import { control as scpExceptionUnique } from './scp-exception-unique.ts';
import { control as scpJsonGetException } from './scp-json-get-exception.ts';
import { control as stepIsolation } from './step-isolation.ts';
import { control as stepRoleAuthorised } from './step-role-authorised.ts';
import { control as stepRoleDataAccess } from './step-role-data-access.ts';
import { control as trailLogging } from './trail-logging.ts';
import { control as versionAliasKept } from './version-alias-kept.ts';
import { control as versionFloorEnforced } from './version-floor-enforced.ts';
import { control as versionFloorKept } from './version-floor-kept.ts';

/** Every control, by id in alphabetical order. */
export const CONTROLS: readonly Control[] = [
  definitionValid,
  evidenceReadable,
  exceptionsScoped,
  executionRoleAdministrator,
  executionRoleJobPermissions,
  executionRoleLeastPrivilege,
  executionRolePassesStepRoles,
  executionRoleProtected,
  executionRoleTrust,
  imageBucketCors,
  imageBucketKnown,
  jobNamePrefix,
  jobPrefixLength,
  jobRoleAsDeclared,
  jsonGetAccess,
  managedPipelineRole,
  passRoleAllowed,
  passRoleScoped,
  pipelineAccessScoped,
  pipelineInputsProtected,
  pipelineJobPrefix,
  pipelineShared,
  prefixCollision,
  prefixPolicyEnforced,
  scopeCovered,
  scpExceptionProtected,
  scpExceptionUnique,
  scpJsonGetException,
  stepIsolation,
  stepRoleAuthorised,
  stepRoleDataAccess,
  trailLogging,
  versionAliasKept,
  versionFloorEnforced,
  versionFloorKept,
];
