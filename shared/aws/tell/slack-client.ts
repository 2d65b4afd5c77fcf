import { ErrorCode, WebClient } from '@slack/web-api';
import { IncomingWebhook, ErrorCode as WebhookErrorCode } from '@slack/webhook';
import { member } from '../../json/json.ts';
import type { SlackMessage } from '../../outputs/messages/slack.ts';
import type { SlackAccess } from './slack-secret.ts';

/** The address of a bot’s message. A webhook does not return one. */
export type Posted = { channel: string; ts: string };

export type SlackClient = {
  /** Whether messages can be found again, to update them and to reply to them. */
  isBot: boolean;
  post(message: SlackMessage, under?: Posted & { isBroadcast: boolean }): Promise<Posted | undefined>;
  update(message: SlackMessage, at: Posted): Promise<void>;
};

/** Why Slack did not take a message (Slack’s own code), and what the caller should do about it. */
export type SlackRefusal = Error & {
  name: 'SlackRefusal';
  code: string;
  calls: 'new secret' | 'plain text' | 'new message' | 'patience' | 'nothing';
  retryAfterSeconds?: number;
  /** An earlier call of the same attempt was taken. */
  isPartlyTaken?: boolean;
};

export const isSlackRefusal = (error: unknown): error is SlackRefusal =>
  error instanceof Error && error.name === 'SlackRefusal';

/** Whether Slack certainly has no message: it may have one after an answer that did not come, or came from a server in trouble. */
export const isNotTaken = (error: unknown): boolean =>
  isSlackRefusal(error) && !error.isPartlyTaken && !/^(?:timed_out|unreachable|http_5\d\d)$/.test(error.code);

const TIMEOUT_MS = 10_000;
const silent = () => {};
/** Silences the client’s own logger, which would write requests with findings to stdout. */
const logger = {
  debug: silent,
  info: silent,
  warn: silent,
  error: silent,
  setLevel: silent,
  setName: silent,
  getLevel: () => 'error' as never,
};

/** A Slack client that tries once, because its caller knows better what is worth another attempt. */
export const slackClient = (access: SlackAccess): SlackClient =>
  access.kind === 'webhook' ? webhook(access.url) : bot(access);

/** https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks */
const webhook = (url: string): SlackClient => ({
  isBot: false,
  post: async (message) => {
    let retryAfter: string | null = null;
    const hook = new IncomingWebhook(url, {
      timeout: TIMEOUT_MS,
      fetch: async (to, init) => {
        const response = await fetch(to, init as RequestInit);
        retryAfter = response.headers.get('retry-after');
        return response as never;
      },
    });
    try {
      await hook.send({ ...content(message), unfurl_links: false, unfurl_media: false });
      return undefined;
    } catch (error) {
      throw webhookRefusal(error, retryAfter);
    }
  },
  update: () => Promise.reject(new Error('a webhook cannot update a message')),
});

/** https://docs.slack.dev/reference/methods/chat.postMessage and chat.update */
const bot = ({ token, channel, apiUrl }: Extract<SlackAccess, { kind: 'bot' }>): SlackClient => {
  const client = new WebClient(token, {
    slackApiUrl: apiUrl,
    logger,
    timeout: TIMEOUT_MS,
    rejectRateLimitedCalls: true,
    retryConfig: { retries: 0 },
  });
  const call = async (method: string, body: Record<string, unknown>): Promise<Posted> => {
    try {
      const answer = await client.apiCall(method, body);
      const [at, ts] = [member(answer, 'channel'), member(answer, 'ts')];
      if (typeof at !== 'string' || typeof ts !== 'string')
        throw new Error(`${method} did not say where the message is`);
      return { channel: at, ts };
    } catch (error) {
      throw apiRefusal(error);
    }
  };
  return {
    isBot: true,
    post: (message, under) =>
      call('chat.postMessage', {
        ...content(message),
        channel: under?.channel ?? channel,
        unfurl_links: false,
        unfurl_media: false,
        ...(under && { thread_ts: under.ts, reply_broadcast: under.isBroadcast }),
      }),
    update: async (message, at) => {
      await call('chat.update', { ...content(message), channel: at.channel, ts: at.ts });
    },
  };
};

