import { describe, expect, test } from '@jest/globals';
import type { Config } from '../../../shared/config/schema.ts';
import { memoryStore } from '../../../shared/findings/store.ts';
import { NO_ORGANIZATION } from '../../../shared/reader/answers/organization.ts';
import { found } from '../../../shared/reader/read-result.ts';
import type { Reader } from '../../../shared/reader/reader.ts';
import type { LookedUp } from '../../../shared/sweep/lost-events.ts';
import { openResources } from '../../../shared/sweep/open-state.ts';
import { partOf, type SweepDependencies, sweepAccount } from '../../../shared/sweep/sweep-account.ts';
import { cloudTrail, roleArn, sagemakerArn } from '../../support/builders/events.ts';
import { aFinding } from '../../support/builders/finding.ts';
import { type Account, memoryReader } from '../../support/builders/memory-reader.ts';
import { anObservation } from '../../support/builders/observation.ts';

const NOW = '2026-11-24T10:00:00.000Z';
const CONFIG: Config = { version: 1 };
const EMPTY: Account = { identities: { RoleDetailList: [] }, organization: NO_ORGANIZATION, listing: [] };

type Given = {
  account?: Account;
  /** The readers of other Regions of the account. */
  others?: readonly Reader[];
  refused?: Parameters<typeof memoryReader>[1];
  last?: string;
  /** The ids of events that were handled; an error where nobody can tell. */
  handled?: readonly string[] | Error;
  /** The part of a sweep over several accounts, and what is known before it. */
  part?: { id: string } & Pick<SweepDependencies, 'gaps' | 'offRegions'>;
  hasGlobalEvents?: boolean;
};

/**
 * Sweeps a small account. Returns what the sweep wrote, where it looked for lost events, and for whom it woke the
 * deliverer.
 */
const swept = async (
  {
    account,
    others = [],
    refused,
    last,
    handled = [],
    part: { id, ...part } = { id: 'daily' },
    hasGlobalEvents = true,
  }: Given,
  looked: LookedUp[] = [],
  store = memoryStore(),
) => {
  const { reader } = memoryReader({ ...EMPTY, ...account }, refused);
  const woken: string[] = [];
  const windows: string[][] = [];
  let text = '';
  const outcome = await sweepAccount(id, {
    ...part,
    readers: [{ ...reader, listBuckets: async () => found([]) }, ...others],
    config: CONFIG,
    hasGlobalEvents,
    open: async function* () {
      const wake = async (resourceArn: string) => void woken.push(resourceArn);
      for await (const { resource } of openResources(store, new Date(NOW), wake))
        if (resource) yield resource;
    },
    lastSweep: async () => (last === undefined ? undefined : new Date(last)),
    missedEvents: async function* (since, until) {
      windows.push([since.toISOString(), until.toISOString()]);
      yield* looked;
    },
    handledEvents: async () => {
      if (handled instanceof Error) throw handled;
      return new Set(handled);
    },
    write: async (_key, texts) => {
      for await (const part of texts) text += part;
    },
    now: () => new Date(NOW),
  });
  const messages = JSON.parse(text) as {
    id: string;
    source: string;
    region: string;
    detail: { resource?: object };
  }[];
  return { ...outcome, messages, resources: messages.map(({ detail }) => detail.resource), woken, windows };
};

