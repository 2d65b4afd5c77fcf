import { expect, test } from '@jest/globals';
import { batchingSink } from '../../../shared/findings/batching-sink.ts';
import {
  deferredDelivery,
  deliveryError,
  isDeferred,
  isDeliveryError,
  retryDelaySeconds,
  type Sink,
} from '../../../shared/findings/sink.ts';
import type { Change } from '../../../shared/findings/state.ts';
import { aFinding } from '../../support/builders/finding.ts';

const change = (id: string): Change => ({ kind: 'opened', finding: aFinding({ id }) });

const gathering = (answer: (ids: string[]) => Promise<void> = async () => {}) => {
  const batches: string[][] = [];
  const sink: Sink = {
    name: 'Slack',
    deliver: (changes) => {
      const ids = changes.map(({ finding }) => finding.id);
      batches.push(ids);
      return answer(ids);
    },
  };
  return { batches, sink: batchingSink(sink, () => new Promise((resolve) => setImmediate(resolve))) };
};

test('changes that come within the pause are delivered together, later ones after them', async () => {
  const { batches, sink } = gathering();
  await Promise.all([sink.deliver([change('a')]), sink.deliver([change('b'), change('c')])]);
  await sink.deliver([change('d')]);
  expect(batches).toEqual([['a', 'b', 'c'], ['d']]);
});

test('changes that come during a delivery wait for its end', async () => {
  let running = 0;
  const { batches, sink } = gathering(async () => {
    running++;
    expect(running).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 20));
    running--;
  });
  const first = sink.deliver([change('a')]);
  await new Promise((resolve) => setTimeout(resolve, 10));
  await Promise.all([first, sink.deliver([change('b')])]);
  expect(batches).toEqual([['a'], ['b']]);
});

test('each caller hears of its own failures, and until when its changes are held back', async () => {
  const failure = { id: 'a', code: 'Held', message: 'until later' };
  const until = new Date('2026-11-24T11:00:00.000Z');
  for (const error of [deliveryError('Slack', [failure]), deferredDelivery('Slack', [failure], until)]) {
    const { sink } = gathering(() => Promise.reject(error));
    const outcomes = await Promise.allSettled([sink.deliver([change('a')]), sink.deliver([change('b')])]);
    const [refused, taken] = outcomes;
    expect(taken?.status).toBe('fulfilled');
    const reason: unknown = refused?.status === 'rejected' ? refused.reason : undefined;
    expect(isDeliveryError(reason) && reason.failures).toEqual([failure]);
    expect(isDeferred(reason)).toBe(isDeferred(error));
  }
});

test('an error that names no finding is reported to every caller', async () => {
  const { sink } = gathering(() => Promise.reject(new TypeError('a defect')));
  const outcomes = await Promise.allSettled([sink.deliver([change('a')]), sink.deliver([change('b')])]);
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
});

test.each([
  ['2026-11-24T10:00:30.000Z', 30],
  ['2026-11-24T18:00:00.000Z', 900],
  ['2026-11-24T09:00:00.000Z', 1],
])('a change that is held back until %s waits %d seconds in the queue', (deferredUntil, expected) => {
  expect(retryDelaySeconds({ deferredUntil }, new Date('2026-11-24T10:00:00.000Z'))).toBe(expected);
});
