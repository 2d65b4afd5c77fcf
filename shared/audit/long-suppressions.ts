import type { InlineSuppression } from '../config/inline-suppressions.ts';
import type { Evidence, Finding, Verdict } from '../domain/finding.ts';
import { yearAfter } from '../text/calendar-date.ts';
import { configurationFinding } from './configuration-findings.ts';
import type { JudgeContext } from './observe.ts';

/**
 * That suppressions in sources end later than in a year, as the configuration’s own are told to. They cannot be too broad: each is of what
 * it stands at.
 */
export const longSuppressions = (
  own: readonly { at: string; suppression: InlineSuppression }[],
  context: JudgeContext,
): Finding[] => {
  const control = context.controls.find(({ id }) => id === 'exceptions-scoped');
  const latest = yearAfter(context.now().toISOString().slice(0, 10));
  const [first, ...others] = own.flatMap(({ at, suppression: { control: id, expires } }): Evidence[] =>
    expires > latest
      ? [
          {
            at,
            found: `the suppression of ${id} ends on ${expires}`,
            expected: `an end by ${latest}, a year from now`,
          },
        ]
      : [],
  );
  if (!control || !first) return [];
  const verdict: Verdict = {
    status: 'WARNING',
    severity: 'MEDIUM',
    subject: 'suppressions in sources',
    evidence: [first, ...others],
    remediation: { text: 'Let each suppression end within a year; then see what it has kept quiet.' },
  };
  return [configurationFinding({ control, verdict }, context)];
};
