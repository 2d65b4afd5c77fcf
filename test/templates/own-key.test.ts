import { afterAll, describe, expect, test } from '@jest/globals';
import { Template } from 'aws-cdk-lib/assertions';
import type { Settings } from '../../infra/settings.ts';
import { ACCOUNT, deployables, deployment, REGION, settingsFor } from '../support/templates/synthesised.ts';

const files = deployables();
afterAll(files.remove);

const keyArn = `arn:aws:kms:${REGION}:444455556666:key/1234abcd-12ab-34cd-56ef-1234567890ab`;
const alertTopicArn = `arn:aws:sns:${REGION}:${ACCOUNT}:alerts`;

const templates = (over: Partial<Settings>) => {
  const made = deployment(settingsFor(files, over));
  return {
    app: made.app,
    state: Template.fromStack(made.state.stack),
    main: Template.fromStack(made.pipewarden),
    forwarders: [...made.forwarding.values()].map((stack) => Template.fromStack(stack)),
  };
};
const plain = templates({});
const both = templates({ keyArn, alertTopicArn });
const keyAlone = templates({ keyArn });
const topicAlone = templates({ alertTopicArn });

const propertiesOf = (template: Template, type: string) =>
  Object.values(template.findResources(type)).map(({ Properties }) => Properties ?? {});
const keyStatements = ({ main }: { main: Template }) =>
  propertiesOf(main, 'AWS::IAM::Role')
    .flatMap(
      ({ Policies }) => Policies[0].PolicyDocument.Statement as { Action: string; Resource: unknown }[],
    )
    .filter(({ Action }) => String(Action).includes('kms:Decrypt'));

describe('a key of the organization’s', () => {
  test('is in the place of the one that is made, wherever that is used', () => {
    expect(propertiesOf(both.state, 'AWS::KMS::Key')).toEqual([]);
    expect(both.state.findOutputs('DataKeyArn')).toEqual({});
    const uses = (template: Template) => JSON.stringify(template.toJSON()).split(keyArn).length - 1;
    // The table, and two buckets; the third bucket takes no key.
    expect(uses(both.state)).toBe(3);
    for (const log of propertiesOf(both.main, 'AWS::Logs::LogGroup')) expect(log.KmsKeyId).toBe(keyArn);
    expect(JSON.stringify(both.main.toJSON())).not.toContain('DataKeyArn');
    both.main.hasOutput('KeyArn', { Value: keyArn });
  });

  test('is what the roles may use, as they may use the one that is made', () => {
    expect(keyStatements(keyAlone).map(({ Resource }) => Resource)).toEqual(
      keyStatements(plain).map(() => keyArn),
    );
  });

  test('encrypts the topic that is made', () => {
    expect(propertiesOf(keyAlone.state, 'AWS::SNS::Topic')).toEqual([
      expect.objectContaining({ KmsMasterKeyId: keyArn }),
    ]);
  });
});

describe('the key of the alert topic', () => {
  const keysOf = ({ state }: { state: Template }) =>
    Object.entries(state.findResources('AWS::KMS::Key')).map(([id, { Properties }]) => ({
      id,
      ...Properties,
    }));

  test('is another one than that of the data, so that an alarm about that key reaches people', () => {
    const [data, alerts, ...others] = keysOf(plain);
    expect([data?.id, alerts?.id, others]).toEqual([
      expect.stringMatching(/^DataKey/),
      expect.stringMatching(/^AlertKey/),
      [],
    ]);
    expect(propertiesOf(plain.state, 'AWS::SNS::Topic')).toEqual([
      expect.objectContaining({ KmsMasterKeyId: { 'Fn::GetAtt': [alerts?.id, 'Arn'] } }),
    ]);
    const uses = (id: string) =>
      Object.entries(plain.state.toJSON().Resources as Record<string, { Properties?: object }>).flatMap(
        ([user, { Properties = {} }]) => (JSON.stringify(Properties).includes(`"${id}"`) ? [user] : []),
      );
    expect(uses(alerts?.id ?? '')).toEqual([expect.stringMatching(/^Alerts/)]);
    expect(uses(data?.id ?? '')).toHaveLength(3);
  });

  test('alone lets alarms use it', () => {
    const lets = (key: object | undefined) => JSON.stringify(key).includes('cloudwatch.amazonaws.com');
    expect(keysOf(plain).map(lets)).toEqual([false, true]);
  });

  test('is not made where all is to have one key, or the topic is another’s', () => {
    expect([keyAlone, both].map(keysOf)).toEqual([[], []]);
    expect(keysOf(topicAlone).map(({ id }) => id)).toEqual([expect.stringMatching(/^DataKey/)]);
  });
});

describe('a topic of the organization’s', () => {
  test('is in the place of the one that is made, for alarms and functions', () => {
    for (const { state, main } of [both, topicAlone]) {
      expect(propertiesOf(state, 'AWS::SNS::Topic')).toEqual([]);
      for (const { AlarmActions } of propertiesOf(main, 'AWS::CloudWatch::Alarm'))
        expect(AlarmActions).toEqual([alertTopicArn]);
      const told = propertiesOf(main, 'AWS::Lambda::Function').flatMap(
        ({ Environment }) => Environment.Variables.ALERT_TOPIC_ARN ?? [],
      );
      expect(told).toEqual([alertTopicArn, alertTopicArn]);
      main.hasOutput('AlertTopicArn', { Value: alertTopicArn });
      expect(JSON.stringify(main.toJSON())).not.toContain('PipewardenState-AlertTopicArn');
    }
  });

  test('is of the home Region: where events are forwarded, alarms tell a topic there', () => {
    for (const forwarder of both.forwarders)
      expect(propertiesOf(forwarder, 'AWS::SNS::Topic')).toHaveLength(1);
  });

  test('gives no right over a key for it, unless all is to have the same key', () => {
    const viaTopic = ({ main }: { main: Template }) =>
      JSON.stringify(main.toJSON()).match(/"kms:ViaService":\{"Fn::Join":\["",\["sns\./g)?.length ?? 0;
    expect([plain, keyAlone, both, topicAlone].map(viaTopic)).toEqual([2, 2, 2, 0]);
  });
});

test.each([both, keyAlone, topicAlone])('cdk-nag has no complaint about them (%#)', ({ app }) => {
  expect(() => app.synth()).not.toThrow();
});
