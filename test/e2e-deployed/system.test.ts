import { randomUUID } from 'node:crypto';
import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { CreatePipelineCommand, SageMakerClient, UpdatePipelineCommand } from '@aws-sdk/client-sagemaker';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { parseResults } from '../../shared/outputs/formats/results-schema.ts';
import { cloudTrail, envelope, REGION, roleArn, sagemakerArn } from '../support/builders/events.ts';
import { FRAUD_CONFIG } from '../support/builders/fraud-config.ts';
import { definitionOf, ROLES, trainStep } from '../support/commands/cli.ts';
import { type DeployedWorld, openWorld } from '../support/emulators/deployed-world.ts';
import { type Deployment, deploy } from '../support/emulators/deployment.ts';
import { answers, heartbeatRules, sendSoon } from '../support/emulators/heartbeats.ts';
import { createRoles } from '../support/emulators/iam.ts';
import { runSchedule } from '../support/emulators/schedule.ts';
import { runSweep } from '../support/emulators/sweep.ts';
import { makeTrail } from '../support/emulators/trail.ts';
import { until as waitUntil } from '../support/emulators/until.ts';
import { describeWith } from '../support/jest/tools.ts';
import type { StoredFinding } from '../support/standins/security-hub.ts';

/** Enough for the last runs of all functions. */
const LOG_LINES = 300;
const CLEAN = JSON.stringify(definitionOf(trainStep('fraud-train', 'steps/train')));
const WRONG_PREFIX = JSON.stringify(definitionOf(trainStep('other', 'steps/train')));

