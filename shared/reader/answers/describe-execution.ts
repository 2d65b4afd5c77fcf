import { asList, asText, type Json, member, memberAnyCase } from '../../json/json.ts';
import type { ExecutionFact, PipelineVersion } from '../reader.ts';
import { isoTime } from './describe.ts';

/**
 * An execution, from the outputs of DescribePipelineExecution and ListPipelineParametersForExecution; undefined where
 * the second is not a list.
 */
export const executionFact = (
  executionArn: string,
  described: unknown,
  parameterList: Json | undefined,
): ExecutionFact | undefined => {
  const pairs = parameterPairs(parameterList);
  if (!pairs) return undefined;
  const versionId = versionNumber(memberAnyCase(described, 'PipelineVersionId'));
  const roleArn = asText(memberAnyCase(described, 'RoleArn'));
  const parameters = Object.fromEntries(pairs); // makes own members, whatever they are called
  return {
    executionArn,
    ...(versionId === undefined ? {} : { versionId }),
    ...(roleArn === undefined ? {} : { roleArn }),
    parameters,
  };
};

const parameterPairs = (list: Json | undefined): [string, string][] | undefined => {
  if (list !== undefined && !Array.isArray(list)) return undefined;
  const pairs = asList(list).map((parameter): [string, string] | undefined => {
    const name = asText(memberAnyCase(parameter, 'Name'));
    const value = asText(memberAnyCase(parameter, 'Value'));
    return name === undefined || value === undefined ? undefined : [name, value];
  });
  return pairs.every((pair) => pair !== undefined) ? pairs : undefined;
};

/** Fields in which an entry of a listing might name its aliases. AWS documents no such field so far. */
const ALIAS_LISTS = ['PipelineVersionAliases', 'Aliases'];

/** The versions in the output of ListPipelineVersions; undefined where one of them has no id. */
export const pipelineVersions = (summaries: Json | undefined): PipelineVersion[] | undefined => {
  if (!Array.isArray(summaries)) return undefined;
  const versions = summaries.map((summary): PipelineVersion | undefined => {
    const id = versionNumber(member(summary, 'PipelineVersionId'));
    const aliases = ALIAS_LISTS.flatMap((list) => asList(member(summary, list))).flatMap(
      (alias) => asText(alias) ?? [],
    );
    const createdAt = isoTime(member(summary, 'CreationTime'));
    return id === undefined ? undefined : { id, ...(createdAt === undefined ? {} : { createdAt }), aliases };
  });
  return versions.every((version) => version !== undefined) ? versions : undefined;
};

export const newestVersion = (versions: readonly PipelineVersion[]): PipelineVersion | undefined =>
  versions.reduce<PipelineVersion | undefined>(
    (newest, version) => (newest && newest.id > version.id ? newest : version),
    undefined,
  );

/**
 * The version that was the newest at a time (ISO 8601, whole seconds); undefined where a version was created within
 * that second, or where a version has no time of creation.
 */
export const versionAt = (versions: readonly PipelineVersion[], at: string): PipelineVersion | undefined => {
  const time = Date.parse(at);
  const madeAt = versions.map(({ createdAt }) => Date.parse(createdAt ?? ''));
  const isClear = madeAt.every((made) => made <= time || made >= time + 1000);
  return isClear ? newestVersion(versions.filter((_, index) => (madeAt[index] ?? 0) <= time)) : undefined;
};

const versionNumber = (value: Json | undefined): number | undefined => {
  const text = asText(value);
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
};
