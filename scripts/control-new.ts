import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Writes a new control and its test: `npm run control:new step-names-shown`. Both hold a small example that works, to
 * be replaced part by part.
 */

const ROOT = join(import.meta.dirname, '..');
const [name, ...others] = process.argv.slice(2);
const controlFile = `shared/controls/${name}.ts`;
const testFile = `test/unit/controls/${name}.test.ts`;

const problem = (): string | undefined => {
  if (name === undefined || others.length > 0) return 'usage: npm run control:new NAME';
  if (name.length > 60 || !/^[a-z]+(-[a-z]+)+$/.test(name)) {
    return `${JSON.stringify(name)} cannot be the name of a control: words of small letters with dashes between them, such as step-names-shown`;
  }
  const existing = [controlFile, testFile].find((file) => existsSync(join(ROOT, file)));
  return existing && `${existing} exists already`;
};

const control = `import { type Step, stepPointer } from '../definition/parse.ts';
import type { Verdict } from '../domain/finding.ts';
import { member } from '../json/json.ts';
import { defineControl } from '../judging/control.ts';
import { definitionFix } from '../judging/fix.ts';

export const control = defineControl({
  id: '${name}',
  on: ['pipeline'],
  requires: ['pipeline', 'definition'],
  meta: {
    system: 'Job prefixes',
    title: 'Every step has a name that people read',
    severity: 'LOW',
    description: 'What is held against what, and why it is as it is.',
    risk: 'What happens where it does not hold.',
    remediation: 'What mends it.',
    decision: ['A step without a DisplayName is FAILED.'],
    example: {
      fails: '{"Name": "Train", "Type": "Training"}',
      passes: '{"Name": "Train", "Type": "Training", "DisplayName": "Train the model"}',
    },
    references: ['https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-steps.html'],
    fix: definitionFix({
      step: 'Train',
      type: 'Training',
      argument: 'TrainingJobName',
      value: 'fraud-train',
    }),
    requirements: ['NIST 800-53 CM-6'],
  },
  evaluate: ({ definition }) => definition.steps.map(judgeStep),
});

const judgeStep = (step: Step): Verdict => {
  if (member(step.raw, 'DisplayName') !== undefined) return { status: 'PASSED', subject: step.name };
  return {
    status: 'FAILED',
    subject: step.name,
    evidence: [{ at: stepPointer(step), found: 'no DisplayName', expected: 'a DisplayName' }],
    remediation: { text: \`Give step \${step.name} a DisplayName and update the pipeline.\` },
  };
};
`;

const test = `import { describe } from '@jest/globals';
import { control } from '../../../shared/controls/${name}.ts';
import { condition, controlCases, definitionOf, step } from '../../support/builders/control-cases.ts';

describe(control.id, () => {
  controlCases<{ steps: object[] }>(control, {
    given: ({ steps }) => ({ facts: { pipeline: { name: 'fraud' }, definition: definitionOf(steps) } }),
    passes: {
      'a step with its name': { steps: [step('Train', 'Training', {}, { DisplayName: 'Train the model' })] },
    },
    fails: {
      'a step without, nested in a Condition': {
        steps: [condition('If', [step('Train', 'Training')])],
        told: [
          { subject: 'If', evidence: [['/Steps/0', 'no DisplayName']] },
          { subject: 'Train', evidence: [['/Steps/0/Arguments/IfSteps/0', 'no DisplayName']] },
        ],
      },
    },
  });
});
`;

const refusal = problem();
if (refusal === undefined) {
  writeFileSync(join(ROOT, controlFile), control, { flag: 'wx' });
  writeFileSync(join(ROOT, testFile), test, { flag: 'wx' });
  console.log(
    `${controlFile} and ${testFile} hold an example: make it yours, then run \`npm run generate\`.`,
  );
} else {
  console.error(refusal);
  process.exitCode = 2;
}
