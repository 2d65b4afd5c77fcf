import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Alert } from '../../../../shared/alerts/alerting.ts';
import type { Finding } from '../../../../shared/domain/finding.ts';
import { alertGroups, composeAlert } from '../../../../shared/outputs/messages/alert.ts';
import { amazonQNotification } from '../../../../shared/outputs/messages/amazon-q.ts';
import { alertLink } from '../../../../shared/outputs/messages/console-links.ts';
import { slackMessage } from '../../../../shared/outputs/messages/slack.ts';
import { aFinding } from '../../../support/builders/finding.ts';
import { blockFaults } from '../../../support/standins/slack-rules.ts';

const scope = { account: '111122223333', region: 'eu-west-1', partition: 'aws' };
const EVENT = '0a1b2c3d-1111-4222-8333-444455556666';

const pipeline = (region = 'eu-west-1', partition = 'aws') =>
  ({ type: 'pipeline', arn: `arn:${partition}:sagemaker:${region}:111122223333:pipeline/fraud` }) as const;
const role = (name = 'ml/fraud', partition = 'aws') =>
  ({ type: 'role', arn: `arn:${partition}:iam::111122223333:role/${name}` }) as const;
const ledBy = (eventName: string, eventId = EVENT) => ({
  trigger: { eventName, eventId, eventTime: '2026-11-20T10:00:00Z' },
});

const linkOf = (changes: Partial<Finding>, own = scope) => {
  const { trigger: _, ...finding } = aFinding();
  return alertLink({ ...finding, ...changes }, own);
};

describe('the link of an alert', () => {
  test.each<[string, Partial<Finding>, string | undefined]>([
    [
      'a call about a pipeline: the event, in the Region of the pipeline',
      { resource: pipeline('eu-north-1'), ...ledBy('UpdatePipeline') },
      `https://eu-north-1.console.aws.amazon.com/cloudtrailv2/home?region=eu-north-1#/events/${EVENT}`,
    ],
    [
      'a call of IAM about a role: the event, where IAM’s records are',
      { resource: role(), ...ledBy('AttachRolePolicy') },
      `https://us-east-1.console.aws.amazon.com/cloudtrailv2/home?region=us-east-1#/events/${EVENT}`,
    ],
    [
      'a call of SageMaker that led to a role, whose Region is not known: the role',
      { resource: role(), ...ledBy('UpdatePipeline') },
      'https://console.aws.amazon.com/iam/home#/roles/details/fraud',
    ],
    [
      'a call of Organizations, whose record the management account has: the role',
      { resource: role(), ...ledBy('AttachPolicy') },
      'https://console.aws.amazon.com/iam/home#/roles/details/fraud',
    ],
    [
      'an event of SageMaker itself, which CloudTrail does not have: none for a pipeline',
      { resource: pipeline(), ...ledBy('SageMaker Model Building Pipeline Execution Status Change') },
      undefined,
    ],
    [
      'an id that is none of CloudTrail: none',
      { resource: pipeline(), ...ledBy('UpdatePipeline', '../x') },
      undefined,
    ],
    [
      'no event: the bucket',
      { resource: { type: 'bucket', arn: 'arn:aws:s3:::scans' } },
      'https://console.aws.amazon.com/s3/buckets/scans',
    ],
    ['no event and no page: none', { resource: pipeline() }, undefined],
    ['no ARN: none', { resource: { type: 'bucket', arn: 'template.yaml:3' } }, undefined],
  ])('%s', (_title, changes, link) => {
    expect(linkOf(changes)).toBe(link);
  });

  test('the consoles of China and GovCloud have hosts of their own, and one that is not known has no link', () => {
    const inPartition = (partition: string, region: string) =>
      linkOf(
        { resource: role('fraud', partition), ...ledBy('AttachRolePolicy') },
        { ...scope, partition, region },
      );
    expect(inPartition('aws-cn', 'cn-north-1')).toMatch(/^https:\/\/cn-north-1\.console\.amazonaws\.cn\//);
    expect(inPartition('aws-us-gov', 'us-gov-east-1')).toMatch(
      /^https:\/\/us-gov-west-1\.console\.amazonaws-us-gov\.com\//,
    );
    expect(inPartition('aws-iso', 'us-iso-east-1')).toBeUndefined();
  });

  test('whatever names and ids are, a link stays on the console’s host and breaks out of no message', () => {
    const text = fc.oneof(
      fc.constantFrom(
        'x|<!channel>',
        'a)](http://evil.example)',
        '"><b>',
        '//evil.example/',
        '\uD800',
        'a b\n',
      ),
      fc.string({ unit: 'binary', maxLength: 40 }),
    );
    fc.assert(
      fc.property(text, text, fc.constantFrom('role', 'user', 'bucket', 'group'), (name, eventId, type) => {
        const arn = type === 'bucket' ? `arn:aws:s3:::${name}` : `arn:aws:iam::111122223333:${type}/${name}`;
        const finding = aFinding({ resource: { type, arn }, ...ledBy('AttachRolePolicy', eventId) });
        const link = alertLink(finding, scope);
        if (link !== undefined) {
          expect(new URL(link).host).toMatch(/^([a-z0-9-]+\.)?console\.aws\.amazon\.com$/);
          expect(link).toMatch(/^[\w\-.~:/?#=&%!*'()]+$/);
        }
        const alert: Alert = { status: 'OPENED', kind: 'opened', finding };
        expect(blockFaults(slackMessage(alert, scope).blocks)).toEqual([]);
      }),
    );
  });

  test('each message has the link once, after the remedy', () => {
    const finding = aFinding({
      resource: role(),
      ...ledBy('AttachRolePolicy'),
      remediation: { text: 'Detach it.' },
    });
    const alert: Alert = { status: 'OPENED', kind: 'opened', finding };
    const link = linkOf(finding);
    const [group] = alertGroups([alert]);
    const mail = JSON.parse(composeAlert(group as NonNullable<typeof group>, scope).message);
    expect(JSON.parse(mail.default).findings[0].link).toBe(link);
    const texts = [
      mail.email,
      JSON.stringify(slackMessage(alert, scope).blocks),
      JSON.stringify(amazonQNotification(alert, scope)),
    ];
    for (const text of texts) {
      expect(text.split(`/events/${EVENT}`)).toHaveLength(2);
      expect(text).toContain('Detach it.');
    }
    expect(mail.email.indexOf('Detach it.')).toBeLessThan(mail.email.indexOf('/events/'));
  });
});
