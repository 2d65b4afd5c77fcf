import type { Json, JsonObject } from '../../shared/json/json.ts';
import {
  type Account,
  type Document,
  type Principal,
  pipelineNamed,
  principalNamed,
  type Share,
  type Statement,
} from './account.ts';
import { CLUSTER_CHANGES } from './clusters.ts';

/** One thing that is broken in the base account, and exactly the controls that must report it. */
export type Mutation = {
  name: string;
  expects: readonly string[];
  change: (account: Account) => void;
  /** Changes files of the snapshot in place of the account: evidence that cannot be read. */
  files?: (files: Map<string, Json | string>) => void;
};

const A = '111122223333';
const role = (name: string) => `arn:aws:iam::${A}:role/${name}`;
const job = (type: string, name: string) => `arn:aws:sagemaker:eu-west-1:${A}:${type}/${name}`;
const listOf = <T>(value: T | T[] | undefined): T[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value];

const of = (account: Account, name: string): Principal => principalNamed(account, name);

const policy = (account: Account, name: string, policyName: string): Document => {
  const document = of(account, name).policies[policyName];
  if (!document) throw new Error(`${name} has no policy ${policyName}`);
  return document;
};

const add = (account: Account, name: string, ...statements: Statement[]): void => {
  of(account, name).policies.more = { Version: '2012-10-17', Statement: statements };
};

const statementWith = (document: Document, action: string): Statement => {
  const statement = document.Statement.find(({ Action }) => listOf(Action).includes(action));
  if (!statement) throw new Error(`nothing is about ${action}`);
  return statement;
};

type Place = { role: string; policy: string; expects: string };

/**
 * Nobody documents that a pipeline needs to stop its jobs, to read what a model consists of that it registers, or to decrypt
 * with the key of its model package, so that no role fails for the lack of it.
 */
const OPTIONAL = /^(?:sagemaker:Stop|s3:GetObject .*\/model\.tar\.gz$|kms:Decrypt )/;

/** One mutation for each action of each statement, which removes the action. */
const eachAction = (base: Account, { role: name, policy: of, expects }: Place): Mutation[] =>
  policy(base, name, of).Statement.flatMap((statement, index) =>
    listOf(statement.Action)
      .filter((action) => !OPTIONAL.test(`${action} ${listOf(statement.Resource)}`))
      .map(
        (action): Mutation => ({
          name: `${name} loses ${action} on ${listOf(statement.Resource)
            .join(', ')
            .replaceAll(/arn:aws:[a-z0-9-]*:[a-z0-9-]*:\d*:/g, '')}`,
          expects: [expects],
          change: (account) => {
            const changed = policy(account, name, of).Statement[index];
            if (changed) changed.Action = listOf(changed.Action).filter((each) => each !== action);
            prune(policy(account, name, of));
          },
        }),
      ),
  );

/** One mutation for each resource of each statement with several, which removes the resource. */
const eachResource = (base: Account, { role: name, policy: of, expects }: Place): Mutation[] =>
  policy(base, name, of).Statement.flatMap((statement, index) =>
    listOf(statement.Resource).map(
      (resource): Mutation => ({
        name: `${name} loses ${listOf(statement.Action)[0]} on ${resource.split(':').at(-1)}`,
        expects: [expects],
        change: (account) => {
          const changed = policy(account, name, of).Statement[index];
          if (changed)
            changed.Resource = listOf(changed.Resource).filter(
              (each) => !each.startsWith(resource.replace(/\/?\*$/, '')),
            );
          prune(policy(account, name, of));
        },
      }),
    ),
  );

const prune = (document: Document): void => {
  document.Statement = document.Statement.filter(
    ({ Action, Resource, NotAction }) =>
      (listOf(Action).length > 0 || NotAction !== undefined) &&
      (Resource === undefined || listOf(Resource).length > 0),
  );
  if (document.Statement.length === 0)
    document.Statement = [{ Effect: 'Allow', Action: 'sts:GetCallerIdentity', Resource: '*' }];
};

const step = (account: Account, pipeline: string, name: string): JsonObject => {
  const find = (list: Json[]): JsonObject | undefined => {
    for (const each of list as JsonObject[]) {
      if (each.Name === name) return each;
      const args = (each.Arguments ?? {}) as JsonObject;
      const inner = find([...((args.IfSteps as Json[]) ?? []), ...((args.ElseSteps as Json[]) ?? [])]);
      if (inner) return inner;
    }
    return undefined;
  };
  const found = find(pipelineNamed(account, pipeline).definition.Steps as Json[]);
  if (!found) throw new Error(`no step ${name} in ${pipeline}`);
  return found;
};

const args = (account: Account, pipeline: string, name: string): JsonObject =>
  step(account, pipeline, name).Arguments as JsonObject;

const scp = (account: Account): Statement => {
  const statement = account.scps.at(-1)?.policies.at(-1)?.Content.Statement[0];
  if (!statement) throw new Error('the account has no SCP');
  return statement;
};

/** Has the JsonGet of fraud read another file. */
const readUri = (account: Account, S3Uri: Json): void => {
  const [first] = args(account, 'fraud', 'GoodEnough').Conditions as JsonObject[];
  if (first) first.LeftValue = { 'Std:JsonGet': { S3Uri, Path: 'auc' } };
};

const joinOf = (...Values: Json[]): Json => ({ 'Std:Join': { On: '/', Values } });

/** What keeps the SCPs from the roles of jobs, which read from outside every network. */
const jobsExcepted = (account: Account): JsonObject => ({
  ArnNotLike: (scp(account).Condition?.ArnNotLike ?? {}) as JsonObject,
});

const passRole = (account: Account): Statement =>
  statementWith(policy(account, 'data-scientist', 'own'), 'iam:PassRole');
const start = (account: Account): Statement =>
  statementWith(policy(account, 'data-scientist', 'own'), 'sagemaker:StartPipelineExecution');

const PARTNER = '444455556666';
const ORGANIZATION = 'arn:aws:organizations::999988887777:organization/o-acme';
const UNIT_OF_ORGANIZATION = 'arn:aws:organizations::999988887777:ou/o-acme/ou-1abc-data';
const MAY_READ = 'AWSRAMDefaultPermissionSageMakerPipeline';

/** A share by which a partner may start a pipeline, with any of its values replaced. */
const shared = (over: Partial<Share> = {}): Share => ({
  id: '0a1b2c3d',
  pipelines: ['fraud'],
  principals: [{ id: PARTNER }],
  permissions: ['AWSRAMPermissionSageMakerPipelineAllowExecution'],
  ...over,
});

const simple = (control: string, cases: Record<string, (account: Account) => void>): Mutation[] =>
  changes([control], cases);

const changes = (expects: string[], cases: Record<string, (account: Account) => void>): Mutation[] =>
  Object.entries(cases).map(([name, change]) => ({
    name,
    expects: [...expects, ...(ALSO[name] ?? [])].toSorted(),
    change,
  }));

/** What else some of these break: whoever tags roles may then change what they may do, and so on. */
const ALSO: Readonly<Record<string, readonly string[]>> = {
  'a condition on a tag that the role lacks': ['execution-role-protected'],
  'fraud passes roles on a condition that never holds': ['execution-role-protected'],
  'the SCP excepts another tag': ['execution-role-protected'],
  'whatever is not S3': ['pipeline-access-scoped'],
  'the role of the instances is passed by the name of the profile': ['pass-role-scoped'],
  'no role is listed with the instance profile': ['execution-role-trust', 'step-role-authorised'],
};

const allow = (
  Action: string | string[],
  Resource: string | string[],
  Condition?: JsonObject,
): Statement => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...(Condition && { Condition }),
});
const deny = (Action: string | string[], Resource: string | string[], Condition?: JsonObject): Statement => ({
  ...allow(Action, Resource, Condition),
  Effect: 'Deny',
});
const TO_SAGEMAKER = { StringEquals: { 'iam:PassedToService': 'sagemaker.amazonaws.com' } };

const aboveFloor = (operation: string): JsonObject | undefined =>
  /^(?:Start|UpdatePipelineVersion)/.test(operation)
    ? { NumericGreaterThanEquals: { 'sagemaker:PipelineVersionId': 3 } }
    : undefined;

/** Lets another account, or everybody, call these on the bucket of the reports. */
const admit = (
  account: Account,
  Action: string | string[],
  below: string,
  AWS = 'arn:aws:iam::444455556666:root',
): void => {
  const bucket = account.buckets['acme-reports'];
  if (!bucket) throw new Error('the account has no bucket of reports');
  const Statement = bucket.policy?.Statement ?? [];
  bucket.policy = {
    Version: '2012-10-17',
    Statement: [...Statement, { ...allow(Action, `arn:aws:s3:::acme-reports${below}`), Principal: { AWS } }],
  };
};

const REPORTS = 'arn:aws:s3:::acme-reports';

/** Adds a statement to the policy of the bucket of the reports. */
const admitted = (account: Account, statement: Statement): void => {
  const bucket = account.buckets['acme-reports'];
  if (!bucket) throw new Error('the account has no bucket of reports');
  bucket.policy = { Version: '2012-10-17', Statement: [...(bucket.policy?.Statement ?? []), statement] };
};

/** Adds a step on a cluster that exists to fraud, which may do what such steps need. */
const onEmr = (account: Account, HadoopJarStep: JsonObject): void => {
  (pipelineNamed(account, 'fraud').definition.Steps as Json[]).push({
    Name: 'CrunchOnEmr',
    Type: 'EMR',
    Arguments: { ClusterId: 'j-1ABCDEFGHIJKL', StepConfig: { HadoopJarStep } },
  });
  const named = `arn:aws:elasticmapreduce:eu-west-1:${A}:cluster/j-1ABCDEFGHIJKL`;
  const calls = ['AddJobFlowSteps', 'DescribeStep', 'CancelSteps'].map((call) => `elasticmapreduce:${call}`);
  const rule = `arn:aws:events:eu-west-1:${A}:rule/SageMakerPipelineExecutionEMRStepStatusUpdateRule`;
  add(
    account,
    'fraud',
    allow(calls, named),
    allow(['events:PutRule', 'events:PutTargets', 'events:DescribeRule'], rule),
  );
};

