import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isSetUpByAws, memberTargets, namesMembers } from '../../../shared/config/member-targets.ts';

const HUB = '111122223333';
const MANAGEMENT = '999988887777';
const [A, B, C] = ['222233334444', '333344445555', '444455556666'];
const UNIT = 'ou-ab12-cdefgh34';
const place = { id: 'o-abcdef1234', managementAccount: MANAGEMENT, root: 'r-ab12' };
const active = (...ids: string[]) => ids.map((id) => ({ id, isActive: true }));
const suspended = (...ids: string[]) => ids.map((id) => ({ id, isActive: false }));

const all = active(HUB, MANAGEMENT, A, B, C);

describe('the members of a hub', () => {
  test('are all accounts of a unit but the hub itself, those that are excluded, and suspended ones', () => {
    const config = { organization: { organizationalUnits: [UNIT], exclude: [B, '000000000000'] } };
    const inUnits = [...active(HUB, A, B), ...suspended(C)];
    expect(
      memberTargets(config, HUB, {
        place,
        all: [...active(HUB, MANAGEMENT, A, B), ...suspended(C)],
        inUnits,
      }),
    ).toEqual({
      targets: {
        organization: place,
        units: [UNIT],
        excluded: [HUB, B, C].toSorted(),
        exclude: [B, '000000000000'],
        accounts: [],
        includesManagementAccount: false,
      },
      absent: [],
    });
  });

  test('are single accounts, if they are not in a unit that is named too', () => {
    const config = { organization: { organizationalUnits: [UNIT], accounts: [A, HUB, C, C] } };
    const { targets } = memberTargets(config, HUB, { place, all, inUnits: active(A, B) });
    expect(targets).toMatchObject({ units: [UNIT], accounts: [C], excluded: [] });
  });

  test('are none of the accounts that the organization does not have, or that are suspended: these are told', () => {
    const config = { organization: { accounts: [A, B, '000000000000'] } };
    const known = [...active(HUB, MANAGEMENT, A), ...suspended(B)];
    expect(memberTargets(config, HUB, { place, all: known, inUnits: [] })).toMatchObject({
      targets: { accounts: [A] },
      absent: [B, '000000000000'],
    });
  });

  test.each([
    ['named', { accounts: [MANAGEMENT] }, active(), true],
    ['in a unit', { organizationalUnits: ['r-ab12'] }, all, true],
    ['excluded', { organizationalUnits: ['r-ab12'], exclude: [MANAGEMENT] }, all, false],
    ['elsewhere', { organizationalUnits: [UNIT] }, active(A), false],
  ])('the management account is %s, which StackSets leave out: %#', (_, organization, inUnits, isWatched) => {
    const { targets } = memberTargets({ organization }, HUB, { place, all, inUnits });
    expect(targets.includesManagementAccount).toBe(isWatched);
    expect(targets.accounts).toEqual([]);
  });

  test('do not include the management account, if it is the hub', () => {
    const own = { ...place, managementAccount: HUB };
    const config = { organization: { organizationalUnits: ['r-ab12'] } };
    expect(memberTargets(config, HUB, { place: own, all, inUnits: all }).targets).toMatchObject({
      excluded: [HUB],
      includesManagementAccount: false,
    });
  });

  test('are in one group each, whatever is named: no account gets two stacks, and the hub gets none', () => {
    const ids = [HUB, MANAGEMENT, A, B, C];
    const some = fc.subarray(ids);
    fc.assert(
      fc.property(some, some, some, some, (accounts, exclude, inUnit, isOff) => {
        const listed = (list: readonly string[]) => list.map((id) => ({ id, isActive: !isOff.includes(id) }));
        const config = { organization: { organizationalUnits: [UNIT], accounts, exclude } };
        const { targets } = memberTargets(config, HUB, { place, all: listed(ids), inUnits: listed(inUnit) });
        const byUnit = inUnit.filter((id) => !targets.excluded.includes(id) && id !== MANAGEMENT);
        const setUp = [...byUnit, ...targets.accounts];
        expect(new Set(setUp).size).toBe(setUp.length);
        expect(setUp).not.toContain(HUB);
        for (const id of [A, B, C].filter((each) => !isOff.includes(each)))
          expect([id, setUp.includes(id)]).toEqual([
            id,
            !exclude.includes(id) && (accounts.includes(id) || inUnit.includes(id)),
          ]);
      }),
    );
  });
});

test.each([
  ['without an organization', {}, false],
  ['with Regions alone', { organization: { regions: ['eu-west-1'] } }, false],
  ['with its own account', { organization: { accounts: [HUB] } }, false],
  ['with another account', { organization: { accounts: [HUB, A] } }, true],
  ['with a unit', { organization: { organizationalUnits: [UNIT] } }, true],
])('a configuration %s names members: %#', (_, config, names) => {
  expect(namesMembers(config, HUB)).toBe(names);
});

describe('accounts that come into a unit later', () => {
  test.each([
    ['are set up by AWS, if units alone are named', { organizationalUnits: [UNIT] }, true],
    [
      'wait for the next deployment, if single accounts are named too',
      { organizationalUnits: [UNIT], accounts: [C] },
      false,
    ],
    [
      'wait for the next deployment, if accounts are excluded',
      { organizationalUnits: [UNIT], exclude: [B] },
      false,
    ],
    ['are not set up by AWS, if no unit is named', { accounts: [A] }, false],
  ])('%s', (_title, organization, expected) => {
    const { targets } = memberTargets({ organization }, HUB, { place, all, inUnits: active(A, B) });
    expect(targets && isSetUpByAws(targets)).toBe(expected);
  });
});
