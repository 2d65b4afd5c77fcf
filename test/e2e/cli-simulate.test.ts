import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { describeCases } from '../support/builders/cases.ts';
import { CLEAN, type Files, inFolder, type Run, roleDetails, run } from '../support/commands/cli.ts';

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
  'everyone.json': statement({ Principal: '*' }),
  'deny-all-rcp.json': statement({ Effect: 'Deny', Principal: '*' }),
  'jobs.json': statement({ Resource: 'arn:aws:sagemaker:*:*:training-job/*' }),
  'trap.json': statement({
    Effect: 'Deny',
    Action: 'sagemaker:StartPipelineExecution',
    Condition: { NumericLessThan: { 'sagemaker:PipelineVersionId': 6 } },
  }),
  'broken.json': '{\n  "Version":',
  'twice.json':
    '{"Version": "2012-10-17",\n "Statement": {"Effect": "Deny", "Action": "*", "Resource": "*", "Effect": "Allow"}}',
  'own-bucket.json': statement({
    Principal: '*',
    Condition: { StringEquals: { 'aws:PrincipalTag/a': 'b' } },
  }),
  'rcp.json': statement({
    Effect: 'Deny',
    Principal: '*',
    Condition: { StringNotEqualsIfExists: { 'aws:PrincipalOrgID': 'o-own' } },
  }),
  'endpoint.json': statement({ Principal: '*', Action: 's3:GetObject' }),
  'address.json': statement({ Condition: { IpAddress: { 'aws:SourceIp': '203.0.113.0/24' } } }),
};

const simulate = (args: string[], principal = ROLE): Promise<Run> =>
  inFolder(FILES, (cwd) => run(['simulate', '--principal', principal, ...args], { cwd }));
