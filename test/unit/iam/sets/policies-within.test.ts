import { describe, expect, test } from '@jest/globals';
import type { Policies } from '../../../../shared/iam/decide/layers.ts';
import { type Catalog, isWithin } from '../../../../shared/iam/sets/policies-within.ts';
import {
  ACCOUNT,
  type Asked,
  broken,
  layer,
  OTHER,
  ROLE,
  requestOf,
  USER,
} from '../../../support/builders/asking.ts';

const CREATE = 'sagemaker:CreateTrainingJob';

describe('is all that A allows allowed by B', () => {
  const catalog: Catalog = {
    actions: [
      's3:GetObject',
      's3:PutObject',
      'iam:PassRole',
      CREATE,
      'sagemaker:CreatePipeline',
      'kms:Decrypt',
    ],
    resourcesOf: (action) => (action === 's3:GetObject' ? ['arn:*:s3:::*/*'] : undefined),
  };
  const ask = (inner: Policies, outer: Policies, asked: Asked = {}) =>
    isWithin(inner, outer, requestOf(asked), catalog);
  const of = (...statements: Parameters<typeof layer>[1][]) => ({
    identity: layer('identity', ...statements),
  });
  const isIp = { IpAddress: { 'aws:SourceIp': '203.0.113.0/24' } };

  test.each<[string, Policies, Policies]>([
    ['nothing in nothing', {}, {}],
    ['nothing in something', {}, of({ Action: 's3:*' })],
    ['one action in all', of({ Action: 's3:GetObject' }), of({ Action: '*' })],
    ['one action in a pattern', of({ Action: 's3:GetObject' }), of({ Action: 's3:Get*' })],
    ['a pattern in another', of({ Action: 's3:GetOb*' }), of({ Action: 's3:Get*' })],
    [
      'two halves in a whole',
      of({ Resource: 'arn:aws:s3:::a*' }, { Resource: 'arn:aws:s3:::b*' }),
      of({ Resource: 'arn:aws:s3:::*' }),
    ],
    [
      'a whole in two halves',
      of({ Action: 's3:?et*' }),
      of({ Action: 's3:Get*' }, { NotAction: ['s3:Get*'] }),
    ],
    [
      'the same but for the order',
      of({ Action: 's3:*' }, { Action: 'kms:*' }),
      of({ Action: 'kms:*' }, { Action: 's3:*' }),
    ],
    [
      'a narrower condition',
      of({ Condition: { IpAddress: { 'aws:SourceIp': '203.0.113.7' } } }),
      of({ Condition: isIp }),
    ],
    [
      'a version floor in a lower one',
      of({ Condition: { NumericGreaterThan: { 'sagemaker:PipelineVersionId': 6 } } }),
      of({ Condition: { NumericGreaterThanEquals: { 'sagemaker:PipelineVersionId': 6 } } }),
    ],
    [
      'what a boundary cuts',
      { ...of({}), boundary: layer('boundary', { Action: 's3:*' }) },
      of({ Action: 's3:*' }),
    ],
    [
      'what a Deny cuts',
      of({ Action: 's3:*' }, { Effect: 'Deny', Action: 's3:Put*' }),
      of({ NotAction: 's3:Put*' }),
    ],
    [
      'each of several values',
      of({
        Condition: { 'ForAllValues:StringEquals': { 'aws:TagKeys': 'a' }, Null: { 'aws:TagKeys': 'false' } },
      }),
      of({ Condition: { 'ForAnyValue:StringEquals': { 'aws:TagKeys': 'a' } } }),
    ],
  ])('%s: yes', (_, inner, outer) => {
    expect(ask(inner, outer)).toEqual({ answer: 'yes' });
  });

  const trusting = (Action: string) => ({ resource: layer('resource', { Principal: '*', Action }) });
  test('with a resource policy on either side, resources trust nobody by themselves', () => {
    expect(ask(trusting('s3:GetObject'), trusting('s3:*'))).toEqual({ answer: 'yes' });
    expect(ask(trusting('s3:*'), trusting('s3:GetObject')).answer).toBe('no');
    expect(ask(trusting('s3:GetObject'), of({ Action: 's3:PutObject' })).answer).toBe('no');
  });

  test('each statement counts, though all are about one action', () => {
    const at = (...names: string[]) =>
      of(...names.map((name) => ({ Action: 's3:GetObject', Resource: `arn:aws:s3:::${name}/*` })));
    expect(ask(at('a', 'b'), at('a', 'b', 'c'))).toEqual({ answer: 'yes' });
    expect(ask(at('a', 'b', 'c'), at('a', 'b'))).toMatchObject({
      counterexample: { resource: 'arn:aws:s3:::c/' },
    });
  });

  test.each<[string, Policies, Policies, object]>([
    ['all in one action', of({}), of({ Action: 's3:GetObject' }), {}],
    [
      'a pattern in one action',
      of({ Action: 's3:*' }),
      of({ Action: 's3:GetObject' }),
      { action: 's3:PutObject' },
    ],
    [
      'a wider resource',
      of({ Action: 's3:GetObject', Resource: 'arn:aws:s3:::acme*' }),
      of({ Action: 's3:GetObject', Resource: 'arn:aws:s3:::acme-*' }),
      { resource: 'arn:aws:s3:::acme/' },
    ],
    [
      'an action without resource',
      of({ Action: 's3:GetObject' }),
      of({ Action: 's3:GetObject', Resource: 'arn:*' }),
      { resource: '*' },
    ],
    [
      'without the condition',
      of({ Action: 's3:GetObject' }),
      of({ Action: 's3:GetObject', Condition: isIp }),
      { context: { 'aws:SourceIp': null } },
    ],
    [
      'a wider condition',
      of({ Action: 's3:GetObject', Condition: isIp }),
      of({ Action: 's3:GetObject', Condition: { IpAddress: { 'aws:SourceIp': '203.0.113.7' } } }),
      { context: { 'aws:SourceIp': '203.0.113.0' } },
    ],
    [
      'a Deny in the outer',
      of({ Action: 's3:GetObject' }),
      of({ Action: 's3:*' }, { Effect: 'Deny', Action: 's3:Get*' }),
      { action: 's3:GetObject' },
    ],
    [
      'a lower version floor',
      of({ Action: CREATE, Condition: { NumericGreaterThan: { 'sagemaker:PipelineVersionId': 5 } } }),
      of({ Action: CREATE, Condition: { NumericGreaterThan: { 'sagemaker:PipelineVersionId': 6 } } }),
      { context: { 'sagemaker:PipelineVersionId': '6' } },
    ],
    [
      'any of several values',
      of({ Action: CREATE, Condition: { 'ForAnyValue:StringEquals': { 'aws:TagKeys': 'a' } } }),
      of({ Action: CREATE, Condition: { 'ForAllValues:StringEquals': { 'aws:TagKeys': 'a' } } }),
      { context: { 'aws:TagKeys': ['x', 'a'] } },
    ],
    [
      'a role that may be passed to any service',
      of({ Action: 'iam:PassRole' }),
      of({
        Action: 'iam:PassRole',
        Condition: { StringEquals: { 'iam:PassedToService': 'sagemaker.amazonaws.com' } },
      }),
      { action: 'iam:PassRole', context: { 'iam:PassedToService': null } },
    ],
  ])('%s: no', (_, inner, outer, counterexample) => {
    const answer = ask(inner, outer);
    expect(answer).toMatchObject({ answer: 'no', counterexample });
    if (answer.answer !== 'no') throw new Error('no counterexample');
    expect(answer.counterexample.inner.decision).toBe('Allow');
    expect(answer.counterexample.outer.decision).toMatch(/Deny$/);
  });

  test.each<[string, Policies, Policies, string]>([
    [
      'a policy that cannot be read',
      { identity: broken('identity') },
      of({ Action: 's3:GetObject' }),
      'it is not known what becomes of',
    ],
    [
      'the same on the other side',
      of({ Action: 's3:GetObject' }),
      { identity: broken('identity') },
      'it is not known what becomes of s3:GetObject on *',
    ],
    [
      'a variable',
      of({ Action: 's3:GetObject', Resource: 'arn:aws:s3:::${aws:PrincipalTag/a}/*' }),
      of({
        Action: 's3:GetObject',
        Resource: 'arn:aws:s3:::${aws:PrincipalTag/a}/*',
        Condition: { Null: { 'aws:PrincipalTag/a': 'false' } },
      }),
      'aws:PrincipalTag/a is a variable in a pattern',
    ],
    [
      'values of several types',
      of({ Action: CREATE, Condition: { StringLike: { 'aws:SourceIp': '203.*' } } }),
      of({ Condition: { IpAddress: { 'aws:SourceIp': ['0.0.0.0/0', '::/0'] } } }),
      'the values of aws:SourceIp are too many to compare',
    ],
    [
      'sets of many values',
      of({ Action: CREATE, Condition: { 'ForAnyValue:StringEquals': { 'aws:TagKeys': [...'abcdefghi'] } } }),
      of({}),
      'the values of aws:TagKeys are too many to compare',
    ],
    [
      'many keys',
      of({
        Action: CREATE,
        Condition: {
          StringEquals: Object.fromEntries(
            [...'abcdefghij'].map((key) => [`aws:PrincipalTag/${key}`, ['1', '2']]),
          ),
        },
      }),
      of({}),
      `the conditions on ${CREATE} are too many to compare`,
    ],
  ])('%s: not known', (_, inner, outer, reason) => {
    expect(ask(inner, outer)).toEqual({ answer: 'unknown', reason: expect.stringContaining(reason) });
  });

  test('patterns that are too many', () => {
    const hostile = Array.from({ length: 12 }, (_, at) => `s3:*a${'?'.repeat(at + 8)}b*`);
    expect(ask(of({ Action: hostile }), of({ Action: 's3:*' }))).toEqual({
      answer: 'unknown',
      reason: 'the patterns of the actions are too many to compare',
    });
    const resources = Array.from({ length: 12 }, (_, at) => `arn:aws:s3:::*a${'?'.repeat(at + 8)}b*`);
    expect(ask(of({ Action: 's3:GetObject', Resource: resources }), of({ Action: 's3:*' }))).toEqual({
      answer: 'unknown',
      reason: 'the resource patterns for s3:GetObject are too many to compare',
    });
  });

  test('what is known of the request is not varied', () => {
    const inner = of({ Action: 's3:GetObject' });
    const outer = of({ Action: 's3:GetObject', Condition: isIp });
    expect(ask(inner, outer, { context: { 'aws:SourceIp': '203.0.113.7' } })).toEqual({ answer: 'yes' });
    expect(
      ask(inner, of({ Action: 's3:GetObject', Condition: { ArnEquals: { 'aws:PrincipalArn': ROLE } } })),
    ).toEqual({ answer: 'yes' });
    expect(
      ask(inner, of({ Action: 's3:GetObject', Condition: { ArnEquals: { 'aws:PrincipalArn': ROLE } } }), {
        principal: USER,
      }),
    ).toMatchObject({ answer: 'no' });
  });

  test('resources of other accounts are tried as well', () => {
    const to = layer('resource', { Principal: { AWS: ROLE } });
    const both = { ...of({ Action: CREATE }), resource: to };
    expect(ask(both, of({ Action: CREATE }))).toMatchObject({
      answer: 'no',
      counterexample: { resource: expect.not.stringContaining(ACCOUNT) },
    });
    expect(OTHER).not.toBe(ACCOUNT);
  });
});
