import { type Definition, parseDefinition } from '../shared/definition/parse.ts';
import { hasPlaceholder } from '../shared/definition/placeholders.ts';
import { objectsIn } from '../shared/definition/walk-values.ts';
import type { Scope } from '../shared/domain/scope.ts';
import type { PipelineSubject } from '../shared/facts/facts.ts';
import { type Json, member, pointerToken } from '../shared/json/json.ts';
import { jsonRanges } from '../shared/json/json-ranges.ts';
import { parseJson, positionOf, type TextError } from '../shared/json/json-text.ts';
import type { PipelineSource, Sources } from '../shared/outputs/report/sources.ts';
import { pipelineFact } from '../shared/reader/answers/describe.ts';
import { cut } from '../shared/text/cut.ts';
import { visibleText } from '../shared/text/visible-text.ts';
import { UsageError } from './errors.ts';
import { readText, STDIN } from './files.ts';
import { adviceFor } from './not-a-definition.ts';

/** A file belongs to no account and no Region. */
export const FILE_SCOPE: Scope = { account: '', region: '', partition: 'aws' };

/** A definition, its text, and what the file tells about the pipeline. */
export type DefinitionFile = {
  path: string;
  text: string;
  /** The definition’s own text, which may stand in that of the file as a JSON string. */
  definitionText: string;
  pipeline: PipelineSubject;
  definition: Definition;
};

/**
 * Reads the definition from a file, or from stdin for the argument `-`.
 * @throws {UsageError} with file, line and column if it is not a definition.
 */
export const readDefinitionFile = async (argument: string): Promise<DefinitionFile> => {
  const path = argument === STDIN.argument ? STDIN.name : argument;
  return definitionIn(await readText(path, 'definition'), path);
};

/**
 * Reads a definition from a text. The text may be the output of `aws sagemaker describe-pipeline` or the request of
 * `create-pipeline`, which also give the pipeline's name and execution role. What AWS told is no template.
 * @throws {UsageError} with file, line and column if it is not a definition.
 */
export const definitionIn = (text: string, path: string): DefinitionFile => {
  const json = parseJson(text);
  const isEmbedded = json.ok && member(json.value, 'PipelineDefinition') !== undefined;
  if (isEmbedded && !DESCRIBED.some((name) => member(json.value, name) !== undefined)) {
    const { line, column } = positionOf(text, jsonRanges(text, [EMBEDDED]).get(EMBEDDED)?.start ?? 0);
    throw new UsageError(
      `${visibleText(path)}:${line}:${column}: not a pipeline definition: its Steps must stand at the top of it, and not in PipelineDefinition`,
    );
  }
  const described = isEmbedded ? pipelineFact(json.value, path, FILE_SCOPE, '') : undefined;
  if (described && !described.ok)
    throw new UsageError(`${visibleText(path)}:1:1: ${described.unread.message}`);
  const isDescribed = isEmbedded && member(json.value, 'PipelineArn') !== undefined;
  const { definitionText, ...told } = described?.value ?? { definitionText: text };
  const pipeline = isDescribed ? told : withoutPlaceholders(told);
  const parsed = parseDefinition(definitionText);
  if (parsed.ok) {
    const definition: Definition =
      !isDescribed && hasPlaceholder(text) ? { ...parsed.definition, isTemplate: true } : parsed.definition;
    return { path, text, definitionText, pipeline, definition };
  }
  const nested = json.ok && !isEmbedded ? stepsBelow(json.value) : undefined;
  const { line, column, message } = nested ? nestedError(text, nested) : parsed.error;
  const place = isEmbedded
    ? `${visibleText(path)}: its PipelineDefinition, line ${line}, column ${column}`
    : `${visibleText(path)}:${line}:${column}`;
  const advice = isEmbedded ? '' : adviceFor(path, json.ok ? json.value : undefined);
  throw new UsageError(`${place}: not a pipeline definition: ${message}${advice}`);
};

/** What a template tells of its pipeline: a name or role that is filled in later is not told. */
const withoutPlaceholders = (pipeline: PipelineSubject): PipelineSubject =>
  Object.fromEntries(
    Object.entries(pipeline).filter(([, value]) => typeof value !== 'string' || !hasPlaceholder(value)),
  );

/** Where the Steps of a definition stand that has them not at its top; undefined where there are none. */
const stepsBelow = (json: Json): string | undefined => {
  for (const { object, tokens } of objectsIn(json))
    if (Array.isArray(member(object, 'Steps')))
      return tokens()
        .map((token) => `/${pointerToken(token)}`)
        .join('');
  return undefined;
};

const nestedError = (text: string, pointer: string): TextError => {
  const start = jsonRanges(text, [`${pointer}/Steps`]).get(`${pointer}/Steps`)?.start ?? 0;
  const message = `its Steps must stand at the top of it, and not in ${visibleText(cut(pointer, MAX_POINTER))}`;
  return { ...positionOf(text, start), message };
};

const MAX_POINTER = 300;
/** The longest part of a name that a message shows. */
const MAX_SHOWN = 300;

const EMBEDDED = '/PipelineDefinition';

/** Members that the output of DescribePipeline always has besides the definition. */
const DESCRIBED = ['PipelineArn', 'PipelineName', 'RoleArn'];

const PIPELINE_NAME = /^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,255}$/;

/**
 * The definitions, as those of the pipeline with that name.
 * https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreatePipeline.html
 * @throws {UsageError} if the name is none, is meant for several definitions, or contradicts what a file tells.
 */
export const namedPipeline = (
  files: readonly DefinitionFile[],
  name: string | undefined,
): DefinitionFile[] => {
  if (name === undefined) return [...files];
  const option = `--pipeline-name ${JSON.stringify(cut(name, MAX_SHOWN))}`;
  if (name.length > 256 || !PIPELINE_NAME.test(name))
    throw new UsageError(`${option}: not the name of a pipeline: letters, digits and inner dashes`);
  if (files.length > 1)
    throw new UsageError(
      `${option}: the name is one pipeline’s; lint the ${files.length} definitions in separate runs`,
    );
  return files.map((file) => {
    const told = file.pipeline.name;
    if (told !== undefined && told !== name)
      throw new UsageError(`${option}: ${visibleText(file.path)} is of pipeline ${visibleText(told)}`);
    return { ...file, pipeline: { ...file.pipeline, name } };
  });
};

/** The pipelines of the files, for the pictures of the HTML report. */
export const fileSources = (files: readonly DefinitionFile[]): Sources => ({
  pipelines: new Map(
    files.map(({ path, pipeline: { name = path, roleArn }, definition }): [string, PipelineSource] => [
      path.toLowerCase(),
      { name, definition, ...(roleArn === undefined ? {} : { roleArn }) },
    ]),
  ),
  policies: new Map(),
});
