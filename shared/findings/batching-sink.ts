import { deferredDelivery, deliveryError, isDeferred, isDeliveryError, type Sink } from './sink.ts';
import type { Change } from './state.ts';

type Waiting = { changes: readonly Change[]; resolve: () => void; reject: (error: unknown) => void };

/**
 * The sink, which gathers what it is given within a pause and delivers it as one: the findings of many resources, or of
 * a digest window that has ended, then make one message. Each caller hears of its own findings alone.
 */
export const batchingSink = (sink: Sink, pause: () => Promise<unknown>): Sink => {
  let waiting: Waiting[] = [];
  let last: Promise<void> = Promise.resolve();
  const flush = async (): Promise<void> => {
    const batch = waiting;
    waiting = [];
    try {
      await sink.deliver(batch.flatMap(({ changes }) => changes));
      for (const { resolve } of batch) resolve();
    } catch (error) {
      for (const one of batch) settle(one, sink.name, error);
    }
  };
  return {
    name: sink.name,
    deliver: (changes) =>
      new Promise((resolve, reject) => {
        waiting.push({ changes, resolve, reject });
        // One batch after the other: two at once could both tell of the same finding.
        if (waiting.length === 1) last = last.then(pause).then(flush, flush);
      }),
  };
};

const settle = ({ changes, resolve, reject }: Waiting, name: string, error: unknown): void => {
  const ids = new Set(changes.map(({ finding }) => finding.id));
  const failures = isDeliveryError(error) ? error.failures.filter(({ id }) => ids.has(id)) : [];
  if (!isDeliveryError(error)) reject(error);
  else if (failures.length === 0) resolve();
  else if (isDeferred(error)) reject(deferredDelivery(name, failures, new Date(error.deferredUntil)));
  else reject(deliveryError(name, failures));
};
