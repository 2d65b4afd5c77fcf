import fc from 'fast-check';
import type { Json, JsonObject } from '../../shared/json/json.ts';

/** Whom statements are made for. */
export type Place = {
  account: string;
  partition: string;
  region: string;
  arn: string;
  isUser: boolean;
  /** Accounts that nothing in this one names. */
  foreign: readonly string[];
  /** What the verdicts on the principal are about, those that are open more often. */
  focus: readonly Focus[];
  /** Names that are nowhere in the account. */
  unheard: readonly string[];
  /** Pieces of names that stand in the principal's policies, and resources that stand there. */
  words: readonly string[];
  resources: readonly string[];
};

/** What a control asks for: actions, the resources that they are about (`#` the account, `@` a name), and keys. */
export type Focus = { actions: readonly string[]; resource: string; keys: readonly string[] };

/** By control. */
export const FOCUS: Readonly<Record<string, Focus>> = {
  'pass-role-scoped': {
    actions: ['iam:PassRole', 'iam:Pass*', 'sagemaker:CreatePipeline'],
    resource: 'iam::#:role/*@*',
    keys: ['iam:PassedToService', 'iam:PassedToService'],
  },
  'pass-role-allowed': {
    actions: ['iam:PassRole'],
    resource: 'iam::#:role/*@*',
    keys: ['iam:PassedToService'],
  },
  'execution-role-passes-step-roles': {
    actions: ['iam:PassRole'],
    resource: 'iam::#:role/*@*',
    keys: ['iam:PassedToService'],
  },
  'prefix-policy-enforced': {
    actions: ['sagemaker:CreateTrainingJob', 'sagemaker:CreateProcessingJob', 'sagemaker:Create*Job'],
    resource: 'sagemaker:*:#:training-job/*@*',
    keys: ['aws:RequestedRegion', 'aws:PrincipalTag/team', 'aws:ResourceTag/team'],
  },
  'execution-role-least-privilege': {
    actions: ['sagemaker:CreateTrainingJob', 'sagemaker:CreateModel', 's3:GetObject', 'iam:PassRole'],
    resource: 's3:::*@*',
    keys: ['aws:RequestedRegion', 'aws:SourceVpc', 'iam:PassedToService'],
  },
  'execution-role-job-permissions': {
    actions: ['sagemaker:CreateTrainingJob', 'sagemaker:CreateProcessingJob', 'sagemaker:AddTags'],
    resource: 'sagemaker:*:#:training-job/*@*',
    keys: ['aws:RequestedRegion', 'aws:RequestTag/team', 'aws:SourceIp'],
  },
  'version-floor-enforced': {
    actions: ['sagemaker:StartPipelineExecution', 'sagemaker:UpdatePipelineVersion', 'sagemaker:*Pipeline*'],
    resource: 'sagemaker:*:#:pipeline/*@*',
    keys: ['sagemaker:PipelineVersionId'],
  },
  'scp-exception-protected': {
    actions: ['iam:TagRole', 'iam:UntagRole', 'iam:CreateRole'],
    resource: 'iam::#:role/*@*',
    keys: ['aws:RequestTag/pipelines-json-get', 'aws:ResourceTag/team'],
  },
  'step-isolation': {
    actions: ['s3:PutObject', 's3:DeleteObject', 's3:*Object'],
    resource: 's3:::*@*',
    keys: ['aws:SourceVpc', 's3:x-amz-acl', 'aws:PrincipalTag/team'],
  },
  'json-get-access': {
    actions: ['s3:GetObject'],
    resource: 's3:::*@*',
    keys: ['aws:SourceVpc', 'aws:SourceVpce'],
  },
  'scp-json-get-exception': {
    actions: ['s3:GetObject'],
    resource: 's3:::*@*',
    keys: ['aws:SourceVpc', 'aws:PrincipalTag/pipelines-json-get'],
  },
  'step-role-data-access': {
    actions: ['s3:GetObject', 's3:PutObject', 'kms:Decrypt', 'kms:GenerateDataKey'],
    resource: 's3:::*@*',
    keys: ['aws:SourceVpc', 'kms:ViaService', 'aws:SourceIp'],
  },
};

