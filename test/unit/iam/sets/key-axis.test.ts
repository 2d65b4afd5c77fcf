import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { assume, type ContextValue } from '../../../../shared/iam/decide/context.ts';
import { decide } from '../../../../shared/iam/decide/decide.ts';
import type { Policies } from '../../../../shared/iam/decide/layers.ts';
import type { AnyAnswer, Example } from '../../../../shared/iam/sets/answers.ts';
import {
  type KeyAxis,
  passedToService,
  sourcesBeyond,
  sourcesOf,
  sourcesUnder,
  tagKeyInAnyCase,
  tagKeysBeside,
  versionsBelow,
  versionsFrom,
} from '../../../../shared/iam/sets/key-axis.ts';
import { allowedBeyond, allowedForAll } from '../../../../shared/iam/sets/questions.ts';
import { sharedWork } from '../../../../shared/iam/sets/shared-work.ts';
import { onlyOne, rolesIn } from '../../../../shared/iam/sets/universe.ts';
import type { Json } from '../../../../shared/json/json.ts';
import { ACCOUNT, layer, OTHER, requestOf } from '../../../support/builders/asking.ts';
import { samples, shownBy } from '../../../support/samples.ts';

type Condition = Record<string, Record<string, Json>>;

const ROLES = `arn:aws:iam::${ACCOUNT}:role/`;
const PIPELINE = `arn:aws:sagemaker:eu-west-1:${ACCOUNT}:pipeline/fraud`;

const exampleIn = (found: AnyAnswer): Example | undefined =>
  found.answer === 'some' ? found.example : undefined;

/** Statements that compare the key in different ways, and match some roles. */
const statementsOf = (
  key: string,
  operators: readonly string[],
  values: fc.Arbitrary<string>,
  resources: readonly string[],
) => {
  const condition: fc.Arbitrary<Condition> = fc
    .array(
      fc.tuple(
        fc.constantFrom(
          ...operators,
          ...operators.map((operator) => (operator === 'Null' ? operator : `${operator}IfExists`)),
        ),
        fc.array(values, { minLength: 1, maxLength: 3 }),
      ),
      { maxLength: 2 },
    )
    .map((all) => Object.fromEntries(all.map(([operator, texts]) => [operator, { [key]: texts }])));
  const statement = fc
    .record({
      Effect: fc.constantFrom('Allow', 'Allow', 'Deny'),
      Resource: fc.constantFrom(...resources),
      isNot: fc.integer({ min: 0, max: 4 }),
      Condition: condition,
    })
    .map(
      ({ Effect, Resource, isNot, Condition }): Record<string, Json> => ({
        Effect,
        [isNot === 0 ? 'NotResource' : 'Resource']: Resource,
        Condition: Condition as Json,
      }),
    );
  return fc
    .array(statement, { minLength: 1, maxLength: 4 })
    .map((all): Policies => ({ identity: layer('identity', ...all) }));
};

/**
 * Whether the policies have variables only where AWS takes them: in comparisons of texts and ARNs. What others come to is not documented,
 * so that a question about many values may be left open that each single value answers.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
 */
const hasVariablesAsDocumented = ({ identity }: Policies): boolean =>
  (identity?.statements ?? []).every(({ statement }) =>
    statement.conditions.every(
      ({ base, texts }) => /^(?:string|arn)/.test(base) || !texts.some((text) => text.includes('${')),
    ),
  );

/** Compares the answer with decisions on requests of the set, which need not be all of them. */
const agree = (
  policies: fc.Arbitrary<Policies>,
  action: string,
  axes: KeyAxis[],
  tried: readonly { resource: string; values: Record<string, ContextValue> }[],
  universe = rolesIn({ partition: 'aws', account: ACCOUNT }),
): string[] => {
  const answers = new Set<string>();
  fc.assert(
    fc.property(policies, (all) => {
      const request = requestOf({ action });
      const found = allowedBeyond({ policies: all, request, universe, keys: axes }, sharedWork());
      answers.add(found.answer);
      const decided = tried.map(({ resource, values }) =>
        decide(all, { ...request, resource, context: assume(request.context, values) }),
      );
      if (found.answer === 'some') expect(found.example.decision).toBe('Allow');
      else if (found.answer === 'none' || hasVariablesAsDocumented(all))
        expect(decided).not.toContain('Allow');
      if (found.answer === 'none') expect(decided).not.toContain('Unknown');
    }),
    { numRuns: samples(1500) },
  );
  return [...answers].toSorted();
};