/** A bucket that another account may write. */
const programs = (account: Account): void => {
  account.buckets['acme-programs'] = {
    policy: {
      Version: '2012-10-17',
      Statement: [{ ...allow('s3:PutObject', 'arn:aws:s3:::acme-programs/*'), Principal: { AWS: PARTNER } }],
    },
    cors: null,
    tags: {},
  };
};

/** Makes fraud the pipeline of one team, and the others those of another, whose creator reaches none of fraud. */
const apart = (account: Account): void => {
  account.config = {
    ...account.config,
    roles: {
      ...account.config.roles,
      creators: [
        role('data-scientist'),
        { roles: [role('fraud-ci')], pipelines: ['fraud'] },
        { roles: [role('others-ci')], pipelines: ['tune', 'vision'] },
      ],
    },
  };
};

/** Makes fraud the data scientist’s pipeline, and the others those of another team. */
const teams = (account: Account): void => {
  account.config = {
    ...account.config,
    roles: {
      ...account.config.roles,
      creators: [
        { roles: [role('data-scientist')], pipelines: ['fraud'] },
        { roles: [role('others-ci')], pipelines: ['tune', 'vision'] },
      ],
    },
  };
};

/** Has vision run under a new role, which passes the one before to its step. */
const newExecutionRole = (account: Account): string => {
  const copy = structuredClone(of(account, 'vision'));
  copy.arn = role('pipelines/vision-new');
  account.principals.push(copy);
  pipelineNamed(account, 'vision').roleArn = copy.arn;
  args(account, 'vision', 'Classify').RoleArn = role('pipelines/vision');
  statementWith(copy.policies['pass-role'] as Document, 'iam:PassRole').Resource = role('pipelines/vision');
  delete copy.policies.data;
  return copy.arn;
};

const TEAM_ALONE: JsonObject = { 'ForAllValues:StringEquals': { 'aws:TagKeys': ['team'] } };
/** The trust policy of a role that a service alone can assume. */
const trustIn = (service: string): Document => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' }],
});
const ADMINISTRATOR_ACCESS = 'arn:aws:iam::aws:policy/AdministratorAccess';
const BY_STACKS: JsonObject = {
  'ForAnyValue:StringEquals': { 'aws:CalledVia': ['cloudformation.amazonaws.com'] },
};

/** Lets the users of an identity provider assume the administrator. */
const trustProvider = (account: Account, provider: string, Action: string): void => {
  of(account, 'Admin').trust?.Statement.push({
    Effect: 'Allow',
    Principal: { Federated: `arn:aws:iam::${A}:${provider}` },
    Action,
  });
};

const DETAILS = 'iam/account-authorization-details.json';

/** A group of administrators, or of some users, as `fraud` may change groups by an action and make keys of users. */
const groups = (
  control: string,
  cases: Record<string, [action: string, users: readonly string[]]>,
): Mutation[] =>
  Object.entries(cases).map(([name, [action, users]]) => ({
    name,
    expects: [control],
    change: (account) => add(account, 'fraud', allow([action, 'iam:CreateAccessKey'], '*')),
    files: (files) => {
      const details = files.get(DETAILS) as Record<string, Json> & { UserDetailList: JsonObject[] };
      const group: JsonObject = {
        GroupName: 'people',
        Arn: `arn:aws:iam::${A}:group/people`,
        GroupPolicyList: [
          {
            PolicyName: 'own',
            PolicyDocument: {
              Version: '2012-10-17',
              Statement: [{ ...allow(users.length > 0 ? 's3:ListAllMyBuckets' : '*', '*') }],
            },
          },
        ],
        AttachedManagedPolicies: [],
      };
      files.set(DETAILS, {
        ...details,
        GroupDetailList: [group],
        UserDetailList: details.UserDetailList.map((user) =>
          users.includes(String(user.UserName)) ? { ...user, GroupList: ['people'] } : user,
        ),
      });
    },
  }));

/** Attaches a policy of the account’s own, of-NAME. */
const attach = (account: Account, name: string, ...statements: Statement[]): void => {
  const arn = `arn:aws:iam::${A}:policy/of-${name}`;
  account.managed[arn] = { Version: '2012-10-17', Statement: statements };
  of(account, name).managed.push(arn);
};

/** Sets a boundary that allows all that pipelines need, and of IAM no more than vision’s own role. */
const bound = (account: Account, name: string, tag?: string): void => {
  const arn = `arn:aws:iam::${A}:policy/boundary`;
  account.managed[arn] = {
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', NotAction: 'iam:*', Resource: '*' },
      allow('iam:PassRole', '*'),
      allow(['iam:PutRolePolicy', 'iam:DeleteRolePermissionsBoundary'], role(`pipelines/${name}`)),
      allow('iam:CreatePolicyVersion', arn),
      ...(tag === undefined
        ? []
        : [allow('s3:GetObject', `arn:aws:s3:::acme-\${aws:PrincipalTag/${tag}}/*`)]),
    ],
  };
  of(account, name).boundary = arn;
};

const trust = (account: Account, name: string): Statement => {
  const statement = of(account, name).trust?.Statement[0];
  if (!statement) throw new Error(`${name} has no trust policy`);
  return statement;
};

const bucketDeny = (account: Account, bucket: string, ...statements: Statement[]): void => {
  account.buckets[bucket]?.policy?.Statement.push(...statements);
};

