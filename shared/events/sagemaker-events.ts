import { type JobKindId, jobKind } from '../definition/job-kinds.ts';
import { tuningJobOf } from '../definition/job-name.ts';
import { rolesOfJob } from '../definition/job-roles.ts';
import { arnName, parseArn, pipelineOfExecution, sagemakerArn } from '../domain/arn.ts';
import type { RequestTrigger } from '../domain/trigger.ts';
import { asList, asText, type Json, memberAnyCase } from '../json/json.ts';
import { isResultReused, stepJobArns, stepJobKind } from '../reader/answers/execution-steps.ts';
import type { JobHint } from '../requests/audit-request.ts';
import { type AuditedStateOf, auditedState, type StateForm } from './audited-calls.ts';
import { jobNameOfArn } from './job-records.ts';
import type { Reading } from './record.ts';

/** One of SageMaker’s own events, and what is known of its detail type. */
type StateEvent<F extends StateForm> = {
  audited: AuditedStateOf<F>;
  envelope: Json;
  detail: Json | undefined;
  trigger: RequestTrigger;
};

/** An event that SageMaker itself sends, as audit requests. */
export const readNative = (detailType: string, envelope: Json, trigger: RequestTrigger): Reading => {
  const audited = auditedState(detailType);
  return audited
    ? readState(envelope, trigger, audited)
    : { ignored: `events of type ${detailType} change nothing that a control reads` };
};

const readState = <F extends StateForm>(
  envelope: Json,
  trigger: RequestTrigger,
  audited: AuditedStateOf<F>,
): Reading => {
  const { form }: { form: F } = audited;
  return READERS[form]({ audited, envelope, detail: memberAnyCase(envelope, 'detail'), trigger });
};

const readExecution = ({ audited, detail, trigger }: StateEvent<'execution state'>): Reading => {
  const arn = asText(memberAnyCase(detail, 'pipelineArn'));
  if (!arn) return { unreadable: 'the event names no pipeline' };
  return {
    requests: [
      {
        type: 'pipeline',
        resource: { type: 'pipeline', arn },
        name: arnName(arn),
        changed: audited.changed,
        trigger,
        executions: [],
        deleted: false,
      },
    ],
  };
};

const readStep = ({ audited, detail, trigger }: StateEvent<'step state'>): Reading => {
  const stepName = asText(memberAnyCase(detail, 'stepName'));
  const executionArn = asText(memberAnyCase(detail, 'pipelineExecutionArn'));
  const [arn] = stepJobArns(detail);
  if (arn === undefined) return { ignored: 'the step has no job yet, or its type starts no job' };
  if (isResultReused(detail))
    return { ignored: 'the step reused the result of an earlier execution, whose own events named the job' };
  const kind = stepJobKind(arn);
  if (!kind || !executionArn || pipelineOfExecution(executionArn) === undefined)
    return { unreadable: 'the event names a job but not its execution' };
  const name = jobNameOfArn(arn, kind);
  const job: JobHint = {
    kind,
    ...(name === undefined ? {} : { name }),
    nameKeepsCase: false,
    hasRecord: true,
    step: { executionArn, ...(stepName === undefined ? {} : { stepName }) },
  };
  const { changed } = audited;
  return { requests: [{ type: 'job', resource: { type: 'job', arn }, changed, trigger, job }] };
};

/** AWS’s own example of a tuning job’s event has an ARN of no known type. The ARN is then made of the job’s name. */
const jobArn = (arns: readonly string[], kind: JobKindId, name: string | undefined): string | undefined => {
  const own = arns.find((arn) => stepJobKind(arn) === kind);
  if (own !== undefined || name === undefined) return own;
  const near = arns.map(parseArn).find((arn) => arn?.service === 'sagemaker');
  return near && sagemakerArn(near, `${jobKind(kind).arnType}/${name}`);
};

/** A job sends several of these events. Each leads to the same request, and the state in them is not judged. */
const readJobState = ({ audited, envelope, detail, trigger }: StateEvent<'job state'>): Reading => {
  const { kind, changed } = audited;
  const { nameField, arnField, roleFields } = jobKind(kind);
  const given = asText(memberAnyCase(detail, nameField));
  const arns = [memberAnyCase(detail, arnField), ...asList(memberAnyCase(envelope, 'resources'))];
  const arn = jobArn(
    arns.flatMap((value) => asText(value) ?? []),
    kind,
    given,
  );
  if (arn === undefined) return { unreadable: 'the event names no job' };
  const name = given ?? jobNameOfArn(arn, kind);
  const ofTuning = kind === 'training-job' ? tuningJobBehind(detail, name) : undefined;
  if (ofTuning)
    return {
      ignored: `SageMaker made the job for the tuning job ${ofTuning}, which is audited itself; where only its name says so, its own record is audited`,
    };
  const roleArns = rolesOfJob(kind, detail) ?? [];
  const job: JobHint = {
    kind,
    ...(name === undefined ? {} : { name }),
    nameKeepsCase: given !== undefined,
    hasRecord: true,
    ...(roleArns.length === 0 && roleFields.length > 0 ? {} : { roleArns }),
  };
  return { requests: [{ type: 'job', resource: { type: 'job', arn }, changed, trigger, job }] };
};

const tuningJobBehind = (detail: Json | undefined, name: string | undefined): string | undefined => {
  const arn = asText(memberAnyCase(detail, 'TuningJobArn'));
  return arn ? arnName(arn) : name === undefined ? undefined : tuningJobOf(name);
};

const READERS: { readonly [F in StateForm]: (state: StateEvent<F>) => Reading } = {
  'execution state': readExecution,
  'step state': readStep,
  'job state': readJobState,
};
