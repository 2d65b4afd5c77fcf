import { arnName, sagemakerArn } from '../domain/arn.ts';
import { asList, asText, isObject, type Json, memberAnyCase } from '../json/json.ts';
import type { DefinitionChange, ExecutionStart, VersionUpdate } from '../requests/audit-request.ts';
import { type Call, callerArn, field, type Reading, type RecordReaders, readersOf } from './record.ts';

const readPipeline = (call: Call): Reading => {
  const executionArn = executionArnOf(call);
  const named =
    field(call, 'PipelineName') ?? field(call, 'PipelineArn') ?? executionArn?.split('/execution/')[0];
  if (!named) return { unreadable: `the record of ${call.eventName} names no pipeline` };
  const isArn = named.startsWith('arn:');
  const name = isArn ? arnName(named) : named;
  const arn = field(call, 'PipelineArn') || (isArn ? named : sagemakerArn(call, `pipeline/${name}`));
  return {
    requests: [
      {
        type: 'pipeline',
        resource: { type: 'pipeline', arn },
        name,
        trigger: call.trigger,
        executions: call.eventName === 'StartPipelineExecution' ? [executionOf(call, executionArn)] : [],
        ...(call.eventName === 'UpdatePipelineVersion' ? { versionUpdates: [versionUpdateOf(call)] } : {}),
        ...(DEFINING.includes(call.eventName) ? { definitionChanges: [definitionChangeOf(call)] } : {}),
        deleted: call.eventName === 'DeletePipeline',
      },
    ],
  };
};

/** The operations that give a pipeline its definition. */
const DEFINING: readonly string[] = ['CreatePipeline', 'UpdatePipeline'];

/** Of the answer alone, which is SageMaker's: a request holds what its caller wrote. */
const executionArnOf = ({ response }: Call): string | undefined =>
  asText(memberAnyCase(response, 'PipelineExecutionArn'));

const definitionChangeOf = (call: Call): DefinitionChange => {
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

/** Of a session whose role is not told, nothing is known but a name. */
const callerOf = ({ record }: Call): { principalArn?: string } => {
  const principalArn = callerArn(memberAnyCase(record, 'userIdentity'));
  return principalArn === undefined ? {} : { principalArn };
};

const executionOf = (call: Call, executionArn: string | undefined): ExecutionStart => {
  const { request, trigger } = call;
  const about = { ...(executionArn === undefined ? {} : { executionArn }), ...callerOf(call), trigger };
  if (!isObject(request)) return about;
  const chosen =
    memberAnyCase(request, 'PipelineVersionId') ?? memberAnyCase(request, 'PipelineVersionAlias');
  const versionId = versionIdOf(asText(memberAnyCase(request, 'PipelineVersionId')));
  const parameters = parametersOf(request);
  return {
    ...about,
    ...(parameters && { parameters }),
    isVersionChosen: chosen !== undefined && chosen !== null,
    ...(versionId === undefined ? {} : { versionId }),
  };
};

const versionUpdateOf = (call: Call): VersionUpdate => {
  const versionId = versionIdOf(field(call, 'PipelineVersionId'));
  return { ...callerOf(call), ...(versionId === undefined ? {} : { versionId }), trigger: call.trigger };
};

/** Versions count from 1, and a record may hold the number as a text; anything else tells no version. */
const versionIdOf = (text: string | undefined): number | undefined => {
  const versionId = /^[1-9]\d*$/.test(text ?? '') ? Number(text) : undefined;
  return Number.isSafeInteger(versionId) ? versionId : undefined;
};

/** Undefined where CloudTrail has left out one of them, or all. */
const parametersOf = (request: Json): Record<string, string> | undefined => {
  const pairs = asList(memberAnyCase(request, 'PipelineParameters')).map((parameter) => {
    const name = asText(memberAnyCase(parameter, 'Name'));
    const value = asText(memberAnyCase(parameter, 'Value'));
    return name === undefined || value === undefined ? undefined : ([name, value] as const);
  });
  return pairs.every((pair) => pair !== undefined) ? Object.fromEntries(pairs) : undefined;
};

export const PIPELINE_READERS: RecordReaders = new Map(
  readersOf(
    ['CreatePipeline', 'UpdatePipeline', 'UpdatePipelineVersion', 'StartPipelineExecution', 'DeletePipeline'],
    readPipeline,
  ),
);
