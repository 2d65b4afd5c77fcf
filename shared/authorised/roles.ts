import type { Config } from '../config/schema.ts';
import { parseArn } from '../domain/arn.ts';
import { matchesAny } from '../iam/policy/glob.ts';
import type { Answer } from './prefixes.ts';

/** Patterns of the roles that steps may run under: step roles, and execution roles, which steps use by default. */
export const authorisedRoles = (config: Config): string[] => [
  ...(config.roles?.steps ?? []),
  ...(config.roles?.execution ?? []),
];

/** Whether pipelines must not run under a role: the configuration lists execution roles, and it is none of them. */
export const isRefusedExecutionRole = (roleArn: string, { roles }: Pick<Config, 'roles'>): boolean =>
  roles?.execution !== undefined && !matchesAny(roles.execution, roleArn);

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html */
const ROLE_NAME = /^[\w+=,.@-]{1,64}$/;

/**
 * Whether a step or job may run under a role. EMR names its cluster’s roles without account and path. Such a name is
 * compared with the last part of each pattern, and the answer is unknown where the pattern has a path. A text that is
 * neither an ARN nor such a name is no role.
 */
export const isAuthorisedRole = (
  role: string,
  config: Config,
  executionRoleArn: string | undefined,
): Answer => {
  const patterns = authorisedRoles(config);
  if (role.startsWith('arn:')) {
    const isOwn = role === executionRoleArn && config.roles?.execution === undefined;
    return isOwn || matchesAny(patterns, role) ? 'yes' : 'no';
  }
  if (!ROLE_NAME.test(role)) return 'no';
  const resources = patterns.flatMap((pattern) => parseArn(pattern)?.resource ?? []);
  if (matchesAny(resources, `role/${role}`)) return 'yes';
  const lastSegments = resources.map((resource) => resource.slice(resource.lastIndexOf('/') + 1));
  return matchesAny(lastSegments, role) ? 'unknown' : 'no';
};

/** Whether pipelines run under the role, steps name it, or the configuration lists it among their roles. */
export const isPipelineRole = (
  roleArn: string,
  { executes, runsSteps }: { executes: readonly unknown[]; runsSteps: readonly unknown[] },
  config: Config,
): boolean => executes.length + runsSteps.length > 0 || matchesAny(authorisedRoles(config), roleArn);
