import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { reportSlack } from '../../shared/aws/tell/report-channels.ts';
import { toResults } from '../../shared/outputs/formats/results.ts';
import { reportNotice } from '../../shared/outputs/messages/report-notice.ts';
import { ACCOUNT, REGION, sagemakerArn } from '../support/builders/events.ts';
import { aFinding } from '../support/builders/finding.ts';
import { type SlackStandIn, startSlack } from '../support/standins/slack.ts';

let slack: SlackStandIn;
beforeEach(async () => {
  slack = await startSlack();
});
afterEach(() => slack.stop());

const noticeOf = (name: string) =>
  reportNotice(
    toResults({
      findings: [
        aFinding({ id: 'a', resource: { type: 'pipeline', arn: sagemakerArn(`pipeline/${name}`) } }),
      ],
      generatedAt: '2026-11-24T06:00:00.000Z',
      account: ACCOUNT,
      region: REGION,
      all: false,
    }),
    {
      isIncomplete: false,
      place: {
        scope: { account: ACCOUNT, region: REGION, partition: 'aws' },
        bucket: 'acme-reports',
        key: 'reports/2026/11/24T0600/report.html',
      },
    },
  );

describe('the notice of a report in Slack', () => {
  test.each(['a webhook', 'a bot'])('through %s leads to the report', async (kind) => {
    const secret = { token: slack.token, channel: '#alerts', apiUrl: slack.apiUrl };
    const text = kind === 'a bot' ? JSON.stringify(secret) : slack.webhookUrl;
    await reportSlack('arn', async () => text).publish(noticeOf('fraud'));
    const [message, ...more] = slack.messages();
    expect(more).toEqual([]);
    expect(message?.text).toMatch(/^Pipewarden report: 1 failed, 0 warnings/);
    const link = `https://console.aws.amazon.com/s3/object/acme-reports?region=${REGION}&amp;prefix=reports%2F`;
    expect(JSON.stringify(message?.blocks)).toContain(link);
    expect(JSON.stringify(message?.blocks)).toContain('By severity: 1 medium');
  });

  test('mentions nobody, and uses the new secret after a change', async () => {
    const secrets = [slack.webhookUrl];
    slack.rotate();
    secrets.push(slack.webhookUrl);
    await reportSlack('arn', async (isAnew) => secrets[Number(isAnew)] ?? '').publish(
      noticeOf('<!channel> <https://evil.example|x>&'),
    );
    expect(slack.requests().map(({ status, faults }) => [status, faults])).toEqual([
      [expect.any(Number), []],
      [200, []],
    ]);
    expect(JSON.stringify(slack.messages())).not.toContain('<');
  });

  test('that Slack refuses is an error', async () => {
    slack.refuseNext('channel_is_archived');
    await expect(reportSlack('arn', async () => slack.webhookUrl).publish(noticeOf('fraud'))).rejects.toThrow(
      'channel_is_archived',
    );
  });
});
