import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { lintPolicy } from '../../../../shared/iam/lint/lint-policy.ts';
import { parseGlob } from '../../../../shared/iam/policy/glob.ts';
import type { PolicyKind } from '../../../../shared/iam/policy/policy.ts';
import { readPolicy } from '../../../../shared/iam/policy/read-policy.ts';
import { canOverlap } from '../../../../shared/iam/sets/arn-overlap.ts';
import { cellsOf } from '../../../../shared/iam/sets/cells.ts';
import { arnLanguage, everyOf, globLanguage } from '../../../../shared/iam/sets/language.ts';
import type { Json } from '../../../../shared/json/json.ts';
import { managedPolicies } from '../../../differential/real-policies.ts';
import { samples } from '../../../support/samples.ts';

const ROLE = 'arn:aws:iam::111122223333:role/step';
const JOB = 'arn:aws:sagemaker:eu-west-1:111122223333:training-job/fraud-*';

type Statement = Record<string, Json>;

const withDefaults = (more: Statement): Statement => ({
  Effect: 'Allow',
  ...(more.NotResource === undefined && { Resource: '*' }),
  ...more,
});

const lint = (statements: Statement[], kind: PolicyKind = 'identity', Version = '2012-10-17') => {
  const document = {
    Version,
    Statement: statements.map(withDefaults),
  };
  const policy = readPolicy(document, { name: 'p', kind });
  expect(policy.problems).toEqual([]);
  return lintPolicy(policy);
};

const found = (
  statement: Statement,
  ...more: Parameters<typeof lint> extends [unknown, ...infer Rest] ? Rest : never
) => lint([statement], ...more).map(({ code, pointer }) => `${code} ${pointer.replace('/Statement/0', '')}`);

const conditionOn = (operator: string, key: string, value: Json): Statement => ({
  Condition: { [operator]: { [key]: value } },
});
const limit = (operator: string, value: Json = '5') =>
  conditionOn(operator, 'sagemaker:PipelineVersionId', value);
const start = { Action: 'sagemaker:StartPipelineExecution' };
const train = { Action: 'sagemaker:CreateTrainingJob', Resource: JOB };

describe('actions', () => {
  test.each<[string, string, string[]]>([
    ['is known, in any letter case', 'SageMaker:createpipeline', []],
    ['is a pattern that fits some', 'sagemaker:Create?ipeline*', []],
    ['is everything', '*', []],
    ['belongs to a service whose actions are not listed', 'ses:Anything', []],
    ['belongs to a service of which only the names are listed', 'dynamodb:GetItem', []],
    ['is a pattern for such a service', 'ec2:Describe*', []],
    ['is misspelt for such a service', 'dynamodb:GetItm', ['unknown-action /Action']],
    ['is a pattern that fits nothing there', 'ec2:Descrybe*', ['unknown-action /Action']],
    ['has a pattern for a service', 'sage*:CreatePipeline', []],
    ['is misspelt', 'sagemaker:CreatePipelin', ['unknown-action /Action']],
    ['is a pattern that fits none', 'sagemaker:Pipeline*', ['unknown-action /Action']],
    ['belongs to no service', 'sagmaker:CreatePipeline', ['unknown-service /Action']],
  ])('one that %s', (_, Action, problems) => {
    expect(found({ Action })).toEqual(problems);
  });

  test('a misspelt one gets a suggestion and its place in the list', () => {
    const [problem] = lint([{ Action: ['s3:GetObject', 'sagemaker:CreatePipelin'] }]);
    expect(problem).toMatchObject({ severity: 'warning', pointer: '/Statement/0/Action/1' });
    expect(problem?.message).toMatch(
      /^sagemaker has no action "sagemaker:CreatePipelin" \(as of \d{4}-\d\d-\d\d\); did you mean "sagemaker:CreatePipeline"\?$/,
    );
  });
});

