import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { AccountPlace } from '../../../shared/config/account-selector.ts';
import { ACCOUNT_UNKNOWN, configFor, UNIT_UNKNOWN } from '../../../shared/config/config-for.ts';
import { parseConfig } from '../../../shared/config/parse-config.ts';
import type { Config, FileConfig } from '../../../shared/config/schema.ts';
import { configurationDigest } from '../../../shared/findings/configuration-digest.ts';
import { matchesAny } from '../../../shared/iam/policy/glob.ts';
import { ownConfig } from '../../support/builders/own-config.ts';

const ONE = '111122223333';
const OTHER = '444455556666';
const [ROOT, DEV, TEAM] = ['r-ab12', 'ou-ab12-11111111', 'ou-ab12-22222222'];
const at = (account: string, path?: string | null): AccountPlace => ({
  account,
  partition: 'aws',
  ...(path !== undefined && { path }),
});
const IN_DEV = `o-a1b2c3d4e5/${ROOT}/${DEV}/`;
const IN_TEAM = `o-a1b2c3d4e5/${ROOT}/${DEV}/${TEAM}/`;

const file = (parts: Omit<FileConfig, 'version'>): FileConfig => ({ version: 1, ...parts });
const of = (config: FileConfig, place: AccountPlace = at(ONE)): Config => ownConfig(config, place);
const role = (account: string, name = 'x') => `arn:aws:iam::${account}:role/${name}`;

describe('a configuration that says nothing of accounts', () => {
  test('is the file’s own object, for every account and for linted files', () => {
    const config = file({ prefixes: [{ prefix: 'a' }], teams: [{ name: 'a', pipelines: ['a'] }] });
    for (const place of [at(ONE), at(OTHER, IN_DEV), at(OTHER, null), { account: '', partition: 'aws' }])
      expect(of(config, place)).toBe(config);
  });

  test('is the same without its organization, one object for all accounts', () => {
    const { version, prefixes } = file({ prefixes: [{ prefix: 'a' }] });
    const config: FileConfig = { version, prefixes, organization: { regions: ['eu-west-1'] } };
    expect(of(config)).toEqual({ version: 1, prefixes });
    expect(of(config)).toBe(of(config, at(OTHER)));
  });
});

describe('overrides', () => {
  const config = file({
    prefixes: [{ prefix: 'top' }],
    roles: { creators: [role(ONE)], steps: [role(ONE)] },
    controls: {
      'step-isolation': { severity: 'low' },
      'job-prefix-length': { enabled: false, reason: 'r' },
    },
    suppressions: [{ control: 'a', resource: 'arn:aws:s3:::top', reason: 'r', expires: '2027-01-31' }],
    finished: { expireDays: 9 },
    overrides: [
      { organizationalUnits: [ROOT], prefixes: [{ prefix: 'root' }], versionFloors: [] },
      {
        organizationalUnits: [DEV],
        prefixes: [{ prefix: 'dev' }],
        roles: { creators: [role(OTHER)] },
        controls: { 'step-isolation': { enabled: false, reason: 'dev' } },
        suppressions: [{ control: 'a', resource: 'arn:aws:s3:::dev', reason: 'r', expires: '2027-01-31' }],
      },
      { accounts: [ONE], scpException: null },
    ],
  });

  test('of an organizational unit hold for accounts in and below it, and a later one wins', () => {
    for (const path of [IN_DEV, IN_TEAM, `${IN_TEAM}${OTHER}`, `${IN_TEAM}${OTHER}/`])
      expect(of(config, at(OTHER, path)).prefixes).toEqual([{ prefix: 'dev' }]);
    expect(of(config, at(OTHER, `o-a1b2c3d4e5/${ROOT}/`)).prefixes).toEqual([{ prefix: 'root' }]);
    const reversed = { ...config, overrides: config.overrides?.toReversed() };
    expect(of(reversed, at(OTHER, IN_DEV)).prefixes).toEqual([{ prefix: 'root' }]);
  });

  test('replace a key wholly, a control’s setting wholly, and add suppressions', () => {
    const own = of(config, at(ONE, IN_DEV));
    expect(own).toEqual({
      version: 1,
      prefixes: [{ prefix: 'dev' }],
      versionFloors: [],
      roles: { creators: [role(OTHER)] },
      scpException: null,
      controls: {
        'step-isolation': { enabled: false, reason: 'dev' },
        'job-prefix-length': { enabled: false, reason: 'r' },
      },
      suppressions: [
        { control: 'a', resource: 'arn:aws:s3:::top', reason: 'r', expires: '2027-01-31' },
        { control: 'a', resource: 'arn:aws:s3:::dev', reason: 'r', expires: '2027-01-31' },
      ],
      finished: { expireDays: 9 },
    });
  });

  test('of units leave an account alone that is in no organization', () => {
    const own = of(config, at(OTHER, null));
    expect(own.prefixes).toEqual([{ prefix: 'top' }]);
    expect(own.suppressions).toHaveLength(1);
  });

  test('of a team hold for the team’s accounts and units', () => {
    const teams = [
      { name: 'a', accounts: [ONE] },
      { name: 'b', organizationalUnits: [TEAM] },
    ];
    const byTeam = file({ teams, overrides: [{ teams: ['a', 'b'], versionFloors: [] }] });
    expect(of(byTeam, at(ONE, IN_DEV)).versionFloors).toEqual([]);
    expect(of(byTeam, at(OTHER, IN_TEAM)).versionFloors).toEqual([]);
    expect(of(byTeam, at(OTHER, IN_DEV)).versionFloors).toBeUndefined();
  });

  test('leave nothing of themselves, and accounts with the same configuration have the same object', () => {
    const own = of(config, at(OTHER, IN_DEV));
    expect(Object.keys(own)).not.toContain('overrides');
    expect(of(config, at('777788889999', IN_TEAM))).toBe(own);
    expect(of(config, at(OTHER, IN_DEV))).toBe(own);
  });

  test('do not change the file’s configuration', () => {
    const before = structuredClone(config);
    of(config, at(ONE, IN_DEV));
    expect(config).toEqual(before);
  });
});

