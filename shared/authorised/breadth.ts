import type { FileConfig } from '../config/schema.ts';
import { type Arn, parseArn } from '../domain/arn.ts';
import { isPattern } from '../iam/policy/glob.ts';
import { listed } from '../text/listed.ts';

/** Paths of roles that AWS gives to those of all teams. */
const PATHS_OF_AWS = ['service-role/', 'aws-service-role/', 'aws-reserved/sso.amazonaws.com/'];
/** The path of roles of IAM Identity Center, perhaps with a Region, and what their names begin with. */
const OF_IDENTITY_CENTER = /^aws-reserved\/sso\.amazonaws\.com\/(?:[a-z0-9-]+\/)?/;
const SIGNED_IN = 'awsreservedsso_';
/**
 * The start of a pattern of these roles in whatever Region, as AWS writes it. Nobody else makes roles below this path.
 * https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html
 */
const ANY_REGION = /^(role\/aws-reserved\/)(?:sso\.amazonaws\.com\/)?\*\/?(?=awsreservedsso_)/;

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
 * What a pattern of ARNs, of accounts, or of the paths of files covers beyond the names of one team, in words; undefined where it names
 * one thing, or where what it covers begins with a name that is not several teams’. Case makes no difference.
 */
export const breadthOf = (pattern: string, teams: TeamNames): string | undefined => {
  if (!isPattern(pattern)) return undefined;
  if (/^\d+[*?][\d*?]*$/.test(pattern)) return 'every account';
  const arn = parseArn(pattern.toLowerCase());
  if (arn === undefined)
    return pattern.split('/').every((part) => /^(?:\.?$|[*?])/.test(part)) ? 'everything' : undefined;
  const { service, account, resource } = arn;
  if (isPattern(service)) return 'everything of every service';
  if (resource === 'root') return isPattern(account) ? 'every account' : undefined;
  if (!isPattern(resource)) return undefined;
  const named = beginningIn(arn);
  if (named === undefined) return `everything of ${service}`;
  const { type, name } = named;
  if (name === '') return `every ${type}${restIn(pattern)}`;
  const several = [...teams].filter(([, names]) => names.some((each) => each.startsWith(name)));
  if (several.length > 1) return `names of several teams: ${several.map(([team]) => team).join(', ')}`;
  return name.length === 1 ? `every ${type} whose name begins with ${name}` : undefined;
};

/**
 * Whether what a pattern covers has a part of its name in common, whatever the name begins with. The names of a team begin alike, so that
 * such a pattern is no team’s, but it is not everybody either.
 */
export const isOfNamesAlike = (pattern: string): boolean => restIn(pattern) !== '';

/** What the ARNs have in common that a pattern covers, after its first wildcard, in words: a word of three letters is the least. */
const restIn = (pattern: string): string => {
  const [, ...parts] = (parseArn(pattern)?.resource ?? '').split(/[*?]+/);
  const longest = parts.toSorted((a, b) => lettersIn(b) - lettersIn(a))[0] ?? '';
  return lettersIn(longest) < 3
    ? ''
    : ` whose ARN ${parts.at(-1) === longest ? 'ends with' : 'contains'} ${longest}`;
};

const lettersIn = (text: string): number => text.replace(/[^\p{L}\d]/gu, '').length;

/**
 * The same for a principal of a trust policy. Whoever has an account can make a role of any name there.
 */
export const breadthOfTrusted = (pattern: string): string | undefined => {
  const arn = parseArn(pattern);
  return arn && isPattern(arn.account) ? 'every account' : breadthOf(pattern, NO_TEAMS);
};

/** Where several teams may have a name in common, such as that of a role. */
export const NO_TEAMS: TeamNames = new Map();

/**
 * What patterns cover together, each of which covers names with a beginning of its own: in words, for each type of resource. Undefined
 * where that is less than one name in seventy, if all beginnings were as likely.
 */
