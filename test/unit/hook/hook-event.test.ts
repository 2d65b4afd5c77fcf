import { describe, expect, test } from '@jest/globals';
import { hookRequest, tokenIn } from '../../../functions/hook/hook-event.ts';

const ACCOUNT = '111122223333';
const STACK = `arn:aws:cloudformation:eu-west-1:${ACCOUNT}:stack/training/1a2345b6-0000-00a0-a123-00abc0abc000`;

const event = (requestData: object, more: object = {}) => ({
  clientRequestToken: 'f8da6d11',
  awsAccountId: ACCOUNT,
  stackId: STACK,
  changeSetId: null,
  hookTypeName: 'Pipewarden::Hook::Stacks',
  hookTypeVersion: '00000001',
  hookModel: { LambdaFunction: `arn:aws:lambda:eu-west-1:${ACCOUNT}:function:hook` },
  actionInvocationPoint: 'CREATE_PRE_PROVISION',
  requestData,
  requestContext: { invocation: 1, callbackContext: null },
  ...more,
});

const ofStack = (targetName: string) => ({
  targetName,
  targetType: targetName,
  targetLogicalId: 'training',
  payload: 'https://s3.eu-west-1.amazonaws.com/bucket/key?X-Amz-Signature=x',
});

const ofResource = {
  targetName: 'AWS::IAM::Role',
  targetType: 'AWS::IAM::Role',
  targetLogicalId: 'Role',
  targetModel: { resourceProperties: { RoleName: 'train' }, previousResourceProperties: null },
};

describe('an event of a hook', () => {
  test.each(['STACK', 'CHANGE_SET'] as const)('for %s names the URL of the template', (target) => {
    const told = hookRequest(event(ofStack(target), { actionInvocationPoint: 'UPDATE_PRE_PROVISION' }));
    expect(told).toEqual({
      account: ACCOUNT,
      region: 'eu-west-1',
      stackName: 'training',
      target,
      ...(target === 'STACK' && { isUpdate: true }),
      payloadUrl: 'https://s3.eu-west-1.amazonaws.com/bucket/key?X-Amz-Signature=x',
    });
  });

  test('for a resource holds its properties', () => {
    expect(hookRequest(event(ofResource))).toEqual({
      account: ACCOUNT,
      region: 'eu-west-1',
      stackName: 'training',
      target: 'RESOURCE',
      resourceType: 'AWS::IAM::Role',
      logicalId: 'Role',
      properties: { RoleName: 'train' },
    });
  });

  test.each([undefined, null, ''])('of the Cloud Control API has no stack (%j)', (stackId) => {
    expect(hookRequest(event({ ...ofResource, targetType: 'RESOURCE' }, { stackId }))).toEqual({
      account: ACCOUNT,
      target: 'RESOURCE',
      resourceType: 'AWS::IAM::Role',
      logicalId: 'Role',
      properties: { RoleName: 'train' },
    });
  });

  test('is read as the documentation writes its names elsewhere', () => {
    const { clientRequestToken: _, stackId: __, ...rest } = event(ofStack('STACK'));
    const other = { ...rest, clientRequesttoken: 'abc', stackID: STACK };
    expect(hookRequest(other)).toMatchObject({ stackName: 'training' });
    expect([tokenIn(other), tokenIn(event({})), tokenIn({}), tokenIn(null), tokenIn('x')]).toEqual([
      'abc',
      'f8da6d11',
      undefined,
      undefined,
      undefined,
    ]);
  });

  test.each([
    ['a stack', ofStack('STACK')],
    ['a resource of which nothing is told', { ...ofResource, targetModel: { resourceProperties: {} } }],
  ])('about the deletion of %s asks for nothing', (_, requestData) => {
    expect(hookRequest(event(requestData, { actionInvocationPoint: 'DELETE_PRE_PROVISION' }))).toMatchObject({
      target: 'NONE',
    });
  });

  test.each([null, undefined])('about a change tells that nobody knows what was there (%j)', (before) => {
    const targetModel = { resourceProperties: { RoleName: 'new' }, previousResourceProperties: before };
    const asked = event({ ...ofResource, targetModel }, { actionInvocationPoint: 'UPDATE_PRE_PROVISION' });
    expect(hookRequest(asked)).toMatchObject({ properties: { RoleName: 'new' }, isUntoldBefore: true });
  });

  test.each([
    ['CREATE', { properties: { RoleName: 'new' } }],
    ['UPDATE', { properties: { RoleName: 'new' }, previous: { RoleName: 'old' } }],
    ['DELETE', { previous: { RoleName: 'old' } }],
  ])('about the %s of a resource tells what was there before and after', (action, told) => {
    const targetModel = {
      resourceProperties: { RoleName: 'new' },
      previousResourceProperties: { RoleName: 'old' },
    };
    const asked = event({ ...ofResource, targetModel }, { actionInvocationPoint: `${action}_PRE_PROVISION` });
    const {
      account: _,
      region: __,
      stackName: ___,
      ...request
    } = hookRequest(asked) as Record<string, unknown>;
    expect(request).toEqual({
      target: 'RESOURCE',
      resourceType: 'AWS::IAM::Role',
      logicalId: 'Role',
      ...told,
    });
  });

  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['a text', 'x'],
    ['a list', []],
    ['another event', { Records: [] }],
    ['an account that is none', event(ofStack('STACK'), { awsAccountId: '12' })],
    ['an ARN of something else', event(ofStack('STACK'), { stackId: `arn:aws:s3:::${'x'.repeat(9)}` })],
    ['a stack with a hostile name', event(ofStack('STACK'), { stackId: STACK.replace('training', 'a\n b') })],
    ['an endless id', event(ofStack('STACK'), { stackId: STACK + 'x'.repeat(10_000) })],
    ['a stack without a payload', event({ ...ofStack('STACK'), payload: null })],
    ['an endless URL', event({ ...ofStack('STACK'), payload: 'https://'.padEnd(100_000, 'x') })],
    ['a resource without properties', event({ ...ofResource, targetModel: null })],
    ['properties that are a list', event({ ...ofResource, targetModel: { resourceProperties: [1] } })],
  ])('that is %s is not understood, and why is told', (_, of) => {
    expect(hookRequest(of)).toEqual({ misunderstood: expect.stringMatching(/^\S.*: \S/) });
  });
});
