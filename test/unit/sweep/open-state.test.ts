import { describe, expect, test } from '@jest/globals';
import type { Finding } from '../../../shared/domain/finding.ts';
import type { ResourceType } from '../../../shared/domain/resource.ts';
import { memoryStore, type Store } from '../../../shared/findings/store.ts';
import { identitiesOf } from '../../../shared/iam/decide/authorization-details.ts';
import { found, notRead } from '../../../shared/reader/read-result.ts';
import type { AccountLists } from '../../../shared/requests/account-requests.ts';
import { isToBeTold, lookAtState, type OpenState, openResources } from '../../../shared/sweep/open-state.ts';
import { ACCOUNT, REGION, roleArn, sagemakerArn } from '../../support/builders/events.ts';
import { aFinding } from '../../support/builders/finding.ts';
import { anObservation } from '../../support/builders/observation.ts';

const SCOPE = { account: ACCOUNT, region: REGION, partition: 'aws' };
const OBSERVED = '2026-11-20T10:00:00.000Z';
const day = (count: number) => new Date(Date.parse(OBSERVED) + count * 24 * 60 * 60 * 1000);

const openOn = (type: ResourceType, arn: string, resourceArn = arn): OpenState => {
  const one: Finding = aFinding({ id: 'f', resource: { type, arn } });
  return {
    resourceArn,
    state: { version: 1, observedAt: OBSERVED, open: { [one.id]: one }, undelivered: [] },
  };
};

const denied = notRead('List', 'AccessDeniedException', 'not allowed');
const LISTS: AccountLists = {
  pipelines: found([{ name: 'Fraud' }]),
  identities: found(
    identitiesOf({
      RoleDetailList: [{ Arn: roleArn('pipelines/fraud'), RoleName: 'fraud' }],
      UserDetailList: [{ Arn: `arn:aws:iam::${ACCOUNT}:user/maya`, UserName: 'maya' }],
    }),
  ),
  buckets: found(['acme-images']),
};

const look = async (open: OpenState, lists: AccountLists = LISTS) => {
  const store: Pick<Store, 'states'> = {
    states: async function* () {
      yield open;
    },
  };
  const [found] = await all(openResources(store, new Date(OBSERVED), async () => {}));
  const at =
    found?.resource && lookAtState(lists, [{ scope: SCOPE, pipelines: lists.pipelines }])(found.resource);
  if (!at) return undefined;
  const { request, isUnlisted } = at;
  return [request.resource.arn, 'deleted' in request && request.deleted, ...(isUnlisted ? ['unlisted'] : [])];
};

describe('the request for a resource with open findings', () => {
  const gone = sagemakerArn('pipeline/gone');
  const bucket = 'arn:aws:s3:::theirs';

  test.each<[string, OpenState, unknown[]]>([
    [
      'a pipeline that is there, whatever its case',
      openOn('pipeline', sagemakerArn('pipeline/fraud')),
      [sagemakerArn('pipeline/fraud'), false],
    ],
    ['a pipeline that is gone', openOn('pipeline', gone, gone.toLowerCase()), [gone, true]],
    ['a role that is there', openOn('role', roleArn('pipelines/fraud')), [roleArn('pipelines/fraud'), false]],
    ['a role that is gone', openOn('role', roleArn('old')), [roleArn('old'), true]],
    ['a role that has another path now', openOn('role', roleArn('fraud')), [roleArn('fraud'), true]],
    [
      'a user that is gone',
      openOn('user', `arn:aws:iam::${ACCOUNT}:user/x/leo`),
      [`arn:aws:iam::${ACCOUNT}:user/x/leo`, true],
    ],
    [
      'a bucket that is there',
      openOn('bucket', 'arn:aws:s3:::acme-images'),
      ['arn:aws:s3:::acme-images', false],
    ],
    ['a bucket that is not listed', openOn('bucket', bucket), [bucket, false, 'unlisted']],
  ])('%s', async (_, open, expected) => {
    expect(await look(open)).toEqual(expected);
  });

  test.each<[string, OpenState]>([
    ['a pipeline of another Region', openOn('pipeline', gone.replace(REGION, 'us-west-2'))],
    ['a pipeline of another account', openOn('pipeline', gone.replace(ACCOUNT, '999988887777'))],
    ['a role of another account', openOn('role', roleArn('x').replace(ACCOUNT, '999988887777'))],
    ['a job', openOn('job', sagemakerArn('training-job/x'))],
    ['an execution', openOn('execution', sagemakerArn('pipeline/gone/execution/a1b2c3d4e5f6'))],
    ['what is gathered of jobs', openOn('pipeline', gone, `${gone}/jobs`)],
    ['a message that nobody could read', openOn('event', 'message 1')],
    ['the account, which is asked anyway', openOn('account', sagemakerArn('*'))],
    [
      'nothing open',
      { ...openOn('role', roleArn('old')), state: { ...openOn('role', 'x').state, open: {} } },
    ],
  ])('is not made for %s', async (_, open) => {
    expect(await look(open)).toBeUndefined();
  });

  test('is not a deletion where a list could not be read', async () => {
    const lists: AccountLists = { pipelines: denied, identities: denied, buckets: denied };
    expect(await look(openOn('pipeline', gone), lists)).toEqual([gone, false]);
    expect(await look(openOn('role', roleArn('old')), lists)).toBeUndefined();
    expect(await look(openOn('bucket', bucket), lists)).toEqual([bucket, false]);
  });
});

const all = async <T>(yielded: AsyncIterable<T>): Promise<T[]> => {
  const list: T[] = [];
  for await (const each of yielded) list.push(each);
  return list;
};

describe('the deliverer is woken', () => {
  const observed = async (resource: Finding['resource'], expireDays?: number): Promise<OpenState> => {
    const store = memoryStore();
    const findings = [aFinding({ id: 'f', resource, firstObservedAt: OBSERVED, lastObservedAt: OBSERVED })];
    const { changes } = await store.observe(
      anObservation({
        resourceArn: resource.arn,
        observedAt: OBSERVED,
        findings,
        ...(expireDays !== undefined && { expireDays }),
      }),
    );
    const [undelivered] = await all(store.states());
    if (!undelivered) throw new Error('nothing is open');
    expect(isToBeTold(undelivered, day(0))).toBe(true);
    await store.acknowledge(resource.arn, changes, []);
    const [open] = await all(store.states());
    if (!open) throw new Error('nothing is open');
    return open;
  };

  test('for changes that a sink has not taken, and not for those that all have taken', async () => {
    const open = await observed({ type: 'pipeline', arn: sagemakerArn('pipeline/fraud') });
    expect(isToBeTold(open, day(1))).toBe(false);
  });

  test('for a finding on a job that has expired', async () => {
    const open = await observed({ type: 'job', arn: sagemakerArn('training-job/x') }, 10);
    expect([9, 10].map((days) => isToBeTold(open, day(days)))).toEqual([false, true]);
  });
});
