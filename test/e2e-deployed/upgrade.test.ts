import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { CreatePipelineCommand, SageMakerClient, UpdatePipelineCommand } from '@aws-sdk/client-sagemaker';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { cloudTrail, envelope, REGION, roleArn, sagemakerArn } from '../support/builders/events.ts';
import { FRAUD_CONFIG } from '../support/builders/fraud-config.ts';
import { definitionOf, ROLES, trainStep } from '../support/commands/cli.ts';
import { type DeployedWorld, openWorld } from '../support/emulators/deployed-world.ts';
import { type Deployment, deploy } from '../support/emulators/deployment.ts';
import { createRoles } from '../support/emulators/iam.ts';
import { physicalIds } from '../support/emulators/stacks.ts';
import { until } from '../support/emulators/until.ts';
import { describeWith } from '../support/jest/tools.ts';
import { deployVersion, PIPELINE, templateOf } from '../support/version-0.1.0/version-0.1.0.ts';

const definition = (prefix: string) => JSON.stringify(definitionOf(trainStep(prefix, 'steps/train')));
/** What must not be made anew, by its type. */
const STATEFUL =
  /^AWS::(?:DynamoDB::GlobalTable|S3::Bucket|KMS::Key|SNS::Topic|Events::EventBus|SQS::Queue|Logs::LogGroup)$/;

describeWith('MiniStack', 'version 0.1.0 with its findings, updated to this version', () => {
  let deployment: Deployment;
  let world: DeployedWorld;
  let sagemaker: SageMakerClient;
  let table: DynamoDBClient;
  const before = new Map<string, Map<string, string>>();

  beforeAll(async () => {
    deployment = await deploy(FRAUD_CONFIG, async ({ ministack, slack }) => {
      const client = {
        endpoint: ministack.endpoint,
        region: REGION,
        credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      };
      await deployVersion(client);
      for (const stack of ['PipewardenState', 'Pipewarden'])
        before.set(stack, await physicalIds(client, stack));
      // The bot of the old version has posted a message about the finding, and has noted which.
      const posted = await fetch(`${slack.apiUrl}chat.postMessage`, {
        method: 'POST',
        headers: { authorization: `Bearer ${slack.token}` },
        body: new URLSearchParams({ channel: 'C0ALERTS', text: `opened: ${PIPELINE}` }),
      });
      expect(await posted.json()).toMatchObject({ ok: true, ts: '1795000001.000001' });
    });
    world = await openWorld(deployment);
    sagemaker = new SageMakerClient({ ...world.client, endpoint: deployment.moto.endpoint });
    table = new DynamoDBClient(world.client);
    await createRoles(deployment.moto.endpoint, ROLES);
    await sagemaker.send(
      new CreatePipelineCommand({
        PipelineName: PIPELINE,
        PipelineDefinition: definition('other'),
        RoleArn: roleArn('pipelines/fraud'),
        ClientRequestToken: 'a'.repeat(32),
      }),
    );
  });
  afterAll(async () => {
    sagemaker?.destroy();
    table?.destroy();
    await deployment?.stop();
  });

  const updated = () => envelope(cloudTrail('UpdatePipeline', { pipelineName: PIPELINE }));
  type State = { observedAt: string; open: { firstObservedAt: string }[]; undelivered: unknown[] };
  const state = async (): Promise<State> => {
    const { Item } = await table.send(
      new GetItemCommand({
        TableName: deployment.outputs.PipewardenState?.FindingsTable,
        Key: { pk: { S: `resource#${sagemakerArn(`pipeline/${PIPELINE}`)}` }, sk: { S: 'state' } },
      }),
    );
    return JSON.parse(Item?.state?.S ?? '{}');
  };

  test('what holds data is the same', async () => {
    for (const stack of ['PipewardenState', 'Pipewarden'] as const) {
      const after = await physicalIds(world.client, stack);
      const ids = Object.entries(templateOf(stack).Resources).flatMap(([id, { Type }]) =>
        STATEFUL.test(Type) ? [id] : [],
      );
      expect(ids.length).toBeGreaterThan(5);
      for (const id of ids) expect([id, after.get(id)]).toEqual([id, before.get(stack)?.get(id)]);
    }
  });

  test('nobody is told again of a finding that was told before, and everybody once when it is mended', async () => {
    const { open, observedAt } = await state();
    expect(open).toHaveLength(1);
    await world.happen(updated());
    // This version words the finding otherwise, which is a change, and no alert.
    const looked = await until(state, (now) => now.observedAt > observedAt && now.undelivered.length === 0);
    expect(looked).toMatchObject({ open: [{ firstObservedAt: open[0]?.firstObservedAt }] });

    await sagemaker.send(
      new UpdatePipelineCommand({ PipelineName: PIPELINE, PipelineDefinition: definition('fraud-train') }),
    );
    await world.happen(updated());
    const about = async () => (await world.alerts()).filter(({ Subject }) => Subject.includes(PIPELINE));
    await until(about, (alerts) => alerts.length > 0);
    await until(state, (now) => now.open.length === 0 && now.undelivered.length === 0);
    expect((await about()).map(({ MessageAttributes }) => MessageAttributes.status?.Value)).toEqual([
      'RESOLVED',
    ]);
    const onBus = (await world.busEvents())
      .filter(({ detail }) => JSON.stringify(detail.resource).includes(PIPELINE))
      .map((event) => event['detail-type']);
    expect(onBus).toEqual(['Pipewarden Finding Changed', 'Pipewarden Finding Resolved']);
    const inSlack = deployment.slack.messages().filter(({ text }) => text.includes(PIPELINE));
    // The message of the old version is rewritten, and no other is posted.
    expect(inSlack).toMatchObject([{ ts: '1795000001.000001' }]);
    const inHub = [...deployment.securityHub.findings().values()].filter(
      ({ GeneratorId, Resources }) =>
        GeneratorId === 'pipewarden/pipeline-job-prefix' && JSON.stringify(Resources).includes(PIPELINE),
    );
    expect(inHub).toMatchObject([{ RecordState: 'ARCHIVED', Compliance: { Status: 'PASSED' } }]);
  });
});
