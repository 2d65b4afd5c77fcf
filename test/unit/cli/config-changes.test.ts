import { describe, expect, test } from '@jest/globals';
import { configChanges } from '../../../cli/config-changes.ts';
import type { Config, FileConfig } from '../../../shared/config/schema.ts';

const BASE: Config = {
  version: 1,
  prefixes: [{ prefix: 'fraud' }],
  roles: { steps: ['arn:aws:iam::111122223333:role/steps/*'] },
};
const accepted = { control: 'step-isolation', resource: 'a.json', reason: 'moves', expires: '2999-01-01' };

const told = (before: FileConfig, after: FileConfig) =>
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
      `overrides[0]: it adds an override ${many}`,
      'overrides[0].versionFloors: the list is there, and empty',
      'overrides[0].controls.step-isolation.reason: nothing becomes "later"',
      'overrides[1].prefixes: it adds {"prefix":"b"}',
      'overrides[1].prefixes: it takes out {"prefix":"a"}',
    ]);
    expect(told(after, { ...after, overrides: after.overrides?.toReversed() })).toEqual([
      'overrides: their order is another one, and a later override wins',
    ]);
    expect(told(before, BASE)).toEqual([
      'overrides[0]: it takes out an override for 111122223333',
      'overrides[0].prefixes: it takes out {"prefix":"a"}',
      'overrides[0].prefixes: the list is gone',
    ]);
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
