import { floorsFor } from '../authorised/pipeline-names.ts';
import { type Definition, withParameters } from '../definition/parse.ts';
import { arnName } from '../domain/arn.ts';
import type { RequestTrigger } from '../domain/trigger.ts';
import { groupBy } from '../group-by.ts';
import { newestVersion, versionAt } from '../reader/answers/describe-execution.ts';
import { readDefinition } from '../reader/answers/read-definition.ts';
import { outsideScope } from '../reader/outside-scope.ts';
import { ABSENT, found, NOT_IN_SNAPSHOT, notRead, type Read } from '../reader/read-result.ts';
import type { PipelineFact, Reader } from '../reader/reader.ts';

import type { DefinitionChange, ExecutionStart, RequestOf } from '../requests/audit-request.ts';
import { startedOf } from '../requests/seen-executions.ts';
import type { PipelineSubject, VersionFact } from './facts.ts';
import { gapOf } from './gap-of.ts';
import { type GatherContext, type GatheredExecution, type GatheredFacts, notApplicable } from './gathered.ts';
import { namedFor, subjectOf } from './named-subject.ts';

type PipelineRequest = RequestOf<'pipeline'>;

type PipelineRead = { arn: string; pipeline: Read<PipelineFact>; definition: Read<Definition> };

/** A definition that ran or was live, and the role that it had, if known. */
type Defined = { definitionText: string; roleArn?: string };

/**
 * Gathers the started executions and the new or changed versions, each as a resource of its own. An execution is
 * judged by the definition that it ran. If this is the pipeline's present definition, only the execution's own values
 * are judged, because the pipeline's findings say the rest.
 */
export const gatherExecutions = async (
  request: PipelineRequest,
  read: PipelineRead,
  context: GatherContext,
): Promise<GatheredExecution[]> => {
  const { config, reader } = context;
  const hasFloor = floorsFor(request.name, config).length > 0;
  const started = request.executions.map(async (start): Promise<ExecutionPart> => {
    const facts = await factsOfRun(start, request, read, context);
    const version = hasFloor ? withVersion(await versionOf(request.name, start, reader)) : {};
    const arn = start.executionArn ?? `${read.arn}/execution/${start.trigger.eventId}`;
    return { arn, trigger: start.trigger, facts: together([facts, version]) };
  });
  const changed = (request.definitionChanges ?? []).map(async (change, index, all) => {
    const facts = await factsOfChange(change, index === all.length - 1, request, read, context);
    return { ...versionResource(read.arn, change), facts };
  });
  const updated = (hasFloor ? (request.versionUpdates ?? []) : []).map((update) => ({
    ...versionResource(read.arn, update),
    facts: withVersion(versionInEvent(request.name, update)),
  }));
  return oneForEach([...(await Promise.all([...started, ...changed])), ...updated]);
};

const versionResource = (
  pipelineArn: string,
  { versionId, trigger }: { versionId?: number; trigger: RequestTrigger },
): { arn: string; trigger: RequestTrigger } => ({
  arn: `${pipelineArn}/version/${versionId ?? trigger.eventId}`,
  trigger,
});

/** Some of the facts about an execution or a version. */
type PartialFacts = Partial<GatheredFacts<'execution'>>;
type ExecutionPart = { arn: string; trigger: RequestTrigger; facts: PartialFacts };

/** Merges the parts with the same ARN, and drops resources without any facts. */
const oneForEach = (looked: readonly ExecutionPart[]): GatheredExecution[] =>
  [...groupBy(looked, ({ arn }) => arn.toLowerCase()).values()].flatMap((group) => {
    const [first] = group;
    const facts = together(group.map((each) => each.facts));
    return first && Object.keys(facts).length > 0 ? { ...first, facts: whole(facts) } : [];
  });

const whole = (part: PartialFacts): GatheredFacts<'execution'> => ({
  pipeline: part.pipeline ?? AS_PIPELINE,
  definition: part.definition ?? AS_PIPELINE,
  overrides: part.overrides ?? AS_PIPELINE,
  version: part.version ?? notApplicable('no version floor applies to it'),
  startRole: notApplicable('its pipeline has a role of its own'),
  gaps: part.gaps ?? found([]),
});

const AS_PIPELINE = notApplicable(
  'it is the pipeline’s present definition, which is judged with the pipeline',
);

