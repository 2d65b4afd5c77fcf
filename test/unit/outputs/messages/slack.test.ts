import { describe, expect, test } from '@jest/globals';
import type { Alert, EndStatus } from '../../../../shared/alerts/alerting.ts';
import type { Finding } from '../../../../shared/domain/finding.ts';
import type { ClosingKind } from '../../../../shared/findings/state.ts';
import { slackDigest, slackMessage, slackReply } from '../../../../shared/outputs/messages/slack.ts';
import { slackCode, slackCodeBlock, slackText } from '../../../../shared/outputs/messages/slack-text.ts';
import { aFinding } from '../../../support/builders/finding.ts';
import { blockFaults } from '../../../support/standins/slack-rules.ts';

const scope = { account: '111122223333', region: 'eu-west-1', partition: 'aws' };

const alert = (changes: Partial<Finding> = {}, about: Partial<Alert> = {}): Alert => ({
  status: 'OPENED',
  kind: 'opened',
  finding: aFinding({
    severity: 'HIGH',
    subject: 'Train',
    principal: 'arn:aws:iam::111122223333:role/data-scientist',
    trigger: { eventId: 'e-1', eventName: 'UpdatePipeline', eventTime: '2026-11-20T10:00:00Z' },
    remediation: { text: 'Allow arn:aws:s3:::a/* and no more.', patch: '{\n  "Sid": "a<b"\n}' },
    ...changes,
  }),
  ...about,
});

const ended = (kind: ClosingKind, status: EndStatus, text: string): Alert =>
  alert({ status: 'NOT_AVAILABLE', remediation: { text } }, { kind, status });

const ARN = 'arn:aws:sagemaker:eu-west-1:111122223333:pipeline/fraud';

describe('slackMessage', () => {
  test('says what was found, where, who did it and when, the remedy, and since when', () => {
    const markup = (text: string) => ({ type: 'mrkdwn', text, verbatim: true });
    const plain = (text: string) => ({ type: 'plain_text', text, emoji: false });
    expect(slackMessage(alert(), scope)).toEqual({
      text: `HIGH FAILED: step-isolation on pipeline fraud (Steps are isolated) ${ARN}`,
      blocks: [
        { type: 'header', text: plain('HIGH FAILED: step-isolation on pipeline fraud') },
        {
          type: 'section',
          text: markup('*Found* `a shared role`\n*Expected* `its own role`\n*Where* `/Steps/0`'),
        },
        {
          type: 'section',
          text: markup(
            [
              `*Resource* \`${ARN}\``,
              '*In* `Train`',
              '*After* `UpdatePipeline` by `arn:aws:iam::111122223333:role/data-scientist` at `2026-11-20T10:00:00Z`, event `e-1`',
            ].join('\n'),
          ),
        },
        { type: 'section', text: plain('Remedy: Allow arn:aws:s3:::a/* and no more.') },
        { type: 'section', text: markup('```\n{\n  "Sid": "a&lt;b"\n}\n```') },
        { type: 'section', text: plain('Right is: Steps are isolated') },
        {
          type: 'context',
          elements: [
            'Account 111122223333, Region eu-west-1',
            'since 2026-11-23T08:12:41Z',
            'finding `pipewarden/step-isolation/0a1b`',
            '`pipewarden explain step-isolation`',
          ].map(markup),
        },
      ],
    });
  });

  test.each<[string, Alert, string]>([
    ['mended', alert({ status: 'PASSED' }, { status: 'RESOLVED', kind: 'resolved' }), 'Mended: '],
    ['gone', ended('gone', 'CLOSED', 'Gone: it does not exist any more.'), 'Gone: '],
    ['expired', ended('expired', 'CLOSED', 'Expired: nobody can mend it.'), 'Expired: '],
    ['not judged', ended('unjudged', 'NOT_JUDGED', 'Not judged any more: off.'), 'Not judged any more: '],
    [
      'suppressed',
      alert(
        { suppression: { reason: 'a *b* <c>', expires: '2027-01-31' } },
        { status: 'SUPPRESSED', kind: 'changed' },
      ),
      '"plain_text","text":"Suppressed until 2027-01-31: a *b* &lt;c&gt;"',
    ],
  ])('%s: how it ended, and no remedy', (_what, ended, expected) => {
    const text = JSON.stringify(slackMessage(ended, scope).blocks);
    expect(text).toContain(expected);
    expect(text).toContain('until 2026-11-24T03:44:05Z');
    expect(text).not.toMatch(/Remedy|\*Found\*/);
  });

  test('counts the evidence that it leaves out, and names the subject of a reply', () => {
    const evidence = Array.from({ length: 9 }, (_, index) => ({
      at: `/${index}`,
      found: 'a',
      expected: 'b',
    }));
    expect(JSON.stringify(slackMessage(alert({ evidence }), scope))).toContain('and 4 more places');
    expect(slackReply(alert({}, { status: 'REOPENED' })).blocks).toMatchObject([
      { text: { text: `*Come back: HIGH FAILED* \`step-isolation\` on \`${ARN}\`` } },
    ]);
  });
});

test('a digest lists forty, the worst first, and counts the others', () => {
  const many = Array.from({ length: 45 }, (_, index) =>
    alert({
      severity: index === 44 ? 'CRITICAL' : 'HIGH',
      evidence: [{ at: '/', found: `f${index}`, expected: '' }],
    }),
  );
  const { text, blocks } = slackDigest(many, scope);
  expect(text).toMatch(/^45 alerts of Pipewarden, the worst: CRITICAL FAILED: /);
  expect(blocks).toHaveLength(43);
  expect(blocks[1]).toMatchObject({
    text: { text: `*CRITICAL FAILED* \`step-isolation\` on \`${ARN}\`, found \`f44\`` },
  });
  expect(blocks[41]).toMatchObject({ text: { text: 'and 5 more' } });
  expect(blockFaults(blocks)).toEqual([]);
});

describe('texts', () => {
  test('no escape and no character is cut in half', () => {
    expect(slackText('<<<<', 10)).toBe('&lt;&lt;…');
    expect(slackText('a😀😀', 4)).toBe('a😀…');
    expect(slackText('&amp;', 20)).toBe('&amp;amp;');
  });

  test('what is hidden is shown, and line breaks are spaces', () => {
    expect(slackText('a\u202Eb\n\nc', 50)).toBe('a\\u202Eb c');
  });

  test('a code span is never ended from inside', () => {
    expect(slackCode('a`*b*`', 50)).toBe("`a'*b*'`");
  });

  test('a code block has whole lines, and says what it leaves out', () => {
    const lines = Array.from({ length: 100 }, (_, index) => `line ${index}`);
    const block = slackCodeBlock(lines.join('\n'), 200) ?? '';
    expect(block.length).toBeLessThanOrEqual(200);
    expect(block).toMatch(
      /^```\nline 0\n[^`]*line \d+\n```\nCut here, so not to be applied: \d+ more lines?\.$/,
    );
    expect(slackCodeBlock('a\n```\n*b*', 200)).toBeUndefined();
    expect(slackCodeBlock('x'.repeat(500), 200)).toBeUndefined();
    expect(slackCodeBlock(' \n', 200)).toBeUndefined();
  });
});
