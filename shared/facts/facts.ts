import type { Creator } from '../authorised/creators.ts';
import type { FileConfig } from '../config/schema.ts';
import type { ManifestUse } from '../definition/image-inputs.ts';
import type { JobKindId } from '../definition/job-kinds.ts';
import type { Mistake } from '../definition/mistake.ts';
import type { NamedRoles } from '../definition/named-roles.ts';
import type { Definition, Step } from '../definition/parse.ts';
import type { Gap, Unread } from '../domain/gap.ts';
import type { ResourceType } from '../domain/resource.ts';
import type { AccountScope, Scope } from '../domain/scope.ts';
import type { RecordedUses } from '../events/recorded-uses.ts';
import type { Directory, Identity } from '../iam/decide/authorization-details.ts';
import type { Policies } from '../iam/decide/layers.ts';
import type { PolicyIndex } from '../iam/decide/policy-index.ts';
import type { AdministratorAnswer } from '../iam/sets/answers.ts';

import type { InputFile } from '../needs/inputs.ts';

import type { ImageReader, RoleNeed, RoleUses, Roster, UnreadUse } from '../needs/roster.ts';
import type { Read } from '../reader/read-result.ts';
import type { CorsRule, ListedTrails, PipelineShare, PipelineVersion } from '../reader/reader.ts';
import type { OrganizationFact } from './account-evidence.ts';

/**
 * A pipeline as far as it is known: a definition from a file has neither name, ARN nor role. `hasPresentRole`: an earlier
 * definition, whose role is told with the pipeline’s present one. `named`: the roles of the account, where steps may name
 * them in another way than by their ARNs and the roles were read.
 */
export type PipelineSubject = {
  name?: string;
  arn?: string;
  roleArn?: string;
  hasPresentRole?: true;
  named?: NamedRoles;
};

/**
 * Who started a job, proved by what only AWS can say: SageMaker's step event or its list of an execution's steps, and
 * the role that CloudTrail saw calling. Names of jobs, names of sessions and tags prove nothing, because the job's
 * creator chooses them.
 */
export type JobOrigin =
  | { startedBy: 'pipeline'; pipelineName: string; executionId: string }
  /**
   * The caller created the job on its own. `falseClaim`: what the job's session says about a pipeline, and why this
   * is not true.
   */
  | { startedBy: 'caller'; falseClaim?: string }
  | { startedBy: 'unknown'; unread: Unread };

/** A created job and its creator. An absent field is unknown. */
export type JobFact = {
  kind: JobKindId;
  arn: string;
  /** Absent for a model package in a group, which has no name of its own. */
  name?: string;
  /** False for a name from an ARN, which may be in lower case. */
  nameKeepsCase: boolean;
  roleArns: string[];
  principalArn?: string;
  origin: JobOrigin;
  /** The job's CloudTrail record, which names the creator, has a look of its own. */
  hasRecord?: true;
  /** The tuning job for which SageMaker made this training job, if SageMaker names one. */
  tuningJobName?: string;
};

/** What the definition that the job's execution ran says about the step that started the job. */
export type Declaration = {
  pipelineName: string;
  pipelineRoleArn?: string;
  executionId: string;
  definition: Definition;
  /**
   * The steps that may have started the job. There can be several, because job and session names hold only 20
   * characters of a step's name.
   */
  steps: Step[];
  /** The values that the execution was started with; undefined if they are unknown. */
  parameters?: Readonly<Record<string, string>>;
};

/**
 * A bucket and, if it is an image bucket, why it is one and its CORS rules. With `manifest`, only a manifest of images is
 * known to lie in it.
 */
export type ImageBucketFact =
  | { name: string; because: string; cors: CorsRule[]; manifest?: ManifestUse }
  | { name: string; because?: undefined };

/** A bucket, and whether the configuration or a tag declares it an image bucket. */
export type ImageSourceFact = {
  name: string;
  arn: string;
  isDeclared: boolean;
  inputs: readonly ImageReader[];
};

