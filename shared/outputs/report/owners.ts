import { ownersOf } from '../../authorised/named-teams.ts';
import { namesPipeline } from '../../authorised/pipeline-names.ts';
import { DEFAULT_NAMES } from '../../authorised/prefixes.ts';
import type { AccountPlace } from '../../config/account-selector.ts';
import type { FileConfig } from '../../config/schema.ts';
import { pipelineInArn } from '../../domain/arn.ts';
import type { Finding } from '../../domain/finding.ts';
import { matchesAny } from '../../iam/policy/glob.ts';

/** The pipeline of a finding, also where the finding is on an execution; undefined where the ARN names none. */
export const pipelineOf = ({ resource: { arn } }: Pick<Finding, 'resource'>): string | undefined =>
  pipelineInArn(arn);

/** What more than a finding’s ARN tells: its pipeline, and the account whose audit made the finding, with its place. */
export type FindingFrom = {
  pipeline?: string | undefined;
  account?: string | undefined;
  path?: AccountPlace['path'];
};

/** The teams that a finding may be of: one where this is known, and none for a finding of no team. */
export type TeamsOf = (finding: Finding, from?: FindingFrom) => readonly string[];

/** The names of the teams of a configuration: those of `teams`, else the first words of prefixes, each once. */
export const teamNames = ({ teams, prefixes = [] }: FileConfig): string[] =>
  teams?.map(({ name }) => name) ?? [
    ...new Set(prefixes.flatMap(({ prefix }) => (prefix === DEFAULT_NAMES ? [] : teamOfPrefix(prefix)))),
  ];

/** The team of a prefix is the first word of the prefix. */
const teamOfPrefix = (prefix: string): string => prefix.split('-')[0] ?? prefix;

/**
 * A function from a finding to its team; undefined where the configuration has neither teams nor prefixes. Without `teams`, the
 * prefix in the names of the pipeline, role or job tells the team, by its first word: such a team has one prefix for each kind
 * of job, such as fraud-train and fraud-features.
 */
export const teamsOf = (config: FileConfig): TeamsOf | undefined =>
  config.teams === undefined ? teamsOfPrefixes(config) : namedTeamsOf(config);

const namedTeamsOf =
  (config: FileConfig): TeamsOf =>
  (finding, { pipeline, account, path } = {}) => {
    const { sure, perhaps } = ownersOf(config, { arn: finding.resource.arn, pipeline, account }, path);
    return sure === undefined ? perhaps : [...perhaps, sure];
  };

const teamsOfPrefixes = ({ prefixes = [] }: FileConfig): TeamsOf | undefined => {
  const own = prefixes
    .filter(({ prefix }) => prefix !== DEFAULT_NAMES)
    .map(({ prefix, pipelines = [], roles = [] }) => ({
      team: teamOfPrefix(prefix),
      prefix: prefix.toLowerCase(),
      pipelines,
      roles,
    }));
  if (own.length === 0) return undefined;
  return (finding, { pipeline = pipelineOf(finding) } = {}) => {
    const { resource } = finding;
    const name = resource.arn.slice(resource.arn.lastIndexOf('/') + 1).toLowerCase();
    const found = own.find(({ prefix, pipelines, roles }) =>
      pipeline === undefined
        ? matchesAny(roles, resource.arn) || (resource.type === 'job' && name.startsWith(`${prefix}-`))
        : namesPipeline(pipelines, pipeline),
    );
    return found ? [found.team] : [];
  };
};
