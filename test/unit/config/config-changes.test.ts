import { describe, expect, test } from '@jest/globals';
import { OWN_SEVERITIES } from '../../../shared/audit/configuration-findings.ts';
import { configChanges } from '../../../shared/config/config-changes.ts';
import type { Config, FileConfig } from '../../../shared/config/schema.ts';

const BASE: Config = {
  version: 1,
  prefixes: [{ prefix: 'fraud' }],
  roles: { steps: ['arn:aws:iam::111122223333:role/steps/*'] },
};
const accepted = { control: 'step-isolation', resource: 'a.json', reason: 'moves', expires: '2999-01-01' };

const changes = (before: FileConfig | undefined, after: FileConfig) =>
  configChanges(before, after, OWN_SEVERITIES);

const told = (before: FileConfig, after: FileConfig) =>
  changes(before, after).map(({ at, found }) => `${at}: ${found}`);

describe('what a configuration changes', () => {
  test.each<[string, Config, string[]]>([
    ['nothing', { ...BASE, roles: { ...BASE.roles } }, []],
    [
      'a control that is switched off',
      { ...BASE, controls: { 'step-isolation': { enabled: false, reason: 'later' } } },
      [
        'controls.step-isolation.enabled: it switches off step-isolation: later',
        'controls.step-isolation.reason: nothing becomes "later"',
      ],
    ],
    [
      'a suppression',
      { ...BASE, suppressions: [accepted, { ...accepted, step: 'Train' }] },
      [
        'suppressions[0]: it suppresses step-isolation on a.json until 2999-01-01: moves',
        'suppressions[1]: it suppresses step-isolation on a.json, step Train, until 2999-01-01: moves',
      ],
    ],
    [
      'entries of lists',
      { ...BASE, prefixes: [{ prefix: 'vision' }] },
      ['prefixes[0]: it adds {"prefix":"vision"}', 'prefixes: it takes out {"prefix":"fraud"}'],
    ],
    [
      'a list that is gone',
      { version: 1, prefixes: [{ prefix: 'fraud' }] },
      ['roles.steps: the list is gone', 'roles.steps: it takes out "arn:aws:iam::111122223333:role/steps/*"'],
    ],
    [
      'an empty list that was not there',
      { ...BASE, versionFloors: [] },
      ['versionFloors: the list is there, and empty'],
    ],
    ['a value', { ...BASE, finished: { expireDays: 3 } }, ['finished.expireDays: nothing becomes 3']],
  ])('%s', (_, after, expected) => {
    expect(told(BASE, after)).toEqual(expected);
  });

  test('what an override changes is told key by key, first what it switches off, however many accounts it is for', () => {
    const accounts = Array.from({ length: 500 }, (_, index) => String(100_000_000_000 + index));
    const before: FileConfig = {
      ...BASE,
      overrides: [{ accounts: ['111122223333'], prefixes: [{ prefix: 'a' }] }],
    };
    const after: FileConfig = {
      ...BASE,
      overrides: [
        {
          accounts,
          versionFloors: [],
          controls: { 'step-isolation': { enabled: false, reason: 'later' } },
        },
        {
          accounts: ['111122223333'],
          prefixes: [{ prefix: 'b' }],
          suppressions: [accepted],
        },
      ],
    };
    const many =
      'for 100000000000, 100000000001, 100000000002, 100000000003, 100000000004, 100000000005 and 494 more';
    expect(told(before, after)).toEqual([
      `overrides[0].controls.step-isolation.enabled: it switches off step-isolation ${many}: later`,
      'overrides[1].suppressions[0]: it suppresses for 111122223333 step-isolation on a.json until 2999-01-01: moves',
      'overrides[1].prefixes[0]: it adds {"prefix":"b"}',
      `overrides[0]: it adds an override ${many}`,
      'overrides[0].versionFloors: the list is there, and empty',
      'overrides[0].controls.step-isolation.reason: nothing becomes "later"',
      'overrides[1].prefixes: it takes out {"prefix":"a"}',
    ]);
    expect(told(after, { ...after, overrides: after.overrides?.toReversed() })).toEqual([
      'overrides: their order is another one, and a later override wins',
    ]);
    expect(told(before, BASE)).toEqual([
      'overrides[0].prefixes[0]: it adds {"prefix":"fraud"}',
      'overrides[0]: it takes out an override for 111122223333',
      'overrides[0].prefixes: it takes out {"prefix":"a"}',
    ]);
  });

  test('a longer end of a suppression is told as both', () => {
    const longer = { ...accepted, expires: '2999-02-02' };
    expect(told({ ...BASE, suppressions: [accepted] }, { ...BASE, suppressions: [longer] })).toEqual([
      'suppressions[0]: it suppresses step-isolation on a.json until 2999-02-02: moves; before: step-isolation on a.json until 2999-01-01: moves',
      'suppressions: it suppresses no longer step-isolation on a.json until 2999-01-01: moves',
    ]);
  });

  test('of very many changes the first are told, and how many more there are', () => {
    const prefixes = Array.from({ length: 1000 }, (_, index) => ({ prefix: `p${index}` }));
    const all = told(BASE, { ...BASE, prefixes });
    expect(all).toHaveLength(51);
    expect(all.at(-1)).toBe('configuration: 951 more differences');
  });

  const letting = (before: FileConfig | undefined, after: FileConfig) =>
    changes(before, after).flatMap(({ at, found, lets }) =>
      lets ? `${lets.severity} ${at}: ${found} (${lets.means})` : [],
    );
  const role = (name: string) => `arn:aws:iam::111122223333:role/${name}`;
  const floor = { pipeline: 'fraud-*', minimum: 6, except: [role('release')] };

  test.each<[string, Config, Config, string[]]>([
    [
      'a wider suppression, with the one before it',
      { ...BASE, suppressions: [{ ...accepted, resource: 'a-1.json' }] },
      { ...BASE, suppressions: [{ ...accepted, resource: 'a-*.json' }] },
      [
        'MEDIUM suppressions[0]: it suppresses step-isolation on a-*.json until 2999-01-01: moves; before: step-isolation on a-1.json until 2999-01-01: moves (findings of step-isolation are told no more where the suppression is about them)',
      ],
    ],
    [
      'a narrower suppression, an earlier end and another reason let nothing pass',
      { ...BASE, suppressions: [{ ...accepted, resource: 'a-*.json' }] },
      {
        ...BASE,
        suppressions: [
          { ...accepted, resource: 'a-1.json', step: 'Train', expires: '2998-01-01', reason: 'b' },
        ],
      },
      [],
    ],
    [
      'a wider pattern',
      BASE,
      { ...BASE, roles: { steps: [role('*')] } },
      [
        `LOW roles.steps[0]: it adds "${role('*')}", which is wider than "${role('steps/*')}" (more principals are authorised)`,
      ],
    ],
    [
      'who may change roles',
      BASE,
      { ...BASE, roles: { ...BASE.roles, administrators: [role('a')], trusted: ['*'] } },
      [
        `MEDIUM roles.administrators[0]: it adds "${role('a')}" (more may change or assume execution and step roles)`,
        'MEDIUM roles.trusted[0]: it adds "*" (more may change or assume execution and step roles)',
      ],
    ],
    [
      'a lower floor, and one for more',
      { ...BASE, versionFloors: [floor] },
      { ...BASE, versionFloors: [{ ...floor, minimum: 5 }] },
      [
        `MEDIUM versionFloors[0]: it adds ${JSON.stringify({ ...floor, minimum: 5 })} (more are excepted from a version floor)`,
        `MEDIUM versionFloors: it takes out ${JSON.stringify(floor)} (earlier versions may run)`,
      ],
    ],
    [
      'a higher floor with fewer exceptions lets nothing pass',
      { ...BASE, versionFloors: [floor] },
      { ...BASE, versionFloors: [{ pipeline: 'fraud-*', minimum: 7 }] },
      [],
    ],
    [
      'a list that is empty, and an exception that is none any more',
      { ...BASE, scpException: { tagKey: 'a', tagValue: 'b' } },
      { ...BASE, prefixes: [], scpException: null },
      [
        'MEDIUM prefixes: the list is empty (controls that need it do not judge any more)',
        'MEDIUM scpException: null says that there is none (controls that need it do not judge any more)',
      ],
    ],
    [
      'severities: a lower one, and not a higher one',
      BASE,
      {
        ...BASE,
        controls: {
          'step-isolation': { severity: 'informational' },
          'prefix-collision': { severity: 'critical' },
        },
        alerts: { minimumSeverity: 'critical' },
      },
      [
        'MEDIUM controls.step-isolation.severity: nothing becomes "informational" (its findings are less severe, so that fewer are told of them)',
        'MEDIUM alerts.minimumSeverity: nothing becomes "critical" (people are told of less)',
      ],
    ],
    [
      'an exception that is gone without a word',
      { ...BASE, scpException: { tagKey: 'a', tagValue: 'b' } },
      BASE,
      ['MEDIUM scpException: it is gone (controls that need it do not judge any more)'],
    ],
    [
      'another exception, and not a first one',
      { ...BASE, scpException: { tagKey: 'a', tagValue: 'b' } },
      { ...BASE, scpException: { tagKey: 'a', tagValue: 'c' } },
      ['MEDIUM scpException.tagValue: "b" becomes "c" (another tag is the one that SCPs except)'],
    ],
    [
      'a first exception lets nothing pass, as controls begin to judge it',
      { ...BASE, scpException: null },
      { ...BASE, scpException: { tagKey: 'a', tagValue: 'b' } },
      [],
    ],
    [
      'a suppression with a star in place of a question mark',
      { ...BASE, suppressions: [{ ...accepted, resource: 'a-?.json' }] },
      { ...BASE, suppressions: [{ ...accepted, resource: 'a-*.json' }] },
      [
        'MEDIUM suppressions[0]: it suppresses step-isolation on a-*.json until 2999-01-01: moves; before: step-isolation on a-?.json until 2999-01-01: moves (findings of step-isolation are told no more where the suppression is about them)',
      ],
    ],
    [
      'another reason for a control that is off lets nothing pass',
      { ...BASE, controls: { 'step-isolation': { enabled: false, reason: 'later' } } },
      { ...BASE, controls: { 'step-isolation': { enabled: false, reason: 'never' } } },
      [],
    ],
  ])('%s', (_, before, after, expected) => {
    expect(letting(before, after)).toEqual(expected);
  });

  test('what is graver is told before very many differences that are less grave', () => {
    const prefixes = Array.from({ length: 1000 }, (_, index) => ({ prefix: `p${index}` }));
    const before: Config = { ...BASE, versionFloors: [floor] };
    const [first, ...others] = letting(before, { ...BASE, prefixes, versionFloors: [] });
    expect([first, others[0]]).toEqual([
      `MEDIUM versionFloors: it takes out ${JSON.stringify(floor)} (earlier versions may run)`,
      'MEDIUM versionFloors: the list is empty (controls that need it do not judge any more)',
    ]);
    expect(others.at(-1)).toMatch(/^LOW configuration: \d+ more differences/);
  });

  const [ONE, OTHER] = ['444455556666', '777788889999'];
  const strict: Config = {
    ...BASE,
    versionFloors: [floor],
    scpException: { tagKey: 'a', tagValue: 'b' },
    controls: { 'step-isolation': { enabled: false, reason: 'later' } },
  };
  const isOn = { 'step-isolation': { enabled: true } };
  const lab = (...accounts: string[]): FileConfig => ({
    ...BASE,
    teams: [{ name: 'lab', accounts }],
    overrides: [{ teams: ['lab'], controls: { 'step-isolation': { enabled: false, reason: 'later' } } }],
  });

  const team = (accounts: string[], override: object): Partial<FileConfig> => ({
    teams: [{ name: 'lab', accounts }],
    overrides: [{ teams: ['lab'], ...override }],
  });
  const unnamed = (...accounts: string[]) => team(accounts, { prefixes: [] });
  const held = (...accounts: string[]) => team(accounts, { versionFloors: [{ ...floor, minimum: 9 }] });

  test.each<[string, FileConfig, FileConfig, string[]]>([
    [
      'takes from its accounts what holds for the others',
      strict,
      {
        ...strict,
        overrides: [
          { accounts: [ONE], prefixes: [], scpException: null, versionFloors: [{ ...floor, minimum: 1 }] },
        ],
      },
      [
        'overrides[0].prefixes',
        'overrides[0].scpException',
        'overrides[0].versionFloors',
        'overrides[0].versionFloors[0]',
      ],
    ],
    [
      'no longer switches on what is off for the others',
      { ...strict, overrides: [{ accounts: [ONE], prefixes: [{ prefix: 'a' }], controls: isOn }] },
      { ...strict, overrides: [{ accounts: [ONE], prefixes: [{ prefix: 'a' }] }] },
      ['controls.step-isolation.enabled', 'overrides[0].controls.step-isolation.enabled'],
    ],
    [
      'is gone that held its accounts to more',
      {
        ...strict,
        overrides: [{ accounts: [ONE], versionFloors: [{ ...floor, minimum: 9 }], controls: isOn }],
      },
      strict,
      [
        'controls.step-isolation.enabled',
        'overrides[0].controls.step-isolation.enabled',
        'overrides[0].versionFloors',
        'overrides[0].versionFloors[0]',
        'versionFloors[0].except[0]',
      ],
    ],
    [
      'comes after one that takes it back no longer',
      { ...lab(ONE), overrides: [...(lab(ONE).overrides ?? []), { accounts: [ONE], controls: isOn }] },
      { ...lab(ONE), overrides: [{ accounts: [ONE], controls: isOn }, ...(lab(ONE).overrides ?? [])] },
      ['overrides[1].controls.step-isolation.enabled'],
    ],
    [
      'is for a team with one account more',
      lab(ONE),
      lab(ONE, OTHER),
      ['overrides[0].controls.step-isolation.enabled'],
    ],
    [
      'takes from an account that joins its team what holds for the others',
      { ...strict, ...unnamed(ONE) },
      { ...strict, ...unnamed(ONE, OTHER) },
      ['overrides[0].prefixes'],
    ],
    [
      'held an account to more that leaves its team',
      { ...strict, ...held(ONE, OTHER) },
      { ...strict, ...held(ONE) },
      ['overrides[0].versionFloors', 'overrides[0].versionFloors[0]', 'versionFloors[0].except[0]'],
    ],
    [
      'holds its accounts to more',
      strict,
      { ...strict, overrides: [{ accounts: [ONE], controls: isOn }] },
      [],
    ],
    ['is for fewer accounts', lab(ONE, OTHER), lab(ONE), []],
  ])('an override that %s', (_, before, after, expected) => {
    const places = changes(before, after).flatMap(({ at, lets }) => (lets ? at : []));
    expect(places.toSorted()).toEqual(expected);
  });

  test('accounts and Regions that are not watched any more', () => {
    const watched = { regions: ['eu-west-1', 'us-east-1'], organizationalUnits: ['ou-ab12-11111111'] };
    const before: FileConfig = { ...BASE, organization: watched };
    const organization = { ...watched, regions: ['eu-west-1'], exclude: ['111122223333'] };
    expect(letting(before, { ...BASE, organization, securityHub: { findings: 'off' } })).toEqual([
      'MEDIUM organization.regions: it takes out "us-east-1" (it may not be watched any more)',
      'MEDIUM organization.exclude[0]: it adds "111122223333" (the account is not watched any more)',
      'MEDIUM securityHub.findings: nothing becomes "off" (Security Hub gets no findings any more)',
    ]);
  });

  test('the account of the deployment is not watched any more where others are named', () => {
    const regions = { regions: ['eu-west-1'] };
    const named = { ...regions, accounts: ['444455556666'] };
    expect(letting({ ...BASE, organization: regions }, { ...BASE, organization: named })).toEqual([
      'MEDIUM organization: it names the accounts that are watched (that of the deployment is watched no more where it is not among them)',
    ]);
    const units = { ...named, organizationalUnits: ['ou-ab12-11111111'] };
    expect(letting({ ...BASE, organization: named }, { ...BASE, organization: units })).toEqual([]);
  });

  test('of a first configuration, what it excepts is told, and not what it authorises', () => {
    const first: FileConfig = {
      ...BASE,
      suppressions: [accepted],
      overrides: [
        { accounts: ['111122223333'], controls: { 'step-isolation': { enabled: false, reason: 'later' } } },
      ],
    };
    expect(letting(undefined, BASE)).toEqual([]);
    expect(letting(undefined, first)).toEqual([
      'MEDIUM suppressions[0]: it suppresses step-isolation on a.json until 2999-01-01: moves (it is excepted from what holds for others)',
      'MEDIUM overrides[0].controls.step-isolation.enabled: it switches off step-isolation: later, for 111122223333 (it is excepted from what holds for others)',
    ]);
  });
});
