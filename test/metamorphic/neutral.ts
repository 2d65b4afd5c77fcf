import fc from 'fast-check';
import type { JsonObject } from '../../shared/json/json.ts';
import {
  anyConditions,
  anyKey,
  anyReach,
  askedActions,
  bothOf,
  FOCUS,
  listOf,
  type Place,
  someOf,
  starred,
} from './vocabulary.ts';

/**
 * Statements that give and take nothing: no request that the principal, or anybody who assumes the role, can make in its
 * account comes out otherwise with them than without. Each family says why, in words of IAM's policy language.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
 */
export type Neutral = {
  /** Why it gives and takes nothing. */
  why: string;
  statement: JsonObject;
  /** It has policy variables, which only a document of Version 2012-10-17 knows. */
  hasVariables?: true;
};

type Made = { why: string; hasVariables?: true };

const effect = fc.constantFrom('Allow', 'Deny');

const statementOf = (
  reach: fc.Arbitrary<JsonObject>,
  rest: fc.Arbitrary<Made & { condition?: JsonObject }>,
): fc.Arbitrary<Neutral> =>
  fc.tuple(effect, reach, rest).map(([Effect, elements, { condition, ...made }]) => ({
    ...made,
    statement: {
      Effect,
      ...elements,
      ...(condition && Object.keys(condition).length > 0 && { Condition: condition }),
    },
  }));

type Pattern = Made & { text: string };

/** The same resource patterns at once; each matches nothing, so that all together match nothing. */
const manyOf = (pattern: fc.Arbitrary<Pattern>): fc.Arbitrary<{ texts: string[] } & Made> =>
  fc.uniqueArray(pattern, { minLength: 1, maxLength: 4, selector: ({ text }) => text }).map((patterns) => ({
    texts: patterns.map(({ text }) => text),
    why: [...new Set(patterns.map(({ why }) => why))].join('; '),
    ...(patterns.some(({ hasVariables }) => hasVariables) && { hasVariables: true as const }),
  }));

/** Many stars in an order that each pattern has for itself: what makes a search through all combinations explode. */
const crowded = fc.shuffledSubarray([...'0123456789'], { minLength: 6 }).map((digits) => digits.join('*'));

/** What no name in SageMaker has: it is letters, digits and inner dashes. https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTrainingJob.html */
const noJobName = (place: Place): fc.Arbitrary<string> => {
  const star = starred(place);
  return fc.oneof(
    fc.tuple(star, star).map(([one, other]) => `*${one}*_${other}*`),
    star.map((text) => `${text}*.${text}`),
    star.map((text) => `-${text}*`),
    star.map((text) => `${text}*-`),
    star.map((text) => `*${text}/`),
    star.map((text) => `${text}* `),
  );
};

const JOB_TYPES = [
  'training-job',
  'processing-job',
  'transform-job',
  'hyper-parameter-tuning-job',
  'automl-job',
  'model',
  'pipeline',
];

/** Of a role or a job, up to its name or into it. */
const isName = (text: string): boolean =>
  /^arn:[^:]*:(iam::\d{12}:role\/|sagemaker:[^:]*:[^:]*:(training|processing|transform)-job\/)[^$]*$/.test(
    text,
  );

/**
 * Patterns that match no ARN that there can be. Each holds one part that no ARN has, at a place that no wildcard before
 * it can skip.
 */
