import { expect, test } from '@jest/globals';
import { RegionInfo } from 'aws-cdk-lib/region-info';
import { partitionOfRegion, REGIONS, suffixOf } from '../../../shared/domain/regions.ts';

const KNOWN = RegionInfo.regions.map(({ name, partition, domainSuffix }) => ({
  name,
  partition,
  domainSuffix,
}));

test('the list has the Regions of aws-cdk-lib', () => {
  expect([...REGIONS].toSorted()).toEqual(KNOWN.map(({ name }) => name).toSorted());
});

test.each(KNOWN)('$name is of partition $partition', ({ name, partition }) => {
  expect(partitionOfRegion(name)).toBe(partition);
});

test.each(KNOWN)('the hosts of AWS in $name end with $domainSuffix', ({ partition, domainSuffix }) => {
  expect(suffixOf(String(partition))).toBe(domainSuffix);
});
