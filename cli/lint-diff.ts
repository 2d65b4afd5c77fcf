import { dirname } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { configurationFinding, configurationFindings } from '../shared/audit/configuration-findings.ts';
import { type Config, DEFAULT_CONFIG } from '../shared/config/schema.ts';
import { stepPointer } from '../shared/definition/parse.ts';
import { type Evidence, type Finding, severityRank } from '../shared/domain/finding.ts';
import { isOpen, statusWeight } from '../shared/domain/status.ts';
import { type AppliedConfig, configIn, configPlaces, DEFAULT_FILE } from './config.ts';
import { type DefinitionFile, definitionIn } from './definition-file.ts';
import { UsageError } from './errors.ts';
import { STDIN } from './files.ts';
import { type FilesAt, filesAt } from './git.ts';
import { lintContext, observeDefinitions } from './lint.ts';

/** What a change introduces, and how many open findings were there before it. */
export type Introduced = { findings: Finding[]; known: number };

/**
 * The findings on definitions that these did not have at a commit, and what a change of the configuration introduces.
 * Both the commit's and the present configuration judge the definitions, so that a change cannot switch off the
 * control that would find it; a difference between the two is reported. Passed verdicts stay in the list.
 * @throws {UsageError} if git cannot tell.
 */
export const lintDiff = async (
  files: readonly DefinitionFile[],
  applied: AppliedConfig,
  ref: string,
): Promise<Introduced> => {
  if (files.some(({ path }) => path === STDIN.name))
    throw new UsageError('--diff goes with files: git knows nothing of what is piped in');
  const { config } = applied;
  const at = filesAt(ref);
  const before: DefinitionFile[] = [];
  for (const { path } of files) {
    const text = await at.textAt(path);
    const file = text === undefined ? undefined : readable(() => definitionIn(text, path));
    if (file) before.push(file);
  }
  const base = await configsAt(at, applied, files);
  // A change that adds the first configuration is also judged by the defaults.
  const old = base.applied.length > 0 ? base.applied : [{ config: DEFAULT_CONFIG, file: undefined }];
  const configs = [...old, applied];
  const present = [...configurationFindings(lintContext(config)), ...worst(configs, files)];
  const past = [
    ...base.applied.flatMap((each) => configurationFindings(lintContext(each.config))),
    ...worst(base.applied.length > 0 ? base.applied : configs, before),
  ];
  const { findings, known } = introduced(keyed(files, present), keyed(before, past));
  return { findings: [...(base.isOther ? otherConfiguration(config, ref) : []), ...findings], known };
};

/**
 * The configurations that applied to the files at a commit: the one that is named, or the nearest to each file, so that
 * a change cannot put a laxer one nearer or delete a stricter one. A configuration outside the definitions' repositories
 * is not part of the change.
 */
const configsAt = async (
  { textAt, repositoryOf }: FilesAt,
  present: AppliedConfig,
  files: readonly DefinitionFile[],
): Promise<{ applied: AppliedConfig[]; isOther: boolean }> => {
  const path = present.file ?? DEFAULT_FILE;
  const repository = await repositoryOf(path);
  const repositories = await Promise.all(files.map((file) => repositoryOf(file.path)));
  if (repository === undefined || !repositories.includes(repository))
    return { applied: [present], isOther: false };
  const places = present.isNamed
    ? [[path]]
    : await Promise.all(
        [...new Set(files.map((file) => dirname(file.path)))].map((folder) => configPlaces(folder)),
      );
  const applied = new Map<string, AppliedConfig>();
  let isOther = false;
  for (const place of places) {
    for (const file of place) {
      const text = await textAt(file);
      if (text === undefined) continue;
      const config = readable(() => configIn(text, file));
      if (config) applied.set(file, { config, file });
      isOther ||= !isDeepStrictEqual(config, present.config);
      break;
    }
  }
  return { applied: [...applied.values()], isOther };
};

