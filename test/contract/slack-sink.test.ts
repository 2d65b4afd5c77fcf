import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type AlertMemory, processMemory } from '../../shared/alerts/alerting.ts';
import { slackSink } from '../../shared/aws/tell/slack-sink.ts';
import type { Finding } from '../../shared/domain/finding.ts';
import { isDeferred, isDeliveryError, type Sink } from '../../shared/findings/sink.ts';
import type { Change } from '../../shared/findings/state.ts';
import { aFinding } from '../support/builders/finding.ts';
import { type SlackStandIn, startSlack } from '../support/standins/slack.ts';

const scope = { account: '111122223333', region: 'eu-west-1', partition: 'aws' };
const NOW = new Date('2026-11-24T10:00:00.000Z');

let slack: SlackStandIn;
let memory: AlertMemory;
let slept: number[];
let reads: boolean[];

beforeEach(async () => {
  slack = await startSlack();
  memory = processMemory();
  slept = [];
  reads = [];
});

afterEach(() => slack.stop());

const botSecret = () => JSON.stringify({ token: slack.token, channel: '#alerts', apiUrl: slack.apiUrl });

const sinkOf = (secret: () => string, over: Partial<Parameters<typeof slackSink>[0]> = {}): Sink =>
  slackSink({
    name: 'Slack',
    memory,
    wants: () => true,
    now: () => NOW,
    scope,
    readSecret: async (isAnew) => {
      reads.push(isAnew);
      return secret();
    },
    sleep: async (milliseconds) => {
      slept.push(milliseconds);
    },
    ...over,
  });

const bot = (over = {}) => sinkOf(botSecret, over);
const webhook = (over = {}) => sinkOf(() => slack.webhookUrl, over);

const finding = (name: string, changes: Partial<Finding> = {}): Finding =>
  aFinding({
    id: `pipewarden/step-isolation/${name}`,
    severity: 'HIGH',
    resource: { type: 'pipeline', arn: `arn:aws:sagemaker:eu-west-1:111122223333:pipeline/${name}` },
    ...changes,
  });
const opened = (name: string, changes: Partial<Finding> = {}): Change => ({
  kind: 'opened',
  finding: finding(name, changes),
});
const resolved = (name: string): Change => ({
  kind: 'resolved',
  finding: finding(name, { status: 'PASSED', lastObservedAt: '2026-11-24T09:00:00.000Z' }),
});

const failureOf = async (run: Promise<void>) => {
  const error: unknown = await run.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!isDeliveryError(error)) throw error ?? new Error('everything was delivered');
  return error;
};

const texts = () => slack.messages().map(({ text }) => text);

