import type { Part } from './framework.ts';

/** What the controls show, in groups in which they answer one question. The mappings are made of these. */

export const ROLE_RIGHTS: Part = {
  shows:
    'The roles under which pipelines and their jobs run can do little that the definitions do not need, and none is an administrator or can become one.',
  controls: ['execution-role-administrator', 'execution-role-least-privilege'],
};

export const PRIVILEGED_ROLES: Part = {
  shows: 'No role under which pipelines or their jobs run is an administrator, or can become one.',
  controls: ['execution-role-administrator'],
};

export const ROLE_CHANGES: Part = {
  shows: 'Nobody but administrators may change the roles that pipelines use.',
  controls: ['execution-role-protected'],
};

export const ROLE_TRUST: Part = {
  shows: 'The roles that pipelines use trust SageMaker, and nobody whom the configuration does not name.',
  controls: ['execution-role-trust'],
};

export const ROLE_PASSING: Part = {
  shows:
    'Whoever can create pipelines or jobs reaches by passing roles what the configuration authorises, and no administrator.',
  controls: ['pass-role-scoped'],
};

export const DECLARED_ROLES: Part = {
  shows: 'Each role that a pipeline runs under, or that a step names, is authorised by the configuration.',
  controls: ['step-role-authorised'],
};

export const APPROVED_USE: Part = {
  shows:
    'Roles and creators are granted what the pipelines need of them, so that the approved use works as it was approved.',
  controls: [
    'execution-role-job-permissions',
    'execution-role-passes-step-roles',
    'json-get-access',
    'pass-role-allowed',
    'step-role-data-access',
  ],
};

export const PIPELINE_ACCESS: Part = {
  shows:
    'Nobody may change, start, retry, stop or delete another team’s pipelines, and pipelines are shared only with those whom the configuration names.',
  controls: ['pipeline-access-scoped', 'pipeline-shared'],
};

export const JOB_NAMES: Part = {
  shows:
    'Principals and pipelines that are bound to a prefix of job names create jobs under it alone, and no prefix reaches into another team’s.',
  controls: ['pipeline-job-prefix', 'prefix-collision', 'prefix-policy-enforced'],
};

export const WHAT_RAN: Part = {
  shows: 'The jobs and executions that were started had an authorised name and ran under an authorised role.',
  controls: ['job-name-prefix', 'job-role-as-declared', 'managed-pipeline-role'],
};

export const INPUTS: Part = {
  shows:
    'Nobody outside the account or the team may write the code of steps, the data of models, or the files that decide what a pipeline does.',
  controls: ['pipeline-inputs-protected'],
};

export const STEP_ISOLATION: Part = {
  shows: 'A step with a role of its own cannot change what unrelated steps use.',
  controls: ['step-isolation'],
};

export const VERSIONS_ENFORCED: Part = {
  shows: 'Policies keep everybody from starting or changing a pipeline version below its floor.',
  controls: ['version-floor-enforced'],
};

export const VERSIONS_KEPT: Part = {
  shows: 'No execution, change or alias that was looked at went below the floor of its pipeline.',
  controls: ['version-alias-kept', 'version-floor-kept'],
};

export const NETWORK_EXCEPTION: Part = {
  shows:
    'Where an SCP keeps S3 to networks, it leaves out execution roles of pipelines alone, by a tag that only the authorised may set.',
  controls: ['scp-exception-protected', 'scp-exception-unique', 'scp-json-get-exception'],
};

export const TRAIL: Part = {
  shows:
    'A trail of CloudTrail is logging, and its selectors include the calls that change pipelines, jobs, buckets and roles.',
  controls: ['trail-logging'],
};

export const WATCH: Part = {
  shows:
    'The accounts and Regions that the configuration names are read and swept, and whatever could not be read is told.',
  controls: ['evidence-readable', 'scope-covered'],
};

export const EXCEPTIONS: Part = {
  shows: 'Exceptions from the controls are narrow, have a reason and an end, and are told when they change.',
  controls: ['exceptions-scoped'],
};

export const DEFINITIONS: Part = {
  shows:
    'Definitions say nothing that SageMaker would read otherwise than it is meant, and base job names keep to AWS’s limits.',
  controls: ['definition-valid', 'job-prefix-length'],
};

export const IMAGE_BUCKETS: Part = {
  shows: 'Image buckets have exactly the CORS configuration that pipelines need.',
  controls: ['image-bucket-cors'],
};

export const KNOWN_BUCKETS: Part = {
  shows: 'The buckets that pipelines import images from are declared in the configuration or by a tag.',
  controls: ['image-bucket-known'],
};