test('every unknown name of a policy with thousands of them is reported, the first ones with a suggestion', () => {
  const Action = Array.from({ length: 3000 }, (_, index) => `sagemaker:CreatePipelin${index}`);
  const problems = lint([{ Action }]);
  expect(problems).toHaveLength(3000);
  expect(problems.filter(({ message }) => message.includes('did you mean'))).toHaveLength(100);
});

describe('resources', () => {
  const everyType = 'arn:aws:sagemaker:eu-west-1:111122223333:*/MyBaseJobName-*';
  test.each<[string, string[], Json, string[]]>([
    ["AWS's pattern for job prefixes", ['sagemaker:CreateTrainingJob'], everyType, []],
    ['a type of the action', ['sagemaker:CreateTrainingJob'], JOB, []],
    [
      'a variable where the type stands',
      ['sagemaker:CreateTrainingJob'],
      'arn:aws:sagemaker:*:*:${aws:PrincipalTag/t}/a',
      [],
    ],
    ['a type of another action', ['sagemaker:CreatePipeline'], JOB, ['resource-not-taken /Resource']],
    [
      'one of two that is of no use',
      ['sagemaker:CreateTrainingJob'],
      [JOB, JOB.replace('training-job', 'pipeline')],
      ['resource-not-taken /Resource/1'],
    ],
    [
      'an action whose resource is not there',
      ['sagemaker:CreateTrainingJob', 'sagemaker:ListPipelines'],
      JOB,
      ['action-without-resource /Action/1'],
    ],
    ['actions by a pattern, some of which take it', ['sagemaker:List*', 'sagemaker:Describe*'], JOB, []],
    ['a bucket for its objects', ['s3:GetObject'], 'arn:aws:s3:::images', ['resource-not-taken /Resource']],
    [
      'objects for their bucket',
      ['s3:ListBucket'],
      'arn:aws:s3:::images/*',
      ['resource-not-taken /Resource'],
    ],
    ['a bucket', ['s3:ListBucket'], 'arn:aws:s3:::images', []],
    ['anything, for an action without resources', ['sagemaker:ListPipelines'], '*', []],
    ['a service whose actions are not listed', ['dynamodb:GetItem'], JOB, []],
  ])('%s', (_, Action, Resource, problems) => {
    expect(found({ Action, Resource })).toEqual(problems);
  });

  test('the message says which resources the actions take', () => {
    const [one] = lint([{ Action: 'sagemaker:ListPipelines', Resource: JOB }]);
    expect(one?.message).toBe(
      `no action of the statement takes "${JOB}"; their requests name no resource, and only "*" fits them`,
    );
    const [other] = lint([{ Action: 'sagemaker:AddTags', Resource: 'arn:aws:s3:::images' }]);
    expect(other?.message).toMatch(/name resources of the type (?:[\w-]+, ){4}[\w-]+ and \d+ others$/);
  });

  test('NotResource and NotAction are not checked against resource types', () => {
    expect(lint([{ Effect: 'Deny', NotAction: 's3:GetObject', Resource: JOB }])).toEqual([]);
  });
});

test('an ARN pattern and a pattern overlap exactly if some ARN matches both', () => {
  const part = fc.stringMatching(/^[ab*]{0,3}$/);
  const type = fc
    .tuple(part, part, part, part, fc.stringMatching(/^[ab*:/]{0,4}$/))
    .map((parts) => ['arn', ...parts].join(':'));
  const pattern = fc.stringMatching(/^[ab*?:]{0,12}$/).map((text) => `arn:${text}`);
  fc.assert(
    fc.property(type, fc.oneof(pattern, type), (one, other) => {
      const language = everyOf([arnLanguage(parseGlob(one)), globLanguage(parseGlob(other))]);
      const { cells } = cellsOf(language, []);
      expect(canOverlap(parseGlob(one), parseGlob(other))).toBe(cells.length > 0);
    }),
    { numRuns: samples(1000) },
  );
});

