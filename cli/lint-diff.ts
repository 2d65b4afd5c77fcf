import type { Config } from '../shared/config/schema.ts';
import { stepPointer } from '../shared/definition/parse.ts';
import { type Finding, severityRank } from '../shared/domain/finding.ts';
import { isOpen, statusWeight } from '../shared/domain/status.ts';
import { configIn, DEFAULT_FILE } from './config.ts';
import { type DefinitionFile, definitionIn } from './definition-file.ts';
import { UsageError } from './errors.ts';
import { STDIN } from './files.ts';
import { filesAt } from './git.ts';
import { lint } from './lint.ts';

/** What a change introduces, and how much of what is open was there before it. */
export type Introduced = { findings: Finding[]; known: number };

/**
 * The findings on definitions without those that the same definitions had at a commit, under the configuration of that
 * commit (the present one, where that had none). What passes stays, as it is no news of the change.
 * @throws {UsageError} where git cannot tell.
 */
export const lintDiff = async (
  files: readonly DefinitionFile[],
  config: Config,
  about: { ref: string; configFile: string | undefined },
): Promise<Introduced> => {
  if (files.some(({ path }) => path === STDIN.name))
    throw new UsageError('--diff goes with files: git knows nothing of what is piped in');
  const textAt = filesAt(about.ref);
  const before: DefinitionFile[] = [];
  for (const { path } of files) {
    const text = await textAt(path);
    const file = text === undefined ? undefined : readable(() => definitionIn(text, path));
    if (file) before.push(file);
  }
  const configPath = about.configFile ?? DEFAULT_FILE;
  const configText = await textAt(configPath);
  const configBefore =
    configText === undefined ? undefined : readable(() => configIn(configText, configPath));
  return introduced(keyed(files, lint(files, config)), keyed(before, lint(before, configBefore ?? config)), {
    withConfiguration: configBefore === undefined,
  });
};

/** What was not valid at that commit had no findings to compare with. */
const readable = <T>(read: () => T): T | undefined => {
  try {
    return read();
  } catch (error) {
    if (error instanceof UsageError) return undefined;
    throw error;
  }
};

/** A finding with a key for each piece of its evidence: control, file, subject, and the step that the evidence is in. */
type Keyed = { finding: Finding; keys: string[] };

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
    const keyOf = (at: string) => JSON.stringify([...about, stepAround(at, steps.get(resource.arn)) ?? null]);
    return { finding, keys: evidence.map(({ at }) => keyOf(at)) };
  });
};

/** The innermost step whose pointer is the beginning of this one. */
const stepAround = (pointer: string, steps: ReadonlyMap<string, string> | undefined): string | undefined => {
  for (let end = pointer.length; end > 0; end = pointer.lastIndexOf('/', end - 1)) {
    const name = steps?.get(pointer.slice(0, end));
    if (name !== undefined) return name;
  }
  return undefined;
};

const introduced = (
  now: readonly Keyed[],
  before: readonly Keyed[],
  { withConfiguration }: { withConfiguration: boolean },
): Introduced => {
  const weights = new Map<string, number>();
  for (const { finding, keys } of before) {
    if (!isOpen(finding.status) || (withConfiguration && finding.resource.type === 'configuration')) continue;
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

/** A breach that grew worse is news. */
const weightOf = ({ status, severity }: Finding): number =>
  10 * statusWeight(status) + severityRank(severity);