describe('a sweep', () => {
  test('makes a message for each resource in the lists, and for the account last', async () => {
    const { key, count, until, resources } = await swept({ account: { listing: ['fraud'] } });
    expect({ key, count, until }).toEqual({ key: 'sweeps/daily/messages.json', count: 3, until: NOW });
    expect(resources).toEqual([
      { type: 'pipeline', name: 'fraud' },
      { type: 'organization' },
      { type: 'account' },
    ]);
  });

  test('of one of several accounts has a folder and ids of its own, and looks at Regions that cannot be read', async () => {
    const gap = { call: 'ListAccountsForParent', code: 'AccessDenied', message: 'no' };
    const id = partOf('daily', '444455556666');
    const { key, messages } = await swept({ part: { id, gaps: [gap], offRegions: ['ap-east-1'] } });
    expect(key).toBe('sweeps/daily/444455556666/messages.json');
    expect(messages.map(({ id: message, region, detail }) => [message, region, detail.resource])).toEqual([
      ['daily/444455556666-1', 'eu-west-1', { type: 'organization' }],
      ['daily/444455556666-2', 'ap-east-1', { type: 'account' }],
      ['daily/444455556666-3', 'eu-west-1', { type: 'account', gaps: [gap] }],
    ]);
  });

  test('makes messages for the pipelines of each Region, and for what the account has once in its own', async () => {
    const { reader } = memoryReader({ ...EMPTY, listing: ['churn'] });
    const other: Reader = { ...reader, scope: { ...reader.scope, region: 'us-east-1' } };
    const denied: Reader = {
      ...memoryReader(EMPTY, ['listPipelines']).reader,
      scope: { ...reader.scope, region: 'eu-north-1' },
    };
    const { messages } = await swept({ account: { listing: ['fraud'] }, others: [other, denied] });
    expect(messages.map(({ region, detail }) => [region, detail.resource])).toEqual([
      ['eu-west-1', { type: 'pipeline', name: 'fraud' }],
      ['eu-west-1', { type: 'organization' }],
      ['us-east-1', { type: 'pipeline', name: 'churn' }],
      ['us-east-1', { type: 'account' }],
      ['eu-north-1', { type: 'account', gaps: [expect.objectContaining({ call: 'listPipelines' })] }],
      ['eu-west-1', { type: 'account' }],
    ]);
  });

  test('asks as deleted for resources with open findings that are no longer listed, and wakes the deliverer for undelivered changes', async () => {
    const store = memoryStore();
    const arn = sagemakerArn('pipeline/gone');
    const open = aFinding({ resource: { type: 'pipeline', arn } });
    await store.observe(anObservation({ resourceArn: arn, observedAt: NOW, findings: [open] }));
    const { resources, woken } = await swept({}, [], store);
    expect(resources).toContainEqual({ type: 'pipeline', name: 'gone', deleted: true });
    expect(woken).toEqual([arn]);
  });

  test('says with the account which list could not be read, and closes nothing because of it', async () => {
    const store = memoryStore();
    const arn = roleArn('pipelines/fraud');
    const open = aFinding({ resource: { type: 'role', arn } });
    await store.observe(anObservation({ resourceArn: arn, observedAt: NOW, findings: [open] }));
    const { resources, gaps } = await swept({ refused: ['readIdentities'] }, [], store);
    expect(resources).not.toContainEqual(expect.objectContaining({ deleted: true }));
    expect(gaps).toMatchObject([{ code: 'AccessDeniedException' }]);
    expect(resources.at(-1)).toMatchObject({ type: 'account', gaps: [{ code: 'AccessDeniedException' }] });
  });

  test('sends the events that were lost, and says what of the history could not be read', async () => {
    const record = cloudTrail('DeletePipeline', { pipelineName: 'fraud' });
    const { events, messages, gaps } = await swept({}, [
      { record: JSON.stringify(record) },
      { record: JSON.stringify(cloudTrail('DescribePipeline', { pipelineName: 'fraud' })) },
      { record: '{' },
      { unread: { call: 'LookupEvents', code: 'Cut', message: 'too many' } },
    ]);
    expect(events).toBe(1);
    expect(messages.filter(({ source }) => source === 'aws.sagemaker')).toMatchObject([{ detail: record }]);
    expect(gaps.map(({ code }) => code)).toEqual(['Unreadable', 'Cut']);
  });

  test('sends no event again that was handled, and all where nobody can tell which were', async () => {
    const [known, lost] = ['fraud', 'churn'].map((pipelineName) =>
      cloudTrail('UpdatePipeline', { pipelineName }),
    );
    const looked = [known, lost].map((record) => ({ record: JSON.stringify(record) }));
    const some = await swept({ handled: [String(known?.eventID)] }, looked);
    expect(some.messages.filter(({ source }) => source === 'aws.sagemaker')).toMatchObject([
      { detail: lost },
    ]);
    const all = await swept({ handled: new Error('throttled') }, looked);
    expect([all.events, all.gaps]).toEqual([
      2,
      [{ call: 'Query of the findings table', code: 'Error', message: 'throttled' }],
    ]);
  });

  const LAST = '2026-11-24T04:00:00.000Z';
  const changed = (eventTime: string, fields: object = {}) =>
    cloudTrail('UpdatePipeline', { pipelineName: 'fraud' }, { eventTime, ...fields });
  const iam = { eventSource: 'iam.amazonaws.com', eventName: 'DeleteRole', awsRegion: 'us-east-1' };
  const role = { requestParameters: { roleName: 'fraud' } };
  const inTime = '2026-11-24T09:00:00Z';

  const after = { last: LAST };

  test.each<[string, Record<string, unknown>[], Partial<Given>, object[]]>([
    [
      'tells of which services and Regions no event has arrived',
      [changed(inTime), changed(inTime), changed(inTime, { ...iam, ...role })],
      after,
      [
        { eventSource: 'sagemaker.amazonaws.com', region: 'eu-west-1', events: 2 },
        { eventSource: 'iam.amazonaws.com', region: 'us-east-1', events: 1 },
      ],
    ],
    [
      'tells nothing of what another event of has arrived',
      [changed(inTime), changed(inTime, { eventID: 'known' })],
      { ...after, handled: ['known'] },
      [],
    ],
    [
      'does not take for arrived what an earlier sweep has found',
      [changed(inTime), changed('2026-11-24T03:50:00Z', { eventID: 'known' })],
      { ...after, handled: ['known'] },
      [{ eventSource: 'sagemaker.amazonaws.com', region: 'eu-west-1', events: 1 }],
    ],
    ['waits for events that may be on their way', [changed('2026-11-24T09:31:00Z')], after, []],
    [
      'expects no event of a failed call, of a service itself, or of a service that trails leave out',
      [
        changed(inTime, { errorCode: 'AccessDenied' }),
        changed(inTime, { eventType: 'AwsServiceEvent' }),
        changed(inTime, {
          eventSource: 'kms.amazonaws.com',
          eventName: 'PutKeyPolicy',
          requestParameters: { keyId: 'k' },
        }),
      ],
      after,
      [],
    ],
    [
      'expects no event of IAM where nothing forwards them',
      [changed(inTime, { ...iam, ...role })],
      { ...after, hasGlobalEvents: false },
      [],
    ],
    ['says nothing of events before its first end', [changed(inTime)], {}, []],
    [
      'says nothing where nobody can tell what was handled',
      [changed(inTime)],
      { ...after, handled: new Error('no') },
      [],
    ],
  ])('%s', async (_, records, given, expected) => {
    const looked = records.map((record) => ({ record: JSON.stringify(record) }));
    expect((await swept(given, looked)).silent).toEqual(expected);
  });

  test.each<[string, string | undefined, string]>([
    ['half an hour before the last sweep', '2026-11-24T04:00:00.000Z', '2026-11-24T03:30:00.000Z'],
    ['two days, where the last sweep is older', '2026-11-01T04:00:00.000Z', '2026-11-22T10:00:00.000Z'],
    ['two days, where there was no sweep', undefined, '2026-11-22T10:00:00.000Z'],
  ])('looks for lost events back to %s', async (_, last, since) => {
    const { windows } = await swept({ ...(last !== undefined && { last }) });
    expect(windows).toEqual([[since, NOW]]);
  });

  test('does not say of trails that it could not read whether they are logging', async () => {
    expect(await swept({ refused: ['readTrails'] })).toMatchObject({ isTrailLogging: undefined });
    expect(await swept({ account: { trails: [] } })).toMatchObject({ isTrailLogging: false });
  });
});
