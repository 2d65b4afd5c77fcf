import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { featuresOf } from '../../infra/settings.ts';
import { describeWith } from '../support/jest/tools.ts';
import { pythonProgram } from '../support/python/python-env.ts';
import { ACCOUNT_MEMBERS, stackSetsOf, UNIT_MEMBERS } from '../support/templates/members.ts';
import { deployables, deployment, REGION, settingsFor } from '../support/templates/synthesised.ts';

/** The watched Regions of deployments. */
const DEPLOYMENTS = { one: [], two: [REGION, 'eu-central-1'], three: ['us-east-1', 'eu-central-1'] };

/** What an organization may want of a deployment. */
const SWITCHED = {
  hook: 'strict' as const,
  hookSeverity: 'CRITICAL' as const,
  history: 'locked' as const,
  evidence: 'monthly' as const,
  permissionsBoundary: 'team/Boundary',
  rolePath: '/team/',
  rolePrefix: 'acme-',
  stackPrefix: 'acme-',
  keyArn: `arn:aws:kms:${REGION}:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab`,
  alertTopicArn: `arn:aws:sns:${REGION}:111122223333:alerts`,
  subnets: ['subnet-0123456789abcdef0'],
  securityGroups: ['sg-0123456789abcdef0'],
  memory: { Audit: 512 },
  reservedConcurrency: null,
  maximumConcurrency: 5,
};

/** Home Regions in three partitions, of those that lack something. */
const PARTITIONS = [
  'cn-northwest-1',
  'cn-north-1',
  'us-gov-east-1',
  'us-gov-west-1',
  'ap-east-2',
  'me-central-1',
];

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

  const HUBS = { 'of-unit': UNIT_MEMBERS, 'of-accounts': ACCOUNT_MEMBERS };
  beforeAll(() => {
    for (const [name, members] of Object.entries(HUBS)) {
      const settings = settingsFor(files, { resolvesWorkflow: true, regions: ['eu-central-1'], members });
      const { app, members: stack } = deployment(settings);
      for (const { stackName, template } of app.synth().stacks)
        writeFileSync(join(folder, `${name}-${stackName}.json`), JSON.stringify(template));
      for (const [of, { properties }] of Object.entries(stack ? stackSetsOf(stack) : {}))
        writeFileSync(join(folder, `${name}-${of}.json`), properties.TemplateBody);
    }
    for (const [partition, region] of [
      ['china', 'cn-northwest-1'],
      ['govcloud', 'us-gov-east-1'],
    ] as const) {
      const { members: stack } = deployment(settingsFor(files, { members: UNIT_MEMBERS }), { region });
      for (const [of, { properties }] of Object.entries(stack ? stackSetsOf(stack) : {}))
        writeFileSync(join(folder, `${partition}-${of}.json`), properties.TemplateBody);
    }
  });

  beforeAll(() => {
    const { app, members: stack } = deployment(settingsFor(files, { ...SWITCHED, members: UNIT_MEMBERS }));
    for (const { stackName, template } of app.synth().stacks)
      writeFileSync(join(folder, `switched-${stackName}.json`), JSON.stringify(template));
    for (const [of, { properties }] of Object.entries(stack ? stackSetsOf(stack) : {}))
      writeFileSync(join(folder, `switched-${of}.json`), properties.TemplateBody);
  });

  beforeAll(() => {
    for (const region of PARTITIONS) {
      const features = featuresOf(region, {
        archives: undefined,
        tracing: undefined,
        iamEvents: undefined,
        functionPolicies: undefined,
      });
      const kept = { history: 'on', evidence: 'monthly' } as const;
      const { app } = deployment(settingsFor(files, { ...features, ...kept }), { region });
      for (const { stackName, template } of app.synth().stacks)
        writeFileSync(join(folder, `${region}-${stackName}.json`), JSON.stringify(template));
    }
  });

  const lint = (name: string, ...regions: string[]) => {
    const { status, stdout, stderr } = spawnSync(
      pythonProgram('cfn-lint', 'cfn-lint'),
      [join(folder, `${name}.json`), '--regions', ...regions],
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
    ['of-unit-Pipewarden', REGION],
    ['of-unit-PipewardenMembers', REGION],
    ['of-accounts-PipewardenMembers', REGION],
    ['of-unit-roles', REGION],
    ['switched-acme-PipewardenState', REGION],
    ['switched-acme-Pipewarden', REGION],
    ['switched-acme-PipewardenIamEvents', 'us-east-1'],
    ['switched-acme-PipewardenMembers', REGION],
    ['switched-roles', REGION],
    ['switched-rules', REGION],
    ['china-roles', 'cn-northwest-1'],
    ['govcloud-roles', 'us-gov-east-1'],
  ])('finds nothing in %s', (name, region) => {
    expect(lint(name, region)).toEqual({ status: 0, output: '' });
  });

  test.each(
    PARTITIONS.flatMap((region) =>
      [`${region}-PipewardenState`, `${region}-Pipewarden`].map((name) => [name, region]),
    ),
  )('finds nothing in %s', (name, region) => {
    expect(lint(name, region)).toEqual({ status: 0, output: '' });
  });

  test.each([
    ['cn-northwest-1', 'cn-north-1'],
    ['us-gov-east-1', 'us-gov-west-1'],
  ])('finds nothing in the stack that forwards the events of IAM to %s', (region, global) => {
    expect(lint(`${region}-PipewardenIamEvents`, global)).toEqual({ status: 0, output: '' });
  });

  test.each([
    ['of-unit-rules', [REGION, 'eu-central-1', 'us-east-1']],
    ['china-rules', ['cn-northwest-1', 'cn-north-1']],
    ['govcloud-rules', ['us-gov-east-1', 'us-gov-west-1']],
  ])('finds nothing in %s in any Region of the rules', (name, regions) => {
    expect(lint(name, ...regions)).toEqual({ status: 0, output: '' });
  });

  test('finds faults in a wrong template', () => {
    writeFileSync(
      join(folder, 'wrong.json'),
      JSON.stringify({ Resources: { Queue: { Type: 'AWS::SQS::Queue', Properties: { Delay: 1 } } } }),
    );
    expect(lint('wrong', REGION).output).toContain("'Delay' was unexpected");
  });
});
