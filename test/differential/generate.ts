import type { Json } from '../../shared/json/json.ts';

/** A generator that gives the same numbers for the same seed (mulberry32), so that a case is known by its number. */
export const randomOf = (seed: number) => {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  const pick = <T>(list: readonly T[]): T => {
    const chosen = list[Math.floor(next() * list.length)];
    if (chosen === undefined) throw new Error('nothing to pick from');
    return chosen;
  };
  return { chance: (share: number) => next() < share, pick, next };
};
export type Random = ReturnType<typeof randomOf>;

const ACCOUNT = '111122223333';
const OTHER = '444455556666';
const ROLE = `arn:aws:iam::${ACCOUNT}:role/team/data`;
const USER = `arn:aws:iam::${ACCOUNT}:user/ana`;
const SESSION = `arn:aws:sts::${ACCOUNT}:assumed-role/data/run`;

/** A request to both sides. */
export type Case = {
  principal: string;
  action: string;
  resource: string;
  resourceAccount: string;
  context: Record<string, string | string[]>;
  identity: Json[];
  boundary?: Json;
  session?: Json;
  scps: Json[];
  rcps: Json[];
  resourcePolicy?: Json;
  endpoint?: Json;
};

const ACTIONS = [
  's3:GetObject',
  's3:PutObject',
  's3:DeleteObject',
  'sqs:SendMessage',
  'sagemaker:CreateTrainingJob',
  'sagemaker:StartPipelineExecution',
  'iam:PassRole',
  'secretsmanager:GetSecretValue',
];
const PATTERNS = [
  '*',
  's3:*',
  's3:Get*',
  's3:?etObject',
  'sagemaker:Create*',
  'sagemaker:*',
  'S3:GETOBJECT',
  'iam:Pass*',
  'sqs:*',
];

/** Resources of each action, with near misses of the patterns below. */
const RESOURCES: Readonly<Record<string, readonly string[]>> = {
  s3: [
    'arn:aws:s3:::acme/in.csv',
    'arn:aws:s3:::acme/ml/in.csv',
    'arn:aws:s3:::acme-data/x',
    'arn:aws:s3:::acme/ana/x',
  ],
  sqs: [`arn:aws:sqs:eu-west-1:${ACCOUNT}:jobs`, `arn:aws:sqs:eu-west-1:${OTHER}:jobs`],
  'sagemaker:StartPipelineExecution': [`arn:aws:sagemaker:us-east-1:${ACCOUNT}:pipeline/fraud`],
  sagemaker: [
    `arn:aws:sagemaker:eu-west-1:${ACCOUNT}:training-job/fraud-1`,
    `arn:aws:sagemaker:eu-west-1:${ACCOUNT}:training-job/ml-fraud-1`,
  ],
  iam: [ROLE, `arn:aws:iam::${ACCOUNT}:role/other`],
  secretsmanager: [`arn:aws:secretsmanager:eu-west-1:${ACCOUNT}:secret:a-b`],
};
const RESOURCE_PATTERNS = [
  '*',
  'arn:aws:s3:::acme/*',
  'arn:aws:s3:::acme*',
  'arn:aws:s3:::acme/${aws:PrincipalTag/team}/*',
  "arn:aws:s3:::acme/${aws:PrincipalTag/team, 'ml'}/*",
  'arn:aws:s3:::*/in.csv',
  'arn:aws:s3:::acme/in.???',
  `arn:aws:sagemaker:*:${ACCOUNT}:training-job/fraud-*`,
  `arn:aws:sagemaker:eu-west-1:${ACCOUNT}:*/fraud-*`,
  `arn:aws:sagemaker:*:*:*/*fraud*`,
  `arn:aws:iam::${ACCOUNT}:role/*`,
  `arn:aws:iam::*:role/team/*`,
  'arn:aws:sqs:*:*:jobs',
  'arn:*:secretsmanager:*:*:secret:*',
  'arn:aws:s3:::ACME/*',
];