/** The findings under all of these configurations; of findings with the same identity, the worst. */
const worst = (configs: readonly AppliedConfig[], files: readonly DefinitionFile[]): Finding[] => {
  const found = new Map<string, Finding>();
  const findings = configs
    .flatMap((applied) => observeDefinitions(files, applied))
    .flatMap((seen) => seen.findings);
  for (const finding of findings) {
    const other = found.get(finding.id);
    if (!other || weightOf(finding) > weightOf(other)) found.set(finding.id, finding);
  }
  return [...found.values()];
};

/** Reports the changed configuration in every format, with a severity that does not fail the run. */
const otherConfiguration = (config: Config, ref: string): Finding[] => {
  const context = lintContext(config);
  const reporter = context.controls.filter(({ id }) => id === 'evidence-readable');
  return reporter.map((control) =>
    configurationFinding(
      {
        control,
        verdict: {
          status: 'WARNING',
          severity: 'INFORMATIONAL',
          subject: 'change',
          evidence: [
            {
              at: 'configuration',
              found: `it differs from the configuration at ${ref}`,
              expected: 'a change of the configuration that is reviewed on its own',
            },
          ],
          remediation: {
            text: `The definitions are judged by the configuration of ${ref} and by the present one, and the findings of both are reported. If you want the changed configuration, merge it first.`,
          },
        },
      },
      context,
    ),
  );
};

/** Undefined for a text that was not valid at the commit: it had no findings to compare with. */
const readable = <T>(read: () => T): T | undefined => {
  try {
    return read();
  } catch (error) {
    if (error instanceof UsageError) return undefined;
    throw error;
  }
};

/** A finding with a key for each piece of evidence: control, file, subject, and the step that contains the evidence. */
type Keyed = { finding: Finding; keys: string[] };

/** The controls for which another value in the same place is another breach: a step that gets another role. */
const OF_WHAT_IS_FOUND = ['step-role-authorised'];

const keyed = (files: readonly DefinitionFile[], findings: readonly Finding[]): Keyed[] => {
  const steps = new Map(
    files.map(({ path, definition }) => [
      path,
      new Map(definition.steps.map((step) => [stepPointer(step), step.name])),
    ]),
  );
  return findings.map((finding) => {
    const { control, resource, subject, evidence } = finding;
    const about = [control, resource.arn, subject ?? null];
    const keyOf = ({ at, found }: Evidence) =>
      JSON.stringify([
        ...about,
        stepAround(at, steps.get(resource.arn)) ?? null,
        ...(OF_WHAT_IS_FOUND.includes(control) ? [found] : []),
      ]);
    return { finding, keys: evidence.map(keyOf) };
  });
};

/** The innermost step whose pointer is the beginning of this pointer. */
const stepAround = (pointer: string, steps: ReadonlyMap<string, string> | undefined): string | undefined => {
  for (let end = pointer.length; end > 0; end = pointer.lastIndexOf('/', end - 1)) {
    const name = steps?.get(pointer.slice(0, end));
    if (name !== undefined) return name;
  }
  return undefined;
};

const introduced = (now: readonly Keyed[], before: readonly Keyed[]): Introduced => {
  const weights = new Map<string, number>();
  for (const { finding, keys } of before) {
    if (!isOpen(finding.status)) continue;
    for (const key of keys) weights.set(key, Math.max(weights.get(key) ?? -1, weightOf(finding)));
  }
  const findings: Finding[] = [];
  let known = 0;
  for (const { finding, keys } of now) {
    const isNew = (key: string) => weightOf(finding) > (weights.get(key) ?? -1);
    const evidence = finding.evidence.filter((_each, index) => isNew(keys[index] ?? ''));
    if (!isOpen(finding.status)) findings.push(finding);
    else if (evidence.length > 0) findings.push({ ...finding, evidence });
    else known++;
  }
  return { findings, known };
};

/** Includes the severity, so that a breach that became worse counts as new. */
const weightOf = ({ status, severity }: Finding): number =>
  10 * statusWeight(status) + severityRank(severity);
