import { JOB_KINDS, type JobKindId } from '../definition/job-kinds.ts';
import type { AuditedType, ChangeOf } from '../domain/change.ts';
import type { Scope } from '../domain/scope.ts';
import { globalRegionOf } from '../reader/answers/trails.ts';

/**
 * The forms of records, by the field that names the resource. Each form has one reader and is about one type of
 * resource.
 */
type RecordForms = {
  pipeline: 'pipeline';
  'pipeline version': 'pipeline';
  'execution start': 'pipeline';
  'execution retry': 'pipeline';
  job: 'job';
  bucket: 'bucket';
  'tagged resource': 'bucket';
  role: 'role';
  user: 'user';
  'renamed user': 'user';
  group: 'group';
  'renamed group': 'group';
  policy: 'policy';
  key: 'key';
  alias: 'key';
  'new share': 'pipeline';
  'share content': 'share';
  share: 'share';
  organization: 'organization';
};
export type RecordForm = keyof RecordForms;

type WhatChanged<T extends AuditedType> = { changed: readonly ChangeOf<T>[] };

/** A call whose records lead to a look: the form of its records, and what the call changes about the resource. */
export type AuditedCallOf<F extends RecordForm> = WhatChanged<RecordForms[F]> & {
  form: F;
  /** After the call the resource no longer exists. */
  deletes?: true;
} & (F extends 'job' ? { kind: JobKindId } : unknown);
export type AuditedCall = { [F in RecordForm]: AuditedCallOf<F> }[RecordForm];

/** A service whose writing calls are audited. */
type AuditedService = {
  /** The category of its records in CloudTrail. A trail needs selectors of its own for each category. */
  category: 'Management' | 'Data';
  /** `global`: all records arrive in one Region of the partition, in whatever Region the resource is used. */
  arrivesIn: 'own Region' | 'global';
  /** The account whose trail logs the calls. Calls of AWS Organizations are logged in the management account only. */
  loggedIn: 'own account' | 'management account';
  /**
   * Nearly all calls of the service use keys and change nothing. Many trails leave the service out for that reason, as
   * CloudTrail's console offers: its changes then wait for the next sweep. The history is searched call by call.
   * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-management-events-with-cloudtrail.html
   */
  isBusy?: true;
  calls: Readonly<Record<string, AuditedCall>>;
};

type JobCalls = { [K in JobKindId as `Create${(typeof JOB_KINDS)[K]['noun']}`]: AuditedCallOf<'job'> };

/** One operation for each kind of job, such as `CreateTrainingJob`. */
const JOB_CALLS = Object.fromEntries(
  Object.values(JOB_KINDS).map(({ id, noun }): [string, AuditedCallOf<'job'>] => [
    `Create${noun}`,
    { form: 'job', kind: id, changed: ['existence'] },
  ]),
) as JobCalls;

/** A call about shares of which the record does not tell the pipelines. */
const SHARE = { form: 'share', changed: ['content'] } as const;

/**
 * Every audited service and call, by event source and operation. The readers of records, the rules of EventBridge, the
 * cache, the control on trails and the search for lost events all use this table.
 * A call that is missing here changes nothing that a control reads. StopPipelineExecution and
 * SendPipelineExecutionStepSuccess and …Failure end or continue what was judged at its start; a new bucket has neither policy nor
 * CORS rules, and no pipeline names a new key. Why calls of IAM are missing is in `UNAUDITED_IAM_CALLS`.
 * https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_Operations_Amazon_SageMaker_Service.html
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/cloudtrail-logging-s3-info.html
 * https://docs.aws.amazon.com/kms/latest/developerguide/logging-using-cloudtrail.html
 * https://docs.aws.amazon.com/ram/latest/userguide/cloudtrail-logging.html
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_Operations.html
 * https://docs.aws.amazon.com/organizations/latest/userguide/orgs_cloudtrail-integration.html
 */
