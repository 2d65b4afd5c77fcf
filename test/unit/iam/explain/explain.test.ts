import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decide } from '../../../../shared/iam/decide/decide.ts';
import type { Policies } from '../../../../shared/iam/decide/layers.ts';
import { explain } from '../../../../shared/iam/explain/explain.ts';
import {
  ACCOUNT,
  type Asked,
  broken,
  explained,
  JOB,
  layer,
  OBJECT,
  OTHER,
  ROLE,
  requestOf,
  USER,
} from '../../../support/builders/asking.ts';

const ALLOW = { Sid: 'All' };
const NEVER = { Action: 'none:*' };
const IF_IP = { Condition: { IpAddress: { 'aws:SourceIp': '203.0.113.0/24' } } };
const by = (layerName: string, statement: string | number, effect: string, index = 0, level?: number) => ({
  layer: layerName,
  policy: layerName,
  statement,
  pointer: `/Statement/${index}`,
  effect,
  ...(level !== undefined && { level }),
});

describe('an explanation', () => {
  test('of an Allow names the statements that allow', () => {
    const policies = {
      identity: layer('identity', NEVER, ALLOW, { Action: 's3:*' }),
      scps: [layer('scp', ALLOW), layer('scp', ALLOW)],
    };
    expect(explained(policies)).toEqual({
      decision: 'Allow',
      decidedBy: [
        by('scp', 'All', 'Allow', 0, 0),
        by('scp', 'All', 'Allow', 0, 1),
        by('identity', 'All', 'Allow', 1),
        by('identity', 2, 'Allow', 2),
      ],
      missingContext: [],
      doubts: [],
    });
  });

  test('of an ExplicitDeny names the statements that deny', () => {
    const policies = {
      identity: layer('identity', ALLOW, { Effect: 'Deny', Sid: 'No' }),
      resource: layer('resource', { Effect: 'Deny', Principal: '*' }, { Principal: '*' }),
    };
    expect(explained(policies)).toEqual({
      decision: 'ExplicitDeny',
      decidedBy: [by('resource', 0, 'Deny'), by('identity', 'No', 'Deny', 1)],
      missingContext: [],
      doubts: [],
    });
  });

  test('of an Unknown names the statements and keys that it depends on', () => {
    const policies = {
      identity: layer(
        'identity',
        { ...IF_IP, Sid: 'Ip' },
        { Condition: { Bool: { 'aws:SecureTransport': 'true' } } },
        NEVER,
      ),
      scps: [layer('scp', ALLOW)],
    };
    expect(explained(policies)).toEqual({
      decision: 'Unknown',
      decidedBy: [by('identity', 'Ip', 'Allow'), by('identity', 1, 'Allow', 1)],
      missingContext: ['aws:SourceIp', 'aws:SecureTransport'],
      doubts: [],
    });
  });

  test('names each key once, in its first spelling', () => {
    const identity = layer('identity', IF_IP, {
      Condition: { IpAddress: { 'aws:sourceip': '10.0.0.0/8' }, Bool: { 'aws:a': 'true' } },
    });
    expect(explained({ identity }).missingContext).toEqual(['aws:SourceIp', 'aws:a']);
  });

  test('leaves out statements that a sure statement makes irrelevant', () => {
    const policies = {
      identity: layer('identity', ALLOW, IF_IP, { Effect: 'Deny', Condition: { Null: { 'aws:a': 'true' } } }),
    };
    expect(explained(policies)).toMatchObject({
      decidedBy: [by('identity', 2, 'Deny', 2)],
      missingContext: ['aws:a'],
    });
  });

  test.each<[string, Policies, Asked, string]>([
    [
      'a policy that cannot be read',
      { identity: broken('identity') },
      {},
      'identity cannot be read: the document is not JSON',
    ],
    [
      'letter case',
      {
        identity: layer('identity', {
          Resource: JOB.toUpperCase().replace('ARN:AWS:SAGEMAKER', 'arn:aws:sagemaker'),
        }),
      },
      { action: 'sagemaker:CreateTrainingJob', resource: JOB },
      'but for its letter case',
    ],
    [
      'several values',
      { identity: layer('identity', { Condition: { StringEquals: { 'aws:a': 'x' } } }) },
      { context: { 'aws:a': ['x', 'y'] } },
      'aws:a has several values',
    ],
    [
      'a value of another type',
      { identity: layer('identity', { Condition: { NumericNotEquals: { 'aws:a': '6' } } }) },
      { context: { 'aws:a': 'six' } },
      'aws:a has a value that is no numeric-equals value: six',
    ],
    [
      'a session that is not known',
      {
        resource: layer('resource', { Principal: { AWS: `arn:aws:sts::${ACCOUNT}:assumed-role/Data/run` } }),
      },
      {},
      'only its role is known',
    ],
    [
      'a canonical user',
      {
        identity: layer('identity', {}),
        resource: layer('resource', { Effect: 'Deny', Principal: { CanonicalUser: 'ab' } }),
      },
      {},
      'canonical user id ab',
    ],
    [
      'a list of exceptions that is not whole',
      {
        identity: layer('identity', {}),
        resource: layer('resource', { Effect: 'Deny', NotPrincipal: { AWS: USER } }),
      },
      { principal: USER },
      'NotPrincipal lists the principal without its account',
    ],
    [
      'a key policy that is missing',
      { identity: layer('identity', {}) },
      { action: 'kms:Decrypt', resource: `arn:aws:kms:eu-west-1:${ACCOUNT}:key/1` },
      `the policy of arn:aws:kms:eu-west-1:${ACCOUNT}:key/1 must allow this, and was not given`,
    ],
  ])('doubts for %s', (_, policies, asked, doubt) => {
    const { decision, doubts } = explained(policies, asked);
    expect(decision).toBe('Unknown');
    expect(doubts).toEqual([expect.stringContaining(doubt)]);
  });

  test('says where the error of an unreadable policy is', () => {
    const identity = layer('identity', { Effect: 'Maybe' });
    expect(explained({ identity }).doubts).toEqual([
      'identity cannot be read: /Statement/0/Effect: Effect must be "Allow" or "Deny", and is the string "Maybe"',
    ]);
  });
});

