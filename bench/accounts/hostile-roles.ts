import { type Document, hostilePolicies } from '../../test/support/builders/hostile-policies.ts';

const ACCOUNT = '111122223333';
const ROLES = `arn:aws:iam::${ACCOUNT}:role/`;
const JOBS = `arn:aws:sagemaker:eu-west-1:${ACCOUNT}:training-job/`;
const PASSED_TO = 'iam:PassedToService';

/** Lets each of these roles create and start pipelines, so that the controls judge the role. */
const MAKER: Document = {
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Action: ['sagemaker:CreatePipeline', 'sagemaker:StartPipelineExecution'],
      Resource: '*',
    },
  ],
};

const TEAMS = [
  ...['fraud', 'vision', 'search', 'pricing', 'ads', 'growth'],
  ...['supply', 'ranking', 'credit', 'churn', 'speech', 'claims'],
];

const allow = (Action: string, more: object): object => ({ Effect: 'Allow', Action, ...more });
const documentOf = (...Statement: object[]): Document => ({ Version: '2012-10-17', Statement });
const junk = (at: number): string => `*${'ghijklmnopqrstuv'.charAt(at % 16)}*${at}*`;
const junkOf = (beginning: string): string[] =>
  Array.from({ length: 150 }, (_, at) => `${beginning}${junk(at)}`);

/**
 * The policies of roles, by what makes them expensive to judge: at most ten managed policies each, which is IAM's
 * limit. Apart from the team patterns, no person would write such policies.
 */
export const hostileRoles = (): Record<string, Document[]> => ({
  'twelve team patterns': [
    MAKER,
    documentOf(
      ...TEAMS.flatMap((team) => [
        allow('iam:PassRole', {
          Resource: `${ROLES}*${team}*sagemaker*`,
          Condition: { StringEquals: { [PASSED_TO]: 'sagemaker.amazonaws.com' } },
        }),
        allow('sagemaker:CreateTrainingJob', { Resource: `${JOBS}*${team}*-*` }),
      ]),
    ),
  ],
  'eight StringLike statements': [
    MAKER,
    documentOf(
      ...'abcdefgh'.split('').map((letter, at) =>
        allow('iam:PassRole', {
          Resource: `${ROLES}*${letter}*${letter}*${at}*`,
          Condition: { StringLike: { [PASSED_TO]: `*${letter}*e*${letter}*.*a*${at}*` } },
        }),
      ),
    ),
  ],
  'junk patterns beside an Allow of everything': [
    MAKER,
    documentOf(allow('iam:PassRole', { Resource: '*' })),
    documentOf(allow('iam:PassRole', { Resource: junkOf(ROLES) })),
    documentOf(allow('sagemaker:CreateTrainingJob', { Resource: junkOf(JOBS) })),
  ],
  'junk patterns as Deny': [
    MAKER,
    documentOf(
      allow('iam:PassRole', { Resource: '*' }),
      allow('sagemaker:CreateTrainingJob', { Resource: '*' }),
    ),
    documentOf({ Effect: 'Deny', Action: 'iam:PassRole', Resource: junkOf(ROLES) }),
    documentOf({ Effect: 'Deny', Action: 'sagemaker:CreateTrainingJob', Resource: junkOf(JOBS) }),
  ],
  ...tenPolicies('iam:PassRole', ROLES),
  ...tenPolicies('sagemaker:CreateTrainingJob', JOBS),
});

const tenPolicies = (action: string, beginning: string): Record<string, Document[]> =>
  Object.fromEntries(
    Object.entries(hostilePolicies({ action, beginning, key: PASSED_TO })).map(([name, documents]) => [
      `${name} (${action})`,
      [MAKER, ...documents.slice(0, 9)],
    ]),
  );

/** Ten policies about the objects of buckets, each with one pattern of nothing but question marks and stars. */
export const starsOfObjects = (): Document[] => {
  const target = { action: 's3:*', beginning: 'arn:aws:s3:::', key: 's3:prefix' };
  return hostilePolicies(target)['one pattern of nothing but stars and question marks'] ?? [];
};

/** So many roles, each with ten policies of stars. */
export const manyHostileRoles = (count: number): Record<string, Document[]> => {
  const all = Object.values(hostileRoles());
  return Object.fromEntries(Array.from({ length: count }, (_, at) => [`r${at}`, all[at % all.length] ?? []]));
};
