import { dirname } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import {
  configurationFinding,
  configurationFindings,
  OWN_SEVERITIES,
} from '../shared/audit/configuration-findings.ts';
import type { JudgeContext } from '../shared/audit/observe.ts';
import { type ConfigChange, changeText, configChanges } from '../shared/config/config-changes.ts';
import { suppressionText } from '../shared/config/exceptions.ts';
import type { InlineSuppression } from '../shared/config/inline-suppressions.ts';
import { DEFAULT_CONFIG } from '../shared/config/schema.ts';
import { CONTROLS } from '../shared/controls/index.ts';
import { stepAt } from '../shared/definition/step-at.ts';
import {
  type Evidence,
  type Finding,
  type Severity,
  severityRank,
  type Verdict,
} from '../shared/domain/finding.ts';
import { groupBy } from '../shared/group-by.ts';
import type { Control } from '../shared/judging/control.ts';
import { visibleText } from '../shared/text/visible-text.ts';
import { type AppliedConfig, configIn, configOfFiles, configPlaces, DEFAULT_FILE } from './config.ts';
import { type DefinitionFile, definitionIn } from './definition-file.ts';
import { UsageError } from './errors.ts';
import { STDIN } from './files.ts';
import { type FilesAt, withFilesAt } from './git.ts';
import { type Introduced, introduced, type Keyed, keyedBy, knownByFound, worst } from './introduced.ts';
import { lintContext, observeDefinitions, ownWords } from './lint.ts';

/**
 * The findings on definitions that these did not have at a commit, and what a change of the configuration introduces.
 * Both the commit's and the present configuration judge the definitions, so that a change cannot switch off the
 * control that would find it; a difference between the two is reported. For the same reason a definition’s own suppressions count
 * only if it had them at the commit. Passed verdicts stay in the list.
 * @throws {UsageError} if git cannot tell.
 */
export const lintDiff = async (
  files: readonly DefinitionFile[],
  applied: AppliedConfig,
  { ref, controls, account }: { ref: string; controls: readonly Control[]; account?: string | undefined },
): Promise<Introduced> => {
  if (files.some(({ path }) => path === STDIN.name))
    throw new UsageError('--diff goes with files: git knows nothing of what is piped in');
  return withFilesAt(ref, (at) => compared(files, applied, { ref, at, controls, account }));
};

const compared = async (
  files: readonly DefinitionFile[],
  applied: AppliedConfig,
  {
    ref,
    at,
    controls,
    account,
  }: { ref: string; at: FilesAt; controls: readonly Control[]; account: string | undefined },
): Promise<Introduced> => {
  const judging = configOfFiles(applied, account);
  const { config } = judging;
  const before: DefinitionFile[] = [];
  for (const { path, pipeline } of files) {
    const text = await at.textAt(path);
    const file = text === undefined ? undefined : readable(() => definitionIn(text, path));
    // The name that --pipeline-name gives was the pipeline’s then, too.
    if (file) before.push({ ...file, pipeline: { ...pipeline, ...file.pipeline } });
  }
  const configsThen = await configsAt(at, applied, files);
  const base = {
    changes: configsThen.changes,
    applied: configsThen.applied.map((each) => configOfFiles(each, account)),
  };
  // A change that adds the first configuration is also judged by the defaults.
  const old = base.applied.length > 0 ? base.applied : [{ config: DEFAULT_CONFIG, file: undefined }];
  const configs = [...old, judging];
  const earlier = new Map(before.map((file) => [file.path, ownWords(file).suppressions]));
  const hadThen = ({ path }: DefinitionFile, own: InlineSuppression) =>
    (earlier.get(path) ?? []).some((each) => isDeepStrictEqual(each, own));
  const present = [
    ...configurationFindings(lintContext(config, controls), judging.whole),
    ...worst(
      configs.flatMap((each) =>
        observeDefinitions(files, each, controls, (file) =>
          ownWords(file).suppressions.filter((own) => hadThen(file, own)),
        ).flatMap(({ findings }) => findings),
      ),
    ),
  ];
  const past = [
    ...base.applied.flatMap((each) => configurationFindings(lintContext(each.config, controls), each.whole)),
    ...worst(
      (base.applied.length > 0 ? base.applied : configs).flatMap((each) =>
        observeDefinitions(before, each, controls).flatMap(({ findings }) => findings),
      ),
    ),
  ];
  const { findings, known } = introduced(keyed(files, present, 'present'), keyed(before, past, 'past'));
  const changes = [...base.changes, ...files.flatMap((file) => newSuppressions(file, hadThen))];
  const notCompared = `what ${visibleText(applied.file ?? DEFAULT_FILE)} was at ${ref} is not compared, because no definition is in its repository`;
  return {
    findings: [
      ...changed(changes, { ref, judged: 'The definitions' }, lintContext(config, controls)),
      ...findings,
    ],
    known,
    ...(configsThen.isElsewhere && { notCompared }),
  };
};

