// Made by `npm run generate` from the files of this folder.
import type { Control } from '../judging/control.ts';
import { control as evidenceReadable } from './evidence-readable.ts';
import { control as jobNamePrefix } from './job-name-prefix.ts';
import { control as jobRoleAsDeclared } from './job-role-as-declared.ts';

/** The controls that judge jobs and unreadable events. */
export const CONTROLS_OF_JOBS: readonly Control[] = [evidenceReadable, jobNamePrefix, jobRoleAsDeclared];