describe('condition keys', () => {
  test.each<[string, Statement, string[]]>([
    ['of the action', { ...start, ...limit('StringEquals') }, []],
    ['global', { ...train, ...conditionOn('StringEquals', 'AWS:requesttag/team', 'a') }, []],
    ['of the resource', { ...train, ...conditionOn('StringEquals', 'sagemaker:ResourceTag/team', 'a') }, []],
    [
      'of a service that is not listed',
      { ...train, ...conditionOn('StringEquals', 'dynamodb:Select', 'a') },
      [],
    ],
    ['with everything', { Action: '*', ...limit('StringEquals') }, []],
    ['of another action', { ...train, ...limit('StringEquals') }, ['key-never-applies']],
    [
      'that is misspelt',
      { ...start, ...conditionOn('StringEquals', 'sagemaker:PipelineVersion', '5') },
      ['unknown-key'],
    ],
    ['that is no global one', { ...start, ...conditionOn('StringEquals', 'aws:Team', 'a') }, ['unknown-key']],
  ])('one %s', (_, statement, codes) => {
    expect(lint([statement]).map(({ code }) => code)).toEqual(codes);
  });

  test.each([
    ['StringEquals', 'never'],
    ['StringEqualsIfExists', 'always'],
    ['StringNotEquals', 'always'],
    ['ForAllValues:StringEquals', 'always'],
    ['ForAnyValue:StringNotEquals', 'never'],
    ['Null', 'never'],
  ])('a key that no request carries, with %s: the condition %s holds', (operator, often) => {
    const [problem] = lint([{ ...train, ...limit(operator, operator === 'Null' ? 'false' : '5') }]);
    expect(problem?.message).toBe(
      `no request for CreateTrainingJob carries sagemaker:PipelineVersionId; the condition ${often} holds`,
    );
    expect(problem?.pointer).toBe(`/Statement/0/Condition/${operator}/sagemaker:PipelineVersionId`);
  });

  test('a key that no request carries is reported for many actions, and for Null with true', () => {
    const Action = ['Training', 'Processing', 'Transform', 'AutoML'].map(
      (kind) => `sagemaker:Create${kind}Job`,
    );
    const [problem] = lint([{ Action, ...limit('Null', 'true') }]);
    expect(problem?.message).toMatch(
      /^no request for (?:\w+, ){2}\w+ and 1 more carries .*; the condition always holds$/,
    );
  });
});

