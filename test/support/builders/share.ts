import { found } from '../../../shared/reader/read-result.ts';
import type { PipelineShare } from '../../../shared/reader/reader.ts';

export const SHARE_ARN = 'arn:aws:ram:eu-west-1:111122223333:resource-share/0a1b2c3d';

/** A share of AWS RAM with another account. It holds no pipeline and allows nothing, unless the test says otherwise. */
export const aShare = (more: Partial<PipelineShare> = {}): PipelineShare => ({
  arn: SHARE_ARN,
  name: 'fraud-pipelines',
  allowsExternal: true,
  pipelineArns: [],
  formerPipelineArns: [],
  principals: [{ id: '444455556666', isExternal: true }],
  permissions: found([]),
  ...more,
});
