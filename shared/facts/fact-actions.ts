import { JOB_KINDS } from '../definition/job-kinds.ts';
import type { FactName } from './facts.ts';

/** An IAM action that reading a fact requires, its resource (in CloudFormation syntax) and the reason. */
export type FactAction = { action: string; resource: string; reason: string };

const SAGEMAKER = 'arn:${AWS::Partition}:sagemaker:${AWS::Region}:${AWS::AccountId}';

const PIPELINE: FactAction = {
  action: 'sagemaker:DescribePipeline',
  resource: `${SAGEMAKER}:pipeline/*`,
  reason: 'the present execution role and definition of a pipeline',
};

const EXECUTION_DEFINITION: FactAction = {
  action: 'sagemaker:DescribePipelineDefinitionForExecution',
  resource: `${SAGEMAKER}:pipeline/*`,
  reason: 'the definition that an execution runs',
};

const ALL = '*';

const IDENTITIES: FactAction = {
  action: 'iam:GetAccountAuthorizationDetails',
  resource: ALL,
  reason: 'the users and roles of the account with their policies, in one listing',
};

const ROSTER: readonly FactAction[] = [
  PIPELINE,
  {
    action: 'sagemaker:ListPipelines',
    resource: ALL,
    reason: 'the pipelines, to know which of them use a role or a bucket',
  },
];

const ORGANIZATION = [
  'DescribeOrganization',
  'DescribeAccount',
  'ListParents',
  'ListPoliciesForTarget',
  'DescribePolicy',
].map(
  (operation): FactAction => ({
    action: `organizations:${operation}`,
    resource: ALL,
    reason: 'the SCPs and RCPs that apply to the account, if it may read them',
  }),
);

const BUCKET_POLICY: FactAction = {
  action: 's3:GetBucketPolicy',
  resource: 'arn:${AWS::Partition}:s3:::*',
  reason: 'the policy of a bucket that a step or a JsonGet uses',
};

const RESOURCE_POLICIES: readonly FactAction[] = [
  BUCKET_POLICY,
  ...['kms:GetKeyPolicy', 'kms:DescribeKey'].map((action) => ({
    action,
    resource: 'arn:${AWS::Partition}:kms:${AWS::Region}:${AWS::AccountId}:key/*',
    reason: 'the policy of a KMS key that a step names',
  })),
];

const EXECUTION_STEPS: FactAction = {
  action: 'sagemaker:ListPipelineExecutionSteps',
  resource: `${SAGEMAKER}:pipeline/*`,
  reason: 'whether a step of an execution has started a job, which only SageMaker can say',
};

const EXECUTION = ['DescribePipelineExecution', 'ListPipelineParametersForExecution'].map(
  (operation): FactAction => ({
    action: `sagemaker:${operation}`,
    resource: `${SAGEMAKER}:pipeline/*`,
    reason: 'the version and the parameters of an execution, if its event lacks them',
  }),
);

const VERSIONS: FactAction = {
  action: 'sagemaker:ListPipelineVersions',
  resource: `${SAGEMAKER}:pipeline/*`,
  reason: 'the newest version, which runs if none was chosen, and the aliases of versions',
};

const PRINCIPAL: readonly FactAction[] = [IDENTITIES, ...ORGANIZATION];

const JOBS = Object.values(JOB_KINDS)
  // DescribeAutoMLJobV2 describes both versions, and the SDK cannot describe training sessions.
  .filter(({ noun }) => noun !== 'AutoMLJob' && noun !== 'TrainingSession')
  .map(({ noun, arnType }): FactAction => {
    // IAM authorises an export job by the model card that it exports.
    const type = noun === 'ModelCardExportJob' ? 'model-card' : arnType;
    return {
      action: `sagemaker:Describe${noun}`,
      resource: `${SAGEMAKER}:${type}/*`,
      reason: 'the role and the name of a job, if its event lacks them',
    };
  });

/**
 * The permissions that reading each fact requires. The auditor's role and the pages of the controls are generated
 * from this table.
 */
