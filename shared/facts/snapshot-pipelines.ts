import type { Scope } from '../findings/finding.ts';
import { asText, isObject, type Json, memberAnyCase } from '../json.ts';
import { once } from '../once.ts';
import { pipelineFact } from './describe.ts';
import { type PipelineTraits, pipelineOfExecution, pipelinesThatFit, pipelineTraits } from './execution.ts';
import { ABSENT, found, notRead, type Read } from './read.ts';
import type { ExecutionDefinition, ExecutionRef, PipelineFact, Reader } from './reader.ts';
import {
  distinctNames,
  type Entry,
  entryNamed,
  INVALID_NAME,
  MALFORMED,
  malformed,
  NOT_IN_SNAPSHOT,
  namesIn,
  pathOf,
  readJson,
  type SnapshotFile,
  shellWord,
} from './snapshot-files.ts';

/** The code of `Unread` for a job whose pipeline a snapshot does not tell, as none or several can have started it. */
const AMBIGUOUS = 'Ambiguous';

const FOLDER = ['sagemaker', 'pipelines'] as const;

type PipelineEntry = Entry & { name: string; traits: Read<PipelineTraits> };

/** The methods of a Reader that are about pipelines, over `sagemaker/pipelines/<name>/pipeline.json`. */
export const snapshotPipelines = (
  root: string,
  scope: Scope,
): Pick<Reader, 'describePipeline' | 'describeExecutionDefinition' | 'listPipelines'> => {
  const read = async (folder: string): Promise<{ names: string[]; fact: Read<PipelineFact> }> => {
    const file = pipelineFile(folder);
    const document = await readJson(root, file);
    if (!document.ok) return { names: [], fact: document };
    if (!isObject(document.value)) {
      const message = 'it is not what describe-pipeline puts out';
      return { names: [], fact: malformed(file, { line: 1, column: 1, message }) };
    }
    return {
      names: namesOf(document.value),
      fact: pipelineFact(document.value, pathOf(file), scope, folder),
    };
  };

  const entries = once(async (): Promise<Read<PipelineEntry[]>> => {
    const folders = await namesIn(root, FOLDER, 'folders');
    if (!folders.ok) return folders.unread.code === NOT_IN_SNAPSHOT ? found([]) : folders;
    const made: PipelineEntry[] = [];
    for (const pathName of folders.value) {
      const { names, fact } = await read(pathName);
      if (!fact.ok && fact.unread.code === ABSENT) continue;
      const traits = fact.ok ? traitsOf(fact.value, pathName) : fact;
      made.push({ pathName, names, name: names[0] ?? pathName, traits });
    }
    return found(made);
  });

  const describePipeline: Reader['describePipeline'] = async (name) => {
    const direct = await read(name);
    if (direct.fact.ok && direct.fact.value.name === name) return direct.fact;
    const all = await entries();
    if (!all.ok) return all;
    const entry = entryNamed(all.value, name);
    return entry ? (await read(entry.pathName)).fact : direct.fact;
  };

  const definitionOf = async (name: string): Promise<Read<ExecutionDefinition>> => {
    const pipeline = await describePipeline(name);
    if (!pipeline.ok) return pipeline;
    const { roleArn, definitionText } = pipeline.value;
    return found({ pipelineName: pipeline.value.name, roleArn, definitionText });
  };

  return {
    describePipeline,
    describeExecutionDefinition: async (execution) => {
      const { executionArn } = execution;
      if (executionArn !== undefined) {
        const named = pipelineOfExecution(executionArn);
        if (named !== undefined) return definitionOf(named);
        const message = `${JSON.stringify(executionArn)} is not the ARN of an execution of a pipeline`;
        return notRead(FOLDER.join('/'), INVALID_NAME, message);
      }
      const all = await entries();
      if (!all.ok) return all;
      const name = onlyPipelineThatFits(execution, all.value);
      return name.ok ? definitionOf(name.value) : name;
    },
    listPipelines: async () => {
      const folder = await namesIn(root, FOLDER, 'folders');
      const all = folder.ok ? await entries() : folder; // without the folder nobody has looked for pipelines
      return all.ok ? found(distinctNames(all.value.map(({ name }) => name))) : all;
    },
  };
};

const pipelineFile = (folder: string): SnapshotFile => ({
  path: [...FOLDER, folder, 'pipeline.json'],
  madeBy: `aws sagemaker describe-pipeline --pipeline-name ${shellWord(folder)}`,
});

const namesOf = (document: Json): string[] => {
  const name = asText(memberAnyCase(document, 'PipelineName'));
  return name ? [name] : [];
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
  return notRead(FOLDER.join('/'), AMBIGUOUS, message);
};

/** Enough names to act on, for an account may have hundreds. */
const some = (names: readonly string[]): string =>
  names.length > 10 ? `${names.slice(0, 10).join(', ')} and ${names.length - 10} more` : names.join(', ');
