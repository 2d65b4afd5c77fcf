import { randomUUID } from 'node:crypto';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { HookAnswer } from '../../functions/hook/hook-answer.ts';
import { ACCOUNT, REGION, roleArn } from '../support/builders/events.ts';
import { FRAUD_CONFIG, FRAUD_DEFINITION } from '../support/builders/fraud-config.ts';
import { ROLES } from '../support/commands/cli.ts';
import { type FunctionWorld, startFunctionWorld } from '../support/emulators/function-world.ts';
import { createRoles } from '../support/emulators/iam.ts';
import { describeWith } from '../support/jest/tools.ts';
import type { Lambda } from '../support/lambda/lambda.ts';

const TOKEN = '123avjdjk31';
const BUCKET = 'hook-payloads';

/** A pipeline whose job has a name that nothing allows. */
const wrong = (name = 'fraud-weekly') => ({
  Type: 'AWS::SageMaker::Pipeline',
  Properties: {
    PipelineName: name,
    RoleArn: roleArn('pipelines/fraud'),
    PipelineDefinition: { PipelineDefinitionBody: FRAUD_DEFINITION.replace('fraud-train', 'other') },
  },
});
const WRONG = wrong();
const QUEUE = { Type: 'AWS::SQS::Queue' };
const templateOf = (resources: unknown, more: object = {}) =>
  JSON.stringify({ ...more, Resources: resources });

const event = (requestData: unknown, more: object = {}) => ({
  clientRequestToken: TOKEN,
  awsAccountId: ACCOUNT,
  stackId: `arn:aws:cloudformation:${REGION}:${ACCOUNT}:stack/training/1a2345b6`,
  actionInvocationPoint: 'CREATE_PRE_PROVISION',
  requestData,
  requestContext: { invocation: 3, callbackContext: { hookStatus: 'SUCCESS' } },
  ...more,
});

const ofResource = (type: string, properties: unknown, more: object = {}, logicalId = 'Made') =>
  event(
    {
      targetName: type,
      targetType: type,
      targetLogicalId: logicalId,
      targetModel: { resourceProperties: properties },
    },
    more,
  );

const deep = (levels: number): string => `${'['.repeat(levels)}${']'.repeat(levels)}`;

/** A text that grows tenfold with each line. */
const ALIASES = [
  'a: &a [x,x,x,x,x,x,x,x,x,x]',
  ...[...'bcdefghi'].map((name, index) => {
    const before = 'abcdefghi'[index];
    return `${name}: &${name} [${Array(10).fill(`*${before}`).join(',')}]`;
  }),
  'Resources: *i',
].join('\n');

const change = (more: object) => ({
  logicalResourceId: 'Weekly',
  resourceType: WRONG.Type,
  action: 'CREATE',
  lineNumber: 1,
  beforeContext: null,
  afterContext: JSON.stringify({ Properties: WRONG.Properties }),
  ...more,
});

const HIDDEN = 'a\u001b[2J\u202Eb';
const REFUSED = /pipeline-job-prefix on /;
const UNJUDGED = /^Pipewarden could not judge it: /;
const CLEAN = /^Pipewarden found nothing that refuses it\.$/;

type Case = [name: string, made: unknown, status: HookAnswer['hookStatus'], message: RegExp];

