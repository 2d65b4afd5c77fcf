import {
  AssociateRouteTableCommand,
  CreateRouteCommand,
  CreateRouteTableCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateTransitGatewayCommand,
  CreateVpcCommand,
  CreateVpcEndpointCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import { CreatePolicyCommand, IAMClient } from '@aws-sdk/client-iam';
import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { EnableSecurityHubCommand, SecurityHubClient } from '@aws-sdk/client-securityhub';
import { CreateTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  askBootstrap,
  askConcurrency,
  askEndpoints,
  askHubs,
  askImporters,
  askKey,
  askKeyPolicy,
  askOwner,
  askPolicy,
  askRegion,
  askReserved,
  askRouteTables,
  askSecurityGroups,
  askSecurityHub,
  askStack,
  askSubnets,
  askTopic,
  askType,
} from '../../shared/aws/deployment/preflight-calls.ts';
import { waitingMessages } from '../../shared/aws/keep/waiting-messages.ts';
import { keyRow, topicRow } from '../../shared/preflight/key-rows.ts';
import { boundaryRow } from '../../shared/preflight/preflight-rows.ts';
import { found, notRead } from '../../shared/reader/read-result.ts';
import { type Fault, type FaultProxy, jsonFault, startFaultProxy } from '../support/emulators/fault-proxy.ts';
import { startMoto } from '../support/emulators/moto-server.ts';
import { NO_STACK, stackAnswer } from '../support/emulators/stack-answers.ts';
import { describeWith } from '../support/jest/tools.ts';

const ACCOUNT = '111122223333';
const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
const OPTIONS = { region: 'eu-west-1', credentials };

const xml = (operation: string, result: string): Fault => ({
  status: 200,
  type: 'text/xml',
  body: `<${operation}Response xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><${operation}Result>${result}</${operation}Result></${operation}Response>`,
});

describeWith('moto', 'what is asked before a deployment', () => {
  let moto: Awaited<ReturnType<typeof startMoto>>;
  let proxy: FaultProxy;
  const before = process.env.AWS_ENDPOINT_URL;
  beforeAll(async () => {
    moto = await startMoto({ account: ACCOUNT });
    proxy = await startFaultProxy(moto.endpoint);
    process.env.AWS_ENDPOINT_URL = proxy.endpoint;
  });
  beforeEach(() => proxy.fail(() => undefined));
  afterAll(async () => {
    if (before === undefined) delete process.env.AWS_ENDPOINT_URL;
    else process.env.AWS_ENDPOINT_URL = before;
    await proxy?.stop();
    await moto?.stop();
  });

  const answer = (wanted: string, fault: Fault) =>
    proxy.fail(({ operation }) => (operation === wanted ? fault : undefined));

  test('the stack that has made a resource, and that none has', async () => {
    const operation = 'DescribeStackResources';
    answer(
      operation,
      xml(
        operation,
        '<StackResources><member><StackName>acme-PipewardenState</StackName><PhysicalResourceId>pipewarden</PhysicalResourceId></member><member><StackName>acme-PipewardenState</StackName><PhysicalResourceId>other</PhysicalResourceId></member></StackResources>',
      ),
    );
    expect(await askOwner(OPTIONS, 'pipewarden')).toEqual(found('acme-PipewardenState'));
    answer(operation, xml(operation, '<StackResources></StackResources>'));
    expect(await askOwner(OPTIONS, 'pipewarden')).toMatchObject({ ok: false });
    answer(operation, {
      status: 400,
      type: 'text/xml',
      body: '<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code><Message>Stack for pipewarden does not exist</Message></Error></ErrorResponse>',
    });
    expect(await askOwner(OPTIONS, 'pipewarden')).toEqual(found(undefined));
    answer(operation, jsonFault('AccessDenied', 403));
    expect(await askOwner(OPTIONS, 'pipewarden')).toMatchObject({ ok: false });
  });

  test('the subnets, security groups, endpoints and routes of a VPC', async () => {
    const ec2 = new EC2Client(OPTIONS);
    const vpc = (await ec2.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }))).Vpc?.VpcId ?? '';
    const subnetIn = async (CidrBlock: string) =>
      (await ec2.send(new CreateSubnetCommand({ VpcId: vpc, CidrBlock }))).Subnet?.SubnetId ?? '';
    const [first, second] = [await subnetIn('10.0.1.0/24'), await subnetIn('10.0.2.0/24')];
    const { GroupId: group = '' } = await ec2.send(
      new CreateSecurityGroupCommand({ VpcId: vpc, GroupName: 'functions', Description: 'functions' }),
    );
    const table =
      (await ec2.send(new CreateRouteTableCommand({ VpcId: vpc }))).RouteTable?.RouteTableId ?? '';
    await ec2.send(new AssociateRouteTableCommand({ RouteTableId: table, SubnetId: first }));
    const { TransitGateway } = await ec2.send(new CreateTransitGatewayCommand({}));
    const gateway = TransitGateway?.TransitGatewayId ?? '';
    await ec2.send(
      new CreateRouteCommand({
        RouteTableId: table,
        DestinationCidrBlock: '0.0.0.0/0',
        TransitGatewayId: gateway,
      }),
    );
    const { VpcEndpoint } = await ec2.send(
      new CreateVpcEndpointCommand({
        VpcId: vpc,
        ServiceName: 'com.amazonaws.eu-west-1.s3',
        VpcEndpointType: 'Gateway',
        RouteTableIds: [table],
      }),
    );
    ec2.destroy();

    const subnets = [first, second].map((id) => ({ id, vpc, owner: ACCOUNT }));
    expect(await askSubnets(OPTIONS, [first, second])).toEqual(found(expect.arrayContaining(subnets)));
    expect(await askSubnets(OPTIONS, ['subnet-0123456789abcdef0'])).toMatchObject({
      ok: false,
      unread: { code: 'InvalidSubnetID.NotFound' },
    });
    expect(await askSecurityGroups(OPTIONS, [group])).toEqual(found([{ id: group, vpc, owner: ACCOUNT }]));
    const gone = await askSecurityGroups(OPTIONS, ['sg-0123456789abcdef0']);
    expect(gone).toMatchObject({ ok: false, unread: { code: 'InvalidGroup.NotFound' } });
    expect(await askEndpoints(OPTIONS, vpc)).toEqual(
      found([
        expect.objectContaining({
          id: VpcEndpoint?.VpcEndpointId,
          service: 'com.amazonaws.eu-west-1.s3',
          type: 'Gateway',
          state: 'available',
          routeTables: [table],
        }),
      ]),
    );
    const tables = await askRouteTables(OPTIONS, vpc);
    expect(tables).toEqual(
      found(
        expect.arrayContaining([
          expect.objectContaining({ isMain: true, subnets: [] }),
          {
            id: table,
            isMain: false,
            subnets: [first],
            routes: expect.arrayContaining([
              { destination: '10.0.0.0/16', target: 'local', isActive: true },
              { destination: '0.0.0.0/0', target: gateway, isActive: true },
            ]),
          },
        ]),
      ),
    );
  });

  test('a key and a topic, with their policies', async () => {
    const [kms, sns] = [new KMSClient(OPTIONS), new SNSClient(OPTIONS)];
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({ KeyUsage: 'ENCRYPT_DECRYPT' }));
    const key = KeyMetadata?.Arn ?? '';
    const { TopicArn: topic = '' } = await sns.send(
      new CreateTopicCommand({ Name: 'alerts', Attributes: { KmsMasterKeyId: key } }),
    );
    kms.destroy();
    sns.destroy();
    expect(await askKey(OPTIONS, key)).toEqual(
      found({ state: 'Enabled', spec: 'SYMMETRIC_DEFAULT', usage: 'ENCRYPT_DECRYPT' }),
    );
    expect(await askKeyPolicy(OPTIONS, key)).toEqual(found(expect.stringContaining('kms:*')));
    expect(await askTopic(OPTIONS, topic)).toEqual(
      found({ key, policy: expect.stringContaining('SNS:Publish') }),
    );
    const { region } = OPTIONS;
    const scope = { account: ACCOUNT, region, partition: 'aws' };
    const noKey = `arn:aws:kms:${region}:${ACCOUNT}:key/00000000-0000-0000-0000-000000000000`;
    const policy = await askKeyPolicy(OPTIONS, noKey);
    expect(keyRow(noKey, scope, await askKey(OPTIONS, noKey), policy, true).status).toBe('WILL_FAIL');
    const noTopic = await askTopic(OPTIONS, `${topic}-gone`);
    expect(topicRow(`${topic}-gone`, scope, noTopic, undefined).status).toBe('WILL_FAIL');
  });

  test('a network of which AWS does not tell all', async () => {
    for (const [operation, ask] of [
      ['DescribeVpcEndpoints', askEndpoints],
      ['DescribeRouteTables', askRouteTables],
    ] as const) {
      answer(operation, {
        status: 200,
        type: 'text/xml',
        body: `<${operation}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><nextToken>more</nextToken></${operation}Response>`,
      });
      expect(await ask(OPTIONS, 'vpc-1')).toMatchObject({ ok: false });
    }
  });

  test('a Region that takes the credentials, and one that does not', async () => {
    expect(await askRegion(OPTIONS)).toMatchObject({ ok: true });
    answer('GetCallerIdentity', {
      status: 403,
      type: 'text/xml',
      body: '<ErrorResponse><Error><Type>Sender</Type><Code>InvalidClientTokenId</Code><Message>The security token included in the request is invalid</Message></Error></ErrorResponse>',
    });
    expect(await askRegion(OPTIONS)).toMatchObject({ ok: false, unread: { code: 'InvalidClientTokenId' } });
  });

  test('a managed policy that is there, and one that is not', async () => {
    const arn = `arn:aws:iam::${ACCOUNT}:policy/team/Boundary`;
    expect(boundaryRow(arn, await askPolicy(OPTIONS, arn)).status).toBe('WILL_FAIL');
    const iam = new IAMClient({ ...OPTIONS, endpoint: moto.endpoint });
    const PolicyDocument = JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
    });
    await iam.send(new CreatePolicyCommand({ Path: '/team/', PolicyName: 'Boundary', PolicyDocument }));
    iam.destroy();
    expect(boundaryRow(arn, await askPolicy(OPTIONS, arn)).status).toBe('OK');
  });

  test('the version of the bootstrap', async () => {
    const parameter = '/cdk-bootstrap/ml/version';
    expect(await askBootstrap(OPTIONS, parameter)).toMatchObject({
      ok: false,
      unread: { code: 'ParameterNotFound' },
    });
    const ssm = new SSMClient({ ...OPTIONS, endpoint: moto.endpoint });
    await ssm.send(new PutParameterCommand({ Name: parameter, Value: '28', Type: 'String' }));
    ssm.destroy();
    expect(await askBootstrap(OPTIONS, parameter)).toEqual(found('28'));
  });

  test('how many messages a queue holds, and that there is no such queue', async () => {
    const sqs = new SQSClient({ ...OPTIONS, endpoint: moto.endpoint });
    const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: 'history' }));
    for (const MessageBody of ['one', 'two'])
      await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
    await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
    sqs.destroy();
    expect(await waitingMessages(OPTIONS, QueueUrl)).toEqual(found(2));
    expect(await waitingMessages(OPTIONS, `${QueueUrl}-gone`)).toMatchObject({ ok: false });
  });

  test('Security Hub, which is off, and then on', async () => {
    expect(await askSecurityHub(OPTIONS)).toMatchObject({
      ok: false,
      unread: { code: 'InvalidAccessException' },
    });
    const securityhub = new SecurityHubClient({ ...OPTIONS, endpoint: moto.endpoint });
    await securityhub.send(new EnableSecurityHubCommand({ EnableDefaultStandards: false }));
    securityhub.destroy();
    expect(await askSecurityHub(OPTIONS)).toMatchObject({ ok: true });
  });

  test('the hubs whose rules are on the default bus', async () => {
    expect(await askHubs(OPTIONS)).toEqual(found([]));
    const events = new EventBridgeClient({ ...OPTIONS, endpoint: moto.endpoint });
    const put = async (Name: string, Arn: string) => {
      await events.send(new PutRuleCommand({ Name, EventPattern: '{"source":["aws.sagemaker"]}' }));
      await events.send(new PutTargetsCommand({ Rule: Name, Targets: [{ Id: 'Hub', Arn }] }));
    };
    const bus = 'arn:aws:events:us-east-1:444455556666:event-bus/pipewarden-intake';
    for (let index = 0; index < 120; index++) await put(`Other-${index}`, bus);
    await put('StackSet-PipewardenMember-SageMakerOperations-1A2B', bus);
    await put('acme-PipewardenMemberRul-IamOperations-1A2B', bus);
    await put('PipewardenMemberOther', 'arn:aws:sqs:eu-west-1:111122223333:queue');
    expect(await askHubs(OPTIONS)).toEqual(found([{ account: '444455556666', region: 'us-east-1' }]));
    answer('ListTargetsByRule', {
      status: 200,
      type: 'application/x-amz-json-1.1',
      body: JSON.stringify({ Targets: [], NextToken: 'more' }),
    });
    expect(await askHubs(OPTIONS)).toMatchObject({ ok: false, unread: { code: 'Incomplete' } });
    proxy.fail(() => undefined);
    for (let index = 0; index < 48; index++) await put(`PipewardenMemberOther-${index}`, bus);
    events.destroy();
    expect(await askHubs(OPTIONS)).toMatchObject({
      ok: false,
      unread: { code: 'Incomplete', message: expect.stringContaining('51 rules') },
    });
  });

  describe('of which the emulator knows nothing', () => {
    test('the concurrency', async () => {
      const operation = 'GET /2016-08-19/account-settings';
      const limits = (AccountLimit: object): Fault => ({
        status: 200,
        type: 'application/json',
        body: JSON.stringify({ AccountLimit }),
      });
      answer(operation, limits({ ConcurrentExecutions: 1000, UnreservedConcurrentExecutions: 900 }));
      expect(await askConcurrency(OPTIONS)).toEqual(found({ limit: 1000, unreserved: 900 }));
      answer(operation, limits({}));
      expect(await askConcurrency(OPTIONS)).toMatchObject({ ok: false, unread: { code: 'Incomplete' } });
      answer(operation, jsonFault('AccessDeniedException', 403));
      expect(await askConcurrency(OPTIONS)).toMatchObject({
        ok: false,
        unread: { message: expect.stringContaining('lambda:GetAccountSettings') },
      });
    });

    test('types of resources', async () => {
      answer('DescribeType', xml('DescribeType', '<TypeName>AWS::SQS::Queue</TypeName>'));
      expect(await askType(OPTIONS, 'AWS::SQS::Queue')).toMatchObject({ ok: true });
      answer('DescribeType', {
        status: 404,
        type: 'text/xml',
        body: '<ErrorResponse><Error><Type>Sender</Type><Code>TypeNotFoundException</Code><Message>not found</Message></Error></ErrorResponse>',
      });
      expect(await askType(OPTIONS, 'AWS::Events::Archive')).toMatchObject({
        ok: false,
        unread: { code: 'TypeNotFoundException' },
      });
    });

    test('who imports an export', async () => {
      answer('ListImports', xml('ListImports', '<Imports><member>Pipewarden</member></Imports>'));
      expect(await askImporters(OPTIONS, 'PipewardenState-DataKeyArn')).toEqual(found(['Pipewarden']));
      const refused = (message: string): Fault => ({
        status: 400,
        type: 'text/xml',
        body: `<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code><Message>${message}</Message></Error></ErrorResponse>`,
      });
      for (const message of ["Export 'x' is not imported by any stack.", "Export 'x' does not exist"]) {
        answer('ListImports', refused(message));
        expect(await askImporters(OPTIONS, 'x')).toEqual(found([]));
      }
      answer('ListImports', refused('1 validation error detected'));
      expect(await askImporters(OPTIONS, 'x')).toMatchObject({ ok: false });
    });

    test('stacks, with their versions and what their functions reserve', async () => {
      answer('DescribeStacks', NO_STACK);
      expect(await askStack(OPTIONS, 'Pipewarden')).toBeUndefined();
      answer('DescribeStacks', stackAnswer({ Version: '0.1.0' }));
      expect(await askStack(OPTIONS, 'Pipewarden')).toEqual(
        found({ status: 'CREATE_COMPLETE', version: '0.1.0' }),
      );
      answer('DescribeStacks', stackAnswer({}));
      expect(await askStack(OPTIONS, 'Pipewarden')).toEqual(found({ status: 'CREATE_COMPLETE' }));
      const template = {
        Resources: {
          A: { Type: 'AWS::Lambda::Function', Properties: { ReservedConcurrentExecutions: 10 } },
          B: { Type: 'AWS::Lambda::Function', Properties: { ReservedConcurrentExecutions: 4 } },
          C: { Type: 'AWS::Lambda::Function', Properties: {} },
        },
      };
      answer('GetTemplate', xml('GetTemplate', `<TemplateBody>${JSON.stringify(template)}</TemplateBody>`));
      const inState = (status: string) => askReserved(OPTIONS, 'Pipewarden', found({ status }));
      for (const status of ['CREATE_COMPLETE', 'UPDATE_ROLLBACK_COMPLETE'])
        expect(await inState(status)).toEqual(found(14));
      // A stack that could not be made has its template still, and none of its functions.
      expect(await inState('ROLLBACK_COMPLETE')).toBeUndefined();
      expect(await inState('UPDATE_FAILED')).toMatchObject({
        ok: false,
        unread: { code: 'Incomplete', message: expect.stringContaining('UPDATE_FAILED') },
      });
      expect(await askReserved(OPTIONS, 'Pipewarden', undefined)).toBeUndefined();
      const unread = notRead('DescribeStacks', 'AccessDeniedException', 'no');
      expect(await askReserved(OPTIONS, 'Pipewarden', unread)).toEqual(unread);
      answer('GetTemplate', xml('GetTemplate', '<TemplateBody>Resources:</TemplateBody>'));
      expect(await inState('CREATE_COMPLETE')).toMatchObject({ ok: false });
    });
  });

  test('with expired credentials, each answer says so', async () => {
    answer('GetParameter', jsonFault('ExpiredTokenException', 400));
    expect(await askBootstrap(OPTIONS, 'x')).toMatchObject({
      ok: false,
      unread: { code: 'ExpiredTokenException', message: expect.stringContaining('renew them') },
    });
  });
});
