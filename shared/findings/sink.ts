import { counted } from '../text/counted.ts';
import type { Change } from './state.ts';

/**
 * A receiver of changes. `deliver` rejects with a `DeliveryError` that names the findings which did not arrive. All
 * others have arrived and must not be sent again.
 */
export type Sink = {
  name: string;
  /** Whether the sink wants unchanged findings again after 30 days. */
  takesRefreshed?: boolean;
  deliver(changes: readonly Change[]): Promise<void>;
};

/** A finding that did not arrive, with the receiver’s error code and message. */
export type DeliveryFailure = { id: string; code: string; message: string };

export type DeliveryError = Error & { name: 'DeliveryError'; failures: readonly DeliveryFailure[] };

/** The error of a sink that did not take everything. Its message names each finding, for those who read the log. */
export const deliveryError = (sink: string, failures: readonly DeliveryFailure[]): DeliveryError => {
  const lines = failures.map(({ id, code, message }) => `${id}: ${code}: ${message}`);
  const error = new Error(
    `${sink} did not take ${counted(failures.length, 'finding')}:\n${lines.join('\n')}`,
  );
  return Object.assign(error, { name: 'DeliveryError' as const, failures });
};

export const isDeliveryError = (error: unknown): error is DeliveryError =>
  error instanceof Error && error.name === 'DeliveryError' && 'failures' in error;

/**
 * A `DeliveryError` for findings that are only held back until a time (ISO 8601): by quiet hours, a digest window or
 * the receiver’s limit. They stay undelivered and must be given to the sink again after that time.
 */
export type DeferredDelivery = DeliveryError & { deferredUntil: string };

export const deferredDelivery = (
  sink: string,
  failures: readonly DeliveryFailure[],
  until: Date,
): DeferredDelivery => {
  const deferredUntil = until.toISOString();
  const message = `${sink} holds ${counted(failures.length, 'finding')} back until ${deferredUntil}`;
  return Object.assign(deliveryError(sink, failures), { message, deferredUntil });
};

export const isDeferred = (error: unknown): error is DeferredDelivery =>
  isDeliveryError(error) && 'deferredUntil' in error;

const MAX_DELAY_SECONDS = 900;

/**
 * How long the message in the retry queue waits: until the findings are due, but at most as long as SQS delays a
 * message. A message that comes too early is held back again.
 */
export const retryDelaySeconds = (
  { deferredUntil }: Pick<DeferredDelivery, 'deferredUntil'>,
  now: Date,
): number => {
  const seconds = Math.ceil((Date.parse(deferredUntil) - now.valueOf()) / 1000);
  return Math.max(1, Math.min(MAX_DELAY_SECONDS, seconds));
};

/** The failure of each finding of a request that failed as a whole. */
export const failAll = (ids: readonly string[], error: unknown): DeliveryFailure[] => {
  const { name, message } = error instanceof Error ? error : { name: 'UnknownError', message: String(error) };
  // Node.js reports a refused connection as an AggregateError without a message.
  const code = error instanceof Error && 'code' in error ? error.code : 'no message';
  return ids.map((id) => ({ id, code: name, message: message || String(code) }));
};
