import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Finding } from '../../../shared/domain/finding.ts';
import { toAsff } from '../../../shared/outputs/formats/asff.ts';
import { toResults } from '../../../shared/outputs/formats/results.ts';
import { toTable } from '../../../shared/outputs/formats/table.ts';
import { composeAlert } from '../../../shared/outputs/messages/alert.ts';
import { amazonQNotification } from '../../../shared/outputs/messages/amazon-q.ts';
import { slackDigest, slackMessage, slackReply } from '../../../shared/outputs/messages/slack.ts';
import { toHtml } from '../../../shared/outputs/report/report.tsx';
import { audited } from '../../support/builders/audited.ts';
import { ACCOUNT, cloudTrail, envelope, REGION, session } from '../../support/builders/events.ts';

/**
 * What a hostile name may contain: markup, terminal codes, line breaks, a change of direction, a formula, a mention,
 * a prototype.
 */
const NAMES = [
  '</title></script><img src=x onerror=alert(1)>',
  '\u001b[2J\u001b]8;;http://evil.example\u0007ok',
  'fine\n{"level":"INFO","message":"nothing found"}\r\n2. LOW PASSED: all is well',
  '\u202egnp.exe\u2066\u200b\u009b31m\u2028',
  '=HYPERLINK("http://evil.example","ok")',
  '<!channel> <http://evil.example|ok>',
  '__proto__',
  '../../../../etc/passwd',
];

const scope = { account: ACCOUNT, region: REGION, partition: 'aws' };
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
const HIDDEN = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\p{Cf}]/u;

/** Calls by somebody who can name pipelines, jobs, parameters and sessions. */
const calls = (name: string): object[] => [
  cloudTrail('CreatePipeline', { pipelineName: name }),
  cloudTrail('StartPipelineExecution', {
    pipelineName: name,
    pipelineParameters: [{ name, value: name }],
    pipelineVersionAlias: name,
  }),
  cloudTrail(
    'CreateTrainingJob',
    { trainingJobName: name, roleArn: name, tags: [{ key: name, value: name }] },
    { userIdentity: session('data-scientist', name) },
  ),
  cloudTrail('PutBucketTagging', { bucketName: name }, { eventSource: 's3.amazonaws.com' }),
  cloudTrail('PutRolePolicy', { roleName: name, policyName: name }, { eventSource: 'iam.amazonaws.com' }),
];

/** All texts of a JSON value, including member names. */
const textsOf = (value: unknown): string[] =>
  typeof value === 'string'
    ? [value]
    : typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([key, inner]) => [key, ...textsOf(inner)])
      : [];

describe('names that their owner chose with care', () => {
  let findings: Finding[];
  let log: string[];
  beforeAll(async () => {
    const records = NAMES.flatMap(calls);
    const bodies = records.map((record) => JSON.stringify(envelope(record as Record<string, unknown>)));
    ({ findings, log } = await audited(bodies));
  });

  const results = () => toResults({ findings, generatedAt: '2026-11-20T10:00:00Z', ...scope, all: true });

  test.each(NAMES)('%j is in what is found', (name) => {
    expect(textsOf(findings).filter((text) => text.includes(name))).not.toEqual([]);
  });

  test('do nothing to a terminal', () => {
    for (const line of toTable(results(), { width: 100, color: false }).split('\n'))
      expect(line).not.toMatch(HIDDEN);
  });

  test('are no element of the report', () => {
    const page = toHtml(results(), { controls: () => undefined });
    const scripts = page.match(/<script\b[^>]*>[\s\S]*?<\/script>/gi) ?? [];
    const rest = scripts.reduce((text, script) => text.replace(script, ''), page);
    expect(scripts).toHaveLength(1);
    expect(rest).not.toMatch(/<\/?(img|script)\b/i);
    expect(rest).not.toContain('</title></script>');
    expect(rest.replaceAll('\n', '')).not.toMatch(HIDDEN);
  });

  test('hide nothing in Security Hub', () => {
    for (const finding of findings) {
      const context = { scope, control: undefined, productVersion: '1', updatedAt: finding.lastObservedAt };
      const texts = textsOf(toAsff(finding, { ...context, recordState: 'ACTIVE' }));
      expect(texts.filter((text) => HIDDEN.test(text))).toEqual([]);
    }
  });

  test('forge no line of an alert', () => {
    for (const finding of findings) {
      const { subject, message } = composeAlert({ status: 'OPENED', findings: [finding] }, scope);
      const { default: body, email } = JSON.parse(message) as { default: string; email: string };
      expect(subject).toMatch(/^[\x20-\x7E]{1,99}$/);
      expect(textsOf({ ...JSON.parse(body), findings: [] }).filter((text) => HIDDEN.test(text))).toEqual([]);
      for (const line of email.split('\n')) {
        expect(line).not.toMatch(HIDDEN);
        expect(line).not.toMatch(/^\s*2\. /);
      }
    }
  });

  test('mention nobody in Slack or Teams, and link nowhere', () => {
    for (const finding of findings) {
      const alert = { status: 'OPENED', kind: 'opened', finding } as const;
      for (const told of [slackMessage(alert, scope), slackReply(alert), slackDigest([alert, alert], scope)])
        for (const text of textsOf(told)) {
          expect(text).not.toMatch(/<[!@#]|<https?:\/\/evil/);
          expect(text.replaceAll('\n', '')).not.toMatch(HIDDEN);
        }
      for (const text of textsOf(amazonQNotification(alert, scope))) {
        expect(text).not.toMatch(/<[!@#]/);
        expect(text.replaceAll('\n', '')).not.toMatch(HIDDEN);
      }
    }
  });

  test('are one line of the log, which says what it is', () => {
    expect(log.length).toBeGreaterThan(NAMES.length);
    for (const line of log) {
      expect(line.endsWith('\n')).toBe(true);
      expect(line.slice(0, -1)).not.toMatch(HIDDEN);
      expect(JSON.parse(line)).toMatchObject({ level: expect.stringMatching(/^(DEBUG|INFO|WARN|ERROR)$/) });
    }
  });

  test('change no prototype', () => {
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect(({} as Record<string, unknown>).value).toBeUndefined();
  });
});
