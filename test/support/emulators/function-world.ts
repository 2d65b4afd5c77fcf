import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  CreateEventBusCommand,
  EventBridgeClient,
  PutRuleCommand,
  PutTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { ACCOUNT, REGION } from '../builders/events.ts';
import { type Lambda, startLambda } from '../lambda/lambda.ts';
import { type CountingProxy, startCountingProxy } from './counting-proxy.ts';
import { createFindingsTable, streamOf } from './findings-table.ts';
import { startMoto } from './moto-server.ts';
import { type Notification, subscriber } from './sqs.ts';

/** The functions' environment in moto, and everything that they send out. */
export type FunctionWorld = {
  endpoint: string;
  proxy: CountingProxy;
  /** For clients of the tests' own. */
  client: { endpoint: string; region: string; credentials: { accessKeyId: string; secretAccessKey: string } };
  /** Starts the bundled function. Security Hub runs elsewhere, because moto only pretends to have it. */
  start(name: string, securityHubUrl: string, more?: Record<string, string>): Lambda;
  /** Puts another configuration in the place of the present one. */
  configure(config: object): Promise<void>;
  /** Passes the new records of the table to the deliverer. */
  deliverNews(deliverer: Lambda): Promise<object>;
  alerts(): Promise<Notification[]>;
  /** The events on the bus since the last call. */
  events(): Promise<{ 'detail-type': string; detail: Record<string, unknown> }[]>;
  /** The number of messages in the retry queue, including delayed ones. */
  retries(): Promise<number>;
  stop(): Promise<void>;
};

const TABLE = 'findings';
const BUCKET = 'assets';
const KEY = 'pipewarden.json';
const BUS = 'pipewarden';

/** Environment variables that all functions share. */
const COMMON = {
  AWS_REGION: REGION,
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  FINDINGS_TABLE: TABLE,
  CONFIG_BUCKET: BUCKET,
  CONFIG_KEY: KEY,
  POWERTOOLS_SERVICE_NAME: 'pipewarden',
  POWERTOOLS_METRICS_NAMESPACE: 'Pipewarden',
};

/** Makes the tables and the configuration of a deployment, and returns the environment of its functions. */
export const createState = async (
  client: FunctionWorld['client'],
  config: object,
): Promise<Record<string, string>> => {
  const dynamodb = new DynamoDBClient(client);
  await createFindingsTable(dynamodb, TABLE);
  const s3 = new S3Client({ ...client, forcePathStyle: true });
  const CreateBucketConfiguration = { LocationConstraint: REGION } as const;
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET, CreateBucketConfiguration }));
  for (const each of [dynamodb, s3]) each.destroy();
  await configure(client, config);
  return COMMON;
};

const configure = async (client: FunctionWorld['client'], config: object): Promise<void> => {
  const s3 = new S3Client({ ...client, forcePathStyle: true });
  await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: KEY, Body: JSON.stringify(config) }));
  s3.destroy();
};

export const startFunctionWorld = async (config: object): Promise<FunctionWorld> => {
  const moto = await startMoto({ account: ACCOUNT });
  const proxy = await startCountingProxy(moto.endpoint);
  const client = {
    endpoint: moto.endpoint,
    region: REGION,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  };
  const common = await createState(client, config);
  const dynamodb = new DynamoDBClient(client);

  const sns = new SNSClient(client);
  const { TopicArn = '' } = await sns.send(new CreateTopicCommand({ Name: 'alerts' }));
  const queues = subscriber(moto.endpoint, REGION, sns);
  const alertsUrl = await queues.subscribe(TopicArn, 'alerts');

  const sqs = new SQSClient(client);
  const { QueueUrl: retriesUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: 'retries' }));
  const { QueueUrl: eventsUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: 'events' }));
  const bridge = new EventBridgeClient(client);
  await bridge.send(new CreateEventBusCommand({ Name: BUS }));
  const EventPattern = JSON.stringify({ source: ['pipewarden'] });
  await bridge.send(new PutRuleCommand({ Name: 'all', EventBusName: BUS, EventPattern }));
  const target = { Id: 'queue', Arn: `arn:aws:sqs:${REGION}:${ACCOUNT}:events` };
  await bridge.send(new PutTargetsCommand({ Rule: 'all', EventBusName: BUS, Targets: [target] }));

  const news = streamOf(dynamodb, TABLE);
  return {
    endpoint: moto.endpoint,
    proxy,
    client,
    start: (name, securityHubUrl, more = {}) =>
      startLambda(name, `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${name}`, {
        ...common,
        AWS_ENDPOINT_URL: proxy.endpoint,
        AWS_ENDPOINT_URL_SECURITYHUB: securityHubUrl,
        ALERT_TOPIC_ARN: TopicArn,
        EVENT_BUS_NAME: BUS,
        DELIVERY_RETRIES_URL: retriesUrl,
        ...more,
      }),
    configure: (next) => configure(client, next),
    deliverNews: async (deliverer) => deliverer.invoke({ Records: await news() }),
    alerts: () => queues.receive(alertsUrl),
    events: async () => {
      const input = { QueueUrl: eventsUrl, MaxNumberOfMessages: 10 };
      const { Messages = [] } = await sqs.send(new ReceiveMessageCommand(input));
      return Messages.map(({ Body = '' }) => JSON.parse(Body));
    },
    retries: async () => {
      const { Attributes } = await sqs.send(
        new GetQueueAttributesCommand({ QueueUrl: retriesUrl, AttributeNames: ['All'] }),
      );
      const { ApproximateNumberOfMessages, ApproximateNumberOfMessagesDelayed } = Attributes ?? {};
      return Number(ApproximateNumberOfMessages) + Number(ApproximateNumberOfMessagesDelayed);
    },
    stop: async () => {
      for (const each of [dynamodb, sns, sqs, bridge]) each.destroy();
      await proxy.stop();
      await moto.stop();
    },
  };
};