test.each<[string, Statement, string]>([
  [
    'an unknown service',
    { Action: 'sagmaker:CreatePipeline' },
    'AWS has no service "sagmaker" (as of DATE); did you mean "sagemaker"?',
  ],
  [
    'an unknown key',
    { ...start, ...conditionOn('StringEquals', 'sagemaker:PipelineVersion', '5') },
    'AWS has no condition key "sagemaker:PipelineVersion" (as of DATE); did you mean "sagemaker:PipelineVersionId"?; the condition never holds',
  ],
  [
    'an unknown global key',
    { ...start, ...conditionOn('StringEquals', 'aws:SourceVpx', '5') },
    'AWS has no condition key "aws:SourceVpx" (as of DATE); did you mean "aws:SourceVpc"?; the condition never holds',
  ],
  [
    'a key of no action, of three',
    {
      Action: ['sagemaker:CreateModel', 'sagemaker:CreateTrainingJob', 'sagemaker:CreateTransformJob'],
      ...limit('StringEquals'),
    },
    'no request for CreateModel, CreateTrainingJob, CreateTransformJob carries sagemaker:PipelineVersionId; the condition never holds',
  ],
  [
    'another type',
    { ...start, ...conditionOn('NumericEquals', 'aws:SourceVpc', '5') },
    'aws:SourceVpc is of the type String, which NumericEquals does not compare',
  ],
  [
    'a value',
    { ...start, ...limit('NumericEquals', 'six') },
    '"six" is not a number: no request can match it',
  ],
  [
    'an answer',
    { ...start, ...conditionOn('StringEquals', 'aws:SecureTransport', 'yes') },
    '"yes" is neither true nor false: no request can match it',
  ],
  [
    'a range',
    { ...start, ...conditionOn('StringEquals', 'aws:SourceIp', '203.0.113.0/24') },
    '"203.0.113.0/24" is a range, which only IpAddress compares: no request can match it',
  ],
  [
    'several values',
    { ...start, ...conditionOn('StringLike', 'aws:TagKeys', 'a') },
    'aws:TagKeys holds several values: write ForAnyValue:StringLike or ForAllValues:StringLike',
  ],
  [
    'ForAllValues',
    { ...train, ...conditionOn('ForAllValues:StringEquals', 'sagemaker:VpcSubnets', 'a') },
    'ForAllValues holds where the request has no sagemaker:VpcSubnets at all, which this Allow then allows; add "Null": {"sagemaker:VpcSubnets": "false"}',
  ],
  [
    'IfExists',
    { ...start, ...limit('StringEqualsIfExists') },
    'a request without sagemaker:PipelineVersionId is allowed as well; remove IfExists to allow only requests with the key',
  ],
  [
    'an action without its resource',
    { Action: ['s3:GetObject', 's3:ListBucket'], Resource: 'arn:aws:s3:::a/*' },
    "none of the statement's resources fits s3:ListBucket; its requests name resources of the type accesspoint, bucket",
  ],
  [
    'five types of resources',
    {
      Action: ['Model', 'TrainingJob', 'Pipeline', 'TransformJob'].map((noun) => `sagemaker:Describe${noun}`),
      Resource: 'arn:aws:s3:::a',
    },
    'no action of the statement takes "arn:aws:s3:::a"; their requests name resources of the type model, training-job, pipeline, transform-job',
  ],
  [
    'NotAction',
    { NotAction: 'iam:*' },
    'an Allow with NotAction allows all other actions of AWS, those of the future too; list what is needed in Action',
  ],
  [
    'NotResource',
    { Action: 's3:*', NotResource: 'arn:aws:s3:::a' },
    'an Allow with NotResource allows the actions on everything else; list what is needed in Resource',
  ],
  [
    'PassRole',
    { Action: 'iam:PassRole' },
    'the statement lets every role be passed to every service; name the roles in Resource, and the service in a condition on iam:PassedToService',
  ],
])('the message about %s', (_, statement, message) => {
  const problems = lint([statement]);
  expect(problems.map((problem) => problem.message.replace(/as of \d{4}-\d\d-\d\d/, 'as of DATE'))).toEqual([
    message,
  ]);
  expect(problems[0]?.severity).toBe('warning');
});

test('the message about variables', () => {
  const [problem] = lint(
    [{ Action: 's3:GetObject', Resource: 'arn:aws:s3:::${aws:a}/*' }],
    'identity',
    '2008-10-17',
  );
  expect(problem?.message).toBe(
    '"arn:aws:s3:::${aws:a}/*" is plain text in a policy of Version 2008-10-17, which also applies without a Version; write "Version": "2012-10-17"',
  );
});

