import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { blockFaults, markupFaults } from './slack-rules.ts';

/** A message in a channel. `ts` is its identity; webhooks do not return it. */
export type StoredMessage = {
  channel: string;
  ts: string;
  text: string;
  blocks: unknown[];
  threadTs?: string;
  isBroadcast?: boolean;
  updates: number;
};

/** One answered request: `method` is `webhook` or the method's name, `error` Slack's code. */
export type SlackRequest = { method: string; status: number; error?: string; faults: string[] };

export type SlackStandIn = {
  /** The URL of an incoming webhook to `#alerts`, as a secret contains it. */
  webhookUrl: string;
  /** The base of the Web API. */
  apiUrl: string;
  /** The token of a bot that is a member of the channels C0ALERTS and C0OTHER. */
  token: string;
  messages(): StoredMessage[];
  requests(): SlackRequest[];
  /** Answers 429 with that Retry-After, in seconds. */
  throttleNext(requests: number, retryAfter?: number): void;
  /** Refuses requests with this code, as Slack does for reasons of its own. */
  refuseNext(code: string, times?: number): void;
  breakNext(requests: number): void;
  /** Meanwhile so many requests are answered, before the others are throttled or broken. */
  sparing(requests: number): void;
  /** Changes the webhook and the token, as a rotation does. */
  rotate(): void;
  /** Removes a message, as a person can. */
  remove(ts: string): void;
  stop(): Promise<void>;
};

const CHANNELS = ['C0ALERTS', 'C0OTHER'];
const MAX_TEXT = 40_000;

/**
 * A stand-in for Slack: an incoming webhook, chat.postMessage and chat.update. It refuses what it does not know, and
 * every message without fallback text, with blocks over a limit, or with unescaped markup:
 * https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks,
 * https://docs.slack.dev/reference/methods/chat.postMessage,
 * https://docs.slack.dev/reference/methods/chat.update.
 */
export const startSlack = async (): Promise<SlackStandIn> => {
  const messages: StoredMessage[] = [];
  const requests: SlackRequest[] = [];
  const refusals: string[] = [];
  let generation = 1;
  let throttled = { times: 0, retryAfter: 1 };
  let broken = 0;
  let spared = 0;
  let clock = 1_795_000_000_000_000;

  const token = () => `xoxb-111122223333-${generation}`;
  const path = () => `/services/T0TEAM/B0HOOK/secret${generation}`;
  const nextTs = (): string => {
    clock += 1_000_001;
    return `${Math.floor(clock / 1_000_000)}.${String(clock % 1_000_000).padStart(6, '0')}`;
  };

  const post = (input: Record<string, unknown>, channel: string): StoredMessage => {
    const message: StoredMessage = {
      channel,
      ts: nextTs(),
      text: String(input.text),
      blocks: (input.blocks ?? []) as unknown[],
      ...(input.thread_ts !== undefined && { threadTs: String(input.thread_ts) }),
      ...(input.reply_broadcast !== undefined && { isBroadcast: input.reply_broadcast === true }),
      updates: 0,
    };
    messages.push(message);
    return message;
  };

  const webhook = (input: Record<string, unknown>): Answer => {
    checkMessage(input, ['unfurl_links', 'unfurl_media'], 'invalid_payload');
    post(input, 'C0ALERTS');
    return { status: 200, body: 'ok' };
  };

  const methods: Readonly<Record<string, (input: Record<string, unknown>) => StoredMessage>> = {
    'chat.postMessage': (input) => {
      const others = ['channel', 'thread_ts', 'reply_broadcast', 'unfurl_links', 'unfurl_media'];
      checkMessage(input, others, 'invalid_arguments');
      const channel = channelOf(input.channel);
      if (input.reply_broadcast !== undefined && input.thread_ts === undefined)
        throw refusal('invalid_arguments', ['reply_broadcast without thread_ts']);
      const isKnown = messages.some(({ ts, threadTs }) => ts === input.thread_ts && threadTs === undefined);
      if (input.thread_ts !== undefined && !isKnown) throw refusal('thread_not_found');
      return post(input, channel);
    },
    'chat.update': (input) => {
      checkMessage(input, ['channel', 'ts'], 'invalid_arguments');
      // Updates accept a channel's id, not its name.
      if (!CHANNELS.includes(String(input.channel))) throw refusal('channel_not_found');
      const found = messages.find(({ ts, channel }) => ts === input.ts && channel === input.channel);
      if (!found) throw refusal('message_not_found');
      found.text = String(input.text);
      if (input.blocks !== undefined) found.blocks = input.blocks as unknown[];
      found.updates++;
      return found;
    },
  };

  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8');
      const url = request.url ?? '';
      const method = url.startsWith('/api/') ? url.slice('/api/'.length) : 'webhook';
      const answer = respond(request, body, url, method);
      response.writeHead(answer.status, {
        'content-type': method === 'webhook' ? 'text/html' : 'application/json; charset=utf-8',
        ...(answer.retryAfter !== undefined && { 'retry-after': String(answer.retryAfter) }),
      });
      response.end(answer.body);
      requests.push({
        method,
        status: answer.status,
        ...(answer.error !== undefined && { error: answer.error }),
        faults: answer.faults ?? [],
      });
    });
  });

  const respond = (request: IncomingMessage, body: string, url: string, method: string): Answer => {
    const isWebhook = method === 'webhook';
    try {
      if (request.method !== 'POST') throw refusal('http_method_not_allowed');
      const isSpared = spared > 0;
      if (isSpared) spared--;
      if (!isSpared && throttled.times > 0) {
        throttled.times--;
        const error = isWebhook ? 'rate_limited' : 'ratelimited';
        return {
          status: 429,
          retryAfter: throttled.retryAfter,
          error,
          body: isWebhook ? error : JSON.stringify({ ok: false, error }),
        };
      }
      if (!isSpared && broken > 0) {
        broken--;
        return { status: 500, body: '<html>Something went wrong</html>', error: 'http_500' };
      }
      if (isWebhook && url !== path())
        throw refusal(url.startsWith('/services/') ? 'no_service' : 'not_found');
      if (!isWebhook && request.headers.authorization !== `Bearer ${token()}`) throw refusal('invalid_auth');
      const refused = refusals.shift();
      if (refused !== undefined) throw refusal(refused);
      const input = isWebhook ? fromJson(body) : fromForm(body);
      if (isWebhook) return webhook(input);
      const run = Object.hasOwn(methods, method) ? methods[method] : undefined;
      if (!run) throw refusal('unknown_method');
      const { channel, ts, text } = run(input);
      return { status: 200, body: JSON.stringify({ ok: true, channel, ts, message: { text } }) };
    } catch (error) {
      const { code = 'internal_error', faults = [String(error)] } = error as Partial<Refusal>;
      return isWebhook
        ? { status: WEBHOOK_STATUS[code] ?? 400, body: code, error: code, faults }
        : { status: 200, body: JSON.stringify({ ok: false, error: code }), error: code, faults };
    }
  };

  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    get webhookUrl() {
      return `${origin}${path()}`;
    },
    apiUrl: `${origin}/api/`,
    get token() {
      return token();
    },
    messages: () => messages,
    requests: () => requests,
    throttleNext: (times, retryAfter = 1) => {
      throttled = { times, retryAfter };
    },
    refuseNext: (code, times = 1) => {
      refusals.push(...Array.from({ length: times }, () => code));
    },
    sparing: (times) => {
      spared = times;
    },
    breakNext: (times) => {
      broken = times;
    },
    rotate: () => {
      generation++;
    },
    remove: (ts) => {
      messages.splice(
        messages.findIndex((message) => message.ts === ts),
        1,
      );
    },
    stop: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeAllConnections();
      }),
  };
};

