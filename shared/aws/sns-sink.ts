import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import type { Scope, Severity } from '../findings/finding.ts';
import { type DeliveryFailure, deliveryError, failAll, type Sink } from '../findings/sink.ts';
import { alertGroups, composeAlert } from '../outputs/alert.ts';
import { clientConfig } from './clients.ts';

type Options = { client: SNSClient; topicArn: string; scope: Scope; minimumSeverity: Severity };

/** The sink with a client of its own. */
export const connectSns = (options: Omit<Options, 'client'>): Sink =>
  snsSink({ ...options, client: new SNSClient(clientConfig()) });

/**
 * An SNS topic (not a FIFO one) as a sink: one message for each resource with newly opened findings that people are
 * to be told of. A resource whose message SNS refuses stops no other; `deliver` then rejects with a `DeliveryError`
 * that names the findings of that message.
 */
export const snsSink = ({ client, topicArn, scope, minimumSeverity }: Options): Sink => ({
  name: 'SNS',
  deliver: async (changes) => {
    const failures: DeliveryFailure[] = [];
    for (const findings of alertGroups(changes, minimumSeverity)) {
      const { subject, message, attributes } = composeAlert(findings, scope);
      const publish = new PublishCommand({
        TopicArn: topicArn,
        Subject: subject,
        Message: message,
        MessageStructure: 'json',
        MessageAttributes: attributes,
      });
      try {
        await client.send(publish);
      } catch (error) {
        const ids = findings.map(({ id }) => id);
        failures.push(...failAll(ids, error));
      }
    }
    if (failures.length > 0) throw deliveryError('SNS', failures);
  },
});
