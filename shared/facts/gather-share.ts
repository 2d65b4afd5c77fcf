import { parseArn, pipelineNameIn } from '../domain/arn.ts';
import type { RequestOf } from '../requests/audit-request.ts';
import { pipelineRequest } from '../requests/resource-requests.ts';
import { type GatherContext, type Gathered, notApplicable, withoutFacts } from './gathered.ts';

/** More pipelines than this wait for the next sweep, which looks at all of them. */
const MAX_FOLLOWED = 100;

/**
 * The pipelines that are shared, or were until lately, are looked at next. RAM still tells the associations of a share
 * that was deleted or emptied; a pipeline that it tells no more is looked at by the next sweep.
 */
export const gatherShare = async (
  { resource: { arn }, trigger }: RequestOf<'share'>,
  { evidence, reader: { scope } }: Pick<GatherContext, 'evidence' | 'reader'>,
): Promise<Gathered<'share'>> => {
  const shares = await evidence.shares(scope.region);
  const held = (shares.ok ? shares.value : []).flatMap(({ pipelineArns, formerPipelineArns }) => [
    ...pipelineArns,
    ...formerPipelineArns,
  ]);
  const names = held.flatMap((each) => {
    const { account, region } = parseArn(each) ?? {};
    return account === scope.account && region === scope.region ? (pipelineNameIn(each) ?? []) : [];
  });
  return withoutFacts('share', notApplicable('the pipelines that it holds are judged instead'), {
    arn,
    follow: [...new Set(names)].slice(0, MAX_FOLLOWED).map((name) => ({
      ...pipelineRequest(name, scope),
      changed: ['sharing'],
      ...(trigger && { trigger }),
    })),
  });
};
