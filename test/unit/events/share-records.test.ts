import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { auditedOperations } from '../../../shared/events/audited-calls.ts';
import { ACCOUNT, cloudTrail, sagemakerArn } from '../../support/builders/events.ts';
import { only, RAM, read, recased } from '../../support/builders/reading.ts';

const ram = (eventName: string, request: unknown, fields: object = {}) =>
  cloudTrail(eventName, request, { ...RAM, ...fields });

const FRAUD = sagemakerArn('pipeline/fraud');
const SUBNET = `arn:aws:ec2:eu-west-1:${ACCOUNT}:subnet/subnet-0a1b`;
const SHARE = `arn:aws:ram:eu-west-1:${ACCOUNT}:resource-share/0a1b2c3d`;
const ALL = `arn:aws:ram:eu-west-1:${ACCOUNT}:resource-share/*`;

describe('a record of RAM', () => {
  test.each<[string, unknown]>([
    ['CreateResourceShare', { name: 's', resourceArns: [SUBNET, FRAUD], principals: ['444455556666'] }],
    ['AssociateResourceShare', { resourceShareArn: SHARE, resourceArns: [FRAUD] }],
    ['AssociateResourceShare', { resourceShareArn: SHARE, resourceArns: FRAUD, principals: [] }],
    ['DisassociateResourceShare', { resourceShareArn: SHARE, resourceArns: [FRAUD, SUBNET] }],
  ])('%s %j that names a pipeline leads to it', (eventName, request) => {
    expect(only(ram(eventName, request))).toMatchObject({
      type: 'pipeline',
      name: 'fraud',
      resource: { type: 'pipeline', arn: FRAUD },
      changed: ['sharing'],
      deleted: false,
      trigger: { eventName },
    });
  });

  test.each<[string, unknown]>([
    ['CreateResourceShare', { omitted: 'true', originalSize: 120_000 }],
    ['AssociateResourceShare', { resourceShareArn: SHARE, principals: ['444455556666'] }],
    [
      'AssociateResourceShare',
      { resourceShareArn: SHARE, resourceArns: [SUBNET], principals: ['444455556666'] },
    ],
    ['AssociateResourceShare', { omitted: 'true' }],
    ['DisassociateResourceShare', { resourceShareArn: SHARE, principals: ['444455556666'] }],
    ['UpdateResourceShare', { resourceShareArn: SHARE, allowExternalPrincipals: true }],
    ['DeleteResourceShare', { resourceShareArn: SHARE }],
    ['DeleteResourceShare', null],
    ['AssociateResourceSharePermission', { resourceShareArn: SHARE, permissionArn: 'p', replace: true }],
    ['ReplacePermissionAssociations', { fromPermissionArn: 'p', toPermissionArn: 'q' }],
    ['SetDefaultPermissionVersion', { permissionArn: 'p', permissionVersion: 2 }],
  ])('%s %j that does not tell all pipelines leads to the shares of the Region', (eventName, request) => {
    expect(only(ram(eventName, request))).toEqual({
      type: 'share',
      resource: { type: 'share', arn: ALL },
      changed: ['content'],
      trigger: expect.objectContaining({ eventName }),
    });
  });

  test.each<[string, unknown]>([
    ['CreateResourceShare', { name: 'empty' }],
    ['CreateResourceShare', { name: 'net', resourceArns: [SUBNET], principals: ['444455556666'] }],
    ['AssociateResourceShare', { resourceShareArn: SHARE, resourceArns: [SUBNET] }],
    ['DisassociateResourceShare', { resourceShareArn: SHARE, resourceArns: [SUBNET] }],
    ['CreateResourceShare', { resourceArns: [FRAUD.replace(ACCOUNT, '444455556666')] }],
    ['CreateResourceShare', { resourceArns: [FRAUD.replace('eu-west-1', 'us-east-1')] }],
    ['CreateResourceShare', { resourceArns: [`${FRAUD}/execution/a`, `${FRAUD}*`, 7, null, {}] }],
    ['CreateResourceShare', { resourceArns: [sagemakerArn('pipeline/$(id)')] }],
  ])('%s %j about no pipeline of this account and Region is ignored', (eventName, request) => {
    const { requests, ignored, unreadable } = read(ram(eventName, request));
    expect([requests, ignored.length, unreadable]).toEqual([[], 1, []]);
  });

  test.each([
    'AcceptResourceShareInvitation',
    'RejectResourceShareInvitation',
    'EnableSharingWithAwsOrganization',
    'TagResource',
    'CreatePermission',
    'ListResources',
  ])('is ignored where the call is %s', (eventName) => {
    const { requests, ignored } = read(ram(eventName, { resourceArns: [FRAUD] }));
    expect([requests, ignored[0]?.reason]).toEqual([[], expect.stringContaining('changes nothing')]);
  });

  test.each(auditedOperations('ram.amazonaws.com'))('%s that failed changed nothing', (eventName) => {
    const { requests, ignored } = read(
      ram(eventName, { resourceArns: [FRAUD] }, { errorCode: 'AccessDenied' }),
    );
    expect([requests, ignored[0]?.reason]).toEqual([[], expect.stringContaining('the call failed')]);
  });

  test('is read whatever the case of its members', () => {
    const record = ram('CreateResourceShare', { name: 's', resourceArns: [FRAUD] });
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 1 }), (upper) => {
        expect(only(recased(record, upper))).toMatchObject({ type: 'pipeline', name: 'fraud' });
      }),
      { numRuns: 50 },
    );
  });
});
