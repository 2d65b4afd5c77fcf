import { describe, expect, test } from '@jest/globals';
import type { Counts } from '../../../scripts/cost-counts.ts';
import { keptWork } from '../../../scripts/cost-kept.ts';
import {
  DAYS_A_MONTH,
  idle,
  idlePolls,
  linesOf,
  type Size,
  total,
  traced,
} from '../../../scripts/cost-lines.ts';
import { cost, PRICES } from '../../../scripts/cost-prices.ts';

const COUNTS: Counts = {
  keys: 2,
  secrets: 0,
  dashboards: 1,
  alarmMetrics: 40,
  ownMetrics: [],
  pollers: { standard: 2, fifo: 1 },
  archives: 7,
  functions: 5,
  memoryMb: { Audit: 256, Deliver: 256, Sweep: 512, Inventory: 1536 },
  logDays: 365,
  starts: 0,
  sweeps: 0,
  sweep: { once: 9, account: 0, wait: 3, pauseSeconds: 0 },
  isTraced: true,
};

/** A million events in a month: one pipeline, and 60 events of each run. */
const MILLION: Size = {
  name: 'a million events',
  accounts: 1,
  regions: 1,
  pipelines: 1,
  principals: 0,
  buckets: 0,
  runsADay: 1_000_000 / 60 / DAYS_A_MONTH,
};

const partsOf = (counts: Counts, size: Size): Record<string, number> =>
  Object.fromEntries(linesOf(counts, size, 10).map(({ part, dollars }) => [part, dollars]));

test('each price is of AWS’s own page, with the day', () => {
  for (const { dollars, per, page, day } of Object.values(PRICES)) {
    expect(Math.min(dollars, per)).toBeGreaterThan(0);
    expect(page).toMatch(/^https:\/\/aws\.amazon\.com\/[\w/-]+\/$/);
    expect(day).toMatch(/^2026-\d\d-\d\d$/);
  }
});

test('a queue that nobody fills is polled by five connections each 20 seconds', () => {
  // 730 hours × 3,600 s / 20 s × 5.
  expect(idlePolls()).toBe(657_000);
  expect(cost('standardRequest', idlePolls())).toBeCloseTo(0.2628, 6);
});

describe('X-Ray', () => {
  test('traces each invocation while there is at most one a second', () => {
    expect(traced(200_000)).toBe(200_000);
    // A million events in batches of five: a dollar.
    expect(cost('trace', traced(200_000))).toBeCloseTo(1, 9);
  });

  test('traces a twentieth of what is more', () => {
    // 730 hours have 2,628,000 seconds.
    expect(traced(3_628_000)).toBe(2_628_000 + 50_000);
  });
});

describe('what costs at rest', () => {
  const parts = partsOf(COUNTS, idle(MILLION));

  test.each([
    ['keys and secrets', 2],
    ['metrics in alarms', 4],
    ['own metrics', 3],
    ['dashboard', 3],
    // 2 × 657,000 × 0.40 and 657,000 × 0.50, for a million.
    ['polls of empty queues', 0.5256 + 0.3285],
    // 5 functions × 730 hours × 12 data keys = 43,800, at 0.03 for 10,000.
    ['KMS requests', 0.1314],
  ])('%s', (part, dollars) => {
    expect(parts[part]).toBeCloseTo(dollars, 6);
  });

  test('is all, where nothing happens and nothing is swept', () => {
    expect(total(linesOf(COUNTS, idle(MILLION), 10))).toBeCloseTo(12.9855, 4);
  });
});

