import { describe, expect, test } from '@jest/globals';
import type { ContextValue } from '../../../../shared/iam/decide/context.ts';
import { indexPolicies } from '../../../../shared/iam/decide/policy-index.ts';
import { readPolicy } from '../../../../shared/iam/policy/read-policy.ts';
import type { Json } from '../../../../shared/json/json.ts';
import { ask, explained, layer } from '../../../support/builders/asking.ts';

const [YES, NO, MAYBE] = ['Allow', 'ImplicitDeny', 'Unknown'];
const KEY = 'aws:PrincipalTag/team';

const meets = (
  operator: string,
  wanted: Json,
  value: ContextValue | undefined,
  more: Record<string, ContextValue> = {},
) =>
  ask(
    { identity: layer('identity', { Condition: { [operator]: { [KEY]: wanted } } }) },
    { context: { ...more, ...(value !== undefined && { [KEY.toUpperCase()]: value }) } },
  );

describe('a condition', () => {
  test.each<[string, Json, ContextValue | undefined, string | undefined]>([
    ['StringEquals', 'a', 'a', YES],
    ['StringEquals', 'a', 'A', NO],
    ['StringEquals', ['b', 'a'], 'a', YES],
    ['StringEquals', 'a*', 'ab', NO],
    ['StringEquals', 'a', null, NO],
    ['StringEquals', 'a', [], NO],
    ['StringEquals', 'a', undefined, MAYBE],
    ['StringEquals', [], 'a', NO],
    ['StringNotEquals', 'a', 'b', YES],
    ['StringNotEquals', ['a', 'b'], 'b', NO],
    ['StringNotEquals', 'a', null, YES],
    ['StringNotEquals', 'a', undefined, MAYBE],
    ['StringNotEquals', [], 'a', YES],
    ['StringEqualsIgnoreCase', 'a', 'A', YES],
    ['StringNotEqualsIgnoreCase', 'a', 'A', NO],
    ['StringLike', 'a*', 'ab', YES],
    ['StringNotLike', 'a*', 'ab', NO],
    ['NumericLessThan', 6, '5', YES],
    ['NumericLessThan', 6, 'x', NO],
    ['NumericNotEquals', 6, 'x', MAYBE],
    ['NotIpAddress', '10.0.0.0/8', '11.0.0.1', YES],
    ['Bool', true, 'true', YES],
    ['ArnNotLike', 'arn:aws:iam::*:role/*', 'arn:aws:iam::1:user/a', YES],
    ['DateGreaterThan', '2026-01-01', '2026-01-02', YES],
    ['BinaryEquals', 'YQ==', 'YQ==', YES],
    ['StringEqualsIfExists', 'a', null, YES],
    ['StringEqualsIfExists', 'a', 'b', NO],
    ['StringEqualsIfExists', 'a', undefined, MAYBE],
    ['StringNotEqualsIfExists', 'a', null, YES],
    ['Null', 'true', null, YES],
    ['Null', true, 'a', NO],
    ['Null', 'false', 'a', YES],
    ['Null', 'False', null, NO],
    ['Null', ['true', 'false'], null, YES],
    ['Null', 'true', [], YES],
    ['Null', 'true', undefined, MAYBE],
    ['ForAllValues:StringEquals', ['a', 'b'], ['a', 'b'], YES],
    ['ForAllValues:StringEquals', ['a', 'b'], ['a', 'c'], NO],
    ['ForAllValues:StringEquals', 'a', null, YES],
    ['ForAllValues:StringEquals', 'a', [], YES],
    ['ForAllValues:StringEquals', 'a', undefined, MAYBE],
    ['ForAllValues:StringNotEquals', 'a', ['b', 'c'], YES],
    ['ForAllValues:StringNotEquals', 'a', ['b', 'a'], NO],
    ['ForAllValues:StringNotEquals', 'a', null, YES],
    ['ForAnyValue:StringEquals', ['a', 'b'], ['c', 'a'], YES],
    ['ForAnyValue:StringEquals', 'a', ['c'], NO],
    ['ForAnyValue:StringEquals', 'a', null, NO],
    ['ForAnyValue:StringEqualsIfExists', 'a', null, YES],
    ['ForAnyValue:StringNotEquals', 'a', ['a', 'b'], YES],
    ['ForAnyValue:StringNotEquals', 'a', ['a'], NO],
    ['ForAnyValue:StringNotEquals', 'a', null, NO],
    ['StringEquals', 'a', ['a', 'a'], YES],
    ['StringEquals', 'a', ['b', 'c'], NO],
    ['StringEquals', 'a', ['a', 'b'], MAYBE],
    ['StringNotEquals', 'a', ['b', 'c'], YES],
    ['StringNotEquals', 'a', ['a', 'b'], MAYBE],
  ])('%s %j and %j: %s', (operator, wanted, value, expected) => {
    expect(meets(operator, wanted, value)).toBe(expected);
  });

  test('with several operators and keys holds only if all of them hold', () => {
    const policies = {
      identity: layer('identity', {
        Condition: { StringEquals: { 'aws:a': '1', 'aws:b': '2' }, Bool: { 'aws:c': 'true' } },
      }),
    };
    const all = { 'aws:a': '1', 'aws:b': '2', 'aws:c': 'true' };
    expect(ask(policies, { context: all })).toBe(YES);
    for (const key of Object.keys(all)) expect(ask(policies, { context: { ...all, [key]: 'x' } })).toBe(NO);
  });
});

