import fc from 'fast-check';
import type { Config } from '../../shared/config/schema.ts';
import type { Status } from '../../shared/domain/finding.ts';
import { accountEvidence } from '../../shared/facts/account-evidence.ts';
import { asList, isObject, type Json, type JsonObject } from '../../shared/json/json.ts';
import { once } from '../../shared/memo.ts';
import type { Need, NeedKind } from '../../shared/needs/need.ts';
import { memoryReader } from '../support/builders/memory-reader.ts';
import { fits, isAllowed, isTrusted, type Known, type Policies } from './oracle.ts';
import { verdictsOn } from './subjects.ts';
import { listOf } from './vocabulary.ts';

/** A request, by what is stated of it; of all other keys nothing is known. */
type Asked = { action: string; resource: string; stated: Record<string, readonly string[] | null> };

/**
 * What a control says of a whole set of requests, held against each request of a small set, decided one by one by another
 * engine. One that is allowed whatever is not known of it is `sure`; one that is allowed in some of these cases is `may be`.
 */
export type Question = {
  control: string;
  config: Config;
  /** Statements of the principal's policies that all cases have. */
  always: readonly JsonObject[];
  actions: readonly string[];
  /** Resources in patterns, each with `@` for a name. */
  resources: readonly string[];
  conditions: readonly (readonly [operator: string, key: string, value: string])[];
  /** Requests that must not be allowed. */
  wrong: (policies: Policies) => Iterable<Asked>;
  /** Requests of which all, or any, must be allowed: else that is a breach too. */
  needed?: { of: 'all' | 'any'; requests: readonly Asked[] };
  /** The trust policy is made at random, and not the policies. */
  isTrust?: true;
  /** What a pipeline that runs under the principal asks of it must be allowed too. */
  needs?: NeedKind;
};

const ACCOUNT = '111122223333';
const ARN = `arn:aws:iam::${ACCOUNT}:role/someone`;
const ROLE = `arn:aws:iam::${ACCOUNT}:role/`;
const TEAM = '${aws:PrincipalTag/team}';
const OWNING = '${aws:ResourceAccount}';
const SAGEMAKER = `arn:aws:sagemaker:eu-west-1:${ACCOUNT}:`;

/** All texts of up to so many of these letters. */
const textsOf = (letters: string, longest: number): string[] => {
  const all: string[][] = [['']];
  for (let length = 1; length <= longest; length++)
    all.push((all[length - 1] ?? []).flatMap((text) => [...letters].map((letter) => text + letter)));
  return all.slice(1).flat();
};

const NAMES = textsOf('abx', 4);
/** Names of jobs of the letters that patterns are made of; the longest have two letters alone. */
const JOB_NAMES = [...new Set([...textsOf('ab-', 5), ...textsOf('abx-', 4)])].filter((name) =>
  /^[abx](-*[abx])*$/.test(name),
);

const valuesOf = ({ identity, boundary, scps = [] }: Policies, wanted: string): string[] => {
  const documents = [...identity, ...(boundary ? [boundary] : []), ...scps.flat()];
  const found = documents.flatMap(({ Statement }) =>
    asList(Statement).flatMap((statement) =>
      Object.values(isObject(statement) && isObject(statement.Condition) ? statement.Condition : {}).flatMap(
        (keys) =>
          Object.entries(isObject(keys) ? keys : {}).flatMap(([key, values]) =>
            key.toLowerCase() === wanted.toLowerCase() ? asList(values).map(String) : [],
          ),
      ),
    ),
  );
  return [
    ...new Set(
      found.flatMap((text) =>
        text.includes('${') ? [] : [text.replaceAll('*', ''), text.replaceAll('*', 'x')],
      ),
    ),
  ];
};

const SERVICE = 'iam:PassedToService';

