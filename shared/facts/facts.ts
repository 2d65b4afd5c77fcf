import type { JobKindId } from '../definition/job-kinds.ts';
import type { Definition, Step } from '../definition/parse.ts';
import type { Gap, Unread } from '../domain/gap.ts';
import type { ResourceType } from '../domain/resource.ts';
import type { Scope } from '../domain/scope.ts';
import type { Identity } from '../iam/decide/authorization-details.ts';
import type { Policies } from '../iam/decide/layers.ts';
import type { PolicyIndex } from '../iam/decide/policy-index.ts';
import type { AdministratorAnswer } from '../iam/sets/answers.ts';
import type { RoleNeed, RoleUses, Roster, UnreadUse } from '../needs/roster.ts';
import type { CorsRule, TrailFact } from '../reader/reader.ts';
import type { OrganizationFact } from './account-evidence.ts';

/** A pipeline as far as it is known: of a definition in a file, nothing but the definition is. */
export type PipelineSubject = { name?: string; arn?: string; roleArn?: string };

/**
 * Who started a job, by what only AWS can have said: SageMaker's own event or its list of the steps of an execution, and the role
 * that CloudTrail saw calling. The name of a job, the name of a session and a tag are chosen by whoever creates the job.
 */
export type JobOrigin =
  | { startedBy: 'pipeline'; pipelineName: string; executionId: string }
  /** Whoever created it, for itself; `falseClaim`: what it says of a pipeline, and why that is not so. */
  | { startedBy: 'caller'; falseClaim?: string }
  | { startedBy: 'unknown'; unread: Unread };

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
  origin: JobOrigin;
  /** What is not known of its creator, its CloudTrail record tells, which is looked at by itself. */
  hasRecord?: true;
  /** The tuning job that SageMaker made this training job for, where SageMaker says so. */
  tuningJobName?: string;
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
  /** Whether it may write the policies of any role, its own among them. */
  administrator: AdministratorAnswer;
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

/** Who is held against the SCPs that keep S3 to networks: a role that reads for JsonGet, or the SCPs themselves. */
export type ExceptionSubject =
  | {
      of: 'role';
      principal: PrincipalFact;
      needs: readonly RoleNeed[];
      unread: readonly UnreadUse[];
      organization: OrganizationFact;
    }
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

/** Every fact that a control can require. `definition` comes with what it needs to be resolved. */
export type Facts = {
  pipeline: PipelineSubject;
  definition: Definition;
  /** The values that an execution was started with, in place of the defaults; none for the pipeline itself. */
  overrides: Readonly<Record<string, string>>;
  job: JobFact;
  /** Null for a job that no pipeline is known to have started. */
  declaration: Declaration | null;
  imageBucket: ImageBucketFact;
  imageSource: ImageSourceFact;
  principal: PrincipalFact;
  trust: TrustFact;
  /** What pipelines ask of the principal. */
  uses: RoleUses;
  /** What all pipelines ask of the account. */
  roster: Roster;
  /** Roles whose holder may do whatever it likes, or may be able to, by ARN. */
  administrators: ReadonlyMap<string, 'yes' | 'unknown'>;
  resourcePolicies: ResourcePolicies;
  exceptionSubject: ExceptionSubject;
  isolation: IsolationFact;
  version: VersionFact;
  trails: TrailsFact;
  gaps: Gap[];
};

export type FactName = keyof Facts;

const PRINCIPAL = [
  'principal',
  'uses',
  'roster',
  'administrators',
  'resourcePolicies',
  'exceptionSubject',
  'isolation',
  'gaps',
] as const;

/**
 * What is gathered of each type of resource: a control on it can require these facts and no others, and whoever gathers
 * it must say something of each of them.
 */
export const FACTS_OF = {
  pipeline: ['pipeline', 'definition', 'overrides', 'isolation', 'gaps'],
  execution: ['pipeline', 'definition', 'overrides', 'version', 'gaps'],
  job: ['job', 'declaration', 'gaps'],
  bucket: ['imageBucket', 'imageSource', 'gaps'],
  role: [...PRINCIPAL, 'trust'],
  user: PRINCIPAL,
  group: [],
  policy: [],
  organization: ['exceptionSubject', 'gaps'],
  account: ['trails', 'gaps'],
  configuration: [],
  event: ['gaps'],
} as const satisfies Record<ResourceType, readonly FactName[]>;

/** The facts that are gathered of a type of resource. */
export type FactOf<T extends ResourceType> = (typeof FACTS_OF)[T][number];

/** The types of resource of which that fact is gathered. */
type TypeWith<F extends FactName> = {
  [T in ResourceType]: F extends FactOf<T> ? T : never;
}[ResourceType];

/** The facts that are gathered of each of these types. */
export type SharedFactOf<T extends ResourceType> = {
  [F in FactName]: [T] extends [TypeWith<F>] ? F : never;
}[FactName];
