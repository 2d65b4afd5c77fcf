import { describe, expect, test } from '@jest/globals';
import { checkConfig } from '../../../shared/config/check-config.ts';
import { ConfigError, parseConfig } from '../../../shared/config/parse-config.ts';
import type { FileConfig } from '../../../shared/config/schema.ts';

const CONTROLS = ['job-prefix-length', 'step-isolation'];
const parse = (text: string): FileConfig => parseConfig(`version: 1\n${text}`, 'x.yaml', CONTROLS);

/** The problems of a text that is refused, without the file’s name before each. The text begins in line 2. */
const problemsOf = (text: string): string[] => {
  try {
    parse(text);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.message.split('\n').map((line) => line.replace(/^x\.yaml:/, ''));
  }
  throw new Error('it was accepted');
};

const WHOLE = `organization:
  regions: [eu-west-1, us-east-1]
  organizationalUnits: [ou-ab12-cdefgh34, r-ab12]
  accounts: ["012345678901"]
  exclude: ["444455556666"]
teams:
  - name: fraud
    accounts: ["111122223333"]
    organizationalUnits: [ou-ab12-11111111]
    prefixes: [fraud]
    pipelines: [fraud-*]
    roles: ["arn:aws:iam::\${account}:role/fraud-*"]
    resources: ["arn:aws:s3:::fraud-*"]
prefixes: [{ prefix: fraud, roles: ["arn:aws:iam::\${account}:role/fraud"] }]
overrides:
  - accounts: ["111122223333"]
    organizationalUnits: [ou-ab12-11111111]
    teams: [fraud]
    prefixes: []
    roles: { creators: ["arn:aws:iam::\${account}:role/dev"] }
    imageBuckets: { names: [dev-images] }
    sharedWith: []
    versionFloors: []
    scpException: null
    controls: { step-isolation: { enabled: false, reason: sandbox } }
    suppressions: [{ control: step-isolation, resource: "arn:aws:s3:::x", reason: "as \${told}", expires: 2027-01-31 }]
alerts:
  routes:
    - match: { team: fraud, account: "111122223333", organizationalUnit: ou-ab12-11111111 }
      topicArn: arn:aws:sns:eu-west-1:111122223333:fraud
`;

test('a configuration for many accounts is accepted, also from the JSON that a deployment stores', () => {
  const config = parse(WHOLE);
  expect(config.organization).toEqual({
    regions: ['eu-west-1', 'us-east-1'],
    organizationalUnits: ['ou-ab12-cdefgh34', 'r-ab12'],
    accounts: ['012345678901'],
    exclude: ['444455556666'],
  });
  expect(parseConfig(JSON.stringify(config), 'x.json', CONTROLS)).toEqual(config);
});

const NO_ACCOUNT = 'is not the number of an account; expected 12 digits in quotes, such as "111122223333"';
const NO_UNIT =
  'is not the id of an organizational unit; expected one such as ou-ab12-cdefgh34, or that of a root, such as r-ab12';
const NO_REGION = 'is not a Region that this version knows; expected one such as eu-west-1';

