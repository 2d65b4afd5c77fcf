import { describe, expect, test } from '@jest/globals';
import type { Alert } from '../../../../shared/alerts/alerting.ts';
import { alertGroups, composeAlert } from '../../../../shared/outputs/messages/alert.ts';
import { amazonQNotification } from '../../../../shared/outputs/messages/amazon-q.ts';
import { toBusEvent } from '../../../../shared/outputs/messages/bus-event.ts';
import { slackDigest, slackMessage } from '../../../../shared/outputs/messages/slack.ts';
import { aFinding } from '../../../support/builders/finding.ts';

const HUB = { account: '111122223333', region: 'eu-west-1', partition: 'aws' };
const MEMBER = '444455556666';
const NOTE = 'The unit of the account is not known.';

const alert: Alert = {
  status: 'OPENED',
  kind: 'opened',
  finding: aFinding({
    resource: { type: 'pipeline', arn: `arn:aws:sagemaker:us-east-1:${MEMBER}:pipeline/fraud` },
  }),
  note: NOTE,
};

describe('what is told of a member of a hub', () => {
  const [group] = alertGroups([alert]);
  if (!group) throw new Error('no group');
  const topic = composeAlert(group, HUB);
  const own: Alert = { ...alert, finding: aFinding() };

  test('names the account and Region of the finding, by which subscribers filter, and not those of the hub', () => {
    expect(topic.attributes.account?.StringValue).toBe(MEMBER);
    expect(topic.attributes.region?.StringValue).toBe('us-east-1');
    expect(JSON.stringify(slackMessage(alert, HUB))).toContain(`Account ${MEMBER}, Region us-east-1`);
    expect(JSON.stringify(slackDigest([alert, own], HUB))).toContain(
      `Account ${HUB.account}, ${MEMBER}, Region eu-west-1, us-east-1`,
    );
    expect(JSON.stringify(amazonQNotification(alert, HUB))).toContain(
      `"account":"${MEMBER}","region":"us-east-1"`,
    );
    expect(JSON.parse(toBusEvent(alert, HUB).Detail)).toMatchObject({ account: MEMBER, region: 'us-east-1' });
  });

  test('names the account of a bucket, whose ARN has none', () => {
    const finding = aFinding({ account: MEMBER, resource: { type: 'bucket', arn: 'arn:aws:s3:::images' } });
    expect(JSON.parse(toBusEvent({ kind: 'opened', finding }, HUB).Detail)).toMatchObject({
      account: MEMBER,
      region: 'eu-west-1',
    });
  });

  test('says why a channel is told that a route may not mean', () => {
    for (const message of [topic.message, slackMessage(alert, HUB), slackDigest([alert, own], HUB)])
      expect(JSON.stringify(message)).toContain(NOTE);
    expect(JSON.stringify(amazonQNotification(alert, HUB))).toContain(NOTE);
  });
});
