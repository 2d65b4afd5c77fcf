import { describe, expect, test } from '@jest/globals';
import { contextOf } from '../../../shared/iam/decide/context.ts';
import { decide } from '../../../shared/iam/decide/decide.ts';
import { indexPolicies } from '../../../shared/iam/decide/policy-index.ts';
import { lintPolicy } from '../../../shared/iam/lint/lint-policy.ts';
import { roleIn } from '../../../shared/iam/policy/principal.ts';
import { readPolicy } from '../../../shared/iam/policy/read-policy.ts';
import type { Json } from '../../../shared/json/json.ts';
import { prefixPolicy, tooLongFor } from '../../../shared/policies/prefix-policy.ts';
import { networkScp, withException } from '../../../shared/policies/scp-exception.ts';
import { versionPolicy } from '../../../shared/policies/version-policy.ts';

const SCOPE = { partition: 'aws', region: 'eu-west-1', account: '111122223333' };
const principal = roleIn(SCOPE);
const arn = (resource: string) => `arn:aws:sagemaker:eu-west-1:111122223333:${resource}`;

const ask = (document: Json, action: string, resource: string, context = {}) =>
  decide(
    { identity: indexPolicies([readPolicy(document, { name: 'p', kind: 'identity' })]) },
    { principal, action, resource, context: contextOf(context, 'absent') },
  );

describe('the policy of a prefix', () => {
  const document = prefixPolicy(['fraud', 'risk'], ['Training', 'AutoML'], SCOPE);

  test('is the one that AWS documents', () => {
    expect(document.Statement).toEqual([
      {
        Sid: 'CreateTrainingJob',
        Effect: 'Allow',
        Action: ['sagemaker:CreateTrainingJob', 'sagemaker:CreateAutoMLJob', 'sagemaker:CreateAutoMLJobV2'],
        Resource: [arn('*/fraud-*'), arn('*/risk-*')],
      },
    ]);
    expect(lintPolicy(readPolicy(document, { name: 'p', kind: 'identity' }))).toEqual([]);
  });

  test.each([
    ['sagemaker:CreateTrainingJob', 'training-job/fraud-1', 'Allow'],
    ['sagemaker:CreateAutoMLJobV2', 'automl-job/risk-1', 'Allow'],
    ['sagemaker:CreateTrainingJob', 'training-job/fraud', 'ImplicitDeny'],
    ['sagemaker:CreateTrainingJob', 'training-job/fraudulent-1', 'ImplicitDeny'],
    ['sagemaker:CreateProcessingJob', 'processing-job/fraud-1', 'ImplicitDeny'],
  ])('%s on %s: %s', (action, resource, decision) => {
    expect(ask(document, action, arn(resource))).toBe(decision);
  });

  test('names the step types whose job names are too short for the prefix', () => {
    expect(tooLongFor('fraud-train', ['Training', 'Tuning', 'AutoML'])).toEqual([
      { type: 'Tuning', longest: 6 },
      { type: 'AutoML', longest: 6 },
    ]);
    expect(tooLongFor('fraud1', ['Tuning'])).toEqual([]);
  });
});

describe('the policy of a version floor', () => {
  const floor = (version: string | null) => ({ 'sagemaker:PipelineVersionId': version });
  test.each<[string, string | null, string, string]>([
    ['sagemaker:StartPipelineExecution', '6', 'pipeline/fraud', 'Allow'],
    ['sagemaker:UpdatePipelineVersion', '7', 'pipeline/fraud', 'Allow'],
    ['sagemaker:StartPipelineExecution', '5', 'pipeline/fraud', 'ImplicitDeny'],
    ['sagemaker:StartPipelineExecution', null, 'pipeline/fraud', 'ImplicitDeny'],
    ['sagemaker:StartPipelineExecution', '6', 'pipeline/risk', 'ImplicitDeny'],
    ['sagemaker:UpdatePipeline', '6', 'pipeline/fraud', 'ImplicitDeny'],
  ])('%s of version %s of %s: %s', (action, version, resource, decision) => {
    expect(ask(versionPolicy('fraud', 6, SCOPE), action, arn(resource), floor(version))).toBe(decision);
  });

  test('may be for all pipelines, from the first version on', () => {
    const document = versionPolicy('*', 1, SCOPE);
    expect(document.Statement[0]?.Resource).toEqual([arn('pipeline/*')]);
    expect(ask(document, 'sagemaker:StartPipelineExecution', arn('pipeline/any'), floor('1'))).toBe('Allow');
    expect(lintPolicy(readPolicy(document, { name: 'p', kind: 'identity' }))).toEqual([]);
  });
});