/** Events, and what must come of each by the contract of Lambda hooks. */
const EVENTS: Case[] = [
  ['nothing', null, 'SUCCESS', UNJUDGED],
  ['a list', [], 'SUCCESS', UNJUDGED],
  ['a text', 'CREATE_PRE_PROVISION', 'SUCCESS', UNJUDGED],
  ['a number in place of what is asked', event(7), 'SUCCESS', /requestData: /],
  ['an account that is a number', event({}, { awsAccountId: 111122223333 }), 'SUCCESS', /awsAccountId: /],
  [
    'a target that nobody knows',
    event({ targetName: 'stack', targetLogicalId: 'x', payload: 'https://x' }),
    'SUCCESS',
    UNJUDGED,
  ],
  [
    'a stack with a hidden name',
    ofResource(WRONG.Type, WRONG.Properties, {
      stackId: `arn:aws:cloudformation:${REGION}:${ACCOUNT}:stack/${HIDDEN}/1`,
    }),
    'SUCCESS',
    /stackId: /,
  ],
  [
    'a stack of another account',
    ofResource(WRONG.Type, WRONG.Properties, { awsAccountId: '444455556666' }),
    'SUCCESS',
    /alone/,
  ],
  [
    'a resource called __proto__',
    ofResource(WRONG.Type, WRONG.Properties, {}, '__proto__'),
    'FAILED',
    /pipeline-job-prefix on __proto__/,
  ],
  [
    'a resource with a hidden name',
    ofResource(WRONG.Type, WRONG.Properties, {}, HIDDEN),
    'FAILED',
    /pipeline-job-prefix on a\\u001B\[2J\\u202Eb/,
  ],
  [
    'a resource of the Cloud Control API with a hidden name',
    ofResource(WRONG.Type, WRONG.Properties, { stackId: null }, HIDDEN),
    'FAILED',
    REFUSED,
  ],
  ['a type that nobody knows', ofResource('Foo::Bar::Baz', { Name: HIDDEN }), 'SUCCESS', CLEAN],
  [
    'properties that only AWS gives',
    ofResource(WRONG.Type, {
      ...WRONG.Properties,
      Arn: `arn:aws:sagemaker:${REGION}:${ACCOUNT}:pipeline/fraud-daily`,
      PipelineArn: 7,
    }),
    'FAILED',
    REFUSED,
  ],
  [
    'properties that are nested too deeply',
    ofResource(WRONG.Type, { ...WRONG.Properties, Tags: JSON.parse(deep(3000)) }),
    'FAILED',
    REFUSED,
  ],
  [
    'a definition that is nested too deeply',
    ofResource(WRONG.Type, {
      ...WRONG.Properties,
      PipelineDefinition: { PipelineDefinitionBody: JSON.parse(`{"Steps":${deep(3000)}}`) },
    }),
    'SUCCESS',
    /Not (?:understood|told)|could not judge/,
  ],
  [
    'a definition that is no text',
    ofResource(WRONG.Type, { ...WRONG.Properties, PipelineDefinition: 7 }),
    'SUCCESS',
    /Not (?:understood|told)|could not judge/,
  ],
  [
    'functions in what is resolved already',
    ofResource(WRONG.Type, { ...WRONG.Properties, RoleArn: { 'Fn::Nope': 1 } }),
    'SUCCESS',
    /Not (?:understood|told)/,
  ],
  [
    'a deletion of a stack',
    event(
      { targetName: 'STACK', targetLogicalId: 'training', payload: 'https://x' },
      { actionInvocationPoint: 'DELETE_PRE_PROVISION' },
    ),
    'SUCCESS',
    /did not judge this deletion/,
  ],
  [
    'a deletion of a resource',
    event(
      {
        targetName: WRONG.Type,
        targetLogicalId: 'Weekly',
        targetModel: { previousResourceProperties: WRONG.Properties },
      },
      { actionInvocationPoint: 'DELETE_PRE_PROVISION' },
    ),
    'SUCCESS',
    /^Pipewarden refuses no deletion\.$/,
  ],
];

/** What lies behind the URL of a stack. */
const PAYLOADS: Case[] = [
  ['a page', '<html>', 'SUCCESS', UNJUDGED],
  ['a list', [], 'SUCCESS', UNJUDGED],
  ['null', 'null', 'SUCCESS', UNJUDGED],
  ['a template that is a number', { template: 7 }, 'SUCCESS', UNJUDGED],
  ['a template that is a list', { template: [WRONG] }, 'SUCCESS', UNJUDGED],
  ['no template', { template: '', previousTemplate: templateOf({ Weekly: WRONG }) }, 'SUCCESS', UNJUDGED],
  [
    'more than 16 MB',
    { template: ' '.repeat(17 * 1024 * 1024) },
    'SUCCESS',
    /larger than CloudFormation allows/,
  ],
  [
    'a template of 9 MB',
    { template: templateOf({ Weekly: WRONG, Pad: { ...QUEUE, Metadata: ' '.repeat(9_000_000) } }) },
    'SUCCESS',
    UNJUDGED,
  ],
  [
    'a template of 5 MB',
    { template: templateOf({ Weekly: WRONG, Pad: { ...QUEUE, Metadata: ' '.repeat(5_000_000) } }) },
    'FAILED',
    REFUSED,
  ],
  ['resources that are a list', { template: templateOf([WRONG]) }, 'SUCCESS', UNJUDGED],
  [
    'a resource that is called __proto__',
    { template: `{"Resources":{"__proto__":${JSON.stringify(WRONG)}}}` },
    'FAILED',
    REFUSED,
  ],
  [
    'a resource with a hidden name',
    { template: templateOf({ [HIDDEN]: WRONG }) },
    'FAILED',
    /pipeline-job-prefix on a\\u001B\[2J\\u202Eb/,
  ],
  ['half of a character', { template: templateOf({ '\uD800': wrong('fraud-\uDC00') }) }, 'FAILED', REFUSED],
  [
    'a byte order mark and line ends of Windows',
    {
      template: `\uFEFF${JSON.stringify({ Resources: { Weekly: WRONG } }, null, 2).replaceAll('\n', '\r\n')}`,
    },
    'FAILED',
    REFUSED,
  ],
  [
    'names that stand twice',
    {
      template: `{"Resources":{"Weekly":${JSON.stringify(WRONG)}},"Resources":{"Queue":${JSON.stringify(QUEUE)}}}`,
    },
    'SUCCESS',
    UNJUDGED,
  ],
  [
    'names that stand twice in YAML',
    { template: 'Resources:\n  A: {Type: AWS::SQS::Queue}\nResources:\n  B: {Type: AWS::SQS::Queue}\n' },
    'SUCCESS',
    UNJUDGED,
  ],
  ['brackets without end', { template: deep(100_000) }, 'SUCCESS', UNJUDGED],
  ['aliases that make much of little', { template: ALIASES }, 'SUCCESS', UNJUDGED],
  [
    'an earlier template of such aliases',
    { template: templateOf({ Queue: QUEUE }), previousTemplate: ALIASES },
    'SUCCESS',
    /Not judged: what the stack had before/,
  ],
  [
    'an earlier template with names that stand twice',
    { template: templateOf({ Queue: QUEUE }), previousTemplate: '{"Resources":{},"Resources":{}}' },
    'SUCCESS',
    /Not judged: what the stack had before/,
  ],
  [
    'a nested stack',
    {
      template: templateOf({
        Inner: { Type: 'AWS::CloudFormation::Stack', Properties: { TemplateURL: 'https://x' } },
      }),
    },
    'SUCCESS',
    /Not understood: .*Inner is not at hand/,
  ],
  [
    'a nested stack that goes',
    {
      template: templateOf({ Queue: QUEUE }),
      previousTemplate: templateOf({
        Inner: { Type: 'AWS::CloudFormation::Stack', Properties: { TemplateURL: 'https://x' } },
      }),
    },
    'SUCCESS',
    /Not understood: earlier template, .*Inner is not at hand/,
  ],
  [
    'a macro',
    { template: templateOf({ Queue: QUEUE }, { Transform: ['MyMacro'] }) },
    'SUCCESS',
    /Not understood: .*the macro MyMacro changes the template/,
  ],
  [
    'a macro in place of properties',
    {
      template: templateOf({
        Weekly: {
          Type: WRONG.Type,
          Properties: { 'Fn::Transform': { Name: 'AWS::Include', Parameters: { Location: 's3://x/y' } } },
        },
      }),
    },
    'SUCCESS',
    /Not (?:understood|told)/,
  ],
  [
    'a function that nobody knows',
    {
      template: templateOf({
        Weekly: {
          Type: WRONG.Type,
          Properties: { ...WRONG.Properties, PipelineDefinition: { 'Fn::Nope': [] } },
        },
      }),
    },
    'SUCCESS',
    /Not understood: .*Fn::Nope/,
  ],
  [
    'names that lead in circles',
    {
      template: templateOf({
        A: { ...WRONG, Properties: { ...WRONG.Properties, PipelineName: { Ref: 'B' } } },
        B: { ...WRONG, Properties: { ...WRONG.Properties, PipelineName: { Ref: 'A' } } },
      }),
    },
    'FAILED',
    REFUSED,
  ],
  [
    'two pipelines of one name',
    { template: templateOf({ A: WRONG, B: WRONG }) },
    'FAILED',
    /Not understood: /,
  ],
  [
    'more pipelines than are judged',
    {
      template: templateOf(
        Object.fromEntries(Array.from({ length: 400 }, (_, index) => [`R${index}`, wrong(`fraud-${index}`)])),
      ),
    },
    'SUCCESS',
    /more resources than are judged/,
  ],
  [
    'two thousand and one changes',
    { template: templateOf({ Weekly: WRONG }), changedResources: Array(2001).fill(change({})) },
    'SUCCESS',
    UNJUDGED,
  ],
  [
    'a change without its action',
    { template: templateOf({ Weekly: WRONG }), changedResources: [{ ...change({}), action: undefined }] },
    'SUCCESS',
    UNJUDGED,
  ],
  ['no changes', { template: templateOf({ Weekly: WRONG }), changedResources: [] }, 'SUCCESS', CLEAN],
  [
    'a change that nobody can tell',
    { template: templateOf({ Weekly: WRONG }), changedResources: [change({ action: 'Dynamic' })] },
    'FAILED',
    REFUSED,
  ],
  [
    'two changes of one resource',
    {
      template: templateOf({ Weekly: WRONG }),
      changedResources: [change({}), change({ action: 'DELETE', afterContext: null })],
    },
    'FAILED',
    REFUSED,
  ],
  [
    'a change of __proto__',
    {
      template: templateOf({ Weekly: WRONG }),
      changedResources: [change({ logicalResourceId: '__proto__' })],
    },
    'FAILED',
    REFUSED,
  ],
  ...[null, '', 'null', '7', '[]', '{"Properties":[]}', '{"Properties":null}', '{'].map(
    (afterContext): Case => [
      `a change to ${JSON.stringify(afterContext)}`,
      { template: templateOf({ Weekly: WRONG }), changedResources: [change({ afterContext })] },
      'FAILED',
      /pipeline-job-prefix on Weekly(?:.|\n)*Not judged: what Weekly will have is not told/,
    ],
  ),
  [
    'a change that makes all numbers texts',
    {
      template: templateOf({ Weekly: WRONG }),
      changedResources: [
        change({
          afterContext: JSON.stringify({
            Properties: { ...WRONG.Properties, ParallelismConfiguration: { MaxParallelExecutionSteps: '5' } },
          }),
        }),
      ],
    },
    'FAILED',
    REFUSED,
  ],
];

describeWith('moto', 'the bundled hook, given what is hostile or odd', () => {
  let world: FunctionWorld;
  let s3: S3Client;
  let hook: Lambda;
  let strict: Lambda;

  beforeAll(async () => {
    world = await startFunctionWorld(FRAUD_CONFIG);
    s3 = new S3Client({ ...world.client, forcePathStyle: true });
    const sqs = new SQSClient(world.client);
    const { QueueUrl = '' } = await sqs.send(
      new CreateQueueCommand({ QueueName: 'inventories.fifo', Attributes: { FifoQueue: 'true' } }),
    );
    sqs.destroy();
    await createRoles(world.endpoint, ROLES);
    const CreateBucketConfiguration = { LocationConstraint: REGION } as const;
    await s3.send(new CreateBucketCommand({ Bucket: BUCKET, CreateBucketConfiguration }));
    const inventory = world.start('inventory', world.endpoint);
    await inventory.invoke({ Records: [{ body: JSON.stringify({ account: ACCOUNT }) }] });
    await inventory.stop();
    const settings = {
      INVENTORY_QUEUE_URL: QueueUrl,
      HOOK_SEVERITY: 'HIGH',
      OWN_STACKS: 'Pipewarden,PipewardenState',
    };
    hook = world.start('hook', world.endpoint, settings);
    strict = world.start('hook', world.endpoint, { ...settings, HOOK_UNJUDGED: 'refuse' });
  });

  afterAll(async () => {
    await hook?.stop();
    await strict?.stop();
    s3?.destroy();
    await world?.stop();
  });

  /** The answer, which is one by the contract whatever was asked, and nothing of the URL in the log. */
  const answerTo = async (of: unknown, lambda: Lambda, most: number): Promise<HookAnswer> => {
    const answer = (await lambda.invoke(of as object)) as HookAnswer;
    const { hookStatus, errorCode, message, clientRequestToken, ...more } = answer;
    expect(more).toEqual({});
    expect(['SUCCESS', 'FAILED']).toContain(hookStatus);
    expect(errorCode === undefined).toBe(hookStatus === 'SUCCESS');
    expect(message.length).toBeLessThanOrEqual(most);
    expect(message).toMatch(/\S/);
    expect(message).not.toMatch(/[^\P{C}\n]/u);
    const token = (of as { clientRequestToken?: string } | null)?.clientRequestToken;
    expect(clientRequestToken).toBe(token);
    return answer;
  };

  const check = async (of: unknown, status: HookAnswer['hookStatus'], expected: RegExp, most = 4096) => {
    const answer = await answerTo(of, hook, most);
    expect(answer).toMatchObject({ hookStatus: status, message: expect.stringMatching(expected) });
    if (!UNJUDGED.test(answer.message)) return;
    expect(await answerTo(of, strict, most)).toMatchObject({
      hookStatus: 'FAILED',
      errorCode: 'InternalFailure',
    });
  };

  test.each(EVENTS)('an event with %s', async (_, of, status, expected) => {
    const isOfCloudControl = !(of as { stackId?: string } | null)?.stackId;
    await check(of, status, expected, isOfCloudControl ? 1024 : 4096);
  });

  test.each(PAYLOADS)('a payload with %s', async (_, payload, status, expected) => {
    const key = `${randomUUID()}.json`;
    const Body = typeof payload === 'string' ? payload : JSON.stringify(payload);
    await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: key, Body }));
    const isOfChanges = typeof payload === 'object' && payload !== null && 'changedResources' in payload;
    const target = isOfChanges ? 'CHANGE_SET' : 'STACK';
    const url = `${world.proxy.endpoint}/${BUCKET}/${key}?X-Amz-Signature=secret`;
    await check(event({ targetName: target, targetLogicalId: 'training', payload: url }), status, expected);
    expect(JSON.stringify([...hook.log(), ...strict.log()])).not.toContain('Signature=secret');
  });

  test('a payload that is not there', async () => {
    const payload = `${world.proxy.endpoint}/${BUCKET}/nothing?X-Amz-Signature=secret`;
    await check(event({ targetName: 'STACK', targetLogicalId: 'training', payload }), 'SUCCESS', /HTTP 404/);
  });
});
