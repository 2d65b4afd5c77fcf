import { statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { configurationFindings } from '../shared/audit/configuration-findings.ts';
import type { ConfigChange } from '../shared/config/config-changes.ts';
import { suppressionText } from '../shared/config/exceptions.ts';
import { DEFAULT_CONFIG } from '../shared/config/schema.ts';
import { nestedTemplates } from '../shared/declared/cloudformation/nested-templates.ts';
import type { TemplateInput } from '../shared/declared/cloudformation/read-templates.ts';
import type { Finding } from '../shared/domain/finding.ts';
import type { Control } from '../shared/judging/control.ts';
import { visibleText } from '../shared/text/visible-text.ts';
import {
  auditDeclared,
  baseOf,
  contextIn,
  type DeclaredOptions,
  type DeclaredRun,
  isOwn,
} from './audit-declared.ts';
import type { AuditInputOptions } from './audit-input.ts';
import { type AppliedConfig, DEFAULT_FILE } from './config.ts';
import { declaredByTemplates } from './declared-sources.ts';
import { UsageError } from './errors.ts';
import { STDIN } from './files.ts';
import { type FilesAt, withFilesAt } from './git.ts';
import { type Introduced, introduced, type Keyed, keyedBy, worst } from './introduced.ts';
import { changed, configsAt } from './lint-diff.ts';
import { type Progress, SILENT } from './progress.ts';
import { readTemplateFiles } from './template-files.ts';

/** How deep stacks may be nested. */
const MAX_NESTED = 20;

/**
 * Checks that there is a commit to compare with.
 * @throws {UsageError}
 */
export const checkDiff = ({
  template = [],
  plan,
  compliance,
}: DeclaredOptions & { compliance?: unknown }): void => {
  if (compliance !== undefined)
    throw new UsageError(
      '--compliance goes without --diff: what was there before says as much of a requirement as what is new',
    );
  const by = 'audit both with --format json -o, and compare the results: `pipewarden diff BEFORE AFTER`';
  if (plan !== undefined)
    throw new UsageError(
      `--diff goes with --template: a plan is in no commit; make one of each state, ${by}`,
    );
  if (template.length === 0)
    throw new UsageError(
      '--diff goes with --template: of an account, `pipewarden diff OLD NEW` compares results',
    );
  if (template.includes(STDIN.argument))
    throw new UsageError('--diff goes with files: git knows nothing of what is piped in');
  const folder = template.find((path) => statSync(path, { throwIfNoEntry: false })?.isDirectory());
  if (folder !== undefined)
    throw new UsageError(
      `--diff goes with files: ${visibleText(folder)} is a folder that \`cdk synth\` writes, and no commit has it; synthesise both states, ${by}`,
    );
};

/**
 * The findings on templates that these did not have at a commit. The commit’s and the present configuration judge them, and what templates
 * suppress of themselves counts only if they did so at the commit, as with `lint --diff`. A template that was not there is new as a whole.
 * @throws {UsageError} if git cannot tell.
 */
export const auditDiff = async (
  options: DeclaredOptions & AuditInputOptions,
  applied: AppliedConfig,
  { ref, controls, all = false }: { ref: string; controls: readonly Control[]; all?: boolean },
  progress: Progress,
): Promise<DeclaredRun & Introduced> => {
  const inputs = await readTemplateFiles(options.template ?? []);
  const { earlier, configsThen } = await withFilesAt(ref, async (at) => ({
    earlier: await Promise.all(
      inputs.map(async (input) => (await inputAt(input, at)) ?? { ...input, text: '{}', nested: new Map() }),
    ),
    configsThen: await configsAt(at, applied, inputs),
  }));
  const base = await baseOf(options, applied.config, progress);
  const audit = (
    of: readonly TemplateInput[],
    by: AppliedConfig,
    had: DeclaredRun | undefined,
    say: Progress,
  ) => auditDeclared(options, declaredByTemplates(of), by, { controls, all, base, had }, say);
  const old =
    configsThen.applied.length > 0 ? configsThen.applied : [{ config: DEFAULT_CONFIG, file: undefined }];
  const past: DeclaredRun[] = [];
  for (const config of configsThen.applied.length > 0 ? old : [...old, applied])
    past.push(await audit(earlier, config, undefined, SILENT));
  const [had] = past;
  const run = await audit(inputs, applied, had, progress);
  const present: DeclaredRun[] = [run];
  for (const config of old) present.push(await audit(inputs, config, had, SILENT));
  const context = contextIn(run.scopes[0], controls);
  const runOf = new Map<string, DeclaredRun>();
  const keyedIn = (runs: readonly DeclaredRun[], when: 'past' | 'present'): Keyed[] =>
    worst(runs.flatMap(({ judged }) => judged.findings)).map((finding) => {
      const from = runs.find(({ judged }) => judged.findings.includes(finding)) ?? run;
      runOf.set(finding.id, from);
      return keyed(finding, from, when);
    });
  // An audit of templates that declare nothing does not come to the configuration.
  const ofConfigs = configsThen.applied.flatMap(({ config }) => configurationFindings(context, config));
  const before = [...keyedIn(past, 'past'), ...ofConfigs.map((finding) => keyed(finding, run, 'past'))];
  const { findings, known } = introduced(keyedIn(present, 'present'), before);
  const changes = [...configsThen.changes, ...newSuppressions(run, had)];
  return {
    ...run,
    judged: {
      ...run.judged,
      findings: [...changed(changes, { ref, judged: 'The templates' }, context), ...findings],
    },
    placeOf: (finding) => (runOf.get(finding.id) ?? run).placeOf(finding),
    findings,
    known,
    ...(configsThen.isElsewhere && {
      notCompared: `what ${visibleText(applied.file ?? DEFAULT_FILE)} was at ${ref} is not compared, because no template is in its repository`,
    }),
  };
};

/** A template as it was, with those nested in it; undefined where it was not there. */
const inputAt = async (input: TemplateInput, at: FilesAt, depth = 0): Promise<TemplateInput | undefined> => {
  const text = await at.textAt(input.path).catch((error: unknown) => {
    // What cannot be told of a nested template was not there: what is in it is told as new.
    if (depth > 0 && error instanceof UsageError) return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  const nested = new Map<string, TemplateInput>();
  if (depth < MAX_NESTED)
    for (const [id, name] of nestedTemplates(input.path, text)) {
      if (!('path' in name)) continue;
      const inner = await inputAt({ path: join(dirname(input.path), name.path), text: '' }, at, depth + 1);
      if (inner) nested.set(id, inner);
    }
  return { ...input, text, nested };
};

/**
 * A finding is known again by its control, resource and subject, by the step or policy that its evidence is in, and by what was found: a
 * statement that moved is the same one, and another one in the same policy is not. Of a part of a source the file is enough.
 */
const keyed = (finding: Finding, run: DeclaredRun, when: 'past' | 'present'): Keyed => {
  const { control, resource, subject, status } = finding;
  const arn = resource.type === 'source' ? resource.arn.replace(/(?::\d+){1,2}$/, '') : resource.arn;
  const isUnknown = status === 'NOT_AVAILABLE';
  const about = (at: string) => [
    control,
    arn,
    subject ?? null,
    resource.type === 'source' ? null : run.partOf(finding, at),
  ];
  return keyedBy(finding, about, (when === 'past') === isUnknown ? [true] : [true, false]);
};

/** What templates suppress of themselves and did not at the commit. */
const newSuppressions = (run: DeclaredRun, had: DeclaredRun | undefined): ConfigChange[] =>
  run.own
    .filter((own) => !isOwn(own, had?.own ?? []))
    .map(({ at, suppression }) => ({
      at,
      found: `it suppresses ${suppressionText(suppression)}`,
      lets: {
        severity: 'MEDIUM',
        means: `findings of ${suppression.control} are told no more where the suppression is about them`,
      },
    }));
