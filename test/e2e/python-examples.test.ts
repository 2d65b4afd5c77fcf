import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ACCOUNT, REGION } from '../support/builders/events.ts';
import { ROOT, type Run } from '../support/commands/cli.ts';
import { startMoto } from '../support/emulators/moto-server.ts';
import { describeWith } from '../support/jest/tools.ts';
import { buildWheel, installWheel, pythonEnvironment } from '../support/python/python-package.ts';

/** Importing SDK 3 alone takes ten seconds on a busy machine. */
const PATIENCE_MILLIS = 900_000;

describeWith('the SageMaker SDK, pytest and moto', 'the examples for the SageMaker Python SDK', () => {
  let folder: string;
  let wheel: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pipewarden-examples-'));
    wheel = await buildWheel(folder);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  describe.each(['sdk2', 'sdk3'] as const)('examples/lint_before_upsert_%s.py', (sdk) => {
    let moto: Awaited<ReturnType<typeof startMoto>>;
    let python: string;
    beforeAll(async () => {
      [moto, python] = await Promise.all([
        startMoto({ account: ACCOUNT }),
        installWheel(wheel, join(folder, sdk), [sdk]),
      ]);
    });
    afterAll(() => moto?.stop());

    const upsert = (...args: string[]): Promise<Run> =>
      new Promise((resolve) => {
        const env = pythonEnvironment({
          AWS_ENDPOINT_URL: moto.endpoint,
          AWS_ACCESS_KEY_ID: 'test',
          AWS_SECRET_ACCESS_KEY: 'test',
          AWS_DEFAULT_REGION: REGION,
          HOME: folder,
          SAGEMAKER_VALIDATE_ROLE: 'false', // SDK 3 looks for the execution role, which the emulator lacks
        });
        const example = join(ROOT, `examples/lint_before_upsert_${sdk}.py`);
        const child = execFile(python, [example, ...args], { cwd: folder, env }, (_error, stdout, stderr) =>
          resolve({ status: child.exitCode, stdout, stderr }),
        );
      });

    const uploaded = async (): Promise<string[]> => {
      const answer = await fetch(moto.endpoint, {
        method: 'POST',
        headers: {
          'x-amz-target': 'SageMaker.ListPipelines',
          authorization: `AWS4-HMAC-SHA256 Credential=test/20261120/${REGION}/sagemaker/aws4_request, SignedHeaders=host, Signature=0`,
        },
        body: '{}',
      });
      const { PipelineSummaries } = (await answer.json()) as {
        PipelineSummaries: { PipelineName: string }[];
      };
      return PipelineSummaries.map(({ PipelineName }) => PipelineName);
    };

    test(
      'does not upload a pipeline that breaks a rule',
      async () => {
        const { status, stdout, stderr } = await upsert('scores', 'arn:aws:iam::111122223333:role/admin');
        expect(stderr).toContain('\npipeline fraud-features breaks 2 rules');
        expect(stderr).toContain('step PrepareFeatures names arn:aws:iam::111122223333:role/admin');
        expect([status, stdout.includes('uploaded')]).toEqual([1, false]);
        expect(await uploaded()).toEqual([]);
      },
      PATIENCE_MILLIS,
    );

    test(
      'uploads a pipeline that keeps the rules',
      async () => {
        const { status, stdout, stderr } = await upsert('fraud-features');
        expect(status === 0 ? '' : stderr).toBe('');
        expect(stdout).toContain('uploaded\n');
        expect(await uploaded()).toEqual(['fraud-features']);
      },
      PATIENCE_MILLIS,
    );
  });
});
