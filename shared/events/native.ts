import { jobKind, jobKindOfArn } from '../definition/job-kinds.ts';
import { parseJobName, tuningJobOf } from '../definition/job-name.ts';
import type { Trigger } from '../findings/finding.ts';
import { arnName } from '../iam/arn.ts';
import { asList, asText, isObject, type Json, memberAnyCase } from '../json.ts';
import type { JobHint } from './audit-request.ts';
import { jobNameOfArn, type Reading, rolesAt } from './cloudtrail.ts';

const STEP_STATUS = 'SageMaker Model Building Pipeline Execution Step Status Change';
const EXECUTION_STATUS = 'SageMaker Model Building Pipeline Execution Status Change';

/**
 * An event that SageMaker itself sends, as audit requests.
 * Source: https://docs.aws.amazon.com/sagemaker/latest/dg/automating-sagemaker-with-eventbridge.html
 */
export const readNative = (detailType: string, envelope: Json, trigger: Trigger): Reading => {
  const detail = memberAnyCase(envelope, 'detail');
  if (detailType === EXECUTION_STATUS) return readExecution(detail, trigger);
  if (detailType === STEP_STATUS) return readStep(detail, trigger);
  if (/^SageMaker .+ State Change$/.test(detailType)) return readJobState(envelope, detail, trigger);
  return { ignored: `events of type ${detailType} change nothing that a control reads` };
};

const readExecution = (detail: Json | undefined, trigger: Trigger): Reading => {
  const arn = asText(memberAnyCase(detail, 'pipelineArn'));
  if (!arn) return { unreadable: 'the event names no pipeline' };
  const resource = { type: 'pipeline', arn } as const;
  return {
    requests: [{ type: 'pipeline', resource, name: arnName(arn), trigger, executions: [], deleted: false }],
  };
};

const readStep = (detail: Json | undefined, trigger: Trigger): Reading => {
  const stepName = asText(memberAnyCase(detail, 'stepName'));
  const executionArn = asText(memberAnyCase(detail, 'pipelineExecutionArn'));
  const metadata = memberAnyCase(detail, 'metadata');
  const arn = (isObject(metadata) ? Object.values(metadata) : [])
    .map((entry) => asText(memberAnyCase(entry, 'arn')))
    .find((value) => value !== undefined && jobKindOfArn(value) !== undefined);
  if (arn === undefined) return { ignored: 'the step has no job yet, or its type starts none' };
  const kind = jobKindOfArn(arn);
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
  return { requests: [{ type: 'job', resource: { type: 'job', arn }, trigger, job }] };
};

const readJobState = (envelope: Json, detail: Json | undefined, trigger: Trigger): Reading => {
  const listed = asList(memberAnyCase(envelope, 'resources')).flatMap((value) => asText(value) ?? []);
  const inDetail = isObject(detail) ? Object.values(detail).flatMap((value) => asText(value) ?? []) : [];
  const arn = [...inDetail, ...listed].find((value) => value.includes(':sagemaker:') && jobKindOfArn(value));
  const kind = arn === undefined ? undefined : jobKindOfArn(arn);
  if (!arn || !kind || !detail) return { ignored: 'the event is about nothing that a control reads' };
  const { nameField, roleFields } = jobKind(kind);
  const given = asText(memberAnyCase(detail, nameField));
  const name = given ?? jobNameOfArn(arn, kind);
  const tuningJob = kind === 'training-job' && name !== undefined ? tuningJobOf(name) : undefined;
  if (tuningJob)
    return { ignored: `SageMaker made this job for the tuning job ${tuningJob}, which is audited itself` };
  const parsed = name === undefined ? undefined : parseJobName(name, kind);
  const roleArns = rolesAt(detail, roleFields);
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
  return { requests: [{ type: 'job', resource: { type: 'job', arn }, trigger, job }] };
};

/**
 * The detail types of SageMaker's own events that lead to a request: what the EventBridge rules are made from.
 * @public
 */
export const AUDITED_DETAIL_TYPES = [EXECUTION_STATUS, STEP_STATUS] as const;
