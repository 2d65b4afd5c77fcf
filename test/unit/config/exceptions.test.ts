import { describe, expect, test } from '@jest/globals';
import { checkConfig } from '../../../shared/config/check-config.ts';
import { pathOf, pathText } from '../../../shared/config/config-parts.ts';
import { exceptionsOf, newExceptions } from '../../../shared/config/exceptions.ts';
import { ConfigError, parseConfig, positionsIn } from '../../../shared/config/parse-config.ts';
import type { FileConfig } from '../../../shared/config/schema.ts';
import { CONTROL_IDS } from '../../../shared/domain/control-ids.ts';
import type { Severity } from '../../../shared/domain/finding.ts';

const SEVERITIES = new Map<string, Severity>([
  ['step-isolation', 'MEDIUM'],
  ['prefix-collision', 'HIGH'],
]);
const suppression = {
  control: 'step-isolation',
  resource: 'arn:aws:sagemaker:*:*:pipeline/fraud-*',
  reason: 'PLAT-4711',
  expires: '2027-03-31',
};
const role = (name: string) => `arn:aws:iam::111122223333:role/${name}`;

describe('what a configuration excepts', () => {
  test('is what keeps controls from telling, and who may what others may not', () => {
    const config: FileConfig = {
      version: 1,
      prefixes: [{ prefix: 'fraud' }],
      roles: { creators: [role('ci')], steps: [role('*')], trusted: ['*'], administrators: [role('a')] },
      versionFloors: [{ pipeline: 'fraud-*', minimum: 6, except: [role('release')] }],
      scpException: { tagKey: 'a', tagValue: 'b', taggers: [role('t')] },
      sharedWith: ['444455556666'],
      imageBuckets: { extraRules: ['ground-truth'] },
      controls: {
        'step-isolation': { enabled: false, reason: 'later' },
        'prefix-collision': { severity: 'low' },
      },
      suppressions: [suppression],
      overrides: [{ teams: ['vision'], controls: { 'step-isolation': { severity: 'critical' } } }],
    };
    expect(exceptionsOf(config, SEVERITIES).map(({ at, text }) => `${at}: ${text}`)).toEqual([
      'controls.step-isolation.enabled: it switches off step-isolation: later',
      'controls.prefix-collision.severity: it tells prefix-collision as low',
      'suppressions[0]: it suppresses step-isolation on arn:aws:sagemaker:*:*:pipeline/fraud-* until 2027-03-31: PLAT-4711',
      `versionFloors[0].except[0]: it excepts from the version floor of fraud-* ${role('release')}`,
      `scpException.taggers[0]: it lets set the tag of the SCP exception ${role('t')}`,
      'roles.trusted[0]: it lets assume execution and step roles *',
      `roles.administrators[0]: it lets change execution and step roles ${role('a')}`,
      'sharedWith[0]: it lets pipelines be shared with 444455556666',
      'imageBuckets.extraRules[0]: it lets image buckets have the CORS rule ground-truth',
    ]);
  });

  test('is new where it was not there, or was for other accounts, and not where it has moved', () => {
    const before: FileConfig = { version: 1, suppressions: [suppression] };
    const other = { ...suppression, step: 'Train' };
    expect(newExceptions(before, { ...before, suppressions: [other, suppression] }, SEVERITIES)).toEqual([
      { at: 'suppressions[0]', text: expect.stringContaining('step Train') },
    ]);
    const overriding = (account: string): FileConfig => ({
      version: 1,
      overrides: [{ accounts: [account], suppressions: [suppression] }],
    });
    expect(newExceptions(overriding('111122223333'), overriding('444455556666'), SEVERITIES)).toEqual([
      { at: 'overrides[0].suppressions[0]', text: expect.stringMatching(/: PLAT-4711, for 444455556666$/) },
    ]);
    expect(newExceptions(before, { version: 1 }, SEVERITIES)).toEqual([]);
  });

  const [ONE, OTHER] = ['444455556666', '777788889999'];
  const off = { 'step-isolation': { enabled: false, reason: 'later' } };
  const on = { 'step-isolation': { enabled: true } };
  const lab = (...accounts: string[]): FileConfig => ({
    version: 1,
    teams: [{ name: 'lab', accounts }],
    overrides: [{ teams: ['lab'], controls: off }],
  });
  const overridden = (...overrides: FileConfig['overrides'] & object): FileConfig => ({
    version: 1,
    overrides,
  });
  const added = (before: FileConfig, after: FileConfig) =>
    newExceptions(before, after, SEVERITIES).map(({ at }) => at);
  const OFF = 'controls.step-isolation.enabled';

  test.each<[string, FileConfig, FileConfig, string[]]>([
    [
      'whose reason reads as if it were for some accounts',
      overridden({ accounts: [ONE], suppressions: [suppression] }),
      { version: 1, suppressions: [{ ...suppression, reason: `${suppression.reason}, for ${ONE}` }] },
      ['suppressions[0]'],
    ],
    ['of a team with one account more', lab(ONE), lab(ONE, OTHER), [`overrides[0].${OFF}`]],
    [
      'that an override no longer takes back',
      { version: 1, controls: off, overrides: [{ accounts: [ONE], controls: on }] },
      { version: 1, controls: off },
      [OFF],
    ],
    [
      'that an override takes back for fewer accounts',
      { version: 1, controls: off, overrides: [{ accounts: [ONE, OTHER], controls: on }] },
      { version: 1, controls: off, overrides: [{ accounts: [ONE], controls: on }] },
      [OFF],
    ],
    [
      'that comes after what took it back',
      overridden({ accounts: [ONE], controls: off }, { accounts: [ONE], controls: on }),
      overridden({ accounts: [ONE], controls: on }, { accounts: [ONE], controls: off }),
      [`overrides[1].${OFF}`],
    ],
    [
      'from a list that an override no longer replaces',
      { version: 1, sharedWith: [OTHER], overrides: [{ accounts: [ONE], sharedWith: [] }] },
      { version: 1, sharedWith: [OTHER] },
      ['sharedWith[0]'],
    ],
    [
      'for an account that is not watched any more',
      { version: 1, organization: { organizationalUnits: ['ou-ab12-11111111'] } },
      { version: 1, organization: { organizationalUnits: ['ou-ab12-11111111'], exclude: [ONE] } },
      ['organization.exclude[0]'],
    ],
  ])('is new %s', (_, before, after, expected) => {
    expect(added(before, after)).toEqual(expected);
  });

  test.each<[string, FileConfig, FileConfig]>([
    [
      'accounts of an override are in another order, or it is in two',
      overridden({ accounts: [ONE, OTHER], controls: off }),
      overridden({ accounts: [OTHER], controls: off }, { accounts: [ONE], controls: off }),
    ],
    ['it is for fewer accounts', { version: 1, controls: off }, lab(ONE)],
    [
      'an override takes it back',
      { version: 1, controls: off },
      { version: 1, controls: off, overrides: [{ accounts: [ONE], controls: on }] },
    ],
    [
      'an override for other accounts is gone',
      overridden({ accounts: [ONE], controls: off }, { accounts: [OTHER], controls: on }),
      overridden({ accounts: [ONE], controls: off }),
    ],
    ['a team is named as its accounts', lab(ONE), overridden({ accounts: [ONE], controls: off })],
  ])('is not new where %s', (_, before, after) => {
    expect(added(before, after)).toEqual([]);
  });
});

