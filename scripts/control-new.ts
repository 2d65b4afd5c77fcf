import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Writes a new control, its texts and its test (`npm run control:new step-names-shown`), and generates everything
 * that follows from them. The files hold a small working example, to be replaced part by part.
 */

const ROOT = join(import.meta.dirname, '..');
const [name, ...others] = process.argv.slice(2);
const controlFile = `shared/controls/${name}.ts`;
const textsFile = `shared/controls/${name}.md`;
const testFile = `test/unit/controls/${name}.test.ts`;

const problem = (): string | undefined => {
  if (name === undefined || others.length > 0) return 'usage: npm run control:new NAME';
  if (name.length > 60 || !/^[a-z]+(-[a-z]+)+$/.test(name)) {
    return `${JSON.stringify(name)} cannot be the name of a control: words of small letters with dashes between them, such as step-names-shown`;
  }
  const existing = [controlFile, textsFile, testFile].find((file) => existsSync(join(ROOT, file)));
  return existing && `${existing} exists already`;
};

const control = `import { type Step, stepPointer } from '../definition/parse.ts';
import type { Verdict } from '../domain/finding.ts';
import { asText, member } from '../json/json.ts';
import { defineControl } from '../judging/control.ts';

export const control = defineControl({
  id: '${name}',
  system: 'Job prefixes',
  title: 'Display names of steps are short enough to be read',
  severity: 'LOW',
  on: ['pipeline'],
  requires: ['pipeline', 'definition'],
  satisfiedBy: ({ definition }, _, subject) =>
    (definition?.steps ?? []).flatMap((step) =>
      step.name === subject ? [{ at: stepPointer(step, ['DisplayName']), found: 'a short name' }] : [],
    ),
  evaluate: ({ definition }) => definition.steps.flatMap(judgeStep),
});

const MOST_CHARACTERS = 60;

const judgeStep = (step: Step): Verdict[] => {
  const name = asText(member(step.raw, 'DisplayName'));
  if (name === undefined) return [];
  if (name.length <= MOST_CHARACTERS) return [{ status: 'PASSED', subject: step.name }];
  const expected = \`at most \${MOST_CHARACTERS} characters\`;
  return [
    {
      status: 'FAILED',
      subject: step.name,
      evidence: [
        { at: stepPointer(step, ['DisplayName']), found: \`\${name.length} characters\`, expected },
      ],
      remediation: { text: \`Give step \${step.name} a shorter DisplayName and update the pipeline.\` },
    },
  ];
};
`;

const texts = `# ${name}

What is held against what, and why it is as it is.

## Risk

What happens where it does not hold.

## How it is decided

- A step whose DisplayName is longer than 60 characters is FAILED.
- A step without one is not judged.

## Example

Fails:

\`\`\`text
{"Name": "Train", "Type": "Training", "DisplayName": "…more than 60 characters…"}
\`\`\`

Passes:

\`\`\`text
{"Name": "Train", "Type": "Training", "DisplayName": "Train the model"}
\`\`\`

## Remediation

What mends it.

With the AWS CLI:

\`\`\`sh
aws sagemaker update-pipeline --pipeline-name fraud-daily --pipeline-definition file://definition.json
\`\`\`

With the CDK:

\`\`\`ts
import { aws_sagemaker as sagemaker } from 'aws-cdk-lib';

// definition: the whole definition, with a shorter DisplayName
new sagemaker.CfnPipeline(this, 'FraudDaily', {
  pipelineName: 'fraud-daily',
  roleArn: 'arn:aws:iam::111122223333:role/pipelines/fraud',
  pipelineDefinition: { PipelineDefinitionBody: JSON.stringify(definition) },
});
\`\`\`

With Terraform:

\`\`\`hcl
resource "aws_sagemaker_pipeline" "fraud_daily" {
  pipeline_name         = "fraud-daily"
  pipeline_display_name = "fraud-daily"
  role_arn              = "arn:aws:iam::111122223333:role/pipelines/fraud"
  pipeline_definition   = file("definition.json")
}
\`\`\`

With Python:

\`\`\`python
from sagemaker.workflow.steps import TrainingStep

# step_args: what the step has already
train = TrainingStep(name="Train", step_args=step_args, display_name="Train the model")
\`\`\`

## References

- <https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-steps.html>
`;

const test = `import { describe } from '@jest/globals';
import { control } from '../../../shared/controls/${name}.ts';
import { condition, controlCases, definitionOf, step } from '../../support/builders/control-cases.ts';

describe(control.id, () => {
  controlCases<{ steps: object[] }>(control, {
    given: ({ steps }) => ({ facts: { pipeline: { name: 'fraud' }, definition: definitionOf(steps) } }),
    passes: {
      'a step with a short name': {
        steps: [step('Train', 'Training', {}, { DisplayName: 'Train the model' })],
      },
    },
    fails: {
      'a step with a long name, nested in a Condition': {
        steps: [condition('If', [step('Train', 'Training', {}, { DisplayName: 'x'.repeat(61) })])],
        told: {
          subject: 'Train',
          evidence: [['/Steps/0/Arguments/IfSteps/0/DisplayName', '61 characters']],
        },
      },
    },
    isSilent: { 'a step without one': { steps: [step('Train', 'Training')] } },
  });
});
`;

const refusal = problem();
if (refusal === undefined) {
  for (const [file, text] of [
    [controlFile, control],
    [textsFile, texts],
    [testFile, test],
  ] as const)
    writeFileSync(join(ROOT, file), text, { flag: 'wx' });
  await import('./generate.ts');
  execFileSync(join(ROOT, 'node_modules/.bin/biome'), ['check', '--write', controlFile, testFile], {
    cwd: ROOT,
  });
  console.log(
    `${controlFile}, ${textsFile} and ${testFile} hold an example that works: make it yours.\nSay in shared/frameworks/parts.ts what it shows, or in frameworks.ts why it is evidence for no requirement.`,
  );
} else {
  console.error(refusal);
  process.exitCode = 2;
}