describe('an implicit deny', () => {
  const asked = { action: 'sagemaker:CreateTrainingJob', resource: JOB };

  test.each<[string, Policies, Asked, object]>([
    ['no identity policy', {}, {}, { layer: 'identity' }],
    ['the identity policies', { identity: layer('identity', NEVER) }, {}, { layer: 'identity' }],
    [
      'the boundary',
      { identity: layer('identity', {}), boundary: layer('boundary', NEVER) },
      {},
      { layer: 'boundary' },
    ],
    [
      'the session policy',
      { identity: layer('identity', {}), session: layer('session', NEVER) },
      {},
      { layer: 'session' },
    ],
    [
      'a level of SCPs',
      { identity: layer('identity', {}), scps: [layer('scp', {}), layer('scp', NEVER)] },
      {},
      { layer: 'scp', level: 1 },
    ],
    [
      'the endpoint',
      { identity: layer('identity', {}), endpoint: layer('endpoint', NEVER) },
      {},
      { layer: 'endpoint' },
    ],
    [
      'the resource of another account',
      { identity: layer('identity', {}) },
      { resourceAccount: OTHER },
      { layer: 'resource' },
    ],
    [
      'its policy',
      { identity: layer('identity', {}), resource: layer('resource', { Principal: { AWS: USER } }) },
      { resourceAccount: OTHER },
      { layer: 'resource' },
    ],
    [
      'the own policies, across accounts',
      { resource: layer('resource', { Principal: '*' }) },
      { resourceAccount: OTHER },
      { layer: 'identity' },
    ],
    [
      'a trust policy',
      { identity: layer('identity', {}), resource: layer('trust', { Principal: { AWS: USER } }) },
      { action: 'sts:AssumeRole', resource: ROLE },
      { layer: 'resource' },
    ],
    ['a service that is not named', {}, { principal: 'sagemaker.amazonaws.com' }, { layer: 'resource' }],
    [
      'a boundary under an identity policy that may allow',
      { identity: layer('identity', IF_IP), boundary: layer('boundary', NEVER) },
      {},
      { layer: 'boundary' },
    ],
  ])('names the layer that fails: %s', (_, policies, request, failedLayer) => {
    expect(explained(policies, request)).toMatchObject({
      decision: 'ImplicitDeny',
      failedLayer,
      decidedBy: [],
    });
  });

  const nearest = (policies: Policies, request: Asked = asked) => explained(policies, request).nearest;

  test('names the nearest statement and its first element that does not match', () => {
    const identity = layer(
      'identity',
      { Action: 's3:*' },
      {
        Sid: 'Prefix',
        Action: 'sagemaker:Create*',
        Resource: ['arn:aws:s3:::x', 'arn:aws:sagemaker:*:*:training-job/fraud-2'],
      },
      { Action: 'sagemaker:Describe*' },
    );
    expect(nearest({ identity })).toEqual({
      ...by('identity', 'Prefix', 'Allow', 1),
      element: 'Resource',
      elementPointer: '/Statement/1/Resource/1',
      found: JOB,
      expected: 'arn:aws:sagemaker:*:*:training-job/fraud-2',
    });
  });

  test.each<[string, Policies, Asked, object | undefined]>([
    [
      'an action, by its beginning',
      {
        identity: layer('identity', { Action: ['s3:Get*', 'sagemaker:CreateModel', 'sagemaker:Describe*'] }),
      },
      asked,
      {
        element: 'Action',
        elementPointer: '/Statement/0/Action/1',
        found: asked.action,
        expected: 'sagemaker:CreateModel',
      },
    ],
    [
      'the statement whose action begins most alike',
      {
        identity: layer(
          'identity',
          { Action: 'sagemaker:Cr?' },
          { Action: 'SageMaker:CreateTrain' },
          { Action: 's3:*' },
        ),
      },
      asked,
      { statement: 1 },
    ],
    [
      'the statement whose resource begins most alike',
      {
        identity: layer(
          'identity',
          { Resource: 'arn:aws:s3:::x' },
          { Resource: `${JOB}0` },
          { Resource: 'arn:aws:sagemaker' },
        ),
      },
      asked,
      { statement: 1 },
    ],
    [
      'NotAction',
      { identity: layer('identity', { NotAction: ['sagemaker:*', 's3:*'] }) },
      asked,
      { element: 'Action', elementPointer: '/Statement/0/NotAction', expected: 'none of sagemaker:*, s3:*' },
    ],
    [
      'NotResource',
      { identity: layer('identity', { NotResource: '*' }) },
      asked,
      { element: 'Resource', elementPointer: '/Statement/0/NotResource', expected: 'none of *' },
    ],
    [
      'a condition',
      { identity: layer('identity', IF_IP) },
      { context: { 'aws:SourceIp': '192.0.2.1' } },
      {
        element: 'Condition',
        elementPointer: '/Statement/0/Condition/IpAddress/aws:SourceIp',
        found: 'aws:SourceIp is 192.0.2.1',
        expected: 'IpAddress 203.0.113.0/24',
      },
    ],
    [
      'a condition on a key that is absent',
      { identity: layer('identity', IF_IP) },
      { context: { 'aws:SourceIp': null } },
      { found: 'aws:SourceIp is not in the request' },
    ],
    [
      'the statement with more conditions met',
      {
        identity: layer(
          'identity',
          { Condition: { Null: { 'aws:a': 'true', 'aws:b': 'true' } } },
          { Condition: { Null: { 'aws:a': 'true', 'aws:c': 'false' } } },
        ),
      },
      { context: { 'aws:a': 'x', 'aws:b': 'x', 'aws:c': 'x' } },
      { statement: 1 },
    ],
    [
      'a principal',
      { resource: layer('resource', { Principal: { AWS: [USER, OTHER] } }) },
      { principal: ROLE, resourceAccount: OTHER },
      {
        element: 'Principal',
        elementPointer: '/Statement/0/Principal/AWS/0',
        found: ROLE,
        expected: `${USER}, ${OTHER}`,
      },
    ],
    [
      'a session',
      { resource: layer('resource', { Principal: { AWS: USER } }) },
      { principal: `arn:aws:sts::${ACCOUNT}:assumed-role/Data/run`, resourceAccount: OTHER },
      { found: `arn:aws:sts::${ACCOUNT}:assumed-role/Data/run` },
    ],
    [
      'NotPrincipal',
      { resource: layer('resource', { NotPrincipal: { AWS: [USER, ACCOUNT] } }) },
      { principal: USER, resourceAccount: OTHER },
      { element: 'Principal', expected: `none of ${USER}, ${ACCOUNT}` },
    ],
    [
      'an action before a resource',
      { identity: layer('identity', { Action: 's3:PutObject' }, { Resource: 'arn:aws:s3:::other' }) },
      {},
      { statement: 1, element: 'Resource' },
    ],
    [
      'the first of equals',
      { identity: layer('identity', { Action: 's3:PutObject' }, { Action: 's3:PutObject' }) },
      {},
      { statement: 0 },
    ],
    ['no Allow at all', { identity: layer('identity', { Effect: 'Deny', ...NEVER }) }, {}, undefined],
    [
      'an account that only trusts',
      { resource: layer('resource', { Principal: { AWS: ACCOUNT } }) },
      {},
      undefined,
    ],
  ])('%s', (_, policies, request, expected) => {
    if (expected) expect(nearest(policies, request)).toMatchObject(expected);
    else expect(nearest(policies, request)).toBeUndefined();
  });

  test('never names a Deny as the nearest statement', () => {
    expect(
      nearest(
        {
          identity: layer(
            'identity',
            { Effect: 'Deny', Resource: 'arn:aws:s3:::other' },
            { Action: 's3:PutObject' },
          ),
        },
        {},
      ),
    ).toMatchObject({ statement: 1 });
  });
});

