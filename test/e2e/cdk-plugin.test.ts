import { execFile } from 'node:child_process';
import { mkdir, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { inFolder, ROOT, type Run } from '../support/commands/cli.ts';

/** An app as a person writes it, in CommonJS; what the cases vary comes from the environment. */
const APP = `
const { App, Stack, Stage, Validations, aws_iam: iam, aws_sagemaker: sagemaker } = require('aws-cdk-lib');
const { pipewarden } = require('@pipewarden/cli/cdk');
const { options = {}, actions = [], acknowledged = [], staged = false } = JSON.parse(process.env.CASE);
const app = new App();
const env = { account: '111122223333', region: 'eu-west-1' };
const stack = new Stack(staged ? new Stage(app, 'Prod', { env }) : app, 'Training', { env });
const role = new iam.Role(stack, 'Execution', {
  assumedBy: new iam.ServicePrincipal('sagemaker.amazonaws.com', { conditions: { StringEquals: { 'aws:SourceAccount': '111122223333' } } }),
});
for (const [action, ...resources] of actions)
  role.addToPolicy(new iam.PolicyStatement({
    actions: [action],
    resources: resources.map((each) => (each === 'itself' ? role.roleArn : each)),
  }));
new sagemaker.CfnPipeline(stack, 'Pipeline', {
  pipelineName: 'fraud-daily',
  roleArn: role.roleArn,
  pipelineDefinition: { PipelineDefinitionBody: stack.toJsonString({ Version: '2020-12-01', Steps: [{
    Name: 'Train', Type: 'Training', Arguments: { TrainingJobName: 'fraud', RoleArn: role.roleArn },
  }] }) },
});
for (const { of = 'Execution', id, reason } of acknowledged)
  Validations.of(of === '' ? app : stack.node.findChild(of)).acknowledge({ id, reason });
Validations.of(app).addPlugins(pipewarden(options));
app.synth();
`;

type Violation = {
  ruleName: string;
  description: string;
  severity: string;
  suggestedFix?: string;
  ruleMetadata: Record<string, string>;
  violatingConstructs: {
    constructPath: string;
    cloudFormationResource?: { templatePath: string; logicalId: string; propertyPaths?: string[] };
  }[];
  reason?: string;
};
type Report = {
  pluginName: string;
  conclusion: string;
  metadata?: Record<string, string>;
  violations: Violation[];
  suppressedViolations?: Violation[];
};

/** Makes the package and the CDK known in a folder, as npm links them. */
const installed = async (folder: string): Promise<void> => {
  await mkdir(join(folder, 'node_modules/@pipewarden'), { recursive: true });
  await symlink(ROOT, join(folder, 'node_modules/@pipewarden/cli'));
  for (const library of ['aws-cdk-lib', 'constructs'])
    await symlink(join(ROOT, 'node_modules', library), join(folder, 'node_modules', library));
};

const node = (
  args: string[],
  { cwd, env = {} }: { cwd: string; env?: Record<string, string> },
): Promise<Run> =>
  new Promise((resolve) => {
    const all = { PATH: process.env.PATH ?? '', HOME: cwd, ...env };
    const child = execFile(process.execPath, args, { cwd, env: all }, (_error, stdout, stderr) =>
      resolve({ status: child.exitCode, stdout, stderr }),
    );
  });

/** Synthesises the app, and reads what the CDK reports of the plug-in. */
const synthesised = (
  given: object,
  { app = APP, name = 'app.cjs' } = {},
): Promise<Run & { report: Report | undefined }> =>
  inFolder({ [name]: app, '.git/HEAD': '' }, async (folder) => {
    await installed(folder);
    const ran = await node([name], {
      cwd: folder,
      env: { CASE: JSON.stringify(given), CDK_OUTDIR: join(folder, 'cdk.out') },
    });
    const path = join(folder, 'cdk.out/validation-report.json');
    const written = await readFile(path, 'utf8').catch(() => '{}');
    const { pluginReports = [] } = JSON.parse(written) as { pluginReports?: Report[] };
    return { ...ran, report: pluginReports.find(({ pluginName }) => pluginName === 'Pipewarden') };
  });

const named = (report: Report | undefined, control: string): Violation | undefined =>
  report?.violations.find(({ ruleMetadata }) => ruleMetadata.control === control);

const unknownIn = (report: Report | undefined): Violation[] =>
  report?.violations.filter(({ ruleMetadata }) => ruleMetadata.status === 'NOT_AVAILABLE') ?? [];

const ACCOUNT = join(ROOT, 'examples/account');
const JOBS = 'execution-role-job-permissions';

describe('the plug-in of the CDK', () => {
  test('fails the synthesis by a finding at or above the severity, at its construct and place in the template', async () => {
    const { status, stderr, report } = await synthesised({ actions: [['iam:PassRole', '*']] });
    expect([status, report?.conclusion]).toEqual([1, 'failure']);
    expect(stderr).toContain('Training/Execution/Resource');
    expect(named(report, JOBS)).toMatchObject({
      ruleName: JOBS,
      severity: 'error',
      description: expect.stringContaining('sagemaker:CreateTrainingJob'),
      suggestedFix: expect.stringContaining('Training.template.json'),
      ruleMetadata: { status: 'FAILED', severity: 'HIGH' },
      violatingConstructs: [
        {
          constructPath: 'Training/Execution/Resource',
          cloudFormationResource: { templatePath: 'Training.template.json', logicalId: 'ExecutionB02F1F83' },
        },
      ],
    });
    expect(named(report, 'execution-role-least-privilege')).toMatchObject({
      severity: 'warning',
      violatingConstructs: [
        {
          constructPath: 'Training/Execution/DefaultPolicy/Resource',
          cloudFormationResource: { propertyPaths: ['Properties.PolicyDocument'] },
        },
      ],
    });
  });

  test('fails nothing where the role may do what its pipeline needs; what cannot be judged is told', async () => {
    const jobs = 'arn:aws:sagemaker:eu-west-1:111122223333:training-job/fraud*';
    const names = ['CreateTrainingJob', 'DescribeTrainingJob', 'StopTrainingJob', 'AddTags'];
    const good = {
      actions: [...names.map((name) => [`sagemaker:${name}`, jobs]), ['iam:PassRole', 'itself']],
    };
    const { status, report } = await synthesised(good);
    expect([status, report?.conclusion]).toEqual([0, 'success']);
    const unknown = unknownIn(report);
    expect(unknown.length).toBeGreaterThan(0);
    expect(report?.metadata).toMatchObject({ notJudged: String(unknown.length) });
    for (const { severity, description } of unknown)
      expect([severity, description]).toEqual(['info', expect.stringMatching(/^could not be judged: /)]);

    const strict = await synthesised({ ...good, options: { unread: 'fail' } });
    expect([strict.status, strict.report?.conclusion]).toEqual([1, 'failure']);
    const beside = await synthesised({ ...good, options: { snapshot: ACCOUNT, unread: 'fail' } });
    expect([beside.status, unknownIn(beside.report)]).toEqual([0, []]);
  });

  test('an acknowledgement with a reason counts until its last day, of a construct or those above it', async () => {
    const faults = { actions: [['iam:PassRole', '*']] };
    const reason = 'until 9999-12-31: TICKET-1';
    const { status, report } = await synthesised({
      ...faults,
      acknowledged: [{ id: `Pipewarden::${JOBS}`, reason }],
    });
    expect([status, report?.conclusion, named(report, JOBS)]).toEqual([0, 'success', undefined]);
    expect(report?.suppressedViolations).toEqual([expect.objectContaining({ ruleName: JOBS, reason })]);

    const above = await synthesised({
      ...faults,
      staged: true,
      acknowledged: [{ of: '', id: `Pipewarden::${JOBS}`, reason }],
    });
    expect([above.status, above.report?.conclusion]).toEqual([0, 'success']);
  });

  test.each([
    ['whose last day is over', 'until 2026-01-31: TICKET-1', 'acknowledgement-expired-2026-01-31'],
    ['without a last day', 'TICKET-1', 'acknowledgement-without-until-YYYY-MM-DD'],
    ['without a reason', 'until 9999-12-31:', 'acknowledgement-without-until-YYYY-MM-DD'],
    ['of no day', 'until 9999-13-31: TICKET-1', 'acknowledgement-without-until-YYYY-MM-DD'],
  ])(
    'an acknowledgement %s counts no more, which is told and cannot be acknowledged',
    async (_, reason, told) => {
      const acknowledged = [JOBS, `${JOBS}/${told}`].map((id) => ({ id: `Pipewarden::${id}`, reason }));
      const { status, report } = await synthesised({ actions: [['iam:PassRole', '*']], acknowledged });
      expect([status, report?.conclusion]).toEqual([1, 'failure']);
      expect(named(report, JOBS)).toMatchObject({ ruleName: `${JOBS}/${told}`, severity: 'fatal' });
    },
  );

  test('goes by the configuration that is named, and fails where it cannot be read', async () => {
    const options = { config: join(ROOT, 'examples/pipewarden.yaml'), failOn: 'none' };
    const { status, report } = await synthesised({ options, actions: [['iam:PassRole', '*']] });
    expect([status, report?.conclusion]).toEqual([0, 'success']);
    const resources = report?.violations.map(({ ruleMetadata }) => ruleMetadata.resource);
    expect(resources).not.toContain('pipewarden.yaml'); // of which the example lacks nothing
    expect(named(report, JOBS)).toMatchObject({ severity: 'warning' });

    const broken = await synthesised({ options: { config: 'missing.yaml' } });
    expect([broken.status, broken.report?.conclusion]).toEqual([1, 'failure']);
    expect(broken.report?.metadata).toEqual({ error: expect.stringContaining('missing.yaml') });
  });

  test('is for ES modules too, and has types', async () => {
    const app = `
import { App, Stack, Validations } from 'aws-cdk-lib';
import { pipewarden } from '@pipewarden/cli/cdk';
const app = new App();
new Stack(app, 'Empty');
Validations.of(app).addPlugins(pipewarden({ failOn: 'medium' }));
app.synth();
`;
    expect(await synthesised({}, { app, name: 'app.mjs' })).toMatchObject({ status: 0 });
    for (const [given, problems] of [
      ['medium', ''],
      ['some', /TS2322.*"some"/],
    ] as const)
      await inFolder({ 'app.mts': app.replace('medium', given) }, async (folder) => {
        await installed(folder);
        const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
        const options = ['--noEmit', '--strict', '--module', 'nodenext', '--skipLibCheck', '--types', ''];
        const checked = await node([tsc, ...options, 'app.mts'], { cwd: folder });
        expect(checked.stdout).toMatch(problems);
        expect(checked.status === 0).toBe(problems === '');
      });
  });
});
