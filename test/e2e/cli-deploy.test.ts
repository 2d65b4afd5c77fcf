import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { CONTROLS } from '../../shared/controls/index.ts';
import { ROOT, run } from '../support/commands/cli.ts';
import { startMoto } from '../support/emulators/moto-server.ts';
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
  beforeAll(async () => {
    moto = await startMoto({ account: ACCOUNT });
  });
  afterAll(() => moto.stop());

  const deploy = (...args: string[]) =>
    run([...DRY, ...args], { env: { ...CREDENTIALS, AWS_ENDPOINT_URL: moto.endpoint } });

  test('it names what is not set up, and then says what it would do', async () => {
    const before = await deploy();
    expect(before).toMatchObject({
      status: 2,
      stderr: expect.stringContaining(
        `npx cdk bootstrap aws://${ACCOUNT}/eu-west-1 aws://${ACCOUNT}/us-east-1`,
      ),
    });
    for (const region of ['eu-west-1', 'us-east-1']) {
      const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
      const ssm = new SSMClient({ region, endpoint: moto.endpoint, credentials });
      const Name = '/cdk-bootstrap/hnb659fds/version';
      await ssm.send(new PutParameterCommand({ Name, Value: '28', Type: 'String' }));
      ssm.destroy();
    }
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
});
