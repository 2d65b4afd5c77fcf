import { describe, expect, test } from '@jest/globals';
import { contextValues } from '../../../../shared/iam/decide/context-values.ts';
import { decide } from '../../../../shared/iam/decide/decide.ts';
import type { Json } from '../../../../shared/json/json.ts';
import {
  ACCOUNT,
  explained,
  JOB,
  layer,
  OTHER,
  ROLE,
  requestOf,
  SESSION,
  USER,
} from '../../../support/builders/asking.ts';

/** What an Unknown hangs on, by one statement. */
const hangsOn = (
  statement: Record<string, Json>,
  context: Record<string, string | string[] | null> = {},
  resource?: string,
) => {
  const { decision, missingContext, doubts } = explained(
    { identity: layer('identity', statement) },
    { context, ...(resource !== undefined && { resource }) },
  );
  expect(decision).toBe('Unknown');
  return { missingContext, doubts };
};
const OPEN = { 'aws:open': 'x' };

describe('an Unknown names as its reason', () => {
  test('the keys of variables, if no other value matches', () => {
    const condition = { StringEquals: { 'aws:a': ['one', '${aws:var}'] } };
    expect(hangsOn({ Condition: condition }, { 'aws:a': 'two' })).toEqual({
      missingContext: ['aws:var'],
      doubts: [],
    });
  });

  test('no key of a variable, if another value matches', () => {
    const condition = { StringEquals: { 'aws:a': ['one', '${aws:var}'], ...OPEN } };
    expect(hangsOn({ Condition: condition }, { 'aws:a': 'one' })).toEqual({
      missingContext: ['aws:open'],
      doubts: [],
    });
  });

  test('a value that is not of a negated operator’s type', () => {
    const condition = { NumericNotEquals: { 'aws:a': '5' } };
    expect(hangsOn({ Condition: condition }, { 'aws:a': 'five' })).toEqual({
      missingContext: [],
      doubts: ['aws:a has a value that is no numeric-equals value: five'],
    });
  });

  test('no value that is of the operator’s type', () => {
    const condition = { NumericNotEquals: { 'aws:a': '5' }, StringEquals: OPEN };
    expect(hangsOn({ Condition: condition }, { 'aws:a': '6' })).toEqual({
      missingContext: ['aws:open'],
      doubts: [],
    });
  });

  test('several values under an operator for one value', () => {
    const condition = { StringEquals: { 'aws:a': 'one' } };
    expect(hangsOn({ Condition: condition }, { 'aws:a': ['one', 'two'] }).doubts).toEqual([
      'aws:a has several values, and the operator takes one: write ForAnyValue or ForAllValues',
    ]);
  });

  test('no values that all match or all do not', () => {
    const condition = { StringNotEquals: { 'aws:a': 'three' }, StringEquals: OPEN };
    expect(hangsOn({ Condition: condition }, { 'aws:a': ['one', 'two'] }).doubts).toEqual([]);
  });

  test('the variable in a Resource element', () => {
    const Resource = 'arn:aws:s3:::${aws:var}/*';
    expect(hangsOn({ Resource })).toEqual({ missingContext: ['aws:var'], doubts: [] });
    const { Resource: NotResource } = { Resource };
    expect(hangsOn({ NotResource })).toEqual({ missingContext: ['aws:var'], doubts: [] });
  });

  test('a NotResource whose variable the request lacks', () => {
    expect(hangsOn({ NotResource: 'arn:aws:s3:::${aws:var}/*' }, { 'aws:var': null })).toEqual({
      missingContext: [],
      doubts: ['what arn:aws:s3:::${aws:var}/* leaves out: the request has no value for its variable'],
    });
  });

  test.each(['A', 'M', 'Z'])('the letter case of %s in a SageMaker ARN', (letter) => {
    const resource = JOB.replace('fraud', letter);
    const { doubts } = hangsOn({ Resource: resource }, {}, resource.toLowerCase());
    expect(doubts).toEqual([
      `${resource.toLowerCase()} fits ${resource} but for its letter case, which SageMaker does not always keep`,
    ]);
  });

  test('a missing key policy, which must allow', () => {
    const { doubts } = explained(
      { identity: layer('identity', {}) },
      { action: 'kms:Decrypt', resource: `arn:aws:kms:eu-west-1:${ACCOUNT}:key/k` },
    );
    expect(doubts).toEqual([
      `the policy of arn:aws:kms:eu-west-1:${ACCOUNT}:key/k must allow this, and was not given`,
    ]);
  });
});

