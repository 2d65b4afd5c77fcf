import { arnName, sagemakerArn } from '../domain/arn.ts';
import { asList, asText, type Json, memberAnyCase } from '../json/json.ts';
import type { ExecutionStart, VersionUpdate } from '../requests/audit-request.ts';
import { type Call, callerArn, field, type Reading, type RecordReaders, readersOf } from './record.ts';

const readPipeline = (call: Call): Reading => {
  const executionArn = field(call, 'PipelineExecutionArn');
  const named =
    field(call, 'PipelineName') ?? field(call, 'PipelineArn') ?? executionArn?.split('/execution/')[0];
  if (!named) return { unreadable: `the record of ${call.eventName} names no pipeline` };
  const isArn = named.startsWith('arn:');
  const name = isArn ? arnName(named) : named;
  const arn = field(call, 'PipelineArn') || (isArn ? named : sagemakerArn(call, `pipeline/${name}`));
  const definitionText = asText(memberAnyCase(call.request, 'PipelineDefinition'));
  const roleArn = asText(memberAnyCase(call.request, 'RoleArn'));
  return {
    requests: [
      {
        type: 'pipeline',
        resource: { type: 'pipeline', arn },
        name,
        trigger: call.trigger,
        executions: call.eventName === 'StartPipelineExecution' ? [executionOf(call, executionArn)] : [],
        ...(call.eventName === 'UpdatePipelineVersion' ? { versionUpdates: [versionUpdateOf(call)] } : {}),
        deleted: call.eventName === 'DeletePipeline',
        ...(definitionText !== undefined && roleArn !== undefined
          ? { inEvent: { definitionText, roleArn } }
          : {}),
      },
    ],
  };
};

/** Of a session whose role is not told, nothing is known but a name. */
const callerOf = ({ record }: Call): { principalArn?: string } => {
  const principalArn = callerArn(memberAnyCase(record, 'userIdentity'));
  return principalArn === undefined ? {} : { principalArn };
};

const executionOf = (call: Call, executionArn: string | undefined): ExecutionStart => {
  const { request, trigger } = call;
  const [versionText, alias] = ['PipelineVersionId', 'PipelineVersionAlias'].map((name) =>
    asText(memberAnyCase(request, name)),
  );
  const versionId = versionIdOf(versionText);
  return {
    ...(executionArn === undefined ? {} : { executionArn }),
    ...callerOf(call),
    parameters: parametersOf(request),
    isVersionChosen: versionText !== undefined || alias !== undefined,
    ...(versionId === undefined ? {} : { versionId }),
    trigger,
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

const parametersOf = (request: Json | undefined): Record<string, string> =>
  Object.fromEntries(
    asList(memberAnyCase(request, 'PipelineParameters')).flatMap((parameter): [string, string][] => {
      const name = asText(memberAnyCase(parameter, 'Name'));
      const value = asText(memberAnyCase(parameter, 'Value'));
      return name === undefined || value === undefined ? [] : [[name, value]];
    }),
  );

export const PIPELINE_READERS: RecordReaders = new Map(
  readersOf(
    ['CreatePipeline', 'UpdatePipeline', 'UpdatePipelineVersion', 'StartPipelineExecution', 'DeletePipeline'],
    readPipeline,
  ),
);
