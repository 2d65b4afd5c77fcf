import type { Finding } from '../../../shared/domain/finding.ts';
import type { Judgement, Judgements } from '../../../shared/domain/judgement.ts';
import type { Observation } from '../../../shared/findings/state.ts';
import { unreadBecause } from '../../../shared/findings/what-became.ts';
import { groupBy } from '../../../shared/group-by.ts';

/** The controls of findings in tests. */
const CONTROLS = ['step-isolation', 'pipeline-job-prefix', 'job-name-prefix', 'a', 'b', 'c'] as const;

/** The subjects of findings in tests. */
const SUBJECTS = [null, 'a', 'b', 'c', 'Train', '__proto__', 'constructor', 'toString'] as const;

/** The judgements of controls with these findings; everything else passed. */
const judgedBy = (findings: readonly Finding[]): Judgements =>
  Object.fromEntries([
    ...CONTROLS.map((control) => [control, { is: 'passed' }] as const),
    ...[...groupBy(findings, ({ control }) => control)].map(
      ([control, ofOne]) => [control, judgementOf(ofOne)] as const,
    ),
  ]);

const judgementOf = (findings: readonly Finding[]): Judgement => {
  const having = (...statuses: Finding['status'][]) =>
    findings.filter(({ status }) => statuses.includes(status));
  const open = having('FAILED', 'WARNING', 'NOT_AVAILABLE').map(({ subject }) => subject ?? null);
  const passed = SUBJECTS.filter((subject) => !open.includes(subject));
  const [unread] = having('NOT_AVAILABLE');
  if (unread) return { is: 'unread', passed, because: unreadBecause(unread.evidence) };
  if (open.length > 0) return { is: 'mixed', passed };
  return having('PASSED').length > 0 ? { is: 'passed' } : { is: 'nothing', because: 'nothing needs it' };
};

/** An observation with exactly these findings. */
export const anObservation = (
  about: Pick<Observation, 'resourceArn' | 'observedAt' | 'findings'> & Partial<Observation>,
): Observation => ({
  gone: false,
  judged: about.gone ? {} : judgedBy(about.findings),
  configuration: 'as-it-was',
  ...about,
});
