import { type JobKindId, jobKind } from '../definition/job-kinds.ts';
import { tuningJobOf } from '../definition/job-name.ts';
import { parseArn, parseAssumedRole, sagemakerArn } from '../domain/arn.ts';
import { asList, asText, type Json, memberAnyCase } from '../json/json.ts';
import type { Caller, JobHint } from '../requests/audit-request.ts';
import { type Call, callerArn, field, type Reading } from './record.ts';

/** The tag that SageMaker puts on what a pipeline's step creates. */
const EXECUTION_TAG = 'sagemaker:pipeline-execution-arn';

/** The session that a pipeline's step creates its job in: `sagemaker-pipeline-<executionId>-<step name, cut>`. */
const STEP_SESSION = /^sagemaker-pipeline-([a-z0-9]{12})(?:-(.*))?$/;

export const readJob = (call: Call<'job'>): Reading => {
  const { kind, changed } = call.audited;
  const { nameField, arnField, arnType, roleFields } = jobKind(kind);
  const nameInRequest = asText(memberAnyCase(call.request, nameField));
  const arnGiven = field(call, arnField);
  const name = nameInRequest ?? (arnGiven === undefined ? undefined : jobNameOfArn(arnGiven, kind));
  const isService = asText(memberAnyCase(call.record, 'eventType')) === 'AwsServiceEvent';
  const tuningJob =
    isService && kind === 'training-job' && name !== undefined ? tuningJobOf(name) : undefined;
  if (tuningJob)
    return { ignored: `SageMaker made this job for the tuning job ${tuningJob}, which is audited itself` };
  const arn = arnGiven ?? (name && sagemakerArn(call, `${arnType}/${name}`));
  if (!arn) return { unreadable: `the record of ${call.eventName} names no job` };
  const identity = memberAnyCase(call.record, 'userIdentity');
  const job: JobHint = {
    kind,
    ...(name === undefined ? {} : { name }),
    nameKeepsCase: nameInRequest !== undefined,
    ...(call.request === undefined || call.request === null
      ? {}
      : { roleArns: rolesAt(call.request, roleFields) }),
    ...startedBy(identity, call.request),
  };
  return { requests: [{ type: 'job', resource: { type: 'job', arn }, changed, trigger: call.trigger, job }] };
};

/** The name in a job's ARN, its last part; a model package in a group has none (`model-package/<group>/<version>`). */
export const jobNameOfArn = (arn: string, kind: JobKindId): string | undefined => {
  const [, name, ...below] = (parseArn(arn)?.resource ?? '').split('/');
  return kind === 'model-package' && below.length > 0 ? undefined : (below.at(-1) ?? name);
};

/** The roles at the given fields of a request, whatever the case of its keys; `[]` marks a list. */
export const rolesAt = (request: Json, fields: readonly string[]): string[] =>
  fields.flatMap((path) => {
    let values: Json[] = [request];
    for (const segment of path.split('.')) {
      const key = segment.replace('[]', '');
      values = values.flatMap((value) => asList(memberAnyCase(value, key)));
    }
    return values.flatMap((value) => asText(value) ?? []);
  });

const startedBy = (
  identity: Json | undefined,
  request: Json | undefined,
): Pick<JobHint, 'caller' | 'startedByPipeline' | 'execution'> => {
  const arn = asText(memberAnyCase(identity, 'arn'));
  const session = arn === undefined ? undefined : parseAssumedRole(arn);
  const principalArn = callerArn(identity);
  if (arn === undefined && principalArn === undefined) return {};
  const caller: Caller = {
    ...(principalArn === undefined ? {} : { principalArn }),
    ...(principalArn === undefined && arn !== undefined ? { sessionArn: arn } : {}),
  };
  const step = STEP_SESSION.exec(session?.sessionName ?? '');
  if (!step?.[1]) return { caller, startedByPipeline: false };
  const executionArn = executionTag(request);
  return {
    caller,
    startedByPipeline: true,
    execution: {
      executionId: step[1],
      ...(step[2] ? { stepNameStart: step[2] } : {}),
      ...(principalArn === undefined ? {} : { principalArn }),
      ...(executionArn?.endsWith(`/${step[1]}`) ? { executionArn } : {}),
    },
  };
};

const executionTag = (request: Json | undefined): string | undefined => {
  const tag = asList(memberAnyCase(request, 'Tags')).find(
    (entry) => asText(memberAnyCase(entry, 'Key')) === EXECUTION_TAG,
  );
  return asText(memberAnyCase(tag, 'Value'));
};
