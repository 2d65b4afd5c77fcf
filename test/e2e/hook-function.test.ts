import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreatePipelineCommand, SageMakerClient } from '@aws-sdk/client-sagemaker';
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { HookAnswer } from '../../functions/hook/hook-answer.ts';
import { dynamodbStore } from '../../shared/aws/keep/dynamodb-store.ts';
import { ACCOUNT, REGION, roleArn } from '../support/builders/events.ts';
import { FRAUD_CONFIG, FRAUD_DEFINITION } from '../support/builders/fraud-config.ts';
import { ROLES } from '../support/commands/cli.ts';
import { type FunctionWorld, startFunctionWorld } from '../support/emulators/function-world.ts';
import { createRoles } from '../support/emulators/iam.ts';
import { describeWith } from '../support/jest/tools.ts';
import type { Lambda } from '../support/lambda/lambda.ts';

/** Calls that list an account. */
const LISTING = /GetAccountAuthorizationDetails|ListPipelines$|ListRoles$/;

const pipelineOf = (jobName: string, role: string) => ({
  Type: 'AWS::SageMaker::Pipeline',
  Properties: {
    PipelineName: 'fraud-weekly',
    RoleArn: role,
    PipelineDefinition: {
      PipelineDefinitionBody: FRAUD_DEFINITION.replace('fraud-train', jobName),
    },
  },
});