/** An empty list of blocks is sent too, as an update without blocks keeps the old ones. */
const content = ({ text, blocks }: SlackMessage) => ({ text, blocks });

const CALLS: Readonly<Record<string, SlackRefusal['calls']>> = {
  ...Object.fromEntries(
    [
      ...['invalid_auth', 'not_authed', 'token_revoked', 'token_expired', 'account_inactive'],
      ...['invalid_token', 'no_service', 'no_service_id', 'no_team', 'team_disabled', 'channel_not_found'],
    ].map((code) => [code, 'new secret' as const]),
  ),
  ...Object.fromEntries(
    [
      ...['invalid_blocks', 'invalid_blocks_format', 'invalid_payload', 'invalid_attachments'],
      ...['msg_too_long', 'msg_blocks_too_long'],
    ].map((code) => [code, 'plain text' as const]),
  ),
  ...Object.fromEntries(
    ['message_not_found', 'cant_update_message', 'edit_window_closed', 'thread_not_found'].map((code) => [
      code,
      'new message' as const,
    ]),
  ),
  ratelimited: 'patience',
  rate_limited: 'patience',
};

const webhookRefusal = (error: unknown, retryAfter: string | null): SlackRefusal => {
  if (member(error, 'code') !== WebhookErrorCode.HTTPError) return unreachable(error);
  const status = Number(member(error, 'statusCode'));
  // Only a body that looks like a code is repeated. It may be something else, such as a proxy’s page.
  const body = String(member(error, 'body') ?? '').trim();
  const code = /^[a-z_]{1,50}$/.test(body) ? body : `http_${status}`;
  if (status === 429) return refusal(code, 'patience', seconds(retryAfter));
  if (Object.hasOwn(CALLS, code)) return refusal(code);
  return refusal(code, [401, 403, 404].includes(status) ? 'new secret' : 'nothing');
};

const apiRefusal = (error: unknown): SlackRefusal => {
  switch (member(error, 'code')) {
    case ErrorCode.PlatformError: {
      const code = String(member(member(error, 'data'), 'error') ?? '');
      return refusal(/^[a-z_]{1,80}$/.test(code) ? code : 'unknown_error');
    }
    case ErrorCode.RateLimitedError:
      return refusal('ratelimited', 'patience', seconds(String(member(error, 'retryAfter'))));
    case ErrorCode.HTTPError: {
      const status = Number(member(error, 'statusCode'));
      return refusal(`http_${status}`, [401, 403, 404].includes(status) ? 'new secret' : 'nothing');
    }
    default:
      return unreachable(error);
  }
};

/** The original error is not kept, as it may contain the URL, which is a secret. */
const unreachable = (error: unknown): SlackRefusal => {
  const { name = 'unknown' } = (member(error, 'original') ?? {}) as Partial<Error>;
  return refusal(name === 'TimeoutError' ? 'timed_out' : 'unreachable', 'nothing');
};

const refusal = (
  code: string,
  calls: SlackRefusal['calls'] = (Object.hasOwn(CALLS, code) ? CALLS[code] : undefined) ?? 'nothing',
  retryAfterSeconds?: number,
): SlackRefusal =>
  Object.assign(new Error(`Slack did not take the message: ${code}`), {
    name: 'SlackRefusal' as const,
    code,
    calls,
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  });

/** Slack gives whole seconds. At most an hour is believed. */
const seconds = (retryAfter: string | null): number => {
  const value = Number(retryAfter ?? 'missing');
  return Number.isFinite(value) && value > 0 ? Math.min(value, 3600) : 30;
};