/** What a definition suppresses of itself and did not at the commit. */
const newSuppressions = (
  file: DefinitionFile,
  hadThen: (file: DefinitionFile, own: InlineSuppression) => boolean,
): ConfigChange[] =>
  ownWords(file)
    .suppressions.filter((own) => !hadThen(file, own))
    .map((own) => ({
      at: `${file.path} /Metadata/pipewarden/suppressions`,
      found: `it suppresses ${suppressionText(own)}`,
      lets: {
        severity: 'MEDIUM',
        means: `findings of ${own.control} are told no more where the suppression is about them`,
      },
    }));

/**
 * The configurations that applied to the files at a commit: the one that is named, or the nearest to each file, so that
 * a change cannot put a laxer one nearer or delete a stricter one. A configuration outside the definitions' repositories
 * is not part of the change.
 */
export const configsAt = async (
  { textAt, repositoryOf }: FilesAt,
  present: AppliedConfig,
  files: readonly { path: string }[],
): Promise<{ applied: AppliedConfig[]; changes: ConfigChange[]; isElsewhere?: true }> => {
  const path = present.file ?? DEFAULT_FILE;
  const repository = await repositoryOf(path);
  const repositories = await Promise.all(files.map((file) => repositoryOf(file.path)));
  if (repository === undefined || !repositories.includes(repository))
    return { applied: [present], changes: [], ...(present.file !== undefined && { isElsewhere: true }) };
  const places = present.isNamed
    ? [[path]]
    : await Promise.all(
        [...new Set(files.map((file) => dirname(file.path)))].map((folder) => configPlaces(folder)),
      );
  const applied = new Map<string, AppliedConfig>();
  const changes: ConfigChange[] = [];
  for (const place of places) {
    let isFound = false;
    for (const file of place) {
      const text = await textAt(file, 'by links');
      if (text === undefined) continue;
      isFound = true;
      const config = readable(() => configIn(text, file));
      if (applied.has(file)) break;
      if (config) applied.set(file, { config, file });
      else changes.push(NOT_VALID_THEN);
      changes.push(...configChanges(config, present.config, OWN_SEVERITIES));
      break;
    }
    if (!isFound) changes.push(...configChanges(undefined, present.config, OWN_SEVERITIES));
  }
  return { applied: [...applied.values()], changes };
};

const NOT_VALID_THEN: ConfigChange = {
  at: 'configuration',
  found: 'it was not valid then, so that whatever it excepts is new',
};

/**
 * Reports in every format what the change switches off, suppresses or else says in the configuration: each thing that lets more pass by
 * itself, with its severity, and the rest in one finding that does not fail the run.
 */
export const changed = (
  changes: readonly ConfigChange[],
  { ref, judged }: { ref: string; judged: string },
  context: JudgeContext,
): Finding[] => {
  const told = [...new Map(changes.map((change) => [JSON.stringify(change), change])).values()];
  const advice = `${judged} are judged as at ${ref} and as now, and the findings of both are reported. If what is changed here is meant, merge it first.`;
  const findingOf = (
    id: string,
    subject: string,
    severity: Severity,
    of: readonly ConfigChange[],
  ): Finding[] => {
    const [first, ...others] = of.map(evidenceOf);
    const control = CONTROLS.find((each) => each.id === id);
    if (!first || !control) return [];
    const meant = [...new Set(of.flatMap(({ lets }) => lets?.means ?? []))].join('; ');
    const verdict: Verdict = {
      status: 'WARNING',
      subject,
      severity,
      evidence: [first, ...others],
      remediation: { text: meant === '' ? advice : `See that it is meant, as ${meant}. ${advice}` },
    };
    return [configurationFinding({ control, verdict }, context)];
  };
  const letting = groupBy(
    told.filter(({ lets }) => lets),
    ({ at }) => at,
  );
  return [
    ...[...letting].flatMap(([at, of]) => findingOf('exceptions-scoped', `change of ${at}`, worstOf(of), of)),
    ...findingOf(
      'evidence-readable',
      'change',
      'INFORMATIONAL',
      told.filter(({ lets }) => !lets),
    ),
  ];
};

const worstOf = (changes: readonly ConfigChange[]): Severity =>
  changes
    .flatMap(({ lets }) => lets?.severity ?? [])
    .reduce((worst, each) => (severityRank(each) > severityRank(worst) ? each : worst), 'INFORMATIONAL');

const evidenceOf = (change: ConfigChange): Evidence => ({
  at: change.at,
  found: changeText(change),
  expected: 'a change of the configuration that is reviewed on its own',
});

/** Undefined for a text that was not valid at the commit: it had no findings to compare with. */
const readable = <T>(read: () => T): T | undefined => {
  try {
    return read();
  } catch (error) {
    if (error instanceof UsageError) return undefined;
    throw error;
  }
};

/** A finding on a definition is known again by control, file, subject, the step that contains the evidence, and what was found. */
const keyed = (
  files: readonly DefinitionFile[],
  findings: readonly Finding[],
  when: 'past' | 'present',
): Keyed[] => {
  const steps = new Map(files.map(({ path, definition }) => [path, stepAt(definition)]));
  return findings.map((finding) => {
    const { control, resource, subject } = finding;
    const about = (at: string) => [
      control,
      resource.arn,
      subject ?? null,
      steps.get(resource.arn)?.(at) ?? null,
    ];
    return keyedBy(finding, about, [knownByFound(finding)[when]].flat());
  });
};
