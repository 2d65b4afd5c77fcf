import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { compareWithKept, type KeptFigure, shownFigure } from '../../../../bench/kept/compare.ts';

const SPEED: KeptFigure = {
  line: { case: 'ratio', storedJobs: 100 },
  field: 'eventsPerSecond',
  better: 'more',
  kept: 10,
  tolerance: 0.2,
};
const WRITES: KeptFigure = {
  line: { case: 'handler', batch: 10 },
  field: 'writesPerEvent',
  better: 'less',
  kept: 0.1,
  tolerance: 0,
};

const verdict = (figure: KeptFigure, now: unknown): string | undefined =>
  compareWithKept([{ ...figure.line, other: 1, [figure.field]: now }], [figure])[0]?.verdict;

test.each([
  ['7.9x', 'worse'],
  ['8x', 'same'],
  ['12x', 'same'],
  ['12.1x', 'better'],
])('of a ratio that is to be 10 or more within a fifth, %s is %s', (now, is) => {
  expect(verdict(SPEED, now)).toBe(is);
});

test.each([
  [0.2, 'worse'],
  [0.1, 'same'],
  [0, 'better'],
])('of a count that is to be 0.1 exactly, %s is %s', (now, is) => {
  expect(verdict(WRITES, now)).toBe(is);
});

test('a figure that the run has not measured is not compared', () => {
  const lines = [
    { case: 'ratio', storedJobs: 1000, eventsPerSecond: '1x' },
    { case: 'handler', batch: 10, writesPerEvent: null },
  ];
  expect(compareWithKept(lines, [SPEED, WRITES])).toEqual([]);
});

test('a figure is shown with its line', () => {
  const [compared] = compareWithKept([{ ...SPEED.line, eventsPerSecond: '3.1x' }], [SPEED]);
  expect(compared && shownFigure(compared)).toBe(
    'ratio storedJobs=100 eventsPerSecond is 3.1, and 10 was kept',
  );
});

test('the kept figures are ratios and counts, each once', () => {
  const file = join(import.meta.dirname, '../../../../bench/kept/figures.json');
  const kept = JSON.parse(readFileSync(file, 'utf8')) as KeptFigure[];
  expect(kept.length).toBeGreaterThan(10);
  for (const { line, field, kept: value, better, tolerance } of kept) {
    if (!String(line.case).startsWith('ratio')) expect(field).not.toMatch(/Ms|[Ss]econds?$|MiB/);
    expect(value).toBeGreaterThan(0);
    expect(['more', 'less']).toContain(better);
    expect(tolerance).toBeLessThan(1);
  }
  expect(new Set(kept.map(({ line, field }) => JSON.stringify([line, field]))).size).toBe(kept.length);
});