const impossible = (place: Place): fc.Arbitrary<Pattern> => {
  const { account, partition } = place;
  const star = starred(place);
  const foreign = fc.constantFrom(...place.foreign);
  const elsewhere = ['aws', 'aws-cn', 'aws-us-gov'].filter((each) => each !== partition);
  const of = (why: string, text: fc.Arbitrary<string>): fc.Arbitrary<Pattern> =>
    text.map((each) => ({ why, text: each }));
  return fc.oneof(
    {
      // The type is fixed and the account before it too, so that the rest is the job's name.
      arbitrary: of(
        'no name in SageMaker looks so',
        fc
          .tuple(fc.constantFrom(...JOB_TYPES), noJobName(place), fc.constantFrom('*', place.region, 'eu-*'))
          .map(([type, name, region]) => `arn:${partition}:sagemaker:${region}:${account}:${type}/${name}`),
      ),
      weight: 6,
    },
    {
      // After the name's slash comes a name of [\w+=,.@-]; a path holds no white space and nothing above U+007F.
      arbitrary: of(
        'no role looks so',
        fc
          .tuple(star, fc.constantFrom('/', ' ', 'é', ' /x', 'é*'))
          .map(([text, end]) => `arn:${partition}:iam::${account}:role/*${text}*${end}`),
      ),
      weight: 5,
    },
    ...(place.resources.some(isName)
      ? [
          {
            // Behind what a statement names: a role or job whose name ends so cannot be.
            arbitrary: of(
              'no role or job looks so',
              fc
                .tuple(
                  fc.constantFrom(...place.resources.filter(isName)),
                  fc.constantFrom('/', ' ', '*/', '-*/'),
                )
                .map(([text, end]) => `${text}${end}`),
            ),
            weight: 3,
          },
        ]
      : []),
    {
      // IAM is not regional: the part between the colons is empty in every ARN of it.
      arbitrary: of(
        'no ARN of IAM has a Region',
        star.map((text) => `arn:${partition}:iam:eu-west-1:${account}:role/*${text}*`),
      ),
      weight: 1,
    },
    {
      // The bucket's name ends at the first slash, and no name begins with these or is that short.
      arbitrary: of(
        'no bucket is called so',
        fc
          .tuple(fc.constantFrom('!', ' ', 'é', '/', '%'), star)
          .map(([first, text]) => `arn:${partition}:s3:::${first}*${text}*`),
      ),
      weight: 3,
    },
    {
      arbitrary: of(
        'another partition',
        fc.tuple(fc.constantFrom(...elsewhere), star).map(([other, text]) => `arn:${other}:*:*:*:*${text}*`),
      ),
      weight: 2,
    },
    {
      // Roles are passed, tagged and written in their own account alone; jobs and pipelines of it are made there alone.
      arbitrary: of(
        'another account',
        fc
          .tuple(
            foreign,
            star,
            fc.constantFrom(
              'iam::#:role/',
              'iam::#:*',
              'sagemaker:*:#:*/',
              'sagemaker:eu-west-1:#:training-job/',
            ),
          )
          .map(([other, text, rest]) => `arn:${partition}:${rest.replace('#', other)}*${text}*`),
      ),
      weight: 3,
    },
    {
      arbitrary: of(
        'a Region that does not exist',
        star.map((text) => `arn:${partition}:sagemaker:xx-nowhere-9:${account}:*/*${text}*`),
      ),
      weight: 1,
    },
    {
      // Resource types are written in one way; none is called so.
      arbitrary: of(
        'a type of resource that does not exist',
        fc
          .tuple(
            star,
            fc.constantFrom(
              'iam::#:rolex/',
              'iam::#:xrole/',
              'sagemaker:*:#:x-job/',
              'sagemaker:*:#:pipelines/',
            ),
          )
          .map(([text, rest]) => `arn:${partition}:${rest.replace('#', account)}*${text}*`),
      ),
      weight: 2,
    },
    {
      // Whatever stands for the variable (nothing, where the request lacks it, and then nothing matches), the rest fits no ARN.
      arbitrary: fc
        .tuple(
          star,
          foreign,
          fc.constantFrom(
            'sagemaker:*:${aws:ResourceAccount}:x-job/',
            'iam::${aws:ResourceAccount}:rolex/',
            'iam::#:role/${aws:username}',
            'iam::#:role/${aws:PrincipalTag/team}',
            "iam::#:role/${aws:PrincipalTag/team, 'x'}",
            'sagemaker:xx-nowhere-9:${aws:PrincipalAccount}:training-job/',
          ),
        )
        .map(([text, other, rest]) => ({
          why: 'whatever the variable is, no ARN looks so',
          text: `arn:${partition}:${rest.replace('#', other)}*${text}*`,
          hasVariables: true as const,
        })),
      weight: 3,
    },
    {
      // aws:username is in no request of a role's session: a text with it matches nothing.
      // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-infotouse
      arbitrary: place.isUser
        ? of(
            'another partition',
            star.map((text) => `arn:${elsewhere[0]}:iam::${account}:role/${text}`),
          )
        : star.map((text) => ({
            why: 'a role’s session has no aws:username',
            text: `arn:${partition}:iam::${account}:role/${'${aws:username}'}*${text}*`,
            hasVariables: true as const,
          })),
      weight: 2,
    },
  );
};

