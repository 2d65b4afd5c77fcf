import pLimit from 'p-limit';
import { groupBy } from '../../group-by.ts';
import { asText, type Json, memberAnyCase } from '../../json/json.ts';
import { parseJson } from '../../json/json-text.ts';
import { once } from '../../memo.ts';
import { shellText } from '../../text/shell-text.ts';
import { ABSENT, found, type Read } from '../read-result.ts';
import {
  entryNamed,
  jsonOf,
  namesIn,
  readJson,
  readStart,
  type SnapshotEntry,
  type SnapshotFile,
  textOf,
} from './files.ts';

export const PIPELINES = ['sagemaker', 'pipelines'] as const;

/** The folder of a pipeline. `name` is the name in its file or, where the file has none, the folder’s name. */
export type PipelineFolder = SnapshotEntry & { name: string };

/**
 * Which folder holds which pipeline. Only names are kept in memory, as an account may have thousands of definitions.
 */
export type PipelineFolders = {
  /** Without folders whose file says that there is no such pipeline. */
  all: () => Promise<Read<PipelineFolder[]>>;
  /** The folder of a pipeline; where there is none, the folder that it would have. */
  named: (name: string) => Promise<string>;
  /** The folders of pipelines of that name, in any letter case. */
  alike: (name: string) => Promise<readonly string[]>;
};

/** How many files are open at a time. */
const CONCURRENCY = 16;

/** The AWS CLI writes the name before the definition, so that the start of the file contains it. */
const START_BYTES = 4096;

/** The folders of a snapshot’s pipelines. The start of each `pipeline.json` is read once. */
export const pipelineFolders = (root: string): PipelineFolders => {
  const all = once(async (): Promise<Read<PipelineFolder[]>> => {
    const names = await namesIn(root, PIPELINES, 'folders');
    if (!names.ok) return names;
    const limit = pLimit(CONCURRENCY);
    const folders = await limit.map(names.value, (pathName) => folderOf(root, pathName));
    return found(folders.filter((folder) => folder !== undefined));
  });
  const byLetters = once(async () => {
    const known = await all();
    return groupBy(known.ok ? known.value : [], ({ name }) => name.toLowerCase());
  });
  const byPath = once(async () => {
    const known = await all();
    return new Map((known.ok ? known.value : []).map((folder) => [folder.pathName, folder]));
  });
  return {
    all,
    alike: async (name) =>
      ((await byLetters()).get(name.toLowerCase()) ?? []).map(({ pathName }) => pathName),
    named: async (name) => {
      const known = await all();
      if (!known.ok) return name;
      if ((await byPath()).get(name)?.names.includes(name)) return name;
      return entryNamed(known.value, name)?.pathName ?? name;
    },
  };
};

export const pipelineFile = (folder: string): SnapshotFile => ({
  path: [...PIPELINES, folder, 'pipeline.json'],
  madeBy: `aws sagemaker describe-pipeline --pipeline-name ${shellText(folder)}`,
});

/** The name in the output of DescribePipeline, as a list of one or none. */
const namesOf = (document: Json): string[] => {
  const name = asText(memberAnyCase(document, 'PipelineName'));
  return name ? [name] : [];
};

/**
 * Undefined where the file says that there is no such pipeline. A pipeline whose file cannot be read has its folder’s
 * name.
 */
const folderOf = async (root: string, pathName: string): Promise<PipelineFolder | undefined> => {
  const names = await namesInFile(root, pipelineFile(pathName));
  if (!names.ok && names.unread.code === ABSENT) return undefined;
  const known = names.ok ? names.value : [];
  return { pathName, names: known, name: known[0] ?? pathName };
};

const namesInFile = async (root: string, file: SnapshotFile): Promise<Read<string[]>> => {
  const start = await readStart(root, file, START_BYTES);
  if (!start.ok) return start;
  const { bytes, isWhole } = start.value;
  const early = isWhole ? undefined : nameAtStart(bytes);
  if (early !== undefined) return found([early]);
  const text = isWhole ? textOf(file, bytes) : undefined;
  const document = text ? (text.ok ? jsonOf(file, text.value) : text) : await readJson(root, file);
  return document.ok ? found(namesOf(document.value)) : document;
};

const NAME_AT_START =
  /^\uFEFF?\s*\{(?:\s*"(?:[^"\\]|\\.)*"\s*:\s*"(?:[^"\\]|\\.)*"\s*,)*?\s*"PipelineName"\s*:\s*("(?:[^"\\]|\\.)*")/;

/** The name, where only members that are texts come before it. */
const nameAtStart = (bytes: Uint8Array): string | undefined => {
  const literal = NAME_AT_START.exec(new TextDecoder().decode(bytes))?.[1];
  const parsed = literal === undefined ? undefined : parseJson(literal);
  return parsed?.ok && typeof parsed.value === 'string' && parsed.value !== '' ? parsed.value : undefined;
};