describe('with a bot', () => {
  test('a finding has one message, which is rewritten when it is mended', async () => {
    await bot().deliver([opened('fraud')]);
    expect(texts()).toEqual([
      'HIGH FAILED: step-isolation on pipeline fraud (Steps are isolated) arn:aws:sagemaker:eu-west-1:111122223333:pipeline/fraud',
    ]);
    await bot().deliver([resolved('fraud')]);
    expect(slack.messages()).toHaveLength(1);
    expect(slack.messages()[0]).toMatchObject({ updates: 1, channel: 'C0ALERTS' });
    expect(texts()[0]).toMatch(/^Resolved: step-isolation on pipeline fraud/);
    expect(JSON.stringify(slack.messages()[0]?.blocks)).toContain('Mended: judged again, and it passes.');
  });

  test('a finding that no control judges any more is reported as such, and not as mended', async () => {
    await bot().deliver([opened('fraud')]);
    const text = 'Not judged any more: the control is switched off: PLAT-1.';
    const { finding } = opened('fraud');
    const off = { ...finding, status: 'NOT_AVAILABLE' as const, remediation: { text } };
    await bot().deliver([{ kind: 'unjudged', finding: off }]);
    expect(texts()[0]).toMatch(/^Not judged any more: step-isolation on pipeline fraud/);
    const blocks = JSON.stringify(slack.messages()[0]?.blocks);
    expect(blocks).toContain(text);
    expect(blocks).not.toMatch(/mended|resolved/i);
  });

  test('a finding that comes back is told in the thread, in the channel and in its message', async () => {
    await bot().deliver([opened('fraud')]);
    await bot().deliver([resolved('fraud')]);
    await bot().deliver([opened('fraud')]);
    const [message, reply, ...others] = slack.messages();
    expect(others).toEqual([]);
    expect(message?.text).toMatch(/^Come back: HIGH FAILED/);
    expect(reply).toMatchObject({ threadTs: message?.ts, isBroadcast: true });
  });

  test('a finding that comes back is told in the channel by the next attempt, where Slack took only the first call', async () => {
    await bot().deliver([opened('fraud')]);
    await bot().deliver([resolved('fraud')]);
    slack.sparing(1);
    slack.breakNext(1);
    await failureOf(bot().deliver([opened('fraud')]));
    await bot().deliver([opened('fraud')]);
    expect(slack.messages().at(-1)).toMatchObject({ isBroadcast: true });
  });

  test('a finding that comes back and is mended again is shown as mended, where Slack took only the first call', async () => {
    await bot().deliver([opened('fraud')]);
    await bot().deliver([resolved('fraud')]);
    slack.sparing(1);
    slack.throttleNext(1, 60);
    await bot()
      .deliver([opened('fraud')])
      .catch((error: unknown) => expect(isDeferred(error)).toBe(true));
    await bot().deliver([resolved('fraud')]);
    expect(texts()[0]).toMatch(/^Resolved/);
  });

  test('repeated news is one message, and a change without news is none', async () => {
    await bot().deliver([opened('fraud')]);
    await bot().deliver([opened('fraud')]);
    await bot().deliver([{ kind: 'changed', finding: finding('fraud') }]);
    expect(slack.requests()).toHaveLength(1);
  });

  test('a change rewrites the message, and a worse severity is told in the thread', async () => {
    await bot().deliver([opened('fraud')]);
    const evidence = [{ at: '/Steps/1', found: 'a shared role', expected: 'its own role' }];
    await bot().deliver([{ kind: 'changed', finding: finding('fraud', { evidence }) }]);
    expect(slack.messages()).toMatchObject([{ updates: 1 }]);
    await bot().deliver([{ kind: 'changed', finding: finding('fraud', { severity: 'CRITICAL' }) }]);
    expect(slack.messages()).toMatchObject([
      { updates: 2 },
      { isBroadcast: true, text: expect.stringMatching(/^Worse: CRITICAL FAILED/) },
    ]);
  });

  test('the end of a finding that was never told is not told', async () => {
    await bot().deliver([resolved('fraud')]);
    expect(slack.requests()).toEqual([]);
    expect(reads).toEqual([]);
  });

  test('many findings at once are one message, and each is reported as mended in its thread', async () => {
    await bot().deliver(Array.from({ length: 60 }, (_, index) => opened(`p${index}`)));
    expect(texts()).toEqual([expect.stringMatching(/^60 alerts of Pipewarden, the worst: /)]);
    expect(JSON.stringify(slack.messages()[0]?.blocks)).toContain('and 20 more');
    await bot().deliver([resolved('p59')]);
    expect(slack.messages()).toMatchObject([
      { updates: 0 },
      { threadTs: slack.messages()[0]?.ts, isBroadcast: false, text: expect.stringMatching(/^Resolved/) },
    ]);
  });

  test('a deleted message is not posted again until there is news', async () => {
    await bot().deliver([opened('fraud')]);
    slack.remove(slack.messages()[0]?.ts ?? '');
    await bot().deliver([resolved('fraud')]);
    expect(slack.messages()).toEqual([]);
    await bot().deliver([opened('fraud')]);
    expect(texts()).toEqual([expect.stringMatching(/^Come back/)]);
  });

  test('a suppressed finding is told as ended, with the reason', async () => {
    await bot().deliver([opened('fraud')]);
    const suppression = { reason: 'known *until* <!here> then', expires: '2027-01-31' };
    await bot().deliver([{ kind: 'changed', finding: finding('fraud', { suppression }) }]);
    expect(texts()).toEqual([expect.stringMatching(/^Suppressed: /)]);
    expect(JSON.stringify(slack.messages())).toContain('&lt;!here&gt;');
  });
});