test.each<[string, Statement[], PolicyKind, string[]]>([
  [
    'one of two actions is open',
    [{ Action: ['dynamodb:*', 'sagemaker:CreateModel'], Resource: JOB, ...limit('StringEquals') }],
    'identity',
    ['action-without-resource'],
  ],
  [
    'one of two resources fits',
    [{ Action: ['s3:GetObject', 's3:ListBucket'], Resource: ['arn:aws:s3:::a', 'arn:aws:s3:::a/*'] }],
    'identity',
    [],
  ],
  [
    'a resource of no action, beside an action without resource',
    [{ Action: ['s3:GetObject', 's3:ListAllMyBuckets'], Resource: ['arn:aws:s3:::a/*', JOB] }],
    'identity',
    ['resource-not-taken', 'action-without-resource'],
  ],
  [
    'a NotResource that no action takes',
    [{ Effect: 'Deny', Action: 's3:GetObject', NotResource: JOB }],
    'identity',
    ['resource-not-taken'],
  ],
  [
    'PassRole beside others',
    [{ Action: ['iam:GetRole', 'iam:PassRole'], Resource: ['*', ROLE] }],
    'identity',
    ['broad-pass-role'],
  ],
  [
    'PassRole under another condition',
    [{ Action: 'iam:PassRole', ...conditionOn('StringEquals', 'aws:SourceVpc', 'v') }],
    'identity',
    ['broad-pass-role'],
  ],
  ['an RCP', [{ Action: 'iam:PassRole', Principal: '*' }], 'rcp', []],
  ['all of IAM', [{ Action: 'iam:*' }], 'identity', []],
  [
    'a Deny whether a key is there',
    [{ Effect: 'Deny', ...start, ...limit('Null', 'false') }],
    'identity',
    [],
  ],
  [
    'a Deny on several answers',
    [{ Effect: 'Deny', ...start, ...conditionOn('Bool', 'aws:MultiFactorAuthPresent', ['true', 'false']) }],
    'identity',
    ['deny-missing-key'],
  ],
  [
    'a Deny of several with a limit',
    [
      {
        Effect: 'Deny',
        ...start,
        ...conditionOn('ForAnyValue:NumericLessThan', 'sagemaker:PipelineVersionId', '5'),
      },
    ],
    'identity',
    [],
  ],
  [
    'the absence denied together with something else',
    [
      { Effect: 'Deny', ...start, ...limit('NumericLessThan') },
      {
        Effect: 'Deny',
        ...start,
        Condition: {
          Null: { 'sagemaker:PipelineVersionId': 'true' },
          Bool: { 'aws:SecureTransport': 'true' },
        },
      },
    ],
    'identity',
    [],
  ],
  [
    'the presence denied beside a limit',
    [
      { Effect: 'Deny', ...start, ...limit('NumericLessThan') },
      { Effect: 'Deny', ...start, ...limit('Null', 'false') },
    ],
    'identity',
    ['deny-missing-key'],
  ],
])('%s', (_, statements, kind, codes) => {
  expect(lint(statements, kind).map(({ code }) => code)).toEqual(codes);
});

test('a value with a variable is not checked, except in Version 2008-10-17', () => {
  const statement = { ...start, ...limit('NumericEquals', '${aws:PrincipalTag/v}') };
  expect(lint([statement])).toEqual([]);
  expect(lint([statement], 'identity', '2008-10-17').map(({ code }) => code)).toEqual([
    'variables-in-2008',
    'value-never-fits',
  ]);
});

describe('operators', () => {
  test.each<[string, string, Json, string[]]>([
    ['NumericEquals', 'sagemaker:PipelineVersionId', '5', []],
    ['StringEquals', 'sagemaker:PipelineVersionId', '5', []],
    ['NumericEquals', 'aws:EpochTime', '1700000000', []],
    ['NumericEquals', 'aws:SourceVpc', '5', ['type-mismatch']],
    ['DateLessThan', 'aws:CurrentTime', '2030-01-01', []],
    ['DateLessThan', 'aws:SourceVpc', '2030-01-01', ['type-mismatch']],
    ['IpAddress', 'aws:SourceIp', '203.0.113.0/24', []],
    ['IpAddress', 'aws:SourceVpc', '203.0.113.0/24', ['type-mismatch']],
    ['ArnLike', 'aws:PrincipalArn', ROLE, []],
    ['ArnLike', 'aws:PrincipalTag/role', ROLE, []],
    ['ArnLike', 'aws:SourceIp', ROLE, ['type-mismatch']],
    ['Bool', 'aws:SecureTransport', 'true', []],
    ['Bool', 'aws:SourceVpc', 'true', ['type-mismatch']],
    ['StringLike', 'aws:PrincipalArn', ROLE, []],
    ['StringEquals', 'aws:SecureTransport', 'true', []],
    ['StringEquals', 'aws:SecureTransport', 'false', []],
    ['StringEqualsIgnoreCase', 'aws:SecureTransport', 'yes', ['value-never-fits']],
    ['StringEquals', 'aws:SecureTransport', 'True', ['value-never-fits']],
    ['StringLike', 'aws:SecureTransport', 't*', []],
    ['StringEquals', 'aws:SourceIp', '203.0.113.7', []],
    ['StringEquals', 'aws:SourceIp', '203.0.113.0/24', ['value-never-fits']],
    ['NumericEquals', 'sagemaker:PipelineVersionId', 'five', ['value-never-fits']],
    ['NumericEquals', 'sagemaker:PipelineVersionId', '${aws:PrincipalTag/v}', []],
    ['ArnLike', 'aws:PrincipalArn', 'role/step', ['value-never-fits']],
    ['StringEquals', 'aws:TagKeys', 'team', ['multi-valued-key']],
    ['ForAnyValue:StringEquals', 'aws:TagKeys', 'team', []],
    ['ForAllValues:StringEquals', 'aws:TagKeys', 'team', []],
    ['Null', 'aws:TagKeys', 'true', []],
    ['NumericEquals', 'dynamodb:Select', 'five', ['value-never-fits']],
  ])('%s of %s with %j', (operator, key, value, codes) => {
    expect(lint([{ ...start, ...conditionOn(operator, key, value) }]).map(({ code }) => code)).toEqual(codes);
  });

  test('the pointer leads to the value that can match nothing', () => {
    expect(found({ ...start, ...limit('NumericEquals', ['5', 'six']) })).toEqual([
      'value-never-fits /Condition/NumericEquals/sagemaker:PipelineVersionId/1',
    ]);
  });
});