describe('a policy variable', () => {
  const USER = 'aws:username';
  test.each<[string, Json, string, Record<string, ContextValue>, string | undefined]>([
    ['StringEquals', '${aws:username}', 'ana', { [USER]: 'ana' }, YES],
    ['StringEquals', '${AWS:UserName}', 'ana', { [USER]: 'ana' }, YES],
    ['StringEquals', 'x-${aws:username}-y', 'x-ana-y', { [USER]: 'ana' }, YES],
    ['StringEquals', '${aws:username}', 'bob', { [USER]: 'ana' }, NO],
    ['StringEquals', '${aws:username}', 'ana', { [USER]: null }, NO],
    ['StringNotEquals', '${aws:username}', 'ana', { [USER]: null }, YES],
    ['StringEquals', '${aws:a}', 'ana', {}, MAYBE],
    ['StringNotEquals', '${aws:a}', 'ana', {}, MAYBE],
    ['StringEquals', ['${aws:a}', 'ana'], 'ana', {}, YES],
    ['StringNotEquals', ['${aws:a}', 'ana'], 'ana', {}, NO],
    ['StringEquals', "${aws:a, 'ana'}", 'ana', { 'aws:a': null }, YES],
    ['StringEquals', "${aws:a,'ana'}", 'ana', { 'aws:a': [] }, YES],
    ['StringEquals', "${aws:a, 'ana'}", 'ana', { 'aws:a': 'bob' }, NO],
    ['StringEquals', "${aws:a, 'ana'}", 'ana', {}, MAYBE],
    ['StringEquals', '${aws:a, ana}', 'ana', { 'aws:a': null }, NO],
    ['StringEquals', "${aws:a, ''}", '', { 'aws:a': null }, YES],
    ['StringEquals', '${aws:a}', 'ana', { 'aws:a': ['ana', 'bob'] }, NO],
    ['StringLike', '${aws:a}', 'anything', { 'aws:a': '*' }, NO],
    ['StringLike', '${aws:a}*', '*thing', { 'aws:a': '*' }, YES],
    ['StringLike', '${*}', '*', {}, YES],
    ['StringLike', '${*}', 'a', {}, NO],
    ['StringLike', 'a${?}', 'a?', {}, YES],
    ['StringLike', 'a${?}', 'ab', {}, NO],
    ['StringEquals', '${$}{x}', '${x}', {}, YES],
    ['StringEquals', '${open', '${open', {}, YES],
  ])('%s %j and %j with %j: %s', (operator, wanted, value, context, expected) => {
    expect(meets(operator, wanted, value, context)).toBe(expected);
  });

  test.each<[string, Json, Record<string, ContextValue>, string]>([
    ['StringEquals', '${aws:username}', { [USER]: null }, NO],
    ['StringLike', ['${aws:username}/*', 'x-${aws:username}'], { [USER]: null }, NO],
    ['ArnLike', 'arn:aws:iam::*:role/${aws:username}', { [USER]: null }, NO],
    ['ForAnyValue:StringEquals', '${aws:username}', { [USER]: null }, NO],
    ['StringNotEquals', '${aws:username}', { [USER]: null }, YES],
    ['ForAllValues:StringNotEquals', '${aws:username}', { [USER]: null }, YES],
    ['StringNotEqualsIfExists', '${aws:username}', { [USER]: null }, YES],
    ['StringEquals', ['${aws:username}', 'ana'], { [USER]: null }, MAYBE],
    ['StringEquals', '${aws:a}', { [USER]: null }, MAYBE],
    ['StringEqualsIfExists', '${aws:username}', { [USER]: null }, MAYBE],
    ['ForAllValues:StringEquals', '${aws:username}', { [USER]: null }, MAYBE],
    ['ForAnyValue:StringNotEquals', '${aws:username}', { [USER]: null }, MAYBE],
  ])('%s %j with %j and a value that nobody tells: %s', (operator, wanted, context, expected) => {
    expect(meets(operator, wanted, undefined, context)).toBe(expected);
  });

  test('is plain text in a document of Version 2008-10-17', () => {
    const old = (Resource: string) => ({
      identity: indexPolicies([
        readPolicy(
          { Version: '2008-10-17', Statement: { Effect: 'Allow', Action: '*', Resource } },
          { name: 'old', kind: 'identity' },
        ),
      ]),
    });
    expect(
      ask(old('arn:aws:s3:::${aws:username}'), { resource: 'arn:aws:s3:::ana', context: { [USER]: 'ana' } }),
    ).toBe(NO);
    expect(ask(old('arn:aws:s3:::${aws:username}'), { resource: 'arn:aws:s3:::${aws:username}' })).toBe(YES);
  });

  test('is replaced in a Resource element too', () => {
    const own = { identity: layer('identity', { Resource: 'arn:aws:s3:::acme/${aws:PrincipalTag/team}/*' }) };
    const asked = (team?: ContextValue) =>
      ask(own, { resource: 'arn:aws:s3:::acme/ml/x', context: team === undefined ? {} : { [KEY]: team } });
    expect([asked('ml'), asked('m*'), asked(null), asked()]).toEqual([YES, NO, NO, MAYBE]);
    const others = {
      identity: layer('identity', { NotResource: 'arn:aws:s3:::acme/${aws:PrincipalTag/team}/*' }),
    };
    const absent = { resource: 'arn:aws:s3:::acme/ml/x', context: { [KEY]: null } };
    expect(explained(others, absent)).toMatchObject({
      decision: MAYBE,
      doubts: [expect.stringContaining('leaves out')],
    });
    expect(ask(others, { ...absent, context: { [KEY]: 'ml' } })).toBe(NO);
    expect(ask(others, { ...absent, context: { [KEY]: 'x' } })).toBe(YES);
    expect(explained(own, { resource: 'arn:aws:s3:::acme/ml/x' }).missingContext).toEqual([KEY]);
  });
});