export const togetherIn = (patterns: readonly string[]): string | undefined => {
  const types = new Map<string, Set<string>>();
  for (const pattern of patterns) {
    const arn = parseArn(pattern.toLowerCase());
    const named = arn && isPattern(arn.resource) ? beginningIn(arn) : undefined;
    // What a shorter beginning covers is told of that pattern alone.
    if (!named || named.name.length < 2) continue;
    types.set(named.type, (types.get(named.type) ?? new Set()).add(named.name));
  }
  const told = [...types].flatMap(([type, names]) => {
    const apart: string[] = [];
    for (const name of [...names].toSorted()) if (!name.startsWith(apart.at(-1) ?? ' ')) apart.push(name);
    const share = apart.reduce((sum, { length }) => sum + LETTERS ** -length, 0);
    return share > MOST_SHARE
      ? `${apart.length} patterns together cover every ${type} whose name begins with ${listed(apart)}`
      : [];
  });
  return told.length > 0 ? told.join('; ') : undefined;
};

const LETTERS = 26;
/** Ten beginnings of two letters. */
const MOST_SHARE = 10 / LETTERS ** 2;

/**
 * Whether an origin of a CORS rule covers pages of everybody: where what follows its star is not below a domain of somebody. A star for the
 * scheme or the port covers nobody else.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/ManageCorsUsing.html
 */
export const isOriginOfAll = (origin: string): boolean => {
  const host = origin.replace(/^[a-z*]*:\/\//i, '').replace(/:\*$/, '');
  const star = host.lastIndexOf('*');
  return star >= 0 && !/^[^.]*(?:\.[^.]+){2}/.test(host.slice(star + 1));
};

/**
 * What a pattern of ARNs covers, in words, where AWS gives its names to what is of all teams: jobs of pipelines without names of their own,
 * roles that the console makes for SageMaker, and SageMaker’s default buckets.
 * https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html
 */
export const namesOfAwsIn = (pattern: string): string | undefined => {
  const arn = parseArn(pattern.toLowerCase());
  const named = arn && isPattern(arn.resource) ? beginningIn(arn) : undefined;
  if (!named) return undefined;
  const { type, name } = named;
  const given = GIVEN_NAMES.get(type) ?? (type.endsWith('-job') ? `${DEFAULT_NAMES}-` : undefined);
  const isGiven =
    given !== undefined && (given.startsWith(name) || /^[\dt]*$/.test(withoutStart(name, given)));
  return isGiven ? `names that AWS gives to each ${type} of any team` : undefined;
};

const GIVEN_NAMES: ReadonlyMap<string, string> = new Map([
  ['role', 'amazonsagemaker-executionrole-'],
  ['bucket', 'sagemaker-'],
]);

const withoutStart = (text: string, start: string): string =>
  text.startsWith(start) ? text.slice(start.length) : text;

/** The type of what a pattern covers, and how the names of it begin; undefined where the type is a pattern itself. */
const beginningIn = ({
  service,
  resource,
}: Pick<Arn, 'service' | 'resource'>): { type: string; name: string } | undefined => {
  const literal = literalStart(
    service === 'iam' ? resource.replace(ANY_REGION, '$1sso.amazonaws.com/') : resource,
  );
  if (service === 's3') return { type: 'bucket', name: literal };
  const typeEnd = literal.indexOf('/');
  if (typeEnd < 0) return undefined;
  const [type, name] = [literal.slice(0, typeEnd), literal.slice(typeEnd + 1)];
  return { type, name: service === 'iam' ? withoutPathOfAws(name) : name };
};

/** Empty where the name begins with no more than AWS gives to those of all teams. */
const withoutPathOfAws = (name: string): string => {
  if (PATHS_OF_AWS.some((path) => path.startsWith(name))) return '';
  const below = name.replace(OF_IDENTITY_CENTER, '');
  if (below !== name) return SIGNED_IN.startsWith(below) || /^[a-z0-9-]*$/.test(below) ? '' : below;
  return name.replace(/^(?:service-role\/|aws-service-role\/(?:[^/]+\/)?|aws-reserved\/$)/, '');
};

const literalStart = (pattern: string): string => /^[^*?]*/.exec(pattern)?.[0] ?? '';