export const FACT_ACTIONS: Record<FactName, readonly FactAction[]> = {
  pipeline: [PIPELINE],
  definition: [PIPELINE, EXECUTION_DEFINITION],
  overrides: EXECUTION,
  job: [
    ...JOBS,
    EXECUTION_STEPS,
    EXECUTION_DEFINITION,
    ...EXECUTION,
    PIPELINE,
    {
      action: 'iam:GetRole',
      resource: 'arn:${AWS::Partition}:iam::${AWS::AccountId}:role/*',
      reason: 'the path of a role, if a record names only its session',
    },
  ],
  declaration: [EXECUTION_DEFINITION, ...EXECUTION],
  imageBucket: [
    {
      action: 's3:GetBucketCORS',
      resource: 'arn:${AWS::Partition}:s3:::*',
      reason: 'the CORS configuration of an image bucket',
    },
    {
      action: 's3:GetBucketTagging',
      resource: 'arn:${AWS::Partition}:s3:::*',
      reason: 'the tags that mark a bucket as an image bucket',
    },
  ],
  imageSource: [
    ...ROSTER,
    {
      action: 's3:GetBucketTagging',
      resource: 'arn:${AWS::Partition}:s3:::*',
      reason: 'the tags that mark a bucket as an image bucket',
    },
  ],
  inputs: [...PRINCIPAL, ...ROSTER, BUCKET_POLICY],
  // Mistakes are looked for in files.
  mistakes: [],
  principal: PRINCIPAL,
  trust: [IDENTITIES],
  uses: ROSTER,
  // CloudTrail's records come from files.
  recorded: [],
  roster: ROSTER,
  administrators: PRINCIPAL,
  principals: PRINCIPAL,
  directory: [IDENTITIES],
  creators: PRINCIPAL,
  resourcePolicies: RESOURCE_POLICIES,
  exceptionSubject: [...PRINCIPAL, ...ROSTER],
  isolation: [...PRINCIPAL, ...ROSTER, ...RESOURCE_POLICIES],
  version: [...EXECUTION, VERSIONS],
  versions: [VERSIONS],
  startRole: EXECUTION,
  shares: [
    ...['GetResourceShares', 'GetResourceShareAssociations'].map((operation) => ({
      action: `ram:${operation}`,
      resource: ALL,
      reason: 'the shares of pipelines, and with whom they are shared',
    })),
    {
      action: 'ram:ListResourceSharePermissions',
      resource: 'arn:${AWS::Partition}:ram:${AWS::Region}:${AWS::AccountId}:resource-share/*',
      reason: 'the permissions of a share that holds pipelines',
    },
    {
      action: 'ram:GetPermission',
      // The ARN of AWS's own permissions has no Region, and aws in place of an account.
      resource: 'arn:${AWS::Partition}:ram:*:*:permission/*',
      reason: 'what a permission of a share allows',
    },
  ],
  trails: [
    {
      action: 'cloudtrail:DescribeTrails',
      resource: ALL,
      reason: 'the trails that log in the Region, without which no event arrives',
    },
    ...['GetTrailStatus', 'GetEventSelectors'].map((operation) => ({
      action: `cloudtrail:${operation}`,
      // The ARN of an organization's trail contains the account id of its management account.
      resource: 'arn:${AWS::Partition}:cloudtrail:*:*:trail/*',
      reason: 'whether a trail is logging, and which events',
    })),
  ],
  coverage: [],
  configurationFile: [],
  gaps: [],
};

const OWN_IAM = 'arn:${AWS::Partition}:iam::${AWS::AccountId}';

const changed = (type: string, reason: string, ...operations: string[]): FactAction[] =>
  operations.map((operation) => ({
    action: `iam:${operation}`,
    resource: `${OWN_IAM}:${type}/*`,
    reason,
  }));

/**
 * What reads one user, role, group or managed policy that changed, so that nobody lists IAM for it. Only functions read in this way.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
 */
export const CHANGED_ACTIONS: readonly FactAction[] = [
  ...changed(
    'role',
    'the policies of a role that changed',
    'ListRolePolicies',
    'GetRolePolicy',
    'ListAttachedRolePolicies',
    'ListInstanceProfilesForRole',
  ),
  ...changed(
    'user',
    'a user that changed, with its policies',
    'GetUser',
    'ListUserPolicies',
    'GetUserPolicy',
    'ListAttachedUserPolicies',
    'ListGroupsForUser',
  ),
  ...changed(
    'group',
    'a group that changed, with its policies',
    'GetGroup',
    'ListGroupPolicies',
    'GetGroupPolicy',
    'ListAttachedGroupPolicies',
  ),
  ...['GetPolicy', 'GetPolicyVersion', 'ListPolicyVersions'].flatMap((operation) =>
    ['${AWS::AccountId}', 'aws'].map((owner) => ({
      action: `iam:${operation}`,
      resource: `arn:\${AWS::Partition}:iam::${owner}:policy/*`,
      reason: 'a managed policy that changed, or that somebody got, with its versions',
    })),
  ),
];
