import { randomUUID } from 'node:crypto';
import { CreateTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { processMemory } from '../../shared/alerts/alerting.ts';
import { amazonQSink, snsSink } from '../../shared/aws/tell/sns-sink.ts';
import { type Finding, severityRank } from '../../shared/domain/finding.ts';
import { isDeliveryError } from '../../shared/findings/sink.ts';
import type { Change } from '../../shared/findings/state.ts';
import { aFinding } from '../support/builders/finding.ts';
import { type Fault, startFaultProxy } from '../support/emulators/fault-proxy.ts';
import { startMoto } from '../support/emulators/moto-server.ts';
import { type Notification, subscriber } from '../support/emulators/sqs.ts';
import { describeWith } from '../support/jest/tools.ts';

const scope = { account: '123456789012', region: 'eu-west-1', partition: 'aws' };

const finding = (pipeline: string, changes: Partial<Finding> = {}): Finding =>
  aFinding({
    id: `pipewarden/job-name-prefix/${pipeline}`,
    control: 'job-name-prefix',
    severity: 'HIGH',
    title: 'Jobs have an authorised prefix',
    resource: { type: 'pipeline', arn: `arn:aws:sagemaker:eu-west-1:123456789012:pipeline/${pipeline}` },
    evidence: [{ at: '/Steps/0', found: 'none “é” 😀', expected: 'fraud-train' }],
    remediation: { text: 'Name the job.' },
    ...changes,
  });

const opened = (pipeline: string, changes: Partial<Finding> = {}): Change => ({
  kind: 'opened',
  finding: finding(pipeline, changes),
});

describeWith('moto', 'the SNS sink', () => {
  let moto: Awaited<ReturnType<typeof startMoto>>;
  let client: SNSClient;
  let topicArn: string;

  const subscribe = (name: string, attributes: Record<string, string> = {}): Promise<string> =>
    subscriber(moto.endpoint, scope.region, client).subscribe(topicArn, name, attributes);
  const receive = (queueUrl: string): Promise<Notification[]> =>
    subscriber(moto.endpoint, scope.region, client).receive(queueUrl);

  beforeAll(async () => {
    moto = await startMoto();
    client = new SNSClient({
      endpoint: moto.endpoint,
      region: scope.region,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      maxAttempts: 1,
    });
    const topic = await client.send(new CreateTopicCommand({ Name: 'pipewarden-alerts' }));
    topicArn = topic.TopicArn ?? '';
  });

  afterAll(async () => {
    client?.destroy();
    await moto?.stop();
  });

  const sinkOf = (topic: string, memory = processMemory()) =>
    snsSink({
      client,
      topicArn: topic,
      scope,
      name: 'SNS',
      memory,
      now: () => new Date(),
      wants: ({ severity }) => severityRank(severity) >= severityRank('MEDIUM'),
    });
  const sink = (memory = processMemory()) => sinkOf(topicArn, memory);

  test('a subscriber gets one message for each resource, with attributes and text', async () => {
    const queue = await subscribe('all');
    await sink().deliver([
      opened('a'),
      opened('b', { severity: 'LOW' }),
      opened('c', { status: 'WARNING', severity: 'CRITICAL' }),
      opened('a', {
        id: 'pipewarden/step-role-authorised/a',
        control: 'step-role-authorised',
        severity: 'MEDIUM',
      }),
    ]);
    const messages = await receive(queue);
    expect(messages.map(({ Subject }) => Subject)).toEqual([
      'CRITICAL WARNING: pipeline c: job-name-prefix',
      'HIGH FAILED: pipeline a: job-name-prefix and 1 more',
    ]);
    const [, a] = messages;
    expect(a?.MessageAttributes).toMatchObject({
      severity: { Type: 'String', Value: 'HIGH' },
      severityRank: { Type: 'Number', Value: '3' },
      status: { Type: 'String', Value: 'OPENED' },
      verdict: { Type: 'String', Value: 'FAILED' },
      control: { Type: 'String.Array', Value: '["job-name-prefix","step-role-authorised"]' },
      account: { Type: 'String', Value: scope.account },
      region: { Type: 'String', Value: scope.region },
      resourceType: { Type: 'String', Value: 'pipeline' },
    });
    expect(JSON.parse(a?.Message ?? '')).toMatchObject({
      source: 'pipewarden',
      severityRank: 3,
      findings: [{ evidence: [{ found: 'none “é” 😀' }] }, { control: 'step-role-authorised' }],
      more: 0,
    });
  });

  test('a subscriber can filter by severity and by control', async () => {
    const policy = JSON.stringify({ severityRank: [{ numeric: ['>=', 4] }] });
    const byAttribute = await subscribe('by-attribute', { FilterPolicy: policy });
    const byControl = await subscribe('by-control', {
      FilterPolicy: JSON.stringify({ control: ['other'] }),
    });
    await sink().deliver([
      opened('d'),
      opened('e', { severity: 'CRITICAL' }),
      opened('f', { control: 'other' }),
    ]);
    expect((await receive(byAttribute)).map(({ Subject }) => Subject)).toEqual([
      'CRITICAL FAILED: pipeline e: job-name-prefix',
    ]);
    expect((await receive(byControl)).map(({ Subject }) => Subject)).toEqual([
      'HIGH FAILED: pipeline f: other',
    ]);
  });

  test('thousands of hostile findings on one resource are one message', async () => {
    const queue = await subscribe('large');
    const long = '<b>"\\漢😀\u202E\uD800\u0000'.repeat(1000);
    await sink().deliver(
      Array.from({ length: 2000 }, (_, index) =>
        opened('g', {
          id: `finding-${index}`,
          title: long,
          evidence: [{ at: long, found: long, expected: long }],
          remediation: { text: long, patch: long },
        }),
      ),
    );
    const [message, ...others] = await receive(queue);
    expect(others).toEqual([]);
    const { findings, more } = JSON.parse(message?.Message ?? '') as { findings: object[]; more: number };
    expect(findings.length + more).toBe(2000);
  });

  test('findings that SNS refuses are named one by one', async () => {
    const missing = sinkOf(`${topicArn}-none`);
    const error: unknown = await missing
      .deliver([opened('h'), opened('i')])
      .catch((reason: unknown) => reason);
    if (!isDeliveryError(error)) throw error;
    expect(error.failures).toMatchObject([
      { id: finding('h').id, code: 'NotFoundException' },
      { id: finding('i').id, code: 'NotFoundException' },
    ]);
    expect(error.message).toMatch(/^SNS did not take 2 findings:\n/);
  });

  test('a subscriber who was told of a beginning is told of the end and of a new beginning', async () => {
    const ended = JSON.stringify({ status: ['RESOLVED', 'REOPENED'] });
    const queue = await subscribe('ends', { FilterPolicy: ended });
    const memory = processMemory();
    const mended: Change = { kind: 'resolved', finding: finding('k', { status: 'PASSED' }) };
    await sink(memory).deliver([opened('k'), opened('l', { severity: 'LOW' })]);
    await sink(memory).deliver([mended, { ...mended, finding: finding('l', { status: 'PASSED' }) }]);
    await sink(memory).deliver([mended]);
    await sink(memory).deliver([opened('k')]);
    expect((await receive(queue)).map(({ Subject }) => Subject).toSorted()).toEqual([
      'HIGH FAILED AGAIN: pipeline k: job-name-prefix',
      'RESOLVED HIGH: pipeline k: job-name-prefix',
    ]);
  });

  const REFUSED: Fault = {
    status: 403,
    type: 'text/xml',
    body: '<ErrorResponse><Error><Type>Sender</Type><Code>AuthorizationError</Code><Message>no</Message></Error></ErrorResponse>',
  };
  const FAILED: Fault = { status: 500, type: 'text/xml', body: '<html/>' };

  // What nobody heard the answer of may have been taken, so that whoever heard of it must hear of the end.
  test.each<[string, Fault[], boolean]>([
    ['SNS refuses the first attempt', [REFUSED], false],
    ['SNS refuses an attempt after one whose answer was lost', ['reset', REFUSED], true],
    ['SNS refuses an attempt after one that failed', [FAILED, REFUSED], true],
    ['all answers are lost', ['reset', 'reset'], true],
  ])(
    'a subscriber is told of an end if the opening may have arrived, where %s',
    async (_, faults, isTold) => {
      const name = `once-${randomUUID()}`;
      const queue = await subscribe(name);
      const proxy = await startFaultProxy(moto.endpoint);
      const impatient = new SNSClient({
        endpoint: proxy.endpoint,
        region: scope.region,
        credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
        maxAttempts: 2,
      });
      try {
        const memory = processMemory();
        const through = snsSink({
          client: impatient,
          topicArn,
          scope,
          name: 'SNS',
          memory,
          now: () => new Date(),
          wants: () => true,
        });
        const left = [...faults];
        proxy.fail(() => left.shift());
        await expect(through.deliver([opened(name)])).rejects.toThrow();
        expect(left).toEqual([]);
        await through.deliver([{ kind: 'resolved', finding: finding(name, { status: 'PASSED' }) }]);
        expect((await receive(queue)).map(({ Subject }) => Subject)).toEqual(
          isTold ? [`RESOLVED HIGH: pipeline ${name}: job-name-prefix`] : [],
        );
      } finally {
        impatient.destroy();
        await proxy.stop();
      }
    },
  );

  test('a subscriber to mended findings gets none that is gone, suppressed or no longer judged', async () => {
    const mended = await subscribe('mended', { FilterPolicy: JSON.stringify({ status: ['RESOLVED'] }) });
    const others = await subscribe('others', {
      FilterPolicy: JSON.stringify({ status: ['CLOSED', 'NOT_JUDGED', 'SUPPRESSED'] }),
    });
    const memory = processMemory();
    const [off, gone, accepted] = ['o', 'p', 'q'] as const;
    await sink(memory).deliver([opened(off), opened(gone), opened(accepted)]);
    const unknown = {
      status: 'NOT_AVAILABLE',
      remediation: { text: 'Not judged any more: it is off.' },
    } as const;
    await sink(memory).deliver([
      { kind: 'unjudged', finding: finding(off, unknown) },
      { kind: 'gone', finding: finding(gone, unknown) },
      {
        kind: 'changed',
        finding: finding(accepted, { suppression: { reason: 'known', expires: '2026-12-31' } }),
      },
    ]);
    const told = await receive(others);
    expect(told.map(({ Subject }) => Subject).toSorted()).toEqual([
      'CLOSED HIGH: pipeline p: job-name-prefix',
      'NOT JUDGED HIGH: pipeline o: job-name-prefix',
      'SUPPRESSED HIGH: pipeline q: job-name-prefix',
    ]);
    expect(JSON.stringify(told)).not.toMatch(/mended|resolved/i);
    expect(await receive(mended)).toEqual([]);
  });

  test('Amazon Q Developer gets a topic in its own schema, a thread for each finding', async () => {
    const queue = await subscribe('amazon-q');
    const channel = amazonQSink({
      client,
      topicArn,
      scope,
      name: 'Amazon Q',
      memory: processMemory(),
      now: () => new Date(),
      wants: () => true,
    });
    const hostile = { control: 'step-isolation', subject: '<!channel> *Train*' };
    await channel.deliver([opened('m', hostile)]);
    await channel.deliver([{ kind: 'resolved', finding: finding('m', { status: 'PASSED' }) }]);
    const sent = (await receive(queue)).map(({ Message }) => JSON.parse(Message));
    expect(
      sent.toSorted((one, other) => (one.metadata.eventType < other.metadata.eventType ? -1 : 1)),
    ).toMatchObject([
      {
        version: '1.0',
        source: 'custom',
        content: {
          textType: 'client-markdown',
          title: 'HIGH FAILED: step-isolation on pipeline m',
          description: expect.stringContaining('In: `&lt;!channel&gt; *Train*`'),
          nextSteps: ['Name the job.'],
        },
        metadata: { threadId: finding('m').id, eventType: 'pipewarden-opened' },
      },
      {
        content: { title: 'RESOLVED HIGH: job-name-prefix on pipeline m' },
        metadata: { threadId: finding('m').id, eventType: 'pipewarden-resolved' },
      },
    ]);
  });

  test('no change makes no message', async () => {
    const missing = sinkOf('arn:aws:sns:eu-west-1:1:none');
    await missing.deliver([{ kind: 'resolved', finding: finding('j', { status: 'PASSED' }) }]);
  });
});
