import { expect, test } from '@jest/globals';
import { RegionInfo } from 'aws-cdk-lib/region-info';
import { partitionOfRegion, REGIONS } from '../../../shared/domain/regions.ts';

const KNOWN = RegionInfo.regions.map(({ name, partition }) => ({ name, partition }));

test('the list has the Regions of aws-cdk-lib', () => {
  expect([...REGIONS].toSorted()).toEqual(KNOWN.map(({ name }) => name).toSorted());
});

test.each(KNOWN)('$name is of partition $partition', ({ name, partition }) => {
  expect(partitionOfRegion(name)).toBe(partition);
});