type Answer = { status: number; body: string; retryAfter?: number; error?: string; faults?: string[] };

type Refusal = Error & { code: string; faults: string[] };

const refusal = (code: string, faults: string[] = []): Refusal =>
  Object.assign(new Error(code), { code, faults });

/** Slack's statuses of a webhook; all others are 400. */
const WEBHOOK_STATUS: Readonly<Record<string, number>> = {
  invalid_token: 403,
  action_prohibited: 403,
  no_service: 404,
  no_team: 404,
  not_found: 404,
  channel_not_found: 404,
  channel_is_archived: 410,
  internal_error: 500,
};

const channelOf = (channel: unknown): string => {
  if (channel === '#alerts') return 'C0ALERTS';
  if (!CHANNELS.includes(String(channel))) throw refusal('channel_not_found');
  return String(channel);
};

const checkMessage = (
  input: Record<string, unknown>,
  others: readonly string[],
  unknownCode: string,
): void => {
  const unknown = Object.keys(input).filter((key) => !['text', 'blocks', ...others].includes(key));
  if (unknown.length > 0)
    throw refusal(
      unknownCode,
      unknown.map((key) => `${key} is unknown, or not modelled here`),
    );
  const { text, blocks } = input;
  // Slack accepts blocks without a text. Our messages always have one, for notifications and screen readers.
  if (typeof text !== 'string' || text.trim() === '') throw refusal('no_text');
  if (text.length > MAX_TEXT) throw refusal('msg_too_long');
  const faults = [...markupFaults(text, 'text'), ...(blocks === undefined ? [] : blockFaults(blocks))];
  if (faults.length > 0) throw refusal('invalid_blocks', faults);
};

const fromJson = (body: string): Record<string, unknown> => {
  const value: unknown = JSON.parse(body);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw refusal('invalid_payload');
  return value as Record<string, unknown>;
};

/** The Web API accepts forms, in which values other than text are JSON. */
const fromForm = (body: string): Record<string, unknown> =>
  Object.fromEntries(
    [...new URLSearchParams(body)].map(([key, value]) => [
      key,
      key === 'blocks' ? JSON.parse(value) : value === 'true' ? true : value === 'false' ? false : value,
    ]),
  );
