import { expect, test } from '@jest/globals';
import { slackReport } from '../../../../shared/outputs/messages/slack-report.ts';
import { blockFaults, markupFaults } from '../../../support/standins/slack-rules.ts';

const NOTICE = {
  subject: 'Pipewarden report: 1 failed in 111122223333 eu-west-1',
  text: '1 failed\n- HIGH step-isolation on <!channel> & more',
  link: 'https://console.aws.amazon.com/s3/object/acme-reports?region=eu-west-1&prefix=reports%2Fr.html',
  file: 's3://acme-reports/reports/r.html',
};

test('a report is told with its link, and mentions nobody', () => {
  const { text, blocks } = slackReport(NOTICE);
  expect([...markupFaults(text, 'text'), ...blockFaults(blocks)]).toEqual([]);
  expect(text).toContain('?region=eu-west-1&amp;prefix=reports%2Fr.html');
  expect(JSON.stringify(blocks)).toContain('- HIGH step-isolation on &lt;!channel&gt; &amp; more');
});

test('a report with much to say keeps to the limits of a message', () => {
  const text = Array.from({ length: 100 }, () => '<'.repeat(300)).join('\n');
  expect(blockFaults(slackReport({ ...NOTICE, subject: 'x'.repeat(500), text }).blocks)).toEqual([]);
});