/** All mutations. */
export const mutations = (base: Account): Mutation[] => [
  ...['fraud', 'tune', 'vision'].flatMap((name) => [
    ...eachAction(base, { role: name, policy: 'job', expects: 'execution-role-job-permissions' }),
  ]),
  ...simple('execution-role-job-permissions', {
    'fraud may create some training jobs under its name': (account) => {
      statementWith(policy(account, 'fraud', 'job'), 'sagemaker:CreateTrainingJob').Resource = job(
        'training-job',
        'fraud-train-a*',
      );
    },
    'fraud may create the one training job': (account) => {
      statementWith(policy(account, 'fraud', 'job'), 'sagemaker:CreateTrainingJob').Resource = job(
        'training-job',
        'fraud-train-1',
      );
    },
    'fraud’s training jobs are in another Region': (account) => {
      statementWith(policy(account, 'fraud', 'job'), 'sagemaker:CreateTrainingJob').Resource = job(
        'training-job',
        'fraud-train-*',
      ).replace('eu-west-1', 'us-east-1');
    },
    'a Deny takes fraud’s transform jobs': (account) =>
      add(account, 'fraud', deny('sagemaker:CreateTransformJob', '*')),
    'a Deny takes some of fraud’s transform jobs': (account) =>
      add(account, 'fraud', deny('sagemaker:CreateTransformJob', job('transform-job', 'fraud-score-a*'))),
    'a Deny on all but other job names': (account) =>
      add(account, 'fraud', {
        Effect: 'Deny',
        Action: 'sagemaker:CreateModel',
        NotResource: job('model', 'other-*'),
      }),
    'a boundary without SageMaker': (account) => {
      account.managed[`arn:aws:iam::${A}:policy/boundary`] = {
        Version: '2012-10-17',
        Statement: [allow(['iam:*', 's3:*', 'kms:*', 'lambda:*', 'sqs:*'], '*')],
      };
      of(account, 'fraud').boundary = `arn:aws:iam::${A}:policy/boundary`;
    },
    'an SCP denies to create models': (account) => {
      account.scps[0]?.policies.push({
        Name: 'no-models',
        Content: { Version: '2012-10-17', Statement: [deny('sagemaker:CreateModel', '*')] },
      });
    },
    'an SCP level allows all but Lambda': (account) => {
      const [first] = account.scps;
      if (first)
        first.policies = [
          {
            Name: 'some',
            Content: {
              Version: '2012-10-17',
              Statement: [{ Effect: 'Allow', NotAction: 'lambda:*', Resource: '*' }],
            },
          },
        ];
    },
    'a condition on a tag that the role lacks': (account) => {
      statementWith(policy(account, 'tune', 'job'), 'sagemaker:CreateHyperParameterTuningJob').Condition = {
        StringEquals: { 'aws:PrincipalTag/team': 'tune' },
      };
    },
    'the function of the Lambda step is another': (account) => {
      step(account, 'fraud', 'Tell').FunctionArn = `arn:aws:lambda:eu-west-1:${A}:function:other`;
    },
    'the queue of the Callback step is another': (account) => {
      step(account, 'fraud', 'Ask').SqsQueueUrl = `https://sqs.eu-west-1.amazonaws.com/${A}/other`;
    },
    'the step registers into another group': (account) => {
      args(account, 'fraud', 'Register').ModelPackageGroupName = 'other';
    },
    'fraud may create no job outside a VPC': (account) =>
      add(
        account,
        'fraud',
        deny('sagemaker:CreateProcessingJob', '*', { Null: { 'sagemaker:VpcSubnets': 'true' } }),
      ),
    'fraud may create no job without a tag': (account) =>
      add(
        account,
        'fraud',
        deny('sagemaker:CreateProcessingJob', '*', { Null: { 'aws:RequestTag/team': 'true' } }),
      ),
  }),
  ...['fraud', 'tune', 'vision'].flatMap((name) =>
    eachResource(base, { role: name, policy: 'pass-role', expects: 'execution-role-passes-step-roles' }),
  ),
  ...simple('execution-role-passes-step-roles', {
    'fraud passes roles on a condition that never holds': (account) => {
      for (const statement of policy(account, 'fraud', 'pass-role').Statement)
        statement.Condition = {
          StringEquals: { 'iam:PassedToService': 'sagemaker.amazonaws.com', 'aws:PrincipalTag/team': 'none' },
        };
    },
    'a Deny on fraud’s step roles': (account) =>
      add(account, 'fraud', deny('iam:PassRole', role('steps/fraud-eval'))),
    'vision may pass another role than its own': (account) => {
      statementWith(policy(account, 'vision', 'pass-role'), 'iam:PassRole').Resource =
        role('steps/fraud-train');
    },
  }),
  ...simple('json-get-access', {
    'fraud may read no file of JsonGet': (account) => {
      delete of(account, 'fraud').policies['json-get'];
    },
    'fraud may read another bucket': (account) => {
      statementWith(policy(account, 'fraud', 'json-get'), 's3:GetObject').Resource =
        'arn:aws:s3:::acme-report/*';
    },
    'fraud may read another folder': (account) => {
      statementWith(policy(account, 'fraud', 'json-get'), 's3:GetObject').Resource =
        'arn:aws:s3:::acme-reports/other/*';
    },
    'fraud may list the bucket only': (account) => {
      policy(account, 'fraud', 'json-get').Statement = [allow('s3:ListBucket', 'arn:aws:s3:::acme-reports')];
    },
    'the bucket’s policy denies the role': (account) =>
      bucketDeny(account, 'acme-reports', {
        ...deny('s3:GetObject', 'arn:aws:s3:::acme-reports/fraud/evaluation.json'),
        Principal: { AWS: role('pipelines/fraud') },
      }),
    'the bucket’s policy keeps the file to a VPC endpoint': (account) =>
      bucketDeny(account, 'acme-reports', {
        ...deny('s3:GetObject', 'arn:aws:s3:::acme-reports/fraud/evaluation.json', {
          StringNotEquals: { 'aws:SourceVpce': 'vpce-1' },
        }),
        Principal: '*',
      }),
    'the file is read from a bucket that nobody allows': (account) => {
      const conditions = args(account, 'fraud', 'GoodEnough').Conditions as JsonObject[];
      const [first] = conditions;
      account.buckets['acme-elsewhere'] = { policy: null, cors: null, tags: {} };
      if (first)
        first.LeftValue = { 'Std:JsonGet': { S3Uri: 's3://acme-elsewhere/report.json', Path: 'auc' } };
    },
    'a Deny by the organization on the file': (account) => {
      account.scps[0]?.policies.push({
        Name: 'no-reports',
        Content: {
          Version: '2012-10-17',
          Statement: [deny('s3:GetObject', 'arn:aws:s3:::acme-reports/fraud/evaluation.json')],
        },
      });
    },
  }),
  ...['fraud-prep', 'fraud-train', 'fraud-eval', 'fraud-serve', 'tune', 'vision'].flatMap((name) =>
    eachResource(base, { role: name, policy: 'data', expects: 'step-role-data-access' }),
  ),
  ...simple('step-role-data-access', {
    'the key’s policy does not let IAM decide': (account) => {
      for (const document of Object.values(account.keys))
        document.Statement = [{ ...allow('kms:*', '*'), Principal: { AWS: role('Admin') } }];
    },
    'the key’s policy denies the role': (account) => {
      for (const document of Object.values(account.keys))
        document.Statement.push({
          ...deny(['kms:GenerateDataKey', 'kms:Encrypt'], '*'),
          Principal: { AWS: role('steps/fraud-train') },
        });
    },
    'the bucket’s policy denies to write models': (account) =>
      bucketDeny(account, 'acme-models', {
        ...deny('s3:PutObject', 'arn:aws:s3:::acme-models/fraud/*'),
        Principal: '*',
      }),
    'a step reads from another folder': (account) => {
      const [first] = args(account, 'fraud', 'Prepare').ProcessingInputs as JsonObject[];
      if (first) (first.S3Input as JsonObject).S3Uri = 's3://acme-raw/other';
    },
    'a step writes to another folder': (account) => {
      (args(account, 'vision', 'Classify').OutputDataConfig as JsonObject).S3OutputPath =
        's3://acme-models/other';
    },
    'the transform’s model role may not write': (account) => {
      add(account, 'fraud-serve', deny('s3:PutObject', 'arn:aws:s3:::acme-reports/scores/*'));
    },
  }),
  ...simple('pass-role-allowed', {
    'the creator may not pass fraud’s role': (account) => {
      passRole(account).Resource = [role('pipelines/tune'), role('pipelines/vision')];
    },
    'the creator passes on a condition that never holds': (account) => {
      passRole(account).Condition = {
        StringEquals: { 'iam:PassedToService': 'sagemaker.amazonaws.com', 'aws:PrincipalTag/team': 'none' },
      };
    },
    'a Deny on the creator': (account) =>
      add(account, 'data-scientist', deny('iam:PassRole', role('pipelines/vision'))),
    'a boundary of the creator': (account) => {
      account.managed[`arn:aws:iam::${A}:policy/people`] = {
        Version: '2012-10-17',
        Statement: [allow('sagemaker:*', '*')],
      };
      of(account, 'data-scientist').boundary = `arn:aws:iam::${A}:policy/people`;
    },
    'a pipeline gets an execution role that the creator may not pass': (account) => {
      account.config.roles?.execution?.push(newExecutionRole(account));
    },
  }),
  ...simple('pass-role-scoped', {
    'the creator may pass any role': (account) => {
      passRole(account).Resource = '*';
    },
    'the creator may pass any role of the account': (account) => {
      passRole(account).Resource = `arn:aws:iam::${A}:role/*`;
    },
    'the creator may pass roles by a path': (account) => {
      passRole(account).Resource = role('pipelines/*');
    },
    'a second statement passes any role': (account) =>
      add(account, 'data-scientist', allow('iam:PassRole', '*', TO_SAGEMAKER)),
    'a wildcard in the action passes any role': (account) =>
      add(account, 'data-scientist', allow('iam:Pass*', '*')),
    'the creator may pass all but one role': (account) => {
      add(account, 'data-scientist', { Effect: 'Allow', Action: 'iam:PassRole', NotResource: role('Admin') });
    },
    'the creator passes to any service': (account) => {
      passRole(account).Resource = role('pipelines/*');
      delete passRole(account).Condition;
    },
    'the creator passes an administrator’s role to CloudFormation, and makes stacks': (account) => {
      of(account, 'Admin').trust = trustIn('cloudformation.amazonaws.com');
      add(
        account,
        'data-scientist',
        allow('iam:PassRole', role('Admin')),
        allow('cloudformation:CreateStack', '*'),
      );
    },
    'the creator may assume a role that deploys under an administrator’s': (account) => {
      of(account, 'Admin').trust = trustIn('cloudformation.amazonaws.com');
      add(
        account,
        'etl',
        allow('iam:PassRole', role('Admin')),
        allow(['cloudformation:CreateChangeSet', 'cloudformation:ExecuteChangeSet'], '*'),
      );
      add(account, 'data-scientist', allow('sts:AssumeRole', role('etl')));
    },
    'the creator passes any role through stacks that it makes': (account) => {
      of(account, 'Admin').trust = trustIn('sagemaker.amazonaws.com');
      add(
        account,
        'data-scientist',
        allow('cloudformation:CreateStack', '*'),
        allow('iam:PassRole', role('Admin'), {
          'ForAnyValue:StringEquals': { 'aws:CalledVia': 'cloudformation.amazonaws.com' },
        }),
      );
    },
    'the creator passes to whatever begins with s': (account) => {
      passRole(account).Resource = role('pipelines/*');
      passRole(account).Condition = { StringLike: { 'iam:PassedToService': 's*' } };
    },
    'the creator passes to all but Lambda': (account) => {
      passRole(account).Resource = role('pipelines/*');
      passRole(account).Condition = { StringNotEquals: { 'iam:PassedToService': 'lambda.amazonaws.com' } };
    },
    'another role may create jobs and pass any role': (account) =>
      add(account, 'etl', allow('sagemaker:CreateTrainingJob', '*'), allow('iam:PassRole', '*')),
    'a user may create pipelines and pass an unlisted role': (account) =>
      add(
        account,
        'ana',
        allow('sagemaker:CreatePipeline', '*'),
        allow('iam:PassRole', role('unlisted'), TO_SAGEMAKER),
      ),
    'an execution role may pass any role': (account) =>
      add(account, 'fraud', allow('iam:PassRole', '*', TO_SAGEMAKER)),
    'the creator is an administrator': (account) => {
      of(account, 'data-scientist').managed.push('arn:aws:iam::aws:policy/AdministratorAccess');
    },
    'the creator may write any role’s policies': (account) =>
      add(account, 'data-scientist', allow('iam:PutRolePolicy', '*')),
  }),
  ...simple('execution-role-administrator', {
    'an execution role is an administrator': (account) => {
      of(account, 'vision').managed.push(ADMINISTRATOR_ACCESS);
    },
    'a step role is an administrator': (account) => {
      of(account, 'fraud-eval').managed.push(ADMINISTRATOR_ACCESS);
    },
    'an execution role has all of IAM': (account) => attach(account, 'tune', allow('iam:*', '*')),
    'an execution role has all but S3': (account) =>
      add(account, 'fraud', { Effect: 'Allow', NotAction: 's3:*', Resource: '*' }),
    'fraud may write its own policies': (account) =>
      add(account, 'fraud', allow('iam:PutRolePolicy', role('pipelines/fraud'))),
    'a step role may attach policies to itself': (account) =>
      add(account, 'fraud-train', allow('iam:AttachRolePolicy', role('steps/fraud-train'))),
    'fraud may attach AdministratorAccess alone to itself': (account) =>
      add(
        account,
        'fraud',
        allow('iam:AttachRolePolicy', role('pipelines/fraud'), {
          ArnEquals: { 'iam:PolicyARN': ADMINISTRATOR_ACCESS },
        }),
      ),
    'vision may write its own policies and lift its boundary': (account) => {
      bound(account, 'vision');
      add(
        account,
        'vision',
        allow(['iam:PutRolePolicy', 'iam:DeleteRolePermissionsBoundary'], role('pipelines/vision')),
      );
    },
    'vision may write its own policies and its boundary': (account) => {
      bound(account, 'vision');
      add(
        account,
        'vision',
        allow('iam:PutRolePolicy', role('pipelines/vision')),
        allow('iam:CreatePolicyVersion', `arn:aws:iam::${A}:policy/boundary`),
      );
    },
    'fraud may write a version of a policy that it has': (account) =>
      attach(account, 'fraud', allow('iam:CreatePolicyVersion', `arn:aws:iam::${A}:policy/of-fraud`)),
    'fraud may assume the administrator': (account) =>
      add(account, 'fraud', allow('sts:AssumeRole', role('Admin'))),
    'fraud may assume any role': (account) => add(account, 'fraud', allow('sts:*', '*')),
    'the administrator trusts a step role by name': (account) => {
      of(account, 'Admin').trust?.Statement.push({
        Effect: 'Allow',
        Principal: { AWS: role('steps/fraud-prep') },
        Action: 'sts:AssumeRole',
      });
    },
    'fraud may change whom the administrator trusts': (account) =>
      add(account, 'fraud', allow('iam:UpdateAssumeRolePolicy', role('Adm*'))),
    'fraud may change and assume another role': (account) =>
      add(account, 'fraud', allow(['iam:PutRolePolicy', 'sts:AssumeRole'], role('etl'))),
    'fraud assumes a role that assumes the administrator': (account) => {
      add(account, 'etl', allow('sts:AssumeRole', role('Admin')));
      add(account, 'fraud', allow('sts:AssumeRole', role('etl')));
    },
    'fraud may make keys of an administrator': (account) => {
      of(account, 'ana').managed.push(ADMINISTRATOR_ACCESS);
      add(account, 'fraud', allow('iam:CreateAccessKey', `arn:aws:iam::${A}:user/*`));
    },
    'fraud may set the password of an administrator': (account) => {
      of(account, 'ana').managed.push(ADMINISTRATOR_ACCESS);
      add(account, 'fraud', allow('iam:UpdateLoginProfile', `arn:aws:iam::${A}:user/ana`));
    },
    'fraud may write policies by stacks, and make stacks': (account) =>
      add(
        account,
        'fraud',
        allow('iam:PutRolePolicy', '*', BY_STACKS),
        allow('cloudformation:CreateStack', '*'),
      ),
    'fraud may make roles from templates': (account) => add(account, 'fraud', allow('iam:AcquireRole', '*')),
    'fraud may make keys of a user who writes her own policies': (account) => {
      add(account, 'ana', allow('iam:PutUserPolicy', `arn:aws:iam::${A}:user/ana`));
      add(account, 'fraud', allow('iam:CreateAccessKey', `arn:aws:iam::${A}:user/*`));
    },
    'fraud may lift the boundary of a user, write her policies and set her password': (account) => {
      account.managed[`arn:aws:iam::${A}:policy/boundary`] = {
        Version: '2012-10-17',
        Statement: [allow('s3:*', '*')],
      };
      of(account, 'ana').boundary = `arn:aws:iam::${A}:policy/boundary`;
      add(
        account,
        'fraud',
        allow(['iam:PutUserPolicy', 'iam:DeleteUserPermissionsBoundary', 'iam:CreateLoginProfile'], '*'),
      );
    },
    'fraud may replace the code of functions, some of which may run under the administrator’s role': (
      account,
    ) => {
      of(account, 'Admin').trust = trustIn('lambda.amazonaws.com');
      add(account, 'fraud', allow('lambda:UpdateFunctionCode', '*'));
    },
    'a step role may update stacks, some of which may be deployed under the administrator’s role': (
      account,
    ) => {
      of(account, 'Admin').trust = trustIn('cloudformation.amazonaws.com');
      add(account, 'fraud-train', allow('cloudformation:UpdateStack', '*'));
    },
    'a step role starts builds, some of which may run under a role that assumes the administrator': (
      account,
    ) => {
      of(account, 'etl').trust = trustIn('codebuild.amazonaws.com');
      add(account, 'etl', allow('sts:AssumeRole', role('Admin')));
      add(account, 'fraud-eval', allow('codebuild:StartBuild', '*'));
    },
    'a step role passes a role that writes its own policies to a function': (account) => {
      of(account, 'etl').trust = trustIn('lambda.amazonaws.com');
      add(account, 'etl', allow('iam:PutRolePolicy', role('etl')));
      add(
        account,
        'fraud-prep',
        allow('iam:PassRole', role('etl')),
        allow(['lambda:CreateFunction', 'lambda:InvokeFunction'], '*'),
      );
    },
    'fraud may replace the metadata of a SAML provider whom the administrator trusts': (account) => {
      trustProvider(account, 'saml-provider/people', 'sts:AssumeRoleWithSAML');
      add(account, 'fraud', allow('iam:UpdateSAMLProvider', `arn:aws:iam::${A}:saml-provider/*`));
    },
    'fraud may add clients to a provider of OpenID Connect whom the administrator trusts': (account) => {
      trustProvider(account, 'oidc-provider/tokens.example.com', 'sts:AssumeRoleWithWebIdentity');
      add(account, 'fraud', allow('iam:AddClientIDToOpenIDConnectProvider', '*'));
    },
    'fraud has everything but a Deny that it can detach': (account) => {
      attach(account, 'fraud', deny(['iam:Put*', 'iam:Attach*'], '*'));
      add(account, 'fraud', allow(['iam:DetachRolePolicy', 'iam:PutRolePolicy'], '*'));
    },
    'a step role passes an administrator’s role to a service that nobody knows, and may call it': (
      account,
    ) => {
      of(account, 'Admin').trust = trustIn('greengrass.amazonaws.com');
      add(account, 'fraud-train', allow('iam:PassRole', role('Admin')), allow('greengrass:*', '*'));
    },
  }),
  ...groups('execution-role-administrator', {
    'fraud may put a user whose key it makes into a group of administrators': ['iam:AddUserToGroup', []],
    'fraud may attach policies to the group of a user whose key it makes': ['iam:AttachGroupPolicy', ['ana']],
    'fraud may write the policies of the group of a user whose key it makes': ['iam:PutGroupPolicy', ['ana']],
  }),
  ...changes(['execution-role-administrator', 'scp-exception-protected'], {
    'fraud may make a role without a boundary': (account) =>
      add(account, 'fraud', allow(['iam:CreateRole', 'iam:AttachRolePolicy'], role('made-*'))),
  }),
  ...changes(['scp-exception-protected'], {
    'fraud may make roles with a boundary alone': (account) =>
      add(
        account,
        'fraud',
        allow(['iam:CreateRole', 'iam:PutRolePolicy'], role('made-*'), {
          ArnEquals: { 'iam:PermissionsBoundary': `arn:aws:iam::${A}:policy/boundary` },
        }),
      ),
  }),
  ...changes([], {
    'fraud may attach a harmless policy to itself': (account) =>
      add(
        account,
        'fraud',
        allow('iam:AttachRolePolicy', role('pipelines/fraud'), {
          ArnEquals: { 'iam:PolicyARN': 'arn:aws:iam::aws:policy/ReadOnlyAccess' },
        }),
      ),
    'fraud may assume a role that reads': (account) =>
      add(account, 'fraud', allow('sts:AssumeRole', role('etl'))),
    'fraud may assume any role, and a Deny takes the administrator': (account) =>
      add(account, 'fraud', allow('sts:AssumeRole', '*'), deny('sts:AssumeRole', role('Admin'))),
    'fraud may write policies by stacks, and make no stacks': (account) =>
      add(account, 'fraud', allow('iam:PutRolePolicy', '*', BY_STACKS)),
    'a step role passes an administrator’s role to a service that nobody knows, and may not call it': (
      account,
    ) => {
      of(account, 'Admin').trust = trustIn('greengrass.amazonaws.com');
      add(account, 'fraud-train', allow('iam:PassRole', role('Admin')));
    },
    'fraud may replace the metadata of a SAML provider whom only etl trusts': (account) => {
      of(account, 'etl').trust?.Statement.push({
        Effect: 'Allow',
        Principal: { Federated: `arn:aws:iam::${A}:saml-provider/people` },
        Action: 'sts:AssumeRoleWithSAML',
      });
      add(account, 'fraud', allow('iam:UpdateSAMLProvider', '*'));
    },
    'fraud may replace the code of functions, and the administrator’s role is for none': (account) => {
      of(account, 'Admin').trust = trustIn('codebuild.amazonaws.com');
      add(account, 'fraud', allow('lambda:UpdateFunctionCode', '*'));
    },
    'fraud may send commands to instances, and the administrator’s role is for functions': (account) => {
      of(account, 'Admin').trust = trustIn('lambda.amazonaws.com');
      add(account, 'fraud', allow(['ssm:SendCommand', 'ssm:StartSession'], '*'));
    },
    'fraud may write groups, and make no credentials': (account) =>
      add(account, 'fraud', allow(['iam:PutGroupPolicy', 'iam:AddUserToGroup'], '*')),
  }),
  ...simple('execution-role-protected', {
    'vision may write its own policies within a boundary that it cannot lift': (account) => {
      bound(account, 'vision');
      add(account, 'vision', allow('iam:PutRolePolicy', role('pipelines/vision')));
    },
    'the creator may write fraud’s policies': (account) =>
      add(account, 'data-scientist', allow('iam:PutRolePolicy', role('pipelines/fraud'))),
    'the creator may attach policies to all roles of pipelines': (account) =>
      add(account, 'data-scientist', allow('iam:AttachRolePolicy', role('pipelines/*'))),
    'the creator may delete policies of a step role': (account) =>
      add(account, 'data-scientist', allow('iam:DeleteRolePolicy', role('steps/fraud-train'))),
    'the creator may change whom vision trusts': (account) =>
      add(account, 'data-scientist', allow('iam:UpdateAssumeRolePolicy', role('pipelines/vision'))),
    'the creator may lift the boundary of vision': (account) => {
      bound(account, 'vision');
      add(account, 'data-scientist', allow('iam:DeleteRolePermissionsBoundary', role('pipelines/vision')));
    },
    'the creator may set the boundary of vision': (account) =>
      add(account, 'data-scientist', allow('iam:PutRolePermissionsBoundary', role('pipelines/vis*'))),
    'the creator may write a version of a policy that fraud has': (account) => {
      attach(account, 'fraud', allow('sts:GetCallerIdentity', '*'));
      add(account, 'data-scientist', allow('iam:CreatePolicyVersion', `arn:aws:iam::${A}:policy/of-*`));
    },
    'the creator may choose a version of a policy that fraud has': (account) => {
      attach(account, 'fraud', allow('sts:GetCallerIdentity', '*'));
      add(
        account,
        'data-scientist',
        allow('iam:SetDefaultPolicyVersion', `arn:aws:iam::${A}:policy/of-fraud`),
      );
    },
    'a step role may write the policies of another one': (account) =>
      add(account, 'fraud-train', allow('iam:PutRolePolicy', role('steps/fraud-eval'))),
    'an execution role may change whom a step role trusts': (account) =>
      add(account, 'tune', allow('iam:UpdateAssumeRolePolicy', role('steps/fraud-serve'))),
    'a role that deploys may write all roles of pipelines': (account) =>
      add(account, 'etl', allow('iam:PutRolePolicy', role('pipelines/*'))),
    'a user may attach policies to step roles': (account) =>
      add(account, 'ana', allow('iam:AttachRolePolicy', role('steps/*'))),
    'a user may write fraud’s policies by stacks': (account) =>
      add(
        account,
        'ana',
        allow('iam:PutRolePolicy', role('pipelines/fraud'), BY_STACKS),
        allow('cloudformation:UpdateStack', '*'),
      ),
    'the creator may change the policy of the reports’ bucket': (account) =>
      add(account, 'data-scientist', allow('s3:PutBucketPolicy', 'arn:aws:s3:::acme-reports')),
    'the creator may tag fraud, whose boundary asks about the tag': (account) => {
      bound(account, 'fraud', 'team');
      add(account, 'data-scientist', allow('iam:TagRole', role('pipelines/fraud'), TEAM_ALONE));
    },
  }),
  ...changes([], {
    'the creator may read fraud’s policies': (account) =>
      add(account, 'data-scientist', allow(['iam:GetRolePolicy', 'iam:ListRolePolicies'], '*')),
    'the creator may write the policies of a role of nobody’s pipelines': (account) =>
      add(account, 'data-scientist', allow('iam:PutRolePolicy', role('etl'))),
    'another administrator': (account) => {
      of(account, 'etl').managed.push(ADMINISTRATOR_ACCESS);
    },
    'the creator may write fraud’s policies, and a Deny takes it': (account) =>
      add(
        account,
        'data-scientist',
        allow('iam:PutRolePolicy', role('pipelines/fraud')),
        deny('iam:Put*', role('pipelines/*')),
      ),
    'whom the configuration names may write fraud’s policies': (account) => {
      account.config = {
        ...account.config,
        roles: { ...account.config.roles, administrators: [role('etl')] },
      };
      add(account, 'etl', allow('iam:PutRolePolicy', role('pipelines/*')));
    },
  }),
  ...simple('pipeline-access-scoped', {
    ...Object.fromEntries(
      ['UpdatePipeline', 'StartPipelineExecution', 'DeletePipeline', 'UpdatePipelineVersion'].map(
        (operation) => [
          `fraud’s execution role may ${operation} of tune`,
          (account: Account) =>
            add(
              account,
              'fraud',
              allow(`sagemaker:${operation}`, job('pipeline', 'tune'), aboveFloor(operation)),
            ),
        ],
      ),
    ),
    ...Object.fromEntries(
      ['RetryPipelineExecution', 'StopPipelineExecution'].map((operation) => [
        `tune’s execution role may ${operation} of fraud`,
        (account: Account) =>
          add(account, 'tune', allow(`sagemaker:${operation}`, job('pipeline', 'fraud/execution/*'))),
      ]),
    ),
    'a step role of fraud may update any pipeline': (account) =>
      add(account, 'fraud-eval', allow('sagemaker:UpdatePipeline', '*')),
    'a role of no team may update tune': (account) =>
      add(account, 'etl', allow('sagemaker:UpdatePipeline', job('pipeline', 'tune'))),
    'a user of no team may stop all executions': (account) =>
      add(account, 'ana', allow('sagemaker:StopPipelineExecution', '*')),
    'the creator has fraud alone, and may update all': (account) => teams(account),
    'the creator has fraud alone, and a statement with wildcards': (account) => {
      teams(account);
      for (const statement of policy(account, 'data-scientist', 'own').Statement)
        if (listOf(statement.Action).some((action) => action.startsWith('sagemaker:')))
          statement.Resource = job('pipeline', '*');
    },
  }),
  ...changes([], {
    'fraud’s execution role may start fraud': (account) =>
      add(
        account,
        'fraud',
        allow('sagemaker:StartPipelineExecution', job('pipeline', 'fraud'), aboveFloor('Start')),
      ),
    'fraud’s execution role may describe all pipelines': (account) =>
      add(account, 'fraud', allow('sagemaker:DescribePipeline', '*')),
    'the creator has fraud alone, and reaches no other': (account) => {
      teams(account);
      add(
        account,
        'data-scientist',
        deny('sagemaker:*', [job('pipeline', 'tune'), job('pipeline', 'vision')]),
      );
    },
  }),
  ...changes(['execution-role-least-privilege', 'pipeline-access-scoped'], {
    'vision may do anything in SageMaker': (account) =>
      add(account, 'vision', {
        Effect: 'Allow',
        NotAction: [
          'iam:*',
          's3:*',
          'organizations:*',
          'sts:*',
          'kms:*',
          'sagemaker:StartPipelineExecution',
          'sagemaker:UpdatePipelineVersion',
        ],
        Resource: '*',
      }),
  }),
  ...changes(['pipeline-access-scoped', 'version-floor-enforced'], {
    'another role may start pipelines': (account) =>
      add(account, 'etl', allow('sagemaker:StartPipelineExecution', '*')),
    'a user may change versions': (account) =>
      add(account, 'ana', allow('sagemaker:UpdatePipelineVersion', '*')),
    'whatever begins with Start': (account) => add(account, 'etl', allow('sagemaker:Start*', '*')),
    'the release role is not excepted any more': (account) => {
      for (const floor of account.config.versionFloors ?? []) delete floor.except;
    },
  }),
  ...simple('pipeline-inputs-protected', {
    'another account may write the reports': (account) => admit(account, ['s3:Get*', 's3:Put*'], '/*'),
    'another account may delete the reports': (account) => admit(account, 's3:DeleteObject', '/fraud/*'),
    'another account may delete versions of the reports': (account) =>
      admit(account, 's3:DeleteObjectVersion', '/fraud/*'),
    'another account may replicate its reports': (account) =>
      admit(account, ['s3:ReplicateObject', 's3:ReplicateDelete'], '/*'),
    'another account may write the ACL of the reports’ bucket, and make ACLs count': (account) =>
      admit(account, ['s3:PutBucketAcl', 's3:PutBucketOwnershipControls'], ''),
    'another account may write the ACL of the reports’ bucket': (account) =>
      admit(account, 's3:PutBucketAcl', ''),
    'another account may write the reports with the ACL that the policy asks for': (account) =>
      admitted(account, {
        ...allow('s3:PutObject', `${REPORTS}/*`, {
          StringEquals: { 's3:x-amz-acl': 'bucket-owner-full-control' },
        }),
        Principal: { AWS: role('etl').replace(A, '444455556666') },
      }),
    'a canonical user may write the reports': (account) =>
      admitted(account, {
        ...allow('s3:PutObject', `${REPORTS}/*`),
        Principal: { CanonicalUser: '0f'.repeat(32) },
      }),
    'a provider of identities of another account may write the reports': (account) =>
      admitted(account, {
        ...allow('s3:PutObject', `${REPORTS}/*`),
        Principal: { Federated: 'arn:aws:iam::444455556666:saml-provider/people' },
      }),
    'a service may write the reports on behalf of any account': (account) =>
      admitted(account, {
        ...allow('s3:PutObject', `${REPORTS}/*`),
        Principal: { Service: 'delivery.logs.amazonaws.com' },
      }),
    'the execution role of another team may write the report of fraud': (account) => {
      apart(account);
      add(account, 'tune', allow('s3:PutObject', `${REPORTS}/fraud/*`));
    },
    'the execution roles of another team may change whatever is in the reports’ bucket': (account) => {
      apart(account);
      for (const name of ['tune', 'vision']) add(account, name, allow('s3:*Object', `${REPORTS}/fraud/*`));
    },
    'the policy of the reports’ bucket lets the execution role of another team write': (account) => {
      apart(account);
      admit(account, 's3:PutObject', '/fraud/*', role('pipelines/vision'));
    },
    'the execution role of another team may write the report of fraud on a condition that nobody can answer':
      (account) => {
        apart(account);
        add(
          account,
          'vision',
          allow('s3:PutObject', `${REPORTS}/fraud/*`, {
            StringEquals: { 's3:ExistingObjectTag/open': 'yes' },
          }),
        );
      },
    'another account may write the program of a step on EMR': (account) => {
      onEmr(account, { Jar: `s3://acme-programs/crunch.jar`, Args: ['s3://acme-raw/day/'] });
      programs(account);
    },
    'another account may write what a step on EMR loads beside its program': (account) => {
      onEmr(account, {
        Jar: 'command-runner.jar',
        Args: ['spark-submit', '--py-files', 's3://acme-programs/lib.zip', '/usr/lib/spark/main.py'],
      });
      programs(account);
    },
    'only a run tells the program of a step on EMR': (account) =>
      onEmr(account, { Jar: { Get: 'Parameters.ProgramOfTheDay' } }),
  }),
  ...changes(['pipeline-inputs-protected', 'step-isolation'], {
    'everybody may write the reports': (account) => admit(account, 's3:PutObject', '/*', '*'),
  }),
  ...changes([], {
    'another account may read the reports': (account) => admit(account, 's3:GetObject', '/*'),
    'another account may write beside the reports': (account) =>
      admit(account, 's3:PutObject', '/delivered/*'),
    'another account may change the policy of the reports’ bucket, which S3 lets nobody outside do': (
      account,
    ) => admit(account, ['s3:PutBucketPolicy', 's3:DeleteBucketPolicy'], ''),
    'another account may write the ACLs of the reports': (account) => admit(account, 's3:PutObjectAcl', '/*'),
    'a canonical user may read the reports': (account) =>
      admitted(account, {
        ...allow('s3:GetObject', `${REPORTS}/*`),
        Principal: { CanonicalUser: '0f'.repeat(32) },
      }),
    'a service may write the reports for this account alone': (account) =>
      admitted(account, {
        ...allow('s3:PutObject', `${REPORTS}/*`, { StringEquals: { 'aws:SourceAccount': A } }),
        Principal: { Service: 'delivery.logs.amazonaws.com' },
      }),
    'the execution role of another team may write beside the report of fraud': (account) => {
      apart(account);
      add(account, 'tune', allow('s3:PutObject', `${REPORTS}/delivered/*`));
    },
    'a role of no team may write the report of fraud': (account) => {
      apart(account);
      add(account, 'etl', allow('s3:PutObject', `${REPORTS}/fraud/*`));
    },
    'a step on EMR reads what another account delivers': (account) => {
      onEmr(account, {
        Jar: 'command-runner.jar',
        Args: ['spark-submit', 's3://acme-raw/a.py', 's3://acme-programs/in/'],
      });
      programs(account);
    },
  }),
  ...Object.entries(CLUSTER_CHANGES).flatMap(([control, cases]) =>
    changes(control === '' ? [] : [control], cases),
  ),
  ...simple('execution-role-trust', {
    'anyone may assume fraud': (account) => {
      of(account, 'fraud').trust?.Statement.push({
        Effect: 'Allow',
        Principal: '*',
        Action: 'sts:AssumeRole',
      });
    },
    'the account may assume fraud': (account) => {
      of(account, 'fraud').trust?.Statement.push({
        Effect: 'Allow',
        Principal: { AWS: A },
        Action: 'sts:AssumeRole',
      });
    },
    'another account may assume a step role': (account) => {
      of(account, 'fraud-train').trust?.Statement.push({
        Effect: 'Allow',
        Principal: { AWS: 'arn:aws:iam::444455556666:root' },
        Action: 'sts:AssumeRole',
      });
    },
    'EC2 may assume vision': (account) => {
      trust(account, 'vision').Principal = { Service: ['sagemaker.amazonaws.com', 'ec2.amazonaws.com'] };
    },
    'a provider of identities may assume tune': (account) => {
      of(account, 'tune').trust?.Statement.push({
        Effect: 'Allow',
        Principal: { Federated: 'accounts.google.com' },
        Action: 'sts:AssumeRoleWithWebIdentity',
      });
    },
    'all but one may assume tune': (account) => {
      of(account, 'tune').trust?.Statement.push({
        Effect: 'Allow',
        NotPrincipal: { AWS: role('etl') },
        Action: 'sts:AssumeRole',
      } as Statement);
    },
    'only Lambda may assume fraud': (account) => {
      trust(account, 'fraud').Principal = { Service: ['lambda.amazonaws.com'] };
    },
    'SageMaker may assume vision for another account': (account) => {
      trust(account, 'vision').Condition = { StringEquals: { 'aws:SourceAccount': '444455556666' } };
    },
    'a Deny in the trust policy': (account) => {
      of(account, 'fraud-prep').trust?.Statement.push({
        Effect: 'Deny',
        Principal: { Service: 'sagemaker.amazonaws.com' },
        Action: 'sts:AssumeRole',
      });
    },
    'the trust names another action': (account) => {
      trust(account, 'fraud-eval').Action = 'sts:TagSession';
    },
    'the trust lacks SourceAccount': (account) => {
      delete trust(account, 'fraud').Condition;
    },
    'the trust takes any account': (account) => {
      trust(account, 'tune').Condition = { StringLike: { 'aws:SourceAccount': '*' } };
    },
    'a step role is gone': (account) => {
      account.principals = account.principals.filter(({ arn }) => !arn.endsWith('/fraud-eval'));
    },
    'an execution role is gone': (account) => {
      account.principals = account.principals.filter(({ arn }) => !arn.endsWith('/tune'));
    },
  }),
  ...simple('execution-role-least-privilege', {
    'fraud may read every bucket': (account) => add(account, 'fraud', allow('s3:GetObject', '*')),
    'fraud may do everything on S3': (account) => add(account, 'fraud', allow('s3:*', 'arn:aws:s3:::*')),
    'vision may create training jobs of any name': (account) =>
      add(account, 'vision', allow('sagemaker:CreateTrainingJob', '*')),
  }),
  ...simple('step-role-authorised', {
    'a step names another role': (account) => {
      args(account, 'fraud', 'Prepare').RoleArn = role('etl');
    },
    'a nested step names another role': (account) => {
      args(account, 'fraud', 'Create').ExecutionRoleArn = role('etl');
    },
    'a parameter’s default is another role': (account) => {
      const [first] = pipelineNamed(account, 'fraud').definition.Parameters as JsonObject[];
      if (first) first.DefaultValue = role('etl');
    },
    'a training job within a tuning job names another role': (account) => {
      (args(account, 'tune', 'Tune').TrainingJobDefinition as JsonObject).RoleArn = role('release');
    },
    'a step names a role that does not exist': (account) => {
      args(account, 'fraud', 'Evaluate').RoleArn = role('nobody');
    },
    'a pipeline runs under a role that the configuration does not list': (account) => {
      newExecutionRole(account);
    },
    'a step names a role of another account': (account) => {
      args(account, 'vision', 'Classify').RoleArn = 'arn:aws:iam::444455556666:role/steps/fraud-train';
    },
  }),
  ...simple('step-isolation', {
    'fraud-prep may write models': (account) =>
      add(account, 'fraud-prep', allow('s3:PutObject', 'arn:aws:s3:::acme-models/*')),
    'fraud-prep may delete reports': (account) =>
      add(account, 'fraud-prep', allow('s3:DeleteObject', 'arn:aws:s3:::acme-reports/*')),
    'fraud-train may write everywhere': (account) => add(account, 'fraud-train', allow('s3:Put*', '*')),
    'fraud-serve may write raw data': (account) =>
      add(account, 'fraud-serve', allow('s3:*', ['arn:aws:s3:::acme-raw/*'])),
    'a bucket’s policy lets fraud-eval write what is scored': (account) =>
      bucketDeny(account, 'acme-clean', {
        ...allow('s3:PutObject', 'arn:aws:s3:::acme-clean/fraud/score/*'),
        Principal: { AWS: role('steps/fraud-eval') },
      }),
    'isolation is required, and two steps share a role': (account) => {
      if (account.config.roles) account.config.roles.isolation = 'required';
      account.pipelines = account.pipelines.filter(({ name }) => name !== 'fraud');
    },
  }),
  ...simple('image-bucket-cors', {
    'no CORS configuration': (account) => cors(account, () => null),
    'another method': (account) => cors(account, (rule) => [{ ...rule, AllowedMethods: ['GET'] }]),
    'one method more': (account) => cors(account, (rule) => [{ ...rule, AllowedMethods: ['PUT', 'POST'] }]),
    'one origin only': (account) =>
      cors(account, (rule) => [{ ...rule, AllowedOrigins: ['https://example.com'] }]),
    'no header': (account) => cors(account, (rule) => [{ ...rule, AllowedHeaders: [] }]),
    'nothing exposed': (account) => cors(account, (rule) => [{ ...rule, ExposeHeaders: [] }]),
    MaxAgeSeconds: (account) => cors(account, (rule) => [{ ...rule, MaxAgeSeconds: 3000 }]),
    'a rule more': (account) =>
      cors(account, (rule) => [rule, { AllowedMethods: ['GET'], AllowedOrigins: ['*'] }]),
  }),
  ...simple('image-bucket-known', {
    'the configuration does not name the bucket': (account) => {
      account.config.imageBuckets = { names: ['acme-pictures-*'] };
    },
    'no image bucket is configured': (account) => {
      delete account.config.imageBuckets;
    },
    'the bucket’s tag has another value': (account) => {
      account.config.imageBuckets = { tags: { pipewarden: 'image-bucket' } };
      const bucket = account.buckets['acme-images'];
      if (bucket) bucket.tags = { pipewarden: 'no' };
    },
  }),
  ...simple('image-bucket-known', {
    'nobody named the bucket of a manifest of images': (account) => {
      account.config.imageBuckets = { names: ['acme-pictures-*'] };
      readManifest(account, ['source-ref', 'bird']);
    },
    'a function starts labelling by a manifest in a bucket that nobody named': (account) =>
      labelManifest(account, [
        { AllowedMethods: ['GET'], AllowedOrigins: ['*'], ExposeHeaders: ['Access-Control-Allow-Origin'] },
      ]),
  }),
  ...changes(['image-bucket-cors', 'image-bucket-known'], {
    'nobody named the bucket of a manifest of images, and it has no CORS configuration': (account) => {
      account.config.imageBuckets = { names: ['acme-pictures-*'] };
      readManifest(account, ['source-ref', 'bird']);
      cors(account, () => null);
    },
    'a function starts labelling by a manifest in a bucket without CORS configuration': (account) =>
      labelManifest(account, null),
  }),
  // A job under such a name is one that the role may not create.
  ...changes(['pipeline-job-prefix', 'execution-role-job-permissions'], {
    'a step loses its base job name': (account) => {
      delete args(account, 'fraud', 'Prepare').ProcessingJobName;
    },
    'a step has another team’s name': (account) => {
      args(account, 'fraud', 'Evaluate').ProcessingJobName = 'tune';
    },
    'a step has a name that nobody authorised': (account) => {
      args(account, 'fraud', 'Score').TransformJobName = 'mine';
    },
    'a name that only begins alike': (account) => {
      args(account, 'fraud', 'Prepare').ProcessingJobName = 'fraud-preparation';
    },
    'a prefix of another step type': (account) => {
      args(account, 'fraud', 'Create').ModelName = 'fraud-train';
    },
    'a name from a parameter': (account) => {
      const { definition } = pipelineNamed(account, 'fraud');
      (definition.Parameters as Json[]).push({ Name: 'Base', Type: 'String', DefaultValue: 'mine' });
      args(account, 'fraud', 'Prepare').ProcessingJobName = { Get: 'Parameters.Base' };
    },
  }),
  ...simple('pipeline-job-prefix', {
    'default names are not authorised': (account) => {
      account.config.prefixes = (account.config.prefixes ?? []).filter(
        ({ prefix }) => prefix !== 'pipelines',
      );
    },
  }),
  ...simple('job-prefix-length', {
    'a base job name of 39 characters': (account) => {
      args(account, 'fraud', 'Prepare').ProcessingJobName = `fraud-prep-${'x'.repeat(28)}`;
    },
    'a base job name of a tuning step of 7 characters': (account) => {
      args(account, 'tune', 'Tune').HyperParameterTuningJobName = 'tune-it';
    },
  }),
  ...simple('prefix-policy-enforced', {
    'a prefix without its dash': (account) => {
      statementWith(policy(account, 'fraud', 'job'), 'sagemaker:CreateTrainingJob').Resource = job(
        'training-job',
        'fraud-train*',
      );
    },
    'a wildcard before the prefix': (account) => {
      statementWith(policy(account, 'fraud', 'job'), 'sagemaker:CreateTrainingJob').Resource = job(
        'training-job',
        '*fraud-train-*',
      );
    },
    'training jobs of any name': (account) =>
      add(account, 'fraud', allow('sagemaker:CreateTrainingJob', '*')),
    'training jobs of vision’s names': (account) =>
      add(account, 'fraud', allow('sagemaker:CreateTrainingJob', job('training-job', 'vision-*'))),
    'a job type that the prefix is not for': (account) =>
      add(account, 'fraud', allow('sagemaker:CreateAutoMLJob', job('automl-job', 'fraud-*'))),
    'all but one name': (account) =>
      add(account, 'fraud', {
        Effect: 'Allow',
        Action: 'sagemaker:CreateProcessingJob',
        NotResource: job('processing-job', 'vision-*'),
      }),
    'AWS’s own form without the dash': (account) =>
      add(
        account,
        'tune',
        allow('sagemaker:CreateProcessingJob', `arn:aws:sagemaker:eu-west-1:${A}:*/tune*`),
      ),
    'any Create action': (account) => add(account, 'tune', allow('sagemaker:Create*Job', '*')),
    'whatever is not S3': (account) =>
      add(account, 'tune', {
        Effect: 'Allow',
        NotAction: [
          's3:*',
          'iam:*',
          'kms:*',
          'sts:*',
          'organizations:*',
          'sagemaker:StartPipelineExecution',
          'sagemaker:UpdatePipelineVersion',
        ],
        Resource: '*',
      }),
    'a policy variable that anybody sets': (account) =>
      add(
        account,
        'fraud',
        allow('sagemaker:CreateTransformJob', job('transform-job', `$` + '{aws:PrincipalAccount}-*')),
      ),
    'a person bound to a prefix may not use it': (account) => {
      account.config.prefixes?.push({
        prefix: 'ad-hoc',
        stepTypes: ['Training'],
        roles: [role('data-scientist')],
      });
    },
  }),
  ...simple('prefix-collision', {
    'another team’s prefix begins fraud-train': (account) => {
      account.config.prefixes?.push({ prefix: 'fraud', roles: [role('core')], pipelines: ['core-*'] });
    },
    'the same prefix for another team': (account) => {
      account.config.prefixes?.push({ prefix: 'tune', roles: [role('core')], pipelines: ['core-*'] });
    },
  }),
  ...simple('version-alias-kept', {
    'an alias leads to a version below the floor': (account) => {
      pipelineNamed(account, 'fraud').aliases = { 2: ['prod'] };
    },
    'one of several aliases of several versions leads below the floor': (account) => {
      pipelineNamed(account, 'fraud').aliases = { 1: ['last-year'], 4: ['prod', 'stable'] };
    },
  }),
  ...changes([], {
    'aliases lead to versions from the floor on': (account) => {
      pipelineNamed(account, 'fraud').aliases = { 3: ['stable'], 4: ['prod'] };
    },
  }),
  ...simple('pipeline-shared', {
    'a partner may start the pipeline': (account) => account.shares.push(shared()),
    'a partner is invited to start it': (account) =>
      account.shares.push(shared({ principals: [{ id: PARTNER, status: 'ASSOCIATING' }] })),
    'a role of a partner may start it': (account) =>
      account.shares.push(shared({ principals: [{ id: `arn:aws:iam::${PARTNER}:role/ci` }] })),
    'a member of the organization may start it': (account) =>
      account.shares.push(shared({ membersOnly: true, principals: [{ id: PARTNER, external: false }] })),
    'the organization may start it': (account) =>
      account.shares.push(shared({ principals: [{ id: ORGANIZATION, external: false }] })),
    'a partner may read it': (account) => account.shares.push(shared({ permissions: [MAY_READ] })),
    'a unit of the organization may read it': (account) =>
      account.shares.push(
        shared({ permissions: [MAY_READ], principals: [{ id: UNIT_OF_ORGANIZATION, external: false }] }),
      ),
    'a permission of the customer lets a partner retry': (account) =>
      account.shares.push(shared({ permissions: [{ actions: ['sagemaker:RetryPipelineExecution'] }] })),
    'a permission of the customer lets a partner do anything': (account) =>
      account.shares.push(shared({ permissions: [{ actions: ['sagemaker:*'] }] })),
    'a permission of the customer that was not read': (account) =>
      account.shares.push(shared({ permissions: [{}] })),
    'a share without a permission for pipelines': (account) =>
      account.shares.push(shared({ permissions: [] })),
    'one of 500 members is not named': (account) => {
      const members = Array.from({ length: 500 }, (_, index) => String(200_000_000_000 + index));
      account.config.sharedWith = members.slice(1);
      account.shares.push(shared({ principals: members.map((id) => ({ id })) }));
    },
    'a partner that is named for another pipeline': (account) => {
      account.config.sharedWith = [{ principals: [PARTNER], pipelines: ['vision'] }];
      account.shares.push(shared());
    },
    'a named partner may delete it': (account) => {
      account.config.sharedWith = [PARTNER];
      account.shares.push(shared({ permissions: [{ actions: ['sagemaker:DeletePipeline'] }] }));
    },
    'a pipeline whose ARN is in capitals is shared': (account) =>
      account.shares.push(
        shared({ pipelines: [{ arn: `arn:aws:sagemaker:eu-west-1:${A}:pipeline/FRAUD` }] }),
      ),
  }),
  ...changes([], {
    'a partner that is named may start it': (account) => {
      account.config.sharedWith = [PARTNER];
      account.shares.push(shared());
    },
    'a role of a partner that is named for the pipeline may start it': (account) => {
      account.config.sharedWith = [{ principals: [PARTNER], pipelines: ['fraud'] }];
      account.shares.push(shared({ principals: [{ id: `arn:aws:iam::${PARTNER}:role/ci` }] }));
    },
    'a role of the account itself may start it': (account) =>
      account.shares.push(shared({ principals: [{ id: role('data-scientist'), external: false }] })),
    'a partner that left the share': (account) =>
      account.shares.push(shared({ principals: [{ id: PARTNER, status: 'DISASSOCIATED' }] })),
    'a partner whom the share could not reach': (account) =>
      account.shares.push(shared({ principals: [{ id: PARTNER, status: 'FAILED' }] })),
    'a share that is being deleted': (account) => account.shares.push(shared({ status: 'DELETING' })),
    'a share that was deleted': (account) => account.shares.push(shared({ status: 'DELETED' })),
    'a share that could not be made': (account) => account.shares.push(shared({ status: 'FAILED' })),
    'a pipeline that left the share': (account) =>
      account.shares.push(
        shared({
          pipelines: [{ arn: `arn:aws:sagemaker:eu-west-1:${A}:pipeline/fraud`, status: 'DISASSOCIATED' }],
        }),
      ),
    'a pipeline of the same name in another Region is shared': (account) =>
      account.shares.push(
        shared({ pipelines: [{ arn: `arn:aws:sagemaker:us-east-1:${A}:pipeline/fraud` }] }),
      ),
    'a pipeline that others share with the account': (account) =>
      account.shares.push(shared({ owner: PARTNER, principals: [{ id: A }] })),
  }),
  ...simple('version-floor-enforced', {
    'a second statement without the condition': (account) =>
      add(
        account,
        'data-scientist',
        allow('sagemaker:StartPipelineExecution', `arn:aws:sagemaker:eu-west-1:${A}:pipeline/*`),
      ),
    'the condition is gone': (account) => {
      delete start(account).Condition;
    },
    IfExists: (account) => {
      start(account).Condition = { NumericGreaterThanEqualsIfExists: { 'sagemaker:PipelineVersionId': 3 } };
    },
    'a lower number': (account) => {
      start(account).Condition = { NumericGreaterThanEquals: { 'sagemaker:PipelineVersionId': 2 } };
    },
    'the other direction': (account) => {
      start(account).Condition = { NumericLessThanEquals: { 'sagemaker:PipelineVersionId': 3 } };
    },
    'a Deny alone': (account) => {
      start(account).Effect = 'Allow';
      delete start(account).Condition;
      add(
        account,
        'data-scientist',
        deny(['sagemaker:StartPipelineExecution', 'sagemaker:UpdatePipelineVersion'], '*', {
          NumericLessThan: { 'sagemaker:PipelineVersionId': 3 },
        }),
      );
    },
    'an operator for texts': (account) => {
      start(account).Condition = { StringLike: { 'sagemaker:PipelineVersionId': '*' } };
    },
    'all but one version': (account) => {
      start(account).Condition = { StringNotEquals: { 'sagemaker:PipelineVersionId': '1' } };
    },
    'the key may be absent': (account) => {
      start(account).Condition = { Null: { 'sagemaker:PipelineVersionId': 'true' } };
    },
    'a star for the value': (account) => {
      start(account).Condition = { StringLike: { 'sagemaker:PipelineVersionId': ['*'] } };
    },
    'the floor is raised': (account) => {
      for (const floor of account.config.versionFloors ?? []) floor.minimum = 6;
    },
  }),
  ...simple('scp-json-get-exception', {
    'the execution role loses the tag': (account) => {
      of(account, 'fraud').tags = {};
    },
    'the tag has another value': (account) => {
      of(account, 'fraud').tags = { 'pipelines-json-get': 'no' };
    },
    'the SCP has no exception': (account) => {
      scp(account).Condition = {
        StringNotEquals: { 'aws:SourceVpc': 'vpc-1a2b3c4d' },
        ...jobsExcepted(account),
      };
    },
    'the SCP excepts another tag': (account) => {
      scp(account).Condition = {
        StringNotEquals: { 'aws:SourceVpc': 'vpc-1a2b3c4d', 'aws:PrincipalTag/other': 'true' },
        ...jobsExcepted(account),
      };
    },
    'the SCP excepts by the wrong operator': (account) => {
      scp(account).Condition = {
        StringNotEquals: { 'aws:SourceVpc': 'vpc-1a2b3c4d' },
        StringEquals: { 'aws:PrincipalTag/pipelines-json-get': 'true' },
        ...jobsExcepted(account),
      };
    },
    'another SCP keeps S3 to endpoints': (account) => {
      account.scps[0]?.policies.push({
        Name: 'endpoints',
        Content: {
          Version: '2012-10-17',
          Statement: [
            deny('s3:*', '*', {
              StringNotEqualsIfExists: { 'aws:SourceVpce': 'vpce-1' },
              ...jobsExcepted(account),
            }),
          ],
        },
      });
    },
    'another SCP keeps S3 to addresses': (account) => {
      account.scps[0]?.policies.push({
        Name: 'addresses',
        Content: {
          Version: '2012-10-17',
          Statement: [
            deny('s3:GetObject', '*', {
              NotIpAddress: { 'aws:VpcSourceIp': '10.0.0.0/8' },
              ...jobsExcepted(account),
            }),
          ],
        },
      });
    },
  }),
  ...simple('pipeline-inputs-protected', {
    'only a run tells where the data of a model lies': (account) => {
      const container = args(account, 'fraud', 'Create').PrimaryContainer as JsonObject;
      container.ModelDataUrl = { Get: 'Parameters.ModelOfTheDay' };
    },
  }),
  // Whether the role may read a file that nobody knows, and who may write it, is not known either.
  ...changes(['json-get-access', 'pipeline-inputs-protected'], {
    'only a run tells which file JsonGet reads': (account) =>
      readUri(account, { Get: 'Parameters.ReportOfTheDay' }),
    'only a run tells the bucket of the file that JsonGet reads': (account) =>
      readUri(account, joinOf('s3:/', { Get: 'Parameters.Reports' }, 'fraud/evaluation.json')),
    'JsonGet names a property file that no step has': (account) => {
      delete step(account, 'fraud', 'Evaluate').PropertyFiles;
    },
  }),
  ...changes(['json-get-access', 'pipeline-inputs-protected', 'scp-json-get-exception'], {
    'the execution role loses the tag, and only a run tells the file': (account) => {
      of(account, 'fraud').tags = {};
      readUri(account, { Get: 'Steps.Tell.OutputParameters.report' });
    },
    'the execution role loses the tag, and only a run tells the folder of the file': (account) => {
      of(account, 'fraud').tags = {};
      readUri(account, joinOf({ Get: 'Parameters.Folder' }, 'evaluation.json'));
    },
    'the SCP has no exception, and only a run tells the file': (account) => {
      readUri(account, { Get: 'Parameters.ReportOfTheDay' });
      scp(account).Condition = {
        StringNotEquals: { 'aws:SourceVpc': 'vpc-1a2b3c4d' },
        ...jobsExcepted(account),
      };
    },
    'the execution role loses the tag, and the SCP denies some of the files that it may be': (account) => {
      of(account, 'fraud').tags = {};
      readUri(account, joinOf('s3:/', { Get: 'Parameters.Reports' }, 'evaluation.json'));
      scp(account).Resource = 'arn:aws:s3:::acme-*/*';
    },
  }),
  ...simple('scp-exception-unique', {
    'another role carries the tag': (account) => {
      of(account, 'etl').tags = { 'pipelines-json-get': 'true' };
    },
    'a user carries the tag': (account) => {
      of(account, 'ana').tags = { 'pipelines-json-get': 'true' };
    },
    'a step role carries the tag': (account) => {
      of(account, 'fraud-eval').tags = { 'pipelines-json-get': 'true' };
    },
    'the tag in another case': (account) => {
      of(account, 'etl').tags = { 'Pipelines-Json-Get': 'true' };
    },
  }),
  ...simple('scp-exception-protected', {
    'the creator may tag any role': (account) => add(account, 'data-scientist', allow('iam:TagRole', '*')),
    'the creator may untag an execution role': (account) =>
      add(account, 'data-scientist', allow('iam:UntagRole', role('pipelines/fraud'))),
    'another role may create roles with tags': (account) =>
      add(account, 'etl', allow('iam:CreateRole', role('etl-*'))),
    'a user may tag its roles': (account) => add(account, 'ana', allow('iam:Tag*', role('ana-*'))),
    'a condition that forbids another key only': (account) =>
      add(
        account,
        'etl',
        allow('iam:TagRole', '*', { 'ForAllValues:StringNotEquals': { 'aws:TagKeys': 'team' } }),
      ),
    'a guard that the tag passes in other letters': (account) =>
      add(
        account,
        'etl',
        allow('iam:TagRole', '*', {
          'ForAllValues:StringNotEquals': { 'aws:TagKeys': 'pipelines-json-get' },
        }),
      ),
    'a user may tag users': (account) =>
      add(account, 'ana', allow('iam:TagUser', `arn:aws:iam::${A}:user/ana`)),
    'a role may bring tags into sessions of another role': (account) => {
      add(account, 'etl', allow(['sts:AssumeRole', 'sts:TagSession'], role('report')));
      account.principals.push({
        arn: role('report'),
        policies: {},
        managed: [],
        tags: {},
        trust: {
          Version: '2012-10-17',
          Statement: [
            {
              Effect: 'Allow',
              Principal: { AWS: role('etl') },
              Action: ['sts:AssumeRole', 'sts:TagSession'],
            },
          ],
        },
      });
    },
    'the tagger is another': (account) => {
      if (account.config.scpException) account.config.scpException.taggers = [role('nobody')];
    },
  }),
  ...unreadable,
];