/** Several patterns of many stars at once: a search ends before it has seen all, and must then not say that it has. */
export const crowdedStatement = (place: Place): fc.Arbitrary<Neutral> =>
  fc
    .record({
      Effect: effect,
      names: fc.uniqueArray(crowded, { minLength: 2, maxLength: 8, size: 'max' }),
      of: fc.constantFrom(...(place.focus.length > 0 ? place.focus : Object.values(FOCUS))),
    })
    .map(({ Effect, names, of: { actions, resource } }) => ({
      why: 'no ARN looks so, however many stars',
      statement: {
        Effect,
        Action: [...actions],
        Resource: names.map((name) => {
          const text = `arn:${place.partition}:${resource.replace('#', place.account).replace('@', name)}`;
          // A role's name does not end in a slash, a name in SageMaker not in a dash, and no bucket's begins so.
          return resource.startsWith('iam')
            ? `${text}/`
            : resource.startsWith('s3')
              ? text.replace(':::', ':::!')
              : `${text}-`;
        }),
      },
    }));

/** Of resources that cannot be: whatever the action and the conditions are. */
const onNothing = (place: Place): fc.Arbitrary<Neutral> =>
  fc
    .tuple(
      effect,
      askedActions(place),
      manyOf(impossible(place)),
      fc.constantFrom(false, false, true),
      anyConditions(place),
    )
    .map(([Effect, actions, { texts, ...made }, isConditional, condition]) => ({
      ...made,
      statement: {
        Effect,
        Action: listOf(actions),
        Resource: listOf(texts),
        ...(isConditional && Object.keys(condition).length > 0 && { Condition: condition }),
      },
    }));

/**
 * Actions that nobody has, or that no verdict on pipelines is about. Real ones are only denied: to allow them would give.
 * No action's name begins with NoSuch or ends in Nothing, and no service is called nosuch.
 */
const ofNoAction = (place: Place): fc.Arbitrary<Neutral> =>
  fc
    .tuple(
      effect,
      someOf(
        starred(place).chain((text) =>
          fc.constantFrom(
            'nosuch:*',
            `sagemaker:NoSuch${text}`,
            `iam:NoSuch*${text}`,
            `s3:*${text}*Nothing`,
            'sagemaker:Create*JobNothing',
            'iam:PassRole?Nothing',
          ),
        ),
      ),
      someOf(fc.constantFrom('polly:*', 'route53:List*', 'glacier:DeleteVault', 'gamelift:*')),
      fc.boolean(),
    )
    .map(([Effect, nowhere, elsewhere, isReal]) =>
      isReal
        ? {
            why: 'no verdict is about these services',
            statement: { Effect: 'Deny', Action: listOf(elsewhere), Resource: '*' },
          }
        : { why: 'no such actions', statement: { Effect, Action: listOf(nowhere), Resource: '*' } },
    );

/** All but everything is nothing: every action has a colon; `*` and `arn:*` are all resources. */
const allButEverything = (place: Place): fc.Arbitrary<Neutral> =>
  statementOf(
    fc.oneof(
      anyReach(place).map(({ Resource = '*' }) => ({ NotAction: '*', Resource })),
      anyReach(place).map(({ Resource = '*' }) => ({ NotAction: ['*:*'], Resource })),
      askedActions(place).map((actions) => ({ Action: listOf(actions), NotResource: '*' })),
      fc.tuple(askedActions(place), anyReach(place)).map(([actions, { Resource = '*' }]) => ({
        Action: listOf(actions),
        NotResource: ['arn:*', '*', ...(Array.isArray(Resource) ? Resource : [Resource])],
      })),
    ),
    fc.constant({ why: 'all but everything is nothing' }),
  );

