import {
  concerns,
  displayText,
  type ResolveScope,
  resolveScope,
  resolveText,
  textLength,
} from '../definition/expression.ts';
import type { Step } from '../definition/parse.ts';
import { baseNameAdvice } from '../definition/sdk-advice.ts';
import { stepType } from '../definition/step-types.ts';
import { stepBaseName, stepMaxRetries } from '../definition/step-values.ts';
import type { Verdict } from '../domain/finding.ts';
import { defineControl } from '../judging/control.ts';
import { stepNameLength } from '../judging/satisfying-steps.ts';

/** SageMaker appends to a base job name: a dash, the execution's 12 characters, a dash, and a token of 10. */
const SUFFIX_LENGTH = 24;

export const control = defineControl({
  id: 'job-prefix-length',
  system: 'Job prefixes',
  title: 'Base job names are short enough for their step type',
  severity: 'MEDIUM',
  on: ['pipeline', 'execution'],
  lint: true,
  requires: ['pipeline', 'definition', 'overrides'],
  satisfiedBy: (known, _, subject) => stepNameLength(known, subject),
  evaluate: ({ pipeline, definition, overrides }) => {
    const scope = resolveScope(definition, pipeline.name, overrides);
    return definition.steps.flatMap((step) => judgeStep(step, scope));
  },
});

const judgeStep = (step: Step, scope: ResolveScope): Verdict[] => {
  const base = stepBaseName(step);
  const naming = stepType(step.type).name;
  if (!base || !naming) return [];
  const { maxLength, maxPrefixLength = maxLength } = naming;
  const name = resolveText(base.value, scope);
  if (!concerns(name, scope.parameters)) return [];
  const { least, exact } = textLength(name);
  const retries = stepMaxRetries(step);
  const retrySuffix = retries === 0 ? 0 : String(retries).length + 1;
  const room = maxLength - SUFFIX_LENGTH - retrySuffix;
  const found = `step ${step.name} has the base job name ${displayText(name)} (${exact ? '' : 'at least '}${least} characters)`;
  const field = base.field.replace('Arguments.', '');
  const most = Math.min(maxPrefixLength, room);
  const about = {
    subject: step.name,
    remediation: {
      text: `Step ${step.name}: shorten its base job name to ${most} characters or fewer. ${baseNameAdvice(step)} Without the SDK: change ${field}. Then update the pipeline.`,
    },
  };
  if (least > maxPrefixLength) {
    const expected = `at most ${maxPrefixLength} characters for ${step.type} steps`;
    return [{ status: 'FAILED', ...about, evidence: [{ at: base.pointer, found, expected }] }];
  }
  if (!exact) {
    const expected = `a length that is known: at most ${maxPrefixLength} characters for ${step.type} steps`;
    const text = `Step ${step.name}: give it a base job name of ${most} characters or fewer that is known before a run, such as a parameter with a default. ${baseNameAdvice(step)} Without the SDK: change ${field}. Then update the pipeline.`;
    return [
      {
        status: 'NOT_AVAILABLE',
        ...about,
        evidence: [{ at: base.pointer, found, expected }],
        remediation: { text },
      },
    ];
  }
  if (least > room) {
    const name = retries === 0 ? 'the name' : `the name of retry ${retries}`;
    const expected = `at most ${room} characters, so that ${name} fits into ${maxLength}`;
    return [
      { status: 'WARNING', severity: 'LOW', ...about, evidence: [{ at: base.pointer, found, expected }] },
    ];
  }
  return [{ status: 'PASSED', subject: step.name }];
};
