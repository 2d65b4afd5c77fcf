import { describe, expect, test } from '@jest/globals';
import type { Policies } from '../../../../shared/iam/decide/layers.ts';
import { parseGlob } from '../../../../shared/iam/policy/glob.ts';
import { complementOf, everyOf, globLanguage, jobLanguage } from '../../../../shared/iam/sets/language.ts';
import { resourcesAllowed, valuesAllowed } from '../../../../shared/iam/sets/questions.ts';
import { type Catalog, isWithin } from '../../../../shared/iam/sets/within.ts';
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

const JOBS = `arn:aws:sagemaker:eu-west-1:${ACCOUNT}:training-job`;
const CREATE = 'sagemaker:CreateTrainingJob';
const glob = (text: string, isCaseIgnored = false) => globLanguage(parseGlob(text), isCaseIgnored);

describe('which jobs may be created', () => {
  const anyJob = jobLanguage(`${JOBS}/`);
  const within = everyOf([anyJob, glob(`${JOBS}/fraud-*`)]);
  const outside = everyOf([anyJob, complementOf(glob(`${JOBS}/fraud-*`, true))]);
  const create = { action: CREATE };
  const ask = (policies: Policies, universe: typeof anyJob, asked: Asked = create) =>
    resourcesAllowed(policies, requestOf(asked), universe);
  const jobs = (...names: string[]) =>
    layer('identity', {
      Action: CREATE,
      Resource: names.map((name) => `arn:aws:sagemaker:*:${ACCOUNT}:*/${name}`),
    });

  test.each<[string, Policies, string, string]>([
    ['the prefix and nothing else', { identity: jobs('fraud-*') }, 'all', 'none'],
    ['without the dash', { identity: jobs('fraud*') }, 'all', 'some'],
    ['a wildcard elsewhere', { identity: jobs('*fraud-*') }, 'all', 'some'],
    [
      'a second statement',
      {
        identity: layer(
          'identity',
          { Resource: `${JOBS}/fraud-*` },
          { Action: 'sagemaker:*', Resource: `${JOBS}/other` },
        ),
      },
      'all',
      'some',
    ],
    ['only a part of the prefix', { identity: jobs('fraud-a*') }, 'some', 'none'],
    ['everything', { identity: jobs('*') }, 'all', 'all'],
    ['nothing', { identity: layer('identity', { Action: 's3:*' }) }, 'none', 'none'],
    [
      'everything but what is denied',
      { identity: layer('identity', {}, { Effect: 'Deny', NotResource: `${JOBS}/fraud-*` }) },
      'all',
      'none',
    ],
    ['a boundary that cuts it', { identity: jobs('*'), boundary: jobs('fraud-*') }, 'all', 'none'],
    [
      'an organization that cuts it',
      { identity: jobs('*'), scps: [layer('scp', {}), jobs('fraud-*')] },
      'all',
      'none',
    ],
    ['a policy that cannot be read', { identity: broken('identity') }, 'unknown', 'unknown'],
    [
      'a condition that is not known',
      { identity: layer('identity', { Condition: { StringEquals: { 'aws:RequestedRegion': 'a' } } }) },
      'unknown',
      'unknown',
    ],
    [
      'a variable that is not known',
      { identity: layer('identity', { Resource: `${JOBS}/\${aws:PrincipalTag/team}-*` }) },
      'unknown',
      'unknown',
    ],
    ['no policy', {}, 'none', 'none'],
  ])('%s', (_, policies, inside, out) => {
    expect([ask(policies, within).answer, ask(policies, outside).answer]).toEqual([inside, out]);
  });

  test('a prefix that differs in its case only is not known', () => {
    expect(ask({ identity: jobs('Fraud-*') }, within).answer).toBe('unknown');
    expect(ask({ identity: jobs('Fraud-*') }, outside).answer).toBe('none');
  });

  test('a variable that is known', () => {
    const identity = layer('identity', { Resource: `${JOBS}/\${aws:PrincipalTag/team}-*` });
    const asked = { ...create, context: { 'aws:PrincipalTag/team': 'fraud' } };
    expect(ask({ identity }, within, asked).answer).toBe('all');
    expect(ask({ identity }, outside, asked).answer).toBe('none');
    expect(ask({ identity }, anyJob, { ...create, context: { 'aws:PrincipalTag/team': null } }).answer).toBe(
      'none',
    );
  });

  test('has an example of each kind, with its explanation', () => {
    const { examples } = ask({ identity: jobs('fraud*') }, outside);
    expect(examples.map(({ resource, explanation }) => [resource, explanation.decision])).toEqual([
      [`${JOBS}/x`, 'ImplicitDeny'],
      [`${JOBS}/fraud`, 'Allow'],
      [`${JOBS}/frauD`, 'Unknown'],
    ]);
    expect(examples[1]?.explanation.decidedBy).toEqual([
      { layer: 'identity', policy: 'identity', statement: 0, pointer: '/Statement/0', effect: 'Allow' },
    ]);
  });

  test('tells accounts apart', () => {
    const anywhere = glob('arn:aws:sagemaker:eu-west-1:*:training-job/x');
    expect(ask({ identity: layer('identity', {}) }, anywhere).answer).toBe('some');
    expect(ask({ identity: layer('identity', {}) }, glob(`${JOBS}/x`)).answer).toBe('all');
  });

  test('tells keys, which have policies, from the rest of KMS', () => {
    const kms = (resource: string) =>
      resourcesAllowed(
        { identity: layer('identity', {}) },
        requestOf({ action: 'kms:DescribeKey' }),
        glob(`arn:aws:kms:eu-west-1:${ACCOUNT}:${resource}`),
      ).answer;
    expect(kms('key/*')).toBe('unknown');
    expect(kms('alias/*')).toBe('all');
    expect(kms('*')).toBe('unknown');
  });

  test('is not known where the patterns are too many to compare', () => {
    const hostile = Array.from({ length: 12 }, (_, at) => `arn:*a${'?'.repeat(at + 8)}b*`);
    const all = glob(`arn:aws:sagemaker:eu-west-1:${ACCOUNT}:*`);
    expect(ask({ identity: layer('identity', { Resource: hostile }, {}) }, all).answer).toBe('unknown');
    const but = { Effect: 'Deny', Resource: `arn:aws:sagemaker:eu-west-1:${ACCOUNT}:` };
    expect(ask({ identity: layer('identity', { Resource: hostile }, {}, but) }, all).answer).toBe('some');
  });
});