describe('the organization is refused, with the place of', () => {
  test.each<[string, string, string[]]>([
    [
      'an account without quotes',
      'organization: { accounts: [111122223333] }',
      ['2:28: organization.accounts[0]: must be a text, and is 111122223333; put it in quotes'],
    ],
    [
      'an account without quotes that begins with a zero',
      'organization: { accounts: [012345678901] }',
      ['2:28: organization.accounts[0]: must be a text, and is 12345678901; put it in quotes'],
    ],
    [
      'an account without its list',
      'organization: { accounts: "111122223333" }',
      ['2:27: organization.accounts: must be a list, and is the text "111122223333"'],
    ],
    [
      'an account as the console writes it',
      'organization: { accounts: [1111-2222-3333] }',
      [`2:28: organization.accounts[0]: ${NO_ACCOUNT}`],
    ],
    [
      'a pattern of accounts',
      'organization: { accounts: ["1111*"] }',
      [`2:28: organization.accounts[0]: ${NO_ACCOUNT}`],
    ],
    [
      'eleven digits to exclude',
      'organization: { organizationalUnits: [r-ab12], exclude: ["11112222333"] }',
      [`2:58: organization.exclude[0]: ${NO_ACCOUNT}`],
    ],
    [
      'an account where a unit is expected',
      'organization: { organizationalUnits: ["111122223333"] }',
      [`2:39: organization.organizationalUnits[0]: ${NO_UNIT}`],
    ],
    [
      'the organization’s own id, and the ARN and the name of a unit',
      'organization:\n  organizationalUnits:\n    - o-a1b2c3d4e5\n    - arn:aws:organizations::111122223333:ou/o-a1b2c3d4e5/ou-ab12-cdefgh34\n    - Workloads',
      [
        `4:7: organization.organizationalUnits[0]: ${NO_UNIT}`,
        `5:7: organization.organizationalUnits[1]: ${NO_UNIT}`,
        `6:7: organization.organizationalUnits[2]: ${NO_UNIT}`,
      ],
    ],
    [
      'a unit in upper case, or with too short an end',
      'organization: { organizationalUnits: [OU-ab12-cdefgh34, ou-ab12-cdef] }',
      [
        `2:39: organization.organizationalUnits[0]: ${NO_UNIT}`,
        `2:57: organization.organizationalUnits[1]: ${NO_UNIT}`,
      ],
    ],
    [
      'a misspelt Region',
      'organization: { regions: [eu-west-1, eu-wset-2] }',
      [`2:38: organization.regions[1]: ${NO_REGION}; did you mean "eu-west-2"?`],
    ],
    [
      'a Zone for a Region',
      'organization: { regions: [eu-west-1a] }',
      [`2:27: organization.regions[0]: ${NO_REGION}; did you mean "eu-west-1"?`],
    ],
    [
      'Regions of two partitions',
      'organization: { regions: [eu-west-1, cn-north-1] }',
      [
        '2:38: organization.regions[1]: cn-north-1 is in the partition aws-cn, and eu-west-1 is in aws; a configuration is for one partition, because organizations and roles end there',
      ],
    ],
    [
      'an empty list of Regions',
      'organization: { regions: [] }',
      ['2:26: organization.regions: must not be empty'],
    ],
    [
      'an empty list of accounts',
      'organization: { accounts: [] }',
      ['2:27: organization.accounts: must not be empty'],
    ],
    [
      'an empty list of units, and of exclusions',
      'organization: { organizationalUnits: [], exclude: [] }',
      [
        '2:38: organization.organizationalUnits: must not be empty',
        '2:51: organization.exclude: must not be empty',
      ],
    ],
    [
      'an organization that names nothing',
      'organization: {}',
      [
        '2:15: organization: names nothing; add regions, organizationalUnits or accounts, or leave it out to watch the own account and Region',
      ],
    ],
    [
      'an account that is watched and excluded',
      'organization:\n  organizationalUnits: [r-ab12]\n  accounts: ["111122223333"]\n  exclude: ["444455556666", "111122223333"]',
      ['5:29: organization.exclude[1]: 111122223333 is among accounts too; keep it in one of the two lists'],
    ],
    [
      'an exclusion from no list',
      'organization: { regions: [eu-west-1], exclude: ["444455556666"] }',
      [
        '2:49: organization.exclude[0]: takes 444455556666 out of no list; give organizationalUnits, or leave it out, as accounts that are not listed are not watched',
      ],
    ],
    [
      'what stands twice in a list',
      'organization: { regions: [eu-west-1, eu-west-1], accounts: ["111122223333", "111122223333"] }',
      [
        '2:38: organization.regions[1]: eu-west-1 stands twice in the list; keep one of the two',
        '2:77: organization.accounts[1]: 111122223333 stands twice in the list; keep one of the two',
      ],
    ],
    [
      'a mistyped key',
      'organization: { region: [eu-west-1] }',
      ['2:17: organization.region: there is no key "region" here; did you mean "regions"?'],
    ],
  ])('%s', (_, text, problems) => {
    expect(problemsOf(text)).toEqual(problems);
  });
});

