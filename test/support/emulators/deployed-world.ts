import {
  EventBridgeClient,
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import { SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, type Message, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { ACCOUNT, REGION } from '../builders/events.ts';
import { type Deployment, SOURCE_PREFIX } from './deployment.ts';
import type { Notification } from './sqs.ts';

export type BusEvent = { source: string; 'detail-type': string; detail: Record<string, unknown> };

/** What a customer of the deployed system can do and see. */
export type DeployedWorld = {
  /** For clients of the tests' own. */
  client: { endpoint: string; region: string; credentials: { accessKeyId: string; secretAccessKey: string } };
  /** Puts an event, as `envelope` makes it, on the default bus. */
  happen(event: Record<string, unknown>): Promise<void>;
  /** All messages of the alert topic to its subscriber. */
  alerts(): Promise<readonly Notification[]>;
  /** All events of the findings bus that its other listeners received. */
  busEvents(): Promise<readonly BusEvent[]>;
  /** All dead letters of the request queue. */
  deadLetters(): Promise<readonly Message[]>;
  /** Calls a service that speaks JSON and for which the project has no client. */
  call(service: string, target: string, input: object): Promise<Record<string, unknown>>;
};

export const openWorld = async ({ ministack, outputs }: Deployment): Promise<DeployedWorld> => {
  const client = {
    endpoint: ministack.endpoint,
    region: REGION,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  };
  const sqs = new SQSClient(client);
  const bridge = new EventBridgeClient(client);
  const queue = async (QueueName: string): Promise<{ arn: string; url: string }> => {
    const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName }));
    return { arn: `arn:aws:sqs:${REGION}:${ACCOUNT}:${QueueName}`, url: QueueUrl };
  };
  const heard = async (url: string, into: Message[]): Promise<Message[]> => {
    const input = { QueueUrl: url, MaxNumberOfMessages: 10, MessageAttributeNames: ['All'] };
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand(input));
    into.push(...Messages);
    return into;
  };

  const alerts = await queue('alerts-subscriber');
  const TopicArn = outputs.PipewardenState?.AlertTopicArn;
  await new SNSClient(client).send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: alerts.arn }));
  const events = await queue('findings-listener');
  const rule = { EventBusName: outputs.PipewardenState?.EventBusName, Name: 'listen' };
  const EventPattern = JSON.stringify({ source: ['pipewarden'] });
  await bridge.send(new PutRuleCommand({ ...rule, EventPattern }));
  const { EventBusName, Name: Rule } = rule;
  await bridge.send(
    new PutTargetsCommand({ EventBusName, Rule, Targets: [{ Id: 'queue', Arn: events.arn }] }),
  );
  const seen = { alerts: [] as Message[], events: [] as Message[], deadLetters: [] as Message[] };
  const bodies = <T>(messages: readonly Message[]): T[] =>
    messages.map(({ Body = '' }) => JSON.parse(Body) as T);

  return {
    client,
    happen: async (event) => {
      const { FailedEntryCount, Entries } = await bridge.send(
        new PutEventsCommand({
          Entries: [
            {
              Source: `${SOURCE_PREFIX}${event.source}`,
              DetailType: String(event['detail-type']),
              Detail: JSON.stringify(event.detail),
            },
          ],
        }),
      );
      if (FailedEntryCount !== 0) throw new Error(`PutEvents: ${JSON.stringify(Entries)}`);
    },
    alerts: async () => bodies<Notification>(await heard(alerts.url, seen.alerts)),
    busEvents: async () => bodies<BusEvent>(await heard(events.url, seen.events)),
    deadLetters: () => heard(outputs.Pipewarden?.DeadLetterQueueUrl ?? '', seen.deadLetters),
    call: async (service, target, input) => {
      const response = await fetch(ministack.endpoint, {
        method: 'POST',
        headers: {
          'content-type': 'application/x-amz-json-1.0',
          'x-amz-target': target,
          authorization: `AWS4-HMAC-SHA256 Credential=test/20261124/${REGION}/${service}/aws4_request`,
        },
        body: JSON.stringify(input),
      });
      const text = await response.text();
      if (!response.ok) throw new Error(`${target}: ${response.status} ${text}`);
      return JSON.parse(text) as Record<string, unknown>;
    },
  };
};
