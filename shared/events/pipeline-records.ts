import { arnName, sagemakerArn } from '../domain/arn.ts';
import { asList, asText, type Json, memberAnyCase } from '../json/json.ts';
import type { ExecutionStart, RequestOf, VersionUpdate } from '../requests/audit-request.ts';
import { type Call, callerArn, field, type Reading } from './record.ts';

type PipelineCall = Call<'pipeline' | 'pipeline version' | 'execution start' | 'execution retry'>;

export const readPipeline = (call: Call<'pipeline'>): Reading => {
  const definitionText = asText(memberAnyCase(call.request, 'PipelineDefinition'));
  const roleArn = asText(memberAnyCase(call.request, 'RoleArn'));
  return lookAt(call, {
    ...(definitionText !== undefined && roleArn !== undefined
      ? { inEvent: { definitionText, roleArn } }
      : {}),
  });
};

export const readPipelineVersion = (call: Call<'pipeline version'>): Reading =>
  lookAt(call, { versionUpdates: [versionUpdateOf(call)] });

export const readStart = (call: Call<'execution start'>): Reading =>
  lookAt(call, { executions: [{ ...startOf(call), parameters: parametersOf(call.request) }] });

/** It runs again with the version and the parameters that it was started with, which the record does not tell. */
export const readRetry = (call: Call<'execution retry'>): Reading =>
  lookAt(call, { executions: [{ ...startOf(call), isVersionChosen: true }] });

const lookAt = (call: PipelineCall, told: Partial<RequestOf<'pipeline'>>): Reading => {
  const named =
    field(call, 'PipelineName') ??
    field(call, 'PipelineArn') ??
    field(call, EXECUTION_ARN)?.split('/execution/')[0];
  if (!named) return { unreadable: `the record of ${call.eventName} names no pipeline` };
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

/** Of a session whose role is not told, nothing is known but a name. */
const callerOf = ({ record }: PipelineCall): { principalArn?: string } => {
  const principalArn = callerArn(memberAnyCase(record, 'userIdentity'));
  return principalArn === undefined ? {} : { principalArn };
};

const startOf = (call: Call<'execution start' | 'execution retry'>): ExecutionStart => {
  const { request, trigger } = call;
  const executionArn = field(call, EXECUTION_ARN);
  const [versionText, alias] = ['PipelineVersionId', 'PipelineVersionAlias'].map((name) =>
    asText(memberAnyCase(request, name)),
  );
  const versionId = versionIdOf(versionText);
  return {
    ...(executionArn === undefined ? {} : { executionArn }),
    ...callerOf(call),
    isVersionChosen: versionText !== undefined || alias !== undefined,
    ...(versionId === undefined ? {} : { versionId }),
    trigger,
  };
};

const versionUpdateOf = (call: Call<'pipeline version'>): VersionUpdate => {
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
