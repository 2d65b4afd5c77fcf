import pLimit from 'p-limit';
import type { ExecutionRef } from '../../definition/execution-ref.ts';
import type { Scope } from '../../domain/scope.ts';
import { isObject } from '../../json/json.ts';
import { once } from '../../memo.ts';
import { pipelineFact } from '../answers/describe.ts';
import { type PipelineTraits, pipelinesThatFit, pipelineTraits } from '../answers/execution.ts';
import { found, notRead, type Read } from '../read.ts';
import type { ExecutionDefinition, PipelineFact, Reader } from '../reader.ts';
import { atTop, distinctNames, MALFORMED, malformed, NOT_IN_SNAPSHOT, pathOf, readJson } from './files.ts';
import { PIPELINES, type PipelineFolders, pipelineFile } from './pipeline-folders.ts';

/** The code of `Unread` for a job whose pipeline a snapshot does not tell, as none or several can have started it. */
const AMBIGUOUS = 'Ambiguous';

/** Definitions that are in memory at a time while all are searched; only their traits are kept. */
const DEFINITIONS_AT_A_TIME = 4;

type PipelineEntry = { name: string; traits: Read<PipelineTraits> };

/** The methods of a Reader that are about pipelines, over `sagemaker/pipelines/<name>/pipeline.json`. */
export const snapshotPipelines = (
  root: string,
  scope: Scope,
  folders: PipelineFolders,
): Pick<Reader, 'describePipeline' | 'describeExecutionDefinition' | 'listPipelines'> => {
  const read = async (folder: string): Promise<Read<PipelineFact>> => {
    const file = pipelineFile(folder);
    const document = await readJson(root, file);
    if (!document.ok) return document;
    return isObject(document.value)
      ? pipelineFact(document.value, pathOf(file), scope, folder)
      : malformed(file, atTop('it is not what describe-pipeline puts out'));
  };

  const describePipeline: Reader['describePipeline'] = async (name) => {
    const direct = await read(name);
    if (direct.ok && direct.value.name === name) return direct;
    const folder = await folders.named(name);
    return folder === name ? direct : read(folder);
  };

  const definitionOf = async (name: string): Promise<Read<ExecutionDefinition>> => {
    const pipeline = await describePipeline(name);
    if (!pipeline.ok) return pipeline;
    const { roleArn, definitionText } = pipeline.value;
    return found({ pipelineName: pipeline.value.name, roleArn, definitionText });
  };

  const entries = once(async (): Promise<Read<PipelineEntry[]>> => {
    const all = await folders.all();
    if (!all.ok) return all.unread.code === NOT_IN_SNAPSHOT ? found([]) : all;
    const limit = pLimit(DEFINITIONS_AT_A_TIME);
    return found(
      await limit.map(all.value, async ({ pathName, name }) => {
        const fact = await read(pathName);
        return { name, traits: fact.ok ? traitsOf(fact.value, pathName) : fact };
      }),
    );
  });

  return {
    describePipeline,
    describeExecutionDefinition: async (execution) => {
      const all = await entries();
      if (!all.ok) return all;
      const name = onlyPipelineThatFits(execution, all.value);
      return name.ok ? definitionOf(name.value) : name;
    },
    listPipelines: async () => {
      const all = await folders.all();
      return all.ok ? found(distinctNames(all.value.map(({ name }) => name)).map((name) => ({ name }))) : all;
    },
  };
};

const traitsOf = (pipeline: PipelineFact, folder: string): Read<PipelineTraits> => {
  const traits = pipelineTraits(pipeline);
  const path = pathOf(pipelineFile(folder));
  return traits
    ? found(traits)
    : notRead(path, MALFORMED, `${path}: its PipelineDefinition cannot be parsed`);
};

/** A pipeline that could not be read may be the one, so that the job's cannot be told while there are such. */
const onlyPipelineThatFits = (execution: ExecutionRef, entries: readonly PipelineEntry[]): Read<string> => {
  const fitting = pipelinesThatFit(
    execution,
    entries.flatMap(({ traits }) => (traits.ok ? [traits.value] : [])),
  );
  const names = distinctNames(fitting.map(({ name }) => name));
  const unread = entries.filter(({ traits }) => !traits.ok).map(({ name }) => name);
  const [only] = names;
  if (only !== undefined && names.length === 1 && unread.length === 0) return found(only);
  const fits =
    names.length === 0
      ? 'no pipeline of the snapshot fits it'
      : `these pipelines of the snapshot fit it: ${some(names)}`;
  const gaps = unread.length === 0 ? '' : `; these could not be read: ${some(unread)}`;
  const message = `the event names no pipeline for the execution ${execution.executionId}, and ${fits}${gaps}`;
  return notRead(PIPELINES.join('/'), AMBIGUOUS, message);
};

/** Enough names to act on, for an account may have hundreds. */
const some = (names: readonly string[]): string =>
  names.length > 10 ? `${names.slice(0, 10).join(', ')} and ${names.length - 10} more` : names.join(', ');
