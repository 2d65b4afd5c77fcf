import {
  PublishCommand,
  type PublishCommandInput,
  SNSClient,
  SNSServiceException,
} from '@aws-sdk/client-sns';
import type { Alert } from '../../alerts/alerting.ts';
import { parseArn } from '../../domain/arn.ts';
import type { Scope } from '../../domain/scope.ts';
import { type DeliveryFailure, failAll, type Sink } from '../../findings/sink.ts';
import { alertGroups, composeAlert } from '../../outputs/messages/alert.ts';
import { amazonQNotification } from '../../outputs/messages/amazon-q.ts';
import { type ClientOptions, clientConfig } from '../read/clients.ts';
import { namingActions } from '../read/naming-actions.ts';
import { type AlertOptions, type Attempt, alertSink } from './alert-sink.ts';

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
  alertSink(options, {
    isRefusal: isSnsRefusal,
    tell: async (alerts, attempt) => {
      const byId = new Map(alerts.map((alert) => [alert.finding.id, alert]));
      const failures: DeliveryFailure[] = [];
      for (const group of alertGroups(alerts)) {
        const about = group.findings.flatMap(({ id }) => byId.get(id) ?? []);
        const { subject, message, attributes } = composeAlert(group, scope);
        const input = {
          TopicArn: topicArn,
          Subject: subject,
          Message: message,
          MessageStructure: 'json',
          MessageAttributes: attributes,
        };
        failures.push(...(await publish(client, input, about, attempt)));
      }
      return { failures };
    },
  });

/**
 * A topic that Amazon Q Developer shows in Slack or Teams: one message for each finding, all of one finding in one
 * thread.
 */
export const amazonQSink = ({ client, topicArn, scope, ...options }: Options): Sink =>
  alertSink(options, {
    isRefusal: isSnsRefusal,
    tell: async (alerts, attempt) => {
      const failures: DeliveryFailure[] = [];
      for (const alert of alerts) {
        if (alert.status === 'CHANGED') continue;
        const input = { TopicArn: topicArn, Message: JSON.stringify(amazonQNotification(alert, scope)) };
        failures.push(...(await publish(client, input, [alert], attempt)));
      }
      return { failures };
    },
  });

const publish = async (
  client: SNSClient,
  input: PublishCommandInput,
  about: readonly Alert[],
  attempt: Attempt,
): Promise<DeliveryFailure[]> => {
  try {
    await attempt(about, async () => {
      await client.send(new PublishCommand(input));
      return undefined;
    });
    return [];
  } catch (error) {
    return failAll(
      about.map(({ finding }) => finding.id),
      error,
    );
  }
};

/**
 * SNS answers with 4xx to what it does not take. After anything else it may have taken the message, and so after an earlier attempt of
 * which nobody heard the answer.
 */
const isSnsRefusal = (error: unknown): boolean =>
  error instanceof SNSServiceException &&
  String(error.$metadata.httpStatusCode).startsWith('4') &&
  error.$metadata.attempts === 1;
