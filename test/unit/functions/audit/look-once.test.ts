import { expect, test } from '@jest/globals';
import { lookOnce } from '../../../../functions/audit/look-once.ts';
import type { AuditRequest } from '../../../../shared/requests/audit-request.ts';
import { mergeRequests } from '../../../../shared/requests/merge.ts';
import { pipelineRequest, principalRequest } from '../../../../shared/requests/resource-requests.ts';
import { roleArn } from '../../../support/builders/events.ts';

const SCOPE = { partition: 'aws', account: '111122223333', region: 'eu-west-1' } as const;
const trigger = { eventId: 'e', eventName: 'UpdatePipeline', eventTime: '2026-11-24T10:00:00Z' };
const pipeline = (name: string): AuditRequest => ({ ...pipelineRequest(name, SCOPE), trigger });
const role = (changed: 'uses' | 'policy' = 'uses'): AuditRequest =>
  principalRequest(roleArn('train'), { trigger, changed: [changed] })[0] as AuditRequest;

/** Looks that end when they are told to, and what has begun. */
const looking = (merged: readonly AuditRequest[]) => {
  const begun: { of: AuditRequest; end: (follow?: readonly AuditRequest[]) => void; fail: () => void }[] = [];
  const looks = lookOnce(
    (of) =>
      new Promise((resolve, reject) => {
        begun.push({ of, end: (follow = []) => resolve(follow), fail: () => reject(new Error('refused')) });
      }),
    mergeRequests(merged),
  );
  return { ...looks, begun };
};

const settled = () => new Promise((resolve) => setImmediate(resolve));

test('messages for one resource share a look', async () => {
  const { ofEvent, begun } = looking([pipeline('a'), pipeline('a')]);
  const both = [ofEvent(pipeline('a')), ofEvent(pipeline('a'))];
  await settled();
  expect(begun).toHaveLength(1);
  begun[0]?.end([role()]);
  expect(await Promise.all(both)).toEqual([[role()], [role()]]);
});

test('a look that began before another one ended does not serve what that one leads to', async () => {
  const { following, begun } = looking([pipeline('a'), pipeline('b')]);
  const first = following(role());
  await settled();
  const second = following(role());
  const third = following(role());
  await settled();
  expect(begun).toHaveLength(1);
  begun[0]?.end([pipeline('c')]);
  await settled();
  expect(begun).toHaveLength(2);
  begun[1]?.end();
  expect(await Promise.all([first, second, third])).toEqual([[pipeline('c')], [], []]);
  await settled();
  expect(begun).toHaveLength(2);
});

test('a look that waits for one that fails is made all the same', async () => {
  const { following, begun } = looking([]);
  const first = following(role());
  await settled();
  const second = following(role());
  begun[0]?.fail();
  await expect(first).rejects.toThrow('refused');
  await settled();
  begun[1]?.end();
  expect(await second).toEqual([]);
});

test('a look that waits tells of all changes for which it is asked', async () => {
  const { ofEvent, following, begun } = looking([role('policy')]);
  const all = [following(role('uses')), ofEvent(role('policy'))];
  await settled();
  expect(begun.map(({ of }) => of.changed.toSorted())).toEqual([['policy', 'uses']]);
  begun[0]?.end();
  await Promise.all(all);
});

test('two resources may lead to each other', async () => {
  const { ofEvent, following, begun } = looking([pipeline('a'), role('policy')]);
  const [one, other] = [ofEvent(pipeline('a')), ofEvent(role('policy'))];
  await settled();
  begun[0]?.end([role()]);
  begun[1]?.end([pipeline('a')]);
  const again = (await Promise.all([one, other])).flat().map(following);
  await settled();
  expect(begun).toHaveLength(4);
  for (const { end } of begun) end();
  expect(await Promise.all(again)).toEqual([[], []]);
});