describe('a policy with variables', () => {
  test.each<[Json]>([['${aws:var}'], [['fixed', '${aws:var}']]])(
    '%j is resolved anew for each request',
    (wanted) => {
      const policies = { identity: layer('identity', { Condition: { StringEquals: { 'aws:a': wanted } } }) };
      const ask = (a: string, variable: string) =>
        decide(policies, requestOf({ context: { 'aws:a': a, 'aws:var': variable } }));
      expect([ask('one', 'one'), ask('two', 'two'), ask('one', 'two')]).toEqual([
        'Allow',
        'Allow',
        'ImplicitDeny',
      ]);
    },
  );
});

describe('the values that follow from a request', () => {
  const service = 'sagemaker.amazonaws.com';
  test.each<[string, string, unknown]>([
    ['aws:principalarn', ROLE, [ROLE]],
    ['aws:principalarn', SESSION, undefined],
    ['aws:principalarn', service, null],
    ['aws:principalaccount', ROLE, [ACCOUNT]],
    ['aws:principalaccount', service, undefined],
    ['aws:principalaccount', '*', ['anonymous']],
    ['aws:principaltype', USER, ['User']],
    ['aws:principaltype', ROLE, ['AssumedRole']],
    ['aws:principaltype', ACCOUNT, ['Account']],
    ['aws:principaltype', '*', ['Anonymous']],
    ['aws:principaltype', `arn:aws:sts::${ACCOUNT}:federated-user/a`, ['FederatedUser']],
    ['aws:principaltype', service, undefined],
    ['aws:principalisawsservice', ROLE, ['false']],
    ['aws:principalisawsservice', service, ['true']],
    ['aws:principalservicename', service, [service]],
    ['aws:principalservicename', ROLE, null],
    ['aws:username', USER, ['ana']],
    ['aws:username', ROLE, null],
    ...['sourcearn', 'sourceaccount', 'sourceorgid', 'sourceorgpaths', 'principalservicenameslist'].flatMap(
      (name): [string, string, unknown][] => [
        [`aws:${name}`, ROLE, null],
        [`aws:${name}`, service, undefined],
      ],
    ),
    ['aws:sourceip', ROLE, undefined],
  ])('%s of %s', (key, principal, values) => {
    expect(contextValues(requestOf({ principal }), key)).toEqual(values);
  });

  test.each<[string, string, unknown]>([
    ['s3:GetObject', 's3:prefix', undefined],
    ['s3:GetObject', 'sagemaker:pipelineversionid', null],
    ['sts:AssumeRole', 'iam:resourcetag/a', undefined],
    ['sts:AssumeRole', 's3:prefix', null],
    ['iam:PassRole', 'iam:passedtoservice', undefined],
    ['s3:GetObject', 'iam:passedtoservice', null],
    ['s3:GetObject', 'acme:key', undefined],
  ])('in a request for %s, %s', (action, key, values) => {
    expect(contextValues(requestOf({ action }), key)).toEqual(values);
  });

  test('the owner of the resource', () => {
    expect(contextValues(requestOf({ resource: JOB }), 'aws:resourceaccount')).toEqual([ACCOUNT]);
    expect(contextValues(requestOf({ resourceAccount: OTHER }), 'aws:resourceaccount')).toEqual([OTHER]);
    expect(contextValues(requestOf(), 'aws:resourceaccount')).toBeUndefined();
  });
});
