import { CreateEventBusCommand, EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { CreateTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { ACCOUNT, REGION } from '../support/builders/events.ts';
import { startDynamodbLocal } from '../support/emulators/dynamodb-local.ts';
import { startMoto } from '../support/emulators/moto-server.ts';
import { CONFIG } from './account.ts';
import { type LiveAccounts, makeAccounts } from './account-in-moto.ts';

/** Shared by all runs: the accounts in moto, and a DynamoDB Local. */
export type World = {
  moto: string;
  dynamodb: string;
  accounts: LiveAccounts;
  /** The text of an object that a sweep has written. */
  readSwept(key: string): Promise<string>;
  topicArn: string;
  /** Stores a configuration by which a process reaches Slack through its own gateway, and returns its key. */
  configFor(slack: { token: string; apiUrl: string }): Promise<string>;
  stop(): Promise<void>;
};

const CREDENTIALS = { accessKeyId: 'test', secretAccessKey: 'test' };

export const clientFor = (endpoint: string) => ({ endpoint, region: REGION, credentials: CREDENTIALS });

/** The bucket with the functions' configurations, and that with the lists of sweeps. */
export const ASSETS = 'assets';
export const SWEEPS = 'sweeps';
export const BUS = 'pipewarden';
/** So little that the listing of each account has several pages. */
const IAM_PAGE = 2;

export const startWorld = async (events: number): Promise<World> => {
  const [moto, dynamodb] = await Promise.all([
    startMoto({ account: ACCOUNT, iamPage: IAM_PAGE }),
    startDynamodbLocal(),
  ]);
  const client = clientFor(moto.endpoint);
  const s3 = new S3Client({ ...client, forcePathStyle: true });
  const sns = new SNSClient(client);
  const bridge = new EventBridgeClient(client);
  const secrets = new SecretsManagerClient(client);
  const CreateBucketConfiguration = { LocationConstraint: REGION } as const;
  for (const name of [ASSETS, SWEEPS])
    await s3.send(new CreateBucketCommand({ Bucket: name, CreateBucketConfiguration }));
  const { TopicArn = '' } = await sns.send(new CreateTopicCommand({ Name: 'alerts' }));
  await bridge.send(new CreateEventBusCommand({ Name: BUS }));
  const accounts = await makeAccounts(client, events);
  let made = 0;
  return {
    moto: moto.endpoint,
    dynamodb: dynamodb.endpoint,
    accounts,
    readSwept: async (Key) => {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: SWEEPS, Key }));
      return (await Body?.transformToString()) ?? '';
    },
    topicArn: TopicArn,
    configFor: async (slack) => {
      const SecretString = JSON.stringify({ ...slack, channel: 'C0ALERTS' });
      const Name = `slack-${made++}`;
      const { ARN: secret } = await secrets.send(new CreateSecretCommand({ Name, SecretString }));
      const Body = JSON.stringify({ ...CONFIG, alerts: { slack: { secret } } });
      const Key = `${Name}.json`;
      await s3.send(new PutObjectCommand({ Bucket: ASSETS, Key, Body }));
      return Key;
    },
    stop: async () => {
      accounts.stop();
      for (const each of [s3, sns, bridge, secrets]) each.destroy();
      await Promise.all([moto.stop(), dynamodb.stop()]);
    },
  };
};
