import { describe, expect, test } from '@jest/globals';
import type { AccountPlace } from '../../../shared/config/account-selector.ts';
import { parseConfig, placedIssues } from '../../../shared/config/parse-config.ts';
import type { FileConfig } from '../../../shared/config/schema.ts';
import { hangsOnPlace, isWatched, watchedIssues } from '../../../shared/config/watched-accounts.ts';

const [ONE, TWO, THREE] = ['111122223333', '444455556666', '777788889999'];
const [DEV, PROD] = ['ou-ab12-11111111', 'ou-ab12-22222222'];
const at = (account: string, unit?: string | null): AccountPlace => ({
  account,
  partition: 'aws',
  ...(unit !== undefined && { path: unit === null ? null : `o-a1b2c3d4e5/r-ab12/${unit}/` }),
});
const role = (account: string, name = 'x') => `arn:aws:iam::${account}:role/${name}`;

const issuesOf = (text: string, watched: readonly AccountPlace[]): string[] => {
  const whole = `version: 1\n${text}`;
  return placedIssues(whole, 'x.yaml', watchedIssues(parseConfig(whole, 'x.yaml', ['a']), watched));
};

const NO_ENTRY =
  'neither a prefix nor a creator nor an execution role; add what is in use there, for all accounts or in overrides';

test.each<[string, string, boolean]>([
  ['no unit', 'prefixes: [{ prefix: a }]', false],
  [
    'units, though it is named itself',
    `organization: { accounts: ["${TWO}"], organizationalUnits: [${DEV}] }`,
    false,
  ],
  ['the units that are watched', `organization: { organizationalUnits: [${DEV}] }`, true],
  [
    'overrides for units',
    `organization: { accounts: ["${TWO}"] }\noverrides: [{ organizationalUnits: [${DEV}], prefixes: [{ prefix: a }] }]`,
    true,
  ],
  [
    'teams in units',
    `organization: { accounts: ["${TWO}"] }\nteams: [{ name: a, organizationalUnits: [${DEV}] }]`,
    true,
  ],
])('whether an account hangs on its place where the configuration names %s', (_, text, hangs) => {
  const config = parseConfig(`version: 1\n${text}`, 'x.yaml', []);
  expect(hangsOnPlace(config, { account: TWO, partition: 'aws' }, ONE)).toBe(hangs);
});

describe('an account is covered by', () => {
  test.each([
    ['a prefix for everybody', 'prefixes: [{ prefix: a }]'],
    ['a prefix for roles of the account', `prefixes: [{ prefix: a, roles: ["${role(ONE)}"] }]`],
    ['a creator', `roles: { creators: ["${role(ONE)}"] }`],
    ['a creator of certain pipelines', `roles: { creators: [{ roles: ["${role(ONE)}"], pipelines: [a] }] }`],
    ['execution roles of every account', `roles: { execution: ["${role('*')}"] }`],
    ['execution roles of its own', `roles: { execution: ["${role('${account}')}"] }`],
    ['a pattern of accounts', `roles: { execution: ["${role('1111*')}"] }`],
    ['an override', `overrides: [{ accounts: ["${ONE}"], prefixes: [{ prefix: a }] }]`],
  ])('%s', (_, text) => {
    expect(issuesOf(text, [at(ONE, DEV)])).toEqual([]);
  });
});

describe('an account that no entry is for is told', () => {
  test.each<[string, string, string]>([
    ['a configuration without lists', 'finished: { expireDays: 9 }', '1:1: '],
    ['empty lists', 'prefixes: []\nroles: { creators: [], execution: [] }', '1:1: '],
    ['step roles alone', `roles: { steps: ["${role('*')}"] }`, '1:1: '],
    [
      'lists that an override empties',
      `prefixes: [{ prefix: a }]\noverrides: [{ accounts: ["${ONE}"], prefixes: [] }]`,
      '1:1: ',
    ],
    [
      'another partition’s role',
      'roles: { execution: ["arn:aws-cn:iam::*:role/x"] }\norganization: { organizationalUnits: [r-ab12] }',
      '3:38: organization.organizationalUnits: ',
    ],
  ])('with %s', (_, text, place) => {
    expect(issuesOf(text, [at(ONE, DEV)])).toEqual([
      `x.yaml:${place}no entry is for the account ${ONE}: ${NO_ENTRY}`,
    ]);
  });

  test('at the list of accounts that names it, and all others together', () => {
    const text = `organization:\n  organizationalUnits: [r-ab12]\n  accounts: ["${ONE}"]`;
    expect(issuesOf(text, [at(ONE, DEV), at(TWO, DEV), at(THREE, DEV)])).toEqual([
      `x.yaml:4:14: organization.accounts[0]: no entry is for the account ${ONE}: ${NO_ENTRY}`,
      `x.yaml:3:24: organization.organizationalUnits: no entry is for 2 accounts ${TWO}, ${THREE}: ${NO_ENTRY}`,
    ]);
  });

  test('by one issue for hundreds of them', () => {
    const many = Array.from({ length: 500 }, (_, index) => at(String(100_000_000_000 + index), DEV));
    const issues = issuesOf('organization: { regions: [eu-west-1] }', many);
    expect(issues).toEqual([expect.stringContaining('no entry is for 500 accounts 100000000000, ')]);
    expect(issues[0]?.length).toBeLessThan(400);
  });
});

