import { isNativeError } from 'node:util/types';
import { notRead, type Read } from '../../reader/read-result.ts';

/**
 * Nothing can be read from AWS: credentials are missing, expired or refused, or the Region or network cannot be
 * reached.
 */
export type AwsAccessError = Error & { name: 'AwsAccessError' };

export const isAwsAccessError = (error: unknown): error is AwsAccessError =>
  isNativeError(error) && error.name === 'AwsAccessError';

/** Whether the network failed, which says nothing of any account or role. */
export const hasNoAnswer = ({ cause }: AwsAccessError): boolean =>
  (cause as { code?: unknown } | undefined)?.code !== undefined;

/**
 * Whether a service does not know the credentials. In a Region that is off in the account it knows none, though they work elsewhere.
 * https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html
 */
export const isRefusedByRegion = ({ cause }: AwsAccessError): boolean =>
  isNativeError(cause) && REFUSED.has(cause.name);

/** The Region in which a call was made that no call can succeed after; undefined where the error does not tell. */
export const refusingRegion = ({ cause }: AwsAccessError): string | undefined => {
  const { signedFor } = (cause ?? {}) as { signedFor?: unknown };
  return typeof signedFor === 'string' ? signedFor : undefined;
};

/**
 * An error after which no call can succeed, as the answer to one call: of one Region of several, say.
 * @throws the error itself if it is of another kind.
 */
export const accessAsUnread = (call: string, error: unknown): Read<never> => {
  if (!isAwsAccessError(error)) throw error;
  return notRead(call, isNativeError(error.cause) ? error.cause.name : error.name, error.message);
};

const EXPIRED = new Set(['ExpiredToken', 'ExpiredTokenException', 'TokenRefreshRequired', 'RequestExpired']);

const REFUSED = new Set([
  'InvalidClientTokenId',
  'UnrecognizedClientException',
  'InvalidAccessKeyId',
  'SignatureDoesNotMatch',
  'InvalidSignatureException',
  'IncompleteSignature',
  'IncompleteSignatureException',
  'MissingAuthenticationToken',
  'MissingAuthenticationTokenException',
  'AuthFailure',
  'InvalidToken',
]);

const NOT_FOUND = new Set(['CredentialsProviderError', 'TokenProviderError', 'ProviderError']);

const NO_HOST = new Set(['ENOTFOUND', 'EAI_AGAIN', 'ECONNREFUSED']);

/**
 * For an error after which no call can succeed: an error whose message says what to do, with the original as its
 * `cause`. Undefined for any other error.
 */
export const accessError = (error: unknown): AwsAccessError | undefined => {
  if (!isNativeError(error)) return undefined;
  const advice = adviceFor(error);
  if (advice === undefined) return undefined;
  return Object.assign(new Error(advice, { cause: error }), { name: 'AwsAccessError' as const });
};

const adviceFor = (error: Error): string | undefined => {
  const { name, message } = error;
  const { code, hostname } = error as { code?: unknown; hostname?: unknown };
  if (EXPIRED.has(name)) {
    return 'the AWS credentials have expired: renew them (for a profile with SSO: `aws sso login`) and run it again';
  }
  if (REFUSED.has(name)) {
    return `AWS does not accept the credentials (${name}): look at the profile and its keys, and at whether the Region is enabled for the account`;
  }
  if (name === 'RequestTimeTooSkewed')
    return 'AWS refuses calls from a machine whose clock is wrong: set the clock of this machine';
  if (NOT_FOUND.has(name)) {
    return `AWS credentials cannot be loaded (${message}): give --profile NAME, or set AWS_PROFILE or AWS_ACCESS_KEY_ID and its secret`;
  }
  if (/not authorized to perform: sts:/.test(message)) {
    return `the role of the AWS credentials cannot be assumed: ${message}`;
  }
  if (/^Region (is missing|not accepted)/.test(message)) {
    return `AWS cannot be called without a valid Region (${message}): give --region, such as eu-west-1, or set AWS_REGION, or a region in the profile`;
  }
  if (typeof code === 'string' && NO_HOST.has(code)) {
    const host = typeof hostname === 'string' ? hostname : 'the address of AWS';
    return `${host} cannot be reached (${code}): look at the Region's name, the network, and AWS_ENDPOINT_URL where it is set`;
  }
  return undefined;
};
