import type { Json, JsonObject } from '../../shared/json/json.ts';
import { type Account, type Document, type Principal, pipelineNamed, principalNamed } from './account.ts';

const ACCOUNT = '111122223333';
const roleArn = (name: string): string => `arn:aws:iam::${ACCOUNT}:role/steps/${name}`;
const trusting = (statement: object): Document =>
  ({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', ...statement }],
  }) as Document;
const passing = (name: string, service: string) => ({
  Effect: 'Allow' as const,
  Action: 'iam:PassRole',
  Resource: roleArn(name),
  Condition: { StringEquals: { 'iam:PassedToService': service } },
});
const roleOf = (name: string, trust: Document, profile?: string): Principal => ({
  arn: roleArn(name),
  policies: {},
  managed: [],
  trust,
  tags: {},
  ...(profile !== undefined && { profile }),
});

const OF_ACCOUNT = { StringEquals: { 'aws:SourceAccount': ACCOUNT } };
const CLUSTERS = `arn:aws:elasticmapreduce:eu-west-1:${ACCOUNT}:cluster/*`;

/**
 * Has the pipeline fraud run a step on a cluster of EMR that it makes, and one on a cluster that exists, under a runtime
 * role; with all that both need.
 */
const withClusters = (account: Account): void => {
  const { definition } = pipelineNamed(account, 'fraud');
  const StepConfig = { HadoopJarStep: { Jar: 'command-runner.jar', Args: ['spark-submit'] } };
  const clusterStep = (Name: string, Arguments: object) =>
    ({ Name, Type: 'EMR', Arguments: { StepConfig, ...Arguments } }) as unknown as Json;
  (definition.Steps as Json[]).push(
    clusterStep('Curate', {
      ClusterConfig: {
        JobFlowRole: 'curate-cluster',
        ServiceRole: 'curate-emr',
        Tags: [{ Key: 'team', Value: 'fraud' }],
      },
    }),
    clusterStep('Join', { ClusterId: 'j-1ABCD', ExecutionRoleArn: roleArn('join') }),
  );
  account.principals.push(
    roleOf('curate-nodes', trusting({ Principal: { Service: 'ec2.amazonaws.com' } }), 'curate-cluster'),
    roleOf(
      'curate-emr',
      trusting({ Principal: { Service: 'elasticmapreduce.amazonaws.com' }, Condition: OF_ACCOUNT }),
    ),
    roleOf(
      'join',
      trusting({
        Principal: { AWS: roleArn('curate-nodes') },
        Action: ['sts:AssumeRole', 'sts:TagSession'],
        Condition: { Null: { 'aws:TagKeys': 'true' } },
      }),
    ),
  );
  const { roles } = account.config;
  roles?.steps?.push(...['curate-nodes', 'curate-emr', 'join'].map(roleArn));
  roles?.trusted?.push(roleArn('curate-nodes'));
  principalNamed(account, 'fraud').policies.clusters = {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Action: [
          'RunJobFlow',
          'AddTags',
          'DescribeStep',
          'CancelSteps',
          'TerminateJobFlows',
          'DescribeCluster',
          'ListSteps',
        ].map((name) => `elasticmapreduce:${name}`),
        Resource: CLUSTERS,
      },
      {
        Effect: 'Allow',
        Action: 'elasticmapreduce:AddJobFlowSteps',
        Resource: CLUSTERS,
        Condition: { StringEqualsIfExists: { 'elasticmapreduce:ExecutionRoleArn': roleArn('join') } },
      },
      {
        Effect: 'Allow',
        Action: ['events:PutRule', 'events:PutTargets', 'events:DescribeRule'],
        Resource: `arn:aws:events:eu-west-1:${ACCOUNT}:rule/SageMakerPipelineExecutionEMR*`,
      },
      passing('curate-nodes', 'ec2.amazonaws.com'),
      passing('curate-emr', 'elasticmapreduce.amazonaws.com'),
    ],
  };
};

