import { type JobKindId, jobKind, jobKindOfArn } from '../definition/job-kinds.ts';
import { parseJobName, tuningJobOf } from '../definition/job-name.ts';
import { arnName, parseArn, sagemakerArn } from '../domain/arn.ts';
import type { Trigger } from '../domain/trigger.ts';
import { asList, asText, isObject, type Json, memberAnyCase } from '../json/json.ts';
import type { JobHint } from '../requests/audit-request.ts';
import { type AuditedStateOf, auditedState, type StateForm } from './audited-calls.ts';
import { jobNameOfArn, rolesAt } from './job-records.ts';
import type { Reading } from './record.ts';

/** What is told by one of SageMaker's own events, and what is known of its type. */
type State<F extends StateForm> = {
  audited: AuditedStateOf<F>;
  envelope: Json;
  detail: Json | undefined;
  trigger: Trigger;
};

/** An event that SageMaker itself sends, as audit requests. */
export const readNative = (detailType: string, envelope: Json, trigger: Trigger): Reading => {
  const audited = auditedState(detailType);
  return audited
    ? readState(envelope, trigger, audited)
    : { ignored: `events of type ${detailType} change nothing that a control reads` };
};

const readState = <F extends StateForm>(
  envelope: Json,
  trigger: Trigger,
  audited: AuditedStateOf<F>,
): Reading => {
  const { form }: { form: F } = audited;
  return READERS[form]({ audited, envelope, detail: memberAnyCase(envelope, 'detail'), trigger });
};

const readExecution = ({ audited, detail, trigger }: State<'execution state'>): Reading => {
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

const readStep = ({ audited, detail, trigger }: State<'step state'>): Reading => {
  const stepName = asText(memberAnyCase(detail, 'stepName'));
  const executionArn = asText(memberAnyCase(detail, 'pipelineExecutionArn'));
  const metadata = memberAnyCase(detail, 'metadata');
  const arn = (isObject(metadata) ? Object.values(metadata) : [])
    .flatMap((entry) => ['arn', 'checkJobArn'].map((key) => asText(memberAnyCase(entry, key))))
    .find((value) => value !== undefined && kindOf(value) !== undefined);
  if (arn === undefined) return { ignored: 'the step has no job yet, or its type starts none' };
  const kind = kindOf(arn);
  if (!kind || !executionArn) return { unreadable: 'the event names a job but not its execution' };
  const name = jobNameOfArn(arn, kind);
  const job: JobHint = {
    kind,
    ...(name === undefined ? {} : { name }),
    nameKeepsCase: false,
    hasRecord: true,
    startedByPipeline: true,
    execution: {
      executionId: arnName(executionArn),
      executionArn,
      ...(stepName === undefined ? {} : { stepNameStart: stepName }),
    },
  };
  const { changed } = audited;
  return { requests: [{ type: 'job', resource: { type: 'job', arn }, changed, trigger, job }] };
};

/** Other services have jobs and models too, and a step's metadata may name one of theirs. */
const kindOf = (arn: string): JobKindId | undefined =>
  parseArn(arn)?.service === 'sagemaker' ? jobKindOfArn(arn) : undefined;

/** The page's own example of a tuning job has an ARN of no known type: there the name makes the ARN. */
const jobArn = (arns: readonly string[], kind: JobKindId, name: string | undefined): string | undefined => {
  const own = arns.find((arn) => kindOf(arn) === kind);
  if (own !== undefined || name === undefined) return own;
  const near = arns.map(parseArn).find((arn) => arn?.service === 'sagemaker');
  return near && sagemakerArn(near, `${jobKind(kind).arnType}/${name}`);
};

/** A job sends several of these; each leads to the same request, and the state that they tell is not judged. */
const readJobState = ({ audited, envelope, detail, trigger }: State<'job state'>): Reading => {
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
    return { ignored: `SageMaker made this job for the tuning job ${ofTuning}, which is audited itself` };
  const parsed = name === undefined ? undefined : parseJobName(name, kind);
  const roleArns = rolesAt(detail ?? null, roleFields);
  const job: JobHint = {
    kind,
    ...(name === undefined ? {} : { name }),
    nameKeepsCase: given !== undefined,
    hasRecord: true,
    ...(roleArns.length === 0 && roleFields.length > 0 ? {} : { roleArns }),
    ...(parsed
      ? {
          execution: {
            executionId: parsed.executionId,
            ...(parsed.stepNameStart === undefined ? {} : { stepNameStart: parsed.stepNameStart }),
          },
        }
      : {}),
  };
  return { requests: [{ type: 'job', resource: { type: 'job', arn }, changed, trigger, job }] };
};

const tuningJobBehind = (detail: Json | undefined, name: string | undefined): string | undefined => {
  const arn = asText(memberAnyCase(detail, 'TuningJobArn'));
  return arn ? arnName(arn) : name === undefined ? undefined : tuningJobOf(name);
};

const READERS: { readonly [F in StateForm]: (state: State<F>) => Reading } = {
  'execution state': readExecution,
  'step state': readStep,
  'job state': readJobState,
};
