import { JOB_KINDS, type JobKindId, jobKind, jobKindOfOperation } from '../definition/job-kinds.ts';
import { tuningJobOf } from '../definition/job-name.ts';
import type { Trigger } from '../findings/finding.ts';
import { arnName, parseArn, parseAssumedRole } from '../iam/arn.ts';
import { asList, asText, isObject, type Json, memberAnyCase } from '../json.ts';
import type { AuditRequest, Caller, ExecutionStart, JobHint } from './audit-request.ts';

/** What a record leads to: requests, or the reason why none; `unreadable` where it should have led to one. */
export type Reading = { requests: AuditRequest[] } | { ignored: string } | { unreadable: string };

/** Everything that the reading of one record needs, taken from it once. */
type Call = {
  eventName: string;
  request: Json | undefined;
  response: Json | undefined;
  record: Json;
  partition: string;
  region: string;
  account: string;
  trigger: Trigger;
};

/** The tag that SageMaker puts on what a pipeline's step creates. */
const EXECUTION_TAG = 'sagemaker:pipeline-execution-arn';

/** The session that a pipeline's step creates its job in: `sagemaker-pipeline-<executionId>-<step name, cut>`. */
const STEP_SESSION = /^sagemaker-pipeline-([a-z0-9]{12})(?:-(.*))?$/;

const PIPELINE_EVENTS = new Set([
  'CreatePipeline',
  'UpdatePipeline',
  'UpdatePipelineVersion',
  'StartPipelineExecution',
  'DeletePipeline',
]);
const BUCKET_EVENTS = new Set([
  'PutBucketCors',
  'DeleteBucketCors',
  'PutBucketTagging',
  'DeleteBucketTagging',
  'DeleteBucket',
]);
const ROLE_EVENTS = new Set(['CreateRole', 'DeleteRole']);

/**
 * A CloudTrail record as audit requests. Event names alone do not tell: CodePipeline and Data Pipeline have a
 * CreatePipeline too, so the event source decides first.
 */
export const readCloudTrail = (record: Json, trigger: Trigger): Reading => {
  const source = asText(memberAnyCase(record, 'eventSource')) ?? '';
  const eventName = trigger.eventName;
  const read = readerOf(source, eventName);
  if (!read) return { ignored: `${eventName} of ${source} changes nothing that a control reads` };
  const errorCode = asText(memberAnyCase(record, 'errorCode'));
  if (errorCode !== undefined) return { ignored: `the call failed (${errorCode}), so that nothing changed` };
  const region = asText(memberAnyCase(record, 'awsRegion')) ?? '';
  const request = memberAnyCase(record, 'requestParameters');
  const call: Call = {
    eventName,
    request: isOmitted(request) ? undefined : request,
    response: memberAnyCase(record, 'responseElements'),
    record,
    partition: partitionOf(record, region),
    region,
    account: accountOf(record),
    trigger,
  };
  const reading = read(call);
  if (!('unreadable' in reading) || !isOmitted(request)) return reading;
  return { unreadable: `CloudTrail left the request out as too large, and ${reading.unreadable}` };
};

const readerOf = (source: string, eventName: string): ((call: Call) => Reading) | undefined => {
  if (source === 'sagemaker.amazonaws.com') {
    const kind = jobKindOfOperation(eventName);
    if (kind) return (call) => readJob(call, kind);
    return PIPELINE_EVENTS.has(eventName) ? readPipeline : undefined;
  }
  if (source === 's3.amazonaws.com') return BUCKET_EVENTS.has(eventName) ? readBucket : undefined;
  if (source === 'iam.amazonaws.com') return ROLE_EVENTS.has(eventName) ? readRole : undefined;
  return undefined;
};

/** A request over 100 KB is replaced by `{"reason": …, "omitted": "true", "originalSize": …}`, strings throughout. */
const isOmitted = (request: Json | undefined): boolean =>
  asText(memberAnyCase(request, 'omitted')) === 'true';

const accountOf = (record: Json): string =>
  asText(memberAnyCase(record, 'recipientAccountId')) ??
  asText(memberAnyCase(memberAnyCase(record, 'userIdentity'), 'accountId')) ??
  '';

const partitionOf = (record: Json, region: string): string => {
  const caller = parseArn(asText(memberAnyCase(memberAnyCase(record, 'userIdentity'), 'arn')) ?? '');
  if (caller) return caller.partition;
  return region.startsWith('cn-') ? 'aws-cn' : region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
};

/** A field of the request, else of the response. */
const field = (call: Call, name: string): string | undefined =>
  asText(memberAnyCase(call.request, name)) ?? asText(memberAnyCase(call.response, name));

