import { parseArn } from '../domain/arn.ts';
import type { Gap } from '../domain/gap.ts';
import { remembered } from '../memo.ts';
import { found, isLeftOut, type Read } from '../reader/read-result.ts';
import type { PipelineShare } from '../reader/reader.ts';

import { type Fact, type GatherContext, notKnown } from './gathered.ts';

/**
 * The shares that hold a pipeline. If the shares could not be read, this is not a finding of each pipeline: the account
 * has one finding that says so.
 */
export const sharesOf = async (
  pipelineArn: string,
  { evidence }: Pick<GatherContext, 'evidence'>,
): Promise<Fact<readonly PipelineShare[]>> => {
  const shares = await evidence.shares(parseArn(pipelineArn)?.region ?? '');
  if (shares.ok) return found(byPipeline(shares.value).get(pipelineArn.toLowerCase()) ?? []);
  const { call, code } = shares.unread;
  return notKnown(
    isLeftOut(shares.unread)
      ? 'nothing that was read tells of shares'
      : `${call}: ${code}: the shares of the account were not read`,
  );
};

/** Found once for all pipelines. ARNs are compared without case, as SageMaker lower-cased older ones. */
const byPipeline = remembered((shares: readonly PipelineShare[]) => {
  const found = new Map<string, PipelineShare[]>();
  for (const share of shares)
    for (const arn of new Set(share.pipelineArns.map((each) => each.toLowerCase()))) {
      const known = found.get(arn);
      if (known) known.push(share);
      else found.set(arn, [share]);
    }
  return found;
});

/** The gap of an account whose shares could not be read. If a snapshot holds none, nobody asked for them. */
export const sharesGaps = (shares: Read<unknown>): Gap[] =>
  shares.ok || isLeftOut(shares.unread) ? [] : [{ ...shares.unread, subject: 'shares of pipelines' }];
