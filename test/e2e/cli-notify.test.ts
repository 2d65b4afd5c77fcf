import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { CreateTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { inFolder, run } from '../support/commands/cli.ts';
import { startMoto } from '../support/emulators/moto-server.ts';
import { describeWith } from '../support/jest/tools.ts';
import { type SlackStandIn, startSlack } from '../support/standins/slack.ts';

const REGION = 'eu-west-1';

describeWith('moto', 'pipewarden notify --test', () => {
  let moto: Awaited<ReturnType<typeof startMoto>>;
  let slack: SlackStandIn;
  let topicArn: string;
  let webhookSecret: string;
  let botSecret: string;

  beforeAll(async () => {
    [moto, slack] = await Promise.all([startMoto({ account: '111122223333' }), startSlack()]);
    const options = {
      endpoint: moto.endpoint,
      region: REGION,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    };
    const [sns, secrets, ssm] = [
      new SNSClient(options),
      new SecretsManagerClient(options),
      new SSMClient(options),
    ];
    topicArn = (await sns.send(new CreateTopicCommand({ Name: 'alerts' }))).TopicArn ?? '';
    const SecretString = slack.webhookUrl;
    webhookSecret =
      (await secrets.send(new CreateSecretCommand({ Name: 'pipewarden/slack', SecretString }))).ARN ?? '';
    const Value = JSON.stringify({ token: slack.token, channel: 'C0OTHER', apiUrl: slack.apiUrl });
    await ssm.send(new PutParameterCommand({ Name: '/pipewarden/slack', Type: 'SecureString', Value }));
    const read = await ssm.send(new GetParameterCommand({ Name: '/pipewarden/slack' }));
    botSecret = read.Parameter?.ARN ?? '';
    for (const client of [sns, secrets, ssm]) client.destroy();
  });

  afterAll(async () => {
    await slack?.stop();
    await moto?.stop();
  });

  const notify = (config: object, ...args: string[]) =>
    inFolder({ 'pipewarden.yaml': config }, (cwd) =>
      run(['notify', '--test', ...args], {
        cwd,
        env: {
          AWS_ENDPOINT_URL: moto.endpoint,
          AWS_REGION: REGION,
          AWS_ACCESS_KEY_ID: 'test',
          AWS_SECRET_ACCESS_KEY: 'test',
        },
      }),
    );

  test('every channel gets a test alert, whatever alerts it is for and at any hour', async () => {
    const quietHours = { from: '00:00', to: '23:59', timezone: 'UTC' };
    const routes = [{ match: { prefix: 'fraud', severity: 'critical' }, slack: { secret: botSecret } }];
    const alerts = { slack: { secret: webhookSecret }, routes, quietHours, chatbotTopicArn: topicArn };
    const { status, stdout, stderr } = await notify({ version: 1, alerts }, '--topic', topicArn);
    expect({ status, stdout, stderr }).toEqual({
      status: 0,
      stdout: `Slack: delivered\nSlack ${botSecret}: delivered\nSNS: delivered\nAmazon Q: delivered\n`,
      stderr: 'configuration: pipewarden.yaml\n',
    });
    expect(
      slack
        .messages()
        .map(({ channel }) => channel)
        .toSorted(),
    ).toEqual(['C0ALERTS', 'C0OTHER']);
    expect(slack.messages()[0]?.text).toContain('This is a test: alerts of Pipewarden arrive here');
  });

  test('notify says for each channel why it refused, and shows no secret', async () => {
    const gone = webhookSecret.replace('secret:pipewarden', 'secret:nowhere');
    slack.refuseNext('channel_is_archived');
    const routes = [{ match: {}, slack: { secret: gone } }];
    const { status, stdout } = await notify({
      version: 1,
      alerts: { slack: { secret: webhookSecret }, routes },
    });
    expect(status).toBe(1);
    expect(stdout.split('\n')).toEqual([
      'Slack: not delivered: channel_is_archived: Slack did not take the message: channel_is_archived',
      expect.stringMatching(/^Slack arn:aws:secretsmanager:\S+: not delivered: GetParameterError: /),
      '',
    ]);
    expect(stdout).not.toContain(slack.webhookUrl);
  });

  test.each([
    ['--topic', 'alerts', 'a topic; expected arn:aws:sns:'],
    ['--topic', 'arn:aws:sqs:eu-west-1:111122223333:alerts', 'a topic'],
    ['--slack-secret', 'pipewarden/slack', 'a secret; expected arn:aws:secretsmanager:'],
  ])('an option that is not an ARN is refused: %s %s', async (option, value, expected) => {
    const { status, stdout, stderr } = await notify({ version: 1 }, option, value);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(`pipewarden: ${option} ${value}: is not the ARN of ${expected}`);
  });

  test('without a channel, notify has nothing to test', async () => {
    expect(await notify({ version: 1 })).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('no channel to try: give --topic or --slack-secret'),
    });
  });
});
