import { describe, expect, test } from '@jest/globals';
import type { Policies } from '../../../../shared/iam/decide/layers.ts';
import { statementsAbout } from '../../../../shared/iam/sets/statements.ts';
import { comparandsOf, valueCells } from '../../../../shared/iam/sets/value-cells.ts';
import type { Json } from '../../../../shared/json/json.ts';
import { layer, requestOf } from '../../../support/builders/asking.ts';

const KEY = 'aws:x';
type Conditions = Record<string, Json>;

/** Policies that allow if one of these holds: each has operators and the values that the key is compared with. */
const when = (...each: Conditions[]): Policies => ({
  identity: layer(
    'identity',
    ...each.map((operators) => ({
      Condition: Object.fromEntries(
        Object.entries(operators).map(([operator, value]) => [operator, { [KEY]: value }]),
      ),
    })),
  ),
});
/** The values of the key that the conditions distinguish. */
const cellsOf = (policies: Policies, request = requestOf()) =>
  valueCells(comparandsOf(statementsAbout(policies, 's3:getobject'), KEY, request) ?? [], KEY);
const valuesOf = (...each: Conditions[]) => cellsOf(when(...each)).values;

describe('the values that are tried', () => {
  test.each<[string, Conditions[], string[]]>([
    ['both of two', [{ Bool: 'true' }], ['true', 'false']],
    [
      'of an instant, it and its neighbours',
      [{ DateLessThan: '2026-01-01T00:00:00Z' }],
      ['2025-12-31T23:59:59.999Z', '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.001Z'],
    ],
    ['of a date that is none, nothing', [{ DateLessThan: 'soon' }], []],
    [
      'of a range, its ends and their neighbours',
      [{ IpAddress: '203.0.113.0/24' }],
      ['192.0.2.1', '2001:db8::1', '203.0.112.255', '203.0.113.0', '203.0.113.255', '203.0.114.0'],
    ],
    [
      'of the first range, no neighbour below',
      [{ IpAddress: '0.0.0.0/8' }],
      ['192.0.2.1', '2001:db8::1', '0.0.0.0', '0.255.255.255', '1.0.0.0'],
    ],
    [
      'of the last range, no neighbour above',
      [{ IpAddress: '255.0.0.0/8' }],
      ['192.0.2.1', '2001:db8::1', '254.255.255.255', '255.0.0.0', '255.255.255.255'],
    ],
    [
      'of a range that is none, only what lies outside',
      [{ IpAddress: 'here' }],
      ['192.0.2.1', '2001:db8::1'],
    ],
    ['of bytes, they and others', [{ BinaryEquals: 'YQ==' }], ['YQ==', 'eA==']],
    [
      'of an address and a text, what is an address',
      [{ IpAddress: '203.0.113.7/32' }, { StringEquals: ['203.0.113.9', 'x'] }],
      ['192.0.2.1', '2001:db8::1', '203.0.113.6', '203.0.113.7', '203.0.113.8', '203.0.113.9'],
    ],
    [
      'of a date and an answer, what is both: nothing',
      [{ Bool: 'true' }, { DateLessThan: '2026-01-01' }],
      [],
    ],
    [
      'of whole numbers, one for each way',
      [{ NumericLessThan: '2' }, { StringEquals: '7' }],
      ['0', '2', '7'],
    ],
    [
      'of whole numbers and a text that is none',
      [{ NumericLessThan: '2' }, { StringLike: 'x*' }],
      ['0', '2'],
    ],
  ])('%s', (_, conditions, values) => {
    expect(valuesOf(...conditions)).toEqual(values);
  });

  test.each<[string, Conditions[], boolean]>([
    ['one kind', [{ Bool: 'true' }], true],
    ['text alone', [{ StringLike: 'a*' }, { ArnLike: 'a:*:c:d:e:f' }], true],
    ['two kinds', [{ Bool: 'true' }, { StringLike: 'a*' }], false],
    ['numbers and text', [{ NumericLessThan: '2' }, { StringLike: '1*' }], true],
    ['numbers and another kind', [{ NumericLessThan: '2' }, { Bool: 'true' }], false],
    ['no condition at all', [{}], true],
  ])('are all that matter: %s', (_, conditions, isComplete) => {
    expect(cellsOf(when(...conditions)).isComplete).toBe(isComplete);
  });

  test('a variable that the request does not carry fits nothing, and is no value', () => {
    const policies = when({ StringEquals: ['a', '${aws:none}'] });
    const { values } = cellsOf(policies, requestOf({ context: { 'aws:none': null } }));
    expect(values.toSorted()).toEqual(['a', 'x']);
  });
});
