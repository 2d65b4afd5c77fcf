import type { Config } from '../config/schema.ts';
import { parseArn } from '../domain/arn.ts';
import { isPattern, matchesAny } from '../iam/policy/glob.ts';
import { remembered } from '../memo.ts';
import { before } from '../text/trim.ts';
import { namesPipeline } from './pipeline-names.ts';
import { withoutRoot } from './trusted.ts';

/**
 * Whether `sharedWith` names a principal of AWS RAM for a pipeline. An account may be written as its number or as its
 * root. An account that is named stands for its roles and users too, and an organization for its units.
 */
export const isSharedWith = (
  principal: string,
  pipeline: string,
  { sharedWith = NOBODY }: Pick<Config, 'sharedWith'>,
): boolean => {
  const named = withoutRoot(principal);
  const { service, account = '' } = parseArn(named) ?? {};
  const [, organization] = /:ou\/(o-[^/]+)\//.exec(named) ?? [];
  const names = [
    named,
    ...(service === 'iam' ? [account] : []),
    ...(organization === undefined ? [] : [`${before(named, ':ou/')}:organization/${organization}`]),
  ];
  return entriesOf(sharedWith).some(
    ({ exact, patterns, pipelines }) =>
      names.some((name) => exact.has(name) || matchesAny(patterns, name)) &&
      (pipelines === undefined || namesPipeline(pipelines, pipeline)),
  );
};

const NOBODY: NonNullable<Config['sharedWith']> = [];

/** Found once, because a share may have thousands of principals, and each of many pipelines asks for all of them. */
const entriesOf = remembered((sharedWith: NonNullable<Config['sharedWith']>) =>
  sharedWith.map((entry) => {
    const { principals, pipelines } =
      typeof entry === 'string' ? { principals: [entry], pipelines: undefined } : entry;
    const all = principals.map(withoutRoot);
    const exact = new Set(all.filter((each) => !isPattern(each)));
    return { exact, patterns: all.filter(isPattern), pipelines };
  }),
);
