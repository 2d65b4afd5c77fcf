import { homeOf, teamsIn, teamsOf } from '../authorised/teams.ts';
import type { Config } from '../config/schema.ts';
import { anyMatcher } from '../iam/policy/glob.ts';
import { remembered, rememberedPart } from '../memo.ts';
import type { PipelineRef, RoleUses, Roster } from './roster.ts';

/**
 * For a user or role who acts for a team (the configuration names it for one, or a team’s pipeline runs under it), a
 * function that tells whether a pipeline is its team’s; undefined for anybody else, and for those whom the configuration
 * trusts.
 */
export const membershipOf = (
  principalArn: string,
  { roles }: Roster,
  config: Config,
): ReturnType<typeof membershipBy> => {
  const uses = roles.get(principalArn);
  return uses ? membershipOfUsed(uses)(config) : membershipBy(principalArn, undefined, config);
};

/** Found once for each role of a roster, as a roster that is made anew has most roles from before. */
const membershipOfUsed = remembered((uses: RoleUses) =>
  rememberedPart((config: Config) => membershipBy(uses.roleArn, uses, config)),
);

const membershipBy = (
  principalArn: string,
  uses: RoleUses | undefined,
  config: Config,
): ((pipeline: PipelineRef) => boolean) | undefined => {
  if (teamsIn(config).length === 0 || isTrusted(config)(principalArn)) return undefined;
  const own = uses ? [...uses.executes, ...uses.runsSteps] : [];
  const isOfTeam =
    isNamedForTeam(config)(principalArn) || own.some(({ name }) => teamsOf(name, config).length > 0);
  if (!isOfTeam) return undefined;
  const ownArns = new Set(own.map(({ arn }) => arn));
  const isHome = homeOf(principalArn, config);
  return (pipeline) => ownArns.has(pipeline.arn) || isHome(pipeline.name);
};

/** Asked about every principal of an account, like the next one. */
const isTrusted = remembered(({ roles: { administrators = [], trusted = [] } = {} }: Config) =>
  anyMatcher([...administrators, ...trusted]),
);

/** Whether the configuration names a user or role, by the ARN, for a team. Others are members only by what a pipeline asks of them. */
export const isNamedForTeam = remembered((config: Config) =>
  anyMatcher(teamsIn(config).flatMap(({ roles }) => roles)),
);