/** Operators, with values for policies and requests; the last value of a request is a near miss. */
const CONDITIONS: readonly [
  operator: string,
  key: string,
  wanted: readonly Json[],
  given: readonly string[],
][] = [
  [
    'String%Equals',
    'aws:PrincipalTag/team',
    ['ml', ['ml', 'data'], '${aws:PrincipalAccount}'],
    ['ml', 'data', ACCOUNT, 'ML'],
  ],
  ['String%EqualsIgnoreCase', 'aws:PrincipalTag/team', ['ML', ['x', 'Data']], ['ml', 'data', 'd']],
  ['String%Like', 'aws:PrincipalTag/team', ['m*', ['?l', 'da*a'], '${*}', '*'], ['ml', 'data', '*', 'm']],
  [
    'Arn%Like',
    'aws:SourceArn',
    ['arn:aws:s3:::acme*', 'arn:aws:*:*:*:acme', ['arn:aws:sns:eu-west-1:111122223333:a?']],
    ['arn:aws:s3:::acme', 'arn:aws:sns:eu-west-1:111122223333:ab', 'arn:aws:sns:eu-west-1:111122223333:a'],
  ],
  [
    'Arn%Equals',
    'aws:PrincipalArn',
    [ROLE, `arn:aws:iam::${ACCOUNT}:*/*`, [USER, 'arn:aws:iam::*:role/x']],
    [ROLE, USER],
  ],
  ['Numeric%Equals', 'aws:MultiFactorAuthAge', [300, '60', [1, 2]], ['300', '60', '2', '61']],
  ['NumericLessThan', 'aws:MultiFactorAuthAge', [300, '60'], ['299', '300', '60', '0']],
  ['NumericGreaterThanEquals', 'aws:MultiFactorAuthAge', [300], ['299', '300', '301']],
  ['NumericLessThanEquals', 'aws:MultiFactorAuthAge', [300], ['300', '301']],
  ['NumericGreaterThan', 'aws:MultiFactorAuthAge', [300], ['300', '301']],
  [
    'DateGreaterThan',
    'aws:CurrentTime',
    ['2026-01-01T00:00:00Z'],
    ['2026-01-01T00:00:01Z', '2026-01-01T00:00:00Z', '2025-12-31T23:59:59Z'],
  ],
  [
    'DateLessThanEquals',
    'aws:CurrentTime',
    ['2026-01-01T00:00:00Z'],
    ['2026-01-01T00:00:01Z', '2026-01-01T00:00:00Z'],
  ],
  ['Bool', 'aws:SecureTransport', ['true', false], ['true', 'false']],
  [
    '%IpAddress',
    'aws:SourceIp',
    ['203.0.113.0/24', ['10.0.0.0/8', '2001:db8::/32'], '203.0.113.7'],
    ['203.0.113.7', '203.0.114.1', '10.1.2.3', '2001:db8::1', '2001:db9::1'],
  ],
  ['Null', 'aws:PrincipalTag/team', ['true', 'false'], ['ml']],
  ['ForAllValues:String%Equals', 'aws:TagKeys', ['a', ['a', 'b']], ['a', 'b', 'c']],
  ['ForAnyValue:String%Equals', 'aws:TagKeys', ['a', ['a', 'b']], ['a', 'b', 'c']],
  ['ForAnyValue:String%Like', 'aws:TagKeys', ['a*', ['?']], ['a', 'bb', 'ab']],
];

const MULTI_VALUED = ['aws:TagKeys'];

const spelled = (random: Random, operator: string): string => {
  const isNot = random.chance(0.4);
  if (operator === '%IpAddress') return isNot ? 'NotIpAddress' : 'IpAddress';
  return operator.replace('%', isNot ? 'Not' : '');
};

const conditionOf = (random: Random): Json => {
  const [operator, key, wanted] = random.pick(CONDITIONS);
  const name = spelled(random, operator);
  const isIfExists = operator !== 'Null' && random.chance(0.2);
  return { [`${name}${isIfExists ? 'IfExists' : ''}`]: { [key]: random.pick(wanted) } };
};

