import { JOB_KINDS, type JobKindId } from '../definition/job-kinds.ts';
import type { Definition, Step, Unchecked } from '../definition/parse.ts';
import type { Scope } from '../findings/finding.ts';
import type { Identity } from '../iam/authorization-details.ts';
import type { Policies } from '../iam/layers.ts';
import type { PolicyIndex } from '../iam/policy-index.ts';
import type { Organization } from './account-evidence.ts';
import type { Unread } from './read.ts';
import type { CorsRule, OrganizationPolicies, TrailFact } from './reader.ts';
import type { RoleNeed, RoleUses, Roster } from './roster.ts';

/** A pipeline as far as it is known: of a definition in a file, nothing but the definition is. */
export type PipelineSubject = { name?: string; arn?: string; roleArn?: string };

/** A job that was created, and who created it. A missing field is not known. */
export type JobFact = {
  kind: JobKindId;
  arn: string;
  /** Missing for a model package in a group, which has no name of its own. */
  name?: string;
  /** False where the name was taken from an ARN, which may be lower-cased. */
  nameKeepsCase: boolean;
  roleArns: string[];
  principalArn?: string;
  startedByPipeline?: boolean;
  /** Another event tells who started the job. */
  hasRecord?: true;
  executionId?: string;
  pipelineName?: string;
};

/** What the definition of a job's execution says of the step that started it. */
export type Declaration = {
  pipelineName: string;
  pipelineRoleArn?: string;
  executionId: string;
  definition: Definition;
  /** The steps that can have started the job: a job's name and session hold only 20 characters of a step's name. */
  steps: Step[];
  /** The values that the execution was started with; undefined where nobody has told. */
  parameters?: Readonly<Record<string, string>>;
};

/** A bucket, and whether images are imported from it. */
export type ImageBucketFact =
  | { name: string; because: string; cors: CorsRule[] }
  | { name: string; because?: undefined };

/** Whether the bucket of an image input is one that somebody has declared to be an image bucket. */
export type ImageSourceFact = {
  name: string;
  arn: string;
  isDeclared: boolean;
  inputs: readonly { pipelineName: string; step: string }[];
};

/** A user or role with all that bears on what it may do. */
export type PrincipalFact = {
  identity: Identity;
  policies: Policies;
  scope: Scope;
  /** It may write the policies of any role, its own among them. */
  isAdministrator: boolean;
  /** The configuration names it, or a pipeline uses it. Other administrators are nobody's matter here. */
  isGoverned: boolean;
};

/** A role that pipelines use or the configuration names, and who may assume it; without an identity, it does not exist. */
export type TrustFact = { roleArn: string; identity?: Identity; scope: Scope };

/** The policies of the resources that a role's needs are about, by bucket name and by key ARN. */
export type ResourcePolicies = {
  buckets: ReadonlyMap<string, PolicyIndex | undefined>;
  keys: ReadonlyMap<string, PolicyIndex>;
};

/** The SCPs of the account, as documents and to be asked. */
export type OrganizationFact = { policies: OrganizationPolicies; layers: Organization };

/** Who is held against the SCPs that keep S3 to networks: a role that reads for JsonGet, or the SCPs themselves. */
export type ExceptionSubject =
  | { of: 'role'; principal: PrincipalFact; needs: readonly RoleNeed[]; organization: OrganizationFact }
  | { of: 'organization'; organization: OrganizationFact; roster: Roster; account: string };

/** How a pipeline's steps share roles, or what a step's role could do to other steps. */
export type IsolationFact =
  | {
      of: 'pipeline';
      executionRoleArn: string;
      steps: readonly { step: string; pointer: string; roleArn: string }[];
    }
  | { of: 'role'; principal: PrincipalFact; uses: RoleUses; resourcePolicies: ResourcePolicies };

/** A version of a pipeline that was started or changed, and by whom. */
export type VersionFact = {
  pipelineName: string;
  versionId: number;
  /** Where the number is from. */
  toldBy: string;
  principalArn?: string;
};

/** The trails that log in the scope's Region, or in the one that IAM's records arrive in. */
export type TrailsFact = { scope: Scope; trails: readonly TrailFact[] };

/** Something that could not be read, or a part of a definition that could not be judged. */
export type Gap = Unread & {
  subject?: string;
  /** Nobody must have it: decisions are made without, which is said and is no failure to read. */
  isOptional?: true;
};

/** Every fact that a control can require. `definition` comes with what it needs to be resolved. */
export type Facts = {
  pipeline: PipelineSubject;
  definition: Definition;
  /** The values that an execution was started with, in place of the defaults; none for the pipeline itself. */
  overrides: Readonly<Record<string, string>>;
  job: JobFact;
  /** Null for a job that no pipeline started. */
  declaration: Declaration | null;
  imageBucket: ImageBucketFact;
  imageSource: ImageSourceFact;
  principal: PrincipalFact;
  trust: TrustFact;
  /** What pipelines ask of the principal. */
  uses: RoleUses;
  /** What all pipelines ask of the account. */
  roster: Roster;
  /** Roles whose holder may do whatever it likes, by ARN. */
  administrators: ReadonlySet<string>;
  resourcePolicies: ResourcePolicies;
  exceptionSubject: ExceptionSubject;
  isolation: IsolationFact;
  version: VersionFact;
  trails: TrailsFact;
  gaps: Gap[];
};

export type FactName = keyof Facts;

/** An IAM action that a fact is read with, on what (in CloudFormation's terms), and why. */
export type FactAction = { action: string; resource: string; reason: string };

const SAGEMAKER = 'arn:${AWS::Partition}:sagemaker:${AWS::Region}:${AWS::AccountId}';

const PIPELINE: FactAction = {
  action: 'sagemaker:DescribePipeline',
  resource: `${SAGEMAKER}:pipeline/*`,
  reason: 'the execution role and the definition of a pipeline, as they are now',
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
  definition: [PIPELINE],
  overrides: [],
  job: [
    ...JOBS,
    {
      action: 'iam:GetRole',
      resource: 'arn:${AWS::Partition}:iam::${AWS::AccountId}:role/*',
      reason: 'the path of a role, where a record names only its session',
    },
  ],
  declaration: [
    {
      action: 'sagemaker:DescribePipelineDefinitionForExecution',
      resource: `${SAGEMAKER}:pipeline/*`,
      reason: 'the definition that an execution runs',
    },
  ],
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
    {
      action: 'sagemaker:DescribePipelineExecution',
      resource: `${SAGEMAKER}:pipeline/*`,
      reason: 'the version that an execution runs, where its event does not tell it',
    },
    {
      action: 'sagemaker:ListPipelineParametersForExecution',
      resource: `${SAGEMAKER}:pipeline/*`,
      reason: 'the version that an execution runs, where its event does not tell it',
    },
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

/** A gap for a part of the definition that was not checked. */
export const gapOf = ({ pointer, name, reason }: Unchecked): Gap => ({
  call: pointer,
  code: 'NotChecked',
  message: reason,
  ...(name === '' ? {} : { subject: name }),
});
