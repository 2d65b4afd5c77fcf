import { namesPipeline } from '../../authorised/pipeline-names.ts';
import { DEFAULT_NAMES } from '../../authorised/prefixes.ts';
import type { Config } from '../../config/schema.ts';
import { parseArn } from '../../domain/arn.ts';
import type { Finding } from '../../domain/finding.ts';
import { matchesAny } from '../../iam/policy/glob.ts';

/** The pipeline that a finding is about, itself or by an execution of it; undefined where its ARN tells none. */
export const pipelineOf = ({ resource: { arn } }: Pick<Finding, 'resource'>): string | undefined => {
  const [kind, name] = parseArn(arn)?.resource.split('/') ?? [];
  return kind === 'pipeline' && name ? name : undefined;
};

/** A way to tell the team of a finding; undefined where the configuration tells of no teams. */
export type TeamOf = (finding: Finding) => string | undefined;

/**
 * Teams by their prefixes: what a prefix's pipelines, roles or jobs are named by. The first word of the prefix stands for
 * the team, as a team has one prefix for each kind of job: fraud-train and fraud-features are both fraud's.
 */
export const teamsOf = ({ prefixes = [] }: Pick<Config, 'prefixes'>): TeamOf | undefined => {
  const own = prefixes
    .filter(({ prefix }) => prefix !== DEFAULT_NAMES)
    .map(({ prefix, pipelines = [], roles = [] }) => ({
      team: prefix.split('-')[0] ?? prefix,
      prefix: prefix.toLowerCase(),
      pipelines,
      roles,
    }));
  if (own.length === 0) return undefined;
  return (finding) => {
    const { resource } = finding;
    const pipeline = pipelineOf(finding);
    const name = resource.arn.slice(resource.arn.lastIndexOf('/') + 1).toLowerCase();
    return own.find(({ prefix, pipelines, roles }) =>
      pipeline === undefined
        ? matchesAny(roles, resource.arn) || (resource.type === 'job' && name.startsWith(`${prefix}-`))
        : namesPipeline(pipelines, pipeline),
    )?.team;
  };
};
