import { expect, test } from '@jest/globals';
import { accountRootArn } from '../../../shared/domain/arn.ts';
import type { Gap } from '../../../shared/domain/gap.ts';
import { accountEvidence } from '../../../shared/facts/account-evidence.ts';
import type { ScopeCoverage } from '../../../shared/facts/coverage.ts';
import { gatherAccount } from '../../../shared/facts/gather-account.ts';
import { notApplicable, notKnown } from '../../../shared/facts/gathered.ts';
import { found, NOT_IN_SNAPSHOT, notRead, type Read } from '../../../shared/reader/read-result.ts';
import type { ListedTrails, Reader } from '../../../shared/reader/reader.ts';

import { accountRequest } from '../../../shared/requests/resource-requests.ts';
import { memoryReader } from '../../support/builders/memory-reader.ts';

const { reader } = memoryReader({});
const GAP: Gap = { call: 'ListPipelines', code: 'AccessDeniedException', message: 'not allowed' };

const NOW = '2026-11-24T10:00:00.000Z';
const NO_HUB = notApplicable('only a hub says what it covers');
type Context = Parameters<typeof gatherAccount>[1];
const contextOf = (by: Reader, coverage?: Context['coverage']): Context => ({
  reader: by,
  config: { version: 1 },
  evidence: accountEvidence(by, { version: 1 }),
  now: () => new Date(NOW),
  ...(coverage && { coverage }),
});

const gathered = (trails: Read<ListedTrails>, gaps: Gap[] = []) => {
  const request = accountRequest(reader.scope, gaps);
  if (request.type !== 'account') throw new Error(request.type);
  return gatherAccount(request, contextOf({ ...reader, readTrails: async () => trails }));
};

test('an account’s facts are its trails and the lists that could not be read', async () => {
  const denied = notRead('DescribeTrails', 'AccessDeniedException', 'not allowed');
  expect((await gathered(found({ trails: [] }), [GAP])).facts).toEqual({
    trails: found({ scope: reader.scope, trails: [] }),
    coverage: NO_HUB,
    gaps: found([GAP]),
  });
  expect((await gathered(denied)).facts).toEqual({ trails: denied, coverage: NO_HUB, gaps: found([]) });
});

test('an account’s trails do not apply if the snapshot contains none', async () => {
  const { facts } = await gathered(notRead('cloudtrail/trails.json', NOT_IN_SNAPSHOT, 'it is not there'));
  expect(facts).toEqual({
    trails: notKnown('nothing that was read tells of trails'),
    coverage: NO_HUB,
    gaps: found([]),
  });
});

test.each<[string, string, boolean]>([
  ['AWS denied it', 'AccessDeniedException', true],
  ['their file is broken', 'Malformed', true],
  ['the snapshot holds none', NOT_IN_SNAPSHOT, false],
])(
  'shares of pipelines that were not read are one gap of the account, where %s: %s: %s',
  async (_, code, isTold) => {
    const unread = notRead('GetResourceShareAssociations', code, 'no');
    const request = accountRequest(reader.scope, [GAP]);
    const by = { ...reader, readTrails: async () => found({ trails: [] }), readShares: async () => unread };
    const { facts } = await gatherAccount(request, contextOf(by));
    expect(facts.gaps).toEqual(
      found([
        GAP,
        ...(isTold
          ? [{ call: 'GetResourceShareAssociations', code, message: 'no', subject: 'shares of pipelines' }]
          : []),
      ]),
    );
  },
);

const { account, region } = reader.scope;
const seen = (told: Partial<ScopeCoverage>): ScopeCoverage => ({
  account,
  region,
  firstAt: '2026-11-01T00:00:00.000Z',
  triedAt: NOW,
  ...told,
});

test.each<[string, ScopeCoverage | null, unknown]>([
  [
    'was swept in time',
    seen({ lastSweep: '2026-11-23T22:00:00.000Z' }),
    found({ scopes: [{ account, region }] }),
  ],
  [
    'was not swept for longer than two intervals and an hour',
    seen({ lastSweep: '2026-11-23T20:59:59.000Z' }),
    found({ scopes: [{ account, region, overdueSince: '2026-11-23T20:59:59.000Z' }] }),
  ],
  [
    'was never swept completely since it is watched',
    seen({}),
    found({ scopes: [{ account, region, overdueSince: '2026-11-01T00:00:00.000Z' }] }),
  ],
  ['is new', seen({ firstAt: NOW }), found({ scopes: [{ account, region }] })],
  [
    'cannot be listed',
    seen({ firstAt: NOW, unread: GAP }),
    found({ scopes: [{ account, region, unread: GAP }] }),
  ],
  [
    'nobody has tried to read',
    null,
    notRead('GetItem', 'NotKnown', `no sweep has tried to read ${account} in ${region} yet`),
  ],
])('the coverage of an account that %s', async (_, coverage, expected) => {
  const by = { ...reader, readTrails: async () => found({ trails: [] }), readShares: async () => found([]) };
  const request = accountRequest(reader.scope, []);
  if (request.type !== 'account') throw new Error(request.type);
  const { facts } = await gatherAccount(
    request,
    contextOf(by, async () => found(coverage)),
  );
  expect(facts.coverage).toEqual(expected);
});

test('an account for all its Regions is covered where its principals can be read', async () => {
  const request = accountRequest(reader.scope, []);
  if (request.type !== 'account') throw new Error(request.type);
  const whole = { ...request, resource: { type: 'account' as const, arn: accountRootArn(reader.scope) } };
  const denied = notRead('GetAccountAuthorizationDetails', 'AccessDenied', 'not allowed');
  const by = { ...reader, readIdentities: async () => denied };
  const { facts, arn } = await gatherAccount(
    whole,
    contextOf(by, async () => found(null)),
  );
  expect(arn).toBe(accountRootArn(reader.scope));
  expect(facts).toMatchObject({
    coverage: found({ scopes: [] }),
    gaps: found([denied.ok ? {} : denied.unread]),
  });
});
