import { configurationFindings, observe } from '../shared/audit.ts';
import type { Config } from '../shared/config/schema.ts';
import { CONTROLS } from '../shared/controls/index.ts';
import { gapOf } from '../shared/facts/facts.ts';
import { found } from '../shared/facts/read.ts';
import type { Finding } from '../shared/findings/finding.ts';
import { FILE_SCOPE, readDefinitionFile } from './definition-file.ts';
import { UsageError } from './errors.ts';

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
      const { pipeline, definition } = await readDefinitionFile(path);
      const facts = {
        pipeline: found(pipeline),
        definition: found(definition),
        overrides: found({}),
        gaps: found(definition.unchecked.map(gapOf)),
      };
      findings.push(...observe({ type: 'pipeline', arn: path }, facts, context).findings);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      problems.push(error.message);
    }
  }
  if (problems.length > 0) throw new UsageError(problems.join('\n'));
  return [...configurationFindings(context), ...findings];
};