describe('the exception for JsonGet', () => {
  const tag = { key: 'Json-Get', value: 'yes' };
  const TAG = 'aws:PrincipalTag/Json-Get';
  const everything = { Version: '2012-10-17', Statement: { Effect: 'Allow', Action: '*', Resource: '*' } };
  const read = (scp: Json, context: Record<string, string>, action = 's3:GetObject') => {
    const [all, own] = [everything, scp].map((document) => readPolicy(document, { name: 'p', kind: 'scp' }));
    if (!all || !own) throw new Error('no policies');
    return decide(
      { identity: indexPolicies([all]), scps: [indexPolicies([all, own])] },
      {
        principal,
        action,
        resource: 'arn:aws:s3:::acme/x.json',
        context: contextOf({ 'aws:ViaAWSService': 'false', ...context }, 'absent'),
      },
    );
  };

  test.each<[string, Record<string, string>, string]>([
    ['from the VPC', { 'aws:SourceVpc': 'vpc-1' }, 'Allow'],
    ['from the endpoint', { 'aws:SourceVpc': 'vpc-9', 'aws:SourceVpce': 'vpce-2' }, 'Allow'],
    ['from another VPC', { 'aws:SourceVpc': 'vpc-9' }, 'ExplicitDeny'],
    ['from outside', {}, 'ExplicitDeny'],
    ['from outside, with the tag', { [TAG]: 'yes' }, 'Allow'],
    ['from outside, with another value', { [TAG]: 'no' }, 'ExplicitDeny'],
    ['by a service of AWS', { 'aws:ViaAWSService': 'true' }, 'Allow'],
  ])('in a new SCP: %s', (_, context, decision) => {
    const scp = networkScp(['vpc-1', 'vpce-2'], tag);
    expect(read(scp, context)).toBe(decision);
    expect(lintPolicy(readPolicy(scp, { name: 'p', kind: 'scp' }))).toEqual([]);
  });

  const deny = (more: object) => ({ Effect: 'Deny', Action: 's3:*', Resource: '*', ...more });
  const outside = { StringNotEquals: { 'aws:SourceVpc': 'vpc-1' } };
  const scpOf = (...statements: object[]): Json =>
    JSON.parse(JSON.stringify({ Version: '2012-10-17', Statement: statements }));

  test('is added to the Denies about a network, and to no other', () => {
    const others = [
      deny({ Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
      deny({ Action: 'ec2:*', Condition: outside }),
      deny({ Condition: { StringEquals: { 'aws:SourceVpc': 'vpc-9' } } }),
      { Effect: 'Allow', Action: '*', Resource: '*' },
    ];
    const source = scpOf(...others, deny({ Sid: 'Net', Condition: outside }));
    const result = withException(source, tag);
    expect(result).toEqual({
      ok: true,
      pointers: ['/Statement/4'],
      document: scpOf(
        ...others,
        deny({ Sid: 'Net', Condition: { StringNotEquals: { 'aws:SourceVpc': 'vpc-1', [TAG]: 'yes' } } }),
      ),
    });
    expect(read(source, { [TAG]: 'yes' })).toBe('ExplicitDeny');
    expect(result.ok && read(result.document, { [TAG]: 'yes' })).toBe('Allow');
    expect(result.ok && read(result.document, {})).toBe('ExplicitDeny');
  });

  test('joins the values of a tag that is excepted already, whatever the letter case', () => {
    const result = withException(
      scpOf(
        deny({
          Condition: {
            stringnotequals: { 'AWS:principaltag/json-get': 'old' },
            NotIpAddress: { 'aws:VpcSourceIp': '10.0.0.0/8' },
          },
        }),
      ),
      tag,
    );
    expect(result).toMatchObject({
      document: {
        Statement: [{ Condition: { stringnotequals: { 'AWS:principaltag/json-get': ['old', 'yes'] } } }],
      },
    });
  });

  test('is added to an SCP of a single statement, and added twice it is there once', () => {
    const single = JSON.parse(
      JSON.stringify({ Version: '2012-10-17', Statement: deny({ Condition: outside }) }),
    );
    const once = withException(single, tag);
    if (!once.ok) throw new Error(once.message);
    expect(once.pointers).toEqual(['/Statement/0']);
    expect(withException(once.document, tag)).toEqual({ ...once, pointers: [] });
  });

  test.each<[string, object]>([
    ['the same operator', { StringNotEquals: { ...outside.StringNotEquals, [TAG]: tag.value } }],
    ['an operator of its own', { ...outside, StringNotEqualsIfExists: { [TAG.toUpperCase()]: tag.value } }],
    ['a pattern', { ...outside, StringNotLike: { [TAG]: [tag.value, 'other'] } }],
  ])('is not added to an SCP that has it by %s', (_, Condition) => {
    const source = scpOf(deny({ Condition }));
    expect(withException(source, tag)).toEqual({ ok: true, document: source, pointers: [] });
  });

  test('is added to the one of two statements that lacks it', () => {
    const has = { StringNotEquals: { ...outside.StringNotEquals, [TAG]: tag.value } };
    const result = withException(scpOf(deny({ Condition: has }), deny({ Condition: outside })), tag);
    expect(result).toMatchObject({ ok: true, pointers: ['/Statement/1'] });
    expect(result.ok && result.document).toMatchObject({ Statement: [{ Condition: has }, {}] });
  });

  test.each<[string, Json, string]>([
    ['is about no network', scpOf(deny({})), 'no Deny of it keeps s3:GetObject to a network'],
    ['is no policy', 'text', 'not an SCP: /: '],
    ['is broken', scpOf({ ...deny({}), Effect: 'No' }), 'not an SCP: /Statement/0/Effect: Effect must be'],
  ])('is refused for an SCP that %s', (_, source, message) => {
    expect(withException(source, tag)).toEqual({ ok: false, message: expect.stringContaining(message) });
  });
});