/** What controls ask whether a principal may do it. */
const ASKED = [
  'iam:PassRole',
  'iam:TagRole',
  'iam:UntagRole',
  'iam:CreateRole',
  'iam:PutRolePolicy',
  'iam:AttachRolePolicy',
  'sagemaker:CreatePipeline',
  'sagemaker:UpdatePipeline',
  'sagemaker:StartPipelineExecution',
  'sagemaker:UpdatePipelineVersion',
  'sagemaker:CreateTrainingJob',
  'sagemaker:CreateProcessingJob',
  'sagemaker:CreateTransformJob',
  'sagemaker:CreateHyperParameterTuningJob',
  'sagemaker:CreateAutoMLJob',
  'sagemaker:CreateModel',
  'sagemaker:CreateModelPackage',
  'sagemaker:DescribeTrainingJob',
  'sagemaker:AddTags',
  's3:GetObject',
  's3:PutObject',
  's3:DeleteObject',
  's3:ListBucket',
  'kms:Decrypt',
  'kms:GenerateDataKey',
  'lambda:InvokeFunction',
  'sqs:SendMessage',
];

const ASKED_PATTERNS = [
  '*',
  'iam:*',
  'iam:Pass*',
  'iam:*Role',
  'sagemaker:*',
  'sagemaker:Create*',
  'sagemaker:Create*Job',
  'sagemaker:*Pipeline*',
  's3:*',
  's3:*Object',
  'kms:*',
];

/** The keys that controls hold policies against, and some that they do not. */
const KEYS = [
  'iam:PassedToService',
  'sagemaker:PipelineVersionId',
  'aws:SourceIp',
  'aws:SourceVpc',
  'aws:SourceVpce',
  'aws:VpcSourceIp',
  'aws:SourceArn',
  'aws:SourceAccount',
  'aws:RequestTag/pipelines-json-get',
  'aws:PrincipalTag/pipelines-json-get',
  'aws:PrincipalTag/team',
  'aws:ResourceTag/team',
  'aws:RequestedRegion',
  'aws:PrincipalOrgID',
  'aws:SecureTransport',
  'aws:MultiFactorAuthPresent',
  'aws:MultiFactorAuthAge',
  'aws:ResourceAccount',
  'iam:PermissionsBoundary',
];

/** Keys that can have several values in one request. */
const MULTI_VALUED = ['aws:TagKeys', 'aws:CalledVia', 'sagemaker:InstanceTypes'];

export const listOf = (texts: readonly string[]): Json =>
  texts.length === 1 ? (texts[0] ?? '') : [...texts];

/** Up to so many distinct ones, as a text or a list. */
export const someOf = (text: fc.Arbitrary<string>, maxLength = 4): fc.Arbitrary<string[]> =>
  fc.uniqueArray(text, { minLength: 1, maxLength });

const VARIABLES = ['${aws:username}', '${aws:PrincipalTag/team}', '${aws:PrincipalTag/x}', '${aws:userid}'];

const letters = fc.constantFrom(...'abcdefgmnpqrstxyz0123456789');
const letterPiece = fc.string({ unit: letters, minLength: 1, maxLength: 3 });

/** Pieces with stars between them, such as `a*fraud*9`; some hold a `?`. */
export const starred = ({ words }: Place): fc.Arbitrary<string> => {
  const word = words.length > 0 ? fc.constantFrom(...words) : letterPiece;
  const piece = fc.oneof(
    { arbitrary: letterPiece, weight: 4 },
    { arbitrary: word, weight: 2 },
    { arbitrary: letterPiece.map((text) => `${text}?`), weight: 1 },
  );
  return fc.array(piece, { minLength: 1, maxLength: 4 }).map((pieces) => pieces.join('*'));
};

/** What a control on this principal is about, or anything. */
const focused = <T>(
  { focus }: Place,
  of: (focus: Focus) => readonly T[],
  anything: fc.Arbitrary<T>,
): fc.Arbitrary<T> => {
  const wanted = focus.flatMap(of);
  return wanted.length === 0
    ? anything
    : fc.oneof({ arbitrary: fc.constantFrom(...wanted), weight: 3 }, { arbitrary: anything, weight: 2 });
};

