import { arnName, sagemakerArn } from '../domain/arn.ts';
import { asList, asText, isObject, type Json, memberAnyCase } from '../json/json.ts';
import type {
  DefinitionChange,
  ExecutionStart,
  RequestOf,
  VersionUpdate,
} from '../requests/audit-request.ts';
import { isHidden } from './hidden.ts';
import { type Call, callerArn, field, type Reading } from './record.ts';

type PipelineCall = Call<'pipeline' | 'pipeline version' | 'execution start' | 'execution retry'>;

export const readPipeline = (call: Call<'pipeline'>): Reading =>
  lookAt(call, call.audited.deletes ? {} : { definitionChanges: [definitionChangeOf(call)] });

export const readPipelineVersion = (call: Call<'pipeline version'>): Reading =>
  lookAt(call, { versionUpdates: [versionUpdateOf(call)] });

export const readStart = (call: Call<'execution start'>): Reading =>
  lookAt(call, { executions: [startOf(call)] });

/**
 * A retry runs with the version and the parameters of the first start. The record of the retry does not contain them.
 */
export const readRetry = (call: Call<'execution retry'>): Reading =>
  lookAt(call, { executions: [{ ...executionOf(call, field(call, EXECUTION_ARN)), isRetried: true }] });

const lookAt = (call: PipelineCall, told: Partial<RequestOf<'pipeline'>>): Reading => {
  const named =
    field(call, 'PipelineName') ??
    field(call, 'PipelineArn') ??
    field(call, EXECUTION_ARN)?.split('/execution/')[0];
  // A pipeline of AWS can have the name of an own one in the ARN of its execution.
  const isUntold = isHidden(memberAnyCase(call.request, 'PipelineName'));
  if (!named || (isUntold && field(call, 'PipelineArn') === undefined))
    return { unreadable: `the record of ${call.eventName} names no pipeline` };
  const isArn = named.startsWith('arn:');
  const name = isArn ? arnName(named) : named;
  const arn = field(call, 'PipelineArn') || (isArn ? named : sagemakerArn(call, `pipeline/${name}`));
  const { changed, deletes = false } = call.audited;
  return {
    requests: [
      {
        type: 'pipeline',
        resource: { type: 'pipeline', arn },
        name,
        changed,
        trigger: call.trigger,
        executions: [],
        deleted: deletes,
        ...told,
      },
    ],
  };
};

const EXECUTION_ARN = 'PipelineExecutionArn';

/**
 * Where the record does not tell the role behind a session, the caller is not known: a session’s name proves nothing.
 */
const callerOf = ({ record }: PipelineCall): { principalArn?: string } => {
  const principalArn = callerArn(memberAnyCase(record, 'userIdentity'));
  return principalArn === undefined ? {} : { principalArn };
};

const executionOf = (call: PipelineCall, executionArn: string | undefined): ExecutionStart => ({
  ...(executionArn === undefined ? {} : { executionArn }),
  ...callerOf(call),
  trigger: call.trigger,
});

const startOf = (call: Call<'execution start'>): ExecutionStart => {
  const { request, response } = call;
  // Read from the response only, which SageMaker writes; the request contains whatever its caller wrote.
  const execution = executionOf(call, asText(memberAnyCase(response, EXECUTION_ARN)));
  if (!isObject(request)) return execution;
  const chosen =
    memberAnyCase(request, 'PipelineVersionId') ?? memberAnyCase(request, 'PipelineVersionAlias');
  const versionId = versionIdOf(asText(memberAnyCase(request, 'PipelineVersionId')));
  const parameters = parametersOf(request);
  const roleArn = asText(memberAnyCase(request, 'RoleArn'));
  return {
    ...execution,
    ...(roleArn === undefined ? {} : { roleArn }),
    ...(parameters && { parameters }),
    isVersionChosen: chosen !== undefined && chosen !== null,
    ...(versionId === undefined ? {} : { versionId }),
  };
};

const definitionChangeOf = (call: Call<'pipeline'>): DefinitionChange => {
  const definitionText = asText(memberAnyCase(call.request, 'PipelineDefinition'));
  const roleArn = asText(memberAnyCase(call.request, 'RoleArn'));
  const versionId = versionIdOf(asText(memberAnyCase(call.response, 'PipelineVersionId')));
  return {
    ...(versionId === undefined ? {} : { versionId }),
    ...(definitionText === undefined ? {} : { definitionText }),
    ...(roleArn === undefined ? {} : { roleArn }),
    trigger: call.trigger,
  };
};

const versionUpdateOf = (call: Call<'pipeline version'>): VersionUpdate => {
  const versionId = versionIdOf(field(call, 'PipelineVersionId'));
  return { ...callerOf(call), ...(versionId === undefined ? {} : { versionId }), trigger: call.trigger };
};

/** Versions count from 1, and a record may hold the number as a text. Undefined for any other text. */
const versionIdOf = (text: string | undefined): number | undefined => {
  const versionId = /^[1-9]\d*$/.test(text ?? '') ? Number(text) : undefined;
  return Number.isSafeInteger(versionId) ? versionId : undefined;
};

/** Undefined where CloudTrail has left out a parameter. */
const parametersOf = (request: Json): Record<string, string> | undefined => {
  const pairs = asList(memberAnyCase(request, 'PipelineParameters')).map((parameter) => {
    const name = asText(memberAnyCase(parameter, 'Name'));
    const value = asText(memberAnyCase(parameter, 'Value'));
    return name === undefined || value === undefined ? undefined : ([name, value] as const);
  });
  return pairs.every((pair) => pair !== undefined) ? Object.fromEntries(pairs) : undefined;
};