const passRole: Question = {
  control: 'pass-role-scoped',
  config: { version: 1, roles: { creators: [ARN], execution: [`${ROLE}a*`] } },
  always: [{ Effect: 'Allow', Action: 'sagemaker:CreatePipeline', Resource: '*' }],
  actions: ['iam:PassRole', 'iam:Pass*', 'IAM:passrole'],
  resources: ['*', `${ROLE}@`, `${ROLE}@`, `${ROLE}@`, `arn:aws:iam::*:role/@`, `${ROLE}${TEAM}@`],
  conditions: [
    ['StringEquals', SERVICE, 'sagemaker.amazonaws.com'],
    ['StringEquals', SERVICE, 'sagemaker.amazonaws.com'],
    ['StringEquals', SERVICE, 'lambda.amazonaws.com'],
    ['StringNotEquals', SERVICE, 'lambda.amazonaws.com'],
    ['StringLike', SERVICE, 's*'],
    ['StringNotLike', SERVICE, '*.amazonaws.com'],
    ['StringEqualsIfExists', SERVICE, 'sagemaker.amazonaws.com'],
    ['Null', SERVICE, 'true'],
    ['Bool', SERVICE, 'true'],
    ['StringEquals', 'aws:PrincipalTag/team', 'a'],
    ['StringEquals', 'aws:SourceVpc', 'vpc-1'],
    ['StringNotEquals', 'aws:SourceVpc', 'vpc-1'],
    ['Null', 'aws:SourceVpc', 'false'],
    ['StringEquals', 'aws:PrincipalAccount', ACCOUNT],
    ['StringNotEquals', 'aws:ResourceAccount', ACCOUNT],
    ['NumericLessThan', 'aws:MultiFactorAuthAge', '10'],
    ['NumericGreaterThanEquals', 'aws:MultiFactorAuthAge', '10'],
  ],
  *wrong() {
    // A service that a policy names, and that can assume no role here, is nobody's concern; nor are roles that are not
    // authorised and go to services other than SageMaker.
    const services = [null, 'sagemaker.amazonaws.com', 'other.amazonaws.com'];
    for (const name of NAMES)
      for (const service of services)
        if (service === null || (service === 'sagemaker.amazonaws.com') !== name.startsWith('a'))
          yield {
            action: 'iam:PassRole',
            resource: `${ROLE}${name}`,
            stated: { [SERVICE]: service === null ? null : [service] },
          };
  },
};

const VERSION = 'sagemaker:PipelineVersionId';

const versionFloor: Question = {
  control: 'version-floor-enforced',
  config: { version: 1, versionFloors: [{ pipeline: 'a*', minimum: 4 }] },
  always: [{ Effect: 'Allow', Action: 'sagemaker:ListPipelines', Resource: '*' }],
  actions: [
    'sagemaker:StartPipelineExecution',
    'sagemaker:UpdatePipelineVersion',
    'sagemaker:Start*',
    'sagemaker:*Version',
  ],
  resources: [
    '*',
    `${SAGEMAKER}pipeline/@`,
    `${SAGEMAKER}pipeline/@`,
    `arn:aws:sagemaker:*:*:pipeline/@`,
    `${SAGEMAKER}*/@`,
  ],
  conditions: [
    ...(
      [
        'NumericGreaterThanEquals',
        'NumericGreaterThanEquals',
        'NumericGreaterThan',
        'NumericLessThan',
        'NumericLessThanEquals',
        'NumericEquals',
        'NumericNotEquals',
        'StringEquals',
        'StringNotEquals',
        'NumericGreaterThanEqualsIfExists',
      ] as const
    ).flatMap((operator) => ['2', '4', '5'].map((value) => [operator, VERSION, value] as const)),
    ['StringLike', VERSION, '1*'],
    ['StringNotLike', VERSION, '?'],
    ['Null', VERSION, 'true'],
    ['Null', VERSION, 'false'],
    ['StringEquals', 'aws:RequestedRegion', 'eu-west-1'],
    ['StringNotEquals', 'aws:RequestedRegion', 'eu-west-1'],
    ['StringEquals', 'aws:SourceVpc', 'vpc-1'],
    ['StringEquals', 'aws:PrincipalTag/team', 'a'],
  ],
  *wrong() {
    for (const action of ['sagemaker:StartPipelineExecution', 'sagemaker:UpdatePipelineVersion'])
      for (const name of JOB_NAMES.filter((each) => each.startsWith('a')))
        for (const version of [null, '1', '2', '3'])
          yield {
            action,
            resource: `${SAGEMAKER}pipeline/${name}`,
            stated: { [VERSION]: version === null ? null : [version], 'aws:RequestedRegion': ['eu-west-1'] },
          };
  },
};