const CREATE = ['--action', 'sagemaker:CreateTrainingJob', '--resource', JOB];
const GET = ['--action', 's3:GetObject', '--resource', 'arn:aws:s3:::acme/x'];
const PUT = ['--action', 's3:PutObject', '--resource', 'arn:aws:s3:::acme/x'];
const START = [
  '--action',
  'sagemaker:StartPipelineExecution',
  '--resource',
  'arn:aws:sagemaker:us-east-1:111122223333:pipeline/fraud',
];
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
      'an RCP for whoever is not of the organization',
      ['--resource-policy', 'everyone.json', '--rcp', 'rcp.json', ...GET],
      'ExplicitDeny',
      '*',
    ],
    [
      'an RCP, and who is of it',
      ['--policy', 'all.json', '--rcp', 'rcp.json', ...GET, '--context', 'aws:PrincipalOrgID=o-own'],
      'Allow',
    ],
    [
      'an RCP at another level',
      [
        '--policy',
        'all.json',
        '--rcp',
        'rcp.json',
        'deny-all-rcp.json',
        ...GET,
        '--context',
        'aws:PrincipalOrgID=o-own',
      ],
      'ExplicitDeny',
    ],
    [
      'an RCP and a resource of an account that is in no organization',
      [
        ...['--policy', 'all.json', '--resource-policy', 'bucket.json', '--rcp', 'rcp.json', ...GET],
        ...['--resource-account', '444455556666', '--context', 'aws:ResourceOrgID'],
      ],
      'Allow',
    ],
    [
      'an RCP and a resource of which nobody says in which organization it is',
      [
        ...['--policy', 'all.json', '--resource-policy', 'bucket.json', '--rcp', 'deny-all-rcp.json', ...GET],
        ...['--resource-account', '444455556666'],
      ],
      'Unknown',
    ],
    [
      'an endpoint that allows it',
      ['--policy', 'all.json', '--endpoint-policy', 'endpoint.json', ...GET],
      'Allow',
    ],
    [
      'an endpoint that allows something else',
      ['--policy', 'all.json', '--endpoint-policy', 'endpoint.json', ...PUT],
      'ImplicitDeny',
    ],
    [
      'no address behind an endpoint',
      ['--policy', 'address.json', '--endpoint-policy', 'endpoint.json', ...GET],
      'ImplicitDeny',
    ],
    ['an address that nobody told', ['--policy', 'address.json', ...GET], 'Unknown'],
    [
      'a bucket of another account without its policy',
      ['--policy', 'all.json', ...GET, '--resource-account', '444455556666'],
      'ImplicitDeny',
    ],
    [
      'a bucket of another account with its policy',
      [
        '--policy',
        'all.json',
        '--resource-policy',
        'bucket.json',
        ...GET,
        '--resource-account',
        '444455556666',
      ],
      'Allow',
    ],
    [
      'a bucket of which nobody says whose it is, and whose policy may let in',
      ['--policy', 'all.json', '--resource-policy', 'own-bucket.json', ...GET],
      'Unknown',
    ],
    [
      'the same of the own account',
      [
        '--policy',
        'all.json',
        '--resource-policy',
        'own-bucket.json',
        ...GET,
        '--resource-account',
        '111122223333',
      ],
      'Allow',
    ],
    [
      'the same in another account, told by a key',
      [
        ...['--policy', 'all.json', '--resource-policy', 'own-bucket.json', ...GET],
        ...['--context', 'aws:ResourceAccount=444455556666', 'aws:PrincipalTag/a=c'],
      ],
      'ImplicitDeny',
    ],
    [
      'an account of the partition of the resource',
      ['--policy', 'all.json', '--action', 's3:GetObject', '--resource', 'arn:aws-cn:s3:::acme/x'],
      'Allow',
      '111122223333',
    ],
    ['a root user without policies', ['--scp', 'all.json', ...GET], 'Allow', '111122223333'],
    [
      'an action without resources, asked of one',
      ['--policy', 'jobs.json', '--action', 'sagemaker:ListTrainingJobs', '--resource', JOB],
      'ImplicitDeny',
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

  test('prints the decision with its explanation', async () => {
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

  test('prints the decision as a table for people', async () => {
    const { stdout } = await simulate(['--policy', 'prefix.json', ...GET, '--format', 'table']);
    expect(stdout).toBe(`ImplicitDeny
  no Allow in the identity policies
  no statement there is for s3:GetObject
`);
    const other = [
      '--action',
      'sagemaker:CreateTrainingJob',
      '--resource',
      'arn:aws:sagemaker:eu-west-1:111122223333:training-job/b',
    ];
    const near = await simulate(['--policy', 'prefix.json', ...other, '--format', 'table']);
    expect(near.stdout).toMatch(
      /\n {2}nearest: .*\n {4}Resource of the request: .*\n {4}Resource of the statement: /,
    );
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

  test('answers Unknown for a policy that cannot be read, with file, line and column', async () => {
    const done = await simulate(['--policy', 'broken.json', ...GET]);
    expect(done.status).toBe(3);
    expect(JSON.parse(done.stdout)).toMatchObject({
      decision: 'Unknown',
      problems: [{ file: 'broken.json', code: 'not-json', line: 2, column: 13 }],
    });
    expect(decisionOf(await simulate(['--policy', 'broken.json', 'deny.json', ...GET]))).toBe('ExplicitDeny');
  });

  test('answers Unknown for a policy with a repeated name, with file, line and column', async () => {
    const done = await simulate(['--policy', 'twice.json', ...GET]);
    expect(done.status).toBe(3);
    expect(JSON.parse(done.stdout)).toMatchObject({
      decision: 'Unknown',
      problems: [{ file: 'twice.json', code: 'doubled-name', line: 2, column: 66 }],
    });
  });

  test.each<[string, string[], string, string]>([
    ['an action', ['--action', 'sagemaker:CreateTrainingJobs'], '--action', 'unknown-action'],
    ['a service', ['--action', 'sagmaker:CreateTrainingJob'], '--action', 'unknown-service'],
    [
      'an ARN',
      [...CREATE.slice(0, 3), 'arn:aws:sagemaker:eu-west-1:training-job/x'],
      '--resource',
      'malformed-arn',
    ],
    ['a type', [...CREATE.slice(0, 3), JOB.replace('training', 'train')], '--resource', 'unknown-resource'],
    ['a resource that it takes', [...CREATE.slice(0, 3), ROLE], '--resource', 'unknown-resource'],
    [
      'a resource at all',
      ['--action', 'sagemaker:ListModels', '--resource', JOB],
      '--resource',
      'resource-not-taken',
    ],
    ['its resource', ['--action', 'sagemaker:CreateTrainingJob'], '--resource', 'resource-missing'],
  ])('warns of a request without %s', async (_, args, option, code) => {
    const { stdout, stderr, status } = await simulate(['--policy', 'all.json', ...args]);
    expect(status).toBe(0);
    expect(JSON.parse(stdout).problems).toMatchObject([{ option, code, severity: 'warning', pointer: '' }]);
    expect(stderr).toContain(`warning: ${option}: `);
    const table = await simulate(['--policy', 'all.json', ...args, '--format', 'table', '--quiet']);
    expect(table.stdout).toContain(`warning: ${option}: `);
    expect(table.stderr).toBe('');
  });

  test('says if an Allow depends on the bucket’s owner', async () => {
    const own = await simulate(['--policy', 'all.json', ...GET]);
    expect(own.stderr).toContain('is taken for one of 111122223333; where another account owns it');
    const told = await simulate(['--policy', 'all.json', ...GET, '--resource-account', '111122223333']);
    expect(told.stderr).toBe('');
    const open = await simulate(['--policy', 'all.json', '--resource-policy', 'own-bucket.json', ...GET]);
    expect(JSON.parse(open.stdout)).toMatchObject({
      decision: 'Unknown',
      missingContext: ['aws:ResourceAccount', 'aws:PrincipalTag/a'],
      doubts: [
        'arn:aws:s3:::acme/x is allowed where 111122223333 owns it, and not for sure where another account does',
      ],
    });
  });

  test('says that a principal belongs to another partition', async () => {
    const args = ['--policy', 'all.json', '--action', 's3:GetObject', '--resource', 'arn:aws-cn:s3:::acme/x'];
    const { stdout } = await simulate([...args, '--format', 'table']);
    expect(stdout).toBe(
      `ImplicitDeny\n  ${ROLE} is of the partition aws, and reaches nothing of the partition aws-cn\n`,
    );
  });

  test('warns of a policy that does not do what it seems to', async () => {
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

  test('assumes FullAWSAccess beside a level of Denies, and says so', async () => {
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
    [
      'an owner that is no account',
      ['--policy', 'all.json', ...GET, '--resource-account', 'acme'],
      '--resource-account "acme": give the 12 digits',
    ],
    [
      'an owner of nothing',
      ['--policy', 'all.json', '--action', 's3:GetObject', '--resource-account', '444455556666'],
      '--resource-account "444455556666": say by --resource what that account owns',
    ],
    [
      'an owner beside another in the ARN',
      ['--policy', 'all.json', ...CREATE, '--resource-account', '444455556666'],
      'the ARN of the resource names "111122223333" as its owner',
    ],
    [
      'an owner beside another in the context',
      [
        ...['--policy', 'all.json', ...GET, '--resource-account', '444455556666'],
        ...['--context', 'AWS:ResourceAccount=111122223333'],
      ],
      '--context aws:ResourceAccount says otherwise',
    ],
    [
      'no such policy of an endpoint',
      ['--policy', 'all.json', ...GET, '--endpoint-policy', 'gone.json'],
      'gone.json: cannot be read',
    ],
    ['no such RCP', ['--policy', 'all.json', ...GET, '--rcp', 'gone.json'], 'gone.json: cannot be read'],
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

describe('simulate by a snapshot', () => {
  const ACCOUNT = 'examples/account';
  const DATA = 'arn:aws:s3:::acme-features/clean/x';
  const inSnapshot = (principal: string, action: string, resource: string, ...more: string[]): Promise<Run> =>
    run([
      'simulate',
      '--snapshot',
      ACCOUNT,
      '--principal',
      principal,
      '--action',
      action,
      '--resource',
      resource,
      ...more,
    ]);
  const roleOf = (name: string) => `arn:aws:iam::111122223333:role/${name}`;

  test.each<[string, string, string, string, string[], string]>([
    [
      'its policy',
      roleOf('notebook'),
      'iam:PassRole',
      roleOf('admin'),
      ['iam:PassedToService=sagemaker.amazonaws.com'],
      'Allow',
    ],
    [
      'the policy of a session',
      'arn:aws:sts::111122223333:assumed-role/notebook/me',
      'iam:PassRole',
      roleOf('admin'),
      ['iam:PassedToService=sagemaker.amazonaws.com'],
      'Allow',
    ],
    [
      'the lack of one',
      roleOf('notebook'),
      'iam:DeleteUser',
      'arn:aws:iam::111122223333:user/x',
      [],
      'ImplicitDeny',
    ],
    [
      'the policy of the bucket',
      roleOf('steps/fraud-train'),
      's3:GetObject',
      DATA,
      ['aws:SecureTransport=false'],
      'ExplicitDeny',
    ],
    [
      'trust, for a service',
      'sagemaker.amazonaws.com',
      'sts:AssumeRole',
      roleOf('pipelines/fraud'),
      ['aws:SourceAccount=111122223333'],
      'Allow',
    ],
  ])('%s decides', async (_, principal, action, resource, context, decision) => {
    const result = await inSnapshot(
      principal,
      action,
      resource,
      ...(context.length > 0 ? ['--context', ...context] : []),
    );
    expect([result.status, decisionOf(result)]).toEqual([0, decision]);
  });

  test('a policy of a bucket that the snapshot lacks is told as that, and not as a condition', async () => {
    const { stdout, status } = await inSnapshot(
      roleOf('steps/fraud-train'),
      's3:GetObject',
      'arn:aws:s3:::acme-elsewhere/x',
    );
    expect(status).toBe(0);
    // Its policy alone could allow it, within the account.
    expect(JSON.parse(stdout)).toMatchObject({ decision: 'Unknown', missingContext: [] });
    const unread = await inFolder(CLEAN, async (cwd) => {
      const path = join(cwd, 'account/iam/account-authorization-details.json');
      const reader = roleDetails('reader', { Effect: 'Allow', Action: 's3:GetObject', Resource: '*' });
      await writeFile(path, JSON.stringify({ RoleDetailList: [reader], UserDetailList: [] }));
      const asked = ['--action', 's3:GetObject', '--resource', 'arn:aws:s3:::acme-elsewhere/x'];
      return run(['simulate', '--snapshot', 'account', '--principal', roleOf('reader'), ...asked], { cwd });
    });
    expect(JSON.parse(unread.stdout)).toEqual({
      decision: 'Unknown',
      decidedBy: [],
      missingContext: [],
      doubts: [
        expect.stringMatching(
          /^policy of bucket acme-elsewhere cannot be read: .* is not in the snapshot; `aws s3api get-bucket-policy/,
        ),
      ],
      problems: [],
    });
  });

  test.each([
    ['sqs:SendMessage', 'arn:aws:sqs:eu-west-1:111122223333:jobs', 'Unknown'],
    ['lambda:InvokeFunction', 'arn:aws:lambda:eu-west-1:111122223333:function:jobs', 'Unknown'],
    ['states:StartExecution', 'arn:aws:states:eu-west-1:111122223333:stateMachine:jobs', 'ImplicitDeny'],
  ])('%s hangs on the resource’s policy, where there can be one: %s', async (action, resource, decision) => {
    const { stdout } = await inSnapshot(roleOf('notebook'), action, resource);
    const told = JSON.parse(stdout) as { decision: string; doubts: string[] };
    expect(told.decision).toBe(decision);
    expect(told.doubts.join()).toMatch(
      decision === 'Unknown' ? /a snapshot has the policies of buckets/ : /^$/,
    );
  });

  test.each<[string, string[], RegExp]>([
    [
      'another file of policies',
      ['--policy', 'x.json'],
      /--snapshot has the policies .*: leave --policy out/,
    ],
    ['a policy of the resource', ['--resource-policy', 'x.json'], /leave --resource-policy out/],
  ])('%s beside it is refused', async (_, more, message) => {
    const { status, stderr } = await inSnapshot(roleOf('notebook'), 'iam:PassRole', roleOf('admin'), ...more);
    expect([status, stderr]).toEqual([2, expect.stringMatching(message)]);
  });

  test('a principal that it does not have is refused, with one that may be meant', async () => {
    const { status, stderr } = await inSnapshot(roleOf('notbook'), 'iam:PassRole', roleOf('admin'));
    expect(status).toBe(2);
    expect(stderr).toContain(`the snapshot has no such user or role; did you mean "${roleOf('notebook')}"?`);
  });
});
