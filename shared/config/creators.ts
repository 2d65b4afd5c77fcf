import type { Config } from './schema.ts';

/** Principals that make pipelines: ARN patterns, and the names of the pipelines, if the configuration tells them. */
export type CreatorsEntry = { roles: readonly string[]; pipelines?: readonly string[] | undefined };

/** The entries of `roles.creators`. An ARN by itself is an entry that tells no pipelines. */
export const creatorsIn = ({ roles }: Pick<Config, 'roles'>): CreatorsEntry[] =>
  (roles?.creators ?? []).map((entry) => (typeof entry === 'string' ? { roles: [entry] } : entry));

/** The ARN patterns of all creators. */
export const creatorPatterns = (config: Pick<Config, 'roles'>): string[] =>
  creatorsIn(config).flatMap(({ roles }) => roles);