describe('for any policies and requests', () => {
  const statements = fc.array(
    fc.record({
      Effect: fc.constantFrom('Allow', 'Deny'),
      Action: fc.constantFrom('*', 's3:Get*', 's3:GetObject', 's3:Put*'),
      Resource: fc.constantFrom('*', OBJECT, 'arn:aws:s3:::other'),
      Condition: fc.constantFrom(
        {},
        { StringEquals: { 'aws:a': 'x' } },
        { StringNotEquals: { 'aws:a': 'x' } },
        { Null: { 'aws:b': 'true' } },
      ),
    }),
    { maxLength: 5 },
  );
  const context = fc.constantFrom<NonNullable<Asked['context']>>(
    {},
    { 'aws:a': 'x' },
    { 'aws:a': 'y', 'aws:b': null },
    { 'aws:a': null, 'aws:b': 'z' },
  );
  const rank = { ExplicitDeny: 0, ImplicitDeny: 0, Unknown: 1, Allow: 2 };
  type Statements = Parameters<typeof layer>[1][];
  const decisionOf = (list: Statements, asked: Asked, second: Statements = []) =>
    decide(
      {
        identity: layer('identity', NEVER, ...list),
        ...(second.length > 0 && { boundary: layer('boundary', NEVER, ...second) }),
      },
      requestOf(asked),
    );

  test('the explanation has the same decision', () => {
    fc.assert(
      fc.property(statements, statements, context, (first, second, known) => {
        const policies = {
          identity: layer('identity', NEVER, ...first),
          scps: [layer('scp', NEVER, ...second)],
        };
        const request = requestOf({ context: known });
        expect(explain(policies, request).decision).toBe(decide(policies, request));
      }),
    );
  });

  test('another Deny never allows more', () => {
    fc.assert(
      fc.property(statements, statements, context, (list, more, known) => {
        const denies = more.map((each) => ({ ...each, Effect: 'Deny' }));
        const asked = { context: known };
        expect(rank[decisionOf([...list, ...denies], asked)]).toBeLessThanOrEqual(
          rank[decisionOf(list, asked)],
        );
      }),
    );
  });

  test('another Allow never allows less', () => {
    fc.assert(
      fc.property(statements, statements, context, (list, more, known) => {
        const allows = more.map((each) => ({ ...each, Effect: 'Allow' }));
        const asked = { context: known };
        expect(rank[decisionOf([...list, ...allows], asked)]).toBeGreaterThanOrEqual(
          rank[decisionOf(list, asked)],
        );
      }),
    );
  });

  test('the order of statements makes no difference', () => {
    fc.assert(
      fc.property(statements, context, (list, known) => {
        const asked = { context: known };
        expect(decisionOf(list.toReversed(), asked)).toBe(decisionOf(list, asked));
      }),
    );
  });

  test('a boundary never allows more', () => {
    fc.assert(
      fc.property(statements, statements, context, (list, bound, known) => {
        const asked = { context: known };
        expect(rank[decisionOf(list, asked, bound)]).toBeLessThanOrEqual(rank[decisionOf(list, asked)]);
      }),
    );
  });

  test('a decision other than Unknown stays the same, whatever values the unknown keys have', () => {
    const full = fc.record({ 'aws:a': fc.constantFrom('x', 'y', null), 'aws:b': fc.constantFrom('z', null) });
    fc.assert(
      fc.property(statements, full, (list, known) => {
        const before = decisionOf(list, {});
        const after = decisionOf(list, { context: known });
        expect(after).not.toBe('Unknown');
        if (before === 'ImplicitDeny') expect(after).toMatch(/Deny$/);
        else if (before !== 'Unknown') expect(after).toBe(before);
      }),
    );
  });
});
