import { afterEach, expect, test } from '@jest/globals';
import { found } from '../../../../shared/reader/read-result.ts';
import { removeFolders, snapshotOf, unreadOf } from '../../../support/builders/snapshot-folder.ts';

afterEach(removeFolders);

const FILE = 'cloudtrail/trails.json';
const TRAIL = {
  TrailARN: 'arn:aws:cloudtrail:eu-west-1:111122223333:trail/audit',
  HomeRegion: 'eu-west-1',
  IsMultiRegionTrail: false,
};

const trailsOf = async (content: unknown) => (await snapshotOf({ [FILE]: content })).readTrails();

test('a trail is made of three outputs', async () => {
  const advanced = {
    AdvancedEventSelectors: [
      { FieldSelectors: [{ Field: 'eventName', NotStartsWith: ['List', 'Get'], Equals: [] }, 7] },
    ],
  };
  const entry = { Trail: TRAIL, Status: { IsLogging: false }, EventSelectors: advanced };
  expect(await trailsOf([entry])).toEqual(
    found({
      trails: [
        {
          arn: TRAIL.TrailARN,
          homeRegion: 'eu-west-1',
          isMultiRegion: false,
          isLogging: found(false),
          selectors: found([[{ field: 'eventName', notStartsWith: ['List', 'Get'] }]]),
        },
      ],
    }),
  );
});

test('a missing output of a trail is a gap that names the command for it', async () => {
  const [trail] = await trailsOf([{ Trail: TRAIL }]).then((read) => (read.ok ? read.value.trails : []));
  if (!trail) throw new Error('no trail');
  expect(unreadOf(trail.isLogging).message).toContain('`aws cloudtrail get-trail-status` makes it');
  expect(unreadOf(trail.selectors).message).toContain('`aws cloudtrail get-event-selectors` makes it');
});

test('a file may say that there is no trail', async () => {
  expect(await trailsOf([])).toEqual(found({ trails: [] }));
  expect(await trailsOf({ absent: true })).toEqual(found({ trails: [] }));
});

test('a file may say that the trails of a Region could not be listed', async () => {
  const read = { Trail: TRAIL, Status: { IsLogging: true }, EventSelectors: { EventSelectors: [] } };
  const refused = { Region: 'us-east-1', call: 'DescribeTrails', code: 'AccessDenied', message: 'no' };
  expect(await trailsOf([read, { Unlisted: refused }])).toMatchObject({
    value: {
      trails: [{ arn: TRAIL.TrailARN }],
      unlisted: [
        { region: 'us-east-1', unread: { call: 'DescribeTrails', code: 'AccessDenied', message: 'no' } },
      ],
    },
  });
});

test.each<[string, unknown, string]>([
  ['an object', {}, 'it is not [{"Trail": {…}'],
  ['a trail without an ARN', [{ Trail: {} }], 'a Trail lacks its TrailARN'],
  ['an entry that is none', [null], 'a Trail lacks its TrailARN'],
  ['a Region without a name', [{ Unlisted: {} }], 'a Trail lacks its TrailARN'],
  ['no JSON', '{', 'cloudtrail/trails.json:1:'],
])('%s is malformed', async (_, content, message) => {
  expect(unreadOf(await trailsOf(content))).toMatchObject({
    code: 'Malformed',
    message: expect.stringContaining(message),
  });
});

test('a snapshot without the file has a gap that names the command for it', async () => {
  expect(unreadOf(await (await snapshotOf({})).readTrails()).code).toBe('NotInSnapshot');
});
