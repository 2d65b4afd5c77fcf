import type { Config } from '../config/schema.ts';
import { anyMatcher, matchesGlob } from '../iam/policy/glob.ts';
import { remembered } from '../memo.ts';

/**
 * Whether one of the patterns matches the pipeline’s name. Case makes no difference, because some events name a
 * pipeline by its ARN alone, and SageMaker may have put that in lower case.
 */
export const namesPipeline = (patterns: readonly string[], name: string): boolean =>
  matcherOf(patterns)(name.toLowerCase());

const matcherOf = remembered((patterns: readonly string[]) =>
  anyMatcher(patterns.map((pattern) => pattern.toLowerCase())),
);

/** The version floors of the configuration that are for the pipeline. */
export const floorsFor = (
  name: string,
  { versionFloors = [] }: Pick<Config, 'versionFloors'>,
): NonNullable<Config['versionFloors']> =>
  versionFloors.filter(({ pipeline }) => matchesGlob(pipeline.toLowerCase(), name.toLowerCase()));
