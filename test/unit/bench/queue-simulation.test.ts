import { expect, test } from '@jest/globals';
import { inLambda, simulate } from '../../../bench/processes/queue-simulation.ts';

const takes = () => 100;

test('an instance takes what has arrived when it is free, and others wait for it', () => {
  const { doneAt } = simulate([0, 10, 20, 30], { instances: 1, batch: 2, takes });
  expect(doneAt).toEqual([100, 200, 200, 300]);
});

test('several instances work side by side', () => {
  const { doneAt } = simulate([0, 10, 20, 30], { instances: 4, batch: 10, takes });
  expect(doneAt).toEqual([100, 110, 120, 130]);
});

test('an invocation waits for a full batch, and no longer than its window', () => {
  const of = (arrivals: number[]) =>
    simulate(arrivals, { instances: 1, batch: 3, windowMs: 50, takes }).doneAt;
  expect(of([0, 10, 20])).toEqual([120, 120, 120]);
  expect(of([0, 10, 80])).toEqual([150, 150, 250]);
});

test('the first invocation of an instance starts it, and one that is idle is used before another starts', () => {
  const starting = (_events: number, isFirst: boolean) => (isFirst ? 500 : 100);
  const { doneAt, longestMs } = simulate([0, 1000, 1010], { instances: 3, batch: 1, takes: starting });
  expect(doneAt).toEqual([500, 1100, 1510]);
  expect(longestMs).toBe(500);
});

test('CPU is stretched to the share of a core, and waiting is not', () => {
  expect(inLambda({ wallMs: 130, cpuMs: 30 }, 1769)).toBe(130);
  expect(inLambda({ wallMs: 130, cpuMs: 30 }, 1769 / 2)).toBe(160);
  expect(inLambda({ wallMs: 20, cpuMs: 30 }, 1769)).toBe(30);
});