describeWith('MiniStack', 'the system, deployed by the CDK', () => {
  let deployment: Deployment;
  let world: DeployedWorld;
  let sagemaker: SageMakerClient;
  let s3: S3Client;

  beforeAll(async () => {
    deployment = await deploy(FRAUD_CONFIG);
    world = await openWorld(deployment);
    const inMoto = { ...world.client, endpoint: deployment.moto.endpoint };
    sagemaker = new SageMakerClient(inMoto);
    s3 = new S3Client({ ...world.client, forcePathStyle: true });
    await createRoles(deployment.moto.endpoint, ROLES);
    const logs = { Bucket: 'trail', CreateBucketConfiguration: { LocationConstraint: REGION } } as const;
    await new S3Client({ ...inMoto, forcePathStyle: true }).send(new CreateBucketCommand(logs));
    await makeTrail(new CloudTrailClient(inMoto), logs.Bucket);
  });

  afterAll(() => deployment?.stop());

  /** What the functions wrote tells why something never came. */
  const until = <T>(read: () => Promise<T> | T, isWanted: (value: T) => boolean): Promise<T> =>
    waitUntil(read, isWanted).catch((error: unknown) => {
      const log = deployment.ministack.log().slice(-LOG_LINES).join('\n');
      throw new Error(`${String(error)}\nThe last lines of MiniStack and the functions:\n${log}`, {
        cause: error,
      });
    });

  const createPipeline = async (definition: string): Promise<string> => {
    const name = `fraud-${randomUUID().slice(0, 8)}`;
    await sagemaker.send(
      new CreatePipelineCommand({
        PipelineName: name,
        PipelineDefinition: definition,
        RoleArn: roleArn('pipelines/fraud'),
        ClientRequestToken: randomUUID(),
      }),
    );
    return name;
  };
  const updated = (pipelineName: string) => envelope(cloudTrail('UpdatePipeline', { pipelineName }));
  const imported = (name: string) =>
    [...deployment.securityHub.findings().values()].filter((finding) => isAbout(finding, name)).map(summary);

  test('a wrong prefix becomes a finding, an alert and an event, and all receivers are told when it is mended', async () => {
    const name = await createPipeline(WRONG_PREFIX);
    await world.happen(updated(name));
    expect(await until(() => imported(name), notEmpty)).toEqual([
      { control: 'pipeline-job-prefix', status: 'FAILED', state: 'ACTIVE' },
    ]);
    const about = async () => (await world.alerts()).filter(({ Subject }) => Subject.includes(name));
    expect(await until(about, notEmpty)).toEqual([
      expect.objectContaining({
        MessageAttributes: expect.objectContaining({ severity: { Type: 'String', Value: 'HIGH' } }),
      }),
    ]);
    const inSlack = () => deployment.slack.messages().filter(({ text }) => text.includes(name));
    expect(await until(inSlack, notEmpty)).toMatchObject([{ channel: 'C0ALERTS', updates: 0 }]);
    const told = async () =>
      (await world.busEvents())
        .filter(({ detail }) => (detail.resource as { arn: string }).arn === sagemakerArn(`pipeline/${name}`))
        .map((event) => [event.source, event['detail-type'], event.detail.control, event.detail.region]);
    const opened = ['pipewarden', 'Pipewarden Finding Opened', 'pipeline-job-prefix', REGION];
    expect(await until(told, notEmpty)).toEqual([opened]);

    await sagemaker.send(new UpdatePipelineCommand({ PipelineName: name, PipelineDefinition: CLEAN }));
    await world.happen(updated(name));
    const isMended = (findings: ReturnType<typeof imported>) =>
      findings.every(({ state }) => state === 'ARCHIVED');
    expect(await until(() => imported(name), isMended)).toEqual([
      { control: 'pipeline-job-prefix', status: 'PASSED', state: 'ARCHIVED' },
    ]);
    const resolved = opened.with(1, 'Pipewarden Finding Resolved');
    expect(await until(told, (events) => events.length > 1)).toEqual([opened, resolved]);
    const isRewritten = (messages: ReturnType<typeof inSlack>) =>
      messages.every(({ updates }) => updates > 0);
    expect(await until(inSlack, isRewritten)).toMatchObject([{ updates: 1 }]);
    expect(deployment.slack.requests().flatMap(({ faults }) => faults)).toEqual([]);
    expect(deployment.securityHub.ignoredUpdates()).toBe(0);
  });

  test('an unreadable event ends among the dead letters, with the reason', async () => {
    const record = cloudTrail('UpdatePipeline', { pipeline: 'unnamed' });
    await world.happen(envelope(record));
    const mine = async () =>
      (await world.deadLetters()).filter(({ Body = '' }) => Body.includes(String(record.eventID)));
    const [letter] = await until(mine, notEmpty);
    expect(letter?.MessageAttributes?.Reason?.StringValue).toEqual(expect.stringContaining('not understood'));
  });

  test('a sweep finds what no event reported', async () => {
    const name = await createPipeline(WRONG_PREFIX);
    expect(await runSweep(world, deployment.outputs.Pipewarden?.SweepMachineArn ?? '')).toBe('SUCCEEDED');
    expect(await until(() => imported(name), notEmpty)).toEqual([
      { control: 'pipeline-job-prefix', status: 'FAILED', state: 'ACTIVE' },
    ]);
  });

  test('the schedule of the report makes one, and the topic tells where it is', async () => {
    const name = await createPipeline(WRONG_PREFIX);
    await world.happen(updated(name));
    await until(() => imported(name), notEmpty);
    await runSchedule(world, 'ReportSchedule');
    const Bucket = deployment.outputs.PipewardenState?.ReportBucket;
    const keys = async () =>
      ((await s3.send(new ListObjectsV2Command({ Bucket }))).Contents ?? []).map(({ Key = '' }) => Key);
    const written = await until(keys, (all) => all.includes('reports/latest.json'));
    expect(written).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^reports\/\d{4}\/\d\d\/\d\dT\d{4}\/results\.json$/),
        expect.stringMatching(/^reports\/\d{4}\/\d\d\/\d\dT\d{4}\/report\.html$/),
      ]),
    );
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: 'reports/latest.json' }));
    const results = parseResults(JSON.parse((await Body?.transformToString()) ?? ''));
    expect(results.ok && results.results.findings.map(({ resource }) => resource.arn)).toEqual(
      expect.arrayContaining([sagemakerArn(`pipeline/${name}`)]),
    );
    const report = async () =>
      (await world.alerts()).filter(({ Message }) => Message.includes('report.html'));
    expect(await until(report, notEmpty)).toHaveLength(1);
  });

  test('a heartbeat of all rules comes through the whole path and is answered, but not without that of each', async () => {
    const [first, ...others] = await heartbeatRules(world);
    if (!first) throw new Error('no rule sends heartbeats');
    for (const rule of others) await sendSoon(world, rule);
    const isMissing = (line: string) => line.includes('not complete') && line.includes(first.Name);
    await until(() => deployment.ministack.log().filter(isMissing), notEmpty);
    expect(await answers(world)).toEqual([]);
    await sendSoon(world, first);
    expect(await until(() => answers(world), notEmpty)).toContainEqual({
      at: expect.stringMatching(/^20\d\d-/),
    });
  });
});

const notEmpty = (list: readonly unknown[]): boolean => list.length > 0;

const isAbout = ({ Resources }: StoredFinding, name: string): boolean =>
  (Resources as { Id: string }[]).some(({ Id }) => Id === sagemakerArn(`pipeline/${name}`));

const summary = (finding: StoredFinding) => ({
  control: String(finding.GeneratorId).replace('pipewarden/', ''),
  status: (finding.Compliance as { Status: string }).Status,
  state: finding.RecordState,
});