const prefixPolicy: Question = {
  control: 'prefix-policy-enforced',
  config: { version: 1, prefixes: [{ prefix: 'a', stepTypes: ['Training'], roles: [ARN] }] },
  always: [
    { Effect: 'Allow', Action: 'sagemaker:CreateTrainingJob', Resource: `${SAGEMAKER}training-job/a-*` },
  ],
  actions: ['sagemaker:CreateTrainingJob', 'sagemaker:CreateTraining*', 'sagemaker:CreateTrainingJob'],
  resources: [
    `${SAGEMAKER}training-job/@`,
    `${SAGEMAKER}training-job/@`,
    `${SAGEMAKER}*/@`,
    `arn:aws:sagemaker:*:*:training-job/@`,
    `${SAGEMAKER}training-job/${TEAM}-@`,
    `arn:aws:sagemaker:*:${OWNING}:training-job/@`,
  ],
  conditions: [
    ['StringEquals', 'aws:RequestedRegion', 'eu-west-1'],
    ['StringEquals', 'aws:PrincipalTag/team', 'a'],
    ['StringNotEquals', 'aws:PrincipalTag/team', 'b'],
    ['StringEquals', 'aws:SourceVpc', 'vpc-1'],
    ['StringNotEquals', 'aws:SourceVpc', 'vpc-1'],
    ['Null', 'aws:SourceVpc', 'true'],
    ['Bool', 'aws:MultiFactorAuthPresent', 'true'],
    ['BoolIfExists', 'aws:MultiFactorAuthPresent', 'false'],
    ['IpAddress', 'aws:SourceIp', '10.0.0.0/8'],
    ['NotIpAddress', 'aws:SourceIp', '10.0.0.0/8'],
  ],
  *wrong() {
    for (const name of JOB_NAMES.filter((each) => !each.startsWith('a-')))
      yield {
        action: 'sagemaker:CreateTrainingJob',
        resource: `${SAGEMAKER}training-job/${name}`,
        stated: { 'aws:RequestedRegion': ['eu-west-1'] },
      };
  },
  needed: {
    of: 'all',
    requests: JOB_NAMES.filter((name) => name.startsWith('a-')).map((name) => ({
      action: 'sagemaker:CreateTrainingJob',
      resource: `${SAGEMAKER}training-job/${name}`,
      stated: { 'aws:RequestedRegion': ['eu-west-1'] },
    })),
  },
};

const exceptionTag: Question = {
  control: 'scp-exception-protected',
  config: { version: 1, scpException: { tagKey: 'net', tagValue: 'on', taggers: [] } },
  always: [{ Effect: 'Allow', Action: 'iam:ListRoles', Resource: '*' }],
  actions: ['iam:TagRole', 'iam:CreateRole', 'iam:Tag*', 'iam:TagRole'],
  resources: ['*', `${ROLE}@`, `${ROLE}@`, `arn:aws:iam::*:role/@`],
  conditions: [
    ['StringEquals', 'aws:RequestTag/net', 'on'],
    ['StringNotEquals', 'aws:RequestTag/net', 'on'],
    ['Null', 'aws:RequestTag/net', 'true'],
    ['StringLike', 'aws:RequestTag/net', 'o*'],
    ['ForAnyValue:StringEquals', 'aws:TagKeys', 'net'],
    ['ForAllValues:StringEquals', 'aws:TagKeys', 'net'],
    ['ForAllValues:StringNotEquals', 'aws:TagKeys', 'net'],
    ['ForAnyValue:StringNotEquals', 'aws:TagKeys', 'net'],
    ['ForAllValues:StringEquals', 'aws:TagKeys', 'team'],
    ['ForAnyValue:StringLike', 'aws:TagKeys', 'n*'],
    ['StringEquals', 'aws:PrincipalTag/team', 'a'],
    ['StringEquals', 'aws:SourceVpc', 'vpc-1'],
    ['StringNotEquals', 'aws:SourceVpc', 'vpc-1'],
  ],
  *wrong(policies) {
    const others = [...valuesOf(policies, 'aws:TagKeys'), 'other'].filter(
      (key) => key !== 'net' && key !== '',
    );
    // A guard of an SCP in one spelling is told of the organization.
    const isGuarded = /:StringEquals"/.test(JSON.stringify(policies.scps ?? []));
    const spellings = isGuarded ? ['net'] : ['net', 'NET', 'neT'];
    const requested = spellings.flatMap((net) => [[net], ...others.map((key) => [net, key])]);
    const users = { action: 'iam:TagUser', resource: `arn:aws:iam::${ACCOUNT}:user/x` };
    for (const keys of requested)
      yield { ...users, stated: { 'aws:TagKeys': keys, 'aws:RequestTag/net': ['on'] } };
    for (const action of ['iam:TagRole', 'iam:CreateRole'])
      for (const name of NAMES.slice(0, 39))
        for (const keys of requested)
          yield {
            action,
            resource: `${ROLE}${name}`,
            stated: { 'aws:TagKeys': keys, 'aws:RequestTag/net': ['on'] },
          };
  },
};

const OWNER = 'aws:SourceAccount';

