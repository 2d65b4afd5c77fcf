import { SecretsProvider } from '@aws-lambda-powertools/parameters/secrets';
import { SSMProvider } from '@aws-lambda-powertools/parameters/ssm';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SSMClient } from '@aws-sdk/client-ssm';
import { parseArn } from '../../domain/arn.ts';
import { member } from '../../json/json.ts';
import { parseJson } from '../../json/json-text.ts';
import { type ClientOptions, clientConfig } from '../read/clients.ts';
import { namingActions } from '../read/naming-actions.ts';

/** How to reach Slack: an incoming webhook, or a bot’s token and its channel. */
export type SlackAccess =
  | { kind: 'webhook'; url: string }
  | { kind: 'bot'; token: string; channel: string; apiUrl: string };

/** Reads the secret. `isAnew`: the cached value has turned out to be useless, so that it is read again. */
export type ReadSecret = (isAnew: boolean) => Promise<string>;

const CACHE_SECONDS = 300;

/** The secret in Secrets Manager or in an SSM parameter, read in the Region of its ARN and kept for five minutes. */
export const secretReader = (arn: string, options: ClientOptions = {}): ReadSecret => {
  const { service, region } = parseArn(arn) ?? {};
  const config = clientConfig({ ...options, ...(region ? { region } : {}) });
  const get =
    service === 'ssm' ? parameter(arn, namingActions('ssm', new SSMClient(config))) : secret(arn, config);
  return async (isAnew) => {
    const value = await get({ maxAge: CACHE_SECONDS, forceFetch: isAnew });
    if (typeof value !== 'string' || value.trim() === '') throw new Error(`${arn} holds no text`);
    return value;
  };
};

type GetOptions = { maxAge: number; forceFetch: boolean };

const parameter = (arn: string, client: SSMClient) => {
  const provider = new SSMProvider({ awsSdkV3Client: client });
  return (options: GetOptions) => provider.get(arn, { ...options, decrypt: true });
};

const secret = (arn: string, config: ReturnType<typeof clientConfig>) => {
  const provider = new SecretsProvider({
    awsSdkV3Client: namingActions('secretsmanager', new SecretsManagerClient(config)),
  });
  return (options: GetOptions) => provider.get(arn, options);
};

const DEFAULT_API = 'https://slack.com/api/';
const WEBHOOK_HOSTS = ['hooks.slack.com', 'hooks.slack-gov.com'];
const API_HOSTS = ['slack.com', 'slack-gov.com'];
const LOOPBACK = ['127.0.0.1', 'localhost'];

/**
 * What the secret contains: the URL of an incoming webhook, or `{"token", "channel"}`, with `apiUrl` for GovSlack. No
 * error repeats any of it. Only Slack’s own hosts are accepted (and this machine, for tests).
 */
export const parseSlackSecret = (text: string): SlackAccess => {
  const value = text.trim();
  if (/^https?:/i.test(value)) {
    if (!isAt(value, WEBHOOK_HOSTS)) throw malformed('its URL is not one of https://hooks.slack.com');
    return { kind: 'webhook', url: value };
  }
  const parsed = parseJson(value);
  if (!parsed.ok) throw malformed('it is neither a URL nor JSON');
  const token = member(parsed.value, 'token');
  const channel = member(parsed.value, 'channel');
  const apiUrl = member(parsed.value, 'apiUrl') ?? DEFAULT_API;
  if (typeof token !== 'string' || !/^[\w.-]{1,500}$/.test(token)) throw malformed('it has no token');
  if (typeof channel !== 'string' || !/^#?[\w-]{1,80}$/.test(channel)) throw malformed('it has no channel');
  if (typeof apiUrl !== 'string' || !isAt(apiUrl, API_HOSTS))
    throw malformed('its apiUrl is not one of https://slack.com');
  return { kind: 'bot', token, channel, apiUrl };
};

const isAt = (text: string, hosts: readonly string[]): boolean => {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, port } = new URL(text);
  if (username !== '') return false;
  if (LOOPBACK.includes(hostname)) return true;
  return protocol === 'https:' && port === '' && hosts.includes(hostname);
};

const malformed = (why: string): Error =>
  new Error(
    `the secret for Slack cannot be used: ${why}; expected the URL of an incoming webhook, or {"token": "xoxb-…", "channel": "C…"}`,
  );
