import type { FileConfig } from '../config/schema.ts';
import { parseArn } from '../domain/arn.ts';
import { isPattern } from '../iam/policy/glob.ts';

/** Paths of roles that AWS gives to those of all teams. */
const PATHS_OF_AWS =
  /^(?:service-role\/|aws-service-role\/(?:[^/*?]+\/)?|aws-reserved\/(?:sso\.amazonaws\.com\/(?:[a-z0-9-]+\/)?)?)/;

/** The beginnings of names by the team that they are of. */
export type TeamNames = ReadonlyMap<string, readonly string[]>;

/**
 * The names of each team of a configuration. Without teams, the first word of a prefix is a team.
 */
export const teamNames = ({ teams, prefixes = [] }: Pick<FileConfig, 'teams' | 'prefixes'>): TeamNames => {
  const names = new Map<string, string[]>();
  const add = (team: string, name: string) =>
    names.set(team, [...(names.get(team) ?? []), name.toLowerCase()]);
  for (const { name, prefixes: own = [], pipelines = [] } of teams ?? [])
    for (const each of [...own, ...pipelines.map(literalStart)]) if (each !== '') add(name, each);
  if (teams === undefined)
    for (const { prefix } of prefixes)
      if (prefix !== DEFAULT_NAMES) add(prefix.split('-')[0] ?? prefix, prefix);
  return names;
};

/** What default names begin with is of no team. */
const DEFAULT_NAMES = 'pipelines';

/**
 * What a pattern of ARNs, or of the paths of files, covers beyond the names of one team, in words; undefined where it names
 * one thing, or where what it covers begins with a name that is not several teams’.
 */
export const breadthOf = (pattern: string, teams: TeamNames): string | undefined => {
  if (!isPattern(pattern)) return undefined;
  const arn = parseArn(pattern);
  if (arn === undefined)
    return pattern.split('/').every((part) => /^(?:\.?$|[*?])/.test(part)) ? 'everything' : undefined;
  const { service, account, resource } = arn;
  if (isPattern(service)) return 'everything of every service';
  if (resource === 'root') return isPattern(account) ? 'every account' : undefined;
  if (!isPattern(resource)) return undefined;
  const literal = literalStart(resource);
  const typeEnd = service === 's3' ? -1 : literal.indexOf('/');
  if (service !== 's3' && typeEnd < 0) return `everything of ${service}`;
  const type = typeEnd < 0 ? 'bucket' : literal.slice(0, typeEnd);
  const name = literal.slice(typeEnd + 1).replace(PATHS_OF_AWS, '');
  if (name === '') return `every ${type}`;
  const several = [...teams].filter(([, names]) => names.some((each) => each.startsWith(name.toLowerCase())));
  return several.length > 1
    ? `names of several teams: ${several.map(([team]) => team).join(', ')}`
    : undefined;
};

const literalStart = (pattern: string): string => /^[^*?]*/.exec(pattern)?.[0] ?? '';