/**
 * What decides what pipelines do besides their definitions (files of JsonGet, code, models): of a bucket, those that lie in
 * it and who may write them; of a role, those of which only a run tells the bucket. `principals` are there where the
 * configuration tells teams.
 */
export type InputsFact =
  | {
      of: 'bucket';
      name: string;
      files: readonly InputFile[];
      policy: PolicyIndex | undefined;
      limits: InputLimits;
      scope: AccountScope;
      roster: Roster;
      principals?: Read<readonly AccountPrincipal[]>;
    }
  | { of: 'role'; uses: RoleUses };

/** What of the organization’s policies limits access to a bucket. */
export type InputLimits = Pick<Policies, 'rcps' | 'memberAccount' | 'managementAccount'>;

/** A user or role, with every policy that affects what it may do. */
export type PrincipalFact = {
  identity: Identity;
  policies: Policies;
  scope: AccountScope;
  /** Whether the principal may write the policies of any role, including its own. */
  administrator: AdministratorAnswer;
  /** Whether the configuration names the principal or a pipeline uses it. Other administrators are not judged. */
  isGoverned: boolean;
};

/** A user or role of the account, with every policy that affects it, and whether it is an administrator. */
export type AccountPrincipal = Omit<PrincipalFact, 'isGoverned'>;

/**
 * A role that pipelines use or the configuration names, and its trust policy. Without `identity`, the role does not
 * exist.
 */
export type TrustFact = { roleArn: string; identity?: Identity; scope: AccountScope };

/** The policies of the buckets and keys that a role needs, by bucket name and by key ARN. */
export type ResourcePolicies = {
  buckets: ReadonlyMap<string, PolicyIndex | undefined>;
  keys: ReadonlyMap<string, PolicyIndex>;
  /** The ids of the keys to which aliases lead, as far as they are known. */
  aliases?: ReadonlyMap<string, string>;
};

/**
 * What the SCPs that restrict S3 to networks are compared with: a role that reads for JsonGet or, for the
 * organization itself, all such roles. `readers` are the ARNs, in order, of the roles of the account under which pipelines
 * read for JsonGet; none if the account's roles could not be read.
 */
export type ExceptionSubject = { organization: OrganizationFact; readers: readonly string[] } & (
  | { of: 'role'; principal: PrincipalFact; needs: readonly RoleNeed[]; unread: readonly UnreadUse[] }
  | { of: 'organization'; roster: Roster; account: string }
);

/** How the steps of a pipeline share roles, or what the role of one step could do to other steps. */
export type IsolationFact =
  | {
      of: 'pipeline';
      executionRoleArn: string;
      steps: readonly { step: string; pointer: string; roleArn: string }[];
    }
  | { of: 'role'; principal: PrincipalFact; uses: RoleUses; resourcePolicies: ResourcePolicies };

/** A version of a pipeline that somebody started or changed, and who did so. */
export type VersionFact = {
  pipelineName: string;
  versionId: number;
  /** The event or call that named the number. */
  toldBy: string;
  principalArn?: string;
};

/** The role that somebody chose for an execution of a pipeline of AWS itself. */
export type StartRoleFact = {
  pipelineArn: string;
  roleArn: string;
  /** Where the role is from. */
  toldBy: string;
  principalArn?: string;
};

/** The trails that log in the scope's Region, or in the Region where IAM's records arrive. */
export type TrailsFact = ListedTrails & { scope: Scope };

/** What a hub covers of an account in one Region, or in all its Regions for the account itself; the reason where it does not. */
export type CoverageFact = { scopes: readonly CoveredScope[] };

/**
 * A watched account in a Region. `unread`: nothing of it can be read, and why. `overdueSince`: since when no sweep has been
 * complete, where that is too long ago.
 */
export type CoveredScope = Pick<Scope, 'account' | 'region'> & { unread?: Unread; overdueSince?: string };

