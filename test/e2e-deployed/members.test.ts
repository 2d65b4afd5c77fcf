import {
  CloudFormationClient,
  CreateStackCommand,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation';
import {
  CreateEventBusCommand,
  EventBridgeClient,
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import { GetRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { memberRoleName } from '../../shared/domain/member-roles.ts';
import { asText, member } from '../../shared/json/json.ts';
import { auditedEvents, called, told } from '../ruler/sent-events.ts';
import { SOURCE_PREFIX } from '../support/emulators/deployment.ts';
import { type MiniStack, startMiniStack } from '../support/emulators/ministack.ts';
import { until } from '../support/emulators/until.ts';
import { describeWith } from '../support/jest/tools.ts';
import { hubValues, stackSetsOf, UNIT_MEMBERS } from '../support/templates/members.ts';
import { ACCOUNT, deployables, deployment, REGION, settingsFor } from '../support/templates/synthesised.ts';

type Event = ReturnType<typeof called>;

describeWith('MiniStack', 'the templates of a member, deployed by hand as a StackSet would', () => {
  const files = deployables();
  const values = hubValues();
  let ministack: MiniStack;
  let cloudformation: CloudFormationClient;
  let bridge: EventBridgeClient;
  let iam: IAMClient;
  let sqs: SQSClient;
  let QueueUrl = '';

  beforeAll(async () => {
    ministack = await startMiniStack(ACCOUNT, REGION);
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    const client = { endpoint: ministack.endpoint, region: REGION, credentials };
    cloudformation = new CloudFormationClient(client);
    bridge = new EventBridgeClient(client);
    iam = new IAMClient(client);
    sqs = new SQSClient(client);
    const EventBusName = 'pipewarden-intake';
    await bridge.send(new CreateEventBusCommand({ Name: EventBusName }));
    ({ QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: 'requests' })));
    const EventPattern = JSON.stringify({ source: [{ prefix: SOURCE_PREFIX }] });
    await bridge.send(new PutRuleCommand({ Name: 'members', EventBusName, EventPattern }));
    const Targets = [{ Id: 'queue', Arn: `arn:aws:sqs:${REGION}:${ACCOUNT}:requests` }];
    await bridge.send(new PutTargetsCommand({ Rule: 'members', EventBusName, Targets }));

    const settings = settingsFor(files, { members: UNIT_MEMBERS, eventSourcePrefix: SOURCE_PREFIX });
    const { members } = deployment(settings);
    if (!members) throw new Error('there is no stack for members');
    const sets = stackSetsOf(members);
    for (const set of ['roles', 'rules'] as const) {
      const { TemplateBody } = sets[set].properties;
      const { Parameters } = JSON.parse(TemplateBody) as { Parameters: Record<string, unknown> };
      await cloudformation.send(
        new CreateStackCommand({
          StackName: set,
          TemplateBody,
          Capabilities: ['CAPABILITY_NAMED_IAM'],
          Parameters: Object.keys(Parameters).map((key) => ({
            ParameterKey: key,
            ParameterValue: values[key] ?? '',
          })),
        }),
      );
      await until(
        () => statusOf(set),
        (status) => status === 'CREATE_COMPLETE',
      );
    }
  });

  afterAll(async () => {
    for (const each of [cloudformation, bridge, iam, sqs]) each?.destroy();
    await ministack?.stop();
    files.remove();
  });

  const statusOf = async (StackName: string): Promise<string | undefined> => {
    const { Stacks: [stack] = [] } = await cloudformation.send(new DescribeStacksCommand({ StackName }));
    if (stack?.StackStatus?.includes('FAILED') || stack?.StackStatus?.includes('ROLLBACK'))
      throw new Error(`${StackName}: ${stack.StackStatus}: ${stack.StackStatusReason}`);
    return stack?.StackStatus;
  };

  const textOf = (event: Event, key: string): string => asText(member(event, key)) ?? '';

  /** Puts events on the account’s default bus. AWS alone may send those of its services. */
  const put = async (events: readonly Event[]): Promise<void> => {
    for (let at = 0; at < events.length; at += 10)
      await bridge.send(
        new PutEventsCommand({
          Entries: events.slice(at, at + 10).map((event) => ({
            Source: `${SOURCE_PREFIX}${textOf(event, 'source')}`,
            DetailType: textOf(event, 'detail-type'),
            Detail: JSON.stringify(member(event, 'detail')),
          })),
        }),
      );
  };

  /** The details of all messages that wait in the queue of the hub, each with its account. */
  const received = async (): Promise<{ account: string; detail: string }[]> => {
    const all: { account: string; detail: string }[] = [];
    for (;;) {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 }),
      );
      if (Messages.length === 0) return all;
      for (const { Body = '', ReceiptHandle } of Messages) {
        const { account, detail } = JSON.parse(Body) as { account: string; detail: unknown };
        all.push({ account, detail: JSON.stringify(detail) });
        await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
      }
    }
  };

  test('send each audited event of the Region from bus to bus, once and as it is', async () => {
    // What IAM and Organizations tell arrives in us-east-1, for which this template has other rules.
    const events = auditedEvents().flatMap(([, event]) =>
      /^aws\.(?:iam|organizations)$/.test(textOf(event, 'source')) ? [] : [event],
    );
    await put(events);
    const arrived = await received();
    expect(new Set(arrived.map(({ account }) => account))).toEqual(new Set([ACCOUNT]));
    const details = events.map((event) => JSON.stringify(member(event, 'detail')));
    expect(arrived.map(({ detail }) => detail).toSorted()).toEqual(details.toSorted());
  });

  test('send nothing that the auditor does not respond to, and nothing of IAM outside of us-east-1', async () => {
    await put([
      called('sagemaker.amazonaws.com', 'DescribePipeline'),
      called('iam.amazonaws.com', 'CreateRole'),
      called('s3.amazonaws.com', 'PutObject'),
      told('SageMaker Endpoint State Change'),
    ]);
    expect(await received()).toEqual([]);
  });

  test('make the roles by the names that the hub asks for', async () => {
    const suffix = values.Hub ?? '';
    for (const name of ['reader', 'delivery', 'forward'] as const) {
      const { Role } = await iam.send(new GetRoleCommand({ RoleName: memberRoleName(name, suffix) }));
      const trust = decodeURIComponent(Role?.AssumeRolePolicyDocument ?? '');
      if (name === 'forward') expect(trust).toContain('events.amazonaws.com');
      else {
        expect(trust).toContain(values.ExternalId);
        expect(trust).toContain(name === 'reader' ? values.AuditRoleArn : values.DeliverRoleArn);
      }
    }
  });
});
