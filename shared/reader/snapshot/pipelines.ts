import type { Scope } from '../../domain/scope.ts';
import { isObject } from '../../json/json.ts';
import { pipelineFact } from '../answers/describe.ts';
import { found, type Read } from '../read-result.ts';
import type { PipelineFact, Reader } from '../reader.ts';
import { atTop, distinctNames, malformed, pathOf, readJson } from './files.ts';
import { type PipelineFolders, pipelineFile } from './pipeline-folders.ts';

/** The methods of a Reader about pipelines. They read `sagemaker/pipelines/<name>/pipeline.json`. */
export const snapshotPipelines = (
  root: string,
  scope: Scope,
  folders: PipelineFolders,
): Pick<Reader, 'describePipeline' | 'listPipelines'> => {
  const read = async (folder: string): Promise<Read<PipelineFact>> => {
    const file = pipelineFile(folder);
    const document = await readJson(root, file);
    if (!document.ok) return document;
    return isObject(document.value)
      ? pipelineFact(document.value, pathOf(file), scope, folder)
      : malformed(file, atTop('it is not the output of describe-pipeline'));
  };
  return {
    describePipeline: async (name) => {
      const alike = await folders.alike(name);
      const [first, ...others] = alike;
      if (first !== undefined && others.length > 0)
        return malformed(
          pipelineFile(first),
          atTop(
            `${alike.length} folders hold a pipeline of this name, in whatever letter case, so that one would hide the others; keep one of ${alike.join(', ')}`,
          ),
        );
      const direct = await read(name);
      if (direct.ok && direct.value.name === name) return direct;
      const folder = await folders.named(name);
      return folder === name ? direct : read(folder);
    },
    listPipelines: async () => {
      const all = await folders.all();
      return all.ok ? found(distinctNames(all.value.map(({ name }) => name)).map((name) => ({ name }))) : all;
    },
  };
};