const combined = (resources: readonly string[], values: readonly Record<string, ContextValue>[]) =>
  resources.flatMap((resource) => values.map((each) => ({ resource, values: each })));

const EACH = ['none', 'some', 'unknown'];

describe('the service that a role is passed to', () => {
  const KEY = 'iam:PassedToService';
  const services = [
    'lambda.amazonaws.com',
    'ec2.amazonaws.com',
    'a.amazonaws.com.cn',
    'x.aws.internal',
    'sagemaker.amazonaws.com',
  ];

  test('is what deciding each service says', () => {
    const operators = [
      'StringEquals',
      'StringNotEquals',
      'StringLike',
      'StringNotLike',
      'StringEqualsIgnoreCase',
      'Bool',
      'Null',
      'NumericLessThan',
      'DateGreaterThan',
      'IpAddress',
      'NotIpAddress',
      'ArnLike',
      'ArnNotLike',
      'BinaryEquals',
    ];
    const values = fc.constantFrom(
      ...services,
      'LAMBDA.amazonaws.com',
      'l*',
      '*.com',
      'ec?.*',
      'true',
      '5',
      '203.0.113.0/24',
      '*',
      'YQ==',
      '${aws:PrincipalTag/service}',
    );
    const names = ['a', 'b', 'ab', 'x/a'].map((name) => ROLES + name);
    const tried = combined(
      names,
      services.filter((each) => !each.startsWith('sagemaker')).map((service) => ({ [KEY]: service })),
    );
    const round = () =>
      agree(
        statementsOf(KEY, operators, values, ['*', `${ROLES}a*`, `${ROLES}*b`, `${ROLES}*/*`]),
        'iam:PassRole',
        [passedToService(['sagemaker.amazonaws.com'])],
        tried,
      );
    expect(shownBy(EACH, round)).toEqual(EACH);
  });

  const ask = (...statements: Record<string, Json>[]) =>
    allowedBeyond(
      {
        policies: { identity: layer('identity', ...statements) },
        request: requestOf({ action: 'iam:PassRole' }),
        universe: rolesIn({ partition: 'aws', account: ACCOUNT }),
        keys: [passedToService(['sagemaker.amazonaws.com'])],
      },
      sharedWork(),
    );
  const to = (operator: string, service: string | string[]): Record<string, Json> => ({
    Condition: { [operator]: { [KEY]: service } },
  });

  test('is left open where a comparison holds a variable that AWS does not take there', () => {
    const allowed = [to('NotIpAddress', 'lambda.amazonaws.com'), { Resource: `${ROLES}*/*` }];
    const beside = (bool: string) => ask(...allowed, { Effect: 'Deny', ...to('Bool', bool) }).answer;
    expect(beside('${aws:PrincipalTag/service}')).toBe('unknown');
    expect(beside('true')).toBe('some');
  });

  test.each<[string, Record<string, Json>[], string | undefined]>([
    ['the one that is left out', [to('StringEquals', 'sagemaker.amazonaws.com')], undefined],
    [
      'another one by name',
      [to('StringEquals', ['sagemaker.amazonaws.com', 'lambda.amazonaws.com'])],
      'lambda.amazonaws.com',
    ],
    ['one that a pattern holds', [to('StringLike', 'glue*')], 'glue.amazon.com'],
    [
      'none of a Deny of all but one',
      [{}, { Effect: 'Deny', ...to('StringNotEquals', 'sagemaker.amazonaws.com') }],
      undefined,
    ],
    [
      'one beside a Deny whose operator fits no service',
      [to('StringEquals', 'lambda.amazonaws.com'), { Effect: 'Deny', ...to('Bool', 'true') }],
      'lambda.amazonaws.com',
    ],
    [
      'the one to which another role may be passed',
      [
        { Resource: `${ROLES}a`, ...to('StringEquals', 'ec2.amazonaws.com') },
        { Resource: `${ROLES}b`, ...to('StringEquals', 'lambda.amazonaws.com') },
        { Effect: 'Deny', Resource: `${ROLES}a` },
      ],
      'lambda.amazonaws.com',
    ],
  ])('%s', (_, statements, service) => {
    expect(exampleIn(ask(...statements))?.values).toEqual(
      service === undefined ? undefined : { [KEY]: service },
    );
  });
});

