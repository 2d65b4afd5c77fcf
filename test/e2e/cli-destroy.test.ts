import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { run } from '../support/commands/cli.ts';
import { type FaultProxy, startFaultProxy } from '../support/emulators/fault-proxy.ts';
import { startMoto } from '../support/emulators/moto-server.ts';
import { NO_STACK, stackAnswer } from '../support/emulators/stack-answers.ts';
import { describeWith } from '../support/jest/tools.ts';

const ACCOUNT = '111122223333';

describeWith('moto', 'pipewarden destroy', () => {
  let moto: Awaited<ReturnType<typeof startMoto>>;
  let proxy: FaultProxy;
  const operations: string[] = [];
  beforeAll(async () => {
    moto = await startMoto({ account: ACCOUNT });
    proxy = await startFaultProxy(moto.endpoint);
  });
  afterAll(async () => {
    await proxy?.stop();
    await moto?.stop();
  });
  beforeEach(() => {
    operations.length = 0;
    const deployed: Readonly<Record<string, string>> = {
      PipewardenState: 'Pipewarden: findings',
      Pipewarden: 'Pipewarden: audits',
      PipewardenMembers: 'Pipewarden: members',
      PipewardenIamEvents: 'Pipewarden: forwards the events of IAM and Organizations to eu-west-1',
    };
    proxy.fail(({ operation = '', body }) => {
      if (operation === 'GetCallerIdentity') return undefined;
      operations.push(operation);
      const description = deployed[new URLSearchParams(body).get('StackName') ?? ''];
      return description === undefined ? NO_STACK : stackAnswer({}, description);
    });
  });

  const destroy = (...args: string[]) =>
    run(['destroy', '--region', 'eu-west-1', ...args], {
      env: { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', AWS_ENDPOINT_URL: proxy.endpoint },
    });

  test('says what it would remove, in which order, and what stays', async () => {
    const { status, stderr } = await destroy('--dry-run');
    expect({ status, lines: stderr.trimEnd().split('\n') }).toEqual({
      status: 0,
      lines: [
        `account ${ACCOUNT}, home Region eu-west-1`,
        expect.stringMatching(/^1\. PipewardenMembers \(eu-west-1\) is removed: /),
        expect.stringMatching(/^2\. PipewardenIamEvents \(us-east-1\) is removed: /),
        expect.stringMatching(/^3\. Pipewarden \(eu-west-1\) is removed: /),
        expect.stringContaining('those of the management account, stay'),
        expect.stringMatching(/^PipewardenState \(eu-west-1\) stays, with the findings table/),
      ],
    });
    expect(new Set(operations)).toEqual(new Set(['DescribeStacks']));
  });

  test('removes nothing where nobody can be asked', async () => {
    const { status, stderr } = await destroy();
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: expect.stringContaining('nothing was removed: a person must say yes, in a terminal'),
    });
    expect(new Set(operations)).toEqual(new Set(['DescribeStacks']));
  });
});