describe('a team is refused, with the place of', () => {
  test.each<[string, string, string[]]>([
    [
      'a name alone',
      'teams: [{ name: a }]',
      [
        '2:9: teams[0]: owns nothing; add accounts, organizationalUnits, prefixes, pipelines, roles or resources',
      ],
    ],
    ['no name', 'teams: [{ pipelines: [a] }]', ['2:9: teams[0].name: is missing; expected a text']],
    [
      'a name that YAML takes for no text',
      'teams: [{ name: true, pipelines: [2027] }]',
      [
        '2:17: teams[0].name: must be a text, and is true; put it in quotes',
        '2:35: teams[0].pipelines[0]: must be a text, and is 2027; put it in quotes',
      ],
    ],
    ['no teams at all', 'teams: []', ['2:8: teams: must not be empty']],
    [
      'a name that another team has',
      'teams: [{ name: a, pipelines: [a] }, { name: b, pipelines: [b] }, { name: a, pipelines: [c] }]',
      ['2:75: teams[2].name: there is a team "a" before it; keep one of the two'],
    ],
    [
      'a prefix with its dash',
      'teams: [{ name: a, prefixes: [a-] }]',
      [
        '2:31: teams[0].prefixes[0]: is not the beginning of a job name; expected letters, digits and inner dashes, without the dash that follows it',
      ],
    ],
    [
      'teams that alerts have too',
      'teams: [{ name: a, pipelines: [a] }]\nalerts: { teams: { a: { prefixes: [a] } } }',
      [
        '3:11: alerts.teams: there are teams at the top too; move these there, so that a team has one meaning',
      ],
    ],
    [
      'a route for a team that there is not',
      'teams: [{ name: fraud, pipelines: [a] }]\nalerts: { routes: [{ match: { team: fruad }, topicArn: "arn:aws:sns:eu-west-1:111122223333:a" }] }',
      ['3:37: alerts.routes[0].match.team: "fruad" is not among teams; did you mean "fraud"?'],
    ],
    [
      'a route for an account without quotes',
      'alerts: { routes: [{ match: { account: 111122223333 }, topicArn: "arn:aws:sns:eu-west-1:111122223333:a" }] }',
      ['2:40: alerts.routes[0].match.account: must be a text, and is 111122223333; put it in quotes'],
    ],
  ])('%s', (_, text, problems) => {
    expect(problemsOf(text)).toEqual(problems);
  });
});

describe('an override is refused, with the place of', () => {
  test.each<[string, string, string[]]>([
    [
      'one for no account',
      'overrides: [{ prefixes: [] }]',
      ['2:13: overrides[0]: is for no account; add accounts, organizationalUnits or teams'],
    ],
    [
      'one that changes nothing',
      'overrides: [{ accounts: ["111122223333"] }]',
      ['2:13: overrides[0]: changes nothing; add what is different for these accounts, such as prefixes'],
    ],
    [
      'alerts, reports and a sweep',
      'overrides:\n  - accounts: ["111122223333"]\n    alerts: {}\n    reports: {}\n    sweep: {}',
      ['alerts', 'reports', 'sweep'].map(
        (key, index) =>
          `${4 + index}:5: overrides[0].${key}: ${key} is for all accounts, so that no override can change it; write it at the top`,
      ),
    ],
    [
      'a mistyped key',
      'overrides: [{ accounts: ["111122223333"], prefix: [] }]',
      ['2:43: overrides[0].prefix: there is no key "prefix" here; did you mean "prefixes"?'],
    ],
    [
      'a mistyped key of the roles',
      'overrides: [{ accounts: ["111122223333"], roles: { setps: [] } }]',
      ['2:52: overrides[0].roles.setps: there is no key "setps" here; did you mean "steps"?'],
    ],
    [
      'a mistyped control, and a mistyped control of a suppression',
      'overrides:\n  - accounts: ["111122223333"]\n    controls: { step-isolatoin: { severity: low } }\n    suppressions: [{ control: step-isolatoin, resource: "arn:aws:s3:::x", reason: x, expires: 2027-01-31 }]',
      [
        '4:17: overrides[0].controls.step-isolatoin: there is no control "step-isolatoin"; did you mean "step-isolation"?',
        '5:31: overrides[0].suppressions[0].control: there is no control "step-isolatoin"; did you mean "step-isolation"?',
      ],
    ],
    [
      'a team that there is not',
      'overrides: [{ teams: [fraud], prefixes: [] }]',
      ['2:23: overrides[0].teams[0]: "fraud" is not among teams'],
    ],
    [
      'a team without accounts of its own',
      'teams: [{ name: fraud, pipelines: [fraud-*] }]\noverrides: [{ teams: [fraud], prefixes: [] }]',
      [
        '3:23: overrides[0].teams[0]: the team "fraud" has no accounts of its own; give it accounts or organizationalUnits',
      ],
    ],
    ['an empty list', 'overrides: []', ['2:12: overrides: must not be empty']],
    [
      'an object’s own member for a team',
      'overrides: [{ teams: [toString, constructor], prefixes: [] }]',
      [
        '2:23: overrides[0].teams[0]: "toString" is not among teams',
        '2:33: overrides[0].teams[1]: "constructor" is not among teams',
      ],
    ],
  ])('%s', (_, text, problems) => {
    expect(problemsOf(text)).toEqual(problems);
  });
});

