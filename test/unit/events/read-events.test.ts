import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { auditedOperations, EVENT_SOURCES } from '../../../shared/events/audited-calls.ts';
import { ACCOUNT, cloudTrail, envelope, REGION } from '../../support/builders/events.ts';
import { IAM, only, read, S3 } from '../../support/builders/reading.ts';
import { samples } from '../../support/samples.ts';

describe('whatever wraps a record', () => {
  const record = cloudTrail('UpdatePipeline', { pipelineName: 'fraud' });
  const text = JSON.stringify(record);
  const deep = Array.from({ length: 20 }).reduce<unknown>(
    (inner) => ({ body: JSON.stringify(inner) }),
    record,
  );

  test.each<[string, unknown]>([
    ['EventBridge', envelope(record)],
    ['a list', [[record]]],
    ['a CloudTrail log file', { Records: [record] }],
    ['a log file with a single record', { Records: record }],
    ['an SQS batch', { Records: [{ messageId: 'm', body: JSON.stringify(envelope(record)) }] }],
    ['SQS on the command line', { Messages: [{ Body: text }] }],
    ['SNS in SQS', { Records: [{ body: JSON.stringify({ Type: 'Notification', Message: text }) }] }],
    ['SNS to Lambda', { Records: [{ Sns: { Message: text } }] }],
    ['CloudTrail’s look-up', { Events: [{ EventId: 'x', CloudTrailEvent: text }] }],
  ])('%s', (_, wrapped) => {
    expect(only(wrapped)).toEqual(only(record));
  });

  test.each<[string, unknown, object]>([
    ['a record’s own', record, { account: ACCOUNT, region: REGION, partition: 'aws' }],
    [
      'a record’s, whose bucket’s ARN tells no account',
      cloudTrail('PutBucketCors', { bucketName: 'acme' }, { ...S3, recipientAccountId: '444455556666' }),
      { account: '444455556666', region: REGION, partition: 'aws' },
    ],
    [
      'the one of EventBridge, where another account’s bus sent SageMaker’s own event on',
      {
        ...envelope(record),
        account: '444455556666',
        region: 'cn-north-1',
        'detail-type': 'SageMaker Model Building Pipeline Execution Status Change',
        detail: { pipelineArn: 'arn:aws-cn:sagemaker:cn-north-1:444455556666:pipeline/fraud' },
      },
      { account: '444455556666', region: 'cn-north-1', partition: 'aws-cn' },
    ],
  ])('the scope of a request is %s', (_, value, scope) => {
    expect(read(value).requests).toMatchObject([{ scope }]);
  });

  test('is unreadable where it is nested too deeply, or wraps no JSON', () => {
    expect(read(deep).unreadable).toEqual([
      expect.objectContaining({ reason: 'it is wrapped too many times' }),
    ]);
    expect(read({ body: 'x' }).unreadable).toEqual([
      expect.objectContaining({ reason: "the message is not JSON: Unexpected token 'x'" }),
    ]);
  });

  test('is unreadable around a text with a doubled name', () => {
    const twice = '{"detail-type": "x", "detail": {}, "detail": {"a": 1}}';
    for (const input of [{ body: twice }, { Records: [{ Sns: { Message: twice } }] }])
      expect(read(input)).toMatchObject({
        requests: [],
        ignored: [],
        unreadable: [{ reason: expect.stringMatching(/ambiguous JSON: "detail" stands twice/) }],
      });
  });

  test.each<[string, object]>([
    [
      'of network activity, which has no request',
      { eventType: 'AwsVpceEvent', eventCategory: 'NetworkActivity' },
    ],
    ['of a category that nobody knows', { eventCategory: 'Aggregated' }],
  ])('a record %s is ignored', (_, fields) => {
    const { requestParameters: __, ...rest } = cloudTrail('PutBucketPolicy', null, {
      eventSource: 's3.amazonaws.com',
      ...fields,
    });
    for (const input of [rest, { Records: [rest] }, envelope(rest)])
      expect(read(input)).toMatchObject({ requests: [], ignored: [{}], unreadable: [] });
  });

  test('a record of Insights is ignored, as it stands in a log file and on the bus', () => {
    const insight = {
      eventType: 'AwsCloudTrailInsight',
      eventCategory: 'Insight',
      insightDetails: { state: 'Start', eventSource: 'sagemaker.amazonaws.com', eventName: 'UpdatePipeline' },
    };
    const onBus = { source: 'aws.cloudtrail', 'detail-type': 'AWS Insight via CloudTrail', detail: insight };
    for (const input of [{ Records: [insight] }, onBus])
      expect(read(input)).toMatchObject({ requests: [], ignored: [{}], unreadable: [] });
  });

  test.each(['Management', 'Data'])('a record of the category %s is read', (eventCategory) => {
    expect(
      read(cloudTrail('UpdatePipeline', { pipelineName: 'fraud' }, { eventCategory })).requests,
    ).toHaveLength(1);
  });

  test('an unreadable record does not affect the others', () => {
    const { requests, unreadable } = read([
      record,
      7,
      { __proto__: null, eventName: {} },
      JSON.parse('{"__proto__": {"eventName": "x"}}'),
      null,
      record,
    ]);
    expect([requests.length, unreadable.map(({ at }) => at)]).toEqual([
      2,
      ['input[1]', 'input[2]', 'input[3]', 'input[4]'],
    ]);
  });

  test.each([
    cloudTrail('UpdatePipeline', { pipelineName: 'fraud' }, { responseElements: { pipelineArn: '' } }),
    cloudTrail('CreateRole', { roleName: 'r' }, { ...IAM, responseElements: { role: { arn: '' } } }),
  ])('an empty ARN is none: %j', (answered) => {
    expect(only(answered).resource.arn).toMatch(/^arn:aws:.*[a-z]$/);
  });

  test('no record is lost and nothing is thrown, whatever comes', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue(), { maxLength: 5 }), (values) => {
        const { requests, ignored, unreadable } = read(values);
        const leaves = values.flat(20).filter((value) => !Array.isArray(value));
        expect(requests.length + ignored.length + unreadable.length).toBeGreaterThanOrEqual(
          leaves.length === 0 ? 0 : 1,
        );
      }),
    );
  });
});