describe('with a webhook', () => {
  test('each piece of news is a message', async () => {
    await webhook().deliver([opened('fraud')]);
    await webhook().deliver([{ kind: 'changed', finding: finding('fraud', { evidence: [] }) }]);
    await webhook().deliver([resolved('fraud')]);
    await webhook().deliver([opened('fraud')]);
    expect(texts()).toEqual([
      expect.stringMatching(/^HIGH FAILED/),
      expect.stringMatching(/^Resolved/),
      expect.stringMatching(/^Come back/),
    ]);
  });

  test('several messages at once keep to the rate of a channel', async () => {
    await webhook().deliver([opened('a'), opened('b'), opened('c')]);
    expect(slack.messages()).toHaveLength(3);
    expect(slept).toEqual([1000, 1000]);
  });
});

describe.each([
  ['a webhook', webhook, 'rate_limited'],
  ['a bot', bot, 'ratelimited'],
] as const)('with %s', (_name, sink, limited) => {
  test('a short wait is waited out', async () => {
    slack.throttleNext(2, 3);
    await sink().deliver([opened('fraud')]);
    expect(slept).toEqual([3000, 3000]);
    expect(slack.messages()).toHaveLength(1);
  });

  test('a long wait is left to the retry queue, and no request is made until then', async () => {
    slack.throttleNext(1, 120);
    const error = await failureOf(sink().deliver([opened('a'), opened('b')]));
    expect(isDeferred(error) && error.deferredUntil).toBe('2026-11-24T10:02:00.000Z');
    expect(error.failures.map(({ code }) => code)).toEqual([limited, 'Held']);
    expect(slack.requests()).toHaveLength(1);
    await sink().deliver([opened('a'), opened('b')]);
    expect(slack.messages()).toHaveLength(2);
  });

  test('a refused secret is read again, once', async () => {
    const old = { webhook: slack.webhookUrl, bot: botSecret() };
    slack.rotate();
    const isBot = sink === bot;
    const current = () =>
      reads.at(-1) ? (isBot ? botSecret() : slack.webhookUrl) : old[isBot ? 'bot' : 'webhook'];
    await sinkOf(current).deliver([opened('fraud')]);
    expect(reads).toEqual([false, true]);
    expect(slack.messages()).toHaveLength(1);

    reads = [];
    const error = await failureOf(sinkOf(() => old[isBot ? 'bot' : 'webhook']).deliver([opened('other')]));
    expect(reads).toEqual([false, true]);
    expect(isDeferred(error)).toBe(false);
    expect(error.failures).toMatchObject([{ code: isBot ? 'invalid_auth' : 'no_service' }]);
    expect(error.message).not.toMatch(/xoxb|secret1|services/);
  });

  test('refused blocks are sent again once, as plain text', async () => {
    slack.refuseNext('invalid_blocks');
    await sink().deliver([opened('fraud')]);
    expect(slack.messages()).toMatchObject([{ blocks: [], text: expect.stringMatching(/^HIGH FAILED/) }]);
    slack.refuseNext('invalid_blocks', 2);
    const error = await failureOf(sink().deliver([opened('other')]));
    expect(error.failures).toMatchObject([{ code: 'invalid_blocks' }]);
  });

  test('a failing finding stops no other, and only it is sent again', async () => {
    slack.breakNext(1);
    const error = await failureOf(sink().deliver([opened('a'), opened('b')]));
    expect(error.failures).toMatchObject([{ id: finding('a').id, code: 'http_500' }]);
    await sink().deliver([opened('a'), opened('b')]);
    expect(texts().filter((text) => text.includes('pipeline/a'))).toHaveLength(1);
    expect(texts().filter((text) => text.includes('pipeline/b'))).toHaveLength(1);
  });

  test('hostile texts break neither limits nor markup', async () => {
    const hostile = fc.oneof(
      fc.constantFrom('', '\n', '\u202Egnp.exe', '<!channel> & <https://x|y>', '\uD800', '```', '`', '&amp;'),
      fc
        .constantFrom('x', '漢', '😀', '<', '&', '`', '*', '\u0000', '\uDC00')
        .map((part) => part.repeat(5000)),
      fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units)),
    );
    const findings = fc.record({
      title: hostile,
      subject: hostile,
      principal: hostile,
      control: hostile,
      resource: fc.record({ type: fc.constant('event'), arn: hostile }),
      evidence: fc.array(fc.record({ at: hostile, found: hostile, expected: hostile }), { maxLength: 8 }),
      remediation: fc.record({ text: hostile, patch: hostile }),
      trigger: fc.record({ eventId: hostile, eventName: hostile, eventTime: hostile }),
    });
    let id = 0;
    await fc.assert(
      fc.asyncProperty(findings, fc.constantFrom(1, 5, 50), async (changes, count) => {
        const batch = Array.from({ length: count }, () =>
          opened('x', { ...(changes as object), id: `id-${id++}` }),
        );
        await sink().deliver(batch);
        const ended = batch.slice(0, 1).map((change) => ({ ...change, kind: 'expired' as const }));
        await sink().deliver(ended);
      }),
      { numRuns: 30 },
    );
    expect(slack.requests().filter(({ error }) => error !== undefined)).toEqual([]);
  });
});

