import { deferredDelivery, deliveryError, isDeferred, isDeliveryError, type Sink } from './sink.ts';
import type { Change } from './state.ts';

type Waiting = { changes: readonly Change[]; resolve: () => void; reject: (error: unknown) => void };

/**
 * A sink that collects all changes that it is given during a pause and delivers them at once, so that many resources,
 * or a whole digest window, make one message. Each caller’s promise settles by that caller’s own findings alone.
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
        // Batches go one after the other: two at the same time could both deliver the same finding.
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