describe('every operation that a rule matches', () => {
  const operations = EVENT_SOURCES.flatMap((eventSource) =>
    auditedOperations(eventSource).map((eventName) => [eventName, eventSource] as const),
  );
  const key = fc.constantFrom(
    ...['roleName', 'userName', 'groupName', 'policyArn', 'setAsDefault', 'bucketName', 'omitted'],
    ...['keyId', 'aliasName', 'targetKeyId'],
    ...['pipelineName', 'pipelineArn', 'pipelineVersionId', 'pipelineParameters', 'tags', 'policyType'],
    ...['role', 'user', 'policy', 'policyVersion', 'trainingJobName', '__proto__'],
  );
  const parameters = fc.oneof(fc.dictionary(key, fc.jsonValue()), fc.jsonValue());

  test('is read, or kept with the reason, whatever its record holds', () => {
    fc.assert(
      fc.property(fc.constantFrom(...operations), parameters, parameters, (operation, request, response) => {
        const [eventName, eventSource] = operation;
        const fields = {
          eventSource,
          responseElements: response,
          userIdentity: response,
          resources: request,
        };
        const { requests, ignored, unreadable } = read(cloudTrail(eventName, request, fields));
        const isRenamed = eventName === 'UpdateUser' && requests.length === 2;
        expect(requests.length + ignored.length + unreadable.length).toBe(isRenamed ? 2 : 1);
        for (const { resource, changed } of requests) {
          expect(resource.arn).not.toBe('');
          expect(changed).not.toEqual([]);
        }
      }),
      { numRuns: samples(1000) },
    );
  });
});