test('of thousands of names that there are not, the first hundred are compared with those that there are', () => {
  const names = Array.from({ length: 2000 }, (_, index) => `fraud-detection-of-card${index}`);
  const { issues } = checkConfig(
    {
      version: 1,
      teams: [{ name: 'fraud-detection-of-cards', pipelines: ['a'] }],
      overrides: [
        { teams: names.slice(0, 1000), prefixes: [] },
        { teams: names.slice(1000), prefixes: [] },
      ],
    },
    CONTROLS,
  ) as { issues: { message: string }[] };
  expect(issues).toHaveLength(2000);
  const suggesting = issues.map(({ message }) =>
    message.includes('; did you mean "fraud-detection-of-cards"?'),
  );
  expect(suggesting.filter(Boolean)).toHaveLength(100);
});

describe('the variable of the account', () => {
  const roles = (pattern: string) => parse(`roles:\n  steps:\n    - ${pattern}`).roles?.steps;

  test.each([
    ['without quotes in a list of lines', 'arn:aws:iam::${account}:role/x'],
    ['in double quotes', '"arn:aws:iam::${account}:role/x"'],
    ['in single quotes', "'arn:aws:iam::${account}:role/x'"],
  ])('may stand in the pattern of an ARN %s', (_, text) => {
    expect(roles(text)).toEqual(['arn:aws:iam::${account}:role/x']);
  });

  test('may stand inside of the resource, and in each kind of ARN pattern', () => {
    expect(roles('arn:aws:iam::*:role/x-${account}-*')).toEqual(['arn:aws:iam::*:role/x-${account}-*']);
    const config = parse(`roles: { trusted: ["arn:aws:iam::\${account}:root"] }
sharedWith: ["arn:aws:iam::\${account}:role/x"]
versionFloors: [{ pipeline: a, minimum: 2, except: ["arn:aws:iam::\${account}:role/x"] }]
scpException: { tagKey: a, tagValue: b, taggers: ["arn:aws:iam::\${account}:role/x"] }
suppressions: [{ control: step-isolation, resource: "arn:aws:sagemaker:*:\${account}:pipeline/x", reason: x, expires: 2027-01-31 }]`);
    expect(config.roles?.trusted).toEqual(['arn:aws:iam::${account}:root']);
  });

  const quotes = 'a text with ${account} needs quotes here, such as "arn:aws:iam::${account}:role/x"';
  test.each([
    ['a list', 'roles: { steps: [arn:aws:iam::${account}:role/x] }', '2:31'],
    ['a list over several lines', 'roles:\n  steps: [\n    arn:aws:iam::${account}:role/x\n  ]', '4:18'],
    ['a map', 'imageBuckets: { names: x-${account} }', '2:26'],
    ['a list that begins with it', 'imageBuckets: { names: [${account}] }', '2:25'],
  ])('is told to need quotes in brackets: %s', (_, text, at) => {
    expect(problemsOf(text)).toEqual([`${at}: ${quotes}`]);
  });

  const ALONE =
    'cannot contain ${account}: patterns of ARNs alone may contain ${account}; write * in a pattern of names, or name each account’s own in overrides';
  const WRONG =
    'has ${account} in a wrong place; write it as the whole account, as in arn:aws:iam::${account}:role/x, or inside of the resource';
  const unknown = (variable: string) =>
    `contains ${variable}, which is not known; write \${account} for the resource’s own account`;
  const inSteps = (pattern: string) => `roles: { steps: ["${pattern}"] }`;

  test.each<[string, string, string]>([
    ['a bucket’s name', 'imageBuckets: { names: ["x-${account}"] }', `2:25: imageBuckets.names[0]: ${ALONE}`],
    ['a bucket’s tag', 'imageBuckets: { tags: { a: "${account}" } }', `2:28: imageBuckets.tags.a: ${ALONE}`],
    [
      'the tag of an exception',
      'scpException: { tagKey: a, tagValue: "${account}" }',
      `2:38: scpException.tagValue: ${ALONE}`,
    ],
    [
      'a pipeline’s name',
      'versionFloors: [{ pipeline: "${account}-*", minimum: 2 }]',
      `2:29: versionFloors[0].pipeline: ${ALONE}`,
    ],
    [
      'a secret of alerts',
      'alerts: { slack: { secret: "arn:aws:ssm:eu-west-1:${account}:parameter/x" } }',
      `2:28: alerts.slack.secret: ${ALONE}`,
    ],
    [
      'a team of alerts',
      'alerts: { teams: { a: { resources: ["arn:aws:s3:::${account}-x"] } } }',
      '2:37: alerts.teams.a.resources[0]: cannot contain a variable, because alerts are for all accounts; write *, or move the team to teams at the top',
    ],
    [
      'the path of a linted file',
      'suppressions: [{ control: step-isolation, resource: "${account}/x.json", reason: x, expires: 2027-01-31 }]',
      '2:53: suppressions[0].resource: is not an ARN; write ${account} inside of one, such as arn:aws:iam::${account}:root',
    ],
    [
      'a trusted principal that is no ARN',
      'roles: { trusted: ["${account}"] }',
      '2:20: roles.trusted[0]: is not an ARN; write ${account} inside of one, such as arn:aws:iam::${account}:root',
    ],
    ['a part of the account', inSteps('arn:aws:iam::${account}*:role/x'), `2:18: roles.steps[0]: ${WRONG}`],
    ['two accounts', inSteps('arn:aws:iam::${account}${account}:role/x'), `2:18: roles.steps[0]: ${WRONG}`],
    ['the partition', inSteps('arn:${account}:iam::*:role/x'), `2:18: roles.steps[0]: ${WRONG}`],
    ['the Region', inSteps('arn:aws:iam:${account}:*:role/x'), `2:18: roles.steps[0]: ${WRONG}`],
    [
      'CloudFormation’s variable',
      inSteps('arn:aws:iam::${AWS::AccountId}:role/x'),
      `2:18: roles.steps[0]: ${unknown('${AWS::AccountId}')}`,
    ],
    [
      'another letter case',
      inSteps('arn:aws:iam::${Account}:role/x'),
      `2:18: roles.steps[0]: ${unknown('${Account}')}`,
    ],
    [
      'a variable that does not end',
      inSteps('arn:aws:iam::${account:role/x'),
      `2:18: roles.steps[0]: ${unknown('${account:role/x')}`,
    ],
    [
      'another variable in a name',
      'prefixes: [{ prefix: a, pipelines: ["${team}-*"] }]',
      '2:37: prefixes[0].pipelines[0]: cannot contain ${team}: patterns of ARNs alone may contain ${account}; write * in a pattern of names, or name each account’s own in overrides',
    ],
  ])('is refused in %s', (_, text, problem) => {
    expect(problemsOf(text)).toEqual([problem]);
  });
});
