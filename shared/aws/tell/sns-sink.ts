import { PublishCommand, type PublishCommandInput, SNSClient } from '@aws-sdk/client-sns';
import { parseArn } from '../../domain/arn.ts';
import type { Scope } from '../../domain/scope.ts';
import { type DeliveryFailure, failAll, type Sink } from '../../findings/sink.ts';
import { alertGroups, composeAlert } from '../../outputs/messages/alert.ts';
import { amazonQNotification } from '../../outputs/messages/amazon-q.ts';
import { type ClientOptions, clientConfig } from '../read/clients.ts';
import { namingActions } from '../read/naming-actions.ts';
import { type AlertOptions, alertSink } from './alert-sink.ts';

type Options = AlertOptions & { client: SNSClient; topicArn: string; scope: Scope };
type ConnectOptions = Omit<Options, 'client'> & { clientOptions?: ClientOptions };

export const connectSns = ({ clientOptions, ...options }: ConnectOptions): Sink =>
  snsSink({ ...options, client: clientOf(options.topicArn, clientOptions) });

export const connectAmazonQ = ({ clientOptions, ...options }: ConnectOptions): Sink =>
  amazonQSink({ ...options, client: clientOf(options.topicArn, clientOptions) });

const clientOf = (topicArn: string, options: ClientOptions = {}): SNSClient => {
  const region = parseArn(topicArn)?.region;
  return namingActions('sns', new SNSClient(clientConfig({ ...options, ...(region ? { region } : {}) })));
};

/**
 * An SNS topic (not FIFO) as a sink: one message for each resource with findings that opened, returned or ended. A
 * refused message stops no other one. `deliver` then rejects with a `DeliveryError` that names the findings of that
 * message.
 */
export const snsSink = ({ client, topicArn, scope, ...options }: Options): Sink =>
  alertSink(options, async (alerts, arrived) => {
    const byId = new Map(alerts.map((alert) => [alert.finding.id, alert]));
    const failures: DeliveryFailure[] = [];
    for (const group of alertGroups(alerts)) {
      const ids = group.findings.map(({ id }) => id);
      const { subject, message, attributes } = composeAlert(group, scope);
      const input = {
        TopicArn: topicArn,
        Subject: subject,
        Message: message,
        MessageStructure: 'json',
        MessageAttributes: attributes,
      };
      failures.push(...(await publish(client, input, ids)));
      if (!failures.some(({ id }) => ids.includes(id)))
        await arrived(ids.flatMap((id) => byId.get(id) ?? []));
    }
    return { failures };
  });

/**
 * A topic that Amazon Q Developer shows in Slack or Teams: one message for each finding, all of one finding in one
 * thread.
 */
export const amazonQSink = ({ client, topicArn, scope, ...options }: Options): Sink =>
  alertSink(options, async (alerts, arrived) => {
    const failures: DeliveryFailure[] = [];
    for (const alert of alerts) {
      if (alert.status === 'CHANGED') continue;
      const input = { TopicArn: topicArn, Message: JSON.stringify(amazonQNotification(alert, scope)) };
      const failed = await publish(client, input, [alert.finding.id]);
      failures.push(...failed);
      if (failed.length === 0) await arrived([alert]);
    }
    return { failures };
  });

const publish = async (
  client: SNSClient,
  input: PublishCommandInput,
  ids: readonly string[],
): Promise<DeliveryFailure[]> => {
  try {
    await client.send(new PublishCommand(input));
    return [];
  } catch (error) {
    return failAll(ids, error);
  }
};
