import { describe, expect, test } from '@jest/globals';
import { describeCases } from '../support/builders/cases.ts';
import { type Files, inFolder, type Run, run } from '../support/commands/cli.ts';

const ROLE = 'arn:aws:iam::111122223333:role/data';
const JOB = 'arn:aws:sagemaker:us-east-1:111122223333:training-job/MyBaseJobName-abc';
const statement = (more: object) => ({
  Version: '2012-10-17',
  Statement: { Effect: 'Allow', Action: '*', Resource: '*', ...more },
});

const FILES: Files = {
  'all.json': statement({}),
  'deny.json': statement({ Effect: 'Deny', Sid: 'No' }),
  'prefix.json': statement({
    Action: 'sagemaker:CreateTrainingJob',
    Resource: 'arn:aws:sagemaker:us-east-1:111122223333:*/MyBaseJobName-*',
  }),
  'floor.json': statement({ Condition: { NumericGreaterThanEquals: { 'sagemaker:PipelineVersionId': 6 } } }),
  'trust.json': {
    Role: {
      AssumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: {
          Effect: 'Allow',
          Principal: { Service: 'sagemaker.amazonaws.com' },
          Action: 'sts:AssumeRole',
        },
      },
    },
  },
  'bucket.json': { Policy: JSON.stringify(statement({ Principal: { AWS: ROLE } })) },
  'version.json': { PolicyVersion: { Document: statement({ Action: 's3:*' }) } },
  'scp.json': {
    Policy: {
      PolicySummary: {},
      Content: JSON.stringify(
        statement({ Effect: 'Deny', Condition: { StringNotEquals: { 'aws:PrincipalTag/exempt': 'true' } } }),
      ),
    },
  },
  'trap.json': statement({
    Effect: 'Deny',
    Action: 'sagemaker:StartPipelineExecution',
    Condition: { NumericLessThan: { 'sagemaker:PipelineVersionId': 6 } },
  }),
  'broken.json': '{\n  "Version":',
};

const simulate = (args: string[], principal = ROLE): Promise<Run> =>
  inFolder(FILES, (cwd) => run(['simulate', '--principal', principal, ...args], { cwd }));
const CREATE = ['--action', 'sagemaker:CreateTrainingJob', '--resource', JOB];
const GET = ['--action', 's3:GetObject', '--resource', 'arn:aws:s3:::acme/x'];
const START = ['--action', 'sagemaker:StartPipelineExecution'];
const decisionOf = ({ stdout }: Run) => JSON.parse(stdout).decision;

