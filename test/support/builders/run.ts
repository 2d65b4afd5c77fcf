import type { Finding } from '../../../shared/domain/finding.ts';
import type { Judgement } from '../../../shared/domain/judgement.ts';
import type { Run } from '../../../shared/findings/compare-runs.ts';
import { runLooksBuilder } from '../../../shared/findings/run-looks.ts';
import { aFinding } from './finding.ts';
import { anObservation } from './observation.ts';

/** A run with these findings that looked at the tests' pipeline, where one control came to this judgement. */
export const aRun = (
  findings: readonly Finding[],
  judgement: Judgement = { is: 'passed' },
  over: Partial<Run> = {},
): Run => {
  const { control, resource } = aFinding();
  const builder = runLooksBuilder([control]);
  builder.add(
    anObservation({
      resourceArn: resource.arn,
      observedAt: '2026-11-24T03:44:05.002Z',
      findings: [],
      judged: { [control]: judgement },
    }),
  );
  return { findings, mode: 'all', looks: builder.looks(), configuration: { judging: 'as-it-was' }, ...over };
};
