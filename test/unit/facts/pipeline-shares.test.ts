import { describe, expect, test } from '@jest/globals';
import { DEFAULT_CONFIG } from '../../../shared/config/schema.ts';
import { accountEvidence } from '../../../shared/facts/account-evidence.ts';
import { gatherShare } from '../../../shared/facts/gather-share.ts';
import { notKnown } from '../../../shared/facts/gathered.ts';
import { sharesOf } from '../../../shared/facts/pipeline-shares.ts';
import { found, NOT_IN_SNAPSHOT, notRead } from '../../../shared/reader/read-result.ts';
import type { PipelineShare } from '../../../shared/reader/reader.ts';

import type { RequestOf } from '../../../shared/requests/audit-request.ts';
import { memoryReader } from '../../support/builders/memory-reader.ts';
import { aShare } from '../../support/builders/share.ts';

const pipeline = (name: string, region = 'eu-west-1', account = '111122223333'): string =>
  `arn:aws:sagemaker:${region}:${account}:pipeline/${name}`;

const share = (id: string, more: Partial<PipelineShare> = {}): PipelineShare =>
  aShare({ arn: `arn:aws:ram:eu-west-1:111122223333:resource-share/${id}`, name: id, ...more });

const evidenceOf = (shares: PipelineShare[], isRefused = false) => {
  const { reader, calls } = memoryReader({ shares }, isRefused ? ['readShares'] : []);
  return { reader, calls, evidence: accountEvidence(reader, DEFAULT_CONFIG) };
};

describe('the shares of a pipeline', () => {
  test('are those that hold it now, in this Region, whatever the case of its ARN', async () => {
    const [one, other] = [
      share('one', { pipelineArns: [pipeline('Fraud'), pipeline('fraud')] }),
      share('other', { pipelineArns: [pipeline('fraud')] }),
    ];
    const elsewhere = share('elsewhere', {
      pipelineArns: [pipeline('fraud', 'us-east-1'), pipeline('fraud2')],
    });
    const former = share('former', { formerPipelineArns: [pipeline('fraud')] });
    const context = evidenceOf([one, other, elsewhere, former]);
    expect(await sharesOf(pipeline('fraud'), context)).toEqual(found([one, other]));
    expect(await sharesOf(pipeline('churn'), context)).toEqual(found([]));
    expect(context.calls).toEqual(['readShares']);
  });

  test('that a snapshot does not hold are nothing that this pipeline is told for', async () => {
    const { reader } = memoryReader({});
    const missing = async () => notRead('ram/resource-shares.json', NOT_IN_SNAPSHOT, 'it is not there');
    const evidence = accountEvidence({ ...reader, readShares: missing }, DEFAULT_CONFIG);
    expect(await sharesOf(pipeline('fraud'), { evidence })).toEqual(
      notKnown('nothing that was read tells of shares'),
    );
  });

  test('that could not be read are nothing that this pipeline is told for', async () => {
    expect(await sharesOf(pipeline('fraud'), evidenceOf([], true))).toEqual(
      notKnown('readShares: AccessDeniedException: the shares of the account were not read'),
    );
  });
});

describe('a look at the shares', () => {
  const trigger = { eventId: 'e', eventName: 'DeleteResourceShare', eventTime: '2026-11-20T11:00:06.000Z' };
  const arn = 'arn:aws:ram:eu-west-1:111122223333:resource-share/*';
  const request: RequestOf<'share'> = {
    type: 'share',
    resource: { type: 'share', arn },
    changed: ['content'],
    trigger: trigger as NonNullable<RequestOf<'share'>['trigger']>,
  };

  test('leads to each pipeline that is or was shared, once', async () => {
    const { follow } = await gatherShare(
      request,
      evidenceOf([
        share('one', { pipelineArns: [pipeline('fraud'), pipeline('churn')] }),
        share('two', { pipelineArns: [pipeline('fraud')], formerPipelineArns: [pipeline('vision')] }),
        share('others', {
          pipelineArns: [pipeline('x', 'us-east-1'), pipeline('x', 'eu-west-1', '444455556666')],
        }),
      ]),
    );
    expect(follow).toEqual(
      ['fraud', 'churn', 'vision'].map((name) =>
        expect.objectContaining({
          type: 'pipeline',
          name,
          resource: { type: 'pipeline', arn: pipeline(name) },
          changed: ['sharing'],
          deleted: false,
          trigger,
        }),
      ),
    );
  });

  test('leads to a bounded number of pipelines', async () => {
    const pipelineArns = Array.from({ length: 5000 }, (_, index) => pipeline(`p${index}`));
    const { follow } = await gatherShare(request, evidenceOf([share('one', { pipelineArns })]));
    expect(follow).toHaveLength(100);
  });

  test('leads to none where they could not be read', async () => {
    expect((await gatherShare(request, evidenceOf([], true))).follow).toEqual([]);
  });
});
