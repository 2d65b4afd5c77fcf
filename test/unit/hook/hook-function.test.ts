import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { describe, expect, test } from '@jest/globals';
import type { Context } from 'aws-lambda';
import { type HookDependencies, hookFunction } from '../../../functions/hook/hook-function.ts';
import type { Judged } from '../../../functions/hook/judge-template.ts';

const ACCOUNT = '111122223333';
const scope = { account: ACCOUNT, region: 'eu-west-1', partition: 'aws' };
const context = { awsRequestId: 'r', functionName: 'hook' } as Context;
const stackId = (name: string, region = 'eu-west-1', account = ACCOUNT) =>
  `arn:aws:cloudformation:${region}:${account}:stack/${name}/1a2345b6`;

const ROLE = { Resources: { Role: { Type: 'AWS::IAM::Role', Properties: { RoleName: 'x' } } } };
const REFUSED: Judged = {
  findings: [
    {
      control: 'c',
      severity: 'HIGH',
      status: 'FAILED',
      where: 'Role',
      found: 'f',
      expected: 'e',
      remedy: 'r',
    },
  ],
  problems: [],
  untold: [],
};

const event = (name: string, more: object = {}) => ({
  clientRequestToken: 'token',
  awsAccountId: ACCOUNT,
  stackId: stackId(name),
  actionInvocationPoint: 'CREATE_PRE_PROVISION',
  requestData: { targetName: 'STACK', targetType: 'STACK', targetLogicalId: name, payload: 'https://x' },
  ...more,
});

/** What is answered, and what was told to whom. */
const answerOf = async (of: unknown, over: Partial<HookDependencies> = {}) => {
  const done: string[] = [];
  const answer = await hookFunction({
    severity: 'HIGH',
    isStrict: false,
    ownStacks: ['Pipewarden', 'PipewardenState'],
    scope,
    readPayload: async () => {
      done.push('read');
      return { template: JSON.stringify(ROLE) };
    },
    judge: async () => {
      done.push('judged');
      return REFUSED;
    },
    tell: async (about, reason) => void done.push(`${about}: ${reason}`),
    logger: new Logger({ logLevel: 'SILENT' }),
    metrics: new Metrics({ namespace: 'n', serviceName: 's' }),
    ...over,
  })(of, context);
  return { answer, done };
};

describe('a hook', () => {
  test('reads the template, judges it, and answers with the token of the event', async () => {
    const { answer, done } = await answerOf(event('ml'));
    expect(answer).toMatchObject({
      hookStatus: 'FAILED',
      errorCode: 'NonCompliant',
      clientRequestToken: 'token',
    });
    expect(done).toEqual(['read', 'judged']);
  });

  test.each(['Pipewarden', 'PipewardenState'])(
    'judges nothing of the deployment’s own stack %s',
    async (name) => {
      const { answer, done } = await answerOf(event(name));
      expect([answer.hookStatus, done]).toEqual(['SUCCESS', []]);
    },
  );

  test.each(['PipewardenOther', 'pipewarden', 'my-Pipewarden'])(
    'judges %s, whose name only resembles it',
    async (name) => {
      expect((await answerOf(event(name))).answer.hookStatus).toBe('FAILED');
    },
  );

  test('judges no deletion of a stack, says so, and reads nothing for it', async () => {
    const deletion = event('ml', { actionInvocationPoint: 'DELETE_PRE_PROVISION' });
    const { answer, done } = await answerOf(deletion);
    expect([answer.hookStatus, done]).toEqual(['SUCCESS', []]);
    expect(answer.message).toMatch(/^Pipewarden did not judge this deletion: /);
  });

  test('refuses no deletion of a resource, also where it finds a fault or cannot judge and is strict', async () => {
    const deletion = event('ml', {
      actionInvocationPoint: 'DELETE_PRE_PROVISION',
      requestData: {
        targetName: 'AWS::IAM::Role',
        targetLogicalId: 'Role',
        targetModel: { previousResourceProperties: { RoleName: 'x' } },
      },
    });
    expect((await answerOf(deletion)).answer).toMatchObject({
      hookStatus: 'SUCCESS',
      message: expect.stringMatching(/What is wrong after it: c on Role \(FAILED HIGH\)/),
    });
    const judge = async () => {
      throw new Error('no index');
    };
    expect((await answerOf(deletion, { isStrict: true, judge })).answer).toMatchObject({
      hookStatus: 'SUCCESS',
      message: 'Pipewarden could not judge it: no index.',
    });
  });

  test.each<[string, unknown, Partial<HookDependencies>, RegExp]>([
    ['is no event of a hook', { Records: [] }, {}, /awsAccountId/],
    ['is of another account', event('ml', { stackId: undefined, awsAccountId: '444455556666' }), {}, /alone/],
    ['is of another Region', event('ml', { stackId: stackId('ml', 'us-east-1') }), {}, /in eu-west-1 alone/],
    [
      'has a template that cannot be fetched',
      event('ml'),
      {
        readPayload: async () => {
          throw new Error('HTTP 403');
        },
      },
      /HTTP 403/,
    ],
    [
      'cannot be judged in time',
      event('ml'),
      {
        judge: async () => {
          throw new Error('it would take longer than a hook may take');
        },
      },
      /longer/,
    ],
  ])(
    'lets pass what %s, tells it, and refuses it if the deployment is strict',
    async (_, of, over, reason) => {
      const { answer, done } = await answerOf(of, over);
      expect(answer).toMatchObject({ hookStatus: 'SUCCESS', message: expect.stringMatching(reason) });
      expect(done.filter((each) => reason.test(each))).toHaveLength(1);
      const strict = await answerOf(of, { ...over, isStrict: true });
      expect(strict.answer).toMatchObject({ hookStatus: 'FAILED', errorCode: 'InternalFailure' });
    },
  );

  test('answers even if nobody can be told', async () => {
    const { answer } = await answerOf(
      { Records: [] },
      {
        tell: async () => {
          throw new Error('no table');
        },
      },
    );
    expect(answer.hookStatus).toBe('SUCCESS');
  });

  test('lets no stack hide behind a template that cannot be read', async () => {
    const { answer, done } = await answerOf(event('ml'), {
      readPayload: async () => ({ template: 'Resources: [' }),
    });
    expect(answer.hookStatus).toBe('SUCCESS');
    expect(done).toHaveLength(1);
    expect(done[0]).toMatch(/^the stack ml: .*template/);
  });
});