const trust: Question = {
  control: 'execution-role-trust',
  config: { version: 1, roles: { execution: [ARN] } },
  always: [
    {
      Effect: 'Allow',
      Principal: { Service: 'sagemaker.amazonaws.com' },
      Action: 'sts:AssumeRole',
      Condition: { StringEquals: { [OWNER]: ACCOUNT } },
    },
  ],
  actions: ['sts:AssumeRole', 'sts:Assume*'],
  resources: [],
  conditions: [
    ['StringEquals', OWNER, ACCOUNT],
    ['StringEquals', OWNER, '444455556666'],
    ['StringNotEquals', OWNER, ACCOUNT],
    ['StringLike', OWNER, '1111*'],
    ['StringLike', OWNER, '*'],
    ['StringNotLike', OWNER, '4*'],
    ['Bool', OWNER, 'true'],
    ['Null', OWNER, 'false'],
    ['StringEqualsIfExists', OWNER, ACCOUNT],
    ['ArnLike', 'aws:SourceArn', `arn:aws:sagemaker:*:${ACCOUNT}:*`],
    ['ArnLike', 'aws:SourceArn', 'arn:aws:sagemaker:*:444455556666:*'],
    ['StringLike', 'aws:SourceArn', '*:pipeline/*'],
    ['ArnNotLike', 'aws:SourceArn', `arn:aws:sagemaker:*:${ACCOUNT}:*`],
    ['StringEquals', 'aws:SourceOrgID', 'o-1'],
  ],
  *wrong() {
    for (const account of ['444455556666', '555566667777', '111100000000'])
      for (const kind of ['pipeline/x', 'training-job/x'])
        yield {
          action: 'sts:AssumeRole',
          resource: ARN,
          stated: { [OWNER]: [account], 'aws:SourceArn': [`arn:aws:sagemaker:eu-west-1:${account}:${kind}`] },
        };
  },
  needed: {
    of: 'any',
    requests: ['pipeline/x', 'training-job/x'].map((kind) => ({
      action: 'sts:AssumeRole',
      resource: ARN,
      stated: { [OWNER]: [ACCOUNT], 'aws:SourceArn': [`arn:aws:sagemaker:eu-west-1:${ACCOUNT}:${kind}`] },
    })),
  },
  isTrust: true,
};

const DATA = 'arn:aws:s3:::abab/';

/** A pipeline with one training step, which runs under the principal itself. */
const PIPELINE = {
  name: 'p',
  arn: `${SAGEMAKER}pipeline/p`,
  roleArn: ARN,
  definitionText: JSON.stringify({
    Version: '2020-12-01',
    Steps: [
      {
        Name: 'Train',
        Type: 'Training',
        Arguments: {
          TrainingJobName: 'a',
          RoleArn: ARN,
          AlgorithmSpecification: { TrainingImage: 'image', TrainingInputMode: 'File' },
          InputDataConfig: [
            {
              ChannelName: 'train',
              DataSource: { S3DataSource: { S3DataType: 'S3Prefix', S3Uri: 's3://abab/a' } },
            },
          ],
          OutputDataConfig: { S3OutputPath: 's3://abab/b' },
          ResourceConfig: { InstanceType: 'ml.m5.xlarge', InstanceCount: 1, VolumeSizeInGB: 30 },
          StoppingCondition: { MaxRuntimeInSeconds: 3600 },
        },
      },
    ],
  }),
};

const UNKNOWN_KEYS: Question['conditions'] = [
  ['StringEquals', 'aws:SourceVpc', 'vpc-1'],
  ['StringNotEquals', 'aws:SourceVpc', 'vpc-1'],
  ['Null', 'aws:SourceVpc', 'true'],
  ['StringEquals', 'aws:RequestedRegion', 'eu-west-1'],
  ['StringNotEquals', 'aws:RequestedRegion', 'eu-west-1'],
  ['Bool', 'aws:MultiFactorAuthPresent', 'true'],
  ['BoolIfExists', 'aws:MultiFactorAuthPresent', 'false'],
  ['Bool', 'aws:SecureTransport', 'true'],
  ['Bool', 'aws:SecureTransport', 'false'],
  ['StringEquals', 'aws:PrincipalTag/team', 'a'],
  ['StringEquals', SERVICE, 'sagemaker.amazonaws.com'],
  ['StringNotEquals', SERVICE, 'sagemaker.amazonaws.com'],
];

const needsOf = (
  control: string,
  needs: NeedKind,
  of: Pick<Question, 'always' | 'actions' | 'resources'>,
): Question => ({
  control,
  needs,
  ...of,
  config: { version: 1 },
  conditions: UNKNOWN_KEYS,
  wrong: () => [],
});

const jobPermissions = needsOf('execution-role-job-permissions', 'job', {
  always: [
    {
      Effect: 'Allow',
      Action: ['sagemaker:Describe*', 'sagemaker:Stop*', 'sagemaker:AddTags'],
      Resource: '*',
    },
    { Effect: 'Allow', Action: 'sagemaker:CreateTrainingJob', Resource: `${SAGEMAKER}training-job/a-*` },
  ],
  actions: ['sagemaker:CreateTrainingJob', 'sagemaker:Create*', 'sagemaker:DescribeTrainingJob'],
  resources: [
    `${SAGEMAKER}training-job/@`,
    `${SAGEMAKER}training-job/a-@`,
    `${SAGEMAKER}*/@`,
    'arn:aws:sagemaker:*:*:*/a@',
  ],
});

const stepRoles = needsOf('execution-role-passes-step-roles', 'pass-role', {
  always: [{ Effect: 'Allow', Action: 'iam:ListRoles', Resource: '*' }],
  actions: ['iam:PassRole', 'iam:Pass*'],
  resources: [ARN, `${ROLE}@`, `${ROLE}some@`, `${ROLE}*one`],
});

