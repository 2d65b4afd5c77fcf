import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { partitionOfRegion, REGIONS } from '../../../shared/domain/regions.ts';
import {
  forwardedRegions,
  forwarderNames,
  forwardingDescription,
  homeIn,
  needsOwnName,
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

  test('without those of IAM from the watched Regions alone', () => {
    const without = (home: string, watched?: string[]) =>
      forwardedRegions(home, watched, { hasIamEvents: false });
    expect(without('eu-west-1')).toEqual([]);
    expect(without('eu-west-1', ['eu-central-1'])).toEqual([all('eu-central-1')]);
    expect(without('eu-west-1', ['us-east-1'])).toEqual([all('us-east-1', 'PipewardenIamEvents')]);
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

describe('two deployments of an account', () => {
  const to = (home: string, region = 'us-east-1') => {
    const [forwarded] = forwardedRegions(home, region === 'us-east-1' ? [] : [region]);
    if (!forwarded) throw new Error('something is always forwarded');
    return { description: forwardingDescription(forwarded, home) };
  };
  const DENIED = { unknown: 'AccessDenied: no' };

  test.each([
    ['a first deployment has the plain name', { plain: undefined, own: undefined }, false],
    ['a stack that forwards here keeps the plain name', { plain: to('eu-west-1'), own: undefined }, false],
    [
      'a stack that forwards all events of a Region here keeps it',
      { plain: to('eu-west-1', 'eu-central-1'), own: undefined },
      false,
    ],
    ['a stack of another deployment is left alone', { plain: to('sa-east-1'), own: undefined }, true],
    ['a stack of somebody else is left alone', { plain: { description: 'billing' }, own: undefined }, true],
    [
      'an own name is kept when the other deployment is gone',
      { plain: undefined, own: to('eu-west-1') },
      true,
    ],
    [
      'an own name is kept beside the other deployment',
      { plain: to('sa-east-1'), own: to('eu-west-1') },
      true,
    ],
    [
      'an own name is kept even if the plain one forwards here',
      { plain: to('eu-west-1'), own: to('eu-west-1') },
      true,
    ],
    ['what cannot be asked may be of another', { plain: DENIED, own: DENIED }, true],
    [
      'what cannot be asked about the own name changes nothing',
      { plain: to('eu-west-1'), own: DENIED },
      false,
    ],
  ])('%s', (_, found, isOwn) => {
    expect(needsOwnName(found, 'eu-west-1')).toBe(isOwn);
  });

  test('have stacks with different names, and no name is one of another Region', () => {
    const homes = ['eu-west-1', 'sa-east-1', 'us-east-1'];
    const regions = ['eu-central-1', 'us-east-1', 'eu-west-1', 'sa-east-1'];
    const names = homes.flatMap((home) =>
      regions.map((region) => [region, forwarderNames(region, home).own].join(' ')),
    );
    expect(new Set(names).size).toBe(names.length);
    const own = forwardedRegions('eu-west-1', ['eu-central-1'], {
      ownNames: ['us-east-1', 'eu-central-1'],
    });
    expect(own.map(({ stack }) => stack)).toEqual([
      'PipewardenEvents-eu-central-1-to-eu-west-1',
      'PipewardenIamEvents-to-eu-west-1',
    ]);
  });

  test.each(REGIONS)('have names that CloudFormation takes, in %s', (region) => {
    for (const home of REGIONS)
      for (const name of Object.values(forwarderNames(region, home)))
        expect(name).toMatch(/^[A-Za-z][A-Za-z0-9-]{0,127}$/);
  });

  test('whatever order they are deployed in, each keeps a forwarder of its own, and none is taken', () => {
    const deployed = new Map<string, { description: string }>();
    const deploy = (home: string) => {
      for (const { region } of forwardedRegions(home)) {
        const names = forwarderNames(region, home);
        const found = { plain: deployed.get(names.plain), own: deployed.get(names.own) };
        const [forwarded] = forwardedRegions(home, [], {
          ownNames: needsOwnName(found, home) ? [region] : [],
        });
        if (forwarded) deployed.set(forwarded.stack, to(home));
      }
    };
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('eu-west-1', 'eu-central-1', 'sa-east-1'), { maxLength: 12 }),
        (homes) => {
          deployed.clear();
          for (const [index, home] of homes.entries()) {
            deploy(home);
            const heard = [...deployed.values()].map(({ description }) => homeIn(description));
            expect(heard.toSorted()).toEqual([...new Set(homes.slice(0, index + 1))].toSorted());
          }
        },
      ),
    );
  });
});

test('the other watched Regions are all but the home Region, each once', () => {
  expect(otherRegions('eu-west-1')).toEqual([]);
  expect(otherRegions('eu-west-1', ['us-west-2', 'eu-west-1', 'us-west-2', 'sa-east-1'])).toEqual([
    'us-west-2',
    'sa-east-1',
  ]);
});
