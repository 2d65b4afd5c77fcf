import { describe, expect, test } from '@jest/globals';
import { configChanges } from '../../../cli/config-changes.ts';
import type { Config } from '../../../shared/config/schema.ts';

const BASE: Config = {
  version: 1,
  prefixes: [{ prefix: 'fraud' }],
  roles: { steps: ['arn:aws:iam::111122223333:role/steps/*'] },
};
const accepted = { control: 'step-isolation', resource: 'a.json', reason: 'moves', expires: '2999-01-01' };

const told = (before: Config, after: Config) =>
  configChanges(before, after).map(({ at, found }) => `${at}: ${found}`);

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
      ['prefixes: it adds {"prefix":"vision"}', 'prefixes: it takes out {"prefix":"fraud"}'],
    ],
    [
      'a list that is gone',
      { version: 1, prefixes: [{ prefix: 'fraud' }] },
      ['roles.steps: it takes out "arn:aws:iam::111122223333:role/steps/*"', 'roles.steps: the list is gone'],
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

  test('a longer end of a suppression is told as both', () => {
    const longer = { ...accepted, expires: '2999-02-02' };
    expect(told({ ...BASE, suppressions: [accepted] }, { ...BASE, suppressions: [longer] })).toEqual([
      'suppressions[0]: it suppresses step-isolation on a.json until 2999-02-02: moves',
      'suppressions: it suppresses no longer step-isolation on a.json until 2999-01-01: moves',
    ]);
  });

  test('of very many changes the first are told, and how many more there are', () => {
    const prefixes = Array.from({ length: 1000 }, (_, index) => ({ prefix: `p${index}` }));
    const changes = told(BASE, { ...BASE, prefixes });
    expect(changes).toHaveLength(51);
    expect(changes.at(-1)).toBe('configuration: 951 more differences');
  });
});
