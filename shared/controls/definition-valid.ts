import type { Certainty, Mistake } from '../definition/mistake.ts';
import type { Evidence, Verdict } from '../domain/finding.ts';
import { groupBy } from '../group-by.ts';
import { defineControl } from '../judging/control.ts';

export const control = defineControl({
  id: 'definition-valid',
  system: 'The audit itself',
  title: 'The definition has no mistakes of its own',
  severity: 'HIGH',
  on: ['pipeline'],
  lint: true,
  requires: ['mistakes'],
  satisfiedBy: () => [{ at: '/Steps', found: 'no field, step or reference of the definition is a mistake' }],
  evaluate: ({ mistakes }) =>
    mistakes.length === 0
      ? [{ status: 'PASSED' }]
      : [...groupBy(mistakes, ({ step }) => JSON.stringify(step ?? null)).values()].flatMap(verdictOf),
});

/** The gravest first: it decides the status of a step with several mistakes. */
const JUDGED = {
  sure: { status: 'FAILED' },
  likely: { status: 'WARNING', severity: 'MEDIUM' },
  open: { status: 'NOT_AVAILABLE' },
} as const satisfies Record<Certainty, object>;

const CERTAINTIES = ['sure', 'likely', 'open'] as const satisfies readonly Certainty[];

/** Of more remedies, the first ones are told; the evidence tells all. */
const MOST_REMEDIES = 3;

const ofStep = ({ step }: Mistake): string => (step === undefined ? 'In the definition: ' : `Step ${step}: `);

const verdictOf = (mistakes: readonly Mistake[]): Verdict[] => {
  const sorted = CERTAINTIES.flatMap((wanted) => mistakes.filter(({ certainty }) => certainty === wanted));
  const [first] = sorted;
  const [evidence, ...others] = sorted.map(
    ({ pointer, found, expected }): Evidence => ({ at: pointer, found, expected }),
  );
  if (!first || !evidence) return [];
  const remedies = [...new Set(sorted.map(({ remedy }) => remedy))];
  return [
    {
      ...JUDGED[first.certainty],
      ...(first.step !== undefined && { subject: first.step }),
      evidence: [evidence, ...others],
      remediation: { text: `${ofStep(first)}${remedies.slice(0, MOST_REMEDIES).join('; ')}.` },
    },
  ];
};