/** A key that verdicts on the principal hang on, or another one. */
export const anyKey = (place: Place): fc.Arbitrary<string> =>
  focused(place, ({ keys }) => keys, fc.constantFrom(...KEYS));

/** Actions that controls ask for, in whatever case. */
export const askedActions = (place: Place): fc.Arbitrary<string[]> =>
  someOf(
    fc
      .tuple(
        focused(
          place,
          ({ actions }) => actions,
          fc.oneof(
            { arbitrary: fc.constantFrom(...ASKED), weight: 3 },
            { arbitrary: fc.constantFrom(...ASKED_PATTERNS), weight: 3 },
          ),
        ),
        fc.constantFrom(0, 0, 0, 1, 2),
      )
      .map(([action, letterCase]) =>
        letterCase === 1 ? action.toLowerCase() : letterCase === 2 ? action.toUpperCase() : action,
      ),
  );

/** Any pattern of resources, those that the principal's own policies name among them. */
const anyResource = (place: Place): fc.Arbitrary<string> => {
  const { partition, account, region, resources } = place;
  const name = starred(place);
  const of = (make: (text: string) => string) => name.map(make);
  return fc.oneof(
    { arbitrary: fc.constant('*'), weight: 3 },
    ...(resources.length > 0 ? [{ arbitrary: fc.constantFrom(...resources), weight: 3 }] : []),
    { arbitrary: of((text) => `arn:${partition}:iam::${account}:role/${text}*`), weight: 1 },
    { arbitrary: of((text) => `arn:${partition}:iam::*:role/*${text}`), weight: 1 },
    { arbitrary: of((text) => `arn:${partition}:sagemaker:${region}:${account}:*/${text}*`), weight: 1 },
    { arbitrary: of((text) => `arn:${partition}:sagemaker:*:*:training-job/*${text}*`), weight: 1 },
    { arbitrary: of((text) => `arn:${partition}:sagemaker:*:*:pipeline/${text}*`), weight: 1 },
    { arbitrary: of((text) => `arn:${partition}:s3:::${text}*`), weight: 1 },
    { arbitrary: of((text) => `arn:${partition}:s3:::*/${text}`), weight: 1 },
    {
      arbitrary: fc
        .constantFrom(...VARIABLES)
        .map((text) => `arn:${partition}:iam::${account}:role/${text}-*`),
      weight: 1,
    },
    { arbitrary: fc.constant(`arn:${partition}:sagemaker:*:${'${aws:ResourceAccount}'}:*/*`), weight: 1 },
  );
};

const values = (place: Place): fc.Arbitrary<string> =>
  fc.oneof(
    fc.constantFrom(
      'sagemaker.amazonaws.com',
      'lambda.amazonaws.com',
      'ec2.amazonaws.com',
      'true',
      'false',
      '1',
      '3',
      '6',
      place.account,
      place.region,
      'pipelines-json-get',
      'vpc-1a2b3c4d',
      '*',
    ),
    fc.constantFrom(...place.foreign),
    starred(place),
    fc.constantFrom(...VARIABLES),
  );

const ipRange = fc.constantFrom('10.0.0.0/8', '0.0.0.0/0', '203.0.113.0/24', '2001:db8::/32', '192.0.2.1');
const date = fc.constantFrom('2020-01-01T00:00:00Z', '2026-06-01T00:00:00Z', '2030-01-01T00:00:00Z');
const number = fc.constantFrom('0', '1', '2', '3', '5', '6', '7', '100', '2.5');