describe('what is not known is no configuration', () => {
  const byUnit = file({ overrides: [{ organizationalUnits: [DEV], prefixes: [{ prefix: 'dev' }] }] });

  test.each([
    ['missing', undefined],
    ['empty', ''],
    ['something else', 'Workloads/Dev'],
    ['without its root', `o-a1b2c3d4e5/${DEV}/`],
    ['cut off', 'o-a1b2c3d4e5/'],
  ])('the path is %s, and an override names units', (_, path) => {
    const read = configFor(byUnit, at(ONE, path));
    expect(read).toEqual({
      ok: false,
      unread: {
        call: 'the configuration (overrides[0].organizationalUnits)',
        code: UNIT_UNKNOWN,
        message: `it differs between organizational units, and nothing tells those of the account ${ONE}`,
      },
    });
  });

  test('a team that works in units says the same', () => {
    const config = file({ teams: [{ name: 'a', organizationalUnits: [DEV], pipelines: ['a'] }] });
    expect(configFor(config, at(ONE))).toMatchObject({
      ok: false,
      unread: { call: 'the configuration (teams[0].organizationalUnits)', code: UNIT_UNKNOWN },
    });
    const byTeam = file({ teams: config.teams, overrides: [{ teams: ['a'], versionFloors: [] }] });
    expect(configFor(byTeam, at(ONE))).toMatchObject({ ok: false, unread: { code: UNIT_UNKNOWN } });
  });

  test('and stays so when the same account is asked about with its path, or in no organization', () => {
    const config = file({ overrides: byUnit.overrides });
    const places = [at(ONE), at(ONE, null), at(ONE, IN_DEV), at(ONE, 'null'), at(ONE, 'undefined')];
    const [missing, none, own, ...texts] = places.map((place) => configFor(config, place));
    expect([missing?.ok, ...texts.map(({ ok }) => ok)]).toEqual([false, false, false]);
    expect(none).toEqual({ ok: true, value: { version: 1 } });
    expect(own).toEqual({ ok: true, value: { version: 1, prefixes: [{ prefix: 'dev' }] } });
    expect(
      places.toReversed().map((place) => configFor(file({ overrides: byUnit.overrides }), place).ok),
    ).toEqual([false, false, true, true, false]);
  });

  test('but an override that names the account too holds whatever its unit is', () => {
    const config = file({
      overrides: [{ accounts: [ONE], organizationalUnits: [DEV], prefixes: [{ prefix: 'dev' }] }],
    });
    expect(of(config, at(ONE)).prefixes).toEqual([{ prefix: 'dev' }]);
    expect(configFor(config, at(OTHER)).ok).toBe(false);
  });

  test.each<[string, Omit<FileConfig, 'version'>]>([
    ['overrides', { overrides: [{ accounts: [ONE], prefixes: [] }] }],
    ['the variable', { roles: { steps: [role('${account}')] } }],
    ['a team of certain accounts', { teams: [{ name: 'a', accounts: [ONE] }] }],
  ])('a file that is linted has no account, and the configuration has %s', (_, parts) => {
    expect(configFor(file(parts), { account: '', partition: 'aws', path: null })).toMatchObject({
      ok: false,
      unread: { code: ACCOUNT_UNKNOWN },
    });
  });
});

