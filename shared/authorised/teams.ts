import { creatorsIn } from '../config/creators.ts';
import type { Config } from '../config/schema.ts';
import { matchesAny } from '../iam/policy/glob.ts';
import { namesPipeline } from './pipeline-names.ts';

/** Principals, by patterns of their ARNs, and the names of the pipelines that are theirs. */
type Team = { roles: readonly string[]; pipelines: readonly string[] };

/** The teams that the configuration tells: entries of roles.creators and of prefixes that name both roles and pipelines. */
export const teamsIn = (config: Pick<Config, 'roles' | 'prefixes'>): Team[] =>
  [...creatorsIn(config), ...(config.prefixes ?? [])].flatMap(({ roles, pipelines }) =>
    roles && pipelines ? [{ roles, pipelines }] : [],
  );

/**
 * Whether the configuration says that a principal works on a pipeline: as a member of its team, as a creator of any
 * pipeline, or as an exception from the pipeline’s version floor.
 */
export const isAtHome = (
  principalArn: string,
  pipeline: string,
  config: Pick<Config, 'roles' | 'prefixes' | 'versionFloors'>,
): boolean =>
  teamsIn(config).some(
    ({ roles, pipelines }) => matchesAny(roles, principalArn) && namesPipeline(pipelines, pipeline),
  ) ||
  creatorsIn(config).some(({ roles, pipelines }) => !pipelines && matchesAny(roles, principalArn)) ||
  (config.versionFloors ?? []).some(
    ({ pipeline: pattern, except = [] }) =>
      namesPipeline([pattern], pipeline) && matchesAny(except, principalArn),
  );