export const AUDITED_SERVICES = {
  'sagemaker.amazonaws.com': {
    category: 'Management',
    arrivesIn: 'own Region',
    loggedIn: 'own account',
    calls: {
      CreatePipeline: { form: 'pipeline', changed: ['existence', 'definition'] },
      UpdatePipeline: { form: 'pipeline', changed: ['definition'] },
      UpdatePipelineVersion: { form: 'pipeline version', changed: ['version'] },
      StartPipelineExecution: { form: 'execution start', changed: ['execution'] },
      RetryPipelineExecution: { form: 'execution retry', changed: ['execution'] },
      DeletePipeline: { form: 'pipeline', changed: ['existence'], deletes: true },
      ...JOB_CALLS,
    },
  },
  's3.amazonaws.com': {
    category: 'Management',
    arrivesIn: 'own Region',
    loggedIn: 'own account',
    calls: {
      PutBucketCors: { form: 'bucket', changed: ['cors'] },
      DeleteBucketCors: { form: 'bucket', changed: ['cors'] },
      PutBucketPolicy: { form: 'bucket', changed: ['policy'] },
      DeleteBucketPolicy: { form: 'bucket', changed: ['policy'] },
      PutBucketTagging: { form: 'bucket', changed: ['tags'] },
      DeleteBucketTagging: { form: 'bucket', changed: ['tags'] },
      // These replace the two calls above in buckets with attribute-based access control:
      // https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketAbac.html
      TagResource: { form: 'tagged resource', changed: ['tags'] },
      UntagResource: { form: 'tagged resource', changed: ['tags'] },
      DeleteBucket: { form: 'bucket', changed: ['existence'], deletes: true },
    },
  },
  'kms.amazonaws.com': {
    category: 'Management',
    arrivesIn: 'own Region',
    loggedIn: 'own account',
    isBusy: true,
    calls: {
      PutKeyPolicy: { form: 'key', changed: ['policy'] },
      CreateAlias: { form: 'alias', changed: ['alias'] },
      UpdateAlias: { form: 'alias', changed: ['alias'] },
      DeleteAlias: { form: 'alias', changed: ['alias'] },
    },
  },
  // RAM records the answer to an invitation in the account of whoever gives it; what is offered counts as shared already.
  'ram.amazonaws.com': {
    category: 'Management',
    arrivesIn: 'own Region',
    loggedIn: 'own account',
    calls: {
      CreateResourceShare: { form: 'new share', changed: ['sharing'] },
      UpdateResourceShare: SHARE,
      DeleteResourceShare: SHARE,
      AssociateResourceShare: { form: 'share content', changed: ['content'] },
      DisassociateResourceShare: { form: 'share content', changed: ['content'] },
      AssociateResourceSharePermission: SHARE,
      DisassociateResourceSharePermission: SHARE,
      ReplacePermissionAssociations: SHARE,
      CreatePermissionVersion: SHARE,
      SetDefaultPermissionVersion: SHARE,
      PromotePermissionCreatedFromPolicy: SHARE,
      PromoteResourceShareCreatedFromPolicy: SHARE,
    },
  },
  'iam.amazonaws.com': {
    category: 'Management',
    arrivesIn: 'global',
    loggedIn: 'own account',
    calls: {
      CreateRole: { form: 'role', changed: ['existence'] },
      // Creates a role from a template: https://docs.aws.amazon.com/IAM/latest/APIReference/API_AcquireRole.html
      AcquireRole: { form: 'role', changed: ['existence'] },
      // Others may hang on what the new role may do, though only AWS can change it.
      CreateServiceLinkedRole: { form: 'role', changed: ['existence'] },
      DeleteRole: { form: 'role', changed: ['existence'], deletes: true },
      PutRolePolicy: { form: 'role', changed: ['policy'] },
      DeleteRolePolicy: { form: 'role', changed: ['policy'] },
      AttachRolePolicy: { form: 'role', changed: ['policy'] },
      DetachRolePolicy: { form: 'role', changed: ['policy'] },
      UpdateAssumeRolePolicy: { form: 'role', changed: ['trust'] },
      PutRolePermissionsBoundary: { form: 'role', changed: ['boundary'] },
      DeleteRolePermissionsBoundary: { form: 'role', changed: ['boundary'] },
      TagRole: { form: 'role', changed: ['tags'] },
      UntagRole: { form: 'role', changed: ['tags'] },
      // A step on EMR may name the profile in place of the role, and EC2 gives the role to whoever may start instances with it.
      AddRoleToInstanceProfile: { form: 'role', changed: ['profiles'] },
      RemoveRoleFromInstanceProfile: { form: 'role', changed: ['profiles'] },
      CreateUser: { form: 'user', changed: ['existence'] },
      UpdateUser: { form: 'renamed user', changed: ['existence'] },
      DeleteUser: { form: 'user', changed: ['existence'], deletes: true },
      PutUserPolicy: { form: 'user', changed: ['policy'] },
      DeleteUserPolicy: { form: 'user', changed: ['policy'] },
      AttachUserPolicy: { form: 'user', changed: ['policy'] },
      DetachUserPolicy: { form: 'user', changed: ['policy'] },
      PutUserPermissionsBoundary: { form: 'user', changed: ['boundary'] },
      DeleteUserPermissionsBoundary: { form: 'user', changed: ['boundary'] },
      TagUser: { form: 'user', changed: ['tags'] },
      UntagUser: { form: 'user', changed: ['tags'] },
      AddUserToGroup: { form: 'user', changed: ['groups'] },
      RemoveUserFromGroup: { form: 'user', changed: ['groups'] },
      PutGroupPolicy: { form: 'group', changed: ['policy'] },
      DeleteGroupPolicy: { form: 'group', changed: ['policy'] },
      AttachGroupPolicy: { form: 'group', changed: ['policy'] },
      DetachGroupPolicy: { form: 'group', changed: ['policy'] },
      // Policies name groups by their ARNs, which the name and the path are part of.
      UpdateGroup: { form: 'renamed group', changed: ['existence'] },
      // Whoever may put another version of a policy in force has what that version allows, so that each version counts.
      CreatePolicyVersion: { form: 'policy', changed: ['document'] },
      DeletePolicyVersion: { form: 'policy', changed: ['document'] },
      SetDefaultPolicyVersion: { form: 'policy', changed: ['document'] },
      DeletePolicy: { form: 'policy', changed: ['document'] },
    },
  },
  'organizations.amazonaws.com': {
    category: 'Management',
    arrivesIn: 'global',
    loggedIn: 'management account',
    calls: {
      UpdatePolicy: { form: 'organization', changed: ['policy'] },
      AttachPolicy: { form: 'organization', changed: ['policy'] },
      DetachPolicy: { form: 'organization', changed: ['policy'] },
      DeletePolicy: { form: 'organization', changed: ['policy'] },
      EnablePolicyType: { form: 'organization', changed: ['policy'] },
      DisablePolicyType: { form: 'organization', changed: ['policy'] },
      MoveAccount: { form: 'organization', changed: ['membership'] },
      AcceptHandshake: { form: 'organization', changed: ['membership'] },
      LeaveOrganization: { form: 'organization', changed: ['membership'] },
      RemoveAccountFromOrganization: { form: 'organization', changed: ['membership'] },
    },
  },
} as const satisfies Record<string, AuditedService>;