test('the control of exceptions is none that the configuration can suppress, switch off or change', () => {
  const text = `version: 1
controls:
  exceptions-scoped: { severity: low }
overrides:
  - accounts: ["111122223333"]
    controls: { exceptions-scoped: { enabled: false, reason: noise } }
suppressions:
  - { control: exceptions-scoped, resource: pipewarden.yaml, reason: noise, expires: 2027-01-01 }
`;
  let problems = '';
  try {
    parseConfig(text, 'p.yaml', CONTROL_IDS);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    problems = error.message;
  }
  expect(problems.split('\n').map((line) => line.slice(0, line.indexOf(' ')))).toEqual([
    'p.yaml:3:3:',
    'p.yaml:8:16:',
    'p.yaml:6:17:',
  ]);
  expect(problems).toContain('the file can neither suppress it nor change it');
  expect(checkConfig({ version: 1, alerts: { routes: [] } }, CONTROL_IDS).ok).toBe(true);
});

describe('a place in the configuration', () => {
  test.each([
    [['overrides', 0, 'controls', 'step-isolation', 'enabled']],
    [['imageBuckets', 'tags', 'a b."c[0]']],
    [[]],
  ])('is the same after it was a text: %j', (path) => {
    expect(pathOf(pathText(path))).toEqual(path);
  });

  test('is found in the text, or what it would be in, and none that the file has not at all', () => {
    const at = positionsIn('version: 1\nroles:\n  steps:\n    - a\n    - b\n');
    expect(at('roles.steps[1]')).toEqual({ line: 5, column: 7 });
    expect(at('roles.creators[0]')).toEqual({ line: 3, column: 3 });
    expect(at('suppressions[0]')).toBeUndefined();
    expect(at('configuration')).toBeUndefined();
  });
});