type Never = Made & { condition: JsonObject };

const never = (why: string, condition: JsonObject): Never => ({ why, condition });

/** Conditions on what is known of every request of the principal: it is so, and never otherwise. */
const againstTheKnown = (place: Place): fc.Arbitrary<Never> => {
  const { account, arn, partition, isUser, foreign } = place;
  const [other = '', another = other] = foreign;
  return fc.constantFrom(
    // The account of whoever makes the request, in each request of a user or role.
    never('the account is another', { StringEquals: { 'aws:PrincipalAccount': other } }),
    never('the account is another', { StringEquals: { 'aws:PrincipalAccount': [other, another] } }),
    never('the account is another', { StringEqualsIfExists: { 'aws:PrincipalAccount': other } }),
    never('the account is another', { StringLike: { 'aws:PrincipalAccount': `${other.slice(0, 6)}*` } }),
    never('the account is this', { StringNotEquals: { 'aws:PrincipalAccount': account } }),
    // Account 000000000000 is the number 0.
    never('the account is a number of 12 digits', { NumericLessThan: { 'aws:PrincipalAccount': '0' } }),
    // The ARN of the user or of the role behind the session, in each signed request.
    never('the principal is another', {
      ArnEquals: { 'aws:PrincipalArn': `arn:${partition}:iam::${other}:role/x` },
    }),
    never('the principal is another', {
      ArnLike: { 'aws:PrincipalArn': `arn:${partition}:iam::${other}:*` },
    }),
    never('the principal is this', { ArnNotEquals: { 'aws:PrincipalArn': arn } }),
    never('the principal is this', { StringNotLike: { 'aws:PrincipalArn': `arn:${partition}:iam::*` } }),
    never('a principal’s ARN is no Bool', { Bool: { 'aws:PrincipalArn': 'true' } }),
    never('a principal’s ARN is no address', { IpAddress: { 'aws:PrincipalArn': '0.0.0.0/0' } }),
    // Keys that are in every such request.
    never('the key is in every request', { Null: { 'aws:PrincipalArn': 'true' } }),
    never('the key is in every request', { Null: { 'aws:PrincipalAccount': 'true' } }),
    never('the key is in every request', { Null: { 'aws:CurrentTime': 'true' } }),
    never('no service calls by itself', { Bool: { 'aws:PrincipalIsAWSService': 'true' } }),
    never('the type of principal is another', {
      StringEquals: { 'aws:PrincipalType': isUser ? 'AssumedRole' : 'User' },
    }),
    never('that time is over', { DateLessThan: { 'aws:CurrentTime': '2016-01-01T00:00:00Z' } }),
    never('that time is over', { DateEquals: { 'aws:CurrentTime': '2016-01-01T00:00:00Z' } }),
    never('that time is over', { NumericLessThan: { 'aws:EpochTime': '1000' } }),
    {
      ...never('an account is no account with an x behind it', {
        StringEquals: { 'aws:PrincipalAccount': '${aws:ResourceAccount}x' },
      }),
      hasVariables: true as const,
    },
    {
      ...never('the account is this', {
        StringNotEquals: { 'aws:PrincipalAccount': '${aws:PrincipalAccount}' },
      }),
      hasVariables: true as const,
    },
  );
};

/**
 * Two conditions on one key of one value that exclude each other. A positive operator does not hold where the key is
 * absent, so that each pair fails there too.
 */
