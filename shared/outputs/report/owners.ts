import { namesPipeline } from '../../authorised/pipeline-names.ts';
import { DEFAULT_NAMES } from '../../authorised/prefixes.ts';
import type { Config } from '../../config/schema.ts';
import { parseArn } from '../../domain/arn.ts';
import type { Finding } from '../../domain/finding.ts';
import { matchesAny } from '../../iam/policy/glob.ts';

/** The pipeline of a finding, also where the finding is on an execution; undefined where the ARN names none. */
export const pipelineOf = ({ resource: { arn } }: Pick<Finding, 'resource'>): string | undefined => {
  const [kind, name] = parseArn(arn)?.resource.split('/') ?? [];
  return kind === 'pipeline' && name ? name : undefined;
};

/**
 * A function from a finding to its team; undefined where the configuration has no prefixes. `pipeline` is the finding’s pipeline,
 * where more than its ARN tells it.
 */
export type TeamOf = (finding: Finding, pipeline?: string) => string | undefined;

/** The team of a prefix is the first word of the prefix. */
const teamOfPrefix = (prefix: string): string => prefix.split('-')[0] ?? prefix;

/** The teams of a configuration, each once. */
export const teamNames = ({ prefixes = [] }: Pick<Config, 'prefixes'>): string[] => [
  ...new Set(prefixes.flatMap(({ prefix }) => (prefix === DEFAULT_NAMES ? [] : teamOfPrefix(prefix)))),
];

/**
 * The team of a finding, by the prefix in the names of its pipeline, role or job. The first word of a prefix is the
 * team: a team has one prefix for each kind of job, such as fraud-train and fraud-features.
 */
export const teamsOf = ({ prefixes = [] }: Pick<Config, 'prefixes'>): TeamOf | undefined => {
  const own = prefixes
    .filter(({ prefix }) => prefix !== DEFAULT_NAMES)
    .map(({ prefix, pipelines = [], roles = [] }) => ({
      team: teamOfPrefix(prefix),
      prefix: prefix.toLowerCase(),
      pipelines,
      roles,
    }));
  if (own.length === 0) return undefined;
  return (finding, pipeline = pipelineOf(finding)) => {
    const { resource } = finding;
    const name = resource.arn.slice(resource.arn.lastIndexOf('/') + 1).toLowerCase();
    return own.find(({ prefix, pipelines, roles }) =>
      pipeline === undefined
        ? matchesAny(roles, resource.arn) || (resource.type === 'job' && name.startsWith(`${prefix}-`))
        : namesPipeline(pipelines, pipeline),
    )?.team;
  };
};