const stepData: Question = {
  ...needsOf('step-role-data-access', 'data', {
    always: [
      { Effect: 'Allow', Action: ['s3:ListBucket', 's3:GetBucket*'], Resource: '*' },
      {
        Effect: 'Allow',
        Action: ['s3:GetObject', 's3:PutObject', 's3:AbortMultipartUpload'],
        Resource: `${DATA}*`,
      },
    ],
    actions: ['s3:GetObject', 's3:PutObject', 's3:*Object', 's3:GetObject'],
    resources: [`${DATA}@`, `${DATA}a/@`, `${DATA}b/@`, `${DATA}b/a-@`, 'arn:aws:s3:::*'],
  }),
  // SCPs that keep requests to networks are another control's matter.
  conditions: UNKNOWN_KEYS.map(([operator, key, value]) =>
    key === 'aws:SourceVpc'
      ? (['StringEquals', 'aws:SourceOrgID', value] as const)
      : ([operator, key, value] as const),
  ),
};

const creators: Question = {
  ...needsOf('pass-role-allowed', 'pass-role', {
    always: [{ Effect: 'Allow', Action: 'iam:ListRoles', Resource: '*' }],
    actions: ['iam:PassRole', 'iam:Pass*'],
    resources: [ARN, `${ROLE}@`, `${ROLE}some@`, `${ROLE}*one`],
  }),
  // A creator may create the pipelines that the configuration names for it, whatever else its policies allow.
  config: { version: 1, roles: { creators: [{ roles: [ARN], pipelines: ['*'] }] } },
};

/** Every question. */
export const QUESTIONS: readonly Question[] = [
  passRole,
  versionFloor,
  prefixPolicy,
  exceptionTag,
  trust,
  jobPermissions,
  stepRoles,
  stepData,
  creators,
];

/** The policies of one case: statements for the principal's own, and for what limits it. */
export type Sets = {
  own: readonly JsonObject[];
  boundary: readonly JsonObject[];
  scp: readonly JsonObject[];
  team: string | undefined;
};

const conditionOf = ({ conditions }: Question): fc.Arbitrary<JsonObject> =>
  fc.array(fc.constantFrom(...conditions), { maxLength: 2 }).map((all) => {
    const made: Record<string, Record<string, Json>> = {};
    for (const [operator, key, value] of all) made[operator] = { ...made[operator], [key]: value };
    return made;
  });

const nameOf = fc
  .array(fc.constantFrom('a', 'b', 'x', '*', '*', '?', 'a-', '-'), { minLength: 1, maxLength: 4 })
  .map((parts) => parts.join(''));

const statementOf = (question: Question, effects: readonly string[]): fc.Arbitrary<JsonObject> =>
  fc
    .record({
      Effect: fc.constantFrom(...effects),
      actions: fc.uniqueArray(fc.constantFrom(...question.actions), { minLength: 1, maxLength: 2 }),
      resources: fc.uniqueArray(
        fc
          .tuple(fc.constantFrom(...question.resources, '*'), nameOf)
          .map(([resource, name]) => resource.replace('@', () => name)),
        { minLength: 1, maxLength: 3 },
      ),
      isNot: fc.constantFrom(false, false, false, false, true),
      condition: conditionOf(question),
    })
    .map(({ Effect, actions, resources, isNot, condition }) => ({
      Effect,
      ...(question.isTrust
        ? { Principal: { Service: 'sagemaker.amazonaws.com' } }
        : { [isNot ? 'NotResource' : 'Resource']: listOf(resources) }),
      Action: listOf(actions),
      ...(Object.keys(condition).length > 0 && { Condition: condition }),
    }));

/** Two to twelve statements in all. */
const setsFor = (question: Question): fc.Arbitrary<Sets> => {
  const own = statementOf(question, ['Allow', 'Allow', 'Deny']);
  const limit = statementOf(question, ['Allow', 'Deny', 'Deny']);
  const few = fc.oneof(
    { arbitrary: fc.constant<JsonObject[]>([]), weight: question.isTrust ? 1 : 4 },
    { arbitrary: fc.array(limit, { minLength: 1, maxLength: 3 }), weight: question.isTrust ? 0 : 1 },
  );
  return fc.record({
    own: fc.array(own, { minLength: 1, maxLength: 6, size: 'max' }),
    boundary: few,
    scp: few,
    team: fc.constantFrom('a', 'b', undefined),
  });
};

const FULL: JsonObject = { Effect: 'Allow', Action: '*', Resource: '*' };
const documentOf = (Statement: readonly JsonObject[]): JsonObject => ({
  Version: '2012-10-17',
  Statement: [...Statement],
});

