import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type SlackStandIn, startSlack } from '../support/standins/slack.ts';

let slack: SlackStandIn;

beforeEach(async () => {
  slack = await startSlack();
});
afterEach(() => slack.stop());

const send = async (message: object): Promise<string> => {
  const answer = await fetch(slack.webhookUrl, { method: 'POST', body: JSON.stringify(message) });
  return `${answer.status} ${await answer.text()}`;
};

const section = (text: string) => ({ type: 'section', text: { type: 'mrkdwn', text } });
const header = (text: string) => ({ type: 'header', text: { type: 'plain_text', text } });

test('the stand-in accepts messages that keep the rules', async () => {
  const blocks = [header('a'.repeat(150)), section('&lt;b&gt; ```x```'), { type: 'divider' }];
  expect(await send({ text: 'a &amp; b', blocks })).toBe('200 ok');
  expect(slack.messages()).toHaveLength(1);
});

test.each<[string, object, string]>([
  ['no text', { blocks: [section('a')] }, '400 no_text'],
  ['a member that it does not know', { text: 'a', chanel: 'C1' }, '400 invalid_payload'],
  ['51 blocks', { text: 'a', blocks: Array.from({ length: 51 }, () => section('a')) }, '400 invalid_blocks'],
  ['a long header', { text: 'a', blocks: [header('a'.repeat(151))] }, '400 invalid_blocks'],
  ['a long section', { text: 'a', blocks: [section('a'.repeat(3001))] }, '400 invalid_blocks'],
  ['an empty section', { text: 'a', blocks: [section('')] }, '400 invalid_blocks'],
  ['an unknown block', { text: 'a', blocks: [{ type: 'sektion' }] }, '400 invalid_blocks'],
  [
    'a header in markup',
    { text: 'a', blocks: [{ type: 'header', text: section('a').text }] },
    '400 invalid_blocks',
  ],
  ['a mention', { text: 'a', blocks: [section('<!channel>')] }, '400 invalid_blocks'],
  ['a mention in the fallback', { text: '<@U1>' }, '400 invalid_blocks'],
  ['an escape that was cut', { text: 'a', blocks: [section('a &am')] }, '400 invalid_blocks'],
  ['a hidden character', { text: 'a\u202Eb' }, '400 invalid_blocks'],
  ['half a code block', { text: 'a', blocks: [section('```x')] }, '400 invalid_blocks'],
])('the stand-in refuses %s', async (_what, message, expected) => {
  expect(await send(message)).toBe(expected);
  expect(slack.messages()).toEqual([]);
});
