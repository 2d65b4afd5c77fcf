// Made by `npm run generate` from the files of shared/controls.
import { control as evidenceReadable } from '../controls/evidence-readable.ts';
import { control as jobNamePrefix } from '../controls/job-name-prefix.ts';
import { control as jobRoleAsDeclared } from '../controls/job-role-as-declared.ts';
import type { Control } from '../judging/control.ts';

/** The controls that judge jobs and unreadable events. */
export const CONTROLS_OF_JOBS: readonly Control[] = [evidenceReadable, jobNamePrefix, jobRoleAsDeclared];