const readPipeline = (call: Call): Reading => {
  const executionArn = field(call, 'PipelineExecutionArn');
  const named =
    field(call, 'PipelineName') ?? field(call, 'PipelineArn') ?? executionArn?.split('/execution/')[0];
  if (!named) return { unreadable: `the record of ${call.eventName} names no pipeline` };
  const isArn = named.startsWith('arn:');
  const name = isArn ? arnName(named) : named;
  const arn =
    field(call, 'PipelineArn') ??
    (isArn ? named : `arn:${call.partition}:sagemaker:${call.region}:${call.account}:pipeline/${name}`);
  const definitionText = asText(memberAnyCase(call.request, 'PipelineDefinition'));
  const roleArn = asText(memberAnyCase(call.request, 'RoleArn'));
  const execution: ExecutionStart = {
    ...(executionArn === undefined ? {} : { executionArn }),
    parameters: parametersOf(call.request),
    isVersionChosen: ['PipelineVersionId', 'PipelineVersionAlias'].some(
      (name) => asText(memberAnyCase(call.request, name)) !== undefined,
    ),
    trigger: call.trigger,
  };
  return {
    requests: [
      {
        type: 'pipeline',
        resource: { type: 'pipeline', arn },
        name,
        trigger: call.trigger,
        executions: call.eventName === 'StartPipelineExecution' ? [execution] : [],
        deleted: call.eventName === 'DeletePipeline',
        ...(definitionText !== undefined && roleArn !== undefined
          ? { inEvent: { definitionText, roleArn } }
          : {}),
      },
    ],
  };
};

const parametersOf = (request: Json | undefined): Record<string, string> =>
  Object.fromEntries(
    asList(memberAnyCase(request, 'PipelineParameters')).flatMap((parameter): [string, string][] => {
      const name = asText(memberAnyCase(parameter, 'Name'));
      const value = asText(memberAnyCase(parameter, 'Value'));
      return name === undefined || value === undefined ? [] : [[name, value]];
    }),
  );

const readJob = (call: Call, kind: JobKindId): Reading => {
  const { nameField, arnField, arnType, roleFields } = jobKind(kind);
  const nameInRequest = asText(memberAnyCase(call.request, nameField));
  const arnGiven = field(call, arnField);
  const name = nameInRequest ?? (arnGiven === undefined ? undefined : jobNameOfArn(arnGiven, kind));
  const isService = asText(memberAnyCase(call.record, 'eventType')) === 'AwsServiceEvent';
  const tuningJob =
    isService && kind === 'training-job' && name !== undefined ? tuningJobOf(name) : undefined;
  if (tuningJob)
    return { ignored: `SageMaker made this job for the tuning job ${tuningJob}, which is audited itself` };
  const arn =
    arnGiven ?? (name && `arn:${call.partition}:sagemaker:${call.region}:${call.account}:${arnType}/${name}`);
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
  return { requests: [{ type: 'job', resource: { type: 'job', arn }, trigger: call.trigger, job }] };
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
  const issuer = asText(
    memberAnyCase(memberAnyCase(memberAnyCase(identity, 'sessionContext'), 'sessionIssuer'), 'arn'),
  );
  const session = arn === undefined ? undefined : parseAssumedRole(arn);
  if (arn === undefined && issuer === undefined) return {};
  const principalArn = issuer ?? (session ? undefined : arn);
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

const readBucket = (call: Call): Reading => {
  const name = asText(memberAnyCase(call.request, 'bucketName')) ?? bucketInResources(call.record);
  if (!name) return { unreadable: `the record of ${call.eventName} names no bucket` };
  const arn = `arn:${call.partition}:s3:::${name}`;
  const deleted = call.eventName === 'DeleteBucket';
  return {
    requests: [{ type: 'bucket', resource: { type: 'bucket', arn }, name, trigger: call.trigger, deleted }],
  };
};

const bucketInResources = (record: Json): string | undefined =>
  asList(memberAnyCase(record, 'resources'))
    .map((resource) => parseArn(asText(memberAnyCase(resource, 'ARN')) ?? ''))
    .find((arn) => arn?.service === 's3' && !arn.resource.includes('/'))?.resource;

const readRole = (call: Call): Reading => {
  const name = field(call, 'RoleName');
  if (!name) return { unreadable: `the record of ${call.eventName} names no role` };
  const role = isObject(call.response) ? memberAnyCase(call.response, 'role') : undefined;
  const arn = asText(memberAnyCase(role, 'arn')) ?? `arn:${call.partition}:iam::${call.account}:role/${name}`;
  const deleted = call.eventName === 'DeleteRole';
  return {
    requests: [{ type: 'role', resource: { type: 'role', arn }, name, trigger: call.trigger, deleted }],
  };
};

/**
 * Every operation whose records lead to a request, by event source: what the EventBridge rules are made from.
 * @public
 */
export const AUDITED_OPERATIONS = {
  'sagemaker.amazonaws.com': [
    ...PIPELINE_EVENTS,
    ...Object.values(JOB_KINDS).map(({ noun }) => `Create${noun}`),
  ],
  's3.amazonaws.com': [...BUCKET_EVENTS],
  'iam.amazonaws.com': [...ROLE_EVENTS],
} as const;