const contradiction = (place: Place): fc.Arbitrary<Never> =>
  fc.tuple(anyKey(place), starred(place), fc.integer({ min: 1, max: 9 })).chain(([key, text, limit]) => {
    const number = String(limit);
    const arn = `arn:${place.partition}:*:*:*:*${text}*`;
    const of = (one: JsonObject, other: JsonObject): Never =>
      never('the two conditions exclude each other', bothOf(one, other));
    const is = (operator: string, value: string): JsonObject => ({ [operator]: { [key]: value } });
    return fc.constantFrom(
      of(is('StringEquals', text), is('StringNotEquals', text)),
      of(is('StringLike', `*${text}*`), is('StringNotLike', `*${text}*`)),
      of(is('StringEquals', `a${number}`), is('StringLike', `b*${text}*`)),
      of(is('StringEqualsIgnoreCase', 'sagemaker.amazonaws.com'), is('StringNotLike', '*')),
      of(is('NumericLessThan', number), is('NumericGreaterThan', number)),
      of(is('NumericEquals', number), is('NumericNotEquals', number)),
      of(is('NumericLessThan', number), is('StringEquals', 'x')),
      of(is('DateLessThan', '2020-01-01T00:00:00Z'), is('DateGreaterThan', '2021-01-01T00:00:00Z')),
      of(is('IpAddress', '10.0.0.0/8'), is('NotIpAddress', '10.0.0.0/8')),
      of(is('ArnLike', arn), is('ArnNotLike', arn)),
      of(is('Bool', 'true'), is('StringEquals', 'false')),
      of(is('Bool', 'true'), is('IpAddress', '10.0.0.0/8')),
      of(is('Null', 'true'), is('StringLike', `*${text}*`)),
      of(is('Null', 'true'), is('Bool', 'true')),
      of(is('Null', 'true'), is('NumericGreaterThanEquals', '0')),
      // All values are the one, and one value is another.
      never('the two conditions exclude each other', {
        'ForAllValues:StringEquals': { 'aws:TagKeys': text },
        'ForAnyValue:StringEquals': { 'aws:TagKeys': `${text}x` },
      }),
      never('the two conditions exclude each other', {
        'ForAllValues:StringNotEquals': { 'aws:TagKeys': 'pipelines-json-get' },
        'ForAnyValue:StringEquals': { 'aws:TagKeys': 'pipelines-json-get' },
      }),
      never('the two conditions exclude each other', {
        Null: { 'aws:TagKeys': 'true' },
        'ForAnyValue:StringLike': { 'aws:TagKeys': '*' },
      }),
    );
  });

/**
 * Positive operators of another type than the key's values, and texts that the key never holds. The service that a role
 * is passed to is a name such as lambda.amazonaws.com; the version of a pipeline is a whole number from 1 on; a source
 * address is an address.
 */
const wrongType: fc.Arbitrary<Never> = fc.constantFrom(
  ...(
    [
      [
        'a service’s name is nothing of that kind',
        'iam:PassedToService',
        [
          ['Bool', 'true'],
          ['Bool', 'false'],
          ['NumericEquals', '5'],
          ['NumericGreaterThan', '0'],
          ['IpAddress', '0.0.0.0/0'],
          ['BinaryEquals', 'eA=='],
          ['ArnLike', 'arn:*:*:*:*:*'],
          ['DateGreaterThan', '2020-01-01T00:00:00Z'],
          ['StringEquals', 'a b'],
          ['StringLike', '* *'],
        ],
      ],
      [
        'a version is a whole number from 1 on',
        'sagemaker:PipelineVersionId',
        [
          ['ArnLike', 'arn:*:*:*:*:*'],
          ['StringEquals', 'x'],
          ['StringLike', 'v*'],
          ['NumericLessThan', '1'],
          ['NumericEquals', '2.5'],
        ],
      ],
      [
        'an address is nothing of that kind',
        'aws:SourceIp',
        [
          ['Bool', 'true'],
          ['NumericEquals', '5'],
          ['ArnLike', 'arn:*:*:*:*:*'],
          ['StringEquals', 'x'],
        ],
      ],
    ] as const
  ).flatMap(([why, key, tests]) =>
    tests.map(([operator, value]) => never(why, { [operator]: { [key]: value } })),
  ),
);