describe('requests that leave the key out', () => {
  const subnets = conditionOn('ForAllValues:StringEquals', 'sagemaker:VpcSubnets', 'subnet-1');
  const withNull = (statement: Statement, key: string, value: string) => ({
    ...statement,
    Condition: { ...(statement.Condition as object), Null: { [key]: value } },
  });
  const versionKey = 'sagemaker:PipelineVersionId';
  const noMfa = { ...start, Effect: 'Deny', ...conditionOn('Bool', 'aws:MultiFactorAuthPresent', 'false') };
  const floor = { ...start, Effect: 'Deny', ...limit('NumericLessThan') };
  test.each<[string, Statement[], string[]]>([
    ['pass ForAllValues', [{ ...train, ...subnets }], ['for-all-values-absent']],
    [
      'do not where Null guards it',
      [withNull({ ...train, ...subnets }, 'sagemaker:VpcSubnets', 'false')],
      [],
    ],
    ['are denied by it', [{ ...train, Effect: 'Deny', ...subnets }], []],
    ['pass an Allow with IfExists', [{ ...start, ...limit('StringEqualsIfExists') }], ['if-exists-absent']],
    [
      'are meant, as not all actions carry the key',
      [{ Action: [start.Action, 'sagemaker:ListPipelines'], ...limit('StringEqualsIfExists') }],
      [],
    ],
    [
      'there are none, as the key is always there',
      [
        {
          Action: 'iam:PassRole',
          Resource: ROLE,
          ...conditionOn('StringEqualsIfExists', 'iam:PassedToService', 's'),
        },
      ],
      [],
    ],
    ['pass a Deny of low versions', [floor], ['deny-missing-key']],
    ['do not with IfExists', [{ ...floor, ...limit('NumericLessThanIfExists') }], []],
    [
      'do not where another Deny has them',
      [floor, { ...start, Effect: 'Deny', ...limit('Null', 'true') }],
      [],
    ],
    ['do where an Allow has them', [floor, { ...start, ...limit('Null', 'true') }], ['deny-missing-key']],
    [
      'do where the Deny is on another key',
      [floor, { ...start, Effect: 'Deny', ...conditionOn('Null', 'aws:SourceVpc', 'true') }],
      ['deny-missing-key'],
    ],
    ['are left out on purpose', [withNull(floor, versionKey, 'false')], []],
    ['pass a Deny without MFA', [noMfa], ['deny-missing-key']],
    [
      'are not what a Deny with MFA is about',
      [{ ...noMfa, ...conditionOn('Bool', 'aws:MultiFactorAuthPresent', 'true') }],
      [],
    ],
    ['are not what a Deny of one value is about', [{ ...floor, ...limit('StringEquals') }], []],
  ])('%s', (_, statements, codes) => {
    expect(lint(statements).map(({ code }) => code)).toEqual(codes);
  });

  test('the message says what to write instead', () => {
    expect(lint([floor])[0]?.message).toBe(
      'a request without sagemaker:PipelineVersionId is not denied; write NumericLessThanIfExists, or deny it by "Null": {"sagemaker:PipelineVersionId": "true"} in a statement of its own',
    );
  });
});

