import { asList, asText, type Json, member, memberAnyCase } from '../../json/json.ts';
import type { ExecutionFact, PipelineVersion } from '../reader.ts';

/**
 * An execution from the output of DescribePipelineExecution, and its parameters from the list of
 * ListPipelineParametersForExecution; undefined where the list is none.
 */
export const executionFact = (
  executionArn: string,
  described: unknown,
  parameterList: Json | undefined,
): ExecutionFact | undefined => {
  const pairs = parameterPairs(parameterList);
  if (!pairs) return undefined;
  const versionId = versionNumber(memberAnyCase(described, 'PipelineVersionId'));
  const parameters = Object.fromEntries(pairs); // makes own members, whatever they are called
  return { executionArn, ...(versionId === undefined ? {} : { versionId }), parameters };
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

/** Where an entry of a listing may name its aliases; AWS documents none so far. */
const ALIAS_LISTS = ['PipelineVersionAliases', 'Aliases'];

/** The versions of the summaries of ListPipelineVersions; undefined where one of them has no id. */
export const pipelineVersions = (summaries: Json | undefined): PipelineVersion[] | undefined => {
  if (!Array.isArray(summaries)) return undefined;
  const versions = summaries.map((summary): PipelineVersion | undefined => {
    const id = versionNumber(member(summary, 'PipelineVersionId'));
    const aliases = ALIAS_LISTS.flatMap((list) => asList(member(summary, list))).flatMap(
      (alias) => asText(alias) ?? [],
    );
    return id === undefined ? undefined : { id, aliases };
  });
  return versions.every((version) => version !== undefined) ? versions : undefined;
};

const versionNumber = (value: Json | undefined): number | undefined => {
  const text = asText(value);
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
};
