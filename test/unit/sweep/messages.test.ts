import { describe, expect, test } from '@jest/globals';
import { readEvents } from '../../../shared/events/read-events.ts';
import type { Json } from '../../../shared/json/json.ts';
import type { AuditRequest } from '../../../shared/requests/audit-request.ts';
import {
  accountRequest,
  bucketRequest,
  jobRequest,
  organizationRequest,
  pipelineRequest,
  principalRequest,
} from '../../../shared/requests/resource-requests.ts';
import { lostEvent, sweepMessage } from '../../../shared/sweep/messages.ts';
import {
  ACCOUNT,
  cloudTrail,
  envelope,
  REGION,
  roleArn,
  sagemakerArn,
} from '../../support/builders/events.ts';

const SCOPE = { account: ACCOUNT, region: REGION, partition: 'aws' };
const CONTEXT = { sweepId: 'daily', scope: SCOPE, time: '2026-11-20T10:00:00Z' };
const TRIGGER = { eventId: 'e', eventName: 'PutRolePolicy', eventTime: '2026-11-20T09:59:00Z' };
const MAX_BYTES = 24 * 1024;

describe('a message', () => {
  const [role] = principalRequest(roleArn('pipelines/fraud'));
  const requests: AuditRequest[] = [
    pipelineRequest('fraud', SCOPE),
    pipelineRequest('gone', SCOPE, true),
    jobRequest('auto-ml-job', 'guess', SCOPE),
    { ...bucketRequest('acme-images', { scope: SCOPE }), deleted: true },
    ...(role ? [role, { ...role, changed: ['policy' as const, 'tags' as const] }] : []),
    { ...organizationRequest(SCOPE), changed: ['membership'] },
    organizationRequest(SCOPE),
    { ...bucketRequest('acme-data', { scope: SCOPE }), isFollowed: true },
    ...principalRequest(roleArn('a:b/c!d/run')),
    ...(role ? [{ ...role, changed: ['policy' as const], trigger: TRIGGER, isLast: true as const }] : []),
    ...(role ? [{ ...role, changed: ['uses' as const], trigger: TRIGGER, learntAt: CONTEXT.time }] : []),
    ...(role
      ? [{ ...role, changed: ['tags' as const], trigger: { ...TRIGGER, by: roleArn('people/maya') } }]
      : []),
    ...(role ? [{ ...role, changed: ['uses' as const], ledBy: [roleArn('data/scientist')] }] : []),
    accountRequest(SCOPE, []),
    accountRequest(SCOPE, [{ call: 'ListBuckets', code: 'AccessDenied', message: 'no', subject: 's' }]),
  ];

  test.each(requests.map((request): [string, AuditRequest] => [JSON.stringify(request), request]))(
    'is read as the request that it was made of: %s',
    (_, request) => {
      const message = sweepMessage(request, 3, CONTEXT) ?? null;
      expect(message).toMatchObject({
        id: 'daily-3',
        source: 'pipewarden',
        account: ACCOUNT,
        region: REGION,
      });
      const scoped = { ...request, scope: SCOPE };
      expect(readEvents(message, 'message')).toEqual({ requests: [scoped], ignored: [], unreadable: [] });
    },
  );

  test('of many gaps, or long ones, is one that can be read', () => {
    const gap = { call: 'x'.repeat(9000), code: 'y'.repeat(900), message: '\ud800'.repeat(9000) };
    const message = sweepMessage(accountRequest(SCOPE, Array(100).fill(gap)), 1, CONTEXT) ?? null;
    expect(readEvents(message, 'message').unreadable).toEqual([]);
    expect(Buffer.byteLength(JSON.stringify(message))).toBeLessThan(100_000);
  });
});

describe('a record of the history', () => {
  const lost = (record: Record<string, unknown>) => lostEvent(record as Json, SCOPE);
  const bytes = (value: unknown) => Buffer.byteLength(JSON.stringify(value));
  const padding = 'x'.repeat(MAX_BYTES);

  test('becomes the event that EventBridge would have delivered', () => {
    const record = cloudTrail('UpdatePipeline', { pipelineName: 'fraud' });
    expect(lost(record)).toEqual({ event: { ...envelope(record), id: record.eventID } });
  });

  test.each<[string, Record<string, unknown>]>([
    ['a call that only reads', cloudTrail('DescribePipeline', { pipelineName: 'fraud' })],
    [
      'a call of another service',
      cloudTrail('CreatePipeline', {}, { eventSource: 'codepipeline.amazonaws.com' }),
    ],
    [
      'a call that failed',
      cloudTrail('CreatePipeline', { pipelineName: 'x' }, { errorCode: 'AccessDenied' }),
    ],
    ['a service of a hostile name', cloudTrail('CreatePipeline', {}, { eventSource: '__proto__' })],
  ])('of %s becomes no event', (_, record) => {
    expect(lost(record)).toEqual({ requests: [] });
  });

  test('that is large comes without its request, where the answer names the pipeline', () => {
    const record = cloudTrail(
      'UpdatePipeline',
      { pipelineName: 'fraud', pipelineDefinition: padding },
      { responseElements: { pipelineArn: sagemakerArn('pipeline/fraud') } },
    );
    const made = lost(record);
    expect(bytes(made)).toBeLessThan(MAX_BYTES);
    expect(readEvents('event' in made ? made.event : null, 'event').requests).toMatchObject([
      { type: 'pipeline', name: 'fraud', trigger: { eventId: record.eventID } },
    ]);
  });

  test('that is large and names its resource only in the request becomes a request for that resource', () => {
    const record = cloudTrail(
      'PutBucketPolicy',
      { bucketName: 'acme-images', bucketPolicy: padding },
      { eventSource: 's3.amazonaws.com' },
    );
    expect(lost(record)).toMatchObject({
      requests: [{ type: 'bucket', name: 'acme-images', changed: ['policy'] }],
    });
  });

  test('that is hostile throws nothing', () => {
    for (const value of [null, 7, [], 'x', { eventSource: {}, eventName: [] }]) {
      expect(lostEvent(value as Json, SCOPE)).toEqual({ requests: [] });
    }
  });
});
