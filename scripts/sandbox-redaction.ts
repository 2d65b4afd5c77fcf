import { isIPv6 } from 'node:net';
import type { Json, JsonObject } from '../shared/json/json.ts';
import { NAME } from './sandbox-steps.ts';

/** What stands for the accounts of the sandbox, and for all others. */
const OWN_ACCOUNT = '111122223333';
const OTHER_ACCOUNT = '444455556666';
const UUID = 'aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee';

/** Sessions that AWS names tell what is asked; those of people do not. */
const SESSION_OF_AWS = /^(?:sagemaker-pipeline-|SageMaker$|AWSCloudFormation$)/;

/**
 * A record as it can be shown: without account ids, the names and sessions of people, addresses, keys and ids of requests. Names that the
 * sandbox gave, services and the names of AWS’s own sessions stay, because they are what is asked.
 */
export const redacted = (value: Json, accounts: readonly string[]): Json => {
  if (Array.isArray(value)) return value.map((each) => redacted(each, accounts));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(
      Object.entries(value).map(([key, each]): [string, Json] => [
        redactedText(key, accounts),
        typeof each === 'string' ? redactedText(byKey(key, each), accounts) : redacted(each, accounts),
      ]),
    ) satisfies JsonObject;
  if (typeof value === 'string') return redactedText(value, accounts);
  if (typeof value !== 'number') return value;
  const text = redactedText(String(value), accounts);
  return text === String(value) ? value : text;
};

/** What a member holds by its name. */
const byKey = (key: string, text: string): string => {
  switch (key) {
    case 'userName':
    case 'sourceIdentity':
    case 'roleSessionName':
      return text.startsWith(NAME) ? text : 'somebody';
    case 'principalId':
      return withoutSession(text);
    case 'secretAccessKey':
    case 'sessionToken':
    case 'vpcEndpointId':
    case 'vpcEndpointAccountId':
      return 'redacted';
    default:
      return text;
  }
};

/** The id of a role with its session: `AROA…:session`. */
const withoutSession = (text: string): string => {
  const at = text.indexOf(':') + 1;
  return at === 0 ? text : text.slice(0, at) + shownSession(text.slice(at));
};

const shownSession = (session: string): string => (SESSION_OF_AWS.test(session) ? session : 'session');

const redactedText = (text: string, accounts: readonly string[]): string =>
  withoutAccounts(
    text
      .replace(/[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/gi, UUID)
      .replace(/(?<![A-Z0-9])(A[A-Z0-9]{3})[A-Z0-9]{12,}/g, '$1EXAMPLE')
      .replace(/\b\d{1,3}(?:\.\d{1,3}){3}\b/g, '192.0.2.1')
      .replace(/[0-9a-f:]{2,}(?:\.\d+){0,3}/gi, (part) => (isIPv6(part) ? '2001:db8::1' : part))
      .replace(/[\w.+@-]+/g, (word) => (word.includes('@') ? 'somebody@example.com' : word))
      .replace(
        /(:assumed-role\/[^/\s"]+\/)([^/\s"]+)/g,
        (_, role: string, session: string) => role + shownSession(session),
      )
      .replace(/(:(?:user|federated-user)\/)[^\s"]+/g, '$1somebody'),
    accounts,
  );

const withoutAccounts = (text: string, accounts: readonly string[]): string => {
  const own = accounts.reduce((all, account) => without(all, account, OWN_ACCOUNT), text);
  return own.replace(/(?<!\d)\d{12}(?!\d)/g, (id) => (id === OWN_ACCOUNT ? id : OTHER_ACCOUNT));
};

/** A number beside digits may come to be there again by its replacement. */
const without = (text: string, account: string, by: string): string => {
  if (account === by || !text.includes(account)) return text;
  const replaced = text.replaceAll(account, by);
  return replaced.includes(account) ? replaced.replaceAll(account, 'account') : replaced;
};
