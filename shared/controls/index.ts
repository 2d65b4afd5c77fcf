// Made by `npm run generate` from the files of this folder.
import type { Control } from './control.ts';
import { control as evidenceReadable } from './evidence-readable.ts';
import { control as imageBucketCors } from './image-bucket-cors.ts';
import { control as jobNamePrefix } from './job-name-prefix.ts';
import { control as jobPrefixLength } from './job-prefix-length.ts';
import { control as jobRoleAsDeclared } from './job-role-as-declared.ts';
import { control as pipelineJobPrefix } from './pipeline-job-prefix.ts';
import { control as prefixCollision } from './prefix-collision.ts';
import { control as stepRoleAuthorised } from './step-role-authorised.ts';

/** Every control, by id in alphabetical order. */
export const CONTROLS: readonly Control[] = [
  evidenceReadable,
  imageBucketCors,
  jobNamePrefix,
  jobPrefixLength,
  jobRoleAsDeclared,
  pipelineJobPrefix,
  prefixCollision,
  stepRoleAuthorised,
];
