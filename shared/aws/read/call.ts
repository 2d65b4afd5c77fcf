import { isNativeError } from 'node:util/types';
import { ABSENT, found, notRead, type Read } from '../../reader/read-result.ts';
import { cut } from '../../text/cut.ts';
import { accessError } from './access-error.ts';

/** The longest message that is stored and shown. AWS may quote the request in it, and the request may be hostile. */
const MAX_MESSAGE_LENGTH = 500;

const ABSENT_CODES = new Set([
  'ResourceNotFound',
  'ResourceNotFoundException',
  'NoSuchBucket',
  'NoSuchEntity',
  'NoSuchEntityException',
  'NotFoundException', // KMS
]);

/** How SageMaker says in a ValidationException that a job or model does not exist. */
const ABSENT_MESSAGE = /could not find|does not exist|resource not found|no such/i;

/** Errors of a network connection that worked before. */
const NETWORK_CODES = new Set([
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ECONNABORTED',
]);

/**
 * The answer of a call, or why AWS gave none: denied, absent, throttled or timed out after all attempts of the SDK.
 * Rejects with an `AwsAccessError` where no call can succeed, and with the error itself where it is a defect of ours.
 */
export const call = async <T>(name: string, send: () => Promise<T>): Promise<Read<T>> => {
  try {
    return found(await send());
  } catch (error) {
    const fatal = accessError(error);
    if (fatal) throw fatal;
    if (!isNativeError(error) || !isAnswer(error)) throw error;
    return unreadOf(name, error);
  }
};

/** The SDK adds its number of attempts to every error, so that only a status shows that AWS has answered. */
const isAnswer = (error: Error): boolean => {
  const { code } = error as { code?: unknown };
  const isNetwork = typeof code === 'string' && NETWORK_CODES.has(code);
  return statusOf(error) !== undefined || isNetwork || error.name === 'TimeoutError';
};

const unreadOf = (call: string, error: Error): Read<never> => {
  const read = answerOf(call, error);
  return !read.ok && isTransient(error) ? { ok: false, unread: { ...read.unread, isTransient: true } } : read;
};

const answerOf = (call: string, error: Error): Read<never> => {
  const { name, message } = error;
  const status = statusOf(error);
  if (status !== undefined && (!('$fault' in error) || name === 'Unknown')) {
    const advice = `the answer (HTTP status ${status}) does not look like one of AWS: a proxy may have sent it`;
    return notRead(call, `Http${status}`, advice);
  }
  const isAbsent =
    !isTransient(error) &&
    (ABSENT_CODES.has(name) || (name === 'ValidationException' && ABSENT_MESSAGE.test(message)));
  return notRead(call, isAbsent ? ABSENT : name, shorten(message || `the call failed with ${name}`));
};

/** Error names of services for a request that came too soon or took too long, whatever its status. */
const TRANSIENT_NAME =
  /^(?:Throttl|RequestThrottl|TooManyRequests|RequestLimitExceeded|BandwidthLimitExceeded|SlowDown$|PriorRequestNotComplete|TimeoutError$|RequestTimeout|ProvisionedThroughputExceeded|ServiceUnavailable|Internal(?:Failure|Error|Server))/;

/** Whether the same call may succeed later. A status of 501 or 505 never changes. */
const isTransient = (error: Error): boolean => {
  const { code, $retryable } = error as { code?: unknown; $retryable?: { throttling?: boolean } };
  const status = statusOf(error) ?? 0;
  return (
    status === 429 ||
    (status >= 500 && status !== 501 && status !== 505) ||
    TRANSIENT_NAME.test(error.name) ||
    $retryable !== undefined ||
    (typeof code === 'string' && NETWORK_CODES.has(code))
  );
};

/** The HTTP status of the answer that the error was made from. */
const statusOf = (error: Error): number | undefined => {
  const { $metadata, $response } = error as {
    $metadata?: { httpStatusCode?: number };
    $response?: { statusCode?: number };
  };
  return $metadata?.httpStatusCode ?? $response?.statusCode;
};

export const shorten = (message: string): string => cut(message, MAX_MESSAGE_LENGTH);

/** The items of all pages of one of the SDK’s paginators. Each page is requested after the previous page has come. */
export const allPages = async <Page, T>(
  pages: AsyncIterable<Page>,
  itemsOf: (page: Page) => readonly T[] | undefined,
): Promise<T[]> => {
  const all: T[] = [];
  for await (const page of pages) all.push(...(itemsOf(page) ?? []));
  return all;
};

/**
 * The pages of one of the SDK’s paginators; undefined as soon as their sizes add up to more than `most`, without asking for the
 * others.
 */
export const pagesWithin = async <Page>(
  most: number,
  pages: AsyncIterable<Page>,
  sizeOf: (page: Page) => number,
): Promise<Page[] | undefined> => {
  const all: Page[] = [];
  let size = 0;
  for await (const page of pages) {
    size += sizeOf(page);
    if (size > most) return undefined;
    all.push(page);
  }
  return all;
};