const statementOf = (account: Account, index: number) => {
  const statement = principalNamed(account, 'fraud').policies.clusters?.Statement[index];
  if (!statement) throw new Error('fraud has no such statement');
  return statement;
};
const [RUNNING, SUBMITTING, , TO_EC2, TO_EMR] = [0, 1, 2, 3, 4];
const without = (account: Account, index: number, action: string): void => {
  const statement = statementOf(account, index);
  statement.Action = [statement.Action ?? []].flat().filter((each) => each !== action);
};
const passedTo = (account: Account, index: number, service: string): void => {
  statementOf(account, index).Condition = { StringEquals: { 'iam:PassedToService': service } };
};
const clusterOf = (account: Account): JsonObject => {
  const steps = pipelineNamed(account, 'fraud').definition.Steps as JsonObject[];
  const step = steps.find(({ Name }) => Name === 'Curate');
  if (!step) throw new Error('fraud has no step Curate');
  return (step.Arguments as JsonObject).ClusterConfig as JsonObject;
};

type Change = (account: Account) => void;
const on = (cases: Record<string, Change>): Record<string, Change> =>
  Object.fromEntries(
    Object.entries(cases).map(([name, change]) => [
      name,
      (account) => {
        withClusters(account);
        change(account);
      },
    ]),
  );

/** What breaks steps on clusters of EMR, or does not, by the control that tells it; those under '' break nothing. */
export const CLUSTER_CHANGES: Readonly<Record<string, Record<string, Change>>> = {
  '': on({
    'steps on clusters of EMR, with all that they need': () => {},
    'the instance profile by its ARN': (account) => {
      clusterOf(account).JobFlowRole = `arn:aws:iam::${ACCOUNT}:instance-profile/curate-cluster`;
    },
    'a new cluster is allowed on *': (account) => {
      statementOf(account, RUNNING).Resource = '*';
    },
  }),
  'execution-role-passes-step-roles': on({
    'the role of the instances is passed to EMR alone': (account) =>
      passedTo(account, TO_EC2, 'elasticmapreduce.amazonaws.com'),
    'the service role is passed to EC2 alone': (account) => passedTo(account, TO_EMR, 'ec2.amazonaws.com'),
    'the role of the instances is passed by the name of the profile': (account) => {
      statementOf(account, TO_EC2).Resource = roleArn('curate-cluster');
    },
    'no role is listed with the instance profile': (account) => {
      delete principalNamed(account, 'curate-nodes').profile;
    },
  }),
  'execution-role-job-permissions': on({
    'no cluster may be made': (account) => without(account, RUNNING, 'elasticmapreduce:RunJobFlow'),
    'a cluster may get no tags': (account) => without(account, RUNNING, 'elasticmapreduce:AddTags'),
    'the runtime role of a step is another': (account) => {
      statementOf(account, SUBMITTING).Condition = {
        StringEqualsIfExists: { 'elasticmapreduce:ExecutionRoleArn': roleArn('other') },
      };
    },
  }),
  'execution-role-trust': on({
    'EC2 may not assume the role of the instances': (account) => {
      principalNamed(account, 'curate-nodes').trust = trusting({
        Principal: { Service: 'sagemaker.amazonaws.com' },
        Condition: OF_ACCOUNT,
      });
    },
    'EC2 may assume the role of the instances for an account, which it does not tell': (account) => {
      principalNamed(account, 'curate-nodes').trust = trusting({
        Principal: { Service: 'ec2.amazonaws.com' },
        Condition: OF_ACCOUNT,
      });
    },
    'no role may assume the runtime role': (account) => {
      principalNamed(account, 'join').trust = trusting({
        Principal: { Service: 'sagemaker.amazonaws.com' },
        Condition: OF_ACCOUNT,
      });
    },
    'the runtime role takes no tags': (account) => {
      principalNamed(account, 'join').trust = trusting({ Principal: { AWS: roleArn('curate-nodes') } });
    },
    'every repository of GitHub may assume a step role': (account) => {
      const provider = `arn:aws:iam::${ACCOUNT}:oidc-provider/token.actions.githubusercontent.com`;
      account.config.roles?.trusted?.push(provider);
      principalNamed(account, 'fraud-train').trust?.Statement.push({
        Effect: 'Allow',
        Principal: { Federated: provider },
        Action: 'sts:AssumeRoleWithWebIdentity',
        Condition: { StringEquals: { 'token.actions.githubusercontent.com:aud': 'sts.amazonaws.com' } },
      });
    },
  }),
  'step-role-authorised': on({
    'the instance profile holds a role that nobody authorised': (account) => {
      const steps = account.config.roles?.steps;
      steps?.splice(steps.indexOf(roleArn('curate-nodes')), 1);
    },
  }),
};