/** Whatever the statement reaches: its conditions never hold. Others may stand beside, as all must hold. */
const neverHolding = (place: Place): fc.Arbitrary<Neutral> =>
  statementOf(
    anyReach(place),
    fc
      .tuple(
        fc.oneof(
          { arbitrary: againstTheKnown(place), weight: 4 },
          { arbitrary: contradiction(place), weight: 3 },
          { arbitrary: wrongType, weight: 3 },
        ),
        fc.oneof({ arbitrary: fc.constant({}), weight: 2 }, { arbitrary: anyConditions(place), weight: 1 }),
      )
      .map(([{ condition, why }, others]) => ({
        why,
        condition: bothOf(condition, others),
        // What stands beside may have variables, and is of no account; but a reader takes them for such.
        ...(JSON.stringify([condition, others]).includes('${') && { hasVariables: true as const }),
      })),
  );

/** A statement for the principal's own policies, boundary, groups or SCPs. */
export const neutralStatement = (place: Place): fc.Arbitrary<Neutral> =>
  fc.oneof(
    { arbitrary: onNothing(place), weight: 5 },
    { arbitrary: neverHolding(place), weight: 5 },
    { arbitrary: ofNoAction(place), weight: 1 },
    { arbitrary: allButEverything(place), weight: 1 },
  );

/** For a trust policy: who asks is SageMaker, or somebody of whom nothing is known. */
export const neutralTrustStatement = (place: Place): fc.Arbitrary<Neutral> => {
  const principal = fc.constantFrom<JsonObject>(
    { Principal: { Service: 'sagemaker.amazonaws.com' } },
    { Principal: { Service: ['sagemaker.amazonaws.com'] } },
  );
  const denied = fc.constantFrom<JsonObject>(
    { Principal: '*' },
    { Principal: { AWS: '*' } },
    { Principal: { Service: 'sagemaker.amazonaws.com' } },
    { Principal: { AWS: place.account } },
  );
  const action = fc.constantFrom('sts:AssumeRole', 'sts:*', 'sts:Assume*', 'STS:ASSUMEROLE');
  const condition = fc.oneof(
    contradiction(place),
    fc.constantFrom(
      never('that time is over', { DateLessThan: { 'aws:CurrentTime': '2016-01-01T00:00:00Z' } }),
      never('the key is in every request', { Null: { 'aws:CurrentTime': 'true' } }),
      // What a service says of whom it acts for is an account of 12 digits, and an ARN.
      never('an account is nothing of that kind', { Bool: { 'aws:SourceAccount': 'true' } }),
      never('an account is nothing of that kind', { StringEquals: { 'aws:SourceAccount': 'x' } }),
      never('an account is nothing of that kind', { IpAddress: { 'aws:SourceAccount': '10.0.0.0/8' } }),
      never('an ARN is nothing of that kind', { Bool: { 'aws:SourceArn': 'true' } }),
      never('an ARN is nothing of that kind', { NumericEquals: { 'aws:SourceArn': '1' } }),
      never('an ARN is nothing of that kind', { StringLike: { 'aws:SourceArn': 'x*' } }),
    ),
  );
  const guarded = fc.tuple(condition, anyConditions(place)).map(([{ condition: first, why }, others]) => ({
    why,
    Condition: bothOf(first, others),
    ...(JSON.stringify([first, others]).includes('${') && { hasVariables: true as const }),
  }));
  return fc.oneof(
    {
      arbitrary: fc.tuple(principal, action, guarded).map(([who, Action, { why, Condition, ...more }]) => ({
        why,
        ...more,
        statement: { Effect: 'Allow', ...who, Action, Condition },
      })),
      weight: 3,
    },
    {
      arbitrary: fc.tuple(denied, action, guarded).map(([who, Action, { why, Condition, ...more }]) => ({
        why,
        ...more,
        statement: { Effect: 'Deny', ...who, Action, Condition },
      })),
      weight: 3,
    },
    {
      // Nobody of that account has been allowed anything by name; whoever is beside it, anybody else has it still.
      arbitrary: fc.constantFrom(...place.foreign).map((other) => ({
        why: 'another account, which nothing names',
        statement: {
          Effect: 'Deny',
          Principal: { AWS: `arn:${place.partition}:iam::${other}:root` },
          Action: 'sts:AssumeRole',
        },
      })),
      weight: 1,
    },
  );
};