describe('a million events', () => {
  const parts = partsOf(COUNTS, MILLION);

  test.each([
    // 1 M sent, and 0.2 M batches received and deleted.
    ['SQS', 1.4 * 0.4],
    // 0.2 M + 0.01 M invocations of a second with 256 MB: 52,500 GB-seconds.
    ['Lambda', 0.21 * 0.2 + 52_500 * 0.0000133334],
    // 2 M read units; 0.2 M notes and 5 × 10,000 for changes. The table holds 10 KB.
    ['DynamoDB', 0.25 + 0.25 * 0.625],
    // 210,000 traces.
    ['X-Ray', 1.05],
    // 10,000 events on the bus, and 2.861 GB into archives, which they keep for 30 of 30.42 days.
    ['EventBridge', 0.01 + 0.2861 + 0.0649],
    // 1.049 GB, of which a seventh part stays for a year.
    ['logs', 0.5245 + 0.0567],
    // 10,000 findings, messages and mails.
    ['Security Hub, SNS', 0.3 + 0.005 + 0.2],
  ])('%s', (part, dollars) => {
    expect(parts[part]).toBeCloseTo(dollars, 3);
  });

  test('cost nothing for tracing where nothing is traced, and nothing for archives where there are none', () => {
    const without = partsOf({ ...COUNTS, isTraced: false, archives: 0 }, MILLION);
    expect(without['X-Ray']).toBe(0);
    expect(without.EventBridge).toBeCloseTo(0.01, 6);
  });

  test('cost a dollar more where all come from other accounts or Regions', () => {
    const far = partsOf(COUNTS, { ...MILLION, accounts: 1000, regions: 1000 });
    expect((far.EventBridge ?? 0) - (parts.EventBridge ?? 0)).toBeCloseTo(1, 4);
  });
});

test('a heartbeat costs an invocation of the auditor and of the deliverer, each alone', () => {
  const parts = partsOf({ ...COUNTS, starts: 1000 }, idle(MILLION));
  // 2,000 invocations of a second with 256 MB, and as many traces.
  expect(parts.Lambda).toBeCloseTo(0.0004 + 500 * 0.0000133334, 6);
  expect(parts['X-Ray']).toBeCloseTo(0.01, 6);
  // Sent, received and deleted, and the answer.
  expect(parts.SQS).toBeCloseTo(0.0016, 6);
});

test('a sweep of a hub costs its transitions in each account', () => {
  const counts: Counts = {
    ...COUNTS,
    sweeps: 100,
    sweep: { once: 5, account: 11, wait: 3, pauseSeconds: 6 },
  };
  const size = { ...MILLION, accounts: 10, pipelines: 0 };
  // 100 × 5, and 1,000 accounts each of 11 + 1 × 3, of one start for it and one for its ten messages.
  const transitions = 500 + 1000 * (11 + 3 + 1 + 1);
  // 1,000 express executions of seven seconds with 64 MB.
  const express = 0.001 + (1000 * 7 * 0.00001667) / 16;
  expect(partsOf(counts, size)['Step Functions']).toBeCloseTo(transitions * 0.000025 + express, 6);
});

describe('a history with an evidence pack each month', () => {
  const kept = { ...COUNTS, memoryMb: { ...COUNTS.memoryMb, History: 1024, Evidence: 3008 } };

  test('costs for a million looks what AWS takes for their messages, files, seconds and a year of storage', () => {
    // Of 200,000 batches and 10,000 changes; 8,760 times five minutes; a file of each, and two of each change.
    const messages = (1.2 * 210_000 * 0.4) / 1e6;
    const files = 8760 + 20_000;
    const history = messages + (8760 * 0.2) / 1e6 + 8760 * 2 * 0.0000133334 + (files * 0.005) / 1000;
    const evidence = (files * 0.0004) / 1000 + 1e6 * 0.0006 * (3008 / 1024) * 0.0000133334;
    const parts = ((1e6 * 4.3) / 1024 / 8) * (0.005 / 1000);
    const stored = ((1e6 * (0.7 + 4.3) * 12) / 1024 ** 2) * 0.023;
    expect(keptWork(kept, MILLION)).toBeCloseTo(history + evidence + parts + stored, 4);
  });

  test('costs by what it does nothing where nothing happens', () => {
    expect(keptWork(kept, idle(MILLION))).toBe(0);
  });
});
