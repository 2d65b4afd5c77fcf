import { describe, expect, test } from '@jest/globals';
import { DESCRIBED_CONTROLS } from '../../../../shared/controls/texts.ts';
import { FACT_ACTIONS } from '../../../../shared/facts/fact-actions.ts';
import { type DescribedControl, defineControl } from '../../../../shared/judging/control.ts';
import {
  controlPage,
  controlsJson,
  controlTable,
  permissionTable,
} from '../../../../shared/outputs/pages/control-page.ts';

const control: DescribedControl = {
  ...defineControl({
    id: 'cups-are-full',
    system: 'The audit itself',
    title: 'Cups are full',
    severity: 'LOW',
    on: ['pipeline', 'execution'],
    lint: true,
    requires: ['pipeline', 'definition'],
    needs: ['prefixes', 'roles.steps'],
    satisfiedBy: () => [],
    evaluate: () => [],
  }),
  description: 'A cup holds coffee.',
  risk: 'Nobody wakes up.',
  remediation: 'Fill the cup.',
  decision: ['It is weighed.', 'It is looked at.'],
  example: { fails: '{"cup": 0}', passes: '{"cup": 1}' },
  references: ['https://example.com/cups'],
  fix: {
    cli: 'aws cups fill',
    cdk: 'new Cup();',
    terraform: 'resource "cup" "full" {}',
    python: 'cup.fill()',
  },
  requirements: ['NIST 800-53 AC-6', 'SOC 2 CC6.3'],
  standards: ['NIST 800-53', 'SOC 2'],
};

describe('a control’s page', () => {
  test('tells everything in a fixed order', () => {
    expect(controlPage(control)).toBe(`# cups-are-full

**Cups are full.**

- System: The audit itself
- Severity: LOW
- Judges: pipeline, execution (also \`pipewarden lint\`)
- Facts read: pipeline, definition
- Needs in the configuration: \`prefixes\`, \`roles.steps\`

A cup holds coffee.

## Risk

Nobody wakes up.

## How it is decided

- It is weighed.
- It is looked at.

## Example

Fails:

\`\`\`text
{"cup": 0}
\`\`\`

Passes:

\`\`\`text
{"cup": 1}
\`\`\`

## Remediation

Fill the cup.

With the AWS CLI, in sh, bash or zsh:

\`\`\`sh
aws cups fill
\`\`\`

With the CDK:

\`\`\`ts
new Cup();
\`\`\`

With Terraform:

\`\`\`hcl
resource "cup" "full" {}
\`\`\`

With Python:

\`\`\`python
cup.fill()
\`\`\`

## Permissions

- \`sagemaker:DescribePipeline\`: ${FACT_ACTIONS.pipeline[0]?.reason}
- \`sagemaker:DescribePipelineDefinitionForExecution\`: the definition that an execution runs

## Related requirements

The control is evidence for a part of each of these. docs/frameworks.md says for which part, and what no control shows. The mapping is an interpretation.

- NIST 800-53 AC-6
- SOC 2 CC6.3

## References

- <https://example.com/cups>
`);
  });

  test('leaves out what a control does not have', () => {
    const left = { requires: ['gaps'], needs: [], requirements: [] } as const;
    const page = controlPage({ ...control, on: ['job'], lint: false, ...left });
    expect(page).toContain('- Judges: job\n- Facts read: gaps\n\n');
    expect(page).not.toMatch(/Permissions|Needs in|Related requirements/);
  });
});

test('the table has a line for each control, with its page', () => {
  expect(
    controlTable([control, { ...control, id: 'other', on: ['bucket'] }]),
  ).toBe(`| control | judges | severity | what must hold |
| --- | --- | --- | --- |
| [cups-are-full](docs/controls/cups-are-full.md) | pipeline, execution | LOW | Cups are full |
| [other](docs/controls/other.md) | bucket | LOW | Cups are full |`);
});

test('the table of permissions has each action once for each reason', () => {
  expect(permissionTable([control, control])).toBe(
    [
      '| action | for |',
      '| --- | --- |',
      '| `sagemaker:DescribePipeline` | the present execution role and definition of a pipeline |',
      '| `sagemaker:DescribePipelineDefinitionForExecution` | the definition that an execution runs |',
    ].join('\n'),
  );
});

test('the JSON of all controls tells of each what it judges, reads and needs', () => {
  const { controls } = JSON.parse(controlsJson(DESCRIBED_CONTROLS));
  expect(controls).toHaveLength(DESCRIBED_CONTROLS.length);
  expect(controls.find(({ id }: { id: string }) => id === 'image-bucket-cors')).toMatchObject({
    judges: ['bucket'],
    lint: false,
    actions: expect.arrayContaining(['s3:GetBucketCORS']),
  });
  for (const each of controls)
    expect(each).toMatchObject({
      title: expect.stringMatching(/./),
      severity: expect.stringMatching(/^(LOW|MEDIUM|HIGH|CRITICAL)$/),
      references: expect.arrayContaining([expect.stringMatching(/^https:/)]),
    });
});