describeWith('moto', 'the hook of CloudFormation, with the bundled functions', () => {
  let world: FunctionWorld;
  let queueUrl: string;
  let hook: Lambda;
  let sqs: SQSClient;
  let s3: S3Client;

  const settings = () => ({
    INVENTORY_QUEUE_URL: queueUrl,
    HOOK_SEVERITY: 'HIGH',
    OWN_STACKS: 'Pipewarden,PipewardenState',
  });

  beforeAll(async () => {
    world = await startFunctionWorld(FRAUD_CONFIG);
    [sqs, s3] = [new SQSClient(world.client), new S3Client({ ...world.client, forcePathStyle: true })];
    await createRoles(world.endpoint, ROLES);
    const sagemaker = new SageMakerClient(world.client);
    await sagemaker.send(
      new CreatePipelineCommand({
        PipelineName: 'fraud-daily',
        PipelineDefinition: FRAUD_DEFINITION,
        RoleArn: roleArn('pipelines/fraud'),
        ClientRequestToken: randomUUID(),
      }),
    );
    sagemaker.destroy();
    await s3.send(
      new CreateBucketCommand({
        Bucket: 'hook-payloads',
        CreateBucketConfiguration: { LocationConstraint: REGION },
      }),
    );
    const { QueueUrl = '' } = await sqs.send(
      new CreateQueueCommand({ QueueName: 'inventories.fifo', Attributes: { FifoQueue: 'true' } }),
    );
    queueUrl = QueueUrl;
    hook = world.start('hook', world.endpoint, settings());
  });

  afterAll(async () => {
    await hook?.stop();
    for (const client of [sqs, s3]) client?.destroy();
    await world?.stop();
  });

  const stackId = (name: string) =>
    `arn:aws:cloudformation:${REGION}:${ACCOUNT}:stack/${name}/${randomUUID()}`;

  /** An event as the documentation has it, with the payload in the place of S3. */
  const ofPayload = async (target: 'STACK' | 'CHANGE_SET', payload: object, name = 'training') => {
    const key = `${randomUUID()}.json`;
    await s3.send(new PutObjectCommand({ Bucket: 'hook-payloads', Key: key, Body: JSON.stringify(payload) }));
    return {
      clientRequestToken: randomUUID(),
      awsAccountId: ACCOUNT,
      stackId: stackId(name),
      changeSetId: null,
      hookTypeName: 'Pipewarden::Hook::Stacks',
      hookTypeVersion: '00000001',
      hookModel: { LambdaFunction: `arn:aws:lambda:${REGION}:${ACCOUNT}:function:hook` },
      actionInvocationPoint: 'CREATE_PRE_PROVISION',
      requestData: {
        targetName: target,
        targetType: target,
        targetLogicalId: name,
        payload: `${world.proxy.endpoint}/hook-payloads/${key}?X-Amz-Expires=900&X-Amz-Signature=secret`,
      },
      requestContext: { invocation: 1, callbackContext: null },
    };
  };

  const ofTemplate = (resources: object, more: object = {}) =>
    ofPayload('STACK', { template: JSON.stringify({ ...more, Resources: resources }) });

  const asked = async (event: object): Promise<HookAnswer> => (await hook.invoke(event)) as HookAnswer;

  const ofResource = (type: string, properties: object | undefined, more: object = {}) => ({
    awsAccountId: ACCOUNT,
    stackId: stackId('training'),
    hookTypeName: 'Pipewarden::Hook::Resources',
    hookTypeVersion: '00000001',
    hookModel: { LambdaFunction: `arn:aws:lambda:${REGION}:${ACCOUNT}:function:hook` },
    actionInvocationPoint: 'CREATE_PRE_PROVISION',
    requestData: {
      targetName: type,
      targetType: type,
      targetLogicalId: 'Made',
      targetModel: { resourceProperties: properties, previousResourceProperties: null },
    },
    requestContext: { invocation: 1, callbackContext: null },
    ...more,
  });

  /** The calls that list the account. */
  const listings = (): string[] => Object.keys(world.proxy.take()).filter((call) => LISTING.test(call));

  /** The evidence of the open findings on stacks that could not be judged. */
  const toldUnjudged = async (): Promise<string[]> => {
    const dynamodb = new DynamoDBClient(world.client);
    const told: string[] = [];
    for await (const { resourceArn, state } of dynamodbStore({
      client: dynamodb,
      table: 'findings',
    }).states())
      for (const { status, evidence } of Object.values(state.open))
        told.push(`${resourceArn} ${status} ${evidence.map(({ found }) => found).join(' ')}`);
    dynamodb.destroy();
    return told;
  };

  const RIGHT = pipelineOf('fraud-train', roleArn('pipelines/fraud'));
  const WRONG = pipelineOf('other', roleArn('pipelines/fraud'));

  test('without an index nothing is judged: it is let pass and told, and an inventory is asked for', async () => {
    const event = await ofTemplate({ Weekly: WRONG });
    const answer = await asked(event);
    expect(answer).toEqual({
      hookStatus: 'SUCCESS',
      message: expect.stringMatching(/^Pipewarden could not judge it: the account has no index yet/),
      clientRequestToken: event.clientRequestToken,
    });
    expect(await toldUnjudged()).toEqual([
      expect.stringMatching(/^CloudFormation hook, the stack training NOT_AVAILABLE .*no index yet/),
    ]);
    expect(listings()).toEqual([]);

    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: queueUrl }));
    const [{ Body = '' } = {}] = Messages;
    const inventory = world.start('inventory', world.endpoint);
    await inventory.invoke({ Records: [{ body: Body }] });
    await inventory.stop();
  });

  test('a template without faults is let pass, one with faults is refused by logical id and line', async () => {
    world.proxy.take();
    expect(await asked(await ofTemplate({ Weekly: RIGHT }))).toMatchObject({
      hookStatus: 'SUCCESS',
      message: 'Pipewarden found nothing that refuses it.',
    });
    const template = [
      'Parameters:',
      '  Name: { Type: String }',
      'Resources:',
      '  Weekly:',
      '    Type: AWS::SageMaker::Pipeline',
      '    Properties:',
      '      PipelineName: !Sub fraud-${Name}',
      `      RoleArn: ${roleArn('nobody')}`,
      '      PipelineDefinition:',
      `        PipelineDefinitionBody: '${FRAUD_DEFINITION.replace('fraud-train', 'other')}'`,
    ].join('\n');
    const answer = await asked(await ofPayload('STACK', { template, previousTemplate: null }));
    expect(answer).toMatchObject({ hookStatus: 'FAILED', errorCode: 'NonCompliant' });
    expect(answer.message).toMatch(
      /pipeline-job-prefix on Weekly \(line \d+\) \(HIGH\): .*base job name other/,
    );
    expect(answer.message).toMatch(/step-role-authorised on Weekly .*role\/nobody/);
    expect(answer.message).toMatch(/To mend it: /);
    // A role that nobody has made is nobody’s in the template.
    expect(answer.message).toMatch(/execution-role-trust on arn:aws:iam::111122223333:role\/nobody/);
    expect(listings()).toEqual([]);
  });

  test('a role and a pipeline of one template are judged together, though nobody knows the role’s ARN yet', async () => {
    const { Properties } = RIGHT;
    const answer = await asked(
      await ofTemplate({
        Role: {
          Type: 'AWS::IAM::Role',
          Properties: {
            Path: '/pipelines/',
            AssumeRolePolicyDocument: {
              Version: '2012-10-17',
              Statement: [
                {
                  Effect: 'Allow',
                  Principal: { Service: 'sagemaker.amazonaws.com' },
                  Action: 'sts:AssumeRole',
                },
              ],
            },
            Policies: [
              {
                PolicyName: 'all',
                PolicyDocument: {
                  Version: '2012-10-17',
                  Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
                },
              },
            ],
          },
        },
        Weekly: {
          Type: 'AWS::SageMaker::Pipeline',
          Properties: { ...Properties, RoleArn: { 'Fn::GetAtt': ['Role', 'Arn'] } },
        },
      }),
    );
    expect(answer.message).toMatch(/^1\. execution-role-administrator on Role \(line 1\) \(CRITICAL\)/m);
    expect(answer.message).toContain('role/pipelines/${Role}');
    expect(listings()).toEqual([]);
  });

  test('a change set is judged by the values that it tells, and what it deletes is taken away', async () => {
    const template = JSON.stringify({
      Parameters: { Job: { Type: 'String' } },
      Resources: {
        Weekly: {
          ...RIGHT,
          Properties: {
            ...RIGHT.Properties,
            PipelineDefinition: {
              PipelineDefinitionBody: {
                'Fn::Sub': FRAUD_DEFINITION.replace('fraud-train', '${Job}'),
              },
            },
          },
        },
      },
    });
    const change = (jobName: string, action = 'CREATE') => ({
      logicalResourceId: 'Weekly',
      resourceType: 'AWS::SageMaker::Pipeline',
      action,
      lineNumber: 1,
      beforeContext: null,
      afterContext: JSON.stringify({
        Properties: {
          PipelineDefinition: {
            PipelineDefinitionBody: FRAUD_DEFINITION.replace('fraud-train', jobName),
          },
        },
      }),
    });
    const of = (changed: object) => ofPayload('CHANGE_SET', { template, changedResources: [changed] });
    expect((await asked(await of(change('fraud-train')))).hookStatus).toBe('SUCCESS');
    const refused = await asked(await of(change('other')));
    expect(refused).toMatchObject({
      hookStatus: 'FAILED',
      message: expect.stringContaining('base job name other'),
    });
    const beforeContext = JSON.stringify({ Properties: RIGHT.Properties });
    const deleted = { ...change('other', 'DELETE'), beforeContext, afterContext: null };
    expect(await asked(await of(deleted))).toMatchObject({
      hookStatus: 'SUCCESS',
      message: 'Pipewarden found nothing that refuses it.',
    });
    expect((await asked(await of({ ...deleted, beforeContext: null }))).message).toContain(
      'Not judged: what Weekly had before is not told, so that what is taken away is not judged',
    );
  });

  test('what a stack had before and has no more is taken away from the account', async () => {
    const update = async (template: object, previousTemplate: object) => ({
      ...(await ofPayload('STACK', {
        template: JSON.stringify({ Resources: template }),
        previousTemplate: JSON.stringify({ Resources: previousTemplate }),
      })),
      actionInvocationPoint: 'UPDATE_PRE_PROVISION',
    });
    const [fraud] = ROLES;
    const [own] = fraud?.RolePolicyList ?? [];
    const policy = { Type: 'AWS::IAM::Policy', Properties: { ...own, Roles: ['fraud'] } };
    expect(await asked(await update({ Weekly: RIGHT }, { Weekly: RIGHT, Policy: policy }))).toMatchObject({
      hookStatus: 'FAILED',
      message: expect.stringMatching(/execution-role-passes-step-roles on .*role\/pipelines\/fraud \(HIGH\)/),
    });
    const kept = { ...policy, DeletionPolicy: 'Retain' };
    expect((await asked(await update({ Weekly: RIGHT }, { Weekly: RIGHT, Policy: kept }))).message).toBe(
      'Pipewarden found nothing that refuses it.',
    );
    const unread = await ofTemplate({ Weekly: RIGHT });
    const untold = await asked({ ...unread, actionInvocationPoint: 'UPDATE_PRE_PROVISION' });
    expect(untold.message).toContain('Not judged: what the stack had before is not told');
    expect(listings()).toEqual([]);
  });

  test('a resource is judged alone, also of the Cloud Control API, whose messages are short', async () => {
    const { Type, Properties } = WRONG;
    const ofStack = await asked(ofResource(Type, Properties));
    expect(ofStack).toMatchObject({
      hookStatus: 'FAILED',
      message: expect.stringMatching(/pipeline-job-prefix on Made/),
    });
    expect(ofStack).not.toHaveProperty('clientRequestToken');
    const { Properties: unknown } = pipelineOf('other', roleArn('nobody'));
    const cloudControl = await asked(ofResource(Type, unknown, { stackId: null, clientRequestToken: 't' }));
    expect(cloudControl).toMatchObject({ hookStatus: 'FAILED', clientRequestToken: 't' });
    expect(cloudControl.message.length).toBeLessThanOrEqual(1024);
    expect((await asked(ofResource(Type, RIGHT.Properties))).hookStatus).toBe('SUCCESS');
    expect((await asked(ofResource('AWS::SQS::Queue', { QueueName: 'q' }))).hookStatus).toBe('SUCCESS');
    expect(listings()).toEqual([]);
  });

  test('a deletion is told what it leaves wrong, and refused in no mode', async () => {
    const deletion = ofResource('AWS::IAM::Role', undefined, {
      actionInvocationPoint: 'DELETE_PRE_PROVISION',
    });
    const previousResourceProperties = { RoleName: 'fraud', Path: '/pipelines/' };
    Object.assign(deletion.requestData, { targetModel: { previousResourceProperties } });
    const fraud = roleArn('pipelines/fraud');
    const expected = {
      hookStatus: 'SUCCESS',
      message: `Pipewarden refuses no deletion.\nWhat is wrong after it: execution-role-trust on ${fraud} (FAILED HIGH).`,
    };
    expect(await asked(deletion)).toEqual(expected);
    const strict = world.start('hook', world.endpoint, { ...settings(), HOOK_UNJUDGED: 'refuse' });
    try {
      expect(await strict.invoke(deletion)).toEqual(expected);
    } finally {
      await strict.stop();
    }
    expect(listings()).toEqual([]);
  });

  test('a role that was made a moment before is read from IAM, because the index has not heard of it', async () => {
    const late = roleArn('pipelines/late');
    const { Type, Properties } = pipelineOf('fraud-train', late);
    const nobody = await asked(ofResource(Type, Properties));
    expect(nobody.message).toContain(`there is no role ${late}`);
    const [fraud] = ROLES;
    if (!fraud) throw new Error('there are no roles');
    await createRoles(world.endpoint, [{ ...fraud, RoleName: 'late', Arn: late }]);
    expect((await asked(ofResource(Type, Properties))).message).not.toContain('there is no role');
    expect(listings()).toEqual([]);
  });

  test('the deployment’s own stacks, deletions and other stacks cost no call of the account', async () => {
    const own = await ofPayload(
      'STACK',
      { template: JSON.stringify({ Resources: { Weekly: WRONG } }) },
      'Pipewarden',
    );
    const queue = await ofTemplate({ Queue: { Type: 'AWS::SQS::Queue' } });
    const deletion = {
      ...(await ofTemplate({ Weekly: WRONG })),
      actionInvocationPoint: 'DELETE_PRE_PROVISION',
    };
    world.proxy.take();
    for (const event of [own, deletion, queue]) expect((await asked(event)).hookStatus).toBe('SUCCESS');
    expect(Object.keys(world.proxy.take())).toEqual([expect.stringContaining('GET /hook-payloads/')]);
  });

  test.each([
    'http://169.254.169.254/latest/meta-data/iam/security-credentials/',
    'https://hooks.example.com/s3.amazonaws.com',
    'file:///etc/passwd',
  ])(
    'a hostile payload %s is not fetched, let pass and told, or refused by a strict deployment',
    async (payload) => {
      const event = await ofTemplate({});
      Object.assign(event.requestData, { payload });
      const answer = await asked(event);
      expect(answer).toMatchObject({
        hookStatus: 'SUCCESS',
        message: 'Pipewarden could not judge it: the URL of the template is not one of Amazon S3.',
      });
      const strict = world.start('hook', world.endpoint, { ...settings(), HOOK_UNJUDGED: 'refuse' });
      try {
        expect(await strict.invoke(event)).toMatchObject({
          hookStatus: 'FAILED',
          errorCode: 'InternalFailure',
        });
      } finally {
        await strict.stop();
      }
      expect(JSON.stringify(hook.log())).not.toContain('Signature=secret');
    },
  );

  test('severity and suppressions of the deployment count', async () => {
    const event = await ofTemplate({ Weekly: WRONG });
    const critical = world.start('hook', world.endpoint, { ...settings(), HOOK_SEVERITY: 'CRITICAL' });
    try {
      expect(await critical.invoke(event)).toMatchObject({
        hookStatus: 'SUCCESS',
        message: expect.stringMatching(/Less than that: pipeline-job-prefix on Weekly .*FAILED HIGH/),
      });
    } finally {
      await critical.stop();
    }
    const in30Days = new Date(Date.now() + 30 * 24 * 3600 * 1000).toISOString().slice(0, 10);
    await world.configure({
      ...FRAUD_CONFIG,
      suppressions: [
        ['pipeline-job-prefix', `arn:aws:sagemaker:${REGION}:${ACCOUNT}:pipeline/fraud-weekly`],
        ['execution-role-job-permissions', roleArn('pipelines/fraud')],
      ].map(([control, resource]) => ({
        control,
        resource,
        reason: 'the pipeline moves to the new prefix with the next release',
        expires: in30Days,
      })),
    });
    const suppressed = world.start('hook', world.endpoint, settings());
    try {
      // The index was made for another configuration, so that it is made anew.
      const inventory = world.start('inventory', world.endpoint);
      await inventory.invoke({ Records: [{ body: JSON.stringify({ account: ACCOUNT }) }] });
      await inventory.stop();
      expect(await suppressed.invoke(event)).toMatchObject({
        hookStatus: 'SUCCESS',
        message: 'Pipewarden found nothing that refuses it.',
      });
    } finally {
      await suppressed.stop();
      await world.configure(FRAUD_CONFIG);
    }
  });

  test('a deployment without its configuration answers all the same', async () => {
    const broken = world.start('hook', world.endpoint, { ...settings(), CONFIG_KEY: 'nothing.json' });
    try {
      expect(await broken.invoke(await ofTemplate({ Weekly: WRONG }))).toMatchObject({
        hookStatus: 'SUCCESS',
        message: expect.stringMatching(/^Pipewarden could not judge it: .*nothing\.json/),
      });
    } finally {
      await broken.stop();
    }
  });
});
