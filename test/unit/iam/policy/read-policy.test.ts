import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { PolicyKind } from '../../../../shared/iam/policy/policy.ts';
import { readPolicy } from '../../../../shared/iam/policy/read-policy.ts';
import type { Json } from '../../../../shared/json/json.ts';

const read = (source: Json, kind: PolicyKind = 'identity') => readPolicy(source, { name: 'p', kind });
const base = { Effect: 'Allow', Action: 's3:GetObject', Resource: '*' };
const withStatement = (more: Record<string, Json>, kind?: PolicyKind) =>
  read({ Version: '2012-10-17', Statement: [{ ...base, ...more }] }, kind);

/** What is wrong, without the sentence. */
const problemsOf = ({ problems }: ReturnType<typeof read>) =>
  problems.map(({ code, pointer }) => `${code} ${pointer}`);

describe('a policy', () => {
  test('is read completely', () => {
    const policy = read({
      Version: '2012-10-17',
      Id: 'id',
      Statement: [
        {
          Sid: 'A',
          Effect: 'Deny',
          NotAction: ['s3:*', 'iam:*'],
          NotResource: 'arn:aws:s3:::a',
          Condition: {
            'ForAllValues:StringLikeIfExists': { 'aws:TagKeys': ['a', 'b'] },
            Bool: { 'aws:SecureTransport': false },
            NumericEquals: { 'x:y~/z': 6 },
          },
        },
      ],
    });
    expect(policy).toEqual({
      name: 'p',
      kind: 'identity',
      version: '2012-10-17',
      isReadable: true,
      problems: [],
      statements: [
        {
          index: 0,
          sid: 'A',
          pointer: '/Statement/0',
          effect: 'Deny',
          actions: { isNot: true, isList: true, texts: ['s3:*', 'iam:*'], pointer: '/Statement/0/NotAction' },
          resources: {
            isNot: true,
            isList: false,
            texts: ['arn:aws:s3:::a'],
            pointer: '/Statement/0/NotResource',
          },
          conditions: [
            {
              operator: 'ForAllValues:StringLikeIfExists',
              base: 'stringlike',
              set: 'all',
              isIfExists: true,
              key: 'aws:TagKeys',
              keyName: 'aws:tagkeys',
              texts: ['a', 'b'],
              isList: true,
              pointer: '/Statement/0/Condition/ForAllValues:StringLikeIfExists/aws:TagKeys',
            },
            {
              operator: 'Bool',
              base: 'bool',
              isIfExists: false,
              key: 'aws:SecureTransport',
              keyName: 'aws:securetransport',
              texts: ['false'],
              isList: false,
              pointer: '/Statement/0/Condition/Bool/aws:SecureTransport',
            },
            {
              operator: 'NumericEquals',
              base: 'numericequals',
              isIfExists: false,
              key: 'x:y~/z',
              keyName: 'x:y~/z',
              texts: ['6'],
              isList: false,
              pointer: '/Statement/0/Condition/NumericEquals/x:y~0~1z',
            },
          ],
        },
      ],
    });
  });

  test.each<[string, Json]>([
    ['a value', { Statement: base }],
    ['JSON', JSON.stringify({ Statement: base })],
    ['URL-encoded JSON', encodeURIComponent(JSON.stringify({ Statement: base }))],
    ['URL-encoded JSON in white space', `\n ${encodeURIComponent(JSON.stringify({ Statement: base }))} \n`],
    ['JSON behind a byte order mark', `\ufeff${JSON.stringify({ Statement: base })}`],
  ])('of one statement without a list, as %s', (_, source) => {
    const policy = read(source);
    expect(policy).toMatchObject({ isReadable: true, problems: [], version: '2008-10-17' });
    expect(policy.statements.map(({ pointer, actions }) => [pointer, actions.texts])).toEqual([
      ['/Statement', ['s3:GetObject']],
    ]);
  });

  test.each<[Json, string]>([
    ['', 'not-json '],
    ['{', 'not-json '],
    ['%7B%', 'not-json '],
    ['%7B%22a', 'not-json '],
    [[], 'malformed-document '],
    ['"text"', 'malformed-document '],
    [null, 'malformed-document '],
    [{}, 'missing-element '],
    [{ Statement: 'x' }, 'missing-element /Statement'],
    [{ Statement: [] }, 'empty-element /Statement'],
    [{ Statement: ['x'] }, 'malformed-statement /Statement/0'],
    [{ Statement: base, statement: [] }, 'unknown-element '],
    [{ Version: '2020-01-01', Statement: base }, 'unknown-version /Version'],
    [{ Version: 2012, Statement: base }, 'unknown-version /Version'],
  ])('that is %j is not readable', (source, problem) => {
    const policy = read(source);
    expect(problemsOf(policy)).toEqual([problem]);
    expect(policy.isReadable).toBe(false);
  });

  test.each([
    ['JSON', (text: string) => text],
    ['URL-encoded JSON', encodeURIComponent],
  ])('with a repeated name is not readable, and says where, as %s', (_, written) => {
    const text =
      '{"Version": "2012-10-17",\n "Statement": {"Effect": "Deny", "Action": "*", "Resource": "*", "Effect": "Allow"}}';
    const policy = read(written(text));
    expect(policy).toMatchObject({ isReadable: false, statements: [] });
    expect(policy.problems).toEqual([
      {
        code: 'doubled-name',
        severity: 'error',
        pointer: '',
        line: 2,
        column: 66,
        message: expect.stringContaining('"Effect" stands twice in one object, first at line 2, column 16'),
      },
    ]);
  });

  test.each<[string, Json, string]>([
    [
      'a condition key',
      { StringEquals: { 'aws:PrincipalTag/a': '1', 'AWS:principaltag/A': '2' } },
      'StringEquals/AWS:principaltag~1A',
    ],
    [
      'an operator',
      { StringLike: { 'aws:UserAgent': 'a' }, stringlike: { 'aws:UserAgent': 'b' } },
      'stringlike',
    ],
  ])('with %s twice in two letter cases is not readable', (_, Condition, pointer) => {
    const policy = withStatement({ Condition });
    expect(problemsOf(policy)).toEqual([`doubled-name /Statement/0/Condition/${pointer}`]);
    expect(policy.isReadable).toBe(false);
  });

  test('may have a key under two operators', () => {
    const Condition = { StringLike: { 'aws:UserAgent': 'a' }, StringNotLike: { 'AWS:UserAgent': 'b' } };
    expect(withStatement({ Condition }).problems).toEqual([]);
  });

  test('that is not JSON says where it is wrong', () => {
    expect(read('{\n "Version": 1,\n x').problems).toMatchObject([{ line: 3, column: 2 }]);
  });

  test.each<[Record<string, Json>, string]>([
    [{ Effect: 'allow' }, 'malformed-effect /Statement/0/Effect'],
    [{ Sid: 5 }, 'wrong-type /Statement/0/Sid'],
    [{ effect: 'Allow' }, 'unknown-element /Statement/0'],
    [{ Action: [] }, 'empty-element /Statement/0/Action'],
    [{ Action: 'GetObject' }, 'malformed-action /Statement/0/Action'],
    [{ Action: ['s3:Get*', 's3:Get Object'] }, 'malformed-action /Statement/0/Action/1'],
    [{ Action: 's3:a:b' }, 'malformed-action /Statement/0/Action'],
    [{ Action: { a: 1 } }, 'wrong-type /Statement/0/Action'],
    [{ Action: ['*', null] }, 'wrong-type /Statement/0/Action/1'],
    [{ NotAction: 's3:*' }, 'both-elements /Statement/0'],
    [{ NotResource: '*' }, 'both-elements /Statement/0'],
    [{ Resource: 'bucket' }, 'malformed-resource /Statement/0/Resource'],
    [{ Resource: ['*', 'x'] }, 'malformed-resource /Statement/0/Resource/1'],
    [{ Principal: '*' }, 'unexpected-principal /Statement/0/Principal'],
    [{ NotPrincipal: '*' }, 'unexpected-principal /Statement/0/NotPrincipal'],
    [{ Condition: 'x' }, 'malformed-condition /Statement/0/Condition'],
    [{ Condition: { StringEquals: 'x' } }, 'malformed-condition /Statement/0/Condition/StringEquals'],
    [{ Condition: { StringIs: {} } }, 'unknown-operator /Statement/0/Condition/StringIs'],
    [
      { Condition: { 'ForSomeValues:StringEquals': {} } },
      'unknown-operator /Statement/0/Condition/ForSomeValues:StringEquals',
    ],
    [{ Condition: { NullIfExists: {} } }, 'unknown-operator /Statement/0/Condition/NullIfExists'],
    [{ Condition: { 'ForAnyValue:Null': {} } }, 'unknown-operator /Statement/0/Condition/ForAnyValue:Null'],
    [{ Condition: { Null: { 'aws:x': 'maybe' } } }, 'malformed-condition /Statement/0/Condition/Null/aws:x'],
    [
      { Condition: { StringEquals: { 'aws:x': [{}] } } },
      'wrong-type /Statement/0/Condition/StringEquals/aws:x/0',
    ],
  ])('with %j is not readable', (more, problem) => {
    const policy = withStatement(more);
    expect(problemsOf(policy)).toEqual([problem]);
    expect(policy.isReadable).toBe(false);
  });

  test.each(['Effect', 'Action', 'Resource'])('without %s is not readable', (name) => {
    const { [name]: _, ...rest } = base as Record<string, Json>;
    const policy = read({ Statement: [rest] });
    expect(policy.problems.map(({ pointer }) => pointer)).toEqual(['/Statement/0']);
    expect(policy.isReadable).toBe(false);
  });

  test.each<[Record<string, Json>, PolicyKind]>([
    [{ Principal: '*' }, 'resource'],
    [{ Principal: { AWS: '*' } }, 'rcp'],
    [{ Principal: { AWS: ['111122223333', 'arn:aws:iam::111122223333:root'] } }, 'trust'],
    [{ Principal: { AWS: 'AROAEXAMPLEEXAMPLE123' } }, 'trust'],
    [{ Principal: { Service: 'a.amazonaws.com', Federated: ['x'], CanonicalUser: 'y' } }, 'resource'],
    [{ NotPrincipal: { AWS: '111122223333' } }, 'resource'],
    [{ Principal: '*', Resource: 'relative/*' }, 'resource'],
    [{}, 'endpoint'],
    [{ Principal: '*' }, 'endpoint'],
    [{ Condition: {} }, 'scp'],
    [{ Condition: { null: { 'aws:x': 'TRUE' }, STRINGEQUALSIFEXISTS: { a: [] } } }, 'session'],
    [{ Sid: '' }, 'boundary'],
  ])('with %j of kind %s is readable', (more, kind) => {
    expect(withStatement(more, kind).problems).toEqual([]);
  });

  test.each<[Json, PolicyKind, string]>([
    [undefined as unknown as Json, 'trust', 'missing-element /Statement/0'],
    ['x', 'resource', 'malformed-principal /Statement/0/Principal'],
    [{}, 'resource', 'empty-element /Statement/0/Principal'],
    [{ Aws: '*' }, 'resource', 'unknown-element /Statement/0/Principal'],
    [
      { AWS: 'arn:aws:iam::111122223333:role/*' },
      'resource',
      'malformed-principal /Statement/0/Principal/AWS',
    ],
    [{ AWS: ['*', 'ana'] }, 'resource', 'malformed-principal /Statement/0/Principal/AWS/1'],
    [{ AWS: [5, {}] }, 'resource', 'wrong-type /Statement/0/Principal/AWS/1'],
  ])('with the principal %j of kind %s is not readable', (Principal, kind, problem) => {
    const statement: Record<string, Json> = { ...base };
    if (Principal !== undefined) statement.Principal = Principal;
    const policy = read({ Statement: [statement] }, kind);
    expect(problemsOf(policy)).toContain(problem);
    expect(policy.isReadable).toBe(false);
  });

  test('may lack Resource if it belongs to a resource', () => {
    const { Resource: _, ...rest } = base;
    for (const kind of ['trust', 'resource', 'endpoint'] as const) {
      const policy = read({ Statement: [{ ...rest, Principal: '*' }] }, kind);
      expect(policy.problems).toEqual([]);
      expect(policy.statements[0]?.resources).toBeUndefined();
    }
  });

  test('over 10,240 characters is read with a warning', () => {
    const sized = (length: number) => {
      const text = JSON.stringify({ Statement: { ...base, Sid: 'x' } });
      return text.replace('"x"', `"${'x'.repeat(1 + length - text.length)}"`);
    };
    expect(read(sized(10_240)).problems).toEqual([]);
    expect(read(`${sized(10_241)}  `)).toMatchObject({
      isReadable: true,
      problems: [{ code: 'oversized', severity: 'warning', pointer: '' }],
    });
    expect(read(`\n ${sized(10_240)}`).problems).toEqual([]);
    expect(read(sized(20_000), 'session').problems).toEqual([]);
  });

  test('over a megabyte is not read', () => {
    expect(problemsOf(read(' '.repeat(1_048_577)))).toEqual(['too-large ']);
    expect(problemsOf(read(' '.repeat(1_048_576)))).toEqual(['not-json ']);
  });

  test('of any shape never throws', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(read(text).problems.length).toBeGreaterThan(0);
      }),
    );
    const element = fc.oneof(
      fc.jsonValue({ maxDepth: 2 }),
      fc.constantFrom<Json>('*', 'Allow', 's3:*', { AWS: '*' }),
    );
    const statement = fc.record(
      {
        Effect: element,
        Action: element,
        Resource: element,
        Principal: element,
        Condition: fc.dictionary(fc.constantFrom('Null', 'StringEquals', '__proto__'), element),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.array(statement), (Statement) => {
        const policy = read({ Statement } as Json, 'resource');
        expect(policy.isReadable).toBe(policy.problems.length === 0);
      }),
    );
  });

  test('quotes a faulty value, cut to a readable length', () => {
    expect(withStatement({ Action: 'x'.repeat(300) }).problems[0]?.message).toBe(
      `"${'x'.repeat(100)}…" must be "service:Action" or "*"`,
    );
    expect(withStatement({ effect: 1 }).problems[0]?.message).toBe(
      '"effect" is no element of a policy here; write Effect',
    );
    expect(withStatement({ Foo: 1 }).problems[0]?.message).toContain('known are Sid, Effect');
    expect(withStatement({ Sid: null }).problems[0]?.message).toBe('Sid must be a text, and is null');
    expect(withStatement({ Sid: [] }).problems[0]?.message).toBe('Sid must be a text, and is a list');
    expect(withStatement({ Sid: {} }).problems[0]?.message).toBe('Sid must be a text, and is an object');
    expect(withStatement({ Sid: true }).problems[0]?.message).toBe(
      'Sid must be a text, and is the boolean "true"',
    );
  });

  test.each<[Json, PolicyKind, string]>([
    [`%7B%`, 'identity', 'the document is URL-encoded, and broken'],
    [
      ' '.repeat(1_048_577),
      'identity',
      'the document has 1048577 characters; more than 1048576 are not read',
    ],
    ['{', 'identity', 'the document is not JSON: '],
    [[], 'identity', 'a policy is a JSON object, and this is a list'],
    [{}, 'identity', 'Statement must be a list of statements, and is missing'],
    [{ Statement: [] }, 'identity', 'the policy has no statement'],
    [{ Statement: ['x'] }, 'identity', 'a statement is an object, and this is the string "x"'],
    [{ Version: '2020' }, 'identity', 'Version must be "2012-10-17", and is the string "2020"'],
    [
      { Statement: [{ ...base, Effect: 'x' }] },
      'identity',
      'Effect must be "Allow" or "Deny", and is the string "x"',
    ],
    [
      { Statement: [{ Effect: 'Deny', Action: '*' }] },
      'identity',
      'the statement has neither Resource nor NotResource',
    ],
    [
      { Statement: [{ Effect: 'Deny', Resource: '*' }] },
      'resource',
      'a resource policy needs a Principal in each',
    ],
    [
      { Statement: [{ ...base, NotAction: 'x' }] },
      'identity',
      'a statement has either Action or NotAction, and this one has both',
    ],
    [{ Statement: [{ ...base, Action: [] }] }, 'identity', 'the list is empty'],
    [{ Statement: [{ ...base, Action: 'x' }] }, 'identity', '"x" must be "service:Action" or "*"'],
    [{ Statement: [{ ...base, Action: null }] }, 'identity', 'a text was expected, and this is null'],
    [{ Statement: [{ ...base, Resource: 'x' }] }, 'identity', '"x" must be an ARN or "*"'],
    [
      { Statement: [{ ...base, Principal: '*' }] },
      'identity',
      'a policy of kind identity is about whom it is attached to',
    ],
    [
      { Statement: [{ ...base, Principal: 'x' }] },
      'resource',
      'Principal must be "*" or an object, and is the string "x"',
    ],
    [{ Statement: [{ ...base, Principal: {} }] }, 'resource', 'it names no principal'],
    [
      { Statement: [{ ...base, Principal: { AWS: 'x' } }] },
      'resource',
      '"x" is no principal; write an account id, the ARN of a user, role or session without wildcards, or "*"',
    ],
    [
      { Statement: [{ ...base, Condition: 5 }] },
      'identity',
      'Condition must be an object of operators, and is the number "5"',
    ],
    [{ Statement: [{ ...base, Condition: { X: {} } }] }, 'identity', 'there is no condition operator "X"'],
    [{ Statement: [{ ...base, Condition: { '': {} } }] }, 'identity', 'there is no condition operator ""'],
    [
      { Statement: [{ ...base, Condition: { Bool: 1 } }] },
      'identity',
      'Bool must be an object of condition keys, and is the number "1"',
    ],
    [
      { Statement: [{ ...base, Condition: { Null: { a: ['true', 'xtrue', 'falsey'] } } }] },
      'identity',
      'Null takes true or false, and this is "true, xtrue, falsey"',
    ],
    [
      { Statement: [{ ...base, Condition: { Null: { a: 'falsey' } } }] },
      'identity',
      'Null takes true or false',
    ],
    [
      { Statement: [{ ...base, Condition: { Null: { a: 'xtrue' } } }] },
      'identity',
      'Null takes true or false',
    ],
  ])('%j of kind %s says what is wrong', (source, kind, message) => {
    const [problem] = read(source, kind).problems;
    expect(problem?.message.slice(0, message.length)).toBe(message);
  });

  test('that is too long for IAM says how long it is', () => {
    const text = JSON.stringify({ Statement: { ...base, Sid: 'x'.repeat(10_240) } });
    expect(read(text).problems[0]?.message).toBe(
      `the document has ${text.length} characters without white space; of your own policies IAM stores 10240 at most`,
    );
  });

  test('that cannot be read has no statements', () => {
    const statements = (more: Record<string, Json>) => withStatement(more).statements;
    expect(read({ Statement: 'x' }).statements).toEqual([]);
    expect(read({ Statement: ['x', base] }).statements.map(({ index }) => index)).toEqual([1]);
    expect(statements({ Action: 5 as never, Effect: 'x' })).toEqual([]);
    expect(statements({ Action: {} })).toEqual([]);
    for (const Condition of ['x', { X: { a: 'b' } }, { Bool: 'x' }, { Bool: { a: {} } }])
      expect(statements({ Condition })[0]?.conditions).toEqual([]);
    expect(withStatement({ Sid: '' }).statements[0]).not.toHaveProperty('sid');
    expect(withStatement({ Sid: 5 }).statements[0]).not.toHaveProperty('sid');
    expect(read({ Statement: { Effect: 'Allow', Resource: '*' } }, 'trust').statements).toEqual([]);
  });

  test('with the principal "*" means every one of AWS', () => {
    const [statement] = withStatement({ Principal: '*' }, 'resource').statements;
    expect(statement?.principals?.principals).toEqual([
      { type: 'AWS', value: '*', pointer: '/Statement/0/Principal' },
    ]);
  });

  test('of an endpoint may name resources in any form', () => {
    expect(withStatement({ Resource: 'any' }, 'endpoint').problems).toEqual([]);
    expect(withStatement({ Resource: 'any' }, 'session').problems).toHaveLength(1);
  });

  test('with a faulty value of 100 characters quotes it completely', () => {
    expect(withStatement({ Resource: 'x'.repeat(100) }).problems[0]?.message).toContain(
      `"${'x'.repeat(100)}"`,
    );
  });
});