describe('the versions of a pipeline', () => {
  const KEY = 'sagemaker:PipelineVersionId';
  const versions = Array.from({ length: 12 }, (_, at) => String(at + 1));

  test('below a floor are what deciding each of them says', () => {
    const operators = [
      'NumericLessThan',
      'NumericGreaterThanEquals',
      'NumericEquals',
      'NumericNotEquals',
      'StringEquals',
      'StringNotLike',
      'StringLike',
      'Bool',
      'DateLessThan',
      'Null',
    ];
    const values = fc.oneof(
      fc.integer({ min: -2, max: 15 }).map(String),
      fc.constantFrom('6.5', '1*', '?', 'six', 'true', '007'),
    );
    const round = () =>
      agree(
        statementsOf(KEY, operators, values, ['*', PIPELINE, 'arn:aws:sagemaker:*:*:pipeline/x*']),
        'sagemaker:StartPipelineExecution',
        [versionsBelow(13)],
        combined(
          [PIPELINE],
          versions.map((version) => ({ [KEY]: version })),
        ),
        onlyOne(PIPELINE),
      );
    expect(shownBy(EACH, round)).toEqual(EACH);
  });

  test.each<[string, Condition, string | undefined, string]>([
    ['a floor', { NumericGreaterThanEquals: { [KEY]: '6' } }, undefined, 'all'],
    ['a floor that is too low', { NumericGreaterThanEquals: { [KEY]: '5' } }, '5', 'all'],
    ['a floor that is too high', { NumericGreaterThanEquals: { [KEY]: '7' } }, undefined, 'some'],
    ['one old version by a text', { StringEquals: { [KEY]: '3' } }, '3', 'none'],
    ['no condition', {}, '1', 'all'],
  ])('%s', (_, Condition, below, from) => {
    const question = {
      policies: { identity: layer('identity', { Condition: Condition as Json }) },
      request: requestOf({ action: 'sagemaker:StartPipelineExecution' }),
      universe: onlyOne(PIPELINE),
    };
    const found = allowedBeyond({ ...question, keys: [versionsBelow(6)] }, sharedWork());
    expect(exampleIn(found)?.values[KEY]).toBe(below);
    expect(allowedForAll({ ...question, keys: [versionsFrom(6)] }, sharedWork()).answer).toBe(from);
  });
});