/**
 * The configuration as its file has it, for all accounts, and the day (YYYY-MM-DD, UTC) on which it is judged. `accountControls`: the controls that judge
 * whole accounts alone.
 */
export type ConfigurationFact = { file: FileConfig; today: string; accountControls: ReadonlySet<string> };

/**
 * Every fact that a control can require. A control that requires `definition` also gets what resolving its
 * expressions needs.
 */
export type Facts = {
  pipeline: PipelineSubject;
  definition: Definition;
  /** Mistakes of the definition itself, of a definition that SageMaker has not accepted yet. */
  mistakes: readonly Mistake[];
  /** The values that an execution was started with, which replace defaults; empty for the pipeline itself. */
  overrides: Readonly<Record<string, string>>;
  job: JobFact;
  /** Null for a job that no pipeline is known to have started. */
  declaration: Declaration | null;
  imageBucket: ImageBucketFact;
  imageSource: ImageSourceFact;
  inputs: InputsFact;
  principal: PrincipalFact;
  trust: TrustFact;
  /** What pipelines need of the principal. */
  uses: RoleUses;
  /** What CloudTrail records show that the principal did, and who assumed it. */
  recorded: RecordedUses;
  /** What all pipelines need in the account. */
  roster: Roster;
  /** Principals who may do anything (`yes`), or possibly may (`unknown`), by ARN. */
  administrators: ReadonlyMap<string, 'yes' | 'unknown'>;
  /** All users and roles of the account. */
  principals: readonly AccountPrincipal[];
  /** The groups of the account, and the versions of its policies. */
  directory: Directory;
  /** The principals of the account that the configuration names as creators. */
  creators: readonly Creator[];
  resourcePolicies: ResourcePolicies;
  exceptionSubject: ExceptionSubject;
  isolation: IsolationFact;
  version: VersionFact;
  /** The versions of a pipeline, with the aliases that lead to them. */
  versions: readonly PipelineVersion[];
  startRole: StartRoleFact;
  /** The shares of AWS RAM that hold the pipeline. */
  shares: readonly PipelineShare[];
  trails: TrailsFact;
  coverage: CoverageFact;
  configurationFile: ConfigurationFact;
  gaps: Gap[];
};

export type FactName = keyof Facts;

const PRINCIPAL = [
  'principal',
  'uses',
  'recorded',
  'roster',
  'administrators',
  'principals',
  'directory',
  'creators',
  'resourcePolicies',
  'exceptionSubject',
  'isolation',
  'gaps',
] as const;

/**
 * The facts of each type of resource. A control can require only these, and a gatherer must state each of them, so a
 * fact cannot be forgotten.
 */
export const FACTS_OF = {
  pipeline: ['pipeline', 'definition', 'mistakes', 'overrides', 'isolation', 'versions', 'shares', 'gaps'],
  execution: ['pipeline', 'definition', 'overrides', 'version', 'startRole', 'gaps'],
  job: ['job', 'declaration', 'gaps'],
  bucket: ['imageBucket', 'imageSource', 'inputs', 'gaps'],
  role: [...PRINCIPAL, 'trust', 'inputs'],
  user: PRINCIPAL,
  group: [],
  policy: [],
  key: [],
  share: [],
  organization: ['exceptionSubject', 'gaps'],
  account: ['trails', 'coverage', 'gaps'],
  configuration: ['configurationFile'],
  event: ['gaps'],
  source: ['gaps'],
} as const satisfies Record<ResourceType, readonly FactName[]>;

/** The facts of one type of resource. */
export type FactOf<T extends ResourceType> = (typeof FACTS_OF)[T][number];

/** The types of resources that have this fact. */
type TypeWith<F extends FactName> = {
  [T in ResourceType]: F extends FactOf<T> ? T : never;
}[ResourceType];

/** The facts that all of these types have. */
export type SharedFactOf<T extends ResourceType> = {
  [F in FactName]: [T] extends [TypeWith<F>] ? F : never;
}[FactName];
