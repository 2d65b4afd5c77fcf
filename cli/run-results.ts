import type { FileConfig } from '../shared/config/schema.ts';
import type { Finding } from '../shared/domain/finding.ts';
import type { Scope } from '../shared/domain/scope.ts';
import { wholeDigest } from '../shared/findings/configuration-digest.ts';
import { countedByType, type RunResource, type RunResources } from '../shared/findings/run-resources.ts';
import type { RunSelection } from '../shared/findings/run-selection.ts';
import { exceptionsRegister } from '../shared/outputs/formats/exceptions-register.ts';
import { type Results, type ResultsScope, toResults } from '../shared/outputs/formats/results.ts';
import { coverageRows, type LookCounts } from '../shared/outputs/formats/run-coverage.ts';
import type { Selection } from './selection.ts';

/** What a run judged, and how it was made. */
export type JudgedRun = {
  findings: Finding[];
  passed?: number;
  scope?: ResultsScope;
  resources: RunResources;
  /** What the controls came to besides the findings, by resource. */
  looks: readonly LookCounts[];
  /** Where only what earlier results, or a commit, did not have is listed. */
  since?: RunSelection['since'];
  by: { command: 'audit' | 'lint'; caller?: string; startedAt: Date };
};

/**
 * The results of a run: `whole` has all that the selection concerns, which is what counts, and `listed` what of it is severe enough to
 * be shown.
 * @throws {UsageError} if nothing that was judged is meant by the selection.
 */
export const resultsOfRun = (
  { by: { startedAt, ...by }, ...judged }: JudgedRun,
  scopes: readonly [Scope, ...Scope[]],
  selection: Selection,
  applied: { config: FileConfig; file: string | undefined },
  all = false,
): { whole: Results; listed: Results } => {
  const configuration = {
    ...(applied.file !== undefined && { path: applied.file }),
    digest: wholeDigest(applied.config),
  };
  selection.requireSome(judged.findings);
  const generatedAt = new Date();
  const { asked, looked } = judged.resources;
  const isAsked = (each: RunResource) => selection.isAsked(each, each.account);
  const findings = judged.findings.filter(selection.concerns);
  const whole = toResults({
    ...judged,
    findings,
    scope: {
      ...judged.scope,
      selection: { ...selection.told, ...(judged.since && { since: judged.since }) },
      coverage: coverageRows({
        controls: selection.known.map(({ id }) => id),
        chosen: selection.controls.map(({ id }) => id),
        findings,
        looks: judged.looks.filter(({ resource, account }) => selection.isAsked(resource, account)),
        controlsOff: judged.scope?.controlsOff,
        scopes: judged.scope?.scopes,
      }),
      exceptions: exceptionsRegister(applied.config, findings),
      resources: countedByType({
        asked: asked.filter(isAsked),
        looked: looked.filter(isAsked),
      }),
      invocation: {
        ...by,
        startedAt: startedAt.toISOString(),
        duration: (generatedAt.valueOf() - startedAt.valueOf()) / 1000,
        configuration,
      },
    },
    generatedAt: generatedAt.toISOString(),
    account: eachOnce(scopes.map(({ account }) => account)),
    region: eachOnce(scopes.map(({ region }) => region)),
    all,
  });
  return { whole, listed: { ...whole, findings: whole.findings.filter(selection.isListed) } };
};

/** As one text: most runs are of one account and Region. */
const eachOnce = (names: readonly string[]): string => [...new Set(names)].join(', ');