describe('what is not watched is told where', () => {
  test.each<[string, string, string[]]>([
    [
      'an override, a team, a route and the organization name it',
      `organization: { accounts: ["${ONE}", "${TWO}"] }
teams: [{ name: a, accounts: ["${TWO}"] }]
overrides: [{ accounts: ["${ONE}", "${TWO}"], versionFloors: [] }]
alerts: { routes: [{ match: { account: "${TWO}" }, topicArn: "arn:aws:sns:eu-west-1:${ONE}:a" }] }`,
      [
        '2:44: organization.accounts[1]',
        '3:31: teams[0].accounts[0]',
        '4:42: overrides[0].accounts[1]',
        '5:40: alerts.routes[0].match.account',
      ].map((place) => `${place}: ${TWO} is not among the watched accounts; correct it, or watch it`),
    ],
    [
      'the organization excludes it',
      `organization: { organizationalUnits: [r-ab12], exclude: ["${TWO}"] }\noverrides: [{ accounts: ["${TWO}"], versionFloors: [] }]`,
      [
        `3:26: overrides[0].accounts[0]: ${TWO} is not among the watched accounts; organization.exclude takes it out`,
      ],
    ],
    [
      'patterns of roles name it, also in an override',
      `prefixes: [{ prefix: a, roles: ["${role(TWO)}"] }]
roles: { execution: ["${role(TWO)}", "${role('*')}"], trusted: ["${role(TWO)}"] }
overrides: [{ accounts: ["${ONE}"], roles: { creators: ["${role(TWO)}"], steps: ["${role(TWO)}"], execution: ["${role('*')}"] } }]`,
      ['2:33: prefixes[0].roles[0]', '3:22: roles.execution[0]', '4:108: overrides[0].roles.steps[0]'].map(
        (place) => `${place}: ${TWO} is not among the watched accounts; correct it, or watch it`,
      ),
    ],
    [
      'no watched account is in an organizational unit',
      `organization: { organizationalUnits: ["${DEV}", "${PROD}"] }
teams: [{ name: a, organizationalUnits: ["${PROD}"] }]
overrides: [{ organizationalUnits: [r-ab12, "${PROD}"], versionFloors: [] }]
alerts: { routes: [{ match: { organizationalUnit: "${PROD}" }, topicArn: "arn:aws:sns:eu-west-1:${ONE}:a" }] }`,
      [
        '2:59: organization.organizationalUnits[1]',
        '3:42: teams[0].organizationalUnits[0]',
        '4:45: overrides[0].organizationalUnits[1]',
        '5:51: alerts.routes[0].match.organizationalUnit',
      ].map((place) => `${place}: no watched account is in or below ${PROD}; correct it, or take it out`),
    ],
  ])('%s', (_, text, issues) => {
    const covering = text.includes('roles') ? text : `prefixes: [{ prefix: a }]\n${text}`;
    const shift = (issue: string) =>
      text.includes('roles') ? issue : issue.replace(/^\d+/, (line) => String(Number(line) + 1));
    expect(issuesOf(covering, [at(ONE, DEV)])).toEqual(issues.map((issue) => `x.yaml:${shift(issue)}`));
  });

  test('but nothing is said of units while the path of a watched account is not known', () => {
    const text = `prefixes: [{ prefix: a }]\nalerts: { routes: [{ match: { organizationalUnit: "${PROD}" }, topicArn: "arn:aws:sns:eu-west-1:${ONE}:a" }] }`;
    expect(issuesOf(text, [at(ONE, DEV), at(TWO)])).toEqual([]);
    expect(issuesOf(text, [at(ONE, DEV), at(TWO, null)])).toHaveLength(1);
  });
});

test('an account whose configuration hangs on units that nothing tells is told', () => {
  const text = `prefixes: [{ prefix: a }]\norganization: { accounts: ["${ONE}"] }\noverrides: [{ organizationalUnits: ["${DEV}"], versionFloors: [] }]`;
  expect(issuesOf(text, [at(ONE)])).toEqual([
    `x.yaml:3:28: organization.accounts[0]: nothing tells the organizational units of the account ${ONE}: name the account in accounts, too, where organizationalUnits decide`,
  ]);
});

describe('an account is watched', () => {
  const watched = (organization: FileConfig['organization'], place: AccountPlace) =>
    isWatched({ organization }, place, ONE);

  test('by itself, where no accounts or units are named', () => {
    expect([at(ONE), at(TWO, DEV)].map((place) => watched(undefined, place))).toEqual([true, false]);
    expect([at(ONE), at(TWO)].map((place) => watched({ regions: ['eu-west-1'] }, place))).toEqual([
      true,
      false,
    ]);
  });

  test('by its number or a unit above it, unless it is excluded', () => {
    const organization = { accounts: [TWO], organizationalUnits: [DEV], exclude: [THREE] };
    expect(watched(organization, at(TWO, null))).toBe(true);
    expect(watched(organization, at(ONE, `${DEV}/ou-ab12-33333333`))).toBe(true);
    expect(watched(organization, at(ONE, PROD))).toBe(false);
    expect(watched(organization, at(THREE, DEV))).toBe(false);
    expect(watched({ accounts: [TWO] }, at(ONE))).toBe(false);
  });

  test('perhaps, where nothing tells its units', () => {
    expect(watched({ organizationalUnits: [DEV] }, at(TWO))).toBeUndefined();
  });
});
