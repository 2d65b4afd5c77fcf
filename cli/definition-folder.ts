import type { Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { member } from '../shared/json/json.ts';
import { parseJson } from '../shared/json/json-text.ts';
import { listed } from '../shared/text/listed.ts';
import { visibleText } from '../shared/text/visible-text.ts';
import { fileProblem, UsageError } from './errors.ts';
import { problemOf } from './event-folder.ts';
import { readText } from './files.ts';
import { adviceFor } from './not-a-definition.ts';

/** Folders that hold what tools made or fetched, and no definitions of the repository’s own. */
const LEFT_OUT = ['node_modules', '__pycache__', 'cdk.out', 'venv'];

/** The endings of definitions, and of templates of them. */
const ENDINGS = /\.json(?:\.(?:tftpl|tpl|tmpl|template|j2))?$/i;

const MAX_DEPTH = 32;
const MAX_ENTRIES = 120_000;

/** The definitions of the arguments, with a folder’s own in its place, and what of folders was left out. */
export type Searched = { paths: string[]; remarks: string[] };

/**
 * The files that the arguments name. A folder stands for the definitions in it and below: files that end in .json (or in a
 * template’s ending after it) and hold Steps or a PipelineDefinition.
 * @throws {UsageError} for a folder without definitions, because a lint of nothing would look clean.
 */
export const searchDefinitions = async (paths: readonly string[]): Promise<Searched> => {
  const found = new Map<string, string>();
  const told: string[] = [];
  for (const path of paths) {
    const isFolder = await stat(path).then(
      (info) => info.isDirectory(),
      () => false,
    );
    const { paths: own, remarks } = isFolder ? await definitionsIn(path) : { paths: [path], remarks: [] };
    // A file that is named twice, or in a folder that is named as well, has its findings once.
    for (const each of own) found.set(resolve(each), found.get(resolve(each)) ?? each);
    told.push(...remarks);
  }
  return { paths: [...found.values()], remarks: told };
};

const definitionsIn = async (folder: string): Promise<Searched> => {
  const files = await jsonFilesIn(folder);
  const paths: string[] = [];
  const others: string[] = [];
  const holding: { file: string; advice: string }[] = [];
  for (const file of files) {
    const text = await readText(file, 'definition');
    if (isDefinition(text)) paths.push(file);
    else if (HOLDS_PIPELINE.test(text)) holding.push({ file, advice: adviceIn(file, text) });
    else others.push(file);
  }
  const where = `${visibleText(folder)}: `;
  if (paths.length === 0)
    throw new UsageError(
      `${where}no pipeline definition in this folder: of ${files.length} JSON files none has Steps or a PipelineDefinition; where a program makes the definitions, write what pipeline.definition() gives into files`,
    );
  const left = others.length === 0 ? '' : `; no definitions: ${listed(others.map(visibleText), MAX_TOLD)}`;
  return {
    paths,
    remarks: [
      `${where}${paths.length} of ${files.length} JSON files are definitions${left}`,
      ...holding.map(
        ({ file, advice }) => `${visibleText(file)}: not judged, although it holds a pipeline${advice}`,
      ),
    ],
  };
};

const MAX_TOLD = 5;

/** Templates of CloudFormation and plans of Terraform that make a pipeline. */
const HOLDS_PIPELINE = /AWS::SageMaker::Pipeline|aws_sagemaker_pipeline/;

const adviceIn = (file: string, text: string): string => {
  const json = parseJson(text);
  return adviceFor(file, json.ok ? json.value : undefined);
};

/** A file that is not JSON is judged by its words, so that a broken definition is an error and not left out. */
const isDefinition = (text: string): boolean => {
  const json = parseJson(text);
  return json.ok
    ? ['Steps', 'PipelineDefinition'].some((name) => member(json.value, name) !== undefined)
    : /"(?:Steps|PipelineDefinition)"/.test(text);
};

/**
 * The JSON files of a folder by their paths, hidden ones and what tools made left out.
 * @throws {UsageError} for an entry that cannot be read, or a link that leads out of the folder.
 */
const jsonFilesIn = async (root: string): Promise<string[]> => {
  const top = await realpath(root).catch((error: unknown) => {
    throw fileProblem(root, error);
  });
  const files: string[] = [];
  const problems: string[] = [];
  const pending = [{ folder: root, depth: 0 }];
  let entries = 0;
  for (let next = pending.pop(); next; next = pending.pop()) {
    const { folder, depth } = next;
    for (const entry of await entriesOf(folder)) {
      if (++entries > MAX_ENTRIES)
        throw new UsageError(
          `${visibleText(root)}: more than ${MAX_ENTRIES} files and folders: name smaller ones`,
        );
      if (entry.name.startsWith('.') || LEFT_OUT.includes(entry.name)) continue;
      const path = join(folder, entry.name);
      if (entry.isDirectory()) {
        if (depth >= MAX_DEPTH) problems.push(`${visibleText(path)}: deeper than ${MAX_DEPTH} folders`);
        else pending.push({ folder: path, depth: depth + 1 });
      } else if (ENDINGS.test(entry.name)) {
        const problem = await problemOf(path, entry, top);
        if (problem === undefined) files.push(path);
        else problems.push(`${visibleText(path)}: cannot be read: ${problem}`);
      }
    }
  }
  if (problems.length > 0) throw new UsageError(problems.join('\n'));
  return files.toSorted();
};

const entriesOf = async (folder: string): Promise<Dirent[]> => {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    throw fileProblem(folder, error);
  }
};
