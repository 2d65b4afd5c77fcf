import { describe, expect, test } from '@jest/globals';
import { partitionOfRegion, REGIONS } from '../../../shared/domain/regions.ts';
import {
  forwardedRegions,
  forwardingDescription,
  homeIn,
  otherRegions,
} from '../../../shared/events/forwarded-regions.ts';

const IAM_ALONE = { region: 'us-east-1', stack: 'PipewardenIamEvents', events: 'global' };
const all = (region: string, stack = `PipewardenEvents-${region}`) => ({ region, stack, events: 'all' });

describe('events are forwarded', () => {
  test.each([
    ['from us-east-1 those of IAM and Organizations', 'eu-west-1', undefined, [IAM_ALONE]],
    ['from no Region if us-east-1 alone is watched', 'us-east-1', undefined, []],
    ['from no further Region for the home Region', 'eu-west-1', ['eu-west-1'], [IAM_ALONE]],
    ['from each watched Region', 'eu-west-1', ['eu-central-1'], [all('eu-central-1'), IAM_ALONE]],
    [
      'from a Region that is named twice once',
      'eu-west-1',
      ['eu-central-1', 'eu-west-1', 'eu-central-1'],
      [all('eu-central-1'), IAM_ALONE],
    ],
    [
      'from us-east-1 all, by the stack that forwards those of IAM',
      'eu-west-1',
      ['us-east-1', 'eu-central-1'],
      [all('us-east-1', 'PipewardenIamEvents'), all('eu-central-1')],
    ],
    ['to us-east-1 from the others', 'us-east-1', ['us-west-2'], [all('us-west-2')]],
    [
      'in China from Beijing, where IAM has its events there',
      'cn-northwest-1',
      undefined,
      [{ ...IAM_ALONE, region: 'cn-north-1' }],
    ],
    [
      'in GovCloud from us-gov-west-1',
      'us-gov-east-1',
      ['us-gov-west-1'],
      [all('us-gov-west-1', 'PipewardenIamEvents')],
    ],
  ])('%s', (_, home, watched, forwarded) => {
    expect(forwardedRegions(home, watched)).toEqual(forwarded);
  });

  test.each(REGIONS)('to the home Region %s from Regions of its partition alone', (home) => {
    for (const { region } of forwardedRegions(home))
      expect([region, partitionOfRegion(region)]).toEqual([region, partitionOfRegion(home)]);
  });

  test('never from another partition, which is an error', () => {
    expect(() => forwardedRegions('eu-west-1', ['eu-west-1', 'cn-north-1'])).toThrow(
      'organization.regions: cn-north-1 is in the partition aws-cn, and the home Region eu-west-1 is in aws; deploy once in each partition, with a configuration of its own',
    );
  });
});

test.each(forwardedRegions('eu-west-1', ['eu-central-1']))(
  'the description of $stack tells the home Region',
  (forwarded) => {
    expect(homeIn(forwardingDescription(forwarded, 'eu-west-1'))).toBe('eu-west-1');
  },
);

test.each(['', 'Pipewarden: forwards events', 'of others: forwards the events of IAM to eu-west-1'])(
  'the description %j tells no home Region',
  (description) => {
    expect(homeIn(description)).toBeUndefined();
  },
);

test('the other watched Regions are all but the home Region, each once', () => {
  expect(otherRegions('eu-west-1')).toEqual([]);
  expect(otherRegions('eu-west-1', ['us-west-2', 'eu-west-1', 'us-west-2', 'sa-east-1'])).toEqual([
    'us-west-2',
    'sa-east-1',
  ]);
});