describe('the variable of the account', () => {
  const pattern = role('${account}', 'fraud-*');

  test('is the account’s number in each pattern, and other parts stay the same objects', () => {
    const config = file({
      prefixes: [{ prefix: 'a' }, { prefix: 'b', roles: [pattern] }],
      roles: { trusted: ['arn:aws:iam::${account}:root'], steps: ['arn:aws:iam::*:role/x-${account}'] },
      imageBuckets: { names: ['x'] },
      suppressions: [
        {
          control: 'a',
          resource: 'arn:aws:sagemaker:*:${account}:pipeline/x',
          reason: 'arn:aws:iam::${account}:x is meant',
          expires: '2027-01-31',
        },
      ],
      teams: [{ name: 'a', roles: [pattern] }],
    });
    const own = of(config);
    expect(own).toEqual({
      version: 1,
      prefixes: [{ prefix: 'a' }, { prefix: 'b', roles: [role(ONE, 'fraud-*')] }],
      roles: { trusted: [`arn:aws:iam::${ONE}:root`], steps: [`arn:aws:iam::*:role/x-${ONE}`] },
      imageBuckets: { names: ['x'] },
      suppressions: [
        {
          control: 'a',
          resource: `arn:aws:sagemaker:*:${ONE}:pipeline/x`,
          reason: 'arn:aws:iam::${account}:x is meant',
          expires: '2027-01-31',
        },
      ],
      teams: [{ name: 'a', roles: [role(ONE, 'fraud-*')] }],
    });
    expect(own.imageBuckets).toBe(config.imageBuckets);
    expect(of(config)).toBe(own);
    expect(of(config, at(OTHER))).not.toBe(own);
  });

  test('in an override is the number of the account that the override is for', () => {
    const config = file({ overrides: [{ accounts: [ONE, OTHER], roles: { steps: [pattern] } }] });
    expect(of(config, at(OTHER)).roles).toEqual({ steps: [role(OTHER, 'fraud-*')] });
    expect(of(config, at('777788889999'))).toEqual({ version: 1 });
  });

  // A role's path may contain colons, so that the path /:111122223333:role/ is one of an account of somebody else.
  test.each([
    ['the Region', 'arn:aws:iam:*:${account}:role/x', `arn:aws:iam::${OTHER}:role/:${ONE}:role/x`],
    ['the partition', 'arn:*:iam::${account}:role/x', `arn:aws:iam::${OTHER}:role/:iam::${ONE}:role/x`],
  ])('reaches no other account by a star in place of %s', (_, written, hostile) => {
    const { steps = [] } = of(file({ roles: { steps: [written] } })).roles ?? {};
    expect(matchesAny(steps, hostile)).toBe(false);
    expect(matchesAny(steps, role(ONE))).toBe(true);
  });

  test('never matches a role of another account, whatever its pattern and the role’s path', () => {
    const piece = fc.constantFrom('*', '?', 'x', '/', '${account}', 'role/', ':', ONE, 'a*');
    const tail = fc.array(piece, { maxLength: 5 }).map((pieces) => pieces.join(''));
    const written = fc
      .tuple(fc.constantFrom('aws', '*'), fc.constantFrom('', '*'), tail)
      .map(([partition, region, rest]) => `arn:${partition}:iam:${region}:\${account}:role/${rest}`);
    const path = fc
      .array(fc.constantFrom('/', ':', ONE, 'role', 'iam', 'x', 'arn:aws:iam::'), { maxLength: 8 })
      .map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(written, path, (steps, hostile) => {
        const own = of(file({ roles: { steps: [steps] } })).roles?.steps ?? [];
        expect(matchesAny(own, `arn:aws:iam::${OTHER}:role/${hostile}`)).toBe(false);
      }),
      { numRuns: 500 },
    );
  });
});

