import type { Config } from '../config/schema.ts';
import { parseArn } from '../domain/arn.ts';
import { matchesAny } from '../iam/policy/glob.ts';
import { namesPipeline } from './pipeline-names.ts';
import { withoutRoot } from './trusted.ts';

/**
 * Whether `sharedWith` names a principal of AWS RAM for a pipeline. An account may be written as its number or as its
 * root. An account that is named stands for its roles and users too.
 */
export const isSharedWith = (
  principal: string,
  pipeline: string,
  { sharedWith = [] }: Pick<Config, 'sharedWith'>,
): boolean => {
  const named = withoutRoot(principal);
  const { service, account = '' } = parseArn(named) ?? {};
  const names = service === 'iam' ? [named, account] : [named];
  return sharedWith.some((entry) => {
    const { principals, pipelines } =
      typeof entry === 'string' ? { principals: [entry], pipelines: undefined } : entry;
    const patterns = principals.map(withoutRoot);
    return (
      (pipelines === undefined || namesPipeline(pipelines, pipeline)) &&
      names.some((name) => matchesAny(patterns, name))
    );
  });
};
