import { expect, test } from '@jest/globals';
import { idle, linesOf, SIZES, total } from '../../scripts/cost-lines.ts';
import { deployedCounts } from '../../scripts/cost-templates.ts';
import { metricsInSources } from '../../scripts/own-metrics.ts';

test('an organization of 50 accounts in four Regions costs at most 40 dollars a month while nothing happens', () => {
  const size = SIZES.find(({ name }) => name === 'organization');
  if (!size) throw new Error('there is no such size');
  expect(size).toMatchObject({ accounts: 50, regions: 4 });
  const counts = deployedCounts(size);
  const ownMetrics = new Set([...metricsInSources(), ...counts.ownMetrics]).size;
  expect(ownMetrics).toBeGreaterThan(counts.ownMetrics.length);
  expect(total(linesOf(counts, idle(size), ownMetrics))).toBeLessThanOrEqual(40);
});