/** What limits the principal: all but what is denied, or what is allowed and what all cases have. */
const layerOf = ({ always }: Question, statements: readonly JsonObject[]): JsonObject | undefined =>
  statements.length === 0
    ? undefined
    : documentOf([...(statements.some(({ Effect }) => Effect === 'Allow') ? always : [FULL]), ...statements]);

const verdictOf = async (question: Question, sets: Sets) => {
  const { own, team } = sets;
  const boundary = layerOf(question, sets.boundary);
  const scp = layerOf(question, sets.scp);
  const { reader } = memoryReader({
    identities: {
      RoleDetailList: [
        {
          RoleName: 'someone',
          Arn: ARN,
          RolePolicyList: [
            {
              PolicyName: 'own',
              PolicyDocument: documentOf(question.isTrust ? [FULL_LIST] : [...question.always, ...own]),
            },
          ],
          AssumeRolePolicyDocument: documentOf(question.isTrust ? [...question.always, ...own] : TRUSTED),
          Tags: team === undefined ? [] : [{ Key: 'team', Value: team }],
          ...(boundary && {
            PermissionsBoundary: { PermissionsBoundaryArn: `arn:aws:iam::${ACCOUNT}:policy/b` },
          }),
        },
      ],
      Policies: boundary
        ? [
            {
              Arn: `arn:aws:iam::${ACCOUNT}:policy/b`,
              PolicyVersionList: [{ IsDefaultVersion: true, Document: boundary }],
            },
          ]
        : [],
    },
    organization: {
      scps: scp ? [{ target: 'r-1', policies: [{ name: 'one', document: scp }] }] : [],
      rcps: [],
    },
    listing: question.needs ? [PIPELINE.name] : [],
    pipelines: { [PIPELINE.name]: PIPELINE },
    bucketPolicies: { abab: null },
  });
  const { config } = question;
  const evidence = accountEvidence(reader, config);
  const all = await verdictsOn(ARN, { reader, config, evidence });
  return all.find(({ control }) => control.id === question.control)?.verdict;
};

const FULL_LIST: JsonObject = { Effect: 'Allow', Action: 'sagemaker:ListPipelines', Resource: '*' };
const TRUSTED: readonly JsonObject[] = [
  {
    Effect: 'Allow',
    Principal: { Service: 'sagemaker.amazonaws.com' },
    Action: 'sts:AssumeRole',
    Condition: { StringEquals: { 'aws:SourceAccount': ACCOUNT } },
  },
];

/** Each way in which what is not stated of a request can be: absent, each value that is compared, or another. */
const contextsOf = (
  question: Question,
  sets: Sets,
  stated: Record<string, readonly string[] | null>,
): Known[] => {
  const known = new Map<string, readonly string[]>();
  const isService = question.isTrust === true;
  if (!isService) {
    known.set('aws:principalarn', [ARN]);
    known.set('aws:principalaccount', [ACCOUNT]);
    known.set('aws:resourceaccount', [ACCOUNT]);
    if (sets.team !== undefined) known.set('aws:principaltag/team', [sets.team]);
  }
  for (const [key, values] of Object.entries(stated)) if (values) known.set(key.toLowerCase(), values);
  const isTold = new Set([
    ...Object.keys(stated).map((key) => key.toLowerCase()),
    ...(isService
      ? []
      : ['aws:principaltag/team', 'aws:principalaccount', 'aws:resourceaccount', 'aws:principalarn']),
  ]);
  const text = JSON.stringify([sets.own, sets.boundary, sets.scp]).toLowerCase();
  const open = Object.entries(OPEN).filter(([key]) => text.includes(`"${key}"`) && !isTold.has(key));
  let contexts: Known[] = [known];
  for (const [key, values] of open)
    contexts = contexts.flatMap((context) =>
      [undefined, ...values].map((value) =>
        value === undefined ? context : new Map([...context, [key, [value]]]),
      ),
    );
  return contexts;
};

/** Keys that no question states, with a value for each way in which the conditions above can come out. */
const OPEN: Readonly<Record<string, readonly string[]>> = {
  'aws:sourcevpc': ['vpc-1', 'vpc-2'],
  'aws:multifactorauthage': ['5', '10'],
  'aws:multifactorauthpresent': ['true', 'false'],
  'aws:sourceip': ['10.1.1.1', '192.0.2.1'],
  'aws:requestedregion': ['eu-west-1', 'us-east-1'],
  'aws:sourceorgid': ['o-1', 'o-2'],
};

/** How certain something is, with the request that shows it. */
export type Truth = { is: 'sure' | 'may be' | 'no'; request?: string };

const policiesOf = (question: Question, sets: Sets): Policies => {
  const boundary = layerOf(question, sets.boundary);
  const scp = layerOf(question, sets.scp);
  return {
    identity: [documentOf([...question.always, ...sets.own])],
    ...(boundary && { boundary }),
    ...(scp && { scps: [[scp]] }),
  };
};