/** The event source of an audited service. */
export type EventSource = keyof typeof AUDITED_SERVICES;

export const EVENT_SOURCES = Object.keys(AUDITED_SERVICES) as EventSource[];

/** The operations of a service whose records lead to a look. */
export const auditedOperations = (source: EventSource): string[] =>
  Object.keys(AUDITED_SERVICES[source].calls);

/** Whether nearly all calls of a service change nothing, so that trails leave it out and nobody lists its history. */
export const isBusy = (source: EventSource): boolean => {
  const services: Readonly<Record<string, AuditedService>> = AUDITED_SERVICES;
  return services[source]?.isBusy === true;
};

/** The audited call with that name; undefined for any other call. The name may be hostile. */
export const auditedCall = (source: string, operation: string): AuditedCall | undefined => {
  const services: Readonly<Record<string, AuditedService>> = AUDITED_SERVICES;
  const { calls = {} } = (Object.hasOwn(services, source) && services[source]) || {};
  return Object.hasOwn(calls, operation) ? calls[operation] : undefined;
};

/** The Region in which the records of a service's calls arrive. */
export const regionOfRecords = (
  source: EventSource,
  { region, partition }: Pick<Scope, 'region' | 'partition'>,
): string => (AUDITED_SERVICES[source].arrivesIn === 'global' ? globalRegionOf(partition) : region);