const cors = (account: Account, change: (rule: JsonObject) => Json | null): void => {
  const bucket = account.buckets['acme-images'];
  const [rule] = (bucket?.cors ?? []) as JsonObject[];
  if (bucket && rule) bucket.cors = change(rule);
};

/** Has vision read its images by a manifest in the same bucket. */
const readManifest = (account: Account, AttributeNames: string[]): void => {
  const [channel] = args(account, 'vision', 'Classify').InputDataConfig as JsonObject[];
  if (channel)
    Object.assign(channel, {
      ContentType: 'application/x-recordio',
      DataSource: {
        S3DataSource: {
          S3DataType: 'AugmentedManifestFile',
          S3Uri: 's3://acme-images/labelled/birds.manifest',
          AttributeNames,
        },
      },
    });
};

/** Has fraud hand the manifest of a labelling job to its function. */
const labelManifest = (account: Account, rules: Json | null): void => {
  account.buckets['acme-sets'] = { policy: null, cors: rules, tags: {} };
  args(account, 'fraud', 'Tell').InputConfig = {
    DataSource: { S3DataSource: { ManifestS3Uri: 's3://acme-sets/birds.manifest' } },
  };
};

/** Mutations that make evidence unreadable: the concerned controls report it, and nothing passes. */
const unreadable: Mutation[] = [
  {
    name: 'the definition is no JSON',
    // The pipeline's needs of its roles are unknown as well.
    expects: [
      'evidence-readable',
      'execution-role-job-permissions',
      'execution-role-least-privilege',
      'execution-role-passes-step-roles',
      'execution-role-trust',
      'job-prefix-length',
      'json-get-access',
      'pipeline-access-scoped',
      'pipeline-inputs-protected',
      'pipeline-job-prefix',
      'scp-json-get-exception',
      'step-isolation',
      'step-role-authorised',
      'step-role-data-access',
    ],
    change: () => {},
    files: (files) => {
      const path = 'sagemaker/pipelines/vision/pipeline.json';
      files.set(path, { ...(files.get(path) as JsonObject), PipelineDefinition: '{' });
    },
  },
  {
    name: 'a step of an unknown type',
    expects: ['evidence-readable'],
    change: (account) => {
      (pipelineNamed(account, 'vision').definition.Steps as Json[]).push({
        Name: 'New',
        Type: 'Quantum',
        Arguments: {},
      });
    },
  },
  {
    name: 'the policy of the reports’ bucket was not read',
    expects: ['json-get-access', 'pipeline-inputs-protected', 'step-isolation', 'step-role-data-access'],
    change: () => {},
    files: (files) => files.delete('s3/acme-reports/policy.json'),
  },
  {
    name: 'the CORS configuration was not read',
    expects: ['evidence-readable', 'image-bucket-cors'],
    change: () => {},
    files: (files) => files.delete('s3/acme-images/cors.json'),
  },
  {
    name: 'the roles were not read',
    expects: ['evidence-readable', 'pipeline-inputs-protected'],
    change: () => {},
    files: (files) => files.delete('iam/account-authorization-details.json'),
  },
  {
    name: 'the listing of roles was cut',
    expects: ['evidence-readable', 'pipeline-inputs-protected'],
    change: () => {},
    files: (files) => {
      const path = 'iam/account-authorization-details.json';
      files.set(path, { ...(files.get(path) as JsonObject), IsTruncated: true, Marker: 'more' });
    },
  },
  {
    name: 'the SCPs were not read',
    expects: ['evidence-readable', 'scp-json-get-exception'],
    change: () => {},
    files: (files) => files.delete('organizations/scps.json'),
  },
  {
    name: 'the snapshot holds no shares',
    expects: [],
    change: () => {},
    files: (files) => files.delete('ram/resource-shares.json'),
  },
  {
    name: 'the file of the shares is broken',
    expects: ['evidence-readable'],
    change: () => {},
    files: (files) => files.set('ram/resource-shares.json', '{'),
  },
  {
    name: 'the key’s policy was not read',
    expects: ['step-role-data-access'],
    change: () => {},
    files: (files) => {
      for (const path of files.keys()) if (path.startsWith('kms/')) files.delete(path);
    },
  },
  {
    name: 'a policy that AWS would refuse',
    expects: [
      'execution-role-administrator',
      'execution-role-job-permissions',
      'execution-role-least-privilege',
      'execution-role-passes-step-roles',
      'pass-role-scoped',
      'pipeline-access-scoped',
      'scp-exception-protected',
      'step-role-data-access',
      'version-floor-enforced',
    ],
    change: (account) => {
      of(account, 'vision').policies.job = {
        Version: '2012-10-17',
        Statement: [{ Effect: 'Maybe' as 'Allow', Action: '*', Resource: '*' }],
      };
    },
  },
];