/** One condition of any kind on any key, also where the two do not go together. */
const anyCondition = (place: Place): fc.Arbitrary<JsonObject> => {
  const text = values(place);
  const single = anyKey(place);
  const of = (operators: readonly string[], value: fc.Arbitrary<string>): fc.Arbitrary<JsonObject> =>
    fc
      .record({
        operator: fc.constantFrom(...operators),
        ifExists: fc.constantFrom('', '', 'IfExists'),
        key: single,
        texts: someOf(value, 3),
      })
      .map(({ operator, ifExists, key, texts }) => ({ [operator + ifExists]: { [key]: listOf(texts) } }));
  return fc.oneof(
    {
      arbitrary: of(
        ['StringEquals', 'StringNotEquals', 'StringLike', 'StringNotLike', 'StringEqualsIgnoreCase'],
        text,
      ),
      weight: 5,
    },
    {
      arbitrary: of(
        [
          'NumericEquals',
          'NumericNotEquals',
          'NumericLessThan',
          'NumericLessThanEquals',
          'NumericGreaterThan',
          'NumericGreaterThanEquals',
        ],
        number,
      ),
      weight: 2,
    },
    { arbitrary: of(['DateLessThan', 'DateGreaterThanEquals', 'DateNotEquals'], date), weight: 1 },
    { arbitrary: of(['Bool'], fc.constantFrom('true', 'false')), weight: 2 },
    { arbitrary: of(['IpAddress', 'NotIpAddress'], ipRange), weight: 1 },
    { arbitrary: of(['ArnLike', 'ArnNotLike', 'ArnEquals', 'ArnNotEquals'], anyArn(place)), weight: 1 },
    { arbitrary: of(['BinaryEquals'], fc.constantFrom('eA==', 'c2FnZW1ha2Vy')), weight: 1 },
    {
      arbitrary: fc
        .tuple(single, fc.constantFrom('true', 'false'))
        .map(([key, value]) => ({ Null: { [key]: value } })),
      weight: 1,
    },
    {
      arbitrary: fc
        .record({
          set: fc.constantFrom('ForAllValues', 'ForAnyValue'),
          operator: fc.constantFrom('StringEquals', 'StringLike', 'StringNotEquals', 'StringNotLike'),
          key: fc.constantFrom(...MULTI_VALUED, 'aws:TagKeys'),
          texts: someOf(
            fc.oneof(text, fc.constantFrom('pipelines-json-get', 'pipewarden-any-key', 'team')),
            3,
          ),
        })
        .map(({ set, operator, key, texts }) => ({ [`${set}:${operator}`]: { [key]: listOf(texts) } })),
      weight: 2,
    },
  );
};

const anyArn = (place: Place): fc.Arbitrary<string> =>
  fc.oneof(
    starred(place).map((text) => `arn:${place.partition}:*:*:*:${text}*`),
    starred(place).map((text) => `arn:${place.partition}:iam::${place.account}:role/${text}`),
    fc.constantFrom(
      `arn:${place.partition}:sagemaker:*:${place.account}:pipeline/*`,
      `arn:${place.partition}:iam::*:role/*`,
    ),
  );

/** Both Condition elements at once; what stands in the first under the same operator and key is kept. */
export const bothOf = (one: JsonObject, other: JsonObject): JsonObject => {
  const merged: JsonObject = structuredClone(other);
  for (const [operator, keys] of Object.entries(one))
    merged[operator] = { ...((merged[operator] as JsonObject | undefined) ?? {}), ...(keys as JsonObject) };
  return merged;
};

/** Up to two conditions. */
export const anyConditions = (place: Place): fc.Arbitrary<JsonObject> =>
  fc
    .array(anyCondition(place), { minLength: 0, maxLength: 2 })
    .map((conditions) => conditions.reduce((all, each) => bothOf(all, each), {}));

/** Any statement about what controls ask, without its Effect and conditions. */
export const anyReach = (place: Place): fc.Arbitrary<JsonObject> =>
  fc
    .record({
      actions: askedActions(place),
      isNotAction: fc.constantFrom(false, false, false, false, true),
      resources: someOf(anyResource(place), 3),
      isNotResource: fc.constantFrom(false, false, false, false, true),
    })
    .map(({ actions, isNotAction, resources, isNotResource }) => ({
      [isNotAction ? 'NotAction' : 'Action']: listOf(actions),
      [isNotResource ? 'NotResource' : 'Resource']: listOf(resources),
    }));
