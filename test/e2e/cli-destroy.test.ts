import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { run } from '../support/commands/cli.ts';
import { type Fault, type FaultProxy, startFaultProxy } from '../support/emulators/fault-proxy.ts';
import { startMoto } from '../support/emulators/moto-server.ts';
import { NO_STACK, stackAnswer } from '../support/emulators/stack-answers.ts';
import { describeWith } from '../support/jest/tools.ts';

const ACCOUNT = '111122223333';

/** What the stacks keep, as far as it is told apart here. */
const TEMPLATES: Readonly<Record<string, object>> = {
  PipewardenState: {
    Resources: { Findings: { Type: 'AWS::DynamoDB::GlobalTable', DeletionPolicy: 'Retain' } },
  },
  Pipewarden: {
    Resources: {
      AuditLog: { Type: 'AWS::Logs::LogGroup', DeletionPolicy: 'RetainExceptOnCreate' },
      Queue: { Type: 'AWS::SQS::Queue' },
    },
  },
};
const RESOURCES = `<StackResourceSummaries>${['Findings', 'AuditLog', 'Queue']
  .map(
    (id) =>
      `<member><LogicalResourceId>${id}</LogicalResourceId><PhysicalResourceId>of-${id}</PhysicalResourceId></member>`,
  )
  .join('')}</StackResourceSummaries>`;
const ASKING = new Set(['DescribeStacks', 'GetTemplate', 'ListStackResources']);
const answer = (operation: string, result: string): Fault => ({
  status: 200,
  type: 'text/xml',
  body: `<${operation}Response xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><${operation}Result>${result}</${operation}Result></${operation}Response>`,
});

describeWith('moto', 'pipewarden destroy', () => {
  let moto: Awaited<ReturnType<typeof startMoto>>;
  let proxy: FaultProxy;
  const operations: string[] = [];
  beforeAll(async () => {
    moto = await startMoto({ account: ACCOUNT });
    proxy = await startFaultProxy(moto.endpoint);
  });
  afterAll(async () => {
    await proxy?.stop();
    await moto?.stop();
  });
  beforeEach(() => {
    operations.length = 0;
    const deployed: Readonly<Record<string, string>> = {
      PipewardenState: 'Pipewarden: findings',
      Pipewarden: 'Pipewarden: audits',
      PipewardenMembers: 'Pipewarden: members',
      PipewardenIamEvents: 'Pipewarden: forwards the events of IAM and Organizations to eu-west-1',
    };
    proxy.fail(({ operation = '', body }) => {
      if (operation === 'GetCallerIdentity') return undefined;
      operations.push(operation);
      const stack = new URLSearchParams(body).get('StackName') ?? '';
      const description = deployed[stack];
      if (description === undefined) return NO_STACK;
      if (operation === 'GetTemplate')
        return answer(operation, `<TemplateBody>${JSON.stringify(TEMPLATES[stack])}</TemplateBody>`);
      if (operation === 'ListStackResources') return answer(operation, RESOURCES);
      return stackAnswer({}, description);
    });
  });

  const destroy = (...args: string[]) =>
    run(['destroy', '--region', 'eu-west-1', ...args], {
      env: { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', AWS_ENDPOINT_URL: proxy.endpoint },
    });

  test('says what it would remove, in which order, and what stays', async () => {
    const { status, stderr } = await destroy('--dry-run');
    expect({ status, lines: stderr.trimEnd().split('\n') }).toEqual({
      status: 0,
      lines: [
        `account ${ACCOUNT}, home Region eu-west-1`,
        expect.stringMatching(/^1\. PipewardenMembers \(eu-west-1\) is removed: /),
        expect.stringMatching(/^2\. PipewardenIamEvents \(us-east-1\) is removed: /),
        expect.stringMatching(/^3\. Pipewarden \(eu-west-1\) is removed: /),
        expect.stringContaining('those of the management account, stay'),
        expect.stringMatching(/^PipewardenState \(eu-west-1\) stays, with the findings table/),
        'what stays of Pipewarden (eu-west-1), to be removed when nobody needs it any more:',
        '  log group of-AuditLog',
        '    aws logs delete-log-group --region eu-west-1 --log-group-name of-AuditLog',
        'what stays of PipewardenState (eu-west-1); to remove it when nobody needs it any more: aws cloudformation delete-stack --region eu-west-1 --stack-name PipewardenState, and then',
        '  table of-Findings',
        '    aws dynamodb update-table --region eu-west-1 --table-name of-Findings --no-deletion-protection-enabled',
        '    aws dynamodb delete-table --region eu-west-1 --table-name of-Findings',
      ],
    });
    expect(new Set(operations)).toEqual(ASKING);
  });

  test('removes nothing where nobody can be asked', async () => {
    const { status, stderr } = await destroy();
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: expect.stringContaining('nothing was removed: a person must say yes, in a terminal'),
    });
    expect(new Set(operations)).toEqual(ASKING);
  });
});