/**
 * The Region in which the record of a call about a resource of a Region is. `region` is empty for a resource without one.
 * Undefined where that is not certain: another account has the record, or records of calls with this name are in several Regions.
 */
export const regionOfRecord = (
  operation: string,
  about: Pick<Scope, 'region' | 'partition'>,
): string | undefined => {
  const sources = EVENT_SOURCES.filter((source) => auditedCall(source, operation));
  const regions = sources.map((source) =>
    AUDITED_SERVICES[source].loggedIn === 'own account' ? regionOfRecords(source, about) : '',
  );
  const [region, ...others] = new Set(regions);
  return others.length === 0 ? region || undefined : undefined;
};

/** The forms of SageMaker’s own events, like `RecordForms` for CloudTrail. */
type StateForms = { 'execution state': 'pipeline'; 'step state': 'job'; 'job state': 'job' };
export type StateForm = keyof StateForms;

/** An event of SageMaker's own that leads to a look. */
export type AuditedStateOf<F extends StateForm> = WhatChanged<StateForms[F]> & {
  form: F;
} & (F extends 'job state' ? { kind: JobKindId } : unknown);
export type AuditedState = { [F in StateForm]: AuditedStateOf<F> }[StateForm];

/**
 * The detail types of SageMaker’s own events that lead to a look.
 * https://docs.aws.amazon.com/sagemaker/latest/dg/automating-sagemaker-with-eventbridge.html
 */
const AUDITED_STATES = {
  'SageMaker Model Building Pipeline Execution Status Change': {
    form: 'execution state',
    changed: ['execution'],
  },
  'SageMaker Model Building Pipeline Execution Step Status Change': {
    form: 'step state',
    changed: ['state'],
  },
  'SageMaker Training Job State Change': { form: 'job state', kind: 'training-job', changed: ['state'] },
  'SageMaker Processing Job State Change': { form: 'job state', kind: 'processing-job', changed: ['state'] },
  'SageMaker Transform Job State Change': { form: 'job state', kind: 'transform-job', changed: ['state'] },
  'SageMaker HyperParameter Tuning Job State Change': {
    form: 'job state',
    kind: 'hyper-parameter-tuning-job',
    changed: ['state'],
  },
  'SageMaker Model Package State Change': { form: 'job state', kind: 'model-package', changed: ['state'] },
  'SageMaker Model State Change': { form: 'job state', kind: 'model', changed: ['state'] },
  'SageMaker Ground Truth Labeling Job State Change': {
    form: 'job state',
    kind: 'labeling-job',
    changed: ['state'],
  },
  'SageMaker Model Card Export Job State Change': {
    form: 'job state',
    kind: 'model-card-export-job',
    changed: ['state'],
  },
} as const satisfies Record<string, AuditedState>;

/** The detail types of SageMaker's own events that lead to a look. */
export const AUDITED_DETAIL_TYPES = Object.keys(AUDITED_STATES);

/** The audited event of that detail type; undefined for any other. */
export const auditedState = (detailType: string): AuditedState | undefined => {
  const states: Readonly<Record<string, AuditedState>> = AUDITED_STATES;
  return Object.hasOwn(states, detailType) ? states[detailType] : undefined;
};
