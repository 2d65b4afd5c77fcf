import { isIP, isIPv6 } from 'node:net';
import type { Json, JsonObject } from '../shared/json/json.ts';
import { parseJson } from '../shared/json/json-text.ts';
import { NAME } from './sandbox-steps.ts';

/** What stands for the accounts of the sandbox, and for all others. */
const OWN_ACCOUNT = '111122223333';
const OTHER_ACCOUNT = '444455556666';
const UUID = 'aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee';

/** Sessions that AWS names tell what is asked; those of people do not. */
const SESSION_OF_AWS = /^(?:sagemaker-pipeline-|SageMaker$|AWSCloudFormation$)/;

/**
 * A record as it can be shown: without account ids, the names and sessions of people, addresses, keys, ids of organizations and networks,
 * and ids of requests, also in JSON within its texts. Names that the sandbox gave, services and the names of AWS’s own sessions stay,
 * because they are what is asked.
 */
export const redacted = (value: Json, accounts: readonly string[]): Json => {
  if (Array.isArray(value)) return value.map((each) => redacted(each, accounts));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(
      Object.entries(value).map(([key, each]): [string, Json] => [
        redactedText(key, accounts),
        redacted(typeof each === 'string' ? byKey(key, each) : each, accounts),
      ]),
    ) satisfies JsonObject;
  if (typeof value === 'string') return redactedWithin(value, accounts);
  if (typeof value !== 'number') return value;
  const text = redactedText(String(value), accounts);
  return text === String(value) ? value : text;
};

/** A text, which may be JSON itself, as definitions and policies are, or packed for a URL or in base64. */
const redactedWithin = (text: string, accounts: readonly string[]): string => {
  if (/^\s*[[{]/.test(text)) {
    const parsed = parseJson(text);
    if (parsed.ok) return JSON.stringify(redacted(parsed.value, accounts));
  }
  return redactedText(text, accounts);
};

/** What a member holds by its name, which calls and records write with another first letter. */
const byKey = (key: string, text: string): string => {
  switch (key.toLowerCase()) {
    case 'username':
    case 'sourceidentity':
    case 'rolesessionname':
      return text.startsWith(NAME) ? text : 'somebody';
    case 'principalid':
      return withoutSession(text);
    case 'sourceipaddress':
      return isIP(text) > 0 || OF_SERVICE.test(text) ? text : 'redacted';
    case 'secretaccesskey':
    case 'sessiontoken':
    case 'nexttoken':
    case 'vpcendpointid':
    case 'vpcendpointaccountid':
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

/** What stands in place of an address where AWS itself has called. */
const OF_SERVICE = /^(?:AWS Internal|[a-z0-9.-]+\.amazonaws\.com(?:\.cn)?)$/;

const shownSession = (session: string): string => (SESSION_OF_AWS.test(session) ? session : 'session');

const redactedText = (text: string, accounts: readonly string[]): string =>
  withoutAccounts(
    unpacked(withoutAccounts(text, accounts))
      .replace(/[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/gi, UUID)
      .replace(/(?<![A-Z0-9])(A[A-Z0-9]{3})[A-Z0-9]{12,}/g, '$1EXAMPLE')
      .replace(
        /(A[A-Z0-9]{3}EXAMPLE:)([^\s"'/\\]+)/g,
        (_, id: string, session: string) => id + shownSession(session),
      )
      .replace(/\b\d{1,3}(?:\.\d{1,3}){3}\b/g, '192.0.2.1')
      .replace(/\bip-\d{1,3}(?:-\d{1,3}){3}\b/g, 'ip-192-0-2-1')
      .replace(/[0-9a-f:]{2,}(?:\.\d+){0,3}/gi, withoutIPv6)
      .replace(/\b(?:vpce|vpc|subnet|eni|sg|i)-[0-9a-f]{8,17}\b/g, (id) => `${id.split('-', 1)[0]}-example`)
      .replace(/\bo-[a-z0-9]{10,32}\b/g, 'o-exampleorgid')
      .replace(/\bou-[a-z0-9]{4,32}-[a-z0-9]{8,32}\b/g, 'ou-exam-11111111')
      .replace(/(?<=\/)r-[a-z0-9]{4,32}\b/g, 'r-exam')
      .replace(/[\w.+@-]+/g, (word) => (word.includes('@') ? 'somebody@example.com' : word))
      .replace(
        /(:assumed-role\/[^/\s"]+\/)([^/\s"]+)/g,
        (_, role: string, session: string) => role + shownSession(session),
      )
      .replace(/(:(?:user|federated-user)\/)[^\s"]+/g, '$1somebody'),
    accounts,
  );

/** Sentences put a colon before or after an address. */
const withoutIPv6 = (part: string): string => {
  const [, before = '', address = '', after = ''] = /^((?::(?!:))?)(.*?)((?:(?<!:):)?)$/.exec(part) ?? [];
  return isIPv6(address) ? `${before}2001:db8::1${after}` : part;
};

/** A text without the codes of URLs, without tokens of sessions, and without words in base64 of something that can be read. */
const unpacked = (text: string): string =>
  text
    .replace(/%[0-9a-f]{2}/gi, (code) => {
      const byte = Number.parseInt(code.slice(1), 16);
      return byte < 0x80 ? String.fromCharCode(byte) : '';
    })
    .replace(/\b(?:IQoJ|FwoG|FQoG)[A-Za-z0-9+/]{20,}={0,2}/g, 'redacted')
    .replace(/[A-Za-z0-9+/_-]{16,}={0,2}/g, (word) => (isPacked(word) ? 'redacted' : word));

/**
 * Whether a word is base64 of a text of 12 ASCII characters or more with a space, colon, quote or account: names are of no such
 * text.
 */
const isPacked = (word: string): boolean => {
  const bytes = Buffer.from(word, 'base64').toString('latin1');
  return /^[\x20-\x7e\s]{12,}$/.test(bytes) && /[ :"]|\d{12}/.test(bytes);
};

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
