import { type Definition, parseDefinition } from '../shared/definition/parse.ts';
import { pipelineFact } from '../shared/facts/describe.ts';
import type { PipelineSubject } from '../shared/facts/facts.ts';
import type { Scope } from '../shared/findings/finding.ts';
import { member } from '../shared/json.ts';
import { parseJson } from '../shared/json-text.ts';
import type { PipelineSource, Sources } from '../shared/outputs/report/sources.ts';
import { UsageError } from './errors.ts';
import { readText } from './files.ts';

/** A file belongs to no account and no Region. */
export const FILE_SCOPE: Scope = { account: '', region: '', partition: 'aws' };

/** A definition, and what the file tells of its pipeline. */
export type DefinitionFile = { pipeline: PipelineSubject; definition: Definition };

/**
 * The definition in a file, which may also hold the output of `aws sagemaker describe-pipeline`, which tells the
 * pipeline's name, ARN and execution role as well.
 * @throws {UsageError} with file, line and column where it is no definition.
 */
export const readDefinitionFile = async (path: string): Promise<DefinitionFile> => {
  const file = await readText(path);
  const json = parseJson(file);
  const isEmbedded = json.ok && member(json.value, 'PipelineDefinition') !== undefined;
  const described = isEmbedded ? pipelineFact(json.value, path, FILE_SCOPE, '') : undefined;
  if (described && !described.ok) throw new UsageError(`${path}:1:1: ${described.unread.message}`);
  const { definitionText, ...pipeline } = described?.value ?? { definitionText: file };
  const parsed = parseDefinition(definitionText);
  if (parsed.ok) return { pipeline, definition: parsed.definition };
  const { line, column, message } = parsed.error;
  const place = isEmbedded
    ? `${path}: its PipelineDefinition, line ${line}, column ${column}`
    : `${path}:${line}:${column}`;
  throw new UsageError(`${place}: not a pipeline definition: ${message}`);
};

/** The files' pipelines, for the pictures of a page. */
export const fileSources = async (paths: readonly string[]): Promise<Sources> => {
  const pipelines = new Map<string, PipelineSource>();
  for (const path of paths) {
    const { pipeline, definition } = await readDefinitionFile(path);
    const { name = path, roleArn } = pipeline;
    pipelines.set(path.toLowerCase(), { name, definition, ...(roleArn === undefined ? {} : { roleArn }) });
  }
  return { pipelines, policies: new Map() };
};
