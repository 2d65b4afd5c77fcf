import { missingListFindings, observe } from '../shared/audit.ts';
import type { Config } from '../shared/config/schema.ts';
import { CONTROLS } from '../shared/controls/index.ts';
import { parseDefinition } from '../shared/definition/parse.ts';
import { pipelineFact } from '../shared/facts/describe.ts';
import { gapOf, type PipelineSubject } from '../shared/facts/facts.ts';
import { found } from '../shared/facts/read.ts';
import type { Finding, Scope } from '../shared/findings/finding.ts';
import { member } from '../shared/json.ts';
import { parseJson } from '../shared/json-text.ts';
import { UsageError } from './errors.ts';
import { readText } from './files.ts';

/** A file belongs to no account and no Region. */
export const FILE_SCOPE: Scope = { account: '', region: '', partition: 'aws' };

/**
 * The findings on definitions in files, by the controls that need nothing else. A file may also hold the output of
 * `aws sagemaker describe-pipeline`, which tells the pipeline's name and execution role as well.
 * @throws {UsageError} naming every file that is no definition, with line and column.
 */
export const lint = async (paths: readonly string[], config: Config): Promise<Finding[]> => {
  const context = {
    controls: CONTROLS.filter((control) => control.lint),
    config,
    now: () => new Date(),
    reader: { scope: FILE_SCOPE },
  };
  const problems: string[] = [];
  const findings: Finding[] = [];
  for (const path of paths) {
    try {
      const { pipeline, text, isEmbedded } = await readDefinitionFile(path);
      const parsed = parseDefinition(text);
      if (!parsed.ok) {
        const { line, column, message } = parsed.error;
        const place = isEmbedded
          ? `${path}: its PipelineDefinition, line ${line}, column ${column}`
          : `${path}:${line}:${column}`;
        throw new UsageError(`${place}: not a pipeline definition: ${message}`);
      }
      const facts = {
        pipeline: found(pipeline),
        definition: found(parsed.definition),
        overrides: found({}),
        gaps: found(parsed.definition.unchecked.map(gapOf)),
      };
      findings.push(...observe({ type: 'pipeline', arn: path }, facts, context).findings);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      problems.push(error.message);
    }
  }
  if (problems.length > 0) throw new UsageError(problems.join('\n'));
  return [...missingListFindings(context), ...findings];
};

/** `isEmbedded`: the text is a part of the file, so that places in it are none in the file. */
type DefinitionFile = { pipeline: PipelineSubject; text: string; isEmbedded: boolean };

const readDefinitionFile = async (path: string): Promise<DefinitionFile> => {
  const text = await readText(path);
  const parsed = parseJson(text);
  if (!parsed.ok || member(parsed.value, 'PipelineDefinition') === undefined)
    return { pipeline: {}, text, isEmbedded: false };
  const described = pipelineFact(parsed.value, path, FILE_SCOPE, '');
  if (!described.ok) throw new UsageError(`${path}:1:1: ${described.unread.message}`);
  const { name, roleArn, definitionText } = described.value;
  return { pipeline: { name, roleArn }, text: definitionText, isEmbedded: true };
};
