import { describe, expect, test } from '@jest/globals';
import { CHANGES } from '../../../shared/domain/change.ts';
import { ACCOUNT, REGION, roleArn, sagemakerArn } from '../../support/builders/events.ts';
import { only, read } from '../../support/builders/reading.ts';

const message = (resource: unknown, fields: Record<string, unknown> = {}) => ({
  version: '0',
  id: 'sweep-1-7',
  source: 'pipewarden',
  'detail-type': 'Pipewarden Sweep',
  account: ACCOUNT,
  region: REGION,
  time: '2026-11-20T10:00:00Z',
  detail: { resource },
  ...fields,
});

const gap = { call: 'ListBuckets', code: 'AccessDenied', message: 'not allowed' };

describe('a sweep’s message', () => {
  test.each<[unknown, object]>([
    [
      { type: 'pipeline', name: 'fraud' },
      {
        type: 'pipeline',
        resource: { type: 'pipeline', arn: sagemakerArn('pipeline/fraud') },
        name: 'fraud',
        executions: [],
        deleted: false,
      },
    ],
    [
      { type: 'pipeline', name: 'fraud', deleted: true },
      { name: 'fraud', deleted: true },
    ],
    [
      { type: 'bucket', name: 'acme-images' },
      { resource: { type: 'bucket', arn: 'arn:aws:s3:::acme-images' }, name: 'acme-images', deleted: false },
    ],
    [
      { type: 'role', arn: roleArn('pipelines/fraud'), deleted: true },
      { resource: { type: 'role', arn: roleArn('pipelines/fraud') }, name: 'fraud', deleted: true },
    ],
    [
      { type: 'user', arn: `arn:aws:iam::${ACCOUNT}:user/maya` },
      { type: 'user', name: 'maya' },
    ],
    [
      { type: 'job', kind: 'auto-ml-job', name: 'Guess' },
      {
        type: 'job',
        resource: { type: 'job', arn: sagemakerArn('automl-job/Guess') },
        job: { kind: 'auto-ml-job', name: 'Guess', nameKeepsCase: true },
      },
    ],
    [{ type: 'organization' }, { type: 'organization' }],
    [
      { type: 'account', gaps: [gap] },
      { type: 'account', resource: { type: 'account', arn: sagemakerArn('*') }, gaps: [gap] },
    ],
    [{ type: 'account' }, { gaps: [] }],
  ])('%j', (resource, request) => {
    expect(only(message(resource))).toMatchObject(request);
    expect(only(message(resource))).not.toHaveProperty('trigger');
  });

  test.each<[string, unknown, readonly string[]]>([
    [
      'says nothing of changes, as those of older versions',
      undefined,
      ['existence', 'cors', 'policy', 'tags', 'uses'],
    ],
    ['knows of no change', [], []],
    ['knows of one', ['policy'], ['policy']],
    ['knows of two, one of them twice', ['tags', 'cors', 'tags'], ['cors', 'tags']],
    [
      'knows of one that this version does not',
      ['policy', 'ownership'],
      ['existence', 'cors', 'policy', 'tags', 'uses'],
    ],
  ])('that %s: %j', (_, changed, expected) => {
    const of = { type: 'bucket', name: 'acme-images' };
    expect(only(message(of, changed === undefined ? {} : { changed })).changed).toEqual(expected);
  });

  test('that an event led to has this event', () => {
    const trigger = { eventId: 'e-1', eventName: 'AttachPolicy', eventTime: '2026-11-24T10:00:00Z' };
    expect(only(message({ type: 'organization' }, { trigger, changed: ['policy'] }))).toMatchObject({
      type: 'organization',
      trigger,
      changed: ['policy'],
    });
  });

  test('of an older version may mean any change of its resource', () => {
    for (const [resource, type] of [
      [{ type: 'pipeline', name: 'fraud' }, 'pipeline'],
      [{ type: 'role', arn: roleArn('x') }, 'role'],
      [{ type: 'user', arn: roleArn('x').replace('role', 'user') }, 'user'],
      [{ type: 'job', kind: 'model', name: 'x' }, 'job'],
      [{ type: 'organization' }, 'organization'],
      [{ type: 'account' }, 'account'],
    ] as const)
      expect(only(message(resource)).changed).toEqual(CHANGES[type]);
  });

  test.each(['cn-north-1:aws-cn', 'us-gov-west-1:aws-us-gov'])('%s has its partition', (text) => {
    const [region = '', partition] = text.split(':');
    const { resource } = only(message({ type: 'pipeline', name: 'p' }, { region }));
    expect(resource.arn).toBe(`arn:${partition}:sagemaker:${region}:${ACCOUNT}:pipeline/p`);
  });

  test.each<[string, unknown]>([
    ['a resource of no type', message({})],
    ['a type that no sweep knows', message({ type: 'event', name: 'x' })],
    ['a pipeline without a name', message({ type: 'pipeline' })],
    ['a name that leads elsewhere', message({ type: 'pipeline', name: '../../etc' })],
    ['a name that is too long', message({ type: 'pipeline', name: 'a'.repeat(300) })],
    ['an ARN that is none of IAM', message({ type: 'role', arn: 'arn:aws:s3:::bucket' })],
    ['a kind of job that there is not', message({ type: 'job', kind: 'toString', name: 'x' })],
    ['more than the contract says', message({ type: 'bucket', name: 'b', also: 1 })],
    ['a detail with more', message(null, { detail: { resource: { type: 'organization' }, more: 1 } })],
    ['another account than any', message({ type: 'organization' }, { account: 'x' })],
    ['another Region than any', message({ type: 'organization' }, { region: 'eu-west-1/..' })],
    ['another source', message({ type: 'organization' }, { source: 'somebody' })],
    ['too many gaps', message({ type: 'account', gaps: Array.from({ length: 21 }, () => gap) })],
    ['changes that are no list', message({ type: 'organization' }, { changed: 'policy' })],
    ['changes that are no texts', message({ type: 'organization' }, { changed: [{}] })],
    ['changes without end', message({ type: 'organization' }, { changed: Array(21).fill('policy') })],
    ['an event that is none', message({ type: 'organization' }, { trigger: { eventId: 'x' } })],
    ['hostile keys', message(JSON.parse('{"type":"bucket","name":"b","__proto__":{"x":1}}'))],
  ])('%s is unreadable', (_, value) => {
    const { requests, unreadable } = read(value);
    expect(requests).toEqual([]);
    expect(unreadable).toEqual([
      expect.objectContaining({ reason: expect.stringContaining('it is not a message of a sweep') }),
    ]);
  });
});