const together = (all: readonly PartialFacts[]): PartialFacts => {
  const told = all.flatMap(({ gaps }) => (gaps?.ok ? [gaps.value] : []));
  return Object.assign({}, ...all, told.length > 0 ? { gaps: found(told.flat()) } : {});
};

const withVersion = (version: Read<VersionFact>): PartialFacts => ({
  version,
  gaps: found(version.ok ? [] : [version.unread]),
});

/**
 * The facts of an execution besides its version; none if it ran the pipeline's present definition without values of
 * its own.
 */
const factsOfRun = async (
  start: ExecutionStart,
  request: PipelineRequest,
  { pipeline, definition }: PipelineRead,
  context: GatherContext,
): Promise<PartialFacts> => {
  const [ran, parameters] = await Promise.all([
    definitionThatRan(start, request, context.reader),
    parametersOf(start, context),
  ]);
  const isPresent = ran.ok && pipeline.ok && ran.value.definitionText === pipeline.value.definitionText;
  const values = parameters.ok ? parameters.value : {};
  if (isPresent && parameters.ok && Object.keys(values).length === 0) return {};
  const unread = parameters.ok ? [] : [parameters.unread];
  if (isPresent) {
    const subject = subjectOf(pipeline, await namedFor(definition, context));
    return { pipeline: subject, definition, overrides: parameters, gaps: found(unread) };
  }
  const facts = ran.ok
    ? await factsOf(ran.value, values, pipeline, request, context)
    : factsOfUnread(ran, pipeline);
  return parameters.ok ? facts : together([facts, { overrides: parameters, gaps: found(unread) }]);
};

/** A whole definition, with the execution's values in place of the defaults. */
const factsOf = async (
  { definitionText, roleArn }: Defined,
  parameters: Readonly<Record<string, string>>,
  pipeline: Read<PipelineFact>,
  { name, resource }: PipelineRequest,
  context: GatherContext,
): Promise<PartialFacts> => {
  const read = readDefinition(definitionText);
  const present = pipeline.ok ? pipeline.value.roleArn : undefined;
  const isPresent = present !== undefined && (roleArn === undefined || roleArn === present);
  const subject: Read<PipelineSubject> =
    roleArn === undefined && !pipeline.ok
      ? pipeline
      : found({
          name,
          arn: resource.arn,
          ...(roleArn !== undefined && { roleArn }),
          ...(present !== undefined && isPresent && { roleArn: present, hasPresentRole: true }),
        });
  const unread = read.ok ? read.value.unchecked.map(gapOf) : [read.unread];
  return {
    pipeline: subjectOf(subject, await namedFor(read, context)),
    definition: read.ok ? found(withParameters(read.value, parameters)) : read,
    overrides: found({}),
    gaps: found([...unread, ...(subject.ok ? [] : [subject.unread])]),
  };
};

const factsOfUnread = (ran: Read<never>, pipeline: Read<PipelineFact>): PartialFacts => ({
  pipeline,
  definition: ran,
  overrides: found({}),
  gaps: found(ran.ok ? [] : [ran.unread]),
});

/**
 * The definition that an execution ran: from AWS or, if the pipeline is gone or missing in a snapshot, from the
 * record of the change that made the version.
 */
const definitionThatRan = async (
  start: ExecutionStart,
  { definitionChanges = [] }: PipelineRequest,
  reader: Reader,
): Promise<Read<Defined>> => {
  const { executionArn } = start;
  const call = 'DescribePipelineDefinitionForExecution';
  if (executionArn === undefined) return notRead(call, 'NotNamed', 'the event does not name the execution');
  const read =
    outsideScope(executionArn, call, reader) ??
    (await reader.describeExecutionDefinition({
      executionArn,
      howStarted: async () => startedOf(start),
    }));
  if (read.ok || !IS_MISSING.includes(read.unread.code)) return read;
  const { definitionText, roleArn } = changeThatRan(start, definitionChanges) ?? {};
  return definitionText === undefined
    ? read
    : found({ definitionText, ...(roleArn === undefined ? {} : { roleArn }) });
};

const IS_MISSING: readonly string[] = [ABSENT, NOT_IN_SNAPSHOT];