/** Whether a request is allowed: whatever else is so, in some cases, or never. */
const answerTo = (question: Question, sets: Sets, policies: Policies, asked: Asked): Truth['is'] => {
  const { action, resource, stated } = asked;
  const decisions = contextsOf(question, sets, stated).map((context) =>
    question.isTrust
      ? isTrusted(policies.identity[0] ?? {}, 'sagemaker.amazonaws.com', context)
      : isAllowed(policies, action, resource, context),
  );
  if (decisions.every(Boolean)) return 'sure';
  return decisions.some(Boolean) ? 'may be' : 'no';
};

const told = ({ action, resource, stated }: Asked): string =>
  `${action} on ${resource} with ${JSON.stringify(stated)}`;

/** The surest of what requests come to, and the first that shows it. */
const surest = (answers: Iterable<readonly [Truth['is'], Asked]>): Truth => {
  let open: string | undefined;
  for (const [is, asked] of answers) {
    if (is === 'sure') return { is, request: told(asked) };
    if (is === 'may be') open ??= told(asked);
  }
  return open === undefined ? { is: 'no' } : { is: 'may be', request: open };
};

const NEGATED: Readonly<Record<Truth['is'], Truth['is']>> = { sure: 'no', 'may be': 'may be', no: 'sure' };

/** Whether something is allowed that must not be. */
const wrongIn = (question: Question, sets: Sets): Truth => {
  const policies = policiesOf(question, sets);
  const answers = function* (): Generator<readonly [Truth['is'], Asked]> {
    for (const asked of question.wrong(policies)) yield [answerTo(question, sets, policies, asked), asked];
  };
  return surest(answers());
};

/** What the pipeline asks of the principal; the same in all cases. */
const needed = once(async () => {
  const { reader } = memoryReader({ listing: [PIPELINE.name], pipelines: { [PIPELINE.name]: PIPELINE } });
  const roster = await accountEvidence(reader, { version: 1 }).roster();
  return (roster.ok && roster.value.roles.get(ARN)?.needs) || [];
});

/** The names that stand for the star of a pattern: of a job, or of an object. */
const namesFor = (pattern: string): string[] =>
  pattern.includes(':s3:') ? [...textsOf('abx-', 4), 'a/b', 'b-1/x', 'x/model.tar.gz'] : TAILS;

/** What can follow a job's base name and dash. */
const TAILS = textsOf('abx-', 4).filter((name) => /[abx]$/.test(name));

/** Resources that the patterns of the case fit, the shortest and some longer ones. */
const textsIn = ({ own, boundary, scp }: Sets): string[] => {
  const texts = [...own, ...boundary, ...scp].flatMap(({ Resource, NotResource }) =>
    asList(Resource ?? NotResource).map(String),
  );
  return texts.flatMap((text) =>
    ['', 'x', 'a', 'a-', '-'].flatMap((star) =>
      ['a', 'x'].map((one) => text.replaceAll('*', star).replaceAll('?', one)),
    ),
  );
};

/** What is known of each request; SageMaker, which makes those under a role, has no second factor. */
const statedFor = ({ config }: Question): Asked['stated'] => ({
  'aws:SecureTransport': ['true'],
  'aws:RequestedRegion': ['eu-west-1'],
  ...(config.roles?.creators === undefined && { 'aws:MultiFactorAuthPresent': null }),
});

/** Whether something is refused that the pipeline needs; what does as well is as good. */
const unmetIn = async (question: Question, sets: Sets): Promise<Truth> => {
  const policies = policiesOf(question, sets);
  const unmet = (need: Pick<Need, 'action' | 'resource' | 'context'>): Truth => {
    const resources = need.resource.includes('*')
      ? [
          ...namesFor(need.resource).map((name) => need.resource.replaceAll('*', () => name)),
          ...textsIn(sets).filter((text) => fits(need.resource, text) && !/:sagemaker:.*-$/.test(text)),
        ]
      : [need.resource];
    const given = Object.entries(need.context ?? {}).map(([key, value]) => [key, [value]] as const);
    return surest(
      resources.map((resource) => {
        const asked = {
          action: need.action,
          resource,
          stated: { ...statedFor(question), ...Object.fromEntries(given) },
        };
        return [NEGATED[answerTo(question, sets, policies, asked)], asked] as const;
      }),
    );
  };
  const answers = (await needed())
    .filter(({ kind }) => kind === question.needs)
    .map(({ need }) => {
      const all = [need, ...(need.or ?? []).map((other) => ({ ...need, ...other }))].map(unmet);
      return all.find(({ is }) => is === 'no') ?? all.find(({ is }) => is === 'may be') ?? all[0];
    });
  return (
    answers.find((each) => each?.is === 'sure') ??
    answers.find((each) => each?.is === 'may be') ?? { is: 'no' }
  );
};