describe('statements that allow very much', () => {
  const broad = ['broad-pass-role '];
  const toService = conditionOn('StringEquals', 'iam:PassedToService', 'sagemaker.amazonaws.com');
  test.each<[string, Statement, PolicyKind, string[]]>([
    ['PassRole of every role', { Action: 'iam:PassRole' }, 'identity', broad],
    [
      'PassRole by a pattern',
      { Action: ['iam:Pass*'], Resource: 'arn:aws:iam::*:role/*' },
      'identity',
      broad,
    ],
    ['PassRole of one role', { Action: 'iam:PassRole', Resource: ROLE }, 'identity', []],
    ['PassRole to one service', { Action: 'iam:PassRole', ...toService }, 'identity', []],
    ['a Deny of PassRole', { Effect: 'Deny', Action: 'iam:PassRole' }, 'identity', []],
    ['an SCP', { Action: 'iam:PassRole' }, 'scp', []],
    ['a boundary', { Action: 'iam:PassRole' }, 'boundary', []],
    ['another action of IAM', { Action: 'iam:PutRolePolicy' }, 'identity', []],
    ['an Allow with NotAction', { NotAction: 'iam:*' }, 'identity', ['allow-not-action /NotAction']],
    [
      'an Allow with NotResource',
      { Action: 's3:*', NotResource: 'arn:aws:s3:::a' },
      'identity',
      ['allow-not-resource /NotResource'],
    ],
  ])('%s', (_, statement, kind, problems) => {
    expect(found(statement, kind)).toEqual(problems);
  });
});

test('policy variables in Version 2008-10-17 are plain text', () => {
  const statement = { Action: 's3:GetObject', Resource: 'arn:aws:s3:::a/${aws:username}/*' };
  expect(found(statement, 'identity', '2008-10-17')).toEqual(['variables-in-2008 /Resource']);
  expect(
    found({ ...start, ...limit('StringEquals', ['5', '${aws:username}']) }, 'identity', '2008-10-17'),
  ).toEqual([`variables-in-2008 /Condition/StringEquals/sagemaker:PipelineVersionId/1`]);
  expect(found(statement)).toEqual([]);
});

test('lint never throws, and each problem has a pointer that exists, for any policy', () => {
  const text = fc.oneof(
    fc.string(),
    fc.constantFrom('sagemaker:*', 's3:Get*', 'aws:TagKeys', '${aws:a}', JOB),
  );
  fc.assert(
    fc.property(text, text, text, text, (Action, Resource, key, value) => {
      const document = {
        Version: '2012-10-17',
        Statement: [{ Effect: 'Deny', Action, Resource, Condition: { Bool: { [key]: value } } }],
      };
      for (const { pointer } of lintPolicy(readPolicy(document, { name: 'p', kind: 'resource' })))
        expect(pointer).toMatch(/^\/Statement\/0/);
    }),
  );
});

test("is quiet on AWS's own policies: what it says of them is true", () => {
  const policies = managedPolicies();
  if (policies.length === 0) return;
  const codes = policies.map(({ document }) =>
    lintPolicy(readPolicy(document, { name: 'p', kind: 'identity' })).map(({ code }) => code),
  );
  expect(codes.flat().filter((code) => code === 'key-never-applies' || code === 'type-mismatch')).toEqual([]);
  expect(codes.filter((each) => each.length > 0).length).toBeLessThan(codes.length / 5);
});
