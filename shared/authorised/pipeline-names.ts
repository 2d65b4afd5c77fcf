import { matchesGlob } from '../iam/policy/glob.ts';

/**
 * Whether one of the patterns means the pipeline. Case makes no difference: some events tell a pipeline by its ARN alone,
 * which SageMaker may have lower-cased.
 */
export const namesPipeline = (patterns: readonly string[], name: string): boolean =>
  patterns.some((pattern) => matchesGlob(pattern.toLowerCase(), name.toLowerCase()));
