import { describe, expect, test } from '@jest/globals';
import type { Policies } from '../../../../shared/iam/decide/layers.ts';
import { type ValueAnswer, valuesAllowed } from '../../../../shared/iam/sets/questions.ts';
import type { Json } from '../../../../shared/json/json.ts';
import { layer, requestOf } from '../../../support/builders/asking.ts';

const KEY = 'aws:x';
type Conditions = Record<string, Json>;

/** Allowed where one of these holds: each with its operators, and the values that the key is compared with. */
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
const ask = (policies: Policies, key = KEY) => valuesAllowed(policies, requestOf(), key);
const rangesOf = (found: ValueAnswer) => (found.answer === 'known' ? found.ranges : undefined);
const valuesOf = (...each: Conditions[]) => ask(when(...each)).values.map(({ value }) => value);

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
    expect(ask(when(...conditions)).answer).toBe(isComplete ? 'known' : 'unknown');
  });

  test('a variable that the request does not carry fits nothing, and is no value', () => {
    const policies = when({ StringEquals: ['a', '${aws:none}'] });
    const answer = valuesAllowed(policies, requestOf({ context: { 'aws:none': null } }), KEY);
    expect(answer.values.map(({ value }) => value).toSorted()).toEqual(['a', 'x']);
  });
});

describe('ranges', () => {
  test.each<[string, Conditions[], number[] | undefined]>([
    ['of texts alone there are none', [{ StringEquals: '7' }], undefined],
    [
      'of a pattern beside a number there are none',
      [{ NumericLessThan: '2' }, { StringLike: '7' }],
      undefined,
    ],
    ['of a number written in another way there are none', [{ NumericLessThan: '2.0' }], undefined],
    [
      'of a number beyond what can be counted there are none',
      [{ NumericLessThan: '9007199254740991' }],
      undefined,
    ],
    ['up to what can be counted there are', [{ NumericLessThan: '9007199254740990' }], [0, 9007199254740990]],
    [
      'are in the order of numbers, not of texts',
      [{ NumericLessThan: '9' }, { NumericEquals: '10' }, { NumericEquals: '100' }],
      [0, 9, 10, 11, 100, 101],
    ],
    ['begin at 0', [{ NumericGreaterThan: '-3' }], [0]],
  ])('%s', (_, conditions, bounds) => {
    expect(rangesOf(ask(when(...conditions)))?.map(({ from }) => from)).toEqual(bounds);
  });

  test('begin at 1 for versions of a pipeline', () => {
    const key = 'sagemaker:PipelineVersionId';
    const identity = layer('identity', { Condition: { NumericGreaterThan: { [key]: '2' } } });
    expect(rangesOf(valuesAllowed({ identity }, requestOf(), key))).toMatchObject([
      { from: 1, to: 2 },
      { from: 3 },
    ]);
  });

  test('are none where the key stands in a resource, beside statements where it does not', () => {
    const number = { Condition: { NumericLessThan: { [KEY]: '2' } } };
    const identity = layer('identity', number, { Resource: `arn:aws:s3:::\${${KEY}}` });
    expect(ask({ identity })).toMatchObject({ answer: 'unknown' });
    expect(rangesOf(ask({ identity }))).toBeUndefined();
    const trust = { resource: layer('trust', { Principal: '*', ...number }) };
    expect(rangesOf(ask(trust))).toBeDefined();
  });

  test('the action is taken in any letter case', () => {
    const identity = layer('identity', {
      Action: 's3:GETOBJECT',
      Condition: { NumericLessThan: { [KEY]: '2' } },
    });
    expect(rangesOf(ask({ identity }))).toHaveLength(2);
  });
});
