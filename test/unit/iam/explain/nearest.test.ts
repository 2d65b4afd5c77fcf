import { describe, expect, test } from '@jest/globals';
import type { Json } from '../../../../shared/json/json.ts';
import {
  type Asked,
  explained,
  JOB,
  layer,
  OBJECT,
  OTHER,
  ROLE,
  SESSION,
} from '../../../support/builders/asking.ts';

type Statement = Record<string, Json>;

const nearestOf = (statements: Statement[], asked: Asked = {}) => {
  const { decision, nearest } = explained({ identity: layer('identity', ...statements) }, asked);
  expect(decision).toBe('ImplicitDeny');
  return nearest;
};
const other = 'arn:aws:s3:::other/x';
const ip = (value: string) => ({ IpAddress: { 'aws:SourceIp': value } });

describe('the nearest statement', () => {
  test.each<[string, Statement[], number, string]>([
    [
      'the action counts more than all else',
      [{ Action: 's3:PutObject' }, { Resource: other, Condition: ip('192.0.2.1') }],
      1,
      'Resource',
    ],
    ['then the resource', [{ Resource: other }, { Condition: ip('192.0.2.1') }], 1, 'Condition'],
    [
      'then the number of conditions that fail',
      [
        { Condition: { ...ip('192.0.2.1'), Bool: { 'aws:SecureTransport': 'false' } } },
        { Condition: { ...ip('192.0.2.1'), StringEquals: { 'aws:SourceVpc': 'vpc-1' } } },
      ],
      1,
      'Condition',
    ],
    [
      'of failing resources, the one that begins most alike',
      [{ Resource: 'arn:aws:sqs:*:*:q' }, { Resource: 'arn:aws:s3:::acme-date/*' }, { Resource: other }],
      1,
      'Resource',
    ],
    [
      'of failing actions, the one that begins most alike',
      [{ Action: 'sqs:SendMessage' }, { Action: 's3:GetObjectAcl' }, { Action: 's3:Put*' }],
      1,
      'Action',
    ],
    ['among equals, the first', [{ Action: 's3:PutObject' }, { Action: 's3:PutObject' }], 0, 'Action'],
    [
      'how an action begins says nothing where it fits',
      [
        { Action: '*', Resource: other },
        { Action: 's3:GetObject', Resource: other },
      ],
      0,
      'Resource',
    ],
    [
      'how a resource begins says nothing where it fits',
      [
        { Action: 's3:Put*', Resource: '*' },
        { Action: 's3:Put*', Resource: OBJECT },
      ],
      0,
      'Action',
    ],
  ])('%s', (_, statements, statement, element) => {
    const context = {
      'aws:SourceIp': '203.0.113.7',
      'aws:SecureTransport': 'true',
      'aws:SourceVpc': 'vpc-1',
    };
    expect(nearestOf(statements, { context })).toMatchObject({ statement, element });
  });

  /** For a resource of another account, whose policy does not allow the request. */
  const nearestAcross = (...statements: Statement[]) =>
    explained(
      { identity: layer('identity', {}), resource: layer('resource', ...statements) },
      { principal: SESSION, resourceAccount: OTHER, others: 'absent' },
    ).nearest;

  test('the principal counts more than conditions', () => {
    const elsewhere = { Principal: { AWS: OTHER } };
    const asked = { Principal: { AWS: ROLE }, Condition: ip('192.0.2.1') };
    expect(nearestAcross(elsewhere, asked)).toMatchObject({ statement: 1, element: 'Condition' });
    expect(nearestAcross(asked, elsewhere)).toMatchObject({ statement: 0, element: 'Condition' });
    expect(nearestAcross({ ...asked, Principal: { AWS: OTHER } })).toMatchObject({ element: 'Principal' });
  });

  test.each<[string, Statement, Asked, object]>([
    [
      'a pattern of a list',
      { Action: ['sqs:*', 's3:GetObjectAcl', 's3:Put*'] },
      {},
      {
        element: 'Action',
        elementPointer: '/Statement/0/Action/1',
        found: 's3:GetObject',
        expected: 's3:GetObjectAcl',
      },
    ],
    [
      'a pattern alone',
      { Resource: other },
      {},
      { element: 'Resource', elementPointer: '/Statement/0/Resource', found: OBJECT, expected: other },
    ],
    [
      'the first of patterns that begin alike',
      { Resource: [`${JOB}x`, `${JOB}y`] },
      { resource: JOB },
      { elementPointer: '/Statement/0/Resource/0', expected: `${JOB}x` },
    ],
    [
      'what a NotAction leaves out',
      { NotAction: ['s3:*', 'sqs:*'] },
      {},
      { element: 'Action', elementPointer: '/Statement/0/NotAction', expected: 'none of s3:*, sqs:*' },
    ],
    [
      'what a NotResource leaves out',
      { NotResource: OBJECT },
      {},
      { element: 'Resource', elementPointer: '/Statement/0/NotResource', expected: `none of ${OBJECT}` },
    ],
    [
      'a condition with the values found and wanted',
      { Condition: { 'ForAnyValue:StringEquals': { 'aws:TagKeys': ['a', 'b'] } } },
      { context: { 'aws:TagKeys': ['c', 'd'] } },
      {
        element: 'Condition',
        elementPointer: '/Statement/0/Condition/ForAnyValue:StringEquals/aws:TagKeys',
        found: 'aws:TagKeys is c, d',
        expected: 'ForAnyValue:StringEquals a, b',
      },
    ],
    [
      'a condition whose key the request does not carry',
      { Condition: ip('192.0.2.1') },
      { others: 'absent' },
      { element: 'Condition', found: 'aws:SourceIp is not in the request', expected: 'IpAddress 192.0.2.1' },
    ],
    [
      'the condition that fails, and not one that is met before it',
      { Condition: { Bool: { 'aws:SecureTransport': 'true' }, ...ip('192.0.2.1') } },
      { context: { 'aws:SourceIp': '203.0.113.7', 'aws:SecureTransport': 'true' } },
      { found: 'aws:SourceIp is 203.0.113.7' },
    ],
  ])('tells %s', (_, statement, asked, nearest) => {
    expect(nearestOf([statement], asked)).toMatchObject(nearest);
  });

  test.each<[string, Statement, string]>([
    [
      'a Principal',
      { Principal: { AWS: [OTHER, `arn:aws:iam::${OTHER}:role/x`] } },
      `${OTHER}, arn:aws:iam::${OTHER}:role/x`,
    ],
    [
      'a NotPrincipal',
      { NotPrincipal: { AWS: [SESSION, ROLE, '111122223333'] } },
      `none of ${SESSION}, ${ROLE}, 111122223333`,
    ],
  ])('tells %s with the session that asks', (_, statement, expected) => {
    const nearest = nearestAcross(statement);
    expect(nearest).toMatchObject({ element: 'Principal', found: SESSION, expected });
    expect(nearest?.elementPointer).toMatch(/Principal\/AWS\/0$/);
  });
});
