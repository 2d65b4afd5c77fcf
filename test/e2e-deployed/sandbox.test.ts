import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { accountConfig, accountPlan } from '../../scripts/sandbox-account-plan.ts';
import { runCommand } from '../../scripts/sandbox-command.ts';
import { answersText } from '../../scripts/sandbox-probes.ts';
import { redacted } from '../../scripts/sandbox-redaction.ts';
import { runPlan, type SandboxResult } from '../../scripts/sandbox-run.ts';
import type { Json } from '../../shared/json/json.ts';
import { ACCOUNT, cloudTrail, envelope, REGION } from '../support/builders/events.ts';
import { type DeployedWorld, openWorld } from '../support/emulators/deployed-world.ts';
import { type Deployment, deploy } from '../support/emulators/deployment.ts';
import { makeTrail } from '../support/emulators/trail.ts';
import { describeWith } from '../support/jest/tools.ts';
import { pythonProgram } from '../support/python/python-env.ts';
import type { HistoryRecord } from '../support/standins/cloudtrail.ts';

const PROFILE = 'sandbox';

/** The word after an option of a command. */
const after = (command: readonly string[], option: string): string =>
  command[command.indexOf(option) + 1] ?? '';

/** What CloudTrail records of a command of the plan; it is no part of the emulators. */
const recorded = (command: readonly string[]): Record<string, unknown> | undefined => {
  switch (command[2]) {
    case 'create-pipeline':
    case 'update-pipeline': {
      const [pipelineName, pipelineDefinition] = [
        after(command, '--pipeline-name'),
        after(command, '--pipeline-definition'),
      ];
      const name = command[2] === 'create-pipeline' ? 'CreatePipeline' : 'UpdatePipeline';
      return cloudTrail(name, { pipelineName, pipelineDefinition });
    }
    case 'start-pipeline-execution':
      return cloudTrail('StartPipelineExecution', { pipelineName: after(command, '--pipeline-name') });
    case 'put-bucket-cors':
      return cloudTrail(
        'PutBucketCors',
        { bucketName: after(command, '--bucket'), cors: '' },
        { eventSource: 's3.amazonaws.com' },
      );
    case 'update-assume-role-policy': {
      const request = {
        roleName: after(command, '--role-name'),
        policyDocument: after(command, '--policy-document'),
      };
      return cloudTrail('UpdateAssumeRolePolicy', request, {
        eventSource: 'iam.amazonaws.com',
        awsRegion: 'us-east-1',
      });
    }
    default:
      return undefined;
  }
};

describeWith('MiniStack and the AWS CLI', 'the plan of a sandbox in one account', () => {
  let folder: string;
  let deployment: Deployment;
  let world: DeployedWorld;
  let result: SandboxResult;
  const said: string[] = [];
  const kept = new Map<string, unknown>();

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pipewarden-sandbox-'));
    deployment = await deploy(accountConfig());
    world = await openWorld(deployment);
    const { ministack, moto, history, securityHub } = deployment;
    const inMoto = { ...world.client, endpoint: moto.endpoint };
    const logs = { Bucket: 'trail', CreateBucketConfiguration: { LocationConstraint: REGION } } as const;
    await new S3Client({ ...inMoto, forcePathStyle: true }).send(new CreateBucketCommand(logs));
    await makeTrail(new CloudTrailClient(inMoto), logs.Bucket);
    const config = join(folder, 'aws-config');
    await writeFile(config, `[profile ${PROFILE}]\naws_access_key_id = test\naws_secret_access_key = test\n`);
    const env = {
      PATH: [dirname(pythonProgram('awscli', 'aws')), process.env.PATH].join(delimiter),
      AWS_CONFIG_FILE: config,
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_ENDPOINT_URL: ministack.endpoint,
      AWS_ENDPOINT_URL_SAGEMAKER: moto.endpoint,
      AWS_ENDPOINT_URL_IAM: moto.endpoint,
      AWS_ENDPOINT_URL_STS: moto.endpoint,
      AWS_ENDPOINT_URL_CLOUDTRAIL: history.endpoint,
      AWS_ENDPOINT_URL_SECURITYHUB: securityHub.endpoint,
    };
    const { phases, files } = accountPlan({ profile: PROFILE, account: ACCOUNT, region: REGION });
    for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
    result = await runPlan(phases, {
      exec: async (command, _by, options) => {
        const ended = await runCommand(command, { ...options, profile: PROFILE, folder, env });
        const record = ended.status === 0 ? recorded(command) : undefined;
        if (record) {
          history.add(record as HistoryRecord);
          await world.happen(envelope(record));
        }
        return ended;
      },
      sleep: async () => {
        await sleep(1000);
      },
      now: Date.now,
      say: (line) => void said.push(line),
      keep: async (as, value) => void kept.set(as, redacted(value as Json, ['987654321098'])),
      stopped: () => 'no',
      isEmulated: true,
    });
  });

  afterAll(async () => {
    await deployment?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  test('goes as far as emulators go, and undoes all', () => {
    expect(result.wrong).toEqual([]);
    expect(result.stays).toEqual([]);
    expect(result.passed).toBeGreaterThan(30);
  });

  test('tells what emulators cannot do as not tried', () => {
    expect(result.notTried.map((line) => line.split(':')[0])).toEqual([
      'What the deployment will meet',
      'The deployment',
      'A trail of calls of functions',
      'It records calls of functions alone',
      'It records',
      'A call of it, which its policy refuses',
      'A call with a qualifier',
      'In it, version 1 may be started',
      'The sweep',
      'The execution succeeds',
      'The jobs of the execution',
      'CreateProcessingJob',
      'Calls of the functions',
    ]);
  });

  test('has kept records, and answers of which none is made up', () => {
    expect(kept.get('records-CreatePipeline')).toContainEqual(
      expect.objectContaining({
        requestParameters: expect.objectContaining({ pipelineName: 'pipewarden-smoke' }),
      }),
    );
    const answers = answersText(kept);
    expect(answers).toMatch(/as it was sent\?\n\n.*\n\na text of \d+ characters|"a text of \d+ characters"/);
    // moto runs no jobs.
    expect(answers.match(/^Not told\.$/gm)?.length).toBeGreaterThanOrEqual(4);
  });
});
