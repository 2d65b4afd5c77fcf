import type { Change } from './state.ts';

/**
 * Somewhere that changes are told to. `deliver` rejects with a `DeliveryError` unless everything that concerns the
 * sink has arrived; what the error does not name has arrived, and must not be sent again.
 */
export type Sink = {
  name: string;
  /** Whether it wants to hear of a finding that nothing has changed about for 30 days. */
  takesRefreshed?: boolean;
  deliver(changes: readonly Change[]): Promise<void>;
};

/** A finding that did not arrive, with the receiver's error code and message. */
export type DeliveryFailure = { id: string; code: string; message: string };

export type DeliveryError = Error & { name: 'DeliveryError'; failures: readonly DeliveryFailure[] };

/** The error of a sink that could not deliver everything: its message names each finding, for whoever reads the log. */
export const deliveryError = (sink: string, failures: readonly DeliveryFailure[]): DeliveryError => {
  const lines = failures.map(({ id, code, message }) => `${id}: ${code}: ${message}`);
  const error = new Error(`${sink} did not take ${failures.length} finding(s):\n${lines.join('\n')}`);
  return Object.assign(error, { name: 'DeliveryError' as const, failures });
};

export const isDeliveryError = (error: unknown): error is DeliveryError =>
  error instanceof Error && error.name === 'DeliveryError' && 'failures' in error;

/**
 * A `DeliveryError` of which nothing has failed: its findings are held back until that time (ISO 8601), by quiet hours,
 * a digest window or the receiver's own limit. They stay undelivered, and are to be given to the sink again from then on.
 */
export type DeferredDelivery = DeliveryError & { deferredUntil: string };

export const deferredDelivery = (
  sink: string,
  failures: readonly DeliveryFailure[],
  until: Date,
): DeferredDelivery => {
  const deferredUntil = until.toISOString();
  const message = `${sink} holds ${failures.length} finding(s) back until ${deferredUntil}`;
  return Object.assign(deliveryError(sink, failures), { message, deferredUntil });
};

export const isDeferred = (error: unknown): error is DeferredDelivery =>
  isDeliveryError(error) && 'deferredUntil' in error;

const MAX_DELAY_SECONDS = 900;

/**
 * How long a message about it may wait in the retry queue: until it is due, but no longer than SQS can delay one; what
 * is not due by then is held back again.
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
  // A refused connection is an AggregateError without a message.
  const code = error instanceof Error && 'code' in error ? error.code : 'no message';
  return ids.map((id) => ({ id, code: name, message: message || String(code) }));
};