const statementOf = (random: Random, effect: string, principals?: readonly Json[]): Record<string, Json> => ({
  Effect: effect,
  [random.chance(0.85) ? 'Action' : 'NotAction']: random.chance(0.5)
    ? random.pick(ACTIONS)
    : [random.pick(PATTERNS), random.pick(ACTIONS)],
  [random.chance(0.85) ? 'Resource' : 'NotResource']: random.chance(0.5)
    ? '*'
    : [random.pick(RESOURCE_PATTERNS), random.pick(RESOURCE_PATTERNS)],
  ...(principals && { Principal: random.pick(principals) }),
  ...(random.chance(0.5) && { Condition: conditionOf(random) }),
});

const documentOf = (random: Random, principals?: readonly Json[]): Json => {
  const count = 1 + Math.floor(random.next() * 3);
  const effects = Array.from({ length: count }, () => (random.chance(0.25) ? 'Deny' : 'Allow'));
  return {
    Version: random.chance(0.95) ? '2012-10-17' : '2008-10-17',
    Statement: effects.map((effect) => statementOf(random, effect, principals)),
  };
};

const PRINCIPALS: readonly Json[] = [
  '*',
  { AWS: '*' },
  { AWS: ACCOUNT },
  { AWS: `arn:aws:iam::${ACCOUNT}:root` },
  { AWS: ROLE },
  { AWS: [USER, OTHER] },
  { AWS: SESSION },
  { Service: 'sagemaker.amazonaws.com' },
];
const FULL: Json = { Version: '2012-10-17', Statement: { Effect: 'Allow', Action: '*', Resource: '*' } };

/** The context of a request: in most cases each key of the conditions, with one of the values that matter. */
const contextOf = (random: Random): Case['context'] => {
  const context: Case['context'] = {};
  for (const [, key, , given] of CONDITIONS) {
    if (random.chance(0.4)) continue;
    const several = MULTI_VALUED.includes(key);
    context[key] = several
      ? [random.pick(given), ...(random.chance(0.5) ? [random.pick(given)] : [])]
      : random.pick(given);
  }
  return context;
};

const some = <Value>(is: boolean, make: () => Value): Value | undefined => (is ? make() : undefined);

/** The case with a number. `policies` are real documents, which sometimes replace an identity policy. */
export const caseOf = (
  seed: number,
  policies: readonly { document: Json; actions: readonly string[] }[],
): Case => {
  const random = randomOf(seed);
  const real = policies.length > 0 && random.chance(0.4) ? random.pick(policies) : undefined;
  const action = real && random.chance(0.8) ? random.pick(real.actions) : random.pick(ACTIONS);
  const resource = random.pick(RESOURCES[action] ?? RESOURCES[action.slice(0, action.indexOf(':'))] ?? ['*']);
  const principal = random.pick([ROLE, USER, SESSION]);
  const owner = resource.split(':')[4];
  const boundary = some(random.chance(0.2), () => documentOf(random));
  const session = some(principal === SESSION && random.chance(0.3), () => documentOf(random));
  const resourcePolicy = some(random.chance(0.3), () => documentOf(random, PRINCIPALS));
  const endpoint = some(random.chance(0.1), () => documentOf(random, ['*', { AWS: '*' }]));
  const context = contextOf(random);
  context['aws:PrincipalArn'] = principal === USER ? USER : ROLE;
  context['aws:PrincipalAccount'] = ACCOUNT;
  const resourceAccount = owner || (random.chance(0.8) ? ACCOUNT : OTHER);
  context['aws:ResourceAccount'] = resourceAccount;
  return {
    principal,
    action,
    resource,
    resourceAccount,
    context,
    identity: real
      ? [real.document]
      : [documentOf(random), ...(random.chance(0.3) ? [documentOf(random)] : [])],
    scps: random.chance(0.3) ? [FULL, random.chance(0.5) ? FULL : documentOf(random)] : [],
    rcps: random.chance(0.2) ? [documentOf(random, ['*'])] : [],
    ...(boundary !== undefined && { boundary }),
    ...(session !== undefined && { session }),
    ...(resourcePolicy !== undefined && { resourcePolicy }),
    ...(endpoint !== undefined && { endpoint }),
  };
};
