import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { describeWith } from '../support/jest/tools.ts';
import { pythonProgram } from '../support/python/python-env.ts';
import { deployables, deployment, REGION, settingsFor } from '../support/templates/synthesised.ts';

/** The watched Regions of deployments. */
const DEPLOYMENTS = { one: [], two: [REGION, 'eu-central-1'], three: ['us-east-1', 'eu-central-1'] };

describeWith('cfn-lint', 'cfn-lint', () => {
  let folder: string;
  const files = deployables();
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'pipewarden-templates-'));
    for (const [name, regions] of Object.entries(DEPLOYMENTS)) {
      const settings = settingsFor(files, { resolvesWorkflow: true, regions });
      for (const { stackName, template } of deployment(settings).app.synth().stacks)
        writeFileSync(join(folder, `${name}-${stackName}.json`), JSON.stringify(template));
    }
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
    files.remove();
  });

  const lint = (name: string, region: string) => {
    const { status, stdout, stderr } = spawnSync(
      pythonProgram('cfn-lint', 'cfn-lint'),
      [join(folder, `${name}.json`), '--regions', region],
      { encoding: 'utf8' },
    );
    return { status, output: stdout + stderr };
  };

  test.each([
    ['one-PipewardenState', REGION],
    ['one-Pipewarden', REGION],
    ['one-PipewardenIamEvents', 'us-east-1'],
    ['two-Pipewarden', REGION],
    ['two-PipewardenEvents-eu-central-1', 'eu-central-1'],
    ['three-Pipewarden', REGION],
    ['three-PipewardenEvents-eu-central-1', 'eu-central-1'],
    ['three-PipewardenIamEvents', 'us-east-1'],
  ])('finds nothing in %s', (name, region) => {
    expect(lint(name, region)).toEqual({ status: 0, output: '' });
  });

  test('finds faults in a wrong template', () => {
    writeFileSync(
      join(folder, 'wrong.json'),
      JSON.stringify({ Resources: { Queue: { Type: 'AWS::SQS::Queue', Properties: { Delay: 1 } } } }),
    );
    expect(lint('wrong', REGION).output).toContain("'Delay' was unexpected");
  });
});
