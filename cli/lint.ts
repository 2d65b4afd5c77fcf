import { dirname, relative, sep } from 'node:path';
import { configurationFindings } from '../shared/audit/configuration-findings.ts';
import { longSuppressions } from '../shared/audit/long-suppressions.ts';
import { type JudgeContext, observe } from '../shared/audit/observe.ts';
import { configurationOf } from '../shared/audit/run-scope.ts';
import { type InlineSuppression, inlineSuppressions } from '../shared/config/inline-suppressions.ts';
import type { Config } from '../shared/config/schema.ts';
import { CONTROLS } from '../shared/controls/index.ts';
import { definitionMistakes } from '../shared/definition/definition-mistakes.ts';
import { stepAt } from '../shared/definition/step-at.ts';
import type { Finding } from '../shared/domain/finding.ts';
import { gapOf } from '../shared/facts/gap-of.ts';
import { type GatheredFacts, notApplicable } from '../shared/facts/gathered.ts';
import { runLooksBuilder } from '../shared/findings/run-looks.ts';
import type { RunResources } from '../shared/findings/run-resources.ts';
import type { Observation } from '../shared/findings/state.ts';
import { parseJson } from '../shared/json/json-text.ts';
import type { Control } from '../shared/judging/control.ts';
import { remembered } from '../shared/memo.ts';
import type { ResultsScope } from '../shared/outputs/formats/results.ts';
import { type LookCounts, lookCountsBuilder } from '../shared/outputs/formats/run-coverage.ts';
import { found } from '../shared/reader/read-result.ts';
import { DEFAULT_FILE, type JudgingConfig } from './config.ts';
import { type DefinitionFile, FILE_SCOPE, readDefinitionFile } from './definition-file.ts';
import { readEach, STDIN } from './files.ts';

/** The controls that need only a definition and the configuration. */
export const LINT_CONTROLS: readonly Control[] = CONTROLS.filter((control) => control.lint);

/**
 * Reads the definitions of files, each file once.
 * @throws {UsageError} naming every file that is not a definition, with line and column.
 */
export const readDefinitions = (paths: readonly string[]): Promise<DefinitionFile[]> =>
  readEach(paths, readDefinitionFile);

/** The findings of these controls on the definitions and the configuration. */
export const lint = (files: readonly DefinitionFile[], applied: JudgingConfig): Finding[] =>
  lintRun(files, applied).findings;

/** The same findings, with what was looked at. */
export const lintRun = (
  files: readonly DefinitionFile[],
  applied: JudgingConfig,
  controls: readonly Control[] = LINT_CONTROLS,
): { findings: Finding[]; scope: ResultsScope; resources: RunResources; looks: LookCounts[] } => {
  const { config } = applied;
  const builder = runLooksBuilder(controls.map(({ id }) => id));
  const observations = observeDefinitions(files, applied, controls);
  const counts = lookCountsBuilder();
  for (const observation of observations) {
    builder.add(observation);
    counts.add(observation);
  }
  return {
    findings: [
      ...configurationFindings(lintContext(config, controls), applied.whole),
      ...longSuppressions(files.flatMap(placedSuppressions), lintContext(config, controls)),
      ...observations.flatMap(({ findings }) => findings),
    ],
    scope: { mode: 'files', looks: builder.looks(), ...configurationOf(controls, config) },
    resources: lintedResources(files),
    looks: counts.looks(),
  };
};

const placedSuppressions = (file: DefinitionFile): { at: string; suppression: InlineSuppression }[] =>
  ownWords(file).suppressions.map((suppression) => ({
    at: `${file.path} /Metadata/pipewarden/suppressions`,
    suppression,
  }));

/** The definitions, all of which are judged. */
export const lintedResources = (files: readonly DefinitionFile[]): RunResources => {
  const all = files.map(({ path }) => ({ type: 'pipeline' as const, arn: path }));
  return { asked: all, looked: all };
};

/** The context for judging linted files. */
export const lintContext = (config: Config, controls: readonly Control[]): JudgeContext => ({
  controls,
  config,
  now: () => new Date(),
  reader: { scope: FILE_SCOPE },
});

/** What a definition says of itself: its suppressions and its mistakes. Kept, because several configurations may judge it. */
export const ownWords = remembered((file: DefinitionFile) => {
  const parsed = parseJson(file.definitionText);
  const { suppressions, mistakes } = inlineSuppressions(
    parsed.ok ? parsed.value : null,
    CONTROLS.map(({ id }) => id),
  );
  return {
    suppressions,
    mistakes: [...mistakes, ...definitionMistakes(file.definitionText, file.definition)],
  };
});

/** The verdicts of the controls on each definition. `ownOf`: which of its own suppressions count. */
export const observeDefinitions = (
  files: readonly DefinitionFile[],
  { config, file: configFile }: JudgingConfig,
  controls: readonly Control[],
  ownOf: (file: DefinitionFile) => readonly InlineSuppression[] = (file) => ownWords(file).suppressions,
): Observation[] => {
  const folders = [...new Set(['.', dirname(configFile ?? DEFAULT_FILE)])];
  return files.map((file) => {
    const { path, pipeline, definition } = file;
    const context: JudgeContext = {
      ...lintContext(config, controls),
      file: {
        paths: folders.flatMap((folder) => pathBelow(folder, path)),
        own: ownOf(file),
        stepAt: stepAt(definition),
      },
    };
    const facts: GatheredFacts<'pipeline'> = {
      pipeline: found(pipeline),
      definition: found(definition),
      mistakes: found(ownWords(file).mistakes),
      overrides: found({}),
      isolation: notApplicable('a file tells nothing of the account'),
      versions: notApplicable('a definition in a file has no versions'),
      shares: notApplicable('a definition in a file is shared with nobody'),
      gaps: found(definition.unchecked.map(gapOf)),
    };
    return observe({ type: 'pipeline', arn: path }, facts, context);
  });
};

/** The path of a file from a folder, written with `/`; none for a file elsewhere. */
const pathBelow = (folder: string, path: string): string[] => {
  const parts = relative(folder, path).split(sep);
  return parts[0] === '..' || path === STDIN.name ? [] : [parts.join('/')];
};
