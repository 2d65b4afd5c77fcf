import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { AUDITED_DETAIL_TYPES, auditedOperations, EVENT_SOURCES } from '../../shared/events/audited-calls.ts';
import { type Json, type JsonObject, member } from '../../shared/json/json.ts';
import { parseJson } from '../../shared/json/json-text.ts';
import { happenings } from '../corpus/happenings.ts';
import { casesFolder } from '../support/builders/cases.ts';
import { ACCOUNT, cloudTrail, envelope } from '../support/builders/events.ts';
import { type Ruler, type Rules, startRuler } from '../support/emulators/ruler-env.ts';
import { describeWith } from '../support/jest/tools.ts';
import { deployedPatterns, hubPatterns, inAccount } from './deployed-rules.ts';
import { asSent, auditedEvents, called, told, useOf } from './sent-events.ts';

const SAGEMAKER = 'sagemaker.amazonaws.com';
const OTHER_ACCOUNT = '444455556666';

describeWith('AWS Event Ruler', 'the rules of the synthesised template', () => {
  let ruler: Ruler;
  let home: Rules;
  let forwarding: Rules;
  beforeAll(() => {
    ruler = startRuler();
    ({ home, forwarding } = deployedPatterns());
  });
  afterAll(() => ruler.stop());

  /** The number of rules that match each event. */
  const matches = async (
    events: readonly JsonObject[],
    { account = ACCOUNT, rules = home } = {},
  ): Promise<number[]> => (await ruler.match(inAccount(rules, account), events)).map((names) => names.length);
  const matchesOf = async (event: JsonObject): Promise<number | undefined> => (await matches([event]))[0];

  describe('bring once', () => {
    test.each(auditedEvents())('%s, to which the auditor responds', async (_, event) => {
      expect([await matchesOf(event), useOf(event)]).toEqual([1, 'looks']);
    });

    test('every event of the corpus', async () => {
      const events = happenings().map(({ event }) => event);
      expect(await matches(events)).toEqual(events.map(() => 1));
    });

    test.each([null, ''])('a training job whose tuning job is %j', async (TuningJobArn) => {
      expect(await matchesOf(told('SageMaker Training Job State Change', { TuningJobArn }))).toBe(1);
    });

    test('a policy of the organization that changed in the management account', async () => {
      const event = called('organizations.amazonaws.com', 'AttachPolicy');
      expect(await matchesOf({ ...event, account: OTHER_ACCOUNT })).toBe(1);
    });

    test('a replayed event, which may have been lost before', async () => {
      const events = auditedEvents().map(([, event]) => ({ ...event, 'replay-name': 'after-the-outage' }));
      expect(await matches(events)).toEqual(events.map(() => 1));
    });

    test('a record whose request CloudTrail left out', async () => {
      const request = { omitted: 'true', reason: 'requestParameters too large', originalSize: '140000' };
      const event = envelope(cloudTrail('UpdatePipeline', request)) as JsonObject;
      expect([await matchesOf(event), useOf(event)]).toEqual([1, 'looks']);
    });
  });

  describe('of a hub', () => {
    const hub = hubPatterns();
    /** How many rules of a member match an event, and how many of the intake match what the member sends on. */
    const onTheWay = async (events: readonly JsonObject[]): Promise<[number[], number[]]> => [
      await matches(events, { account: OTHER_ACCOUNT, rules: hub.member }),
      await matches(events, { rules: hub.intake }),
    ];
    const ofMember = (event: JsonObject): JsonObject => ({ ...event, account: OTHER_ACCOUNT });

    test('bring every event of a member once, over both buses', async () => {
      const events = auditedEvents().map(([, event]) => ofMember(event));
      const once = events.map(() => 1);
      expect(await onTheWay(events)).toEqual([once, once]);
    });

    test('bring nothing that the auditor does not respond to', async () => {
      const events = [
        called(SAGEMAKER, 'DescribePipeline'),
        called('iam.amazonaws.com', 'CreateAccessKey'),
        called('sts.amazonaws.com', 'AssumeRole'),
        called('securityhub.amazonaws.com', 'BatchImportFindings'),
        told('SageMaker Endpoint State Change'),
      ].map(ofMember);
      const none = events.map(() => 0);
      expect(await onTheWay(events)).toEqual([none, none]);
    });

    test('send on what happened in the member alone, not what others forward to it', async () => {
      const events = auditedEvents().map(([, event]) => event);
      expect((await onTheWay(events))[0]).toEqual(events.map(() => 0));
    });
  });

  describe('do not bring', () => {
    test.each([
      [SAGEMAKER, 'DescribePipeline'],
      [SAGEMAKER, 'ListTrainingJobs'],
      [SAGEMAKER, 'CreateEndpoint'],
      [SAGEMAKER, 'AddTags'],
      [SAGEMAKER, 'StopPipelineExecution'],
      ['s3.amazonaws.com', 'GetBucketCors'],
      ['s3.amazonaws.com', 'PutObject'],
      ['s3.amazonaws.com', 'CreateBucket'],
      ['kms.amazonaws.com', 'Decrypt'],
      ['kms.amazonaws.com', 'GenerateDataKey'],
      ['gamelift.amazonaws.com', 'CreateAlias'],
      ['iam.amazonaws.com', 'GetAccountAuthorizationDetails'],
      ['iam.amazonaws.com', 'CreateAccessKey'],
      ['iam.amazonaws.com', 'CreatePolicy'],
      ['organizations.amazonaws.com', 'ListPolicies'],
      ['codepipeline.amazonaws.com', 'CreatePipeline'],
      ['datapipeline.amazonaws.com', 'DeletePipeline'],
      ['securityhub.amazonaws.com', 'BatchImportFindings'],
      ['sts.amazonaws.com', 'AssumeRole'],
      ['lambda.amazonaws.com', 'TagResource'],
    ])('%s %s', async (source, operation) => {
      const event = called(source, operation);
      expect([await matchesOf(event), useOf(event)]).toEqual([0, 'nothing']);
    });

    test.each([
      'SageMaker Endpoint State Change',
      'SageMaker Notebook Instance State Change',
      'SageMaker Image State Change',
      'SageMaker Feature Group State Change',
    ])('%s', async (detailType) => {
      expect([await matchesOf(told(detailType)), useOf(told(detailType))]).toEqual([0, 'nothing']);
    });

    test.each(auditedEvents().filter(([, event]) => member(event.detail, 'eventName') !== undefined))(
      '%s, where the call failed',
      async (_, event) => {
        const failed = { ...event, detail: { ...(event.detail as JsonObject), errorCode: 'AccessDenied' } };
        expect([await matchesOf(failed), useOf(failed)]).toEqual([0, 'nothing']);
      },
    );

    test('the training jobs of a tuning job, by state or as a service event', async () => {
      const TuningJobArn = `arn:aws:sagemaker:eu-west-1:${ACCOUNT}:hyper-parameter-tuning-job/tune`;
      const state = told('SageMaker Training Job State Change', { TuningJobArn });
      const record = cloudTrail(
        'CreateTrainingJob',
        { trainingJobName: 'tune-001-c4159396' },
        { eventType: 'AwsServiceEvent' },
      );
      const service = {
        ...(envelope(record) as JsonObject),
        'detail-type': 'AWS Service Event via CloudTrail',
      };
      expect(await matches([state, service])).toEqual([0, 0]);
      expect([state, service].map(useOf)).toEqual(['nothing, by its content', 'nothing, by its content']);
    });

    test.each(auditedEvents())('%s, of a source that anyone may put on the bus', async (_, event) => {
      const sources = ['custom.sagemaker', 'sagemaker', 'AWS.sagemaker', 'aws.sagemaker2', 'aws.partner/x'];
      expect(await matches(sources.map((source) => ({ ...event, source })))).toEqual(sources.map(() => 0));
    });

    test.each(auditedEvents().filter(([, { source }]) => source !== 'aws.organizations'))(
      '%s, of another account',
      async (_, event) => {
        expect(await matchesOf({ ...event, account: OTHER_ACCOUNT })).toBe(0);
      },
    );
  });

  describe('bring what the auditor responds to, and nothing else', () => {
    test('every event that AWS sends', async () => {
      const operations = EVENT_SOURCES.flatMap(auditedOperations);
      const sources = [...EVENT_SOURCES, 'codepipeline.amazonaws.com', 'ec2.amazonaws.com'];
      const request = fc.oneof(
        fc.constant(undefined),
        fc.record(
          {
            setAsDefault: fc.oneof(fc.boolean(), fc.constantFrom('true', 'false')),
            policyType: fc.constantFrom('TAG_POLICY', 'SERVICE_CONTROL_POLICY'),
            bucketName: fc.string(),
            roleName: fc.string(),
          },
          { requiredKeys: [] },
        ),
      );
      const call = fc
        .tuple(
          fc.constantFrom(...sources),
          fc.constantFrom(...operations, 'GetRole', 'PutObject'),
          fc.option(fc.constantFrom('AccessDenied', 'ThrottlingException')),
          request,
        )
        .map(([source, name, errorCode, requestParameters]) =>
          called(source, name, {
            ...(requestParameters && { requestParameters }),
            ...(errorCode !== null && { errorCode }),
          }),
        );
      const state = fc
        .tuple(
          fc.constantFrom(...AUDITED_DETAIL_TYPES, 'SageMaker Endpoint State Change'),
          fc.record(
            {
              TuningJobArn: fc.constantFrom(
                null,
                'arn:aws:sagemaker:eu-west-1:1:hyper-parameter-tuning-job/t',
              ),
              TrainingJobName: fc.constantFrom('tune-001-c4159396', 'fraud'),
              metadata: fc.constantFrom<Json>(null, {}, { glue: { arn: 'arn:aws:glue:eu-west-1:1:job/x' } }),
            },
            { requiredKeys: [] },
          ),
        )
        // Among state events, only those of training jobs name a tuning job.
        .map(([type, { TuningJobArn, ...detail }]) =>
          told(type, {
            ...detail,
            ...(type === 'SageMaker Training Job State Change' &&
              TuningJobArn !== undefined && { TuningJobArn }),
          }),
        );
      await fc.assert(
        fc.asyncProperty(fc.array(fc.oneof(call, state), { minLength: 1, maxLength: 40 }), async (events) => {
          const counts = await matches(events);
          events.forEach((event, index) => {
            const use = useOf(event);
            if (use === 'looks') expect(counts[index]).toBe(1);
            if (use === 'nothing') expect(counts[index]).toBe(0);
          });
        }),
        { numRuns: 100 },
      );
    });

    const folder = casesFolder('events');
    const files = folder ? readdirSync(folder).filter((file) => file.endsWith('.json')) : [];
    const sent = files.flatMap((file) => {
      const parsed = parseJson(readFileSync(join(folder ?? '', file), 'utf8'));
      const values = parsed.ok ? [parsed.value].flat() : [];
      return values.flatMap((value, index): [string, JsonObject][] => {
        const event = asSent(value);
        return event ? [[`${file}[${index}]`, event]] : [];
      });
    });
    if (sent.length === 0) test.skip('the shared cases events are not beside this checkout', () => undefined);
    else
      test.each(sent)('published: %s', async (_, event) => {
        const [count] = await matches([event], { account: String(event.account) });
        expect(count).toBe(useOf(event) === 'looks' ? 1 : 0);
      });
  });

  test('us-east-1 forwards the events of IAM and Organizations, and nothing else', async () => {
    const events = auditedEvents().map(([, event]) => event);
    const failed = called('iam.amazonaws.com', 'PutRolePolicy', { errorCode: 'AccessDenied' });
    const isGlobal = ({ source = '' }: JsonObject) =>
      ['aws.iam', 'aws.organizations'].includes(String(source));
    expect(await matches([...events, failed], { rules: forwarding })).toEqual([
      ...events.map((event) => (isGlobal(event) ? 1 : 0)),
      0,
    ]);
  });

  test('a pattern that Event Ruler refuses is an error', async () => {
    await expect(ruler.match({ wrong: { source: 'aws.s3' } }, [])).rejects.toThrow('must be an object');
  });
});