/** The change that made the started version: the chosen version, or the last change before the start. */
const changeThatRan = (
  { versionId, isVersionChosen, trigger }: ExecutionStart,
  changes: readonly DefinitionChange[],
): DefinitionChange | undefined => {
  if (versionId !== undefined) return changes.find((change) => change.versionId === versionId);
  if (isVersionChosen !== false) return undefined;
  const before = changes.filter((change) => change.trigger.eventTime <= trigger.eventTime);
  const last = before.at(-1);
  // Records have times in whole seconds: of two events in the same second, the order is unknown.
  const isSure = before.length === 1 || last?.trigger.eventTime !== trigger.eventTime;
  return isSure ? last : undefined;
};

/** An execution's values: from its own event, else from the recorded start, else from AWS. */
const parametersOf = async (
  { parameters, executionArn }: ExecutionStart,
  { reader, recallExecution }: GatherContext,
): Promise<Read<Readonly<Record<string, string>>>> => {
  if (parameters) return found(parameters);
  if (executionArn === undefined)
    return notRead('ListPipelineParametersForExecution', 'NotNamed', 'the event does not name the execution');
  const recalled = await recallExecution(arnName(executionArn));
  if (recalled?.executionArn === executionArn && recalled.parameters) return found(recalled.parameters);
  const described = await reader.describeExecution(executionArn);
  return described.ok ? found(described.value.parameters) : described;
};

/**
 * The facts of a version that a change made; none if the pipeline still is that version. A version that was replaced
 * can still be started by its id, so it is judged or reported as not judged.
 */
const factsOfChange = async (
  change: DefinitionChange,
  isLast: boolean,
  request: PipelineRequest,
  { pipeline }: PipelineRead,
  context: GatherContext,
): Promise<PartialFacts> => {
  if (!pipeline.ok) return {};
  const made = await definitionOfChange(change, request, context.reader);
  // After the last change the pipeline is the result, so a snapshot without versions lacks nothing.
  const isUntold = !made.ok && [UNTOLD, NOT_IN_SNAPSHOT].includes(made.unread.code);
  if (isLast && isUntold) return {};
  if (!made.ok) return factsOfUnread(made, pipeline);
  return made.value.definitionText === pipeline.value.definitionText
    ? {}
    : factsOf(made.value, {}, pipeline, request, context);
};

const UNTOLD = 'Incomplete';

const definitionOfChange = async (
  { definitionText, roleArn, versionId, trigger }: DefinitionChange,
  { name }: PipelineRequest,
  reader: Reader,
): Promise<Read<Defined>> => {
  if (definitionText !== undefined)
    return found({ definitionText, ...(roleArn === undefined ? {} : { roleArn }) });
  if (versionId !== undefined) return reader.describePipelineVersion(name, versionId);
  const message = 'the record contains neither the definition nor its version, and another change followed';
  return notRead(trigger.eventName, UNTOLD, message);
};

/**
 * The version that an execution runs: from its event, else from the execution, else (if the caller chose none) the
 * newest version at that time.
 */
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
  if (start.isVersionChosen !== false)
    return described && !described.ok
      ? described
      : notRead(
          'DescribePipelineExecution',
          'Incomplete',
          'the execution does not say which version was chosen',
        );
  const versions = await reader.listPipelineVersions(pipelineName);
  if (!versions.ok) return versions;
  const isDated = versions.value.some(({ createdAt }) => createdAt !== undefined);
  const newest = isDated ? versionAt(versions.value, start.trigger.eventTime) : newestVersion(versions.value);
  return newest
    ? found({ pipelineName, versionId: newest.id, toldBy: 'ListPipelineVersions', ...caller })
    : notRead(
        'ListPipelineVersions',
        'Incomplete',
        `no version of ${pipelineName} in the list was sure to be the newest at that time`,
      );
};

const versionInEvent = (
  pipelineName: string,
  {
    versionId,
    principalArn,
    trigger,
  }: { versionId?: number; principalArn?: string; trigger: RequestTrigger },
): Read<VersionFact> =>
  versionId === undefined
    ? notRead(trigger.eventName, 'Incomplete', 'the event does not name the version')
    : found({
        pipelineName,
        versionId,
        toldBy: trigger.eventName,
        ...(principalArn === undefined ? {} : { principalArn }),
      });
