import type { Finding } from '../../../shared/domain/finding.ts';
import { type Results, toResults } from '../../../shared/outputs/formats/results.ts';
import { type ReportOptions, toHtml } from '../../../shared/outputs/report/report.tsx';
import { ACCOUNT, REGION } from '../builders/events.ts';
import { aRun } from '../builders/run.ts';

const NOW = '2026-11-24T03:44:05.123Z';

/** The results of a run with these findings. */
export const resultsOf = (
  findings: readonly Finding[],
  { generatedAt = NOW, account = ACCOUNT, all = false } = {},
): Results => {
  const { looks, configuration } = aRun([]);
  const judging = configuration?.judging;
  const scope = {
    mode: 'all',
    ...(looks && { looks }),
    ...(judging !== undefined && { configuration: judging }),
  } as const;
  return toResults({ findings, generatedAt, account, region: REGION, all, scope });
};

/** The report of one run, with a control whose texts are known. */
export const pageOf = (findings: readonly Finding[], options: Partial<ReportOptions> = {}): string =>
  toHtml(resultsOf(findings), {
    controls: (id) => (id === 'step-isolation' ? KNOWN : undefined),
    ...options,
  });

const KNOWN = {
  system: 'Step roles' as const,
  title: 'Steps cannot change each other’s data',
  description: 'One role per step.',
  risk: 'A step rewrites the input of another.',
  remediation: 'Give each step a role of its own.',
};
