import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { inFolder, type Run, run } from '../support/commands/cli.ts';

const ACCOUNT = '111122223333';
const REGION = ['--region', 'eu-west-1'];

const IDENTITY = `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><Arn>arn:aws:iam::${ACCOUNT}:user/auditor</Arn><UserId>AIDA</UserId><Account>${ACCOUNT}</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`;

type Answer = { status: number; type: string; body: string };

/** A refusal in the form of each protocol. Its text names nothing, so that whoever names the action must know it. */
const refusal = (body: string, target: string | undefined, path: string): Answer => {
  const message = 'no';
  const json = JSON.stringify({ __type: 'AccessDeniedException', message });
  if (/(?:^|&)Action=Publish(?:&|$)/.test(body)) return query('AuthorizationError', message);
  if (/(?:^|&)Action=/.test(body)) return query('AccessDenied', message);
  if (target !== undefined) return { status: 400, type: 'application/x-amz-json-1.1', body: json };
  if (path.startsWith('/getresourceshare')) return { status: 403, type: 'application/json', body: json };
  return {
    status: 403,
    type: 'application/xml',
    body: `<Error><Code>AccessDenied</Code><Message>${message}</Message></Error>`,
  };
};

const query = (code: string, message: string): Answer => ({
  status: 403,
  type: 'text/xml',
  body: `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`,
});

/** AWS as whoever has no permission at all meets it: it tells who calls, and refuses everything else. */
const server = createServer(async (request, response) => {
  const body = Buffer.concat(await request.toArray()).toString('utf8');
  const { status, type, ...answer } = body.includes('Action=GetCallerIdentity')
    ? { status: 200, type: 'text/xml', body: IDENTITY }
    : refusal(body, request.headers['x-amz-target']?.toString(), request.url ?? '');
  response.writeHead(status, { 'content-type': type }).end(answer.body);
});

let endpoint: string;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => new Promise((resolve) => server.close(resolve)));

const refused = (args: readonly string[], files: Record<string, string> = {}): Promise<Run> =>
  inFolder(files, (cwd) =>
    run(args, {
      cwd,
      env: { AWS_ENDPOINT_URL: endpoint, AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' },
    }),
  );

const DENIED_TEXT = `User: arn:aws:sts::${ACCOUNT}:assumed-role/fraud/x is not authorized to perform: s3:GetObject on resource: arn:aws:s3:::acme/k\n`;

test('a role that the credentials may not assume is told as that, with the action', async () => {
  const config = `[profile audit]\nrole_arn = arn:aws:iam::${ACCOUNT}:role/audit\nsource_profile = base\n[profile base]\naws_access_key_id = a\naws_secret_access_key = b\n`;
  await inFolder({ config }, async (cwd) => {
    const env = { AWS_ENDPOINT_URL: endpoint, AWS_CONFIG_FILE: `${cwd}/config` };
    const ran = await run(['audit', '--live', ...REGION, '--profile', 'audit'], { cwd, env });
    expect(ran).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/cannot be assumed: no \(needs sts:AssumeRole\)\n$/),
    });
  });
});

describe('a command to which AWS refuses everything names the IAM actions to allow', () => {
  test.each<[string, string[], number, string[]]>([
    [
      'audit',
      ['audit', '--live', ...REGION],
      3,
      [
        'sagemaker:ListPipelines',
        'iam:GetAccountAuthorizationDetails',
        'organizations:DescribeOrganization',
        'cloudtrail:DescribeTrails',
        'ram:GetResourceShareAssociations',
        'sagemaker:ListTrainingJobs',
      ],
    ],
    [
      'init',
      ['init', '--live', ...REGION],
      3,
      [
        'sagemaker:ListPipelines',
        'iam:GetAccountAuthorizationDetails',
        'organizations:DescribeOrganization',
        'ram:GetResourceShareAssociations',
      ],
    ],
    [
      'snapshot',
      ['snapshot', '--out', 'taken', ...REGION],
      3,
      [
        'sagemaker:ListPipelines',
        'iam:GetAccountAuthorizationDetails',
        'organizations:DescribeOrganization',
        'cloudtrail:DescribeTrails',
        'ram:GetResourceShareAssociations',
        's3:ListAllMyBuckets',
      ],
    ],
    [
      'explain-denied',
      ['explain-denied', 'error.txt', '--live', ...REGION],
      3,
      ['iam:GetAccountAuthorizationDetails'],
    ],
    ['dlq list', ['dlq', 'list', ...REGION], 2, ['cloudformation:DescribeStacks']],
    [
      'dlq list --queue-url',
      ['dlq', 'list', '--queue-url', `https://sqs.eu-west-1.amazonaws.com/${ACCOUNT}/dead`, ...REGION],
      2,
      ['sqs:GetQueueAttributes'],
    ],
    [
      'notify --topic',
      ['notify', '--test', '--topic', `arn:aws:sns:eu-west-1:${ACCOUNT}:alerts`, ...REGION],
      1,
      ['sns:Publish'],
    ],
    [
      'notify --slack-secret',
      [
        ...['notify', '--test', ...REGION],
        ...['--slack-secret', `arn:aws:secretsmanager:eu-west-1:${ACCOUNT}:secret:slack-AbCdEf`],
      ],
      1,
      ['secretsmanager:GetSecretValue'],
    ],
    [
      'notify --slack-secret with a parameter',
      ['notify', '--test', ...REGION, '--slack-secret', `arn:aws:ssm:eu-west-1:${ACCOUNT}:parameter/slack`],
      1,
      ['ssm:GetParameter'],
    ],
  ])('%s', async (_, args, status, actions) => {
    const { stdout, stderr, ...ended } = await refused(args, { 'error.txt': DENIED_TEXT });
    expect({ ...ended, stdout, stderr }).toMatchObject({ status });
    expect(actions.filter((action) => !`${stdout}${stderr}`.includes(action))).toEqual([]);
  });
});
