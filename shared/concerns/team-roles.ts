import { homeOf, makesAny, teamsIn, teamsOf } from '../authorised/teams.ts';
import type { Config } from '../config/schema.ts';
import type { AccountPrincipal, Facts } from '../facts/facts.ts';
import { matchesAny } from '../iam/policy/glob.ts';

/**
 * The authorised roles as they concern one principal: the patterns that stay when other teams’ roles are left out, the roles of
 * other teams that these patterns match all the same, and pipelines that cannot be read and may need one of those left out.
 */
export type TeamRoles = { patterns: readonly string[]; except: readonly string[]; unread: readonly string[] };

/**
 * Leaves out of the authorised roles those of other teams, where the configuration tells the principal’s team: roles that
 * none but other teams’ pipelines use, and roles that no pipeline uses and that an entry of another team alone names.
 */
export const rolesOfTeam = (
  listed: readonly string[],
  {
    principal,
    uses,
    roster,
    roles,
  }: Pick<Facts, 'principal' | 'uses' | 'roster'> & { roles: readonly AccountPrincipal[] },
  config: Config,
): TeamRoles => {
  const { arn } = principal.identity.principal;
  const teams = teamsIn(config);
  const others = teams.filter((team) => !matchesAny(team.roles, arn));
  if (others.length === teams.length || makesAny(arn, config))
    return { patterns: listed, except: [], unread: [] };
  const isHome = homeOf(arn, config);
  const own = new Set([...uses.executes, ...uses.runsSteps].map(({ name }) => name));
  const isOfOthers = (name: string): boolean =>
    !own.has(name) && !isHome(name) && teamsOf(name, config).length > 0;
  const isRoleOfOthers = (roleArn: string): boolean => {
    const { executes = [], runsSteps = [] } = roster.roles.get(roleArn) ?? {};
    const used = [...executes, ...runsSteps];
    if (used.length > 0) return used.every(({ name }) => isOfOthers(name));
    const naming = teams.filter((team) => matchesAny(team.roles, roleArn));
    return naming.length > 0 && naming.every((team) => others.includes(team));
  };
  const known = [
    ...new Set([
      ...listed.filter((each) => !/[*?]/.test(each)),
      ...roster.roles.keys(),
      ...roles.map(({ identity }) => identity.principal.arn),
    ]),
  ].filter((role) => role !== arn && matchesAny(listed, role));
  const foreign = known.filter(isRoleOfOthers);
  const patterns = listed.filter((pattern) => {
    const meant = known.filter((role) => matchesAny([pattern], role));
    return meant.length === 0 || meant.some((role) => !foreign.includes(role));
  });
  return {
    patterns,
    except: foreign.filter((role) => matchesAny(patterns, role)),
    unread:
      foreign.length > 0 ? roster.unread.map(({ name }) => name).filter((name) => !isOfOthers(name)) : [],
  };
};

/** The roles in words. */
export const teamRolesText = ({ patterns, except }: Pick<TeamRoles, 'patterns' | 'except'>): string =>
  `${patterns.join(', ')}${except.length > 0 ? ` except ${except.join(', ')}` : ''}`;
