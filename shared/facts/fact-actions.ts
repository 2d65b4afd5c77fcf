import { JOB_KINDS } from '../definition/job-kinds.ts';
import type { FactName } from './facts.ts';

/** An IAM action that a fact is read with, on what (in CloudFormation's terms), and why. */
export type FactAction = { action: string; resource: string; reason: string };

const SAGEMAKER = 'arn:${AWS::Partition}:sagemaker:${AWS::Region}:${AWS::AccountId}';

const PIPELINE: FactAction = {
  action: 'sagemaker:DescribePipeline',
  resource: `${SAGEMAKER}:pipeline/*`,
  reason: 'the execution role and the definition of a pipeline, as they are now',
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

const ORGANIZATION = ['DescribeOrganization', 'ListParents', 'ListPoliciesForTarget', 'DescribePolicy'].map(
  (operation): FactAction => ({
    action: `organizations:${operation}`,
    resource: ALL,
    reason: 'the SCPs and RCPs that bear on the account, where it may read them',
  }),
);

const RESOURCE_POLICIES: readonly FactAction[] = [
  {
    action: 's3:GetBucketPolicy',
    resource: 'arn:${AWS::Partition}:s3:::*',
    reason: 'the policy of a bucket that a step or a JsonGet uses',
  },
  ...['kms:GetKeyPolicy', 'kms:DescribeKey'].map((action) => ({
    action,
    resource: 'arn:${AWS::Partition}:kms:${AWS::Region}:${AWS::AccountId}:key/*',
    reason: 'the policy of a KMS key that a step names',
  })),
];

const EXECUTION = ['DescribePipelineExecution', 'ListPipelineParametersForExecution'].map(
  (operation): FactAction => ({
    action: `sagemaker:${operation}`,
    resource: `${SAGEMAKER}:pipeline/*`,
    reason: 'the version and the parameters of an execution, where its event does not tell them',
  }),
);

const PRINCIPAL: readonly FactAction[] = [IDENTITIES, ...ORGANIZATION];

const JOBS = Object.values(JOB_KINDS)
  .filter(({ noun }) => noun !== 'AutoMLJob') // the second version's operation describes both
  .map(({ noun, arnType }): FactAction => {
    // An export job is authorised by the model card that it exports.
    const type = noun === 'ModelCardExportJob' ? 'model-card' : arnType;
    return {
      action: `sagemaker:Describe${noun}`,
      resource: `${SAGEMAKER}:${type}/*`,
      reason: 'the role and the name of a job, where its event does not tell them',
    };
  });

/** What the auditor's role must be allowed, fact by fact: infra and the pages of the controls are made from it. */
export const FACT_ACTIONS: Record<FactName, readonly FactAction[]> = {
  pipeline: [PIPELINE],
  definition: [PIPELINE, EXECUTION_DEFINITION],
  overrides: EXECUTION,
  job: [
    ...JOBS,
    {
      action: 'iam:GetRole',
      resource: 'arn:${AWS::Partition}:iam::${AWS::AccountId}:role/*',
      reason: 'the path of a role, where a record names only its session',
    },
  ],
  declaration: [EXECUTION_DEFINITION],
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
  principal: PRINCIPAL,
  trust: [IDENTITIES],
  uses: ROSTER,
  roster: ROSTER,
  administrators: PRINCIPAL,
  resourcePolicies: RESOURCE_POLICIES,
  exceptionSubject: [...PRINCIPAL, ...ROSTER],
  isolation: [...PRINCIPAL, ...ROSTER, ...RESOURCE_POLICIES],
  version: [
    ...EXECUTION,
    {
      action: 'sagemaker:ListPipelineVersions',
      resource: `${SAGEMAKER}:pipeline/*`,
      reason: 'the newest version, which runs where no version is chosen',
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
      // A trail of the organization has the account id of its management account.
      resource: 'arn:${AWS::Partition}:cloudtrail:*:*:trail/*',
      reason: 'whether a trail is logging, and which events',
    })),
  ],
  gaps: [],
};