describe('the resource on whose behalf a service acts', () => {
  const SOURCES = [PIPELINE, PIPELINE.replace('fraud', 'other'), PIPELINE.replace(ACCOUNT, OTHER)];
  const contextOf = (source: string) => ({
    'aws:SourceArn': source,
    'aws:SourceAccount': source.split(':')[4] ?? '',
  });
  const trust = (Condition: Json): Policies => ({
    resource: layer('trust', {
      Principal: { Service: 'sagemaker.amazonaws.com' },
      Action: 'sts:AssumeRole',
      Condition,
    }),
  });
  const question = (policies: Policies) => ({
    policies,
    request: requestOf({ principal: 'sagemaker.amazonaws.com', action: 'sts:AssumeRole' }),
    universe: onlyOne(`${ROLES}fraud`),
  });
  const own = { partition: 'aws', account: ACCOUNT };
  const ask = (policies: Policies, axis: KeyAxis) =>
    allowedBeyond({ ...question(policies), keys: [axis] }, sharedWork());

  test('and its account are what deciding each of them says', () => {
    const conditions = fc
      .array(
        fc.tuple(
          fc.constantFrom(
            'StringEquals',
            'StringLike',
            'StringNotEquals',
            'ArnLike',
            'ArnNotEquals',
            'Bool',
            'NumericEquals',
          ),
          fc.constantFrom('aws:SourceArn', 'aws:SourceAccount'),
          fc.constantFrom(
            ...SOURCES,
            ACCOUNT,
            OTHER,
            '1111*',
            `arn:aws:sagemaker:*:${ACCOUNT}:*`,
            '*',
            'true',
          ),
        ),
        { maxLength: 3 },
      )
      .map((all) => Object.fromEntries(all.map(([operator, key, value]) => [operator, { [key]: value }])));
    fc.assert(
      fc.property(conditions, (Condition) => {
        const policies = trust(Condition);
        const others = ask(policies, sourcesBeyond('sagemaker', own));
        const ours = ask(policies, sourcesOf('sagemaker', own));
        for (const source of SOURCES) {
          const { request } = question(policies);
          const decision = decide(policies, {
            ...request,
            context: assume(request.context, contextOf(source)),
          });
          const found = source.includes(OTHER) ? others : ours;
          // An account id can be compared as a number too; for all ids together this is left open.
          if (decision === 'Allow') expect(found.answer).not.toBe('none');
          if (decision === 'Allow' && !('NumericEquals' in Condition)) expect(found.answer).toBe('some');
          if (decision === 'Unknown') expect(found.answer).not.toBe('none');
        }
      }),
      { numRuns: samples(800) },
    );
  });

  test.each<[string, Json, string | undefined]>([
    [
      'an account that is named beside the own',
      { StringEquals: { 'aws:SourceAccount': [ACCOUNT, OTHER] } },
      OTHER,
    ],
    ['none but the own account', { StringEquals: { 'aws:SourceAccount': ACCOUNT } }, undefined],
    ['accounts that a pattern holds', { StringLike: { 'aws:SourceAccount': '4444*' } }, '444400000000'],
    [
      'a source in another account',
      { ArnLike: { 'aws:SourceArn': `arn:aws:sagemaker:*:${OTHER}:*` } },
      OTHER,
    ],
    [
      'a source of one account and another account: no request',
      {
        ArnLike: { 'aws:SourceArn': `arn:aws:sagemaker:*:${OTHER}:*` },
        StringEquals: { 'aws:SourceAccount': '999988887777' },
      },
      undefined,
    ],
    ['any account', {}, '000000000000'],
  ])('%s', (_, Condition, account) => {
    const found = ask(trust(Condition), sourcesBeyond('sagemaker', own));
    expect(exampleIn(found)?.values['aws:SourceAccount']).toBe(account);
  });

  test('is also what lies under a pipeline', () => {
    const all = (value: string) =>
      allowedForAll(
        { ...question(trust({ ArnLike: { 'aws:SourceArn': value } })), keys: [sourcesUnder(PIPELINE)] },
        sharedWork(),
      ).answer;
    expect([all(`${PIPELINE}/*`), all(`${PIPELINE}/execution/a*`), all(PIPELINE)]).toEqual([
      'all',
      'some',
      'none',
    ]);
  });
});

describe('a tag beside another one in a request', () => {
  const KEY = 'aws:TagKeys';

  test('is what deciding each tag says', () => {
    const operators = ['StringEquals', 'StringNotEquals', 'StringLike', 'StringEqualsIgnoreCase'].flatMap(
      (operator) => [operator, `ForAnyValue:${operator}`, `ForAllValues:${operator}`],
    );
    const values = fc.constantFrom('json', 'JSON', 'team', 'cost', 't*', '*', 'j*');
    const tags = ['team', 'cost', 'zone', 'jasper'];
    const round = () =>
      agree(
        statementsOf(KEY, operators, values, ['*', `${ROLES}a*`]),
        'iam:TagRole',
        [tagKeyInAnyCase('json'), tagKeysBeside('json')],
        combined(
          [`${ROLES}a`, `${ROLES}b`],
          ['json', 'JSON', 'jSON', 'jsOn'].flatMap((first) => tags.map((tag) => ({ [KEY]: [first, tag] }))),
        ),
      );
    expect(shownBy(EACH, round)).toEqual(EACH);
  });

  test('is as many as are asked for', () => {
    const any = (operator: string, value: string): Condition => ({
      [`ForAnyValue:${operator}`]: { [KEY]: value },
    });
    const identity = layer('identity', {
      Condition: {
        ...any('StringEquals', 'team'),
        ...any('StringLike', 'cost*'),
        ...any('StringEqualsIgnoreCase', 'JSON'),
      } as Json,
    });
    const question = {
      policies: { identity },
      request: requestOf({ action: 'iam:TagRole' }),
      universe: onlyOne(`${ROLES}a`),
    };
    const tags = (count: number) =>
      exampleIn(
        allowedBeyond(
          {
            ...question,
            keys: [tagKeyInAnyCase('json'), ...Array.from({ length: count }, () => tagKeysBeside('json'))],
          },
          sharedWork(),
        ),
      )?.values[KEY];
    const sorted = (value: ContextValue | undefined) =>
      Array.isArray(value) ? value.map((each) => each.toLowerCase()).toSorted() : value;
    expect([sorted(tags(1)), sorted(tags(2))]).toEqual([undefined, ['cost', 'json', 'team']]);
  });
});
