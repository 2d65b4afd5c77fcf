import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { CONTROLS } from '../../shared/controls/index.ts';
import { ROOT, run } from '../support/commands/cli.ts';
import { type FaultProxy, jsonFault, startFaultProxy } from '../support/emulators/fault-proxy.ts';
import { startMoto } from '../support/emulators/moto-server.ts';
import { NO_STACK, stackAnswer } from '../support/emulators/stack-answers.ts';
import { describeWith } from '../support/jest/tools.ts';

const ACCOUNT = '111122223333';
const CREDENTIALS = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' };
const DRY = ['deploy', '--region', 'eu-west-1', '--dry-run'];

describe('without an account', () => {
  test('it says that there are no credentials', async () => {
    const { status, stderr } = await run(DRY);
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: expect.stringContaining('AWS credentials cannot be loaded'),
    });
  });

  test('a configuration that is not valid stops it first', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'pipewarden-deploy-'));
    try {
      await writeFile(join(folder, 'wrong.yaml'), 'version: 1\nsweep: { schedule: daily }\n');
      const { status, stderr } = await run([...DRY, '--config', join(folder, 'wrong.yaml')]);
      expect({ status, stderr }).toEqual({
        status: 2,
        stderr: expect.stringMatching(/wrong\.yaml:2:\d+: sweep\.schedule: is not a schedule/),
      });
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('it deploys nothing without a configuration where nobody can be asked, and says how to write one', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'pipewarden-deploy-'));
    try {
      const { status, stderr } = await run(['deploy', '--region', 'eu-west-1'], { cwd: folder });
      expect({ status, stderr }).toEqual({
        status: 2,
        stderr: expect.stringMatching(
          /there is no pipewarden\.yaml: \d+ of \d+ controls cannot judge fully without it; pipewarden init --live writes one/,
        ),
      });
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('it says that it needs a checkout, if it was installed without one', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'pipewarden-installed-'));
    try {
      await cp(join(ROOT, 'dist/cli'), folder, { recursive: true });
      const { status, stderr } = await run(DRY, { command: join(folder, 'pipewarden.mjs') });
      expect({ status, stderr }).toEqual({
        status: 2,
        stderr: expect.stringContaining('deploy works from a checkout'),
      });
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describeWith('moto', 'with an account', () => {
  let moto: Awaited<ReturnType<typeof startMoto>>;
  let proxy: FaultProxy;
  beforeAll(async () => {
    moto = await startMoto({ account: ACCOUNT });
    proxy = await startFaultProxy(moto.endpoint);
  });
  beforeEach(() => proxy.fail(({ operation }) => (operation === 'DescribeStacks' ? NO_STACK : undefined)));
  afterAll(async () => {
    await proxy?.stop();
    await moto?.stop();
  });

  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  /** Notes, as the CDK does, that it has prepared the Regions. */
  const bootstrap = async (...regions: string[]): Promise<void> => {
    for (const region of regions) {
      const ssm = new SSMClient({ region, endpoint: moto.endpoint, credentials });
      const Name = '/cdk-bootstrap/hnb659fds/version';
      await ssm.send(new PutParameterCommand({ Name, Value: '28', Type: 'String', Overwrite: true }));
      ssm.destroy();
    }
  };

  const deploy = (...args: string[]) =>
    run([...DRY, ...args], { env: { ...CREDENTIALS, AWS_ENDPOINT_URL: proxy.endpoint } });

  test('it names what is not set up, and then says what it would do', async () => {
    const before = await deploy();
    expect(before).toMatchObject({
      status: 2,
      stderr: expect.stringContaining(
        `npx cdk bootstrap aws://${ACCOUNT}/eu-west-1 aws://${ACCOUNT}/us-east-1`,
      ),
    });
    await bootstrap('eu-west-1', 'us-east-1');
    const config = join(ROOT, 'examples/pipewarden.yaml');
    const after = await deploy('--config', config, '--', '--require-approval', 'never');
    expect(after).toEqual({
      status: 0,
      stdout: '',
      stderr: [
        `account ${ACCOUNT}, home Region eu-west-1`,
        `configuration: ${config}; of ${CONTROLS.length} controls none lacks its list`,
        'stacks: PipewardenState (eu-west-1), Pipewarden (eu-west-1), PipewardenIamEvents (us-east-1)',
        `running: cdk deploy --all -c region=eu-west-1 -c config=${config} --require-approval never`,
        '',
      ].join('\n'),
    });
  });

  test('it names the stacks of all watched Regions, and what it leaves to others', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'pipewarden-deploy-'));
    const config = join(folder, 'pipewarden.yaml');
    try {
      await writeFile(
        config,
        `version: 1\norganization: { regions: [eu-central-1, eu-west-1, us-east-1], accounts: ["${ACCOUNT}", "444455556666"] }\n`,
      );
      await bootstrap('eu-west-1', 'us-east-1');
      const before = await deploy('--config', config);
      expect(before).toMatchObject({
        status: 2,
        stderr: expect.stringContaining(`npx cdk bootstrap aws://${ACCOUNT}/eu-central-1\n`),
      });
      await bootstrap('eu-central-1');
      const after = await deploy('--config', config);
      expect(after.status).toBe(0);
      const lines = after.stderr.split('\n');
      expect(lines).toEqual(
        expect.arrayContaining([
          `account ${ACCOUNT}, home Region eu-west-1, watching eu-central-1, us-east-1, too`,
          `not watched: a deployment watches its own account ${ACCOUNT} alone; audit 444455556666 with pipewarden audit --organization`,
          'stacks: PipewardenState (eu-west-1), Pipewarden (eu-west-1), PipewardenEvents-eu-central-1 (eu-central-1), PipewardenIamEvents (us-east-1)',
        ]),
      );
      expect(after.stderr).not.toContain('a deployment of its own');
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test.each([
    [
      'says that another watched Region has a deployment of its own',
      'Pipewarden',
      stackAnswer({}),
      'eu-central-1 has a deployment of its own, the stack Pipewarden: remove it after this one is deployed, as docs/operations.md says under Several Regions',
    ],
    [
      'says that it could not ask whether there is one',
      'Pipewarden',
      jsonFault('AccessDenied', 403),
      'whether eu-central-1 has a deployment of its own cannot be asked (',
    ],
    [
      'says that it takes the events of IAM from another deployment',
      'PipewardenIamEvents',
      stackAnswer({}, 'Pipewarden: forwards the events of IAM and Organizations to sa-east-1'),
      'PipewardenIamEvents (us-east-1) forwards events to the deployment in sa-east-1, which gets none of them after this one is deployed',
    ],
  ])('it %s', async (_, stack, answer, said) => {
    const folder = await mkdtemp(join(tmpdir(), 'pipewarden-deploy-'));
    const config = join(folder, 'pipewarden.yaml');
    try {
      await writeFile(config, 'version: 1\norganization: { regions: [eu-central-1] }\n');
      await bootstrap('eu-west-1', 'eu-central-1', 'us-east-1');
      proxy.fail(({ operation, body }) => {
        if (operation !== 'DescribeStacks') return undefined;
        return body.includes(`StackName=${stack}&`) || body.endsWith(`StackName=${stack}`)
          ? answer
          : NO_STACK;
      });
      const { status, stderr } = await deploy('--config', config);
      expect({ status, lines: stderr.split('\n').filter((line) => line.startsWith(said)) }).toEqual({
        status: 0,
        lines: [expect.anything()],
      });
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('it refuses a Region of another partition', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'pipewarden-deploy-'));
    const config = join(folder, 'pipewarden.yaml');
    try {
      await writeFile(config, 'version: 1\norganization: { regions: [cn-north-1] }\n');
      expect(await deploy('--config', config)).toMatchObject({
        status: 2,
        stderr: expect.stringContaining(
          'cn-north-1 is in the partition aws-cn, and the home Region eu-west-1',
        ),
      });
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