describe('the digest of an account’s configuration', () => {
  const base = file({ prefixes: [{ prefix: 'a' }], roles: { steps: [role('${account}')] } });
  const digest = (config: FileConfig, place: AccountPlace) => configurationDigest(of(config, place));

  test('stays the same for accounts that an added override, organization or team is not for', () => {
    const more: FileConfig = {
      ...base,
      organization: { regions: ['eu-west-1'], accounts: [ONE, OTHER] },
      teams: [{ name: 'b', accounts: [OTHER], pipelines: ['b'], roles: [role(OTHER)] }],
      overrides: [{ accounts: [OTHER], prefixes: [{ prefix: 'b' }] }],
    };
    expect(digest(more, at(ONE))).toBe(digest(base, at(ONE)));
    expect(digest(more, at(OTHER))).not.toBe(digest(base, at(OTHER)));
  });

  test('of one account is that of the file that names the account in place of the variable', () => {
    const written = file({ prefixes: [{ prefix: 'a' }], roles: { steps: [role(ONE)] } });
    expect(digest(base, at(ONE))).toBe(digest(written, at(ONE)));
  });
});

describe('whatever the overrides', () => {
  const prefixes = fc.array(fc.record({ prefix: fc.constantFrom('a', 'b', 'c') }), { maxLength: 2 });
  const override = fc.record({
    accounts: fc.subarray([ONE, OTHER, '777788889999'], { minLength: 1 }),
    prefixes,
  });

  test('the last one for an account decides a key, and the others do not count', () => {
    fc.assert(
      fc.property(prefixes, fc.array(override, { maxLength: 6 }), (top, overrides) => {
        const last = overrides.findLast(({ accounts }) => accounts.includes(ONE));
        const own = of(file({ prefixes: top, overrides }));
        expect(own).toEqual({ version: 1, prefixes: last ? last.prefixes : top });
      }),
    );
  });

  test('names that every object has are names like others', () => {
    const names = ['constructor', 'toString', 'hasOwnProperty', '__proto__'];
    const setting = { severity: 'low' as const };
    const controls = Object.fromEntries(names.slice(0, 3).map((name) => [name, setting]));
    const teams = names.map((name) => ({ name, accounts: [ONE] }));
    const config = file({ teams, overrides: [{ teams: [...names], controls }] });
    expect(Object.keys(of(config).controls ?? {})).toEqual(names.slice(0, 3));
    expect(of(config).teams).toEqual(names.map((name) => ({ name })));
    const text = 'version: 1\noverrides: [{ accounts: ["111122223333"], controls: { __proto__: {} } }]';
    expect(() => parseConfig(text, 'x.yaml', [])).toThrow('there is no key "__proto__" here');
  });
});

describe('500 accounts and 200 overrides', () => {
  const accounts = Array.from({ length: 500 }, (_, index) => String(100_000_000_000 + index));
  const unit = (index: number) => `ou-ab12-${String(index).padStart(8, '0')}`;

  /** How often the overrides are read for the configurations of all accounts; the second time they are asked for, too. */
  const readsWith = (others: number): [number, number] => {
    let reads = 0;
    const counted = <T extends object>(value: T): T =>
      new Proxy(value, {
        get: (target, key, receiver) => {
          reads++;
          return Reflect.get(target, key, receiver);
        },
      });
    const overrides = Array.from({ length: 200 + others }, (_, index) =>
      counted({
        ...(index < 200 ? { accounts: [accounts[index] ?? ''] } : {}),
        organizationalUnits: [unit(index < 200 ? index % 20 : index)],
        versionFloors: [{ pipeline: `p${index}`, minimum: 2 }],
      }),
    );
    const config = file({ overrides, roles: { steps: [role('${account}')] } });
    const all = () => {
      for (const [index, account] of accounts.entries())
        of(config, at(account, `o-a1b2c3d4e5/${ROOT}/${unit(index % 20)}/`));
    };
    of(config, at('111122223333', null)); // prepares the look-up, which reads each override once
    reads = 0;
    all();
    const first = reads;
    all();
    return [first, reads - first];
  };

  test('an account costs what holds for it, not what is in the file, and only once', () => {
    const [first, second] = readsWith(0);
    expect(first).toBeGreaterThan(0);
    expect(second).toBe(0);
    expect(readsWith(800)).toEqual([first, 0]);
  });

  test('accounts that the same overrides are for share one configuration', () => {
    const overrides = Array.from({ length: 200 }, (_, index) => ({
      organizationalUnits: [unit(index % 20)],
      versionFloors: [{ pipeline: `p${index}`, minimum: 2 }],
    }));
    const config = file({ overrides });
    const all = accounts.map((account, index) =>
      of(config, at(account, `o-a1b2c3d4e5/${ROOT}/${unit(index % 20)}/`)),
    );
    expect(new Set(all).size).toBe(20);
  });
});
