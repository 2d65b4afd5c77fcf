import { expect, test } from '@jest/globals';
import type { Gap } from '../../../shared/domain/gap.ts';
import { gatherAccount } from '../../../shared/facts/gather-account.ts';
import { notApplicable } from '../../../shared/facts/gathered.ts';
import { found, notRead, type Read } from '../../../shared/reader/read-result.ts';
import type { TrailFact } from '../../../shared/reader/reader.ts';
import { NOT_IN_SNAPSHOT } from '../../../shared/reader/snapshot/files.ts';
import { accountRequest } from '../../../shared/requests/resource-requests.ts';
import { memoryReader } from '../../support/builders/memory-reader.ts';

const { reader } = memoryReader({});
const GAP: Gap = { call: 'ListPipelines', code: 'AccessDeniedException', message: 'not allowed' };

const gathered = (trails: Read<TrailFact[]>, gaps: Gap[] = []) => {
  const request = accountRequest(reader.scope, gaps);
  if (request.type !== 'account') throw new Error(request.type);
  return gatherAccount(request, { reader: { ...reader, readTrails: async () => trails } });
};

test('an account’s facts are its trails and the lists that could not be read', async () => {
  const denied = notRead('DescribeTrails', 'AccessDeniedException', 'not allowed');
  expect((await gathered(found([]), [GAP])).facts).toEqual({
    trails: found({ scope: reader.scope, trails: [] }),
    gaps: found([GAP]),
  });
  expect((await gathered(denied)).facts).toEqual({ trails: denied, gaps: found([]) });
});

test('an account’s trails do not apply if the snapshot contains none', async () => {
  const { facts } = await gathered(notRead('cloudtrail/trails.json', NOT_IN_SNAPSHOT, 'it is not there'));
  expect(facts).toEqual({ trails: notApplicable('the snapshot holds no trails'), gaps: found([]) });
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
    const { facts } = await gatherAccount(request, {
      reader: { ...reader, readTrails: async () => found([]), readShares: async () => unread },
    });
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
