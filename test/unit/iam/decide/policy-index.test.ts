import { describe, expect, test } from '@jest/globals';
import {
  allowsInStatements,
  indexPolicies,
  mayAllowAny,
} from '../../../../shared/iam/decide/policy-index.ts';
import { readPolicy } from '../../../../shared/iam/policy/read-policy.ts';
import { broken, documentOf, layer } from '../../../support/builders/asking.ts';

const about = (action: string, index: ReturnType<typeof layer>) => {
  const { allows, denies } = index.candidates(action);
  return [allows, denies].map((list) => list.map(({ statement }) => statement.index));
};

describe('an index of policies', () => {
  const index = layer(
    'identity',
    { Action: ['S3:GetObject', 's3:Put*'] },
    { Effect: 'Deny', Action: 's3:?etObject' },
    { NotAction: ['s3:GetObject', 'sqs:*'] },
  );
  test.each([
    ['s3:getobject', [0], [1]],
    ['s3:putobject', [0, 2], []],
    ['s3:setobject', [2], [1]],
    ['s3:get', [2], []],
    ['sqs:sendmessage', [], []],
  ])('finds the statements about %s', (action, allows, denies) => {
    expect(about(action, index)).toEqual([allows, denies]);
  });

  test('finds statements once, and returns the same ones after many other questions', () => {
    const first = index.candidates('s3:getobject');
    expect(index.candidates('s3:getobject')).toBe(first);
    for (let count = 0; count < 5000; count++) index.candidates(`a:b${count}`);
    expect(about('s3:getobject', index)).toEqual([[0], [1]]);
  });

  test('lists policies that cannot be read separately', () => {
    const good = readPolicy(documentOf({}), { name: 'good', kind: 'identity' });
    const half = readPolicy(
      { Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }, 5] },
      { name: 'half', kind: 'identity' },
    );
    const all = indexPolicies([good, half]);
    expect(all.statements).toHaveLength(1);
    expect(all.unreadable).toEqual([half]);
    expect(all.policies).toEqual([good, half]);
    expect(broken('identity').unreadable).toHaveLength(1);
  });
});

test('whether policies may allow one of some actions is told of each index by itself', () => {
  const mayTag = mayAllowAny(['iam:TagRole', 'iam:TagUser']);
  const nothing = () => indexPolicies([]);
  expect(mayTag(nothing())).toBe(false);
  expect(mayTag(nothing())).toBe(false);
  expect(mayTag(layer('identity', { Action: 'IAM:Tag*' }))).toBe(true);
  expect(mayTag(layer('identity', { Effect: 'Deny', Action: 'iam:TagRole' }))).toBe(false);
  expect(mayTag(layer('identity', { NotAction: 'iam:TagRole' }))).toBe(true);
  const unread = { ...nothing(), unreadable: [readPolicy('{', { name: 'cut', kind: 'identity' })] };
  expect(mayTag(unread)).toBe(true);
  expect(mayAllowAny([])(layer('identity', { Action: '*' }))).toBe(false);
});

test('whether statements allow an action is told by their Allows alone', () => {
  const allowsTags = allowsInStatements('sts:TagSession');
  const statementsOf = (...statements: Parameters<typeof documentOf>) =>
    readPolicy(documentOf(...statements), { name: 'any', kind: 'identity' }).statements;
  expect(allowsTags(statementsOf({ Action: 'sts:AssumeRole' }, { Action: 'STS:tag*' }))).toBe(true);
  expect(allowsTags(statementsOf({ Action: 'sts:AssumeRole' }, { Effect: 'Deny', Action: '*' }))).toBe(false);
});
