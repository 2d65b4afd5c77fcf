import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { noticeText, type ReportNotice } from '../../outputs/messages/report-notice.ts';
import { slackReport } from '../../outputs/messages/slack-report.ts';
import { clientConfig } from '../read/clients.ts';
import { namingActions } from '../read/naming-actions.ts';
import { slackConnection } from './slack-connection.ts';
import { secretReader } from './slack-secret.ts';

/** A channel that tells people of a report. */
export type ReportChannel = { name: 'SNS' | 'Slack'; publish: (notice: ReportNotice) => Promise<void> };

/** An SNS topic. The attribute `kind` lets subscriptions filter notices from alerts. */
export const reportTopic = (TopicArn: string): ReportChannel => {
  const client = namingActions('sns', new SNSClient(clientConfig()));
  return {
    name: 'SNS',
    publish: async (notice) => {
      const { subject: Subject } = notice;
      const MessageAttributes = { kind: { DataType: 'String', StringValue: 'report' } };
      await client.send(
        new PublishCommand({ TopicArn, Subject, Message: noticeText(notice), MessageAttributes }),
      );
    },
  };
};

/** The Slack channel in the secret. */
export const reportSlack = (secretArn: string, readSecret = secretReader(secretArn)): ReportChannel => ({
  name: 'Slack',
  publish: async (notice) => {
    const slack = await slackConnection(readSecret);
    await slack.post(slackReport(notice));
  },
});
