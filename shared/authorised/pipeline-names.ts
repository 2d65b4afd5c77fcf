import type { Config } from '../config/schema.ts';
import { matchesGlob } from '../iam/policy/glob.ts';

/**
 * Whether one of the patterns matches the pipeline’s name. Case makes no difference, because some events name a
 * pipeline by its ARN alone, and SageMaker may have put that in lower case.
 */
export const namesPipeline = (patterns: readonly string[], name: string): boolean =>
  patterns.some((pattern) => matchesGlob(pattern.toLowerCase(), name.toLowerCase()));

/** The version floors of the configuration that are for the pipeline. */
export const floorsFor = (
  name: string,
  { versionFloors = [] }: Pick<Config, 'versionFloors'>,
): NonNullable<Config['versionFloors']> =>
  versionFloors.filter(({ pipeline }) => namesPipeline([pipeline], name));
