import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { accountConfig, accountThings } from '../../scripts/sandbox-account-plan.ts';
import {
  expectedFindings,
  madeIn,
  type OrganizationSandbox,
  sandboxConfig,
} from '../../scripts/sandbox-organization-plan.ts';
import { NAME } from '../../scripts/sandbox-steps.ts';
import { inFolder, ROOT, resultsOf, run } from '../support/commands/cli.ts';

const ACCOUNT = '444455556666';
const SANDBOX: OrganizationSandbox = {
  hub: { profile: 'hub', account: '111122223333' },
  management: { profile: 'management', account: '222233334444' },
  member: { profile: 'member', account: ACCOUNT },
  region: 'eu-west-1',
  root: 'r-ab12',
  unit: 'ou-ab12-cdefgh34',
  excluded: '777788889999',
  outside: '888899990000',
};

test('what the sandbox of an organization makes is rejected by a control of each of the six systems', async () => {
  const { bucket, executionRole, stepRole, pipeline, scp } = madeIn(SANDBOX);
  const role = (Arn: string, policies: object[]) => ({
    Arn,
    RoleName: Arn.split('/').at(-1),
    AssumeRolePolicyDocument: executionRole.trust,
    RolePolicyList: policies.map((PolicyDocument) => ({ PolicyName: NAME, PolicyDocument })),
  });
  const everything = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
  };
  const { organization: _, ...config } = sandboxConfig(SANDBOX, 'of the unit') as Record<string, unknown>;
  const files = {
    'pipewarden.yaml': config,
    'account/caller-identity.json': {
      Account: ACCOUNT,
      Arn: `arn:aws:iam::${ACCOUNT}:user/smoke`,
      Region: 'eu-west-1',
    },
    'account/iam/account-authorization-details.json': {
      RoleDetailList: [role(executionRole.arn, [executionRole.policy]), role(stepRole, [])],
    },
    [`account/sagemaker/pipelines/${NAME}/pipeline.json`]: {
      PipelineName: NAME,
      PipelineArn: pipeline.arn,
      RoleArn: executionRole.arn,
      PipelineDefinition: JSON.stringify(pipeline.definition),
    },
    [`account/s3/${bucket}/tagging.json`]: { TagSet: [{ Key: NAME, Value: 'image-bucket' }] },
    [`account/s3/${bucket}/cors.json`]: { CORSRules: [] },
    'account/organizations/scps.json': [
      { target: 'r-ab12', policies: [{ Name: 'FullAWSAccess', Content: everything }] },
      { target: ACCOUNT, policies: [{ Name: NAME, Content: scp }] },
    ],
  };
  await inFolder(files, async (cwd) => {
    const audit = await run(['audit', '--snapshot', 'account', '--format', 'json'], { cwd });
    const failed = resultsOf(audit).findings.flatMap(({ status, control, resource }) =>
      status === 'FAILED' ? `${control} ${resource.arn}` : [],
    );
    for (const { control, resource } of expectedFindings(SANDBOX))
      expect(failed).toContain(`${control} ${resource}`);
  });
});

test.each([
  ['breaking', 'sagemaker', ['pipeline-job-prefix']],
  ['mended', 'sagemaker', []],
  ['mended', 'ec2', ['execution-role-trust']],
] as const)(
  'in one account, the %s pipeline of a role for %s is told as it is waited for',
  async (definition, trusted, controls) => {
    const things = accountThings({ account: ACCOUNT, region: 'eu-west-1' });
    const role = (name: string, trust: object, ...policies: object[]) => ({
      Arn: things.role(name),
      RoleName: `${NAME}-${name}`,
      AssumeRolePolicyDocument: trust,
      RolePolicyList: policies.map((PolicyDocument) => ({ PolicyName: NAME, PolicyDocument })),
    });
    const files = {
      'pipewarden.yaml': accountConfig(),
      'account/caller-identity.json': {
        Account: ACCOUNT,
        Arn: `arn:aws:iam::${ACCOUNT}:user/smoke`,
        Region: 'eu-west-1',
      },
      'account/iam/account-authorization-details.json': {
        RoleDetailList: [
          role('execution', things.trust[trusted], things.execution),
          role('step', things.trust.sagemaker),
        ],
      },
      [`account/sagemaker/pipelines/${NAME}/pipeline.json`]: {
        PipelineName: NAME,
        PipelineArn: things.pipeline,
        RoleArn: things.role('execution'),
        PipelineDefinition: JSON.stringify(things[definition]),
      },
    };
    await inFolder(files, async (cwd) => {
      const audit = await run(['audit', '--snapshot', 'account', '--format', 'json'], { cwd });
      const waitedFor = ['pipeline-job-prefix', 'execution-role-trust'];
      const failed = resultsOf(audit).findings.flatMap(({ status, control }) =>
        status === 'FAILED' && waitedFor.includes(control) ? [control] : [],
      );
      expect(failed).toEqual(controls);
    });
  },
);

test('the plans are printed without credentials, in words of sh', () => {
  const node = join(ROOT, 'node_modules/.bin/node');
  const printed = execFileSync(node, ['scripts/sandbox-smoke.ts', '--plan'], {
    cwd: ROOT,
    encoding: 'utf8',
    env: { PATH: process.env.PATH },
  });
  for (const { control } of expectedFindings(SANDBOX)) expect(printed).toContain(control);
  // Every line that is no comment is a command that the shell can read.
  execFileSync('sh', ['-n'], { input: printed });
  expect(printed).toContain("--policy-id '<PolicyId>'");
  const [, ofAccount, ofOrganization] = printed.split('Cleaning up');
  expect(ofAccount).toContain('pipewarden destroy');
  expect(ofOrganization).toContain('pipewarden destroy');
});