/** Whether something is refused that must be allowed. */
const missingIn = (question: Question, sets: Sets): Truth => {
  const policies = policiesOf(question, sets);
  const { of, requests } = question.needed ?? { of: 'all', requests: [] };
  const answers = requests.map((asked) => [answerTo(question, sets, policies, asked), asked] as const);
  if (of === 'all') return surest(answers.map(([is, asked]) => [NEGATED[is], asked] as const));
  const best = surest(answers);
  return { ...best, is: NEGATED[best.is] };
};

/** How a verdict stands to the truth. */
export type Compared = {
  kind: 'right' | 'hidden' | 'not shown' | 'imprecise';
  status: Status | 'nothing';
  wrong: Truth;
  missing: Truth;
  found: string;
};

/**
 * A breach that is there must not be passed over, nor one that may be there. A breach that is told must be one: where the
 * small set has none, the example that the verdict gives is tried. `imprecise`: not known to the product, though it is known.
 */
const compare = async (question: Question, sets: Sets): Promise<Compared> => {
  const verdict = await verdictOf(question, sets);
  const wrong = wrongIn(question, sets);
  const missing = question.needs ? await unmetIn(question, sets) : missingIn(question, sets);
  const status = verdict?.status ?? 'nothing';
  const found = verdict && 'evidence' in verdict ? verdict.evidence.map((each) => each.found).join('; ') : '';
  const as = (kind: Compared['kind']): Compared => ({ kind, status, wrong, missing, found });
  const example = (): Truth['is'] => exampleIn(question, sets, found);
  if (status === 'PASSED' || status === 'NOT_APPLICABLE' || status === 'nothing')
    return as(wrong.is === 'no' && missing.is === 'no' ? 'right' : 'hidden');
  if (status === 'NOT_AVAILABLE') {
    const isOpen = wrong.is === 'may be' || (wrong.is === 'no' && missing.is === 'may be');
    return as(isOpen || (wrong.is === 'no' && example() !== 'no') ? 'right' : 'imprecise');
  }
  const isBreach = wrong.is === 'sure' || missing.is === 'sure' || example() === 'sure';
  return as(isBreach ? 'right' : 'not shown');
};

/** How sure an example in the evidence is. */
const exampleIn = (question: Question, sets: Sets, found: string): Truth['is'] => {
  const policies = policiesOf(question, sets);
  const resources = [...found.matchAll(/arn:aws:(?:iam|sagemaker):[^\s,;)]*/g)].map(([arn]) => arn);
  const states = new Map(
    [...question.wrong(policies)].map((asked) => [`${asked.action} ${JSON.stringify(asked.stated)}`, asked]),
  );
  return surest(
    resources.flatMap((resource) =>
      [...states.values()].map((asked) => {
        const one = { ...asked, resource };
        return [answerTo(question, sets, policies, one), one] as const;
      }),
    ),
  ).is;
};

/** The case with the fewest statements that comes out the same. */
const smallest = async (question: Question, sets: Sets, kind: Compared['kind']): Promise<Sets> => {
  let least = sets;
  for (const part of ['own', 'boundary', 'scp'] as const)
    for (let at = sets[part].length - 1; at >= 0; at--) {
      const tried = { ...least, [part]: least[part].toSpliced(at, 1) };
      if ((await compare(question, tried)).kind === kind) least = tried;
    }
  return least;
};

/** What came of the cases of one question: how often each, and the first of each kind that is not right. */
export type SetsOutcome = { counts: Map<string, number>; examples: Map<string, string> };

/** Runs cases of a question by their numbers. */
export const runSets = async (
  question: Question,
  seed: number,
  numbers: Iterable<number>,
): Promise<SetsOutcome> => {
  const outcome: SetsOutcome = { counts: new Map(), examples: new Map() };
  const arbitrary = setsFor(question);
  for (const number of numbers) {
    const [sets] = fc.sample(arbitrary, { seed: (seed * 1_000_003 + number) | 0, numRuns: 1 });
    if (!sets) continue;
    const compared = await compare(question, sets);
    const key = `${compared.kind}: ${compared.status}, wrong: ${compared.wrong.is}, missing: ${compared.missing.is}`;
    outcome.counts.set(key, (outcome.counts.get(key) ?? 0) + 1);
    if (compared.kind === 'right' || outcome.examples.has(key)) continue;
    const least = await smallest(question, sets, compared.kind);
    const { wrong, missing, found } = await compare(question, least);
    outcome.examples.set(
      key,
      `CASE=${number} SEED=${seed} ${question.control} ${key}\n    ${JSON.stringify(least)}\n    ${[wrong, missing].flatMap(({ request }) => request ?? []).join('; ')}\n    ${found}`,
    );
  }
  return outcome;
};
