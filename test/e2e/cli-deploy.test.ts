import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import {
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  CreateVpcEndpointCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import { CreatePolicyCommand, IAMClient } from '@aws-sdk/client-iam';
import {
  CreateAccountCommand,
  CreateOrganizationalUnitCommand,
  CreateOrganizationCommand,
  ListRootsCommand,
  MoveAccountCommand,
  OrganizationsClient,
} from '@aws-sdk/client-organizations';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { EnableSecurityHubCommand, SecurityHubClient } from '@aws-sdk/client-securityhub';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { CONTROLS } from '../../shared/controls/index.ts';
import type { PreflightRow } from '../../shared/preflight/preflight-row.ts';
import { organizationFile } from '../support/builders/organization-file.ts';
import { ROOT, run } from '../support/commands/cli.ts';
import { type Fault, type FaultProxy, jsonFault, startFaultProxy } from '../support/emulators/fault-proxy.ts';
import { startMoto } from '../support/emulators/moto-server.ts';
import { NO_STACK, stackAnswer } from '../support/emulators/stack-answers.ts';
import { makeTrail } from '../support/emulators/trail.ts';
import { describeWith } from '../support/jest/tools.ts';

const ACCOUNT = '111122223333';
const CREDENTIALS = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' };
const DRY = ['deploy', '--region', 'eu-west-1', '--dry-run'];
const CHECK = ['deploy', '--region', 'eu-west-1', '--check'];
const EXAMPLE = join(ROOT, 'examples/pipewarden.yaml');

describe('without an account', () => {
  test('it says that there are no credentials', async () => {
    const { status, stderr } = await run(DRY);
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: expect.stringContaining('AWS credentials cannot be loaded'),
    });
  });

  test.each([
    ['without credentials', {}, 'AWS credentials cannot be loaded'],
    [
      'without a network',
      { ...CREDENTIALS, AWS_ENDPOINT_URL: 'http://127.0.0.1:1' },
      'cannot be reached (ECONNREFUSED)',
    ],
  ])('%s its check has a row that says so, and asks nothing else', async (_how, env, says) => {
    const { status, stdout } = await run([...CHECK, '--config', EXAMPLE, '--format', 'json'], { env });
    expect({ status, ...JSON.parse(stdout) }).toEqual({
      status: 1,
      schemaVersion: '1.0',
      rows: [
        {
          about: 'Credentials',
          status: 'WILL_FAIL',
          found: expect.stringContaining(says),
          todo: expect.any(String),
        },
      ],
    });
  });

  test('a format without a check is refused', async () => {
    expect(await run([...DRY, '--format', 'json'])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('--format and --output are for what --check says'),
    });
  });

  test('a configuration that is not valid stops it first', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'pipewarden-deploy-'));
    try {
      await writeFile(join(folder, 'wrong.yaml'), 'version: 1\nsweep: { schedule: daily }\n');
      const { status, stderr } = await run([...DRY, '--config', join(folder, 'wrong.yaml')]);
      expect({ status, stderr }).toEqual({
        status: 2,
        stderr: expect.stringMatching(/wrong\.yaml:2:\d+: sweep\.schedule: is not a schedule/),
      });
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('it deploys nothing without a configuration where nobody can be asked, and says how to write one', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'pipewarden-deploy-'));
    try {
      const { status, stderr } = await run(['deploy', '--region', 'eu-west-1'], { cwd: folder });
      expect({ status, stderr }).toEqual({
        status: 2,
        stderr: expect.stringMatching(
          /there is no pipewarden\.yaml: \d+ of \d+ controls cannot judge fully without it; pipewarden init --live writes one/,
        ),
      });
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('it says that it needs a checkout, if it was installed without one', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'pipewarden-installed-'));
    try {
      await cp(join(ROOT, 'dist/cli'), folder, { recursive: true });
      const { status, stderr } = await run(DRY, { command: join(folder, 'pipewarden.mjs') });
      expect({ status, stderr }).toEqual({
        status: 2,
        stderr: expect.stringContaining('deploy works from a checkout'),
      });
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describeWith('moto', 'with an account', () => {
  let moto: Awaited<ReturnType<typeof startMoto>>;
  let proxy: FaultProxy;
  beforeAll(async () => {
    moto = await startMoto({ account: ACCOUNT });
    proxy = await startFaultProxy(moto.endpoint);
  });
  beforeEach(() => proxy.fail(({ operation }) => (operation === 'DescribeStacks' ? NO_STACK : undefined)));
  afterAll(async () => {
    await proxy?.stop();
    await moto?.stop();
  });

  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const deploy = (...args: string[]) =>
    run([...DRY, ...args], { env: { ...CREDENTIALS, AWS_ENDPOINT_URL: proxy.endpoint } });

  test('it says what it would do', async () => {
    const config = EXAMPLE;
    const after = await deploy('--config', config, '--', '--require-approval', 'never');
    expect(after).toEqual({
      status: 0,
      stdout: '',
      stderr: [
        `account ${ACCOUNT}, home Region eu-west-1`,
        `configuration: ${config}; of ${CONTROLS.length} controls none lacks its list`,
        'stacks: PipewardenState (eu-west-1), Pipewarden (eu-west-1), PipewardenIamEvents (us-east-1)',
        `running: cdk deploy --all -c region=eu-west-1 -c config=${config} --require-approval never`,
        '',
      ].join('\n'),
    });
  });

  test('it takes the policies of the organization from a file, and says of which time and accounts they are', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'pipewarden-deploy-'));
    const config = join(ROOT, 'examples/pipewarden.yaml');
    const file = join(folder, 'organization-policies.json');
    try {
      await writeFile(file, JSON.stringify(organizationFile(), null, 2));
      const { status, stderr } = await deploy('--config', config, '--organization-policies', file);
      expect(status).toBe(0);
      expect(stderr).toContain('SCPs and RCPs: those of the file, as of 2026-11-20T10:00:00Z, of 2 accounts');
      expect(stderr).toContain(`the file holds nothing of ${ACCOUNT}`);
      expect(stderr).toContain(`-c config=${config} -c organizationPolicies=${file}`);

      await writeFile(file, JSON.stringify(organizationFile({ asOf: 'today' }), null, 2));
      const wrong = await deploy('--config', config, '--organization-policies', file);
      expect([wrong.status, wrong.stderr]).toEqual([
        2,
        expect.stringMatching(/organization-policies\.json:3:11: asOf: /),
      ]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('it says that a file of the deployment is left out, if none is given', async () => {
    proxy.fail(({ operation }) =>
      operation === 'DescribeStacks'
        ? stackAnswer({ OrganizationPoliciesAsOf: '2026-11-20T10:00:00Z' })
        : undefined,
    );
    const { stderr } = await deploy('--config', join(ROOT, 'examples/pipewarden.yaml'));
    expect(stderr).toContain('until now they are those of a file, as of 2026-11-20T10:00:00Z');
    expect(stderr).not.toContain('organizationPolicies=');
  });

  test('it says that all roles lose their permissions boundary, unless it is named', async () => {
    proxy.fail(({ operation }) =>
      operation === 'DescribeStacks' ? stackAnswer({ PermissionsBoundary: 'team/Boundary' }) : undefined,
    );
    const losing = 'all roles lose their permissions boundary team/Boundary';
    const without = await deploy('--config', EXAMPLE);
    expect(without.stderr).toContain(losing);
    const named = await deploy('--config', EXAMPLE, '--permissions-boundary', 'team/Boundary');
    expect(named.stderr).not.toContain(losing);
    expect(named.stderr).toContain('-c permissionsBoundary=team/Boundary');
    const inContext = await deploy('--config', EXAMPLE, '--', '-c', 'permissionsBoundary=team/Boundary');
    expect(inContext.stderr).not.toContain(losing);
  });

  test('it names stacks and roles as it is told, and says which roles would lose their path', async () => {
    proxy.fail(({ operation, body }) => {
      if (operation !== 'DescribeStacks') return undefined;
      return /StackName=acme-Pipewarden(&|$)/.test(body) ? stackAnswer({ RolePath: '/team/' }) : NO_STACK;
    });
    const prefixed = await deploy('--config', EXAMPLE, '--stack-prefix', 'acme-', '--role-prefix', 'ml-');
    expect(prefixed.stderr).toContain(
      'stacks: acme-PipewardenState (eu-west-1), acme-Pipewarden (eu-west-1), acme-PipewardenIamEvents (us-east-1)',
    );
    expect(prefixed.stderr).toContain(
      'all roles are made anew, without the path /team/; to keep it, give --role-path /team/',
    );
    expect(prefixed.stderr).toContain(' -c rolePrefix=ml- -c stackPrefix=acme-');
    for (const [option, value] of [
      ['--stack-prefix', '1'],
      ['--role-path', 'team'],
      ['--role-prefix', '*'],
    ] as const) {
      const wrong = await deploy('--config', EXAMPLE, option, value);
      expect([wrong.status, wrong.stderr]).toEqual([
        2,
        expect.stringMatching(/--(?:stack-prefix|role-prefix|role-path) must b/),
      ]);
    }
  });

  test('it makes nothing in us-east-1 without the events of IAM', async () => {
    const { stderr } = await deploy('--config', EXAMPLE, '--no-iam-events');
    expect(stderr).toContain('stacks: PipewardenState (eu-west-1), Pipewarden (eu-west-1)\n');
    expect(stderr).toContain(' -c iamEvents=none');
  });

  test('it names the stacks of all watched Regions', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'pipewarden-deploy-'));
    const config = join(folder, 'pipewarden.yaml');
    try {
      await writeFile(
        config,
        `version: 1\norganization: { regions: [eu-central-1, eu-west-1, us-east-1], accounts: ["${ACCOUNT}"] }\n`,
      );
      const after = await deploy('--config', config);
      expect(after.status).toBe(0);
      const lines = after.stderr.split('\n');
      expect(lines).toEqual(
        expect.arrayContaining([
          `account ${ACCOUNT}, home Region eu-west-1, watching eu-central-1, us-east-1, too`,
          'stacks: PipewardenState (eu-west-1), Pipewarden (eu-west-1), PipewardenEvents-eu-central-1 (eu-central-1), PipewardenIamEvents (us-east-1)',
        ]),
      );
      expect(after.stderr).not.toMatch(/a deployment of its own|members/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test.each([
    [
      'says that another watched Region has a deployment of its own',
      'Pipewarden',
      stackAnswer({}),
      'eu-central-1 has a deployment of its own, the stack Pipewarden: remove it after this one is deployed, as docs/operations.md says under Several Regions',
    ],
    [
      'says that it could not ask whether there is one',
      'Pipewarden',
      jsonFault('AccessDenied', 403),
      'whether eu-central-1 has a deployment of its own cannot be asked (',
    ],
    [
      'leaves the events of IAM to another deployment, and gets them by a stack of its own',
      'PipewardenIamEvents',
      stackAnswer({}, 'Pipewarden: forwards the events of IAM and Organizations to sa-east-1'),
      'PipewardenIamEvents (us-east-1) is of the deployment in sa-east-1 and stays as it is: this one gets PipewardenIamEvents-to-eu-west-1',
    ],
    [
      'gets a stack of its own where it cannot ask whose the other one is',
      'PipewardenIamEvents',
      jsonFault('AccessDenied', 403),
      'whether another deployment uses PipewardenIamEvents (us-east-1) cannot be asked (',
    ],
    [
      'says that members are removed where the configuration names none any more',
      'PipewardenMembers',
      stackAnswer({}),
      'removed before: PipewardenMembers (eu-west-1), and with it the stacks in all members',
    ],
  ])('it %s', async (_, stack, answer, said) => {
    const folder = await mkdtemp(join(tmpdir(), 'pipewarden-deploy-'));
    const config = join(folder, 'pipewarden.yaml');
    try {
      await writeFile(config, 'version: 1\norganization: { regions: [eu-central-1] }\n');
      proxy.fail(({ operation, body }) => {
        if (operation !== 'DescribeStacks') return undefined;
        return body.includes(`StackName=${stack}&`) || body.endsWith(`StackName=${stack}`)
          ? answer
          : NO_STACK;
      });
      const { status, stderr } = await deploy('--config', config);
      expect({ status, lines: stderr.split('\n').filter((line) => line.startsWith(said)) }).toEqual({
        status: 0,
        lines: [expect.anything()],
      });
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('the stack that forwards events here keeps its name, and a stack of another deployment does not', async () => {
    const stacksOf = async (home: string) => {
      proxy.fail(({ operation, body }) =>
        operation !== 'DescribeStacks'
          ? undefined
          : /StackName=PipewardenIamEvents(&|$)/.test(body)
            ? stackAnswer({}, `Pipewarden: forwards the events of IAM and Organizations to ${home}`)
            : NO_STACK,
      );
      const { stderr } = await deploy('--config', join(ROOT, 'examples/pipewarden.yaml'));
      return stderr.split('\n').filter((line) => /^(stacks|running):/.test(line));
    };
    expect(await stacksOf('eu-west-1')).toEqual([
      'stacks: PipewardenState (eu-west-1), Pipewarden (eu-west-1), PipewardenIamEvents (us-east-1)',
      expect.not.stringContaining('ownForwarders'),
    ]);
    expect(await stacksOf('eu-central-1')).toEqual([
      'stacks: PipewardenState (eu-west-1), Pipewarden (eu-west-1), PipewardenIamEvents-to-eu-west-1 (us-east-1)',
      expect.stringContaining(' -c ownForwarders=us-east-1'),
    ]);
  });

  describe('with members', () => {
    const write = async (folder: string, organization: object): Promise<string> => {
      const config = join(folder, 'pipewarden.yaml');
      await writeFile(config, JSON.stringify({ version: 1, organization }));
      return config;
    };
    /** Answers as an organization of another management account does; without an answer, the call is denied. */
    const answer = (over: Record<string, object | undefined>): void => {
      const answers: Record<string, object | undefined> = {
        DescribeOrganization: { Organization: { Id: 'o-abcdef1234', MasterAccountId: '999988887777' } },
        ListRoots: { Roots: [{ Id: 'r-ab12' }] },
        ...over,
      };
      proxy.fail(({ operation = '' }) => {
        if (operation === 'DescribeStacks') return NO_STACK;
        if (!Object.hasOwn(answers, operation)) return undefined;
        const body = answers[operation];
        return body === undefined
          ? jsonFault('AccessDeniedException', 400)
          : { status: 200, type: 'application/x-amz-json-1.1', body: JSON.stringify(body) };
      });
    };
    let folder: string;
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'pipewarden-deploy-'));
    });
    afterAll(() => rm(folder, { recursive: true }));

    test('it says that an account in no organization cannot set up others', async () => {
      const config = await write(folder, { accounts: ['444455556666'] });
      expect(await deploy('--config', config)).toMatchObject({
        status: 2,
        stderr: expect.stringContaining(`${ACCOUNT} is in no organization`),
      });
    });

    test('it says who must register an account that is no administrator, with the commands', async () => {
      const config = await write(folder, { accounts: ['444455556666'] });
      answer({ ListRoots: undefined });
      const { status, stderr } = await deploy('--config', config);
      expect(status).toBe(2);
      expect(stderr).toContain(
        [
          'run once with credentials of the management account:',
          '  aws cloudformation activate-organizations-access --region eu-west-1',
          `  aws organizations register-delegated-administrator --service-principal member.org.stacksets.cloudformation.amazonaws.com --account-id ${ACCOUNT}`,
        ].join('\n'),
      );
    });

    test('it finds out that an account is not among the administrators', async () => {
      const config = await write(folder, { accounts: ['444455556666'] });
      const answering = (administrator: string) =>
        answer({
          ListDelegatedAdministrators: { DelegatedAdministrators: [{ Id: administrator }] },
          ListAccounts: { Accounts: [{ Id: '444455556666', Status: 'ACTIVE' }] },
        });
      answering('777788889999');
      const before = await deploy('--config', config);
      expect(before).toMatchObject({
        status: 2,
        stderr: expect.stringContaining(`${ACCOUNT} is no delegated administrator for StackSets`),
      });
      answering(ACCOUNT);
      const after = await deploy('--config', config);
      expect(after).toMatchObject({
        status: 0,
        stderr: expect.stringContaining('members: 444455556666; rules in eu-west-1, and in us-east-1'),
      });
    });

    test('its check makes the stacks of a hub, which reserves more', async () => {
      const config = await write(folder, { accounts: ['444455556666'] });
      answer({
        DescribeOrganization: { Organization: { Id: 'o-abcdef1234', MasterAccountId: ACCOUNT } },
        ListAccounts: { Accounts: [{ Id: '444455556666', Status: 'ACTIVE' }] },
        'GET /2016-08-19/account-settings': {
          AccountLimit: { ConcurrentExecutions: 1000, UnreservedConcurrentExecutions: 1000 },
        },
      });
      const { stdout, stderr } = await run([...CHECK, '--config', config, '--format', 'json'], {
        env: { ...CREDENTIALS, AWS_ENDPOINT_URL: proxy.endpoint },
      });
      expect(stderr).toContain('PipewardenMembers (eu-west-1)');
      const rows: PreflightRow[] = JSON.parse(stdout).rows;
      const reserved = rows.find(({ about }) => about === 'Lambda concurrency');
      expect(reserved).toMatchObject({
        status: 'OK',
        found: expect.stringMatching(/; 41 are to be reserved$/),
      });
    });

    test('it deploys nothing if the organization has none of the accounts', async () => {
      answer({
        DescribeOrganization: { Organization: { Id: 'o-abcdef1234', MasterAccountId: ACCOUNT } },
        ListAccounts: { Accounts: [{ Id: '444455556666', Status: 'SUSPENDED' }] },
      });
      const config = await write(folder, { accounts: ['444455556666', '000000000000'] });
      expect(await deploy('--config', config)).toMatchObject({
        status: 2,
        stderr: expect.stringContaining(
          'the organization o-abcdef1234 has none of the accounts of the configuration as an active one: 444455556666, 000000000000',
        ),
      });
    });

    test('its plan names them, their Regions and roles, and the same plan comes again', async () => {
      const organizations = new OrganizationsClient({
        region: 'us-east-1',
        endpoint: moto.endpoint,
        credentials,
      });
      await organizations.send(new CreateOrganizationCommand({ FeatureSet: 'ALL' }));
      const { Roots = [] } = await organizations.send(new ListRootsCommand({}));
      const ParentId = Roots[0]?.Id;
      const { OrganizationalUnit } = await organizations.send(
        new CreateOrganizationalUnitCommand({ ParentId, Name: 'machine-learning' }),
      );
      const create = async (name: string): Promise<string> => {
        const { CreateAccountStatus } = await organizations.send(
          new CreateAccountCommand({ AccountName: name, Email: `${name}@example.com` }),
        );
        return CreateAccountStatus?.AccountId ?? '';
      };
      const [inUnit, outside] = [await create('fraud'), await create('search')];
      await organizations.send(
        new MoveAccountCommand({
          AccountId: inUnit,
          SourceParentId: ParentId,
          DestinationParentId: OrganizationalUnit?.Id,
        }),
      );
      organizations.destroy();
      const unit = OrganizationalUnit?.Id ?? '';
      const config = await write(folder, {
        organizationalUnits: [unit],
        accounts: [outside, inUnit, '000000000000'],
      });
      const { status, stderr } = await deploy('--config', config);
      expect({ status, lines: stderr.split('\n') }).toEqual({
        status: 0,
        lines: expect.arrayContaining([
          'stacks: PipewardenState (eu-west-1), Pipewarden (eu-west-1), PipewardenIamEvents (us-east-1), PipewardenMembers (eu-west-1)',
          `members: 1 account in or below machine-learning (${unit}), and ${outside}; rules in eu-west-1, and in us-east-1 for the events of IAM and Organizations`,
          expect.stringContaining(`each member gets PipewardenReader-${ACCOUNT}-eu-west-1 (`),
          expect.stringMatching(
            /^not set up: 000000000000: the organization o-\w+ has no active account of that number$/,
          ),
          `running: cdk deploy --all -c region=eu-west-1 -c config=${config} -c members=${join(ROOT, 'cdk.out/members.json')}`,
        ]),
      });
      expect((await deploy('--config', config)).stderr).toBe(stderr);
    });
  });

  describe('its check', () => {
    /** Notes, as the CDK does, that it has prepared the Regions. */
    const bootstrap = async (qualifier: string, ...regions: string[]): Promise<void> => {
      for (const region of regions) {
        const ssm = new SSMClient({ region, endpoint: moto.endpoint, credentials });
        const Name = `/cdk-bootstrap/${qualifier}/version`;
        await ssm.send(new PutParameterCommand({ Name, Value: '28', Type: 'String', Overwrite: true }));
        ssm.destroy();
      }
    };

    const check = (...args: string[]) =>
      run([...CHECK, '--config', EXAMPLE, ...args], {
        env: { ...CREDENTIALS, AWS_ENDPOINT_URL: proxy.endpoint },
      });
    const json = (body: object): Fault => ({
      status: 200,
      type: 'application/json',
      body: JSON.stringify(body),
    });
    const concurrency = (limit: number) =>
      json({ AccountLimit: { ConcurrentExecutions: limit, UnreservedConcurrentExecutions: limit } });
    const TYPE: Fault = {
      status: 200,
      type: 'text/xml',
      body: '<DescribeTypeResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><DescribeTypeResult><TypeName>x</TypeName></DescribeTypeResult></DescribeTypeResponse>',
    };
    /** Answers what the emulator cannot: Lambda’s limits, and CloudFormation. */
    const answerWith = (limit: number) =>
      proxy.fail(({ operation }) => {
        if (/^DescribeStack(?:Resource)?s$/.test(operation ?? '')) return NO_STACK;
        if (operation === 'DescribeType') return TYPE;
        return operation === 'GET /2016-08-19/account-settings' ? concurrency(limit) : undefined;
      });
    const rowsOf = (text: string): PreflightRow[] => JSON.parse(text).rows;

    test('of an account in which nothing is set up says what will fail and be missing, and `deploy` stops at that', async () => {
      answerWith(10);
      const { status, stdout } = await check('--format', 'json', '--permissions-boundary', 'Missing');
      const rows = rowsOf(stdout);
      expect(status).toBe(1);
      expect(rows.map((row) => `${row.about} ${row.region ?? '-'} ${row.status}`)).toEqual([
        'Credentials - OK',
        'Region us-east-1 OK',
        'CDK bootstrap eu-west-1 WILL_FAIL',
        'CDK bootstrap us-east-1 WILL_FAIL',
        'Stack prefix eu-west-1 OK',
        'Lambda concurrency eu-west-1 WILL_FAIL',
        'Resource types eu-west-1 OK',
        'Resource types us-east-1 OK',
        'Lambda on arm64 eu-west-1 OK',
        'X-Ray eu-west-1 OK',
        'Security Hub CSPM eu-west-1 WILL_BE_MISSING',
        'CloudTrail eu-west-1 WILL_BE_MISSING',
        'Permissions boundary - WILL_FAIL',
        'Service control policies - OK',
        'Other hubs eu-west-1 OK',
      ]);
      for (const row of rows) expect(row.todo === undefined).toBe(row.status === 'OK');

      proxy.take();
      const deployed = await run(['deploy', '--region', 'eu-west-1', '--config', EXAMPLE], {
        env: { ...CREDENTIALS, AWS_ENDPOINT_URL: proxy.endpoint },
      });
      expect(deployed).toMatchObject({
        status: 2,
        stderr: expect.stringContaining(
          'the deployment will fail: CDK bootstrap (eu-west-1), CDK bootstrap (us-east-1), Lambda concurrency (eu-west-1); nothing was changed',
        ),
      });
      const changing = proxy.take().filter(({ operation }) => !/^(?:Get|Describe|List|GET )/.test(operation));
      expect(changing).toEqual([]);
    });

    test('of an account in which all is set up ends with 0, with another qualifier and without reserved concurrency', async () => {
      answerWith(10);
      await bootstrap('ml', 'eu-west-1', 'us-east-1');
      const clients = { region: 'eu-west-1', endpoint: moto.endpoint, credentials };
      const [s3, cloudtrail, securityhub] = [
        new S3Client({ ...clients, forcePathStyle: true }),
        new CloudTrailClient(clients),
        new SecurityHubClient(clients),
      ];
      await s3.send(
        new CreateBucketCommand({
          Bucket: 'trail-of-the-check',
          CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' },
        }),
      );
      await makeTrail(cloudtrail, 'trail-of-the-check');
      await securityhub.send(new EnableSecurityHubCommand({ EnableDefaultStandards: false }));
      for (const client of [s3, cloudtrail, securityhub]) client.destroy();
      const iam = new IAMClient(clients);
      await iam.send(
        new CreatePolicyCommand({
          Path: '/team/',
          PolicyName: 'Boundary',
          PolicyDocument: JSON.stringify({
            Version: '2012-10-17',
            Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
          }),
        }),
      );
      iam.destroy();
      const { status, stdout } = await check(
        ...['--permissions-boundary', 'team/Boundary', '--'],
        ...['-c', '@aws-cdk/core:bootstrapQualifier=ml', '--context=reservedConcurrency=none'],
      );
      const lines = stdout.trimEnd().split('\n');
      expect(lines.slice(1).filter((line) => !/ {2}ok {2}/.test(line))).toEqual([]);
      expect(stdout).toContain('version 28; 6 is needed');
      expect(stdout).toContain('the functions reserve nothing');
      expect(stdout).toContain(`arn:aws:iam::${ACCOUNT}:policy/team/Boundary is there`);
      expect(status).toBe(0);
    });

    test('of functions in a VPC says how they reach each service, and whether the key and topic are there', async () => {
      answerWith(1000);
      const ec2 = new EC2Client({ region: 'eu-west-1', endpoint: moto.endpoint, credentials });
      const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.9.0.0/16' }));
      const { Subnet } = await ec2.send(
        new CreateSubnetCommand({ VpcId: Vpc?.VpcId, CidrBlock: '10.9.1.0/24' }),
      );
      const { GroupId } = await ec2.send(
        new CreateSecurityGroupCommand({
          VpcId: Vpc?.VpcId,
          GroupName: 'functions',
          Description: 'functions',
        }),
      );
      await ec2.send(
        new CreateVpcEndpointCommand({
          VpcId: Vpc?.VpcId,
          ServiceName: 'com.amazonaws.eu-west-1.sqs',
          VpcEndpointType: 'Interface',
          PrivateDnsEnabled: true,
          SubnetIds: [Subnet?.SubnetId ?? ''],
        }),
      );
      ec2.destroy();
      const { status, stdout } = await check(
        ...['--subnets', Subnet?.SubnetId ?? '', '--security-groups', GroupId ?? '', '--format', 'json'],
        ...['--key-arn', `arn:aws:kms:eu-west-1:${ACCOUNT}:key/00000000-0000-0000-0000-000000000000`],
        ...['--alert-topic-arn', `arn:aws:sns:eu-west-1:${ACCOUNT}:gone`],
      );
      const rows = rowsOf(stdout).filter(({ about }) =>
        /^(?:Subnets|Security groups|Way to .*|Key|Alert topic)$/.test(about),
      );
      expect(rows.map(({ about, region, status: is }) => `${about} ${region} ${is}`).toSorted()).toEqual([
        'Alert topic eu-west-1 WILL_FAIL',
        'Key eu-west-1 WILL_FAIL',
        'Security groups eu-west-1 OK',
        'Subnets eu-west-1 OK',
        'Way to cloudtrail eu-west-1 WILL_BE_MISSING',
        'Way to cloudtrail us-east-1 WILL_BE_MISSING',
        'Way to dynamodb eu-west-1 WILL_FAIL',
        'Way to events eu-west-1 WILL_FAIL',
        'Way to iam us-east-1 WILL_BE_MISSING',
        'Way to kms eu-west-1 WILL_FAIL',
        'Way to organizations us-east-1 WILL_BE_MISSING',
        'Way to ram eu-west-1 WILL_BE_MISSING',
        'Way to s3 eu-west-1 WILL_FAIL',
        'Way to sagemaker eu-west-1 WILL_BE_MISSING',
        'Way to securityhub eu-west-1 WILL_BE_MISSING',
        'Way to sns eu-west-1 WILL_FAIL',
        'Way to sqs eu-west-1 OK',
        'Way to xray eu-west-1 WILL_BE_MISSING',
      ]);
      expect(status).toBe(1);
    });

    test.each([
      ['are refused', jsonFault('AccessDeniedException', 403), 'AccessDeniedException'],
      ['are throttled', jsonFault('ThrottlingException', 429), 'ThrottlingException'],
    ])('tells nothing where its calls %s, and ends with 3', async (_how, fault, code) => {
      proxy.fail(({ operation }) => (operation === 'GetCallerIdentity' ? undefined : fault));
      const { status, stdout, stderr } = await check('--format', 'json');
      const rows = rowsOf(stdout);
      expect(rows.filter(({ status: is }) => is !== 'NOT_TOLD').map(({ about }) => about)).toEqual([
        'Credentials',
        'Region',
        'Lambda on arm64',
      ]);
      for (const row of rows)
        if (row.status === 'NOT_TOLD')
          expect(row).toMatchObject({ found: expect.any(String), todo: expect.any(String) });
      expect(rows.find(({ about }) => about === 'CDK bootstrap')?.found).toContain(code);
      expect(stderr).not.toMatch(/^ +at /m);
      expect(status).toBe(3);
    });
  });

  test('it refuses a Region of another partition', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'pipewarden-deploy-'));
    const config = join(folder, 'pipewarden.yaml');
    try {
      await writeFile(config, 'version: 1\norganization: { regions: [cn-north-1] }\n');
      expect(await deploy('--config', config)).toMatchObject({
        status: 2,
        stderr: expect.stringContaining(
          'cn-north-1 is in the partition aws-cn, and the home Region eu-west-1',
        ),
      });
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
