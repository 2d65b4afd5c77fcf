import { type JobKindId, jobKind } from '../definition/job-kinds.ts';
import { STEP_NAME_LENGTH, tuningJobOf } from '../definition/job-name.ts';
import { rolesOfJob } from '../definition/job-roles.ts';
import { arnName, parseArn, parseAssumedRole, pipelineOfExecution, sagemakerArn } from '../domain/arn.ts';
import { asList, asText, type Json, memberAnyCase } from '../json/json.ts';
import type { Caller, ExecutionClaim, JobHint } from '../requests/audit-request.ts';
import { type Call, callerArn, field, type Reading } from './record.ts';

/** The tag that SageMaker puts on what a step creates. Anybody may put it on anything. */
const EXECUTION_TAG = 'sagemaker:pipeline-execution-arn';

/**
 * The name of the session in which SageMaker creates a step’s job, under the execution role. Anybody who may assume a
 * role can choose that name.
 */
const STEP_SESSION = /^sagemaker-pipeline-([a-z0-9]{12})(?:-(.*))?$/;

const MAX_TAG_LENGTH = 256;

export const readJob = (call: Call<'job'>): Reading => {
  const { kind, changed } = call.audited;
  const { nameField, arnField, arnType } = jobKind(kind);
  const nameInRequest = asText(memberAnyCase(call.request, nameField));
  // Read from the response, which SageMaker writes; the request contains whatever its caller wrote.
  const arnGiven = asText(memberAnyCase(call.response, arnField)) ?? field(call, arnField);
  const name = nameInRequest ?? (arnGiven === undefined ? undefined : jobNameOfArn(arnGiven, kind));
  const isService = asText(memberAnyCase(call.record, 'eventType')) === 'AwsServiceEvent';
  const tuningJob =
    isService && kind === 'training-job' && name !== undefined ? tuningJobOf(name) : undefined;
  if (tuningJob)
    return { ignored: `SageMaker made this job for the tuning job ${tuningJob}, which is audited itself` };
  const arn = arnGiven ?? (name && sagemakerArn(call, `${arnType}/${name}`));
  if (!arn) return { unreadable: `the record of ${call.eventName} names no job` };
  const caller = callerOf(memberAnyCase(call.record, 'userIdentity'), call.request);
  const isTold = call.request !== undefined && call.request !== null;
  const roleArns = isTold ? rolesOfJob(kind, call.request) : undefined;
  const job: JobHint = {
    kind,
    ...(name === undefined ? {} : { name }),
    nameKeepsCase: nameInRequest !== undefined,
    ...(roleArns && { roleArns }),
    ...(caller && { caller }),
  };
  return { requests: [{ type: 'job', resource: { type: 'job', arn }, changed, trigger: call.trigger, job }] };
};

/**
 * The name in a job’s ARN: its last part. A model package in a group has no name (`model-package/<group>/<version>`).
 */
export const jobNameOfArn = (arn: string, kind: JobKindId): string | undefined => {
  const [, name, ...below] = (parseArn(arn)?.resource ?? '').split('/');
  return kind === 'model-package' && below.length > 0 ? undefined : (below.at(-1) ?? name);
};

/** Undefined where the record names neither principal nor session, as for calls that AWS makes itself. */
const callerOf = (identity: Json | undefined, request: Json | undefined): Caller | undefined => {
  const arn = asText(memberAnyCase(identity, 'arn'));
  const principalArn = callerArn(identity);
  if (arn === undefined && principalArn === undefined) return undefined;
  const claim = claimOf(arn === undefined ? undefined : parseAssumedRole(arn)?.sessionName, request);
  return {
    ...(principalArn === undefined ? {} : { principalArn }),
    ...(principalArn === undefined && arn !== undefined ? { sessionArn: arn } : {}),
    ...(claim && { claim }),
  };
};

/**
 * Only session name and tag are used. AWS does not document that `invokedBy` or the source address mark SageMaker’s
 * calls for a step, and calls that SageMaker makes in a user’s session may carry them too.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
 */
const claimOf = (sessionName = '', request: Json | undefined): ExecutionClaim | undefined => {
  const executionArn = executionTag(request);
  const session = stepSessionOf(sessionName);
  if (!session)
    return executionArn === undefined
      ? undefined
      : { by: 'tag', executionId: arnName(executionArn), executionArn };
  return {
    by: 'session',
    ...session,
    ...(executionArn?.endsWith(`/${session.executionId}`) ? { executionArn } : {}),
  };
};

/** The execution, and how the step’s name begins, that a session is named after; undefined for any other name. */
export const stepSessionOf = (
  sessionName: string,
): { executionId: string; stepNameStart?: string } | undefined => {
  const [, executionId, stepNameStart] = STEP_SESSION.exec(sessionName) ?? [];
  if (executionId === undefined) return undefined;
  return {
    executionId,
    ...(stepNameStart ? { stepNameStart: stepNameStart.slice(0, STEP_NAME_LENGTH) } : {}),
  };
};

/** The execution’s ARN in the tag; undefined where the tag holds any other text. */
const executionTag = (request: Json | undefined): string | undefined => {
  const tag = asList(memberAnyCase(request, 'Tags')).find(
    (entry) => asText(memberAnyCase(entry, 'Key')) === EXECUTION_TAG,
  );
  const value = asText(memberAnyCase(tag, 'Value'));
  const isArn =
    value !== undefined && value.length <= MAX_TAG_LENGTH && pipelineOfExecution(value) !== undefined;
  return isArn ? value : undefined;
};