describe('under which values', () => {
  const KEY = 'sagemaker:PipelineVersionId';
  const start = {
    action: 'sagemaker:StartPipelineExecution',
    resource: `arn:aws:sagemaker:eu-west-1:${ACCOUNT}:pipeline/fraud`,
  };
  const when = (...conditions: Record<string, Record<string, string | number | string[]>>[]) => ({
    identity: layer('identity', ...conditions.map((Condition) => ({ Condition }))),
  });
  const ask = (policies: Policies, key = KEY, asked: Asked = start) =>
    valuesAllowed(policies, requestOf(asked), key);

  test('a floor', () => {
    expect(ask(when({ NumericGreaterThanEquals: { [KEY]: 6 } }))).toEqual({
      absent: 'ImplicitDeny',
      values: [
        { value: '1', decision: 'ImplicitDeny' },
        { value: '6', decision: 'Allow' },
      ],
      ranges: [
        { from: 1, to: 5, decision: 'ImplicitDeny' },
        { from: 6, decision: 'Allow' },
      ],
      answer: 'known',
    });
  });

  test.each<[string, Policies, object[], string]>([
    [
      'IfExists',
      when({ NumericGreaterThanEqualsIfExists: { [KEY]: 6 } }),
      [
        { from: 1, to: 5, decision: 'ImplicitDeny' },
        { from: 6, decision: 'Allow' },
      ],
      'Allow',
    ],
    [
      'a second Allow without condition',
      when({ NumericGreaterThan: { [KEY]: 5 } }, {}),
      [{ from: 1, decision: 'Allow' }],
      'Allow',
    ],
    [
      'an interval',
      when({ NumericGreaterThan: { [KEY]: 5 }, NumericLessThanEquals: { [KEY]: 9 } }),
      [
        { from: 1, to: 5, decision: 'ImplicitDeny' },
        { from: 6, to: 9, decision: 'Allow' },
        { from: 10, decision: 'ImplicitDeny' },
      ],
      'ImplicitDeny',
    ],
    [
      'one version by a text beside',
      when({ NumericLessThan: { [KEY]: 2 } }, { StringEquals: { [KEY]: '7' } }),
      [
        { from: 1, to: 1, decision: 'Allow' },
        { from: 2, to: 6, decision: 'ImplicitDeny' },
        { from: 7, to: 7, decision: 'Allow' },
        { from: 8, decision: 'ImplicitDeny' },
      ],
      'ImplicitDeny',
    ],
    [
      'a Deny below',
      { identity: layer('identity', {}, { Effect: 'Deny', Condition: { NumericLessThan: { [KEY]: 6 } } }) },
      [
        { from: 1, to: 5, decision: 'ExplicitDeny' },
        { from: 6, decision: 'Allow' },
      ],
      'Allow',
    ],
    [
      'below zero',
      when({ NumericGreaterThan: { [KEY]: -5 } }),
      [{ from: 1, decision: 'Allow' }],
      'ImplicitDeny',
    ],
  ])('%s', (_, policies, ranges, absent) => {
    expect(ask(policies)).toMatchObject({ ranges, absent, answer: 'known' });
  });

  test('a pattern beside a number has cells, and no ranges', () => {
    const answer = ask(when({ NumericGreaterThanEquals: { [KEY]: 6 }, StringLike: { [KEY]: '1*' } }));
    expect(answer).not.toHaveProperty('ranges');
    expect(answer.values).toEqual(
      [
        { value: '6', decision: 'ImplicitDeny' },
        { value: '1', decision: 'ImplicitDeny' },
        { value: '2', decision: 'ImplicitDeny' },
        { value: '10', decision: 'Allow' },
      ].toSorted(
        (a, b) =>
          answer.values.findIndex(({ value }) => value === a.value) -
          answer.values.findIndex(({ value }) => value === b.value),
      ),
    );
    expect(answer.values.length).toBe(4);
  });

  test.each<[string, Record<string, string | number>, boolean]>([
    ['a fraction', { NumericLessThan: 6.5 }, false],
    ['a number that is none', { NumericLessThan: 'six' }, false],
    ['a whole number', { NumericLessThan: 6 }, true],
    ['a text that is no number', { NumericLessThan: 6, StringEquals: 'v6' }, false],
  ])('%s', (_, operators, hasRanges) => {
    const condition = Object.fromEntries(
      Object.entries(operators).map(([operator, value]) => [operator, { [KEY]: value }]),
    );
    const answer = ask(when(condition));
    expect('ranges' in answer).toBe(hasRanges);
    expect(answer.answer).toBe('known');
  });

  test('texts', () => {
    expect(
      ask(
        when({
          StringLike: { 'aws:PrincipalTag/team': 'ml-*' },
          StringNotEquals: { 'aws:PrincipalTag/team': 'ml-x' },
        }),
        'aws:PrincipalTag/team',
      ),
    ).toEqual({
      absent: 'ImplicitDeny',
      values: [
        { value: 'x', decision: 'ImplicitDeny' },
        { value: 'ml-', decision: 'Allow' },
        { value: 'ml-x', decision: 'ImplicitDeny' },
      ],
      answer: 'known',
    });
  });

  test.each<[string, string, Record<string, Record<string, string>>, string[]]>([
    ['yes and no', 'aws:SecureTransport', { Bool: { 'aws:SecureTransport': 'true' } }, ['true']],
    [
      'instants',
      'aws:CurrentTime',
      { DateLessThan: { 'aws:CurrentTime': '2026-01-01T00:00:00Z' } },
      ['2025-12-31T23:59:59.999Z'],
    ],
    [
      'addresses',
      'aws:SourceIp',
      { IpAddress: { 'aws:SourceIp': '203.0.113.0/24' } },
      ['203.0.113.0', '203.0.113.255'],
    ],
    [
      'version 6 addresses',
      'aws:SourceIp',
      { IpAddress: { 'aws:SourceIp': '2001:db8::/32' } },
      ['2001:db8::1', '2001:db8:0:0:0:0:0:0', '2001:db8:ffff:ffff:ffff:ffff:ffff:ffff'],
    ],
    ['bytes', 'aws:x', { BinaryEquals: { 'aws:x': 'YQ==' } }, ['YQ==']],
    ['whether it is there', 'aws:x', { Null: { 'aws:x': 'false' } }, ['x']],
    [
      'ARNs',
      'aws:PrincipalOrgPaths',
      { ArnLike: { 'aws:PrincipalOrgPaths': 'a:*:c:d:e:f' } },
      ['a::c:d:e:f'],
    ],
    ['letter case', 'aws:x', { StringEqualsIgnoreCase: { 'aws:x': 'Ab' } }, ['ab']],
  ])('%s', (_, key, condition, allowed) => {
    const answer = ask(when(condition), key);
    expect(answer.values.filter(({ decision }) => decision === 'Allow').map(({ value }) => value)).toEqual(
      allowed,
    );
    expect(answer.answer).toBe('known');
  });

  test('a mixture that cannot be cut is said to be one', () => {
    const mixed = when({
      IpAddress: { 'aws:SourceIp': '203.0.113.0/24' },
      StringLike: { 'aws:SourceIp': '203.*' },
    });
    expect(ask(mixed, 'aws:SourceIp').answer).toBe('unknown');
    expect(ask(when({ NumericEquals: { [KEY]: 1 }, Bool: { [KEY]: 'true' } })).answer).toBe('unknown');
    expect(ask(when({ StringEquals: { [KEY]: '${aws:PrincipalTag/version}' } })).answer).toBe('unknown');
  });

  test('a key that stands in a resource pattern decides there too', () => {
    const identity = layer('identity', { Resource: 'arn:aws:s3:::${aws:PrincipalTag/team}/*' });
    const answer = ask({ identity }, 'aws:PrincipalTag/team', {});
    expect(answer.answer).toBe('unknown');
    expect(answer).not.toHaveProperty('ranges');
  });

  test('other keys stay as they are', () => {
    const policies = when({
      NumericGreaterThanEquals: { [KEY]: 6 },
      StringEquals: { 'aws:PrincipalTag/a': 'b' },
    });
    expect(ask(policies)).toMatchObject({
      ranges: [
        { from: 1, to: 5, decision: 'ImplicitDeny' },
        { from: 6, decision: 'Unknown' },
      ],
    });
  });
});

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
