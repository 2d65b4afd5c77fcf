import { expect, test } from '@jest/globals';
import { leavingFormer } from '../../../../functions/deliver/left-findings.ts';
import type { Change } from '../../../../shared/findings/state.ts';
import { aFinding } from '../../../support/builders/finding.ts';

const own = { partition: 'aws', account: '111122223333', region: 'eu-west-1' };
const MEMBER = '444455556666';

const change = (id: string, arn: string, why?: 'account-unwatched' | 'configuration-changed'): Change => ({
  kind: 'unjudged',
  finding: aFinding({
    id,
    resource: { type: 'pipeline', arn },
    ...(why && { unjudged: { since: '2026-11-24T10:00:00Z', why, because: 'it left' } }),
  }),
});

test('of a deployment without members, the Security Hub hears nothing of what has ended in former ones, which is told', async () => {
  const delivered: string[] = [];
  const left: unknown[] = [];
  const sink = leavingFormer(
    {
      name: 'Security Hub',
      takesRefreshed: true,
      deliver: async (changes) => void delivered.push(...changes.map(({ finding }) => finding.id)),
    },
    own,
    async (place, findings) => void left.push([place, findings.map(({ id }) => id)]),
  );
  await sink.deliver([
    change('own', `arn:aws:sagemaker:eu-west-1:${own.account}:pipeline/a`, 'account-unwatched'),
    change('shared', `arn:aws:sagemaker:us-east-1:${MEMBER}:pipeline/b`, 'configuration-changed'),
    change('former', `arn:aws:sagemaker:us-east-1:${MEMBER}:pipeline/c`, 'account-unwatched'),
    change('role', `arn:aws:iam::${MEMBER}:role/d`, 'account-unwatched'),
  ]);
  expect(sink).toMatchObject({ name: 'Security Hub', takesRefreshed: true });
  expect(delivered).toEqual(['own', 'shared']);
  expect(left).toEqual([
    [{ account: MEMBER, region: 'us-east-1' }, ['former']],
    [{ account: MEMBER, region: 'eu-west-1' }, ['role']],
  ]);
});

test('the failure of the Security Hub is passed on', async () => {
  const sink = leavingFormer(
    { name: 'Security Hub', deliver: async () => Promise.reject(new Error('off')) },
    own,
    async () => {},
  );
  await expect(sink.deliver([change('own', `arn:aws:iam::${own.account}:role/d`)])).rejects.toThrow('off');
});
