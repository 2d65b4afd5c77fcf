import { namesPipeline } from '../authorised/pipeline-names.ts';
import type { Definition } from '../definition/parse.ts';
import { arnName } from '../domain/arn.ts';
import type { Trigger } from '../domain/trigger.ts';
import { readDefinition } from '../reader/answers/read-definition.ts';
import { found, notRead, type Read } from '../reader/read.ts';
import type { PipelineFact, Reader } from '../reader/reader.ts';
import type { AuditRequest, ExecutionStart } from '../requests/audit-request.ts';
import type { VersionFact } from './facts.ts';
import { gapOf } from './gap-of.ts';
import type { GatherContext, GatheredExecution, GatheredFacts } from './gathered.ts';

type PipelineRequest = Extract<AuditRequest, { type: 'pipeline' }>;

type Parameters = Readonly<Record<string, string>>;

type PipelineRead = { arn: string; pipeline: Read<PipelineFact>; definition: Read<Definition> };

/**
 * The executions that were started with values of their own, or under a version floor, and the versions under a floor
 * that were changed. Others are the pipeline's own matter.
 */
export const gatherExecutions = async (
  request: PipelineRequest,
  read: PipelineRead,
  context: GatherContext,
): Promise<GatheredExecution[]> => {
  const { reader, config } = context;
  const hasFloor = (config.versionFloors ?? []).some(({ pipeline }) =>
    namesPipeline([pipeline], request.name),
  );
  const started = request.executions.map(async (start): Promise<GatheredExecution[]> => {
    const parameters = await parametersOf(start, context);
    const isDefault = parameters.ok && Object.keys(parameters.value).length === 0;
    if (isDefault && !hasFloor) return [];
    const facts = isDefault ? {} : await parameterFacts(start, parameters, read, reader);
    return [
      {
        arn: start.executionArn ?? `${read.arn}/execution/${start.trigger.eventId}`,
        trigger: start.trigger,
        facts: hasFloor
          ? withVersion(facts, await versionOf(request.name, start, reader))
          : { gaps: found([]), ...facts },
      },
    ];
  });
  const updated = (hasFloor ? (request.versionUpdates ?? []) : []).map((update) => ({
    arn: `${read.arn}/version/${update.versionId ?? update.trigger.eventId}`,
    trigger: update.trigger,
    facts: withVersion({}, versionInEvent(request.name, update)),
  }));
  return [...(await Promise.all(started)).flat(), ...updated];
};

/** As its event tells them; of one that is retried, as its start told them, or as AWS does. */
const parametersOf = async (
  { executionArn, parameters }: ExecutionStart,
  { reader, recallExecution }: GatherContext,
): Promise<Read<Parameters>> => {
  if (parameters) return found(parameters);
  if (executionArn === undefined) return notNamed('ListPipelineParametersForExecution');
  const recalled = await recallExecution(arnName(executionArn));
  if (recalled?.executionArn === executionArn) return found(recalled.parameters);
  const described = await reader.describeExecution(executionArn);
  return described.ok ? found(described.value.parameters) : described;
};

const notNamed = (call: string): Read<never> =>
  notRead(call, 'NotNamed', 'the event does not name the execution');

const withVersion = ({ gaps, ...facts }: GatheredFacts, version: Read<VersionFact>): GatheredFacts => ({
  ...facts,
  version,
  gaps: found([...(gaps?.ok ? gaps.value : []), ...(version.ok ? [] : [version.unread])]),
});

/** What the controls of a definition need, with the values of the execution in place of the defaults. */
const parameterFacts = async (
  start: ExecutionStart,
  parameters: Read<Parameters>,
  { pipeline, definition }: PipelineRead,
  reader: Reader,
): Promise<GatheredFacts> => {
  const isOther = start.isVersionChosen && pipeline.ok;
  const ran = isOther ? await definitionOfExecution(start, reader) : definition;
  const gaps = ran.ok ? ran.value.unchecked.map(gapOf) : [ran.unread];
  return {
    pipeline,
    definition: ran,
    overrides: parameters,
    gaps: found([...(isOther || !ran.ok ? gaps : []), ...(parameters.ok ? [] : [parameters.unread])]),
  };
};

/** The definition of the version that an execution runs. */
const definitionOfExecution = async (
  { executionArn }: ExecutionStart,
  reader: Reader,
): Promise<Read<Definition>> => {
  if (executionArn === undefined) return notNamed('DescribePipelineDefinitionForExecution');
  const read = await reader.describeExecutionDefinition({
    executionId: arnName(executionArn),
    executionArn,
    kind: 'job',
  });
  return read.ok ? readDefinition(read.value.definitionText) : read;
};

/** By the event; else by the execution; else, where the caller chose none, it is the newest of the pipeline's. */
const versionOf = async (
  pipelineName: string,
  start: ExecutionStart,
  reader: Reader,
): Promise<Read<VersionFact>> => {
  const caller = start.principalArn === undefined ? {} : { principalArn: start.principalArn };
  if (start.versionId !== undefined) return versionInEvent(pipelineName, start);
  const described =
    start.executionArn === undefined ? undefined : await reader.describeExecution(start.executionArn);
  if (described?.ok && described.value.versionId !== undefined) {
    const { versionId } = described.value;
    return found({ pipelineName, versionId, toldBy: 'DescribePipelineExecution', ...caller });
  }
  if (start.isVersionChosen)
    return described && !described.ok
      ? described
      : notRead('DescribePipelineExecution', 'Incomplete', 'the version behind the alias is not told');
  const versions = await reader.listPipelineVersions(pipelineName);
  if (!versions.ok) return versions;
  const versionId = Math.max(...versions.value.map(({ id }) => id));
  return versions.value.length > 0
    ? found({ pipelineName, versionId, toldBy: 'ListPipelineVersions', ...caller })
    : notRead('ListPipelineVersions', 'Incomplete', `no version of ${pipelineName} is listed`);
};

const versionInEvent = (
  pipelineName: string,
  { versionId, principalArn, trigger }: { versionId?: number; principalArn?: string; trigger: Trigger },
): Read<VersionFact> =>
  versionId === undefined
    ? notRead(trigger.eventName, 'Incomplete', 'the event does not tell the version')
    : found({
        pipelineName,
        versionId,
        toldBy: trigger.eventName,
        ...(principalArn === undefined ? {} : { principalArn }),
      });
