import { teamOfPrefix } from '../authorised/named-teams.ts';
import { floorsFor } from '../authorised/pipeline-names.ts';
import { isSharedWith } from '../authorised/shared-with.ts';
import type { ConfigPath } from '../config/config-issue.ts';
import { pathText } from '../config/config-parts.ts';
import type { Config, Prefix } from '../config/schema.ts';
import { approvalText } from '../domain/approval.ts';
import type { Facts } from '../facts/facts.ts';
import { matchesAny } from '../iam/policy/glob.ts';
import { few, type Looked, MOST_PLACES } from './satisfying-statements.ts';

const entry = (path: ConfigPath, found: string): Looked => ({ at: pathText(path), found });

/** The entry of prefixes that authorises a name: the first one for which `fits` answers yes. */
export const prefixEntry = (
  { prefixes = [], teams = [] }: Config,
  fits: (alone: readonly Prefix[]) => boolean,
): Looked[] => {
  const index = prefixes.findIndex((each) => fits([each]));
  const found = prefixes[index];
  if (!found) return [];
  const { prefix, stepTypes, roles, pipelines } = found;
  const team = teamOfPrefix(prefix, teams);
  const limits = [
    ...(team === undefined ? [] : [`team ${team}`]),
    ...(stepTypes ? [`steps ${few(stepTypes)}`] : []),
    ...(roles ? [`roles ${few(roles)}`] : []),
    ...(pipelines ? [`pipelines ${few(pipelines)}`] : []),
  ];
  return [entry(['prefixes', index], `${prefix}${limits.length > 0 ? ` (${limits.join('; ')})` : ''}`)];
};

/** The prefixes, of which none begins another team’s. */
export const prefixesApart = ({ prefixes = [], teams = [] }: Config): Looked[] =>
  prefixes.slice(0, MOST_PLACES).map(({ prefix }, index) => {
    const team = teamOfPrefix(prefix, teams);
    return entry(
      ['prefixes', index, 'prefix'],
      `${prefix}${team === undefined ? '' : ` of team ${team}`} begins none of ${prefixes.length} prefixes that is another team’s`,
    );
  });

type RoleList = 'steps' | 'execution' | 'administrators' | 'trusted';

/** The first entry of the lists that names a role. */
export const roleEntry = (role: string, { roles = {} }: Config, lists: readonly RoleList[]): Looked[] =>
  lists
    .flatMap((list) => {
      const patterns = roles[list] ?? [];
      const index = patterns.findIndex((pattern) => matchesAny([pattern], role) || isNameOf(role, pattern));
      return index < 0 ? [] : [entry(['roles', list, index], `${patterns[index]} names ${role}`)];
    })
    .slice(0, 1);

/** EMR names roles without account and path. */
const isNameOf = (role: string, pattern: string): boolean =>
  !role.startsWith('arn:') && matchesAny([pattern.slice(pattern.lastIndexOf('/') + 1)], role);

/** The entries of a list of roles. */
export const roleEntries = ({ roles = {} }: Config, list: RoleList): Looked[] =>
  (roles[list] ?? []).slice(0, MOST_PLACES).map((pattern, index) => entry(['roles', list, index], pattern));

/** The floors of a pipeline. */
export const floorEntries = (pipeline: string, config: Config): Looked[] =>
  floorsFor(pipeline, config).map((floor) => {
    const index = config.versionFloors?.indexOf(floor) ?? 0;
    return entry(['versionFloors', index], `${floor.pipeline} from version ${floor.minimum}`);
  });

/** Whom shares name, and the entry of sharedWith that names each. What passes and is not named is of the account itself. */
export const shareEntries = (
  { pipeline, shares = [] }: Partial<Facts>,
  { sharedWith = [] }: Config,
): Looked[] => {
  const { arn = '', name = '' } = pipeline ?? {};
  const holding = shares.filter(({ pipelineArns }) => pipelineArns.includes(arn));
  if (holding.length === 0) return [{ at: `shares of ${arn}`, found: 'no share holds the pipeline' }];
  return holding.flatMap(({ arn: share, principals }) =>
    principals.slice(0, MOST_PLACES).map(({ id }) => {
      const index = sharedWith.findIndex((each) => isSharedWith(id, name, { sharedWith: [each] }));
      const by =
        index < 0 ? ', which is of the account itself' : `, which ${pathText(['sharedWith', index])} names`;
      return { at: share, found: `shared with ${id}${by}` };
    }),
  );
};

/** What declares an image bucket. */
export const imageBucketEntry = (name: string, { imageBuckets = {} }: Config): Looked[] => {
  const { names = [], tags = {} } = imageBuckets;
  const index = names.findIndex((pattern) => matchesAny([pattern], name));
  if (index >= 0) return [entry(['imageBuckets', 'names', index], `${names[index]} names ${name}`)];
  const wanted = Object.entries(tags).map(([key, value]) => `${key}=${value}`);
  return [entry(['imageBuckets', 'tags'], `${name} carries one of the tags ${few(wanted)}`)];
};

/** The suppressions, each with its end. */
export const suppressionEntries = ({ configurationFile }: Partial<Facts>): Looked[] => {
  const { suppressions = [], overrides = [] } = configurationFile?.file ?? {};
  const placed = [
    ...suppressions.map((each, index) => ({ each, path: ['suppressions', index] })),
    ...overrides.flatMap((override, at) =>
      (override.suppressions ?? []).map((each, index) => ({
        each,
        path: ['overrides', at, 'suppressions', index],
      })),
    ),
  ];
  return placed
    .slice(0, MOST_PLACES)
    .map(({ each, path }) =>
      entry(path, `${each.control} on ${each.resource} until ${each.expires}${approvalText(each)}`),
    );
};
