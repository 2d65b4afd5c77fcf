import { isNativeError } from 'node:util/types';
import { ABSENT, found, notRead, type Read } from '../../reader/read-result.ts';
import { cut } from '../../text/cut.ts';
import { accessError } from './access-error.ts';

/** Messages can quote the request, which can be hostile; what is stored and shown stays short. */
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

/** What can happen to a connection that was possible before. */
const NETWORK_CODES = new Set([
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ECONNABORTED',
]);

/**
 * A call's answer, or why AWS gave none: denied, absent, throttled or timed out after the SDK's own attempts. Rejects
 * with an `AwsAccessError` where no call can succeed, and with the error itself where it is a bug of ours.
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

/** The SDK marks all errors with the attempts it made, so that only a status tells an answer from a bug. */
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
    const advice = `the answer (HTTP status ${status}) is none that AWS gives: a proxy may stand between`;
    return notRead(call, `Http${status}`, advice);
  }
  const isAbsent =
    !isTransient(error) &&
    (ABSENT_CODES.has(name) || (name === 'ValidationException' && ABSENT_MESSAGE.test(message)));
  return notRead(call, isAbsent ? ABSENT : name, shorten(message || `the call failed with ${name}`));
};

/** What services call a request that came too soon or took too long, whatever its status. */
const TRANSIENT_NAME =
  /^(?:Throttl|RequestThrottl|TooManyRequests|RequestLimitExceeded|BandwidthLimitExceeded|SlowDown$|PriorRequestNotComplete|TimeoutError$|RequestTimeout|ProvisionedThroughputExceeded|ServiceUnavailable|Internal(?:Failure|Error|Server))/;

/** Whether the same call may well be answered later; 501 and 505 are for good. */
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

/** The status of the answer that the error was made of. */
const statusOf = (error: Error): number | undefined => {
  const { $metadata, $response } = error as {
    $metadata?: { httpStatusCode?: number };
    $response?: { statusCode?: number };
  };
  return $metadata?.httpStatusCode ?? $response?.statusCode;
};

/** The message, cut where it is too long to be stored and shown. */
export const shorten = (message: string): string => cut(message, MAX_MESSAGE_LENGTH);

/** The items of all pages that one of the SDK's paginators gives; each page is asked for when the one before has come. */
export const allPages = async <Page, T>(
  pages: AsyncIterable<Page>,
  itemsOf: (page: Page) => readonly T[] | undefined,
): Promise<T[]> => {
  const all: T[] = [];
  for await (const page of pages) all.push(...(itemsOf(page) ?? []));
  return all;
};
