import { expect, test } from '@jest/globals';
import { safeLogger } from '../../../functions/logger.ts';
import { logText } from '../../../shared/text/log-text.ts';
import { captured } from '../../support/builders/audited.ts';

// Put together at run time, so that no scanner takes them for leaked secrets.
const WEBHOOK_PATH = ['T00000000', 'B00000000', 'x'.repeat(24)].join('/');
const WEBHOOK = `https://hooks.slack.com/services/${WEBHOOK_PATH}`;
const TOKENS = ['xoxb', 'xoxp', 'xapp', 'xoxe.xoxp', 'xoxe'].map((kind) => `${kind}-1-2-${'s'.repeat(24)}`);
const SIGNATURE = 'a1'.repeat(32);

test.each<[string, string, string]>([
  ['a webhook', `POST ${WEBHOOK} failed`, 'POST https://hooks.slack.com/[secret] failed'],
  [
    'a workflow’s webhook, of GovSlack',
    'https://hooks.slack-gov.com/triggers/T0/1/abc"',
    'https://hooks.slack-gov.com/[secret]"',
  ],
  [
    'a signed link',
    `https://b.s3.amazonaws.com/r.html?X-Amz-Credential=AKIA%2F1&X-Amz-Date=1&X-Amz-Signature=${SIGNATURE}`,
    'https://b.s3.amazonaws.com/r.html?X-Amz-Credential=[secret]&X-Amz-Date=1&X-Amz-Signature=[secret]',
  ],
  ['a direction', 'a\u202egnp\u009b31m', 'a\\u{202e}gnp\\u{9b}31m'],
  ['a pipeline’s name, as it is', 'foxb-1 hooks.slack.com é 漢', 'foxb-1 hooks.slack.com é 漢'],
])('%s is logged without what is secret or invisible', (_, text, shown) => {
  expect(logText(text)).toBe(shown);
});

test.each(TOKENS)('a token of Slack is not logged: %.6s…', (token) => {
  expect(logText(`Bearer ${token}, ${token}`)).toBe('Bearer [secret], [secret]');
});

test('what a sink throws is logged without the secrets in its message, cause, stack and fields', () => {
  const cause = new Error(`connect ECONNREFUSED ${WEBHOOK}`);
  const error = Object.assign(new Error(`no answer from ${WEBHOOK}`, { cause }), { token: TOKENS[0] });
  const lines: string[] = [];
  const restore = captured(lines);
  try {
    const logger = safeLogger();
    logger.error('the message comes again', { correlation_id: '1', error });
    logger.error(`again ${WEBHOOK}`, new AggregateError([error], String(error)));
    logger.warn('nested', { request: { headers: [{ authorization: `Bearer ${TOKENS[1]}` }] } });
  } finally {
    restore();
  }
  expect(lines).toHaveLength(3);
  for (const secret of [WEBHOOK_PATH, ...TOKENS]) expect(lines.join('')).not.toContain(secret);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    error: { message: 'no answer from https://hooks.slack.com/[secret]' },
  });
});
