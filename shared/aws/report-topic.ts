import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import type { ReportNotice } from '../outputs/report-notice.ts';
import { clientConfig } from './clients.ts';

/** Publishes notices of reports to a topic; `kind` keeps them apart from alerts, for subscriptions with a filter. */
export const reportTopic = (TopicArn: string): ((notice: ReportNotice) => Promise<void>) => {
  const client = new SNSClient(clientConfig());
  return async ({ subject, message }) => {
    const MessageAttributes = { kind: { DataType: 'String', StringValue: 'report' } };
    await client.send(
      new PublishCommand({ TopicArn, Subject: subject, Message: message, MessageAttributes }),
    );
  };
};
