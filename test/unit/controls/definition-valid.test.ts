import { describe } from '@jest/globals';
import { control } from '../../../shared/controls/definition-valid.ts';
import type { Mistake } from '../../../shared/definition/mistake.ts';
import { controlCases } from '../../support/builders/control-cases.ts';

const mistake = (pointer: string, more: Partial<Mistake> = {}): Mistake => ({
  certainty: 'sure',
  pointer,
  step: 'Train',
  found: `found at ${pointer}`,
  expected: 'something else',
  remedy: `mend ${pointer}`,
  ...more,
});

describe(control.id, () => {
  controlCases<{ mistakes: Mistake[] }>(control, {
    given: ({ mistakes }) => ({
      facts: { definition: { parameters: new Map(), steps: [], unchecked: [] }, mistakes },
    }),
    passes: { 'a definition without mistakes': { mistakes: [] } },
    fails: {
      'a step with mistakes, of which the surest come first': {
        mistakes: [
          mistake('/a', { certainty: 'open' }),
          mistake('/b'),
          mistake('/c', { certainty: 'likely' }),
        ],
        told: {
          subject: 'Train',
          evidence: [
            ['/b', 'found at /b'],
            ['/c', 'found at /c'],
            ['/a', 'found at /a'],
          ],
          remedy: 'Step Train: mend /b; mend /c; mend /a.',
        },
      },
      'a mistake of no step': {
        mistakes: [
          { certainty: 'sure', pointer: '/Parameters/1', found: 'x', expected: 'y', remedy: 'mend it' },
        ],
        told: { evidence: [['/Parameters/1', 'x']] },
      },
    },
    warns: {
      'a field that may be new': {
        mistakes: [mistake('/a', { certainty: 'likely' })],
        told: { subject: 'Train', severity: 'MEDIUM', evidence: [['/a', 'found at /a']] },
      },
    },
    isNotAvailable: {
      'a name that a template leaves open': {
        mistakes: [mistake('/a', { certainty: 'open' })],
        told: { subject: 'Train', evidence: [['/a', 'found at /a']] },
      },
    },
  });
});