describe('simulate', () => {
  test.each<[string, string[], string, string?]>([
    ['the documented prefix pattern', ['--policy', 'prefix.json', ...CREATE], 'Allow'],
    [
      'another prefix',
      [
        '--policy',
        'prefix.json',
        '--action',
        'sagemaker:CreateTrainingJob',
        '--resource',
        JOB.replace('MyBase', 'Other'),
      ],
      'ImplicitDeny',
    ],
    ['a second policy that denies', ['--policy', 'all.json', 'deny.json', ...GET], 'ExplicitDeny'],
    ['a boundary', ['--policy', 'all.json', '--boundary', 'prefix.json', ...GET], 'ImplicitDeny'],
    [
      'a version floor',
      ['--policy', 'floor.json', ...START, '--context', 'sagemaker:PipelineVersionId=6'],
      'Allow',
    ],
    [
      'a version below it',
      ['--policy', 'floor.json', ...START, '--context', 'sagemaker:PipelineVersionId=5'],
      'ImplicitDeny',
    ],
    ['a version that is not given', ['--policy', 'floor.json', ...START], 'Unknown'],
    [
      'no version in the request',
      ['--policy', 'floor.json', ...START, '--context', 'sagemaker:PipelineVersionId'],
      'ImplicitDeny',
    ],
    ['nothing else in the request', ['--policy', 'floor.json', ...START, '--context', '*'], 'ImplicitDeny'],
    [
      'a service control policy',
      ['--policy', 'all.json', '--scp', 'scp.json', ...GET, '--context', 'aws:PrincipalTag/exempt=false'],
      'ExplicitDeny',
    ],
    [
      'its exception',
      ['--policy', 'all.json', '--scp', 'scp.json', ...GET, '--context', 'aws:PrincipalTag/exempt=true'],
      'Allow',
    ],
    [
      'a level that allows something else',
      ['--policy', 'all.json', '--scp', 'all.json', 'prefix.json', ...GET],
      'ImplicitDeny',
    ],
    ['a bucket policy', ['--resource-policy', 'bucket.json', ...GET], 'Allow'],
    ['a managed policy as the AWS CLI prints it', ['--policy', 'version.json', ...GET], 'Allow'],
    [
      'a trust policy',
      ['--resource-policy', 'trust.json', '--action', 'sts:AssumeRole', '--resource', ROLE],
      'Allow',
      'sagemaker.amazonaws.com',
    ],
    [
      'two values of a key',
      ['--policy', 'all.json', ...GET, '--context', 'aws:TagKeys=a', 'aws:TagKeys=b'],
      'Allow',
    ],
  ])('%s', async (_, args, expected, principal = ROLE) => {
    const done = await simulate(args, principal);
    expect(done).toMatchObject({ status: 0 });
    expect(decisionOf(done)).toBe(expected);
  });

  test('puts out the decision with all that explains it', async () => {
    const { stdout, stderr } = await simulate(['--policy', 'floor.json', ...START]);
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual({
      decision: 'Unknown',
      decidedBy: [
        { layer: 'identity', policy: 'floor.json', statement: 0, pointer: '/Statement', effect: 'Allow' },
      ],
      missingContext: ['sagemaker:PipelineVersionId'],
      doubts: [],
      problems: [],
    });
  });

  test('says it to a person as well', async () => {
    const { stdout } = await simulate(['--policy', 'prefix.json', ...GET, '--format', 'table']);
    expect(stdout).toBe(`ImplicitDeny
  no Allow in the identity policies
  nearest: prefix.json/Statement
    Action found: s3:GetObject
    Action wanted: sagemaker:CreateTrainingJob
`);
    const denied = await simulate([
      '--policy',
      'all.json',
      '--scp',
      'deny.json',
      ...GET,
      '--format',
      'table',
      '--quiet',
    ]);
    expect(denied).toMatchObject({ stdout: 'ExplicitDeny\n  Deny deny.json/Statement (No)\n', stderr: '' });
  });

  test('a policy that cannot be read leaves the decision open, with file, line and column', async () => {
    const done = await simulate(['--policy', 'broken.json', ...GET]);
    expect(done.status).toBe(3);
    expect(JSON.parse(done.stdout)).toMatchObject({
      decision: 'Unknown',
      problems: [{ file: 'broken.json', code: 'not-json', line: 2, column: 13 }],
    });
    expect(decisionOf(await simulate(['--policy', 'broken.json', 'deny.json', ...GET]))).toBe('ExplicitDeny');
  });

  test('warns of what a policy seems to do and does not', async () => {
    const args = ['--policy', 'all.json', 'trap.json', ...START];
    const { stdout, status } = await simulate([...args, '--context', 'sagemaker:PipelineVersionId']);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      decision: 'Allow',
      problems: [
        {
          file: 'trap.json',
          code: 'deny-missing-key',
          severity: 'warning',
          pointer: '/Statement/Condition/NumericLessThan/sagemaker:PipelineVersionId',
        },
      ],
    });
    const table = await simulate([...args, '--format', 'table']);
    expect(table.stdout).toContain('warning: trap.json/Statement/Condition/NumericLessThan/');
  });

  test('FullAWSAccess is taken to stand beside a level of Denies, and that is said', async () => {
    const { stderr } = await simulate(['--policy', 'all.json', '--scp', 'scp.json', 'all.json', ...GET]);
    expect(stderr).toContain("scp.json holds nothing but Denies: AWS's FullAWSAccess");
  });

  test.each<[string, string[], string, string?]>([
    ['no policy', GET, 'give the policies to decide by'],
    ['no such file', ['--policy', 'gone.json', ...GET], 'gone.json: cannot be read'],
    ['no principal', ['--policy', 'all.json', ...GET], '--principal "ana"', 'ana'],
    ['an action pattern', ['--policy', 'all.json', '--action', 's3:Get*'], '--action "s3:Get*"'],
    [
      'a resource that is no ARN',
      ['--policy', 'all.json', '--action', 's3:GetObject', '--resource', 'acme'],
      '--resource "acme"',
    ],
    ['a context without key', ['--policy', 'all.json', ...GET, '--context', '=x'], '--context "=x"'],
    ['no action', ['--policy', 'all.json'], "required option '--action"],
    ['an unknown format', ['--policy', 'all.json', ...GET, '--format', 'xml'], 'json, table'],
  ])('refuses %s', async (_, args, message, principal = ROLE) => {
    const done = await simulate(args, principal);
    expect(done).toMatchObject({ status: 2, stdout: '' });
    expect(done.stderr).toContain(message);
  });
});

describeCases('policies', 'simulate on published policies', (folder) => {
  const scp = `${folder}/scp/aws-samples+data-perimeter-policy-examples__service_control_policies__network_perimeter_sourcevpc_scp.json`;
  const managed = `${folder}/managed/AmazonSageMakerFullAccess.json`;
  test('a managed policy decides', async () => {
    const done = await simulate([
      '--policy',
      managed,
      '--action',
      'sagemaker:CreatePipeline',
      '--resource',
      JOB,
    ]);
    expect(decisionOf(done)).toBe('Allow');
  });
  test('an SCP for the network is one that can be read', async () => {
    const done = await simulate(['--policy', 'all.json', '--scp', scp, ...GET]);
    expect(done.status).toBe(0);
    expect(['Allow', 'Unknown', 'ExplicitDeny']).toContain(decisionOf(done));
  });
});
