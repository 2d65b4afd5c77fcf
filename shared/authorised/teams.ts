import { creatorsIn } from '../config/creators.ts';
import type { Config } from '../config/schema.ts';
import { matchesAny, matchingAmong } from '../iam/policy/glob.ts';
import { oncePer, remembered, rememberedPart } from '../memo.ts';
import { workingTeams } from './named-teams.ts';
import { namesPipeline } from './pipeline-names.ts';

/** Principals, by patterns of their ARNs, and the names of the pipelines that are theirs. */
type Team = { roles: readonly string[]; pipelines: readonly string[] };

type Teams = Pick<Config, 'roles' | 'prefixes' | 'teams'>;

/** The teams that the configuration tells: those of teams, and entries of roles.creators and of prefixes, that name both roles and pipelines. */
export const teamsIn = remembered((config: Teams): readonly Team[] => [
  ...[...creatorsIn(config), ...(config.prefixes ?? [])].flatMap(({ roles, pipelines }) =>
    roles && pipelines ? [{ roles, pipelines }] : [],
  ),
  ...workingTeams(config),
]);

/** The teams whose pipeline one of this name is. */
export const teamsOf = (pipeline: string, config: Teams): readonly Team[] => teamsBy(config)(pipeline);

/** The same, found once for each pipeline, because every role of the account is compared with every pipeline. */
const teamsBy = remembered((config: Teams) =>
  oncePer((pipeline) => teamsWith(config)(pipeline.toLowerCase())),
);

/** The teams by names of pipelines in lower case. Thousands of pipelines are compared with hundreds of teams. */
const teamsWith = remembered((config: Teams) =>
  matchingAmong(
    teamsIn(config).map((team) => ({
      patterns: team.pipelines.map((pattern) => pattern.toLowerCase()),
      value: team,
    })),
  ),
);

/** The teams by the ARNs of their principals. */
const teamsFrom = remembered((config: Teams) =>
  matchingAmong(teamsIn(config).map((team) => ({ patterns: team.roles, value: team }))),
);

/** Those of some pipelines that are a team’s: kept, because every role of the account is compared with every pipeline. */
export const pipelinesOfTeams = <P extends { name: string }>(
  pipelines: readonly P[],
  config: Teams,
): readonly P[] => {
  const known = keptOfTeams(pipelines)(config);
  // A roster grows while it is made.
  if (known.among !== pipelines.length) {
    known.found = pipelines.filter(({ name }) => teamsOf(name, config).length > 0);
    known.among = pipelines.length;
  }
  return known.found as readonly P[];
};

const keptOfTeams = remembered((_pipelines: readonly { name: string }[]) =>
  rememberedPart((_config: Teams): { among: number; found: readonly { name: string }[] } => ({
    among: 0,
    found: [],
  })),
);

/** Whether the configuration names the principal as a creator and tells no pipelines of it, so that any may be its own. */
export const makesAny = (principalArn: string, config: Pick<Config, 'roles'>): boolean =>
  creatorsIn(config).some(({ roles, pipelines }) => !pipelines && matchesAny(roles, principalArn));

/**
 * A function that tells whether the configuration says that a principal works on a pipeline: as a member of its team, as
 * a creator of any pipeline, or as an exception from the pipeline’s version floor.
 */
export const homeOf = (
  principalArn: string,
  config: Teams & Pick<Config, 'versionFloors'>,
): ((pipeline: string) => boolean) => {
  if (makesAny(principalArn, config)) return () => true;
  const own = teamsFrom(config)(principalArn);
  const excepted = (config.versionFloors ?? [])
    .filter(({ except = [] }) => matchesAny(except, principalArn))
    .map(({ pipeline }) => pipeline);
  const teamsFor = teamsBy(config);
  // Most principals are in one team or none, and are compared with every pipeline.
  return (pipeline) =>
    (own.length > 0 && teamsFor(pipeline).some((team) => own.includes(team))) ||
    (excepted.length > 0 && namesPipeline(excepted, pipeline));
};
