import { type AccountPlace, accountSelector } from '../config/account-selector.ts';
import { patternFor } from '../config/account-variable.ts';
import type { Config, FileConfig, NamedTeam, Prefix } from '../config/schema.ts';
import { parseArn, pipelineInArn } from '../domain/arn.ts';
import { matchesAny, matchesGlob } from '../iam/policy/glob.ts';
import { remembered } from '../memo.ts';
import { namesPipeline } from './pipeline-names.ts';

/**
 * The roles and pipelines of a team: those that it names, and those of the authorised prefixes that are its own or begin with
 * one of its own.
 */
const ownNames = (
  { prefixes = [], roles = [], pipelines = [] }: NamedTeam,
  authorised: readonly Prefix[],
): { roles: string[]; pipelines: string[] } => {
  const own = authorised.filter(({ prefix }) => prefixes.some((each) => isBelow(prefix, each)));
  return {
    roles: [...roles, ...own.flatMap((entry) => entry.roles ?? [])],
    pipelines: [...pipelines, ...own.flatMap((entry) => entry.pipelines ?? [])],
  };
};

/** The name of the team that an authorised prefix is of: the first one of which it is a prefix; undefined where there is none. */
export const teamOfPrefix = (prefix: string, teams: readonly NamedTeam[] = []): string | undefined =>
  teams.find(({ prefixes = [] }) => prefixes.some((each) => isBelow(prefix, each)))?.name;

/** Whether a name is the prefix, or begins with the prefix and a dash: `fraud` is no prefix of `fraudster`. */
const isBelow = (name: string, prefix: string): boolean => {
  const [given, wanted] = [name.toLowerCase(), prefix.toLowerCase()];
  return given === wanted || given.startsWith(`${wanted}-`);
};

/** Whether a part of the resource’s name is the prefix, or begins with it and a dash. */
export const isUnderPrefix = (arn: string, prefix: string): boolean => {
  const resource = parseArn(arn)?.resource ?? arn;
  const [, ...names] = resource.split(/[/:]/);
  return (names.length === 0 ? [resource] : names).some((name) => isBelow(name, prefix));
};

/** The team of a resource: `sure`, where this is known, and the teams before it in the list that it may be of. */
export type Owners = { sure?: string; perhaps: readonly string[] };

/**
 * What is of a team. `pipeline`: where more than the ARN tells it. `account`: whose audit found it, for a resource whose ARN
 * names no account, such as a bucket.
 */
export type Owned = { arn: string; pipeline?: string | undefined; account?: string | undefined };

/**
 * The team of a resource, by `teams` of the configuration: the first one that works in the resource’s account and that the
 * resource is of. `path` is the account’s place in its organization; where that is missing, a team of organizational units
 * may be the one. Alerts, reports and `--team` all ask this.
 */
export const ownersOf = (config: FileConfig, owned: Owned, path: AccountPlace['path']): Owners => {
  const { teams = [] } = config;
  const { account: inArn = '', partition = 'aws' } = parseArn(owned.arn) ?? {};
  const account = /^\d{12}$/.test(inArn) ? inArn : (owned.account ?? '');
  const { chosen, open } = selectorOf(teams)({ account, path });
  const working = new Set(chosen);
  const names = namesIn(config);
  const maybe = new Set(account === '' ? teams.keys() : open);
  const perhaps: string[] = [];
  for (const [index, team] of teams.entries()) {
    if (!working.has(index) && !maybe.has(index)) continue;
    if (!isOf(owned, team, names[index], { account, partition })) continue;
    if (working.has(index)) return { sure: team.name, perhaps };
    perhaps.push(team.name);
  }
  return { perhaps };
};

/** Found once, because a report asks for each finding. */
const namesIn = remembered(({ teams = [], prefixes = [] }: FileConfig) =>
  teams.map((team) => ownNames(team, prefixes)),
);

const selectorOf = remembered((teams: readonly NamedTeam[]) => accountSelector(teams));

/** A team that names nothing but its accounts owns everything in them. */
const isOf = (
  { arn, pipeline = pipelineInArn(arn) }: Owned,
  { prefixes, pipelines, roles, resources }: NamedTeam,
  own: ReturnType<typeof ownNames> | undefined,
  place: { account: string; partition: string },
): boolean => {
  if ((prefixes ?? pipelines ?? roles ?? resources) === undefined) return true;
  const fill = (pattern: string): string => patternFor(pattern, place);
  return (
    (prefixes ?? []).some((prefix) => isUnderPrefix(arn, prefix)) ||
    (pipeline !== undefined && namesPipeline(own?.pipelines ?? [], pipeline)) ||
    matchesAny((own?.roles ?? []).map(fill), arn) ||
    (resources ?? []).some((pattern) => matchesGlob(fill(pattern).toLowerCase(), arn.toLowerCase()))
  );
};

/** The named teams as controls see them: those that name, or whose prefixes name, both roles and pipelines. */
export const workingTeams = ({ teams = [], prefixes = [] }: Pick<Config, 'teams' | 'prefixes'>) =>
  teams.map((team) => ownNames(team, prefixes)).filter(isWhole);

const isWhole = ({ roles, pipelines }: { roles: string[]; pipelines: string[] }): boolean =>
  roles.length > 0 && pipelines.length > 0;