describe('a message that is held back', () => {
  const hours = {
    quietHours: { from: '09:30', to: '11:00', timezone: 'UTC', exceptSeverity: 'critical' as const },
  };

  test('stays undelivered until the quiet hours end, unless its severity is exempt', async () => {
    const sink = bot({ hours });
    const error = await failureOf(sink.deliver([opened('a'), opened('b', { severity: 'CRITICAL' })]));
    expect(isDeferred(error) && error.deferredUntil).toBe('2026-11-24T11:00:00.000Z');
    expect(error.failures).toMatchObject([{ id: finding('a').id, code: 'Held' }]);
    expect(texts()).toEqual([expect.stringMatching(/^CRITICAL/)]);
    await bot({ hours, now: () => new Date('2026-11-24T11:00:00.000Z') }).deliver([opened('a')]);
    expect(slack.messages()).toHaveLength(2);
  });

  test('is sent nevertheless if it only rewrites a message, which disturbs nobody', async () => {
    await bot().deliver([opened('a')]);
    await bot({ hours }).deliver([resolved('a')]);
    expect(slack.messages()).toMatchObject([{ updates: 1 }]);
  });

  test('is not held for a webhook that would not tell the change', async () => {
    await webhook().deliver([opened('a')]);
    await webhook({ hours }).deliver([{ kind: 'changed', finding: finding('a', { evidence: [] }) }]);
    expect(slack.messages()).toHaveLength(1);
  });

  test('is sent after messages that have failed', async () => {
    slack.breakNext(1);
    const error = await failureOf(
      bot({ hours }).deliver([opened('a'), opened('b', { severity: 'CRITICAL' })]),
    );
    expect(isDeferred(error)).toBe(false);
    expect(error.failures.map(({ code }) => code).toSorted()).toEqual(['Held', 'http_500']);
  });
});

test('an invalid secret fails each finding, and its text appears nowhere', async () => {
  for (const secret of ['https://example.com/services/T0/B0/abc', '{"token":"xoxb-1"}', 'xoxb-abc', '']) {
    const error = await failureOf(sinkOf(() => secret).deliver([opened('a')]));
    expect(error.failures).toMatchObject([{ id: finding('a').id }]);
    expect(error.message).toMatch(/the secret for Slack cannot be used: /);
    expect(error.message).not.toMatch(/example\.com|xoxb-1|xoxb-abc/);
  }
});
